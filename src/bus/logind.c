/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/logind.h"

#include "bus/access.h"
#include "bus/tell.h"

#define LOGIND_NAME      "org.freedesktop.login1"
#define LOGIND_PATH      "/org/freedesktop/login1"
#define LOGIND_INTERFACE "org.freedesktop.login1.Manager"

static void
set_host_shutdown(VsBus *bus, bool active)
{
    VsEvent event = {.type = VS_EVENT_HOST_SHUTDOWN, .host_shutdown.active = active};
    g_autoptr(GError) error = NULL;

    if (active == bus->host_shutdown)
        return;
    bus->host_shutdown = active;
    if (!bus->ops.request(&event, NULL, &error, bus->userdata))
        g_message("%s", error->message);
    vs_bus_tell_property(bus, "HostShutdown");
}

static int
on_prepare_for_shutdown(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    int active;
    int r;

    /* The bus delivers by the match, but anybody may send a signal straight to us. */
    if (!vs_bus_access_is_trusted(message))
        return 0;
    if ((r = sd_bus_message_read(message, "b", &active)) < 0)
        return r;
    set_host_shutdown(userdata, active);
    return 0;
}

static int
on_preparing_for_shutdown(sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    int active;

    if (sd_bus_message_is_method_error(reply, NULL))
        return 0;
    if (sd_bus_message_read(reply, "v", "b", &active) >= 0)
        set_host_shutdown(userdata, active);
    return 0;
}

/* The signal may have been sent before we were there. */
static int
ask(VsBus *bus)
{
    g_autoptr(sd_bus_message) message = NULL;
    int r;

    if ((r = sd_bus_message_new_method_call(bus->connection, &message, LOGIND_NAME, LOGIND_PATH,
                                            "org.freedesktop.DBus.Properties", "Get")) < 0 ||
        (r = sd_bus_message_set_auto_start(message, false)) < 0 ||
        (r = sd_bus_message_append(message, "ss", LOGIND_INTERFACE, "PreparingForShutdown")) < 0)
        return r;
    return sd_bus_call_async(bus->connection, NULL, message, on_preparing_for_shutdown, bus, 0);
}

int
vs_bus_watch_logind(VsBus *bus)
{
    int r =
        sd_bus_match_signal_async(bus->connection, NULL, LOGIND_NAME, LOGIND_PATH, LOGIND_INTERFACE,
                                  "PrepareForShutdown", on_prepare_for_shutdown, NULL, bus);

    return r < 0 ? r : ask(bus);
}
