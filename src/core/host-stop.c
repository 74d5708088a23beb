/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/engine-private.h"

#include <syslog.h>

#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"

/* The stop of all guests: each waits for its turn, which the schedule gives it, and goes down its
 * ladder like any other then. When the budget is all but over, there are no turns any more. */

/* What a destroy of a hung QEMU may take beyond the budget: libvirt gives up after 40 s. */
#define OVERTIME (45 * VS_USEC_PER_SEC)

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

/* Who takes part now, and in which order: of those whose stop is under way, it only keeps count. */
static void
draw_up(VsEngine *engine)
{
    VsHostStop *host_stop = engine->host_stop;
    g_autoptr(GPtrArray) guests = vs_engine_guests(engine);
    g_autoptr(GArray) scheduled = g_array_new(FALSE, FALSE, sizeof(VsScheduleGuest));

    g_ptr_array_set_size(host_stop->guests, 0);
    for (unsigned i = 0; i < guests->len; i++) {
        VsGuest *guest = guests->pdata[i];

        guest->turn = -1;
        if (!takes_part(engine, guest) || !guest->stop)
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

        if (guest->stop->phase != VS_PHASE_QUEUED)
            vs_schedule_take(host_stop->schedule, i);
    }
    note_cycles(engine, host_stop->schedule);
}

static VsHostStop *
new_host_stop(VsEngine *engine)
{
    VsHostStop *host_stop = g_new0(VsHostStop, 1);

    host_stop->guests = g_ptr_array_new();
    host_stop->deadline = VS_USEC_INFINITY;
    engine->host_stop = host_stop;
    return host_stop;
}

static void
host_stop_free(VsHostStop *host_stop)
{
    g_clear_pointer(&host_stop->schedule, vs_schedule_free);
    g_ptr_array_unref(host_stop->guests);
    g_free(host_stop);
}

static void
forget(VsEngine *engine)
{
    GHashTableIter iter;
    VsGuest *guest;

    g_hash_table_iter_init(&iter, engine->guests);
    while (g_hash_table_iter_next(&iter, NULL, (void **)&guest))
        guest->turn = -1;
    g_clear_pointer(&engine->host_stop, host_stop_free);
}

/* Every guest that runs gets its stop, or the one it has becomes part of this. */
static void
mark_stops(VsEngine *engine)
{
    const VsHostStop *host_stop = engine->host_stop;

    for (unsigned i = 0; i < host_stop->guests->len; i++) {
        VsGuest *guest = host_stop->guests->pdata[i];

        guest->stop->host_deadline = host_stop->deadline;
        guest->stop->host_down = host_stop->shutdown;
        vs_engine_unsaved(engine, guest);
    }
}

static void
queue_all(VsEngine *engine, const VsEvent *event, const VsLadder *ladder)
{
    g_autoptr(GPtrArray) guests = vs_engine_guests(engine);

    for (unsigned i = 0; i < guests->len; i++) {
        VsGuest *guest = guests->pdata[i];

        if (takes_part(engine, guest) && !guest->stop)
            vs_requests_queue(engine, guest, event, ladder);
    }
}

static void
set_deadline(VsEngine *engine, int64_t budget)
{
    VsHostStop *host_stop = engine->host_stop;

    if (budget == 0 && host_stop->deadline != VS_USEC_INFINITY)
        return; /* it stays as it was asked for first */
    if (budget == 0)
        budget = engine->policy.budget;
    if (budget == 0)
        budget = vs_schedule_longest(host_stop->schedule);
    host_stop->deadline = MIN(host_stop->deadline, vs_later(engine->now.mono, budget));
}

static void
clear_left(VsEngine *engine)
{
    GHashTableIter iter;
    VsGuest *guest;

    g_hash_table_iter_init(&iter, engine->guests);
    while (g_hash_table_iter_next(&iter, NULL, (void **)&guest))
        guest->left = false;
}

void
vs_host_stop_set_shutdown(VsEngine *engine, bool active)
{
    if (active && !engine->host_shutdown)
        clear_left(engine);
    engine->host_shutdown = active;
    if (!active && engine->host_stop && engine->host_stop->shutdown)
        vs_requests_cancel_all(engine, NULL, true);
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
    bool again = engine->host_stop != NULL;
    VsLadder ladder;

    if (!vs_requests_check_all(event, &ladder, error))
        return false;
    if (event->stop_all.shutdown)
        vs_host_stop_set_shutdown(engine, true);
    else if (!again)
        clear_left(engine);
    if (!again)
        new_host_stop(engine);
    engine->host_stop->shutdown |= event->stop_all.shutdown;
    queue_all(engine, event, event->stop_all.ladder ? &ladder : NULL);
    draw_up(engine);
    set_deadline(engine, event->stop_all.budget);
    mark_stops(engine);
    if (!again && engine->host_stop->guests->len > 0) {
        vs_revive_keep(engine);
        note_begin(engine);
    }
    return true;
}

