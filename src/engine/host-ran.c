/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/host-ran.h"

#include "engine/host-members.h"
#include "engine/picture.h"
#include "engine/ran.h"

static VsScheduleGuest
as_scheduled(const VsGuest *guest)
{
    if (!guest)
        return (VsScheduleGuest){.name = ""};
    return (VsScheduleGuest){
        .name = guest->domain.name,
        .uuid = guest->domain.uuid.text,
        .uri = guest->domain.uri,
        .labels = guest->labels,
    };
}

/* The guests of the host stop in the reverse order of going down, if each went at once. */
static GPtrArray *
list_what_runs(const VsEngine *engine, const VsHostStop *host_stop)
{
    const GPtrArray *guests = host_stop->guests;
    g_autofree VsScheduleGuest *entries = g_new0(VsScheduleGuest, guests->len);
    g_autofree unsigned *order = g_new(unsigned, guests->len);
    g_autoptr(VsSchedule) schedule = NULL;
    GPtrArray *ran = vs_ran_new();
    unsigned n = 0;
    int next;

    for (unsigned i = 0; i < guests->len; i++)
        entries[i] = as_scheduled(guests->pdata[i]);
    schedule = vs_schedule_new(&engine->policy, entries, guests->len);
    while ((next = vs_schedule_next(schedule)) >= 0) {
        order[n++] = (unsigned)next;
        vs_schedule_done(schedule, (unsigned)next);
    }
    while (n > 0) {
        const VsGuest *guest = guests->pdata[order[--n]];

        /* A transient one is gone for good, and who manages one starts it where it should run. */
        if (guest && guest->persistent && vs_engine_owner_of(engine, guest) == VS_OWNER_NONE)
            vs_ran_add(ran, &guest->domain, guest->labels);
    }
    return ran;
}

/* Whether what ran before @other still is to be started again, now that @host_stop begins. */
static bool
goes_on(const VsEngine *engine, const VsHostStop *host_stop, const VsHostStop *other)
{
    return other->phase == VS_HOST_STOP_RESTORING ||
           (vs_host_stop_is_in_flight(other) && other->only && !host_stop->only) ||
           engine->now.mono < other->known_until;
}

/* What it stops isn't over yet; when it is, it stands for itself. */
static bool
has_guests(const VsHostStop *host_stop)
{
    return vs_host_stop_is_in_flight(host_stop) && host_stop->schedule &&
           vs_schedule_n_left(host_stop->schedule) > 0;
}

/* One of all takes the place of those before it. */
static void
replace_others(VsEngine *engine, VsHostStop *host_stop)
{
    for (unsigned i = engine->host_stops->len; i > 0; i--) {
        VsHostStop *other = engine->host_stops->pdata[i - 1];

        if (other == host_stop || (host_stop->only && other->phase != VS_HOST_STOP_RESTORING) ||
            has_guests(other))
            continue;
        if (goes_on(engine, host_stop, other)) {
            vs_ran_merge(host_stop->ran, other->ran);
            vs_ran_merge(host_stop->ran, other->failed);
        }
        if (other->phase == VS_HOST_STOP_RESTORING)
            vs_engine_drop_restore(engine);
        vs_host_members_leave(other);
        g_ptr_array_remove_index(engine->host_stops, i - 1);
    }
}

/* Notes what ran, before anybody is asked. */
void
vs_host_ran_keep(VsEngine *engine, VsHostStop *host_stop)
{
    GPtrArray *ran;

    engine->host_stops_unsaved = true;
    if (engine->simulated ||
        (host_stop->guests->len == 0 && !vs_engine_host_stop_in(engine, VS_HOST_STOP_RESTORING)))
        return; /* what was kept before still is what ran */
    ran = list_what_runs(engine, host_stop);
    vs_ran_merge(ran, host_stop->ran);
    g_ptr_array_unref(host_stop->ran);
    host_stop->ran = ran;
    replace_others(engine, host_stop);
}

/* What is over is over: one that begins later doesn't know what ran before it. */
void
vs_host_ran_forget(VsEngine *engine)
{
    for (unsigned i = 0; i < engine->host_stops->len; i++) {
        VsHostStop *host_stop = engine->host_stops->pdata[i];

        if (vs_host_stop_is_in_flight(host_stop) || host_stop->known_until == 0)
            continue;
        host_stop->known_until = 0;
        engine->host_stops_unsaved = true;
    }
}

void
vs_host_ran_take_over_old(VsEngine *engine, VsHostStop *host_stop)
{
    for (unsigned i = engine->host_stops->len; i > 0; i--) {
        VsHostStop *other = engine->host_stops->pdata[i - 1];

        if (other->phase != VS_HOST_STOP_OVER)
            continue;
        vs_ran_merge(host_stop->ran, other->ran);
        g_ptr_array_remove_index(engine->host_stops, i - 1);
    }
}
