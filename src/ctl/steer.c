/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/client.h"
#include "ctl/verbs.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"
#include "words/complain.h"

/* cancel, escalate, extend: what is asked of a stop in flight. */

#define DEFAULT_EXTENSION (60 * VS_USEC_PER_SEC)

static VsExit
steer(VsCtl *ctl, const char *member, int n_args, char **args)
{
    VsExit status = VS_EXIT_OK;

    for (int i = 0; i < n_args; i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(sd_bus_message) reply =
            vs_client_call_domain(&ctl->client, member, args[i], &error);
        if (!reply)
            status = vs_exit_worse(status, vs_complain_of(args[i], error));
    }
    return status;
}

static VsExit
cancel_all(VsCtl *ctl)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(sd_bus_message) reply =
        vs_client_call_all(&ctl->client, "CancelAll", ctl->stop, &error);

    return reply ? VS_EXIT_OK : vs_complain_of(NULL, error);
}

VsExit
vs_verb_cancel(VsCtl *ctl, int n_args, char **args)
{
    bool all = ctl->all || ctl->stop;

    if (all == (n_args > 0) || (ctl->all && ctl->stop)) {
        vs_complain("%s",
                    _("cancel: name the domains whose stops are to be called off, or --all, or "
                      "--stop=ID"));
        return VS_EXIT_USAGE;
    }
    if (all)
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

/* How much of @args is about what is extended; the span comes behind. */
static int
count_domains(const VsCtl *ctl)
{
    return ctl->all || ctl->stop ? 0 : 1;
}

bool
vs_verb_extend_check(const VsCtl *ctl, int n_args, char **args, GError **error)
{
    int n_domains = count_domains(ctl);
    int64_t span;

    if (n_args == n_domains && !(ctl->all && ctl->stop))
        return true;
    if (n_args == n_domains + 1 && !(ctl->all && ctl->stop))
        return parse_extension(args[n_domains], &span, error);
    g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                _("Name one domain, or --all, or --stop=ID, and behind it how much more time is "
                  "allowed"));
    return false;
}

/* All of them get more time together, inside which each one's steps are shared out anew. */
static bool
extend(VsCtl *ctl, const char *domain, int64_t span, GError **error)
{
    g_autoptr(sd_bus_message) call =
        vs_client_new_call(&ctl->client, domain ? "Extend" : "ExtendAll");
    g_autoptr(sd_bus_message) reply = NULL;
    int r = call && domain ? sd_bus_message_append(call, "s", domain) : 0;

    if (call && (r < 0 || sd_bus_message_append(call, "t", (uint64_t)span) < 0 ||
                 (domain ? vs_client_append_uri(&ctl->client, call)
                         : vs_client_append_host_stop(call, ctl->stop)) < 0))
        g_clear_pointer(&call, sd_bus_message_unref);
    reply = vs_client_send(&ctl->client, call, error);
    return reply != NULL;
}

VsExit
vs_verb_extend(VsCtl *ctl, int n_args, char **args)
{
    const char *domain = ctl->all || ctl->stop ? NULL : args[0];
    int n_domains = count_domains(ctl);
    g_autoptr(GError) error = NULL;
    int64_t span = DEFAULT_EXTENSION;

    if (n_args > n_domains && !parse_extension(args[n_domains], &span, &error))
        return vs_complain_of(NULL, error);
    return extend(ctl, domain, span, &error) ? VS_EXIT_OK : vs_complain_of(domain, error);
}
