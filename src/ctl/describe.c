/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/describe.h"

#include "core/method.h"
#include "ctl/output.h"
#include "ctl/story-request.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"

char *
vs_describe_step(const VsStopObject *stop)
{
    const char *phase = stop->phase ? stop->phase : "";
    g_autofree char *step = vs_text_printable(stop->step);
    g_autofree char *word = vs_text_printable(phase);
    VsMethod method;

    if (g_str_equal(phase, "queued"))
        return g_strdup(_("waits for its turn"));
    if (g_str_equal(phase, "waiting"))
        return g_strdup(_("waiting for libvirt"));
    if (g_str_equal(phase, "resuming"))
        return g_strdup(_("being resumed from its pause"));
    if (g_str_equal(phase, "going-off"))
        return g_strdup(_("its system is down, going off"));
    if (g_str_equal(phase, "off"))
        return g_strdup(_("off, being recorded"));
    if (g_str_equal(phase, "asked") && vs_method_parse(step, &method))
        return g_strdup(_(vs_method_info(method)->doing));
    return g_strdup_printf("%s: %s", step, word);
}

char *
vs_describe_progress(const VsCtl *ctl, const VsStopObject *stop)
{
    g_autofree char *step = vs_describe_step(stop);
    int64_t left = vs_objects_time_left(ctl, stop);
    g_autofree char *span = NULL;

    if (left < 0)
        return g_steal_pointer(&step);
    span = vs_span_format(left - left % VS_USEC_PER_SEC, true);
    return g_strdup_printf(_("%s, %s left"), step, span);
}

char *
vs_describe_taken(const VsTakenStep *taken)
{
    const char *method = vs_story_method(taken->method);
    g_autofree char *unknown = vs_text_printable(taken->method);
    g_autofree char *result = vs_text_printable(taken->result);

    if (!*result)
        return NULL;
    return g_strdup_printf("%s: %s", method ? method : unknown, _(result));
}

/* Adds the watched URIs to @watched, and complains of those that we want and that aren't there. */
static int
read_connections(const VsCtl *ctl, sd_bus_message *reply, GPtrArray *watched)
{
    const char *uri;
    int open, r = sd_bus_message_enter_container(reply, 'a', "(sb)");

    if (r < 0)
        return r;
    while ((r = sd_bus_message_read(reply, "(sb)", &uri, &open)) > 0) {
        g_autofree char *quoted = vs_text_quoted(uri);
        g_ptr_array_add(watched, g_strdup(uri));
        if (!open && (!ctl->uri || g_str_equal(ctl->uri, uri)))
            vs_output_complain(_("libvirt at %s isn't connected: guests may be missing."), quoted);
    }
    return r;
}

bool
vs_describe_absent(VsCtl *ctl, GError **error)
{
    g_auto(sd_bus_error) bus_error = SD_BUS_ERROR_NULL;
    g_autoptr(sd_bus_message) reply = NULL;
    g_autoptr(GPtrArray) watched = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *quoted = vs_text_quoted(ctl->uri), *list = NULL;

    if (sd_bus_get_property(ctl->bus, VS_BUS_NAME, VS_BUS_PATH, VS_BUS_MANAGER, "Connections",
                            &bus_error, &reply, "a(sb)") < 0 ||
        read_connections(ctl, reply, watched) < 0)
        return true; /* then it isn't known */
    if (!ctl->uri || g_ptr_array_find_with_equal_func(watched, ctl->uri, g_str_equal, NULL))
        return true;

    g_ptr_array_add(watched, NULL);
    list = g_strjoinv(", ", (char **)watched->pdata);
    g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                _("--uri=: libvirt at %s isn't watched: allowed are %s"), quoted, list);
    return false;
}
