/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/engine.h"

#include <string.h>

#include "engine/connections.h"
#include "engine/descent.h"
#include "engine/detour.h"
#include "engine/description.h"
#include "engine/event-guest.h"
#include "engine/guest-events.h"
#include "engine/guest-labels.h"
#include "engine/hooks.h"
#include "engine/host-failure.h"
#include "engine/host-requests.h"
#include "engine/inquiry.h"
#include "engine/noted.h"
#include "engine/overtaken.h"
#include "engine/process.h"
#include "engine/qmp-events.h"
#include "engine/replies.h"
#include "engine/requests.h"
#include "engine/restore.h"
#include "engine/revive.h"
#include "engine/run-candidates.h"
#include "engine/run-end.h"
#include "engine/run-habit.h"
#include "engine/stop-all.h"
#include "engine/store.h"
#include "engine/take-over.h"
#include "engine/unseen.h"
#include "engine/watch.h"
#include "util/span.h"

/* A step: what comes in changes facts; then the machines look at them and move, in this order: the
 * shares of a host stop's time, the end of each run, each guest's stop, its restart, the host
 * stops, the restore. Nothing below pushes up: what one machine does is a fact for those behind it.
 */

/* How long what was told to a daemon that stood still is read before anything else. */
#define LISTEN_SPAN (100 * VS_USEC_PER_MSEC)

static void
connection_free(void *data)
{
    VsConnection *connection = data;

    g_free(connection->uri);
    g_free(connection);
}

static void
inquiry_free(void *data)
{
    vs_inquiry_free(data);
}

static void
host_stop_free(void *data)
{
    vs_host_stop_free(data);
}

static void
guest_free(void *data)
{
    VsGuest *guest = data;

    vs_domain_id_clear(&guest->domain);
    g_free(guest->reading.why_not);
    g_clear_pointer(&guest->labels, vs_labels_unref);
    g_clear_pointer(&guest->run, vs_run_free);
    g_clear_pointer(&guest->stop, vs_stop_free);
    vs_revival_clear(&guest->revival);
    g_free(guest->kept.why);
    g_free(guest);
}

VsEngine *
vs_engine_new(const uint8_t seed[16], const VsPolicy *policy)
{
    VsEngine *engine = g_new0(VsEngine, 1);

    memcpy(engine->seed, seed, sizeof(engine->seed));
    vs_policy_copy(&engine->policy, policy);
    engine->connections = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, connection_free);
    engine->host_stops = g_ptr_array_new_with_free_func(host_stop_free);
    engine->inquiries = g_ptr_array_new_with_free_func(inquiry_free);
    engine->guests = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, guest_free);
    engine->removed = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    vs_agenda_init(&engine->agenda);
    vs_notes_init(&engine->notes);
    engine->touched = g_ptr_array_new();
    engine->calls = vs_actions_new();
    return engine;
}

void
vs_engine_free(VsEngine *engine)
{
    g_ptr_array_unref(engine->calls);
    g_ptr_array_unref(engine->touched);
    g_ptr_array_unref(engine->host_stops);
    g_ptr_array_unref(engine->inquiries);
    g_free(engine->restore.message);
    g_free(engine->host_stops_kept.why);
    vs_agenda_clear(&engine->agenda);
    vs_notes_clear(&engine->notes);
    g_hash_table_unref(engine->removed);
    g_hash_table_unref(engine->guests);
    g_hash_table_unref(engine->connections);
    vs_policy_clear(&engine->policy);
    g_free(engine);
}

void
vs_engine_set_simulated(VsEngine *engine)
{
    engine->simulated = true;
}

void
vs_engine_watch(VsEngine *engine, const char *uri, VsTime now)
{
    engine->now = now;
    vs_engine_connection(engine, uri);
}

void
vs_engine_set_policy(VsEngine *engine, const VsPolicy *policy)
{
    VsPolicy old = engine->policy;

    vs_policy_copy(&engine->policy, policy);
    vs_policy_clear(&old);
}

void
vs_engine_set_hooks(VsEngine *engine, bool any)
{
    engine->has_hooks = any;
}

