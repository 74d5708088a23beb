/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/engine-private.h"

#include <syslog.h>

#include "util/error.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"

/* The stop of all guests: who takes part, and until when. Each waits for its turn (host-turn.c),
 * and goes down its ladder like any other then. */

/* How long a libvirt that never was there is waited for: its guests aren't known. */
#define ARRIVAL_SPAN (30 * VS_USEC_PER_SEC)

static bool
takes_part(const VsEngine *engine, const VsGuest *guest)
{
    if (!guest->run || guest->run->ended || guest->left)
        return false;
    if (guest->stop)
        return !guest->stop->adopted;
    return guest->persistent || !engine->policy.persistent_only;
}

static VsScheduleGuest
as_scheduled(const VsGuest *guest)
{
    return (VsScheduleGuest){
        .name = guest->domain.name,
        .asking = vs_ladder_asking(&guest->stop->ladder),
        .reserve = vs_ladder_forces(&guest->stop->ladder) ? VS_DESTROY_RESERVE : 0,
    };
}

static void
note_cycles(VsEngine *engine, const VsSchedule *schedule)
{
    const GPtrArray *cycles = vs_schedule_cycles(schedule);

    for (unsigned i = 0; i < cycles->len; i++) {
        g_autofree char *cycle = vs_text_printable(cycles->pdata[i]);

        vs_engine_note(
            engine, NULL, LOG_WARNING,
            _("The order of guests goes round in a circle, they go down side by side: %s"), cycle);
    }
}

/* A stop that somebody asked for by itself becomes part of this when all are asked for. */
static bool
belongs(const VsStop *stop, bool asked_now)
{
    return asked_now || stop->host_deadline > 0 || stop->queued;
}

/* Who takes part now, and in which order: of those whose stop is under way, it only keeps count. */
static void
draw_up(VsEngine *engine, bool asked_now)
{
    VsHostStop *host_stop = engine->host_stop;
    g_autoptr(GPtrArray) guests = vs_engine_guests(engine);
    g_autoptr(GArray) scheduled = g_array_new(FALSE, FALSE, sizeof(VsScheduleGuest));

    g_ptr_array_set_size(host_stop->guests, 0);
    for (unsigned i = 0; i < guests->len; i++) {
        VsGuest *guest = guests->pdata[i];

        guest->turn = -1;
        if (!takes_part(engine, guest) || !guest->stop || !belongs(guest->stop, asked_now))
            continue;
        VsScheduleGuest entry = as_scheduled(guest);
        guest->turn = (int)scheduled->len;
        g_array_append_val(scheduled, entry);
        g_ptr_array_add(host_stop->guests, guest);
    }
    g_clear_pointer(&host_stop->schedule, vs_schedule_free);
    host_stop->schedule =
        vs_schedule_new(&engine->policy, (VsScheduleGuest *)scheduled->data, scheduled->len);
    for (unsigned i = 0; i < host_stop->guests->len; i++) {
        const VsGuest *guest = host_stop->guests->pdata[i];

        if (!guest->stop->queued)
            vs_schedule_take(host_stop->schedule, i);
    }
    note_cycles(engine, host_stop->schedule);
}

static VsHostStop *
new_host_stop(VsEngine *engine)
{
    VsHostStop *host_stop = g_new0(VsHostStop, 1);

    host_stop->guests = g_ptr_array_new();
    host_stop->deadline = host_stop->last_call_at = VS_USEC_INFINITY;
    engine->host_stop = host_stop;
    return host_stop;
}

static void
host_stop_free(VsHostStop *host_stop)
{
    g_clear_pointer(&host_stop->schedule, vs_schedule_free);
    g_ptr_array_unref(host_stop->guests);
    vs_requester_clear(&host_stop->by);
    g_free(host_stop->reason);
    g_free(host_stop);
}

/* The stops themselves go on, or are called off, each by itself. */
void
vs_host_stop_end(VsEngine *engine, bool called_off)
{
    GHashTableIter iter;
    VsGuest *guest;

    if (!engine->host_stop)
        return;
    vs_restore_stop_is_over(engine, called_off);

    g_hash_table_iter_init(&iter, engine->guests);
    while (g_hash_table_iter_next(&iter, NULL, (void **)&guest))
        guest->turn = -1;
    g_clear_pointer(&engine->host_stop, host_stop_free);
}

/* Who asked, and how, holds for those who join later, too. */
static void
take_request(VsHostStop *host_stop, const VsEvent *event, const VsLadder *ladder)
{
    vs_requester_clear(&host_stop->by);
    host_stop->by_known = event->stop_all.by != NULL;
    if (host_stop->by_known)
        vs_requester_copy(&host_stop->by, event->stop_all.by);
    g_free(host_stop->reason);
    host_stop->reason = g_strdup(event->stop_all.reason);
    host_stop->has_ladder = event->stop_all.ladder != NULL;
    if (host_stop->has_ladder)
        host_stop->ladder = *ladder;
    host_stop->shutdown |= event->stop_all.shutdown;
}

