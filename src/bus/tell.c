/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/tell.h"

#include "bus/host-stops.h"
#include "bus/inquiry.h"
#include "bus/logind.h"
#include "bus/message.h"
#include "bus/path.h"
#include "bus/service.h"
#include "bus/signals.h"
#include "bus/stops.h"
#include "bus/told.h"
#include "core/disclosure.h"

static void
tell_guest_changed(VsBus *bus, const VsBusTelling *telling)
{
    g_autofree char *path = vs_bus_domain_path(&telling->domain);

    vs_bus_learn_uri(bus, telling->domain.uri);
    if (!vs_engine_find(bus->engine, telling->domain.uri, telling->domain.uuid.text))
        return;
    if (g_hash_table_add(bus->domains, g_strdup(path))) {
        if (vs_bus_is_heard(bus))
            sd_bus_emit_object_added(bus->connection, path);
    } else if (vs_bus_is_heard(bus)) {
        sd_bus_emit_properties_changed(bus->connection, path, VS_BUS_DOMAIN_INTERFACE, "Name", "Id",
                                       "State", "Agent", "Persistent", "Acpi", "OnPoweroff",
                                       "XmlError", "PolicyError", "RestartState", "Restarts",
                                       "Stop", NULL);
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
    if (vs_bus_is_heard(bus) && g_hash_table_contains(bus->domains, domain_path))
        sd_bus_emit_properties_changed(bus->connection, domain_path, VS_BUS_DOMAIN_INTERFACE,
                                       "Stop", NULL);
    vs_bus_tell_property(bus, "StopsInFlight");
}

static void
add_stop(VsBus *bus, VsBusStop *stop)
{
    stop->added = true;
    if (vs_bus_is_heard(bus))
        sd_bus_emit_object_added(bus->connection, stop->path);
}

/* Whether it is a part of another host stop than was told. A new one is told of before the stops
 * that name it. */
static bool
take_host_stop(VsBus *bus, VsBusStop *stop)
{
    const VsUuid *host_stop = &vs_bus_stop_of(stop)->host_stop;

    if (g_str_equal(host_stop->text, stop->host_stop.text))
        return false;
    vs_bus_host_stops_learn(bus);
    vs_bus_host_stops_touch(bus, &stop->host_stop);
    vs_bus_host_stops_touch(bus, host_stop);
    stop->host_stop = *host_stop;
    return true;
}

static void
tell_stop_added(VsBus *bus, const VsBusTelling *telling)
{
    g_autofree char *path = vs_bus_stop_path(&telling->stop);
    g_autofree char *domain_path = vs_bus_domain_path(&telling->domain);
    g_autofree char *name = vs_bus_text(telling->domain.name);
    VsBusStop *stop = vs_bus_stops_read(bus, path);

    if (stop && stop->added)
        return;
    if (stop) {
        take_host_stop(bus, stop);
        add_stop(bus, stop);
    }
    if (vs_bus_is_heard(bus))
        sd_bus_emit_signal(bus->connection, VS_BUS_ROOT, VS_BUS_MANAGER_INTERFACE, "StopAdded",
                           "soos", telling->stop.text, path, domain_path, name);
    tell_stop_of_domain(bus, domain_path);
}

static void
tell_stop_changed(VsBus *bus, const VsBusTelling *telling)
{
    g_autofree char *path = vs_bus_stop_path(&telling->stop);
    VsBusStop *stop = vs_bus_stops_read(bus, path);
    const char *last, *unkept;

    if (!stop)
        return;
    last = take_host_stop(bus, stop) ? "HostStop" : NULL;
    unkept = vs_bus_stop_of(stop)->unkept ? "Unkept" : last;
    if (vs_bus_is_heard(bus))
        sd_bus_emit_properties_changed(bus->connection, path, VS_BUS_STOP_INTERFACE, "DomainName",
                                       "Step", "StepIndex", "Phase", "Deadline", "Taken", unkept,
                                       unkept == last ? NULL : last, NULL);
}

/* One that was over at once, or before it could be told of, comes as what it is. */
static void
tell_stop_over(VsBus *bus, VsBusStop *stop)
{
    const char *last = take_host_stop(bus, stop) ? "HostStop" : NULL;

    vs_bus_host_stops_touch(bus, &stop->host_stop);
    if (!stop->added)
        add_stop(bus, stop);
    else if (vs_bus_is_heard(bus))
        sd_bus_emit_properties_changed(bus->connection, stop->path, VS_BUS_STOP_INTERFACE,
                                       "DomainName", "Step", "StepIndex", "Phase", "Deadline",
                                       "Taken", "Outcome", "Record", last, NULL);
}

static void
tell_stop_finished(VsBus *bus, const VsBusTelling *telling)
{
    g_autofree char *path = vs_bus_stop_path(&telling->stop);
    g_autofree char *domain_path = vs_bus_domain_path(&telling->domain);
    g_autofree char *name = vs_bus_text(telling->domain.name);
    VsBusStop *stop = vs_bus_stops_find(bus, path);

    if (stop)
        tell_stop_over(bus, stop);
    if (vs_bus_is_heard(bus))
        sd_bus_emit_signal(bus->connection, VS_BUS_ROOT, VS_BUS_MANAGER_INTERFACE, "StopFinished",
                           "sooss", telling->stop.text, path, domain_path, name,
                           vs_outcome_name(telling->outcome));
    if (telling->in_flight)
        tell_stop_of_domain(bus, domain_path);
}

/* Where the stop was over already, when its guest went down after all for what it had been asked.
 */
static void
tell_record(VsBus *bus, const VsBusTelling *telling)
{
    g_autofree char *valid = vs_bus_text(telling->text);
    g_autofree char *open = vs_disclosure_line(valid, &vs_reader_everybody);
    g_autofree char *path = vs_bus_stop_path(&telling->stop);
    const VsBusStop *stop = vs_bus_stops_find(bus, path);

    if (!vs_bus_is_heard(bus) || !open)
        return;
    sd_bus_emit_signal(bus->connection, VS_BUS_ROOT, VS_BUS_MANAGER_INTERFACE, "StopRecorded", "s",
                       valid); /* the bus's policy says to whom it is handed on */
    sd_bus_emit_signal(bus->connection, VS_BUS_ROOT, VS_BUS_MANAGER_INTERFACE, "StopDisclosed", "s",
                       open);
    if (stop && stop->over && stop->added)
        sd_bus_emit_properties_changed(bus->connection, path, VS_BUS_STOP_INTERFACE, "Record",
                                       NULL);
}

/* What is kept changes at once, what is told of it may have to wait. */
static void
finish_stop(VsBus *bus, VsAction *action, VsBusTelling *telling)
{
    g_autofree char *path = vs_bus_stop_path(&action->stop);

    telling->tell = tell_stop_finished;
    telling->in_flight = vs_bus_stops_find(bus, path) != NULL;
    vs_bus_stops_finish(bus, &action->stop, &action->domain, action->outcome,
                        g_steal_pointer(&action->finished));
}

void
vs_bus_tell(VsBus *bus, VsAction *action)
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
        vs_bus_stops_add(bus, &action->stop, &action->domain);
        telling.tell = tell_stop_added;
        break;
    case VS_ACTION_STOP_CHANGED:
        telling.tell = tell_stop_changed;
        break;
    case VS_ACTION_STOP_FINISHED:
        finish_stop(bus, action, &telling);
        break;
    case VS_ACTION_INQUIRED:
        vs_bus_inquired(bus, action);
        return;
    default:
        return;
    }
    vs_bus_tell_when_free(bus, &telling);
}

