/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/connect.h"

#include "bus/domain-object.h"
#include "bus/gate.h"
#include "bus/host-stop-object.h"
#include "bus/inquiry.h"
#include "bus/logind.h"
#include "bus/manager-object.h"
#include "bus/path.h"
#include "bus/polkit.h"
#include "bus/questions.h"
#include "bus/stop-object.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"

#define FIRST_DELAY 200  /* ms */
#define LAST_DELAY  2000 /* ms; the hook waits for us on the bus */

/* For what we ask others; nothing waits for it. */
#define CALL_TIMEOUT (5 * VS_USEC_PER_SEC)

/* For people. */
static const char *
name_of_bus(const VsBus *bus)
{
    return _(vs_scope_info(bus->scope)->bus_name);
}

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
    VsBus *bus = userdata;

    lose(bus, g_strdup_printf(_("The connection to %s is lost; trying again"), name_of_bus(bus)));
    return 0;
}

static void
gain_name(VsBus *bus)
{
    if (bus->trouble)
        g_message(_("On %s as %s again"), name_of_bus(bus), VS_BUS_NAME);
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
        lose(bus, g_strdup_printf(_("The name %s on %s is refused: %s"), VS_BUS_NAME,
                                  name_of_bus(bus), error->message));
    else if (sd_bus_message_read(reply, "u", &answer) < 0 || answer != 1) /* primary owner */
        lose(bus, g_strdup_printf(_("The name %s on %s is taken: is another virtstopd running?"),
                                  VS_BUS_NAME, name_of_bus(bus)));
    else
        gain_name(bus);
    return 0;
}

static int
watch_disconnected(VsBus *bus, sd_bus *connection, sd_bus_message_handler_t handler)
{
    return sd_bus_match_signal(connection, NULL, NULL, "/org/freedesktop/DBus/Local",
                               "org.freedesktop.DBus.Local", "Disconnected", handler, bus);
}

static int
request_name(VsBus *bus)
{
    bus->name = VS_BUS_NAME_ASKED;
    return sd_bus_request_name_async(bus->connection, NULL, VS_BUS_NAME, 0, on_name, bus);
}

/* @fds: whether it takes file descriptors. */
static int
open_connection(VsBus *bus, VsScope scope, bool fds, sd_bus **ret)
{
    const char *variable = g_getenv(vs_scope_info(scope)->bus_variable);
    g_autofree char *address = variable ? g_strdup(variable) : vs_scope_usual_bus(scope);
    int r;

    if ((r = sd_bus_new(ret)) < 0 || (r = sd_bus_set_address(*ret, address)) < 0 ||
        (r = sd_bus_set_bus_client(*ret, true)) < 0 || (r = sd_bus_negotiate_fds(*ret, fds)) < 0 ||
        (r = sd_bus_set_method_call_timeout(*ret, CALL_TIMEOUT)) < 0 ||
        (r = sd_bus_start(*ret)) < 0)
        return r;
    return sd_bus_attach_event(*ret, bus->event, SD_EVENT_PRIORITY_NORMAL);
}

static void
close_connection(sd_bus **connection)
{
    if (!*connection)
        return;
    sd_bus_detach_event(*connection);
    *connection = sd_bus_close_unref(*connection);
}

/* A user's guests do without logind, until our own bus is connected to anew: what ends with the
 * session ends by its own unit. */
static int
on_system_lost(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    vs_bus_unwatch_logind(userdata);
    return 0;
}

static void
open_system(VsBus *bus)
{
    int r;

    if (bus->scope == VS_SCOPE_SYSTEM) {
        bus->system = sd_bus_ref(bus->own);
        return;
    }
    if ((r = open_connection(bus, VS_SCOPE_SYSTEM, true, &bus->system)) >= 0)
        r = watch_disconnected(bus, bus->system, on_system_lost);
    if (r >= 0)
        return;
    close_connection(&bus->system);
    if (!bus->started)
        g_message(_("Can't reach the system bus, where systemd-logind says that the host goes "
                    "down: %s"),
                  g_strerror(-r));
}

/* What we ask, and what logind tells, comes on a connection of its own: it doesn't wait behind
 * calls, however many there are. Only there do we take file descriptors: those of calls would be
 * kept as long as these wait. */
static int
open_connections(VsBus *bus)
{
    int r;

    if ((r = open_connection(bus, bus->scope, true, &bus->own)) < 0 ||
        (r = watch_disconnected(bus, bus->own, on_disconnected)) < 0 ||
        (r = open_connection(bus, bus->scope, false, &bus->connection)) < 0 ||
        (r = watch_disconnected(bus, bus->connection, on_disconnected)) < 0)
        return r;
    open_system(bus);
    return 0;
}

/* The name comes last: who sees it sees everything. */
static int (*const steps[])(VsBus *bus) = {
    open_connections,     vs_bus_gate_open,          vs_bus_publish_manager, vs_bus_publish_domains,
    vs_bus_publish_stops, vs_bus_publish_host_stops, vs_bus_watch_logind,    request_name,
};

static void
lose_unreached(VsBus *bus, int r)
{
    const char *name = vs_scope_info(bus->scope)->bus_variable;
    const char *variable = g_getenv(name);
    g_autofree char *where = variable ? vs_text_quoted(variable) : NULL;

    if (where)
        lose(bus,
             g_strdup_printf(_("Can't reach the bus at %s=%s: %s"), name, where, g_strerror(-r)));
    else
        lose(bus, g_strdup_printf(_("Can't reach %s: %s"), name_of_bus(bus), g_strerror(-r)));
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

void
vs_bus_disconnect(VsBus *bus)
{
    vs_bus_unwatch_logind(bus);
    if (bus->retry > 0)
        g_source_remove(bus->retry);
    bus->retry = 0;
    bus->name = VS_BUS_NAME_NONE;
    vs_bus_polkit_drop(bus);
    vs_bus_inquiries_drop(bus);
    vs_bus_questions_drop(bus);
    vs_bus_gate_close(bus);
    close_connection(&bus->connection);
    if (bus->scope == VS_SCOPE_USER)
        close_connection(&bus->system);
    bus->system = sd_bus_unref(bus->system);
    close_connection(&bus->own);
}
