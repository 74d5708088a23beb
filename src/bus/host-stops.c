/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/host-stops.h"

#include "bus/path.h"
#include "bus/signals.h"
#include "util/span.h"

/* What the bus was told of one. */
typedef struct VsBusHostStop {
    VsUuid id;
    char *path;
    VsHostStopPhase phase;
    int64_t deadline;
    unsigned n_requests;
    bool touched; /* other stops are part of it than when that was told last */
} VsBusHostStop;

/* What another request changes, but for who asked, and why: that isn't for everybody. */
static const char *const asked[] = {"Limited", "Shutdown", "Kind", "Ladder"};

static void
told_free(gpointer data)
{
    VsBusHostStop *told = data;

    g_free(told->path);
    g_free(told);
}

static const VsHostStop *
find_id(const VsBus *bus, const VsUuid *id)
{
    const GPtrArray *host_stops = vs_engine_host_stops(bus->engine);

    for (unsigned i = 0; i < host_stops->len; i++) {
        const VsHostStop *host_stop = host_stops->pdata[i];

        if (g_str_equal(host_stop->id.text, id->text))
            return host_stop;
    }
    return NULL;
}

static VsBusHostStop *
find_told(const VsBus *bus, const VsUuid *id)
{
    for (unsigned i = 0; i < bus->host_stops->len; i++) {
        VsBusHostStop *told = bus->host_stops->pdata[i];

        if (g_str_equal(told->id.text, id->text))
            return told;
    }
    return NULL;
}

const VsHostStop *
vs_bus_host_stops_find(const VsBus *bus, const char *path)
{
    const GPtrArray *host_stops = vs_engine_host_stops(bus->engine);

    for (unsigned i = 0; i < host_stops->len; i++) {
        const VsHostStop *host_stop = host_stops->pdata[i];
        g_autofree char *own_path = vs_bus_host_stop_path(&host_stop->id);

        if (g_str_equal(own_path, path))
            return host_stop;
    }
    return NULL;
}

char **
vs_bus_host_stops_paths(const VsBus *bus)
{
    const GPtrArray *host_stops = vs_engine_host_stops(bus->engine);
    char **paths = g_new0(char *, host_stops->len + 1);

    for (unsigned i = 0; i < host_stops->len; i++)
        paths[i] = vs_bus_host_stop_path(&((const VsHostStop *)host_stops->pdata[i])->id);
    return paths;
}

char **
vs_bus_host_stop_stops(const VsBus *bus, const VsHostStop *host_stop)
{
    g_autoptr(GPtrArray) guests = vs_engine_guests(bus->engine);
    GPtrArray *paths = g_ptr_array_new();

    for (unsigned i = 0; i < guests->len; i++) {
        const VsGuest *guest = guests->pdata[i];

        if (guest->stop && g_str_equal(guest->stop->host_stop.text, host_stop->id.text))
            g_ptr_array_add(paths, vs_bus_guest_stop_path(guest));
    }
    g_ptr_array_add(paths, NULL);
    return (char **)g_ptr_array_free(paths, FALSE);
}

int64_t
vs_bus_host_stop_deadline(const VsHostStop *host_stop)
{
    return vs_host_stop_is_in_flight(host_stop) ? host_stop->deadline : VS_USEC_INFINITY;
}

static void
note_told(VsBusHostStop *told, const VsHostStop *host_stop)
{
    told->phase = host_stop->phase;
    told->deadline = vs_bus_host_stop_deadline(host_stop);
    told->n_requests = host_stop->n_requests;
    told->touched = false;
}

static void
add(VsBus *bus, const VsHostStop *host_stop)
{
    VsBusHostStop *told = g_new0(VsBusHostStop, 1);

    told->id = host_stop->id;
    told->path = vs_bus_host_stop_path(&host_stop->id);
    note_told(told, host_stop);
    g_ptr_array_add(bus->host_stops, told);
    if (vs_bus_is_heard(bus))
        sd_bus_emit_object_added(bus->connection, told->path);
    vs_bus_tell_property(bus, "HostStops");
}

void
vs_bus_host_stops_learn(VsBus *bus)
{
    const GPtrArray *host_stops = vs_engine_host_stops(bus->engine);

    for (unsigned i = 0; i < host_stops->len; i++) {
        const VsHostStop *host_stop = host_stops->pdata[i];

        if (!find_told(bus, &host_stop->id))
            add(bus, host_stop);
    }
}

void
vs_bus_host_stops_init(VsBus *bus)
{
    bus->host_stops = g_ptr_array_new_with_free_func(told_free);
    vs_bus_host_stops_learn(bus);
}

void
vs_bus_host_stops_clear(VsBus *bus)
{
    g_ptr_array_unref(bus->host_stops);
}

void
vs_bus_host_stops_touch(VsBus *bus, const VsUuid *host_stop)
{
    VsBusHostStop *told = find_told(bus, host_stop);

    if (told)
        told->touched = true;
}

/* The names of the properties that aren't what was told. The caller owns the array, not them. */
static GPtrArray *
what_changed(const VsBusHostStop *told, const VsHostStop *host_stop)
{
    GPtrArray *names = g_ptr_array_new();

    if (told->phase != host_stop->phase)
        g_ptr_array_add(names, (char *)"Phase");
    if (told->deadline != vs_bus_host_stop_deadline(host_stop))
        g_ptr_array_add(names, (char *)"Deadline");
    if (told->touched)
        g_ptr_array_add(names, (char *)"Stops");
    for (unsigned i = 0; told->n_requests != host_stop->n_requests && i < G_N_ELEMENTS(asked); i++)
        g_ptr_array_add(names, (char *)asked[i]);
    return names;
}

static void
tell_changed(VsBus *bus, VsBusHostStop *told, const VsHostStop *host_stop)
{
    g_autoptr(GPtrArray) names = what_changed(told, host_stop);

    if (names->len == 0)
        return;
    note_told(told, host_stop);
    g_ptr_array_add(names, NULL);
    if (vs_bus_is_heard(bus))
        sd_bus_emit_properties_changed_strv(bus->connection, told->path, VS_BUS_HOST_STOP_INTERFACE,
                                            (char **)names->pdata);
}

static void
remove_told(VsBus *bus, unsigned i)
{
    const VsBusHostStop *told = bus->host_stops->pdata[i];

    vs_bus_tell_removed(bus, told->path, VS_BUS_HOST_STOP_INTERFACE);
    g_ptr_array_remove_index(bus->host_stops, i);
    vs_bus_tell_property(bus, "HostStops");
}

void
vs_bus_host_stops_tell(VsBus *bus)
{
    for (unsigned i = bus->host_stops->len; i > 0; i--) {
        VsBusHostStop *told = bus->host_stops->pdata[i - 1];
        const VsHostStop *host_stop = find_id(bus, &told->id);

        if (host_stop)
            tell_changed(bus, told, host_stop);
        else
            remove_told(bus, i - 1);
    }
    vs_bus_host_stops_learn(bus);
}
