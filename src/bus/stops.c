/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/stops.h"

#include <string.h>

#include "bus/message.h"
#include "bus/path.h"
#include "bus/signals.h"
#include "core/disclosure.h"
#include "util/span.h"

/* How long one that is over stays. */
#define SPAN (60 * VS_USEC_PER_SEC)

/* Up to this part of the span it may stay longer: those of a burst go by one wake-up. */
#define SLACK_PARTS 60

/* Of those that are over no more stay than this. All objects have to fit into one message, for
 * GetManagedObjects(), and dbus-daemon cuts off a service that sends one of more than 32 MiB. */
#define MAX_BYTES (16 * 1024 * 1024)

/* What the object of a stop without reason and record takes in a message. */
#define BARE_SIZE 1024

static void
stop_free(gpointer data)
{
    VsBusStop *stop = data;

    g_free(stop->path);
    g_free(stop->domain_path);
    g_free(stop->record);
    g_clear_pointer(&stop->over, vs_stop_free);
    g_free(stop->domain_name);
    g_free(stop);
}

VsBusStop *
vs_bus_stops_find(VsBus *bus, const char *path)
{
    return g_hash_table_lookup(bus->stops, path);
}

VsBusStop *
vs_bus_stops_read(VsBus *bus, const char *path)
{
    VsBusStop *stop = vs_bus_stops_find(bus, path);
    g_autofree char *own_path = NULL;

    if (!stop || stop->over)
        return stop;
    stop->guest = vs_bus_guest_of_domain_path(bus, stop->domain_path);
    own_path = stop->guest ? vs_bus_guest_stop_path(stop->guest) : NULL;
    return g_strcmp0(own_path, path) == 0 ? stop : NULL;
}

const VsStop *
vs_bus_stop_of(const VsBusStop *stop)
{
    return stop->over ? stop->over : stop->guest->stop;
}

VsBusStop *
vs_bus_stops_add(VsBus *bus, const VsUuid *id, const VsDomainId *domain)
{
    g_autofree char *path = vs_bus_stop_path(id);
    VsBusStop *stop = vs_bus_stops_find(bus, path);

    if (stop)
        return stop;
    stop = g_new0(VsBusStop, 1);
    stop->path = g_steal_pointer(&path);
    stop->domain_path = vs_bus_domain_path(domain);
    g_hash_table_insert(bus->stops, stop->path, stop);
    return stop;
}

/* The oldest of those that are over. */
static void
drop(VsBus *bus)
{
    VsBusStop *stop = g_queue_pop_head(&bus->over);

    bus->over_size -= stop->size;
    if (stop->added)
        vs_bus_tell_removed(bus, stop->path, VS_BUS_STOP_INTERFACE);
    g_hash_table_remove(bus->stops, stop->path);
}

/* For the oldest; never where nothing is over. */
static void
arm(VsBus *bus)
{
    const VsBusStop *oldest = g_queue_peek_head(&bus->over);
    int64_t slack = bus->over_span / SLACK_PARTS;

    g_source_set_ready_time(bus->over_timer, oldest ? oldest->gone_at + slack : -1);
}

static gboolean
on_timer(gpointer userdata)
{
    VsBus *bus = userdata;
    int64_t now = g_get_monotonic_time();
    const VsBusStop *oldest;

    while ((oldest = g_queue_peek_head(&bus->over)) && oldest->gone_at <= now)
        drop(bus);
    arm(bus);
    return G_SOURCE_CONTINUE;
}

static gboolean
dispatch_timer(GSource *source, GSourceFunc callback, gpointer userdata)
{
    return callback(userdata);
}

static GSourceFuncs timer_funcs = {.dispatch = dispatch_timer};

void
vs_bus_stops_init(VsBus *bus, int64_t span)
{
    bus->stops = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, stop_free);
    g_queue_init(&bus->over);
    bus->over_span = span > 0 ? span : SPAN;
    bus->over_timer = g_source_new(&timer_funcs, sizeof(GSource));
    g_source_set_callback(bus->over_timer, on_timer, bus, NULL);
    g_source_attach(bus->over_timer, NULL);
}

void
vs_bus_stops_clear(VsBus *bus)
{
    g_source_destroy(bus->over_timer);
    g_source_unref(bus->over_timer);
    g_queue_clear(&bus->over);
    g_hash_table_unref(bus->stops);
}

/* Counts it anew. */
static void
weigh(VsBus *bus, VsBusStop *stop)
{
    bus->over_size -= stop->size;
    stop->size = BARE_SIZE;
    stop->size += stop->record ? strlen(stop->record) : 0;
    stop->size += stop->over->reason ? strlen(stop->over->reason) : 0;
    bus->over_size += stop->size;
}

static void
drop_superfluous(VsBus *bus)
{
    while (bus->over_size > MAX_BYTES && bus->over.length > 1)
        drop(bus);
}

void
vs_bus_stops_finish(VsBus *bus, const VsUuid *id, const VsDomainId *domain, VsOutcome outcome,
                    VsStop *over)
{
    VsBusStop *stop = vs_bus_stops_add(bus, id, domain);

    g_assert(!stop->over);
    stop->guest = NULL;
    stop->over = over;
    stop->domain_name = vs_bus_text(domain->name);
    stop->outcome = outcome;
    stop->gone_at = g_get_monotonic_time() + bus->over_span;
    g_queue_push_tail(&bus->over, stop);
    weigh(bus, stop);
    drop_superfluous(bus);
    arm(bus);
}

VsBusStop *
vs_bus_stops_set_record(VsBus *bus, const VsUuid *id, const char *line)
{
    g_autofree char *path = vs_bus_stop_path(id), *valid = NULL;
    VsBusStop *stop = vs_bus_stops_find(bus, path);

    if (!stop)
        return NULL;
    g_free(stop->record);
    valid = vs_bus_text(line);
    stop->record = vs_disclosure_line(valid, &vs_reader_everybody);
    if (!stop->over)
        return stop;
    weigh(bus, stop);
    drop_superfluous(bus);
    return vs_bus_stops_find(bus, path);
}

unsigned
vs_bus_stops_in_flight(const VsBus *bus)
{
    return g_hash_table_size(bus->stops) - bus->over.length;
}

char **
vs_bus_stops_paths(const VsBus *bus)
{
    char **paths = g_new0(char *, g_hash_table_size(bus->stops) + 1);
    GHashTableIter iter;
    void *path;

    g_hash_table_iter_init(&iter, bus->stops);
    for (unsigned i = 0; g_hash_table_iter_next(&iter, &path, NULL); i++)
        paths[i] = g_strdup(path);
    return paths;
}

const char *
vs_bus_step_name(const VsStop *stop)
{
    const VsStep *step = vs_stop_step(stop);

    return step ? vs_method_name(step->method) : "";
}