/* A daemon before us was about it; who takes part shows when all that it kept was read. */
void
vs_host_stop_take_over(VsEngine *engine, const VsStop *stop)
{
    VsHostStop *host_stop = engine->host_stop ? engine->host_stop : new_host_stop(engine);

    host_stop->deadline = MIN(host_stop->deadline, stop->host_deadline);
    host_stop->shutdown |= stop->host_down;
    engine->host_shutdown |= stop->host_down;
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

static int64_t
time_left(const VsEngine *engine)
{
    int64_t deadline = engine->host_stop->deadline;

    if (deadline == VS_USEC_INFINITY)
        return VS_USEC_INFINITY;
    return MAX(deadline - engine->now.mono, 0);
}

/* From now on its share of what is left. */
static void
allow(VsEngine *engine, VsGuest *guest)
{
    int64_t share =
        vs_schedule_allow(engine->host_stop->schedule, (unsigned)guest->turn, time_left(engine));

    guest->stop->until = vs_later(engine->now.mono, share);
}

/* Its turn has come: now its own time begins. */
static void
release(VsEngine *engine, unsigned turn)
{
    VsGuest *guest = engine->host_stop->guests->pdata[turn];
    VsStop *stop = guest->stop;

    allow(engine, guest);
    vs_schedule_take(engine->host_stop->schedule, turn);
    stop->phase = VS_PHASE_WAITING;
    stop->asked_real = engine->now.real;
    stop->asked_mono = engine->now.mono;
    vs_engine_unsaved(engine, guest);
    vs_descent_advance(engine, guest);
}

void
vs_host_stop_release(VsEngine *engine, VsGuest *guest)
{
    if (engine->host_stop && engine->host_stop->schedule && guest->turn >= 0)
        release(engine, (unsigned)guest->turn);
}

/* Nobody could be asked while libvirt was away: what is left of the budget is shared out anew. */
void
vs_host_stop_allow_again(VsEngine *engine, const char *uri)
{
    const VsHostStop *host_stop = engine->host_stop;

    if (!host_stop || !host_stop->schedule || host_stop->last_call)
        return;
    for (unsigned i = 0; i < host_stop->guests->len; i++) {
        VsGuest *guest = host_stop->guests->pdata[i];

        if (!guest || guest->stop->until == 0 || !g_str_equal(guest->domain.uri, uri))
            continue;
        allow(engine, guest);
        vs_engine_unsaved(engine, guest);
    }
}

/* What is left of the budget is what a destroy takes. */
static void
call_last(VsEngine *engine)
{
    VsHostStop *host_stop = engine->host_stop;

    host_stop->last_call = true;
    vs_engine_note(engine, NULL, LOG_WARNING,
                   _("The time for stopping all guests is all but over: what still runs is ended"));
    for (unsigned i = 0; i < host_stop->guests->len; i++) {
        VsGuest *guest = host_stop->guests->pdata[i];

        if (!guest || guest->run->ended)
            continue;
        vs_schedule_take(host_stop->schedule, i);
        if (vs_ladder_forces(&guest->stop->ladder))
            vs_descent_to_last_step(engine, guest);
        else if (guest->stop->phase == VS_PHASE_QUEUED)
            release(engine, i);
    }
}

/* A libvirt that is away, or a process that can't be killed, doesn't keep the host: whoever waits
 * for this is told the truth, and goes on. */
static void
give_up(VsEngine *engine)
{
    VsHostStop *host_stop = engine->host_stop;

    vs_engine_note(engine, NULL, LOG_ERR,
                   _("The time for stopping all guests is over: %u could not be stopped"),
                   vs_schedule_n_left(host_stop->schedule));
    for (unsigned i = 0; i < host_stop->guests->len; i++) {
        VsGuest *guest = host_stop->guests->pdata[i];

        if (guest && !guest->run->ended)
            vs_descent_finish(engine, guest, VS_OUTCOME_FAILED);
    }
}

/* Monotonic µs: of the last call, and after it of the end of all patience. */
static int64_t
next_call_at(const VsHostStop *host_stop)
{
    if (host_stop->deadline == VS_USEC_INFINITY)
        return VS_USEC_INFINITY;
    return host_stop->last_call ? vs_later(host_stop->deadline, OVERTIME)
                                : host_stop->deadline - VS_DESTROY_RESERVE;
}

int64_t
vs_host_stop_next_timer(const VsEngine *engine)
{
    const VsHostStop *host_stop = engine->host_stop;

    return host_stop && host_stop->schedule && !host_stop->given_up ? next_call_at(host_stop)
                                                                    : VS_USEC_INFINITY;
}

static void
call_time(VsEngine *engine)
{
    VsHostStop *host_stop = engine->host_stop;

    if (host_stop->given_up || engine->now.mono < next_call_at(host_stop))
        return;
    if (!host_stop->last_call) {
        call_last(engine);
    } else {
        host_stop->given_up = true;
        give_up(engine);
    }
}

static bool
any_host_is_listed(const VsEngine *engine)
{
    GHashTableIter iter;
    VsHost *host;

    g_hash_table_iter_init(&iter, engine->hosts);
    while (g_hash_table_iter_next(&iter, NULL, (void **)&host))
        if (host->listed)
            return true;
    return false;
}

void
vs_host_stop_advance(VsEngine *engine)
{
    VsHostStop *host_stop = engine->host_stop;
    int next;

    if (!host_stop)
        return;
    if (!host_stop->schedule) {
        if (!any_host_is_listed(engine))
            return;
        draw_up(engine);
    }
    call_time(engine);
    while ((next = vs_schedule_next(host_stop->schedule)) >= 0)
        release(engine, (unsigned)next);
    if (vs_schedule_n_left(host_stop->schedule) > 0)
        return;
    if (host_stop->guests->len > 0)
        vs_engine_note(engine, NULL, LOG_NOTICE, _("All guests are stopped, or were left running"));
    forget(engine);
}

/* The stops themselves go on, or are called off, each by itself. */
void
vs_host_stop_end(VsEngine *engine)
{
    if (engine->host_stop)
        forget(engine);
}
