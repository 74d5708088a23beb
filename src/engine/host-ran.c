/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/host-ran.h"

#include "engine/host-members.h"
#include "engine/picture.h"
#include "engine/ran.h"
#include "util/span.h"

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

/* Its guests are being started again, or wait for that. */
static bool
is_wanted_back(const VsHostStop *other)
{
    return other->phase == VS_HOST_STOP_RESTORING ||
           (other->wanted_back && !vs_host_stop_is_in_flight(other));
}

/* Whether what ran before @other still is to be started again, now that @host_stop begins. */
static bool
goes_on(const VsEngine *engine, const VsHostStop *other)
{
    return is_wanted_back(other) || vs_host_stop_is_in_flight(other) ||
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

        if (other == host_stop)
            continue;
        if (has_guests(other)) { /* but for those that are taken over */
            vs_ran_drop(other->ran, host_stop->ran, -1);
            continue;
        }
        if (goes_on(engine, other)) {
            vs_ran_merge(host_stop->ran, other->ran);
            vs_ran_merge(host_stop->ran, other->failed);
        }
        if (other->phase == VS_HOST_STOP_RESTORING)
            vs_engine_drop_restore(engine);
        vs_host_members_leave(other);
        g_ptr_array_remove_index(engine->host_stops, i - 1);
    }
}

/* What @other has of the part is wanted off now, and not to be started by it: that is @host_stop's
 * to bring back. The start that is under way goes on; who comes up joins. */
static void
take_from(VsEngine *engine, VsHostStop *host_stop, VsHostStop *other)
{
    bool starting = other->phase == VS_HOST_STOP_RESTORING && engine->restore.call > 0;
    g_autoptr(GPtrArray) meant = vs_ran_new();

    for (unsigned i = 0; is_wanted_back(other) && i < other->ran->len; i++) {
        const VsRan *entry = other->ran->pdata[i];

        if ((!starting || i != engine->restore.starting) &&
            vs_host_stop_means(host_stop, &engine->policy, &entry->domain, entry->labels))
            vs_ran_add(meant, &entry->domain, entry->labels);
    }
    vs_ran_merge(host_stop->ran, meant);
    engine->restore.starting -=
        vs_ran_drop(other->ran, host_stop->ran, starting ? (int)engine->restore.starting : -1);
    vs_ran_drop(other->failed, host_stop->ran, -1);
}

/* One of a part stands beside the others: nobody is brought back by two. */
static void
take_part(VsEngine *engine, VsHostStop *host_stop)
{
    for (unsigned i = 0; i < engine->host_stops->len; i++)
        if (engine->host_stops->pdata[i] != host_stop)
            take_from(engine, host_stop, engine->host_stops->pdata[i]);
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
    if (host_stop->part)
        take_part(engine, host_stop);
    else
        replace_others(engine, host_stop);
}

void
vs_host_ran_settle(VsEngine *engine)
{
    for (unsigned i = 0; i < engine->host_stops->len; i++) {
        VsHostStop *host_stop = engine->host_stops->pdata[i];
        unsigned n = host_stop->ran->len + host_stop->failed->len;

        for (unsigned j = i + 1; j < engine->host_stops->len; j++) {
            const VsHostStop *later = engine->host_stops->pdata[j];

            vs_ran_drop(host_stop->ran, later->ran, -1);
            vs_ran_drop(host_stop->failed, later->ran, -1);
        }
        engine->host_stops_unsaved |= host_stop->ran->len + host_stop->failed->len < n;
    }
}

/* What is over is over: one that begins later doesn't know what ran before it. One that was called
 * off has a time of its own. */
void
vs_host_ran_forget(VsEngine *engine)
{
    for (unsigned i = 0; i < engine->host_stops->len; i++) {
        VsHostStop *host_stop = engine->host_stops->pdata[i];

        if (vs_host_stop_is_in_flight(host_stop) || host_stop->known_until == 0 ||
            host_stop->phase == VS_HOST_STOP_CALLED_OFF || host_stop->part)
            continue;
        host_stop->known_until = 0;
        engine->host_stops_unsaved = true;
    }
}

int64_t
vs_host_ran_may_go_down_until(const VsEngine *engine, const VsGuest *guest)
{
    const VsRun *run = guest->run;
    const VsAsked *requests[] = {&run->agent, &run->button, &run->request};
    int64_t until = 0;

    if (run->phase != VS_RUN_ALIVE || run->shutdown != VS_SHUTDOWN_REASON_NONE ||
        (guest->stop && vs_stop_is_of_host_stop(guest->stop)))
        return VS_USEC_INFINITY; /* its record tells */
    for (size_t i = 0; i < G_N_ELEMENTS(requests); i++)
        if (vs_asked_by_us(requests[i], engine->now.mono))
            until = MAX(until, requests[i]->expires);
    return until;
}

/* Whether a run that is over ended for what a host stop had asked, as far as that was its turn. */
static bool
was_taken(const VsGuest *guest)
{
    const VsRun *run = guest->run;
    const VsStop *stop = guest->stop;

    if (stop && !vs_stop_is_of_host_stop(stop))
        return false;
    if (stop && stop->until > 0)
        return true;
    /* Queued anew, or given up: for what it was asked before. */
    return run->destroy_called || vs_asked_by_us(&run->agent, run->ended_mono) ||
           vs_asked_by_us(&run->button, run->ended_mono) ||
           vs_asked_by_us(&run->request, run->ended_mono);
}

/* Whether no host stop has anything to do with where the guest is now: somebody started it again,
 * or ended it before its turn. */
static bool
is_somebody_elses(const VsEngine *engine, const VsGuest *guest)
{
    const VsRun *run = guest->run;

    if (!run || guest->starting > 0)
        return false;
    if (vs_run_is_over(run))
        return !was_taken(guest);
    if (!vs_engine_is_listed(engine, guest->domain.uri))
        return false; /* it may be off by now */
    return !run->destroy_called && vs_host_ran_may_go_down_until(engine, guest) == 0;
}

static void
leave(VsEngine *engine, const VsGuest *guest)
{
    for (unsigned i = 0; i < engine->host_stops->len; i++) {
        VsHostStop *host_stop = engine->host_stops->pdata[i];
        int place;

        if (host_stop->shutdown || host_stop->phase == VS_HOST_STOP_RESTORING ||
            host_stop->phase == VS_HOST_STOP_TAKEN_OVER)
            continue;
        place = vs_ran_find(host_stop->ran, &guest->domain);
        if (place < 0)
            continue;
        g_ptr_array_remove_index(host_stop->ran, (unsigned)place);
        engine->host_stops_unsaved = true;
    }
}

void
vs_host_ran_follow(VsEngine *engine)
{
    if (engine->host_stops->len == 0 || engine->host_shutdown) /* which takes all along */
        return;
    for (unsigned i = 0; i < engine->touched->len; i++)
        if (is_somebody_elses(engine, engine->touched->pdata[i]))
            leave(engine, engine->touched->pdata[i]);
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
