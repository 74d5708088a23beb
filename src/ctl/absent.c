/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/absent.h"

#include "util/error.h"
#include "util/i18n.h"
#include "util/text.h"
#include "words/complain.h"

/* Adds the watched URIs to @watched, and complains of those that we want and that aren't there. */
static int
read_connections(const VsClient *client, sd_bus_message *reply, GPtrArray *watched)
{
    const char *uri;
    int open, r = sd_bus_message_enter_container(reply, 'a', "(sb)");

    if (r < 0)
        return r;
    while ((r = sd_bus_message_read(reply, "(sb)", &uri, &open)) > 0) {
        g_autofree char *quoted = vs_text_quoted(uri);
        g_ptr_array_add(watched, g_strdup(uri));
        if (!open && (!client->uri || g_str_equal(client->uri, uri)))
            vs_complain(_("libvirt at %s isn't connected: guests may be missing."), quoted);
    }
    return r;
}

bool
vs_absent_tell(VsClient *client, GError **error)
{
    g_auto(sd_bus_error) bus_error = SD_BUS_ERROR_NULL;
    g_autoptr(sd_bus_message) reply = NULL;
    g_autoptr(GPtrArray) watched = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *quoted = vs_text_quoted(client->uri), *list = NULL;

    if (sd_bus_get_property(client->bus, VS_BUS_NAME, VS_BUS_PATH, VS_BUS_MANAGER, "Connections",
                            &bus_error, &reply, "a(sb)") < 0 ||
        read_connections(client, reply, watched) < 0)
        return true; /* then it isn't known */
    if (!client->uri || g_ptr_array_find_with_equal_func(watched, client->uri, g_str_equal, NULL))
        return true;

    g_ptr_array_add(watched, NULL);
    list = g_strjoinv(", ", (char **)watched->pdata);
    g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                _("--uri=: libvirt at %s isn't watched: allowed are %s"), quoted, list);
    return false;
}
