/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/tell.h"

#include "bus/logind.h"
#include "bus/message.h"
#include "bus/path.h"
#include "bus/service.h"
#include "bus/signals.h"

static void
tell_guest_changed(VsBus *bus, const VsBusTelling *telling)
{
    g_autofree char *path = vs_bus_domain_path(&telling->domain);

    vs_bus_learn_uri(bus, telling->domain.uri);
    if (!vs_engine_find(bus->engine, telling->domain.uri, telling->domain.uuid.text))
        return;
    if (g_hash_table_add(bus->domains, g_strdup(path))) {
        if (bus->named)
            sd_bus_emit_object_added(bus->connection, path);
    } else if (bus->named) {
        sd_bus_emit_properties_changed(bus->connection, path, VS_BUS_DOMAIN_INTERFACE, "Name", "Id",
                                       "State", "Agent", "Persistent", "Acpi", "OnPoweroff", "Stop",
                                       NULL);
    }
}

static void
tell_guest_removed(VsBus *bus, const VsBusTelling *telling)
{
    g_autofree char *path = vs_bus_domain_path(&telling->domain);

    if (g_hash_table_remove(bus->domains, path))
        vs_bus_tell_removed(bus, path, VS_BUS_DOMAIN_INTERFACE);
}

static void
tell_stop_of_domain(VsBus *bus, const char *domain_path)
{
    if (bus->named && g_hash_table_contains(bus->domains, domain_path))
        sd_bus_emit_properties_changed(bus->connection, domain_path, VS_BUS_DOMAIN_INTERFACE,
                                       "Stop", NULL);
    vs_bus_tell_property(bus, "StopsInFlight");
}

static void
tell_stop_added(VsBus *bus, const VsBusTelling *telling)
{
    g_autofree char *path = vs_bus_stop_path(&telling->stop);
    g_autofree char *domain_path = vs_bus_domain_path(&telling->domain);
    g_autofree char *name = vs_bus_text(telling->domain.name);

    if (!g_hash_table_insert(bus->stops, g_strdup(path), g_strdup(domain_path)) || !bus->named)
        return;
    sd_bus_emit_object_added(bus->connection, path);
    sd_bus_emit_signal(bus->connection, VS_BUS_ROOT, VS_BUS_MANAGER_INTERFACE, "StopAdded", "soos",
                       telling->stop.text, path, domain_path, name);
    tell_stop_of_domain(bus, domain_path);
}

static void
tell_stop_changed(VsBus *bus, const VsBusTelling *telling)
{
    g_autofree char *path = vs_bus_stop_path(&telling->stop);

    if (bus->named && g_hash_table_contains(bus->stops, path))
        sd_bus_emit_properties_changed(bus->connection, path, VS_BUS_STOP_INTERFACE, "DomainName",
                                       "Step", "StepIndex", "Phase", "Deadline", "Taken", NULL);
}

/* A stop that was over at once was never in flight: it has the signal only. */
static void
tell_stop_finished(VsBus *bus, const VsBusTelling *telling)
{
    g_autofree char *path = vs_bus_stop_path(&telling->stop);
    g_autofree char *domain_path = vs_bus_domain_path(&telling->domain);
    g_autofree char *name = vs_bus_text(telling->domain.name);
    bool was_in_flight = g_hash_table_remove(bus->stops, path);

    if (!bus->named)
        return;
    if (was_in_flight)
        vs_bus_tell_removed(bus, path, VS_BUS_STOP_INTERFACE);
    sd_bus_emit_signal(bus->connection, VS_BUS_ROOT, VS_BUS_MANAGER_INTERFACE, "StopFinished",
                       "sooss", telling->stop.text, path, domain_path, name,
                       vs_outcome_name(telling->outcome));
    if (was_in_flight)
        tell_stop_of_domain(bus, domain_path);
}

static void
tell_record(VsBus *bus, const VsBusTelling *telling)
{
    g_autofree char *line = vs_bus_text(telling->text);

    if (bus->named)
        sd_bus_emit_signal(bus->connection, VS_BUS_ROOT, VS_BUS_MANAGER_INTERFACE, "StopRecorded",
                           "s", line);
}

void
vs_bus_tell(VsBus *bus, const VsAction *action)
{
    VsBusTelling telling = {
        .domain = action->domain,
        .stop = action->stop,
        .outcome = action->outcome,
    };

    switch (action->type) {
    case VS_ACTION_GUEST_CHANGED:
        telling.tell = tell_guest_changed;
        break;
    case VS_ACTION_GUEST_REMOVED:
        telling.tell = tell_guest_removed;
        break;
    case VS_ACTION_STOP_ADDED:
        telling.tell = tell_stop_added;
        break;
    case VS_ACTION_STOP_CHANGED:
        telling.tell = tell_stop_changed;
        break;
    case VS_ACTION_STOP_FINISHED:
        telling.tell = tell_stop_finished;
        break;
    default:
        return;
    }
    vs_bus_tell_when_free(bus, &telling);
}

void
vs_bus_tell_record(VsBus *bus, const char *line)
{
    VsBusTelling telling = {.tell = tell_record, .text = (char *)line};

    vs_bus_tell_when_free(bus, &telling);
}

void
vs_bus_tell_connections(VsBus *bus)
{
    vs_bus_tell_property(bus, "Connections");
}

static void
tell_stopping_all(VsBus *bus, const VsBusTelling *telling)
{
    vs_bus_tell_property(bus, "StoppingAll");
}

void
vs_bus_tell_stopping_all(VsBus *bus)
{
    VsBusTelling telling = {.tell = tell_stopping_all};
    bool stopping = vs_engine_is_stopping_all(bus->engine);

    if (stopping == bus->stopping_all)
        return;
    bus->stopping_all = stopping;
    vs_bus_tell_when_free(bus, &telling);
    vs_bus_logind_check(bus);
}

void
vs_bus_tell_policy(VsBus *bus, const char *ladder)
{
    g_free(bus->ladder);
    bus->ladder = g_strdup(ladder);
    vs_bus_tell_property(bus, "Ladder");
}