void
vs_bus_tell_record(VsBus *bus, const char *stop, const char *line)
{
    VsBusTelling telling = {.tell = tell_record, .text = (char *)line};

    vs_bus_told_add(bus, line);
    if (stop) {
        g_strlcpy(telling.stop.text, stop, sizeof telling.stop.text);
        vs_bus_stops_set_record(bus, &telling.stop, line);
    }
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

static void
tell_host_stops(VsBus *bus, const VsBusTelling *telling)
{
    vs_bus_host_stops_tell(bus);
}

void
vs_bus_tell_host_stops(VsBus *bus)
{
    VsBusTelling stopping_all = {.tell = tell_stopping_all}, host_stops = {.tell = tell_host_stops};
    bool stopping = vs_engine_is_stopping_all(bus->engine);

    vs_bus_tell_when_free(bus, &host_stops);
    if (stopping == bus->stopping_all)
        return;
    bus->stopping_all = stopping;
    vs_bus_tell_when_free(bus, &stopping_all);
    vs_bus_logind_check(bus);
}

void
vs_bus_tell_policy(VsBus *bus, const char *ladder)
{
    g_free(bus->ladder);
    bus->ladder = g_strdup(ladder);
    vs_bus_tell_property(bus, "Ladder");
}

void
vs_bus_tell_config(VsBus *bus, const char *text)
{
    g_free(bus->config_digest);
    bus->config_digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);
}

void
vs_bus_tell_config_error(VsBus *bus, const char *why)
{
    if (g_strcmp0(why, bus->config_error) == 0)
        return;
    g_free(bus->config_error);
    bus->config_error = g_strdup(why);
    vs_bus_tell_property(bus, "ConfigError");
}
