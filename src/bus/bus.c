/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/bus.h"

#include "bus/connect.h"
#include "bus/gate.h"
#include "bus/host-stops.h"
#include "bus/inquiry.h"
#include "bus/path.h"
#include "bus/policy.h"
#include "bus/polkit.h"
#include "bus/questions.h"
#include "bus/service.h"
#include "bus/source.h"
#include "bus/stops.h"
#include "bus/told.h"
#include "bus/user-names.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/span.h"

/* How long the start waits for the name before it goes on without. */
#define START_TIMEOUT (5 * VS_USEC_PER_SEC)

static void
learn_stop(VsBus *bus, const VsGuest *guest)
{
    VsBusStop *stop = vs_bus_stops_add(bus, &guest->stop->id, &guest->domain);

    stop->added = true;
    stop->host_stop = guest->stop->host_stop;
}

static void
learn_guests(VsBus *bus)
{
    g_autoptr(GPtrArray) guests = vs_engine_guests(bus->engine);

    for (unsigned i = 0; i < guests->len; i++) {
        const VsGuest *guest = guests->pdata[i];
        char *path = vs_bus_domain_path(&guest->domain);

        vs_bus_learn_uri(bus, guest->domain.uri);
        if (guest->stop)
            learn_stop(bus, guest);
        g_hash_table_add(bus->domains, path);
    }
}

static gboolean
after_dispatch(gpointer bus)
{
    vs_bus_gate_settle(bus);
    return G_SOURCE_CONTINUE;
}

static void
start_event(VsBus *bus)
{
    int r = sd_event_new(&bus->event);

    if (r < 0)
        g_error("sd_event_new: %s", g_strerror(-r)); /* as GLib does where memory is out */
    r = sd_event_set_watchdog(bus->event, true);
    if (r < 0)
        g_message(_("The service manager's watchdog can't be fed: %s"), g_strerror(-r));
    bus->source = vs_bus_source_new(bus->event);
    g_source_set_callback(bus->source, after_dispatch, bus, NULL);
    g_source_attach(bus->source, NULL);
}

VsBus *
vs_bus_new(const VsBusConfig *config, const VsEngine *engine, const VsBusOps *ops, void *userdata)
{
    VsBus *bus = g_new0(VsBus, 1);

    bus->scope = config->scope;
    bus->engine = engine;
    bus->ops = *ops;
    bus->userdata = userdata;
    bus->uris = g_strdupv((char **)config->uris);
    bus->ladder = g_strdup(VS_LADDER_DEFAULT);
    bus->inhibitor = -1;
    bus->uri_by_hash = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    bus->domains = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    vs_bus_told_init(bus);
    vs_bus_stops_init(bus, config->over_span);
    vs_bus_host_stops_init(bus);
    vs_bus_user_names_init(bus);
    vs_bus_gate_init(bus);
    vs_bus_questions_init(bus);
    vs_bus_polkit_init(bus, config->polkit_span);
    vs_bus_policy_init(bus);
    vs_bus_inquiries_init(bus);
    learn_guests(bus);
    start_event(bus);
    return bus;
}

void
vs_bus_free(VsBus *bus)
{
    if (!bus)
        return;
    vs_bus_disconnect(bus);
    g_source_destroy(bus->source);
    g_source_unref(bus->source);
    sd_event_unref(bus->event);
    vs_bus_polkit_clear(bus);
    vs_bus_questions_clear(bus);
    vs_bus_inquiries_clear(bus);
    vs_bus_policy_clear(bus);
    vs_bus_gate_clear(bus);
    vs_bus_user_names_clear(bus);
    vs_bus_stops_clear(bus);
    vs_bus_told_clear(bus);
    vs_bus_host_stops_clear(bus);
    g_hash_table_unref(bus->domains);
    g_hash_table_unref(bus->uri_by_hash);
    g_free(bus->trouble);
    g_free(bus->ladder);
    g_free(bus->config_error);
    g_free(bus->config_digest);
    g_strfreev(bus->uris);
    g_free(bus);
}

bool
vs_bus_start(VsBus *bus, GError **error)
{
    vs_bus_connect(bus);
    vs_bus_await_name(bus, g_get_monotonic_time() + START_TIMEOUT);
    bus->started = true;
    if (bus->name == VS_BUS_NAME_OURS)
        return true;

    g_set_error_literal(error, VS_ERROR, VS_ERROR_NOT_CONNECTED,
                        bus->trouble ? bus->trouble : _("The bus doesn't answer"));
    return false;
}