static void
save(VsEngine *engine, VsGuest *guest)
{
    VsAction *action = vs_engine_do(engine, VS_ACTION_SAVE, guest);

    action->serial = guest->kept.asked = engine->serial;
    action->text = vs_take_over_text(engine, guest);
}

/* Calls come last: what is kept of a guest, and the record of its run before, stand before them. */
static void
append_calls(VsEngine *engine)
{
    gsize n_calls;
    g_autofree void **calls = g_ptr_array_steal(engine->calls, &n_calls);

    for (gsize i = 0; i < n_calls; i++)
        g_ptr_array_add(engine->out, calls[i]);
}

static void
save_guest(VsEngine *engine, VsGuest *guest)
{
    if (guest->save_at > 0 && engine->now.mono >= guest->save_at)
        vs_engine_heard(engine, guest);
    if (!guest->unsaved)
        return;
    guest->save_at = 0;
    if (engine->simulated)
        return;
    if (guest->run || vs_revive_is_kept(engine, guest))
        save(engine, guest);
    else
        vs_engine_do(engine, VS_ACTION_FORGET, guest);
}

static int64_t
next_timer_of(const VsEngine *engine, const VsGuest *guest)
{
    int64_t next = MIN(vs_run_end_next_timer(engine, guest), vs_description_next_timer(guest));

    if (guest->save_at > 0)
        next = MIN(next, guest->save_at);
    next = MIN(next, vs_revive_next_timer(engine, guest));
    return MIN(next, vs_descent_next_timer(engine, guest));
}

static void
settle_guest(VsEngine *engine, VsGuest *guest)
{
    int64_t next;

    save_guest(engine, guest);
    next = next_timer_of(engine, guest);
    if (guest->stop || (guest->run && guest->run->phase != VS_RUN_ALIVE) ||
        guest->revival.phase == VS_REVIVAL_DUE || next != VS_USEC_INFINITY)
        vs_agenda_set(&engine->agenda, guest, next);
    else
        vs_agenda_remove(&engine->agenda, guest);

    if (guest->gone && !guest->run) {
        vs_engine_do(engine, VS_ACTION_GUEST_REMOVED, guest);
        vs_engine_remove(engine, guest);
        return;
    }
    if (guest->changed)
        vs_engine_do(engine, VS_ACTION_GUEST_CHANGED, guest);
    guest->touched = guest->unsaved = guest->changed = false;
}

static void
save_host_stops(VsEngine *engine)
{
    VsAction *action;

    if (engine->host_stops_unsaved && !engine->simulated) {
        action = vs_engine_do(engine, VS_ACTION_KEEP_HOST_STOPS, NULL);
        action->serial = engine->host_stops_kept.asked = engine->serial;
        action->text = vs_host_stops_to_text(engine->host_stops);
    }
    engine->host_stops_unsaved = false;
}

/* Where libvirt came, went or was listed, or what the host stops' calls wait for is written, all of
 * its guests may do what they couldn't before. */
static bool
concerns_all(const VsEvent *event)
{
    return event->type == VS_EVENT_CONNECTION || event->type == VS_EVENT_LISTED ||
           (event->type == VS_EVENT_WRITTEN && !event->domain);
}

/* The stops go on until then, and what they asked for stands. */
static void
listen(VsEngine *engine)
{
    engine->listens_until = vs_later(engine->now.mono, LISTEN_SPAN);
    for (unsigned i = 0; i < engine->agenda.guests->len; i++) {
        const VsGuest *guest = engine->agenda.guests->pdata[i];

        if (guest->stop && guest->run)
            vs_run_prolong(guest->run, guest->stop->asked_mono, engine->listens_until);
    }
}

/* Of a daemon that stood still what libvirt told meanwhile, and waits to be read, comes before what
 * the clock says: a moment for that, once. */
static void
set_clock(VsEngine *engine, VsTime now)
{
    int64_t due = MAX(vs_engine_next_timer(engine), engine->now.mono);

    engine->now = now;
    if (engine->listens_until > 0) {
        if (now.mono >= engine->listens_until)
            engine->listens_until = 0;
    } else if (!engine->simulated && vs_engine_is_late(now.mono - due)) {
        listen(engine);
    }
}

