/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/event-guest.h"

#include "core/driver.h"
#include "engine/picture.h"
#include "engine/run-end.h"

static bool
is_told_of_guest(VsEventType type)
{
    return type == VS_EVENT_LIFECYCLE || type == VS_EVENT_REBOOT || type == VS_EVENT_WATCHDOG ||
           type == VS_EVENT_AGENT || type == VS_EVENT_QMP;
}

static bool
is_started(const VsEvent *event)
{
    return event->type == VS_EVENT_LIFECYCLE && event->lifecycle.type == VS_LIFECYCLE_STARTED;
}

/* Its last run has its record, by what this connection found, and no STOPPED of it was told. */
static bool
is_owed(const VsGuest *guest, const VsConnection *connection)
{
    return !guest->past_told && guest->past_step > connection->opened_step;
}

/* Where ids are pids: on a live connection STARTED is told behind the STOPPED of the run before. */
static bool
starts_past_run(const VsGuest *guest, const VsConnection *connection, const VsEvent *event)
{
    if (!is_started(event))
        return false;
    return guest->run ? guest->alive > connection->opened_step && guest->domain.id >= 0 &&
                            event->domain->id != guest->domain.id
                      : is_owed(guest, connection) && event->domain->id == guest->past_id;
}

/* As long as a libvirtd lives, its ids grow, with most drivers. */
bool
vs_event_is_of_past_run(const VsEngine *engine, const VsEvent *event)
{
    const VsGuest *guest =
        is_told_of_guest(event->type) ? vs_engine_get(engine, event->domain) : NULL;
    const VsConnection *connection = guest ? vs_engine_connection_of(engine, guest) : NULL;

    if (!connection || event->domain->id < 0)
        return false;
    if (!vs_driver_of(event->domain->uri)->ids_grow)
        return starts_past_run(guest, connection, event);
    if (!guest->run)
        return is_started(event) && is_owed(guest, connection) &&
               event->domain->id <= guest->past_id;
    return guest->alive > connection->opened_step && event->domain->id < guest->domain.id;
}

/* A container that reboots has another id then. A list may have found that before it was told. */
static bool
is_reboot(const VsEvent *event)
{
    return event->type == VS_EVENT_REBOOT && vs_driver_of(event->domain->uri)->new_id;
}

static void
notice_reboot(VsEngine *engine, VsGuest *guest)
{
    if (!guest->run || guest->run->phase != VS_RUN_MISSED)
        return;
    guest->again = false;
    vs_run_end_not(guest->run);
    vs_engine_unsaved(engine, guest);
}

/* A guest that went and came unseen has a new id. What its new run says while the log of the old
 * one is read is lost, but for its end. */
static void
notice_other_run(VsEngine *engine, VsGuest *guest, const VsEvent *event)
{
    if (guest->run && !vs_run_is_over(guest->run) && guest->domain.id >= 0 &&
        event->domain->id >= 0 && guest->domain.id != event->domain->id) {
        vs_run_end_replaced(engine, guest);
        guest->again = true;
    }
}

static bool
is_stopped(const VsEvent *event)
{
    return event->type == VS_EVENT_LIFECYCLE && event->lifecycle.type == VS_LIFECYCLE_STOPPED;
}

/* Whether a STOPPED may tell of a run that has its record. */
static bool
may_be_straggler(const VsEngine *engine, const VsGuest *guest)
{
    return !guest->run ||
           (guest->run->phase == VS_RUN_ALIVE && engine->now.mono < guest->owed_until);
}

/* What was found out before it is older; how the guest is now is asked for anew. */
static void
note_straggler(VsEngine *engine, VsGuest *guest, int detail)
{
    guest->seen = engine->serial;
    guest->owed_until = 0;
    guest->past_told = true;
    guest->again = false;
    if (guest->run)
        vs_run_end_doubted(engine, guest, detail);
}

/* Nobody knew of it. Where all that run are known it begins just now, and STARTED, which
 * will say so, is only on its way; what is found out meanwhile must not give it a part in a stop of
 * all. */
static void
begin_unknown_run(VsEngine *engine, VsGuest *guest)
{
    vs_engine_begin_run(engine, guest);
    vs_run_gap(guest->run, engine->now.mono);
    guest->left =
        vs_engine_is_listed(engine, guest->domain.uri) && vs_engine_is_wanted(engine, guest);
    vs_engine_look_up(engine, guest);
}

static bool
is_shutdown(const VsEvent *event)
{
    return event->type == VS_EVENT_LIFECYCLE
               ? event->lifecycle.type == VS_LIFECYCLE_SHUTDOWN
               : event->type == VS_EVENT_QMP && g_str_equal(event->qmp.event, "SHUTDOWN");
}

/* A guest that was off began to run while nobody listened, and that is told before the first list,
 * or so late that it had ended by then. What else is told of one that is off, once it is listed, is
 * quicker than its STARTED, or of a start, or a migration to here, that failed. */
static bool
is_of_unknown_run(const VsEngine *engine, const VsGuest *guest, const VsEvent *event)
{
    const VsConnection *connection = vs_engine_connection_of(engine, guest);
    bool listed = !connection || connection->phase >= VS_CONNECTION_LISTED;
    bool ended_here = connection && guest->past_step > connection->opened_step;

    if (guest->run || (listed && !is_shutdown(event)))
        return false;
    if (event->domain->id < 0)
        return !ended_here && engine->now.mono >= guest->owed_until;
    return !ended_here ||
           (vs_driver_of(guest->domain.uri)->ids_grow && event->domain->id > guest->past_id);
}

VsGuest *
vs_event_guest(VsEngine *engine, const VsEvent *event)
{
    VsGuest *guest = vs_engine_get(engine, event->domain);
    bool unknown = !guest || is_of_unknown_run(engine, guest, event);

    if (!guest && vs_engine_was_removed(engine, event->domain, 0))
        return NULL;
    if (!guest)
        guest = vs_engine_add(engine, event->domain);
    if (unknown)
        begin_unknown_run(engine, guest);
    if (is_reboot(event))
        notice_reboot(engine, guest);
    else
        notice_other_run(engine, guest, event);
    if (event->domain->id >= 0 && event->domain->id == guest->domain.id && guest->run &&
        !vs_run_is_over(guest->run))
        /* Events keep their order: of the runs before nothing more comes. */
        guest->owed_until = guest->overtaken_id = 0;
    if (is_stopped(event) && may_be_straggler(engine, guest)) {
        note_straggler(engine, guest, event->lifecycle.detail);
        return NULL;
    }
    if (!guest->run || vs_run_is_over(guest->run))
        return NULL;
    guest->seen = guest->alive = engine->serial;
    guest->taken_over = false;
    if (event->domain->id >= 0 && guest->domain.id != event->domain->id) {
        guest->domain.id = event->domain->id;
        vs_engine_changed(engine, guest);
    }
    vs_engine_heard(engine, guest);
    return guest;
}
