/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/connect.h"

#include "bus/domain-object.h"
#include "bus/gate.h"
#include "bus/host-stop-object.h"
#include "bus/logind.h"
#include "bus/manager-object.h"
#include "bus/path.h"
#include "bus/questions.h"
#include "bus/stop-object.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"

#define FIRST_DELAY 200  /* ms */
#define LAST_DELAY  2000 /* ms; the hook waits for us on the bus */

/* Where DBUS_SYSTEM_BUS_ADDRESS doesn't say. */
#define SYSTEM_BUS "unix:path=/run/dbus/system_bus_socket"

/* For what we ask others; nothing waits for it. */
#define CALL_TIMEOUT (5 * VS_USEC_PER_SEC)

static gboolean
on_retry(gpointer userdata)
{
    VsBus *bus = userdata;

    vs_bus_disconnect(bus);
    vs_bus_connect(bus);
    return G_SOURCE_REMOVE;
}

/* Takes over @why. The connection itself goes when it is tried again: we may be in one of its
 * callbacks. */
static void
lose(VsBus *bus, char *why)
{
    g_autofree char *trouble = why;

    bus->name = VS_BUS_NAME_NONE;
    if (bus->retry > 0)
        return;

    /* A bus that stays away is said once; at the start the caller says it. */
    if (bus->started && g_strcmp0(bus->trouble, trouble) != 0)
        g_message("%s", trouble);
    g_free(bus->trouble);
    bus->trouble = g_steal_pointer(&trouble);

    bus->delay = CLAMP(bus->delay * 2, FIRST_DELAY, LAST_DELAY);
    bus->retry = g_timeout_add(bus->delay, on_retry, bus);
}

static int
on_disconnected(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    lose(userdata, g_strdup(_("The connection to the system bus is lost; trying again")));
    return 0;
}

static void
gain_name(VsBus *bus)
{
    if (bus->trouble)
        g_message(_("On the system bus as %s again"), VS_BUS_NAME);
    g_clear_pointer(&bus->trouble, g_free);
    bus->name = VS_BUS_NAME_OURS;
    bus->delay = 0;
}

static int
on_name(sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    const sd_bus_error *error = sd_bus_message_get_error(reply);
    VsBus *bus = userdata;
    uint32_t answer = 0;

    if (error)
        lose(bus, g_strdup_printf(_("The system bus doesn't let us have the name %s: %s"),
                                  VS_BUS_NAME, error->message));
    else if (sd_bus_message_read(reply, "u", &answer) < 0 || answer != 1) /* primary owner */
        lose(bus, g_strdup_printf(_("The name %s on the system bus is taken: is another virtstopd "
                                    "running?"),
                                  VS_BUS_NAME));
    else
        gain_name(bus);
    return 0;
}

static int
watch_disconnected(VsBus *bus, sd_bus *connection)
{
    return sd_bus_match_signal(connection, NULL, NULL, "/org/freedesktop/DBus/Local",
                               "org.freedesktop.DBus.Local", "Disconnected", on_disconnected, bus);
}

static int
request_name(VsBus *bus)
{
    bus->name = VS_BUS_NAME_ASKED;
    return sd_bus_request_name_async(bus->connection, NULL, VS_BUS_NAME, 0, on_name, bus);
}

/* @fds: whether it takes file descriptors. */
static int
open_connection(VsBus *bus, bool fds, sd_bus **ret)
{
    const char *address = g_getenv("DBUS_SYSTEM_BUS_ADDRESS");
    int r;

    if ((r = sd_bus_new(ret)) < 0 ||
        (r = sd_bus_set_address(*ret, address ? address : SYSTEM_BUS)) < 0 ||
        (r = sd_bus_set_bus_client(*ret, true)) < 0 || (r = sd_bus_negotiate_fds(*ret, fds)) < 0 ||
        (r = sd_bus_set_method_call_timeout(*ret, CALL_TIMEOUT)) < 0 ||
        (r = sd_bus_start(*ret)) < 0 ||
        (r = sd_bus_attach_event(*ret, bus->event, SD_EVENT_PRIORITY_NORMAL)) < 0)
        return r;
    return watch_disconnected(bus, *ret);
}

/* What we ask, and what logind tells, comes on a connection of its own: it doesn't wait behind
 * calls, however many there are. Only there do we take file descriptors: those of calls would be
 * kept as long as these wait. */
static int
open_connections(VsBus *bus)
{
    int r = open_connection(bus, true, &bus->own);

    return r < 0 ? r : open_connection(bus, false, &bus->connection);
}

/* The name comes last: who sees it sees everything. */
static int (*const steps[])(VsBus *bus) = {
    open_connections,     vs_bus_gate_open,          vs_bus_publish_manager, vs_bus_publish_domains,
    vs_bus_publish_stops, vs_bus_publish_host_stops, vs_bus_watch_logind,    request_name,
};

static void
lose_unreached(VsBus *bus, int r)
{
    const char *variable = g_getenv("DBUS_SYSTEM_BUS_ADDRESS");
    g_autofree char *where = variable ? vs_text_quoted(variable) : NULL;

    if (where)
        lose(bus, g_strdup_printf(_("Can't reach the bus at DBUS_SYSTEM_BUS_ADDRESS=%s: %s"), where,
                                  g_strerror(-r)));
    else
        lose(bus, g_strdup_printf(_("Can't reach the system bus: %s"), g_strerror(-r)));
}

void
vs_bus_connect(VsBus *bus)
{
    int r = 0;

    for (unsigned i = 0; r >= 0 && i < G_N_ELEMENTS(steps); i++)
        r = steps[i](bus);
    if (r < 0)
        lose_unreached(bus, r);
}

void
vs_bus_await_name(VsBus *bus, int64_t deadline)
{
    int r = 0;

    while (r >= 0 && bus->name != VS_BUS_NAME_OURS && bus->retry == 0) {
        int64_t left = deadline - g_get_monotonic_time();

        if (left <= 0)
            break;
        r = sd_bus_process(bus->connection, NULL);
        vs_bus_gate_settle(bus);
        if (r == 0)
            r = sd_bus_wait(bus->connection, (uint64_t)left);
    }
}

static void
close_connection(sd_bus **connection)
{
    if (!*connection)
        return;
    sd_bus_detach_event(*connection);
    *connection = sd_bus_close_unref(*connection);
}

void
vs_bus_disconnect(VsBus *bus)
{
    vs_bus_unwatch_logind(bus);
    if (bus->retry > 0)
        g_source_remove(bus->retry);
    bus->retry = 0;
    bus->name = VS_BUS_NAME_NONE;
    vs_bus_questions_drop(bus);
    vs_bus_gate_close(bus);
    close_connection(&bus->connection);
    close_connection(&bus->own);
}