/* All that this step may have something to do for. */
static void
touch_guests(VsEngine *engine, const VsEvent *event)
{
    VsGuest *guest = event->domain ? vs_engine_get(engine, event->domain) : NULL;

    if (guest)
        vs_engine_touch(engine, guest);
    for (unsigned i = 0; concerns_all(event) && i < engine->agenda.guests->len; i++)
        vs_engine_touch(engine, engine->agenda.guests->pdata[i]);
    while (!vs_engine_listens(engine) && (guest = vs_agenda_first(&engine->agenda)) &&
           guest->due <= engine->now.mono) {
        vs_agenda_remove(&engine->agenda, guest); /* it comes back when the step is over */
        vs_engine_touch(engine, guest);
    }
}

static void
move(VsEngine *engine, const VsEvent *event)
{
    for (unsigned i = 0; i < engine->touched->len; i++)
        vs_process_move(engine, engine->touched->pdata[i]);
    for (unsigned i = 0; i < engine->touched->len; i++)
        vs_run_end_move(engine, engine->touched->pdata[i]);
    for (unsigned i = 0; i < engine->touched->len; i++)
        vs_descent_move(engine, engine->touched->pdata[i]);
    for (unsigned i = 0; i < engine->touched->len; i++)
        vs_description_move(engine, engine->touched->pdata[i]);
    for (unsigned i = 0; i < engine->touched->len; i++)
        vs_revive_move(engine, engine->touched->pdata[i]);
    vs_noted_move(engine);
    vs_host_failure_move(engine);
    if (event->type == VS_EVENT_TAKE_OVER)
        return; /* who takes part in what shows when all is taken over */
    vs_stop_all_move(engine);
    vs_restore_move(engine);
    vs_inquiries_move(engine);
}

/* Facts. */
static bool
take(VsEngine *engine, const VsEvent *event, GError **error)
{
    VsGuest *guest = event->domain ? vs_engine_get(engine, event->domain) : NULL;

    if (guest)
        vs_run_end_give_way(engine, guest, event);
    switch (event->type) {
    case VS_EVENT_TIMER:
        break; /* the machines move in each step */
    case VS_EVENT_CONNECTION:
        vs_connections_connection(engine, event);
        break;
    case VS_EVENT_LISTED:
        vs_connections_listed(engine, event);
        vs_noted_listed(engine, event);
        break;
    case VS_EVENT_LOOKED_UP:
        vs_connections_looked_up(engine, event);
        break;
    case VS_EVENT_INQUIRE:
        return vs_inquiry_begin(engine, event, error);
    case VS_EVENT_FOUND:
        vs_inquiry_take(engine, event);
        break;
    case VS_EVENT_DESCRIBED:
        vs_description_take(engine, event);
        break;
    case VS_EVENT_STATS:
        vs_watch_take(engine, event);
        break;
    case VS_EVENT_JOB:
        vs_detour_job(engine, event);
        break;
    case VS_EVENT_LABELLED:
        vs_guest_labels_event(engine, event);
        break;
    case VS_EVENT_METADATA:
        vs_description_metadata(engine, event);
        break;
    case VS_EVENT_LIFECYCLE:
        vs_guest_events_lifecycle(engine, event);
        break;
    case VS_EVENT_REBOOT:
        vs_guest_events_reboot(engine, event);
        break;
    case VS_EVENT_WATCHDOG:
        vs_guest_events_watchdog(engine, event);
        break;
    case VS_EVENT_AGENT:
        vs_guest_events_agent(engine, event);
        break;
    case VS_EVENT_QMP:
        vs_qmp_events_take(engine, event);
        break;
    case VS_EVENT_LOG:
        vs_run_end_log(engine, event);
        break;
    case VS_EVENT_PAST:
        vs_unseen_take(engine, event);
        break;
    case VS_EVENT_WATCHED:
        vs_process_watched(engine, event);
        break;
    case VS_EVENT_PROCESS:
        vs_process_ended(engine, event);
        break;
    case VS_EVENT_HABIT:
        vs_run_habit_take(engine, event);
        break;
    case VS_EVENT_CANDIDATES:
        vs_run_candidates_take(engine, event);
        break;
    case VS_EVENT_REPLY:
        vs_replies_reply(engine, event);
        break;
    case VS_EVENT_CALL_HELD:
        vs_replies_held(engine, event);
        break;
    case VS_EVENT_WRITTEN:
        vs_replies_written(engine, event);
        break;
    case VS_EVENT_RECORDED:
        vs_run_end_recorded(engine, event);
        vs_host_failure_recorded(engine, event);
        vs_noted_recorded(engine, event);
        break;
    case VS_EVENT_HOOKED:
        vs_hooks_take(engine, event);
        break;
    case VS_EVENT_REQUESTED:
        vs_guest_events_requested(engine, event);
        break;
    case VS_EVENT_STOP:
        return vs_requests_stop(engine, event, error);
    case VS_EVENT_CANCEL:
        return vs_requests_cancel(engine, event, error);
    case VS_EVENT_ESCALATE:
        return vs_requests_escalate(engine, event, error);
    case VS_EVENT_EXTEND:
        return vs_requests_extend(engine, event, error);
    case VS_EVENT_EXTEND_ALL:
        return vs_host_requests_extend(engine, event, error);
    case VS_EVENT_TAKE_OVER:
        return vs_take_over_guest(engine, event, error);
    case VS_EVENT_TAKE_OVER_HOST_STOPS:
        return vs_take_over_host_stops(engine, event, error);
    case VS_EVENT_TAKE_OVER_NOTED:
        return vs_noted_take_over(engine, event, error);
    case VS_EVENT_NOTED:
        vs_noted_kept(engine, event);
        break;
    case VS_EVENT_BOOT_ENDED:
        vs_host_failure_boot_ended(engine, event);
        break;
    case VS_EVENT_FAREWELL:
        vs_noted_farewell(engine);
        break;
    case VS_EVENT_HOST_SHUTDOWN:
        vs_host_requests_set_shutdown(engine, event->host_shutdown.active);
        break;
    case VS_EVENT_STOP_ALL:
        return vs_host_requests_begin(engine, event, error);
    case VS_EVENT_CANCEL_ALL:
        if (event->host_stop)
            return vs_host_requests_cancel_one(engine, event, error);
        vs_host_requests_cancel(engine, event->by, false);
        break;
    case VS_EVENT_RESTORE:
        return vs_restore_begin(engine, event->host_stop, error);
    }
    return true;
}

