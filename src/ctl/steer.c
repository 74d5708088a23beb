/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/client.h"
#include "ctl/output.h"
#include "ctl/verbs.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"

/* cancel, escalate, extend: what is asked of a stop in flight. */

#define DEFAULT_EXTENSION (60 * VS_USEC_PER_SEC)

static VsExit
steer(VsCtl *ctl, const char *member, int n_args, char **args)
{
    VsExit status = VS_EXIT_OK;

    for (int i = 0; i < n_args; i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(sd_bus_message) reply = vs_client_call_domain(ctl, member, args[i], &error);
        if (!reply)
            status = vs_exit_worse(status, vs_output_fail(args[i], error));
    }
    return status;
}

static VsExit
cancel_all(VsCtl *ctl)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(sd_bus_message) reply = vs_client_call_all(ctl, "CancelAll", &error);

    return reply ? VS_EXIT_OK : vs_output_fail(NULL, error);
}

VsExit
vs_verb_cancel(VsCtl *ctl, int n_args, char **args)
{
    if (ctl->all == (n_args > 0)) {
        vs_output_complain(
            "%s", _("cancel: name the domains whose stops are to be called off, or --all"));
        return VS_EXIT_USAGE;
    }
    if (ctl->all)
        return cancel_all(ctl);
    return steer(ctl, "Cancel", n_args, args);
}

VsExit
vs_verb_escalate(VsCtl *ctl, int n_args, char **args)
{
    return steer(ctl, "Escalate", n_args, args);
}

static bool
parse_extension(const char *text, int64_t *ret_span, GError **error)
{
    int64_t span;

    if (!vs_span_parse(text, &span, error))
        return false;
    if (span <= 0 || span == VS_USEC_INFINITY) {
        g_autofree char *quoted = vs_text_quoted(text);
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                    _("%s is not allowed: it must be a finite span above 0, such as 60s"), quoted);
        return false;
    }
    *ret_span = span;
    return true;
}

bool
vs_check_extend(int n_args, char **args, GError **error)
{
    int64_t span;

    return n_args < 2 || parse_extension(args[1], &span, error);
}

VsExit
vs_verb_extend(VsCtl *ctl, int n_args, char **args)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(sd_bus_message) call = vs_client_new_call(ctl, "Extend"), reply = NULL;
    int64_t span = DEFAULT_EXTENSION;

    if (n_args > 1 && !parse_extension(args[1], &span, &error))
        return vs_output_fail(NULL, error);
    if (call && (sd_bus_message_append(call, "st", args[0], (uint64_t)span) < 0 ||
                 vs_client_append_uri(ctl, call) < 0))
        g_clear_pointer(&call, sd_bus_message_unref);
    reply = vs_client_send(ctl, call, &error);
    return reply ? VS_EXIT_OK : vs_output_fail(args[0], error);
}