/* Every guest that runs and has no stop yet gets one. Whether there was any. */
static bool
queue_newcomers(VsEngine *engine)
{
    const VsHostStop *host_stop = engine->host_stop;
    g_autoptr(GPtrArray) guests = vs_engine_guests(engine);
    bool any = false;

    for (unsigned i = 0; i < guests->len; i++) {
        VsGuest *guest = guests->pdata[i];

        if (!takes_part(engine, guest) || guest->stop)
            continue;
        vs_requests_queue(engine, guest, host_stop);
        any = true;
    }
    engine->host_stop->newcomers = false;
    return any;
}

/* Of all that take part, or had a stop of their own before. */
static void
mark_stops(VsEngine *engine)
{
    const VsHostStop *host_stop = engine->host_stop;

    for (unsigned i = 0; i < host_stop->guests->len; i++) {
        VsGuest *guest = host_stop->guests->pdata[i];
        VsStop *stop = guest ? guest->stop : NULL;

        if (!stop ||
            (stop->host_deadline == host_stop->deadline && stop->host_down == host_stop->shutdown))
            continue;
        stop->host_deadline = host_stop->deadline;
        stop->host_down = host_stop->shutdown;
        vs_engine_unsaved(engine, guest);
    }
}

/* What is left at the last call is what a destroy takes; of a short time, the most. */
static void
set_deadline(const VsEngine *engine, int64_t deadline)
{
    VsHostStop *host_stop = engine->host_stop;
    int64_t left = deadline - engine->now.mono;

    host_stop->deadline = deadline;
    host_stop->last_call_at =
        deadline == VS_USEC_INFINITY ? deadline : deadline - MIN(VS_DESTROY_RESERVE, left / 4 * 3);
}

/* @budget: as asked for; 0: as configured, or as long as it takes. The earlier end holds; where
 * nobody said one, those who join have their time, too. */
static void
take_budget(VsEngine *engine, int64_t budget)
{
    VsHostStop *host_stop = engine->host_stop;
    int64_t deadline;

    if (budget == 0 && !host_stop->limited)
        budget = engine->policy.budget;
    deadline =
        vs_later(engine->now.mono, budget > 0 ? budget : vs_schedule_longest(host_stop->schedule));
    if (budget > 0 && (!host_stop->limited || deadline < host_stop->deadline))
        set_deadline(engine, deadline);
    else if (!host_stop->limited &&
             (host_stop->deadline == VS_USEC_INFINITY || deadline > host_stop->deadline))
        set_deadline(engine, deadline);
    host_stop->limited |= budget > 0;
}

/* Everybody's part in what is drawn up. */
static void
give_parts(VsEngine *engine)
{
    mark_stops(engine);
    vs_host_turn_share_out(engine, NULL);
}

static void
clear_left(VsEngine *engine)
{
    GHashTableIter iter;
    VsGuest *guest;

    g_hash_table_iter_init(&iter, engine->guests);
    while (g_hash_table_iter_next(&iter, NULL, (void **)&guest)) {
        if (guest->left)
            vs_engine_unsaved(engine, guest);
        guest->left = false;
    }
}

void
vs_host_stop_set_shutdown(VsEngine *engine, bool active)
{
    if (active != engine->host_shutdown)
        clear_left(engine);
    engine->host_shutdown = active;
    if (!active && engine->host_stop && engine->host_stop->shutdown)
        vs_requests_cancel_all(engine, NULL, true);
    else if (!active && !engine->host_stop)
        vs_restore_stop_is_over(engine, false);
}

static void
note_begin(VsEngine *engine)
{
    const VsHostStop *host_stop = engine->host_stop;
    g_autofree char *span = host_stop->deadline == VS_USEC_INFINITY
                                ? g_strdup(_("no limit"))
                                : vs_span_format(host_stop->deadline - engine->now.mono, false);

    vs_engine_note(engine, NULL, LOG_NOTICE, _("Stopping all guests: %u, within %s"),
                   host_stop->guests->len, span);
}

bool
vs_host_stop_begin(VsEngine *engine, const VsEvent *event, GError **error)
{
    bool again = engine->host_stop != NULL, any;
    VsLadder ladder;

    if (!vs_requests_check_all(event, &ladder, error))
        return false;
    if (event->stop_all.shutdown)
        vs_host_stop_set_shutdown(engine, true);
    else if (!again)
        clear_left(engine);
    if (!again)
        new_host_stop(engine);
    take_request(engine->host_stop, event, &ladder);
    any = queue_newcomers(engine);
    draw_up(engine, true);
    take_budget(engine, event->stop_all.budget);
    give_parts(engine);
    if (any || !again)
        vs_restore_keep(engine);
    if (!again && engine->host_stop->guests->len > 0)
        note_begin(engine);
    return true;
}