bool
vs_engine_step(VsEngine *engine, const VsEvent *event, VsTime now, VsActions *actions,
               GError **error)
{
    bool ok = true;

    engine->serial++;
    set_clock(engine, now);
    engine->out = actions;
    vs_connections_heard(engine, event);
    if (vs_event_is_of_past_run(engine, event))
        vs_overtaken_note(engine, event);
    else
        ok = take(engine, event, error);
    vs_connections_timer(engine);
    vs_stop_all_share(engine);
    touch_guests(engine, event);
    move(engine, event);

    if (event->type != VS_EVENT_TAKE_OVER)
        save_host_stops(engine); /* before the stops that name them */
    for (unsigned i = 0; i < engine->touched->len; i++)
        settle_guest(engine, engine->touched->pdata[i]);
    g_ptr_array_set_size(engine->touched, 0);
    vs_noted_save(engine);
    append_calls(engine);
    engine->out = NULL;
    return ok;
}

int64_t
vs_engine_next_timer(const VsEngine *engine)
{
    int64_t next = VS_USEC_INFINITY;
    GHashTableIter iter;
    const VsGuest *guest;
    VsConnection *connection;

    g_hash_table_iter_init(&iter, engine->connections);
    while (g_hash_table_iter_next(&iter, NULL, (void **)&connection))
        next = MIN(next, connection->next_list);

    guest = vs_agenda_first(&engine->agenda);
    if (guest)
        next = MIN(next, guest->due);
    next = MIN(next, vs_stop_all_next_timer(engine));
    next = MIN(next, vs_inquiries_next_timer(engine));
    next = MIN(next, vs_host_failure_next_timer(engine));
    next = MIN(next, vs_noted_next_timer(engine));
    return MAX(MIN(next, vs_restore_next_timer(engine)), engine->listens_until);
}
