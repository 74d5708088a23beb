/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/host-named.h"

#include "util/error.h"
#include "util/i18n.h"
#include "util/text.h"

bool
vs_host_stop_has_taken(const VsHostStop *host_stop)
{
    return !vs_host_stop_is_in_flight(host_stop) &&
           (host_stop->ran->len > 0 || host_stop->failed->len > 0);
}

char *
vs_host_stop_whom(const VsHostStop *host_stop)
{
    return host_stop->part ? vs_part_format(host_stop->part) : g_strdup(_("all guests"));
}

/* "1f0c... (group lab), 77ab... (all guests)" */
static char *
list_those(const VsEngine *engine, VsHostStopIs is)
{
    GString *list = g_string_new(NULL);

    for (unsigned i = 0; i < engine->host_stops->len; i++) {
        const VsHostStop *host_stop = engine->host_stops->pdata[i];
        g_autofree char *whom = vs_host_stop_whom(host_stop);

        if (is(host_stop))
            g_string_append_printf(list, "%s%s (%s)", list->len > 0 ? ", " : "", host_stop->id.text,
                                   whom);
    }
    if (list->len == 0)
        g_string_append(list, _("none"));
    return g_string_free(list, FALSE);
}

VsHostStop *
vs_host_named(const VsEngine *engine, const char *text, VsHostStopIs is, GError **error)
{
    g_autofree char *quoted = vs_text_quoted(text), *list = NULL;
    VsHostStop *found = NULL;
    unsigned n = 0;

    for (unsigned i = 0; *text && i < engine->host_stops->len; i++) {
        VsHostStop *host_stop = engine->host_stops->pdata[i];

        if (is(host_stop) && g_str_has_prefix(host_stop->id.text, text)) {
            found = host_stop;
            n++;
        }
    }
    if (n == 1)
        return found;
    list = list_those(engine, is);
    g_set_error(error, VS_ERROR, VS_ERROR_NO_STOP,
                n > 1 ? _("Several stops' ids begin with %s (there are: %s)")
                      : _("No stop of guests that %s means is there for this (there are: %s)"),
                quoted, list);
    return NULL;
}