/* Guests that were started, or that a libvirt told of only now. */
static void
join(VsEngine *engine)
{
    if (!queue_newcomers(engine))
        return;
    draw_up(engine, false);
    take_budget(engine, 0);
    give_parts(engine);
    vs_restore_keep(engine);
    vs_engine_note(engine, NULL, LOG_NOTICE, _("More guests run, and are stopped, too: %u in all"),
                   vs_schedule_n_left(engine->host_stop->schedule));
}

void
vs_host_stop_newcomer(VsEngine *engine)
{
    if (engine->host_stop)
        engine->host_stop->newcomers = true;
}

/* A daemon before us was about it; who takes part shows when all that it kept was read. */
void
vs_host_stop_take_over(VsEngine *engine, const VsStop *stop)
{
    VsHostStop *host_stop = engine->host_stop ? engine->host_stop : new_host_stop(engine);

    if (stop->host_deadline < host_stop->deadline) {
        host_stop->deadline = stop->host_deadline;
        host_stop->last_call_at = stop->host_deadline - VS_DESTROY_RESERVE;
        host_stop->limited = true;
    }
    host_stop->shutdown |= stop->host_down;
    engine->host_shutdown |= stop->host_down;
}

bool
vs_host_stop_extend(VsEngine *engine, const VsEvent *event, GError **error)
{
    VsHostStop *host_stop = engine->host_stop;
    g_autofree char *span = NULL;

    if (!vs_requests_check_extension(event->extend.span, error))
        return false;
    if (!host_stop || host_stop->last_call) {
        g_set_error_literal(error, VS_ERROR, VS_ERROR_NO_STOP,
                            host_stop ? _("The time for stopping all guests is all but over: it is "
                                          "too late for that")
                                      : _("No stop of all guests is in flight"));
        return false;
    }
    span = vs_span_format(event->extend.span, false);
    vs_engine_note(engine, NULL, LOG_NOTICE, _("All guests get %s more, as asked for"), span);
    host_stop->deadline = vs_later(host_stop->deadline, event->extend.span);
    host_stop->last_call_at = vs_later(host_stop->last_call_at, event->extend.span);
    if (!host_stop->schedule)
        return true;
    mark_stops(engine);
    vs_host_turn_extend(engine, event->extend.span);
    return true;
}

void
vs_host_stop_done(VsEngine *engine, VsGuest *guest, VsOutcome outcome)
{
    VsHostStop *host_stop = engine->host_stop;

    guest->left = guest->stop->host_deadline > 0 &&
                  (outcome == VS_OUTCOME_TIMED_OUT || outcome == VS_OUTCOME_CANCELLED ||
                   outcome == VS_OUTCOME_FAILED);
    if (!host_stop || !host_stop->schedule || guest->turn < 0)
        return;
    vs_schedule_done(host_stop->schedule, (unsigned)guest->turn);
    host_stop->guests->pdata[guest->turn] = NULL;
    guest->turn = -1;
}

static bool
any_host_is_listed(const VsEngine *engine)
{
    GHashTableIter iter;
    VsConnection *host;

    g_hash_table_iter_init(&iter, engine->connections);
    while (g_hash_table_iter_next(&iter, NULL, (void **)&host))
        if (host->listed)
            return true;
    return false;
}

/* Monotonic µs: until when a libvirt is waited for whose guests nobody knows yet; 0: all are known.
 */
static int64_t
awaited_until(const VsEngine *engine)
{
    int64_t until = 0;
    GHashTableIter iter;
    VsConnection *host;

    g_hash_table_iter_init(&iter, engine->connections);
    while (g_hash_table_iter_next(&iter, NULL, (void **)&host))
        if (!host->was_listed)
            until = MAX(until, vs_later(host->since, ARRIVAL_SPAN));
    return until;
}

int64_t
vs_host_stop_next_timer(const VsEngine *engine)
{
    const VsHostStop *host_stop = engine->host_stop;

    if (!host_stop)
        return VS_USEC_INFINITY;
    if (!host_stop->schedule)
        return host_stop->last_call_at;
    if (vs_schedule_n_left(host_stop->schedule) == 0)
        return awaited_until(engine);
    return vs_host_turn_next_timer(engine);
}

void
vs_host_stop_advance(VsEngine *engine)
{
    VsHostStop *host_stop = engine->host_stop;

    if (!host_stop)
        return;
    if (!host_stop->schedule) {
        if (!any_host_is_listed(engine) && engine->now.mono < host_stop->last_call_at)
            return;
        draw_up(engine, false);
        give_parts(engine);
    }
    if (host_stop->newcomers)
        join(engine);
    vs_host_turn_advance(engine);
    if (vs_schedule_n_left(host_stop->schedule) > 0 || engine->now.mono < awaited_until(engine))
        return;
    if (host_stop->guests->len > 0)
        vs_engine_note(engine, NULL, LOG_NOTICE, _("All guests are stopped, or were left running"));
    vs_host_stop_end(engine, false);
}
