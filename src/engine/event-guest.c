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

/* Where ids are pids: on a live connection STARTED is told behind the STOPPED of the run before. */
static bool
starts_past_run(const VsGuest *guest, const VsConnection *connection, const VsEvent *event)
{
    if (!is_started(event))
        return false;
    return guest->run
               ? guest->alive > connection->opened_step && guest->domain.id >= 0 &&
                     event->domain->id != guest->domain.id
               : guest->past_step > connection->opened_step && event->domain->id == guest->past_id;
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
        return is_started(event) && guest->past_step > connection->opened_step &&
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
    guest->again = false;
    if (guest->run)
        vs_run_end_doubted(engine, guest, detail);
}

/* Nobody knew it. Where all that run are known it begins just now, and STARTED, which will say so,
 * is only on its way; what is found out meanwhile must not give it a part in a stop of all. */
static VsGuest *
add(VsEngine *engine, const VsDomainId *domain)
{
    VsGuest *guest = vs_engine_add(engine, domain);

    vs_engine_begin_run(engine, guest);
    vs_run_gap(guest->run, engine->now.mono);
    guest->left = vs_engine_is_listed(engine, domain->uri) && vs_engine_is_wanted(engine, guest);
    vs_engine_look_up(engine, guest);
    return guest;
}

VsGuest *
vs_event_guest(VsEngine *engine, const VsEvent *event)
{
    VsGuest *guest = vs_engine_get(engine, event->domain);

    if (!guest && vs_engine_was_removed(engine, event->domain, 0))
        return NULL;
    if (!guest)
        guest = add(engine, event->domain);
    if (is_reboot(event))
        notice_reboot(engine, guest);
    else
        notice_other_run(engine, guest, event);
    if (event->domain->id >= 0 && event->domain->id == guest->domain.id && guest->run &&
        !vs_run_is_over(guest->run))
        guest->owed_until = 0; /* events keep their order: of the run before nothing more comes */
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
