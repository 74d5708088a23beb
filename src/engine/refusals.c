/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/refusals.h"

#include "engine/detour.h"
#include "engine/obstacle.h"
#include "engine/replies.h"
#include "engine/save.h"
#include "engine/steps.h"
#include "util/span.h"
#include "util/text.h"

/* libvirt lets nobody press while another job (a migration, a dump) holds the domain. */
#define BUSY_PAUSE (5 * VS_USEC_PER_SEC)

/* Before a press is tried again that found the guest otherwise than it was thought to be. */
#define RETRY_PAUSE (1 * VS_USEC_PER_SEC)

/* Between an answer that a closing port gives and the word that it was closed, which come over
 * different connections. An internal error mostly is what the agent itself answered: the step is
 * held up by it for less long. */
#define PORT_PAUSE     (3 * VS_USEC_PER_SEC)
#define INTERNAL_PAUSE (1 * VS_USEC_PER_SEC)

/* Between libvirt's answer that a guest could not be saved and the word that it runs again. */
#define RESUME_ECHO (2 * VS_USEC_PER_SEC)

/* The monitor was closed, or can't be read any more. */
static bool
is_of_lost_monitor(int code)
{
    return code == VS_LIBVIRT_INTERNAL_ERROR || code == VS_LIBVIRT_SYSTEM_ERROR ||
           code == VS_LIBVIRT_OPERATION_FAILED;
}

static void
press_later(VsEngine *engine, VsStop *stop, int64_t pause)
{
    stop->call.state = VS_CALL_ANSWERED;
    stop->presses -= MIN(stop->presses, 1); /* a reboot begins the count anew */
    stop->next_at = vs_later(engine->now.mono, pause);
}

static void
button_refused(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;

    if (stop->call.code == VS_LIBVIRT_OPERATION_TIMEOUT) {
        press_later(engine, stop, BUSY_PAUSE);
        vs_detour_ask_job(engine, guest);
    } else if (stop->call.code == VS_LIBVIRT_OPERATION_INVALID) {
        /* It is going down, which is no reason to go on, or was paused: see which. */
        press_later(engine, stop, RETRY_PAUSE);
        vs_engine_look_up(engine, guest);
    } else if (is_of_lost_monitor(stop->call.code) && stop->failures == 0) {
        /* So says libvirt, too, where QEMU was gone before the press was answered. */
        stop->failures++;
        press_later(engine, stop, RETRY_PAUSE);
        vs_engine_look_up(engine, guest);
    } else {
        vs_steps_failed(engine, guest, stop->call.message);
    }
}

/* It is paused by now, or sleeps, and is asked when it can be. */
static bool
is_kept(const VsEngine *engine, const VsGuest *guest)
{
    VsRemedy remedy = vs_obstacle_remedy(engine, guest);

    return guest->stop->call.code == VS_LIBVIRT_OPERATION_INVALID && remedy != VS_REMEDY_NONE &&
           remedy != VS_REMEDY_LEAVE;
}

static void
agent_refused(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;
    int code = stop->call.code;
    VsHeard heard = vs_replies_agent_heard(guest->run, stop->call.woke, code, stop->call.took,
                                           engine->now.mono);

    if (heard == VS_HEARD_YES || is_kept(engine, guest)) {
        stop->call.state = VS_CALL_ANSWERED;
    } else if (heard == VS_HEARD_NO && vs_replies_may_have_gone(guest, code, stop->call.took)) {
        stop->call.state = VS_CALL_ANSWERED;
        vs_stop_set_phase(stop, VS_PHASE_SETTLING, engine->now);
        stop->next_at = vs_later(engine->now.mono,
                                 code == VS_LIBVIRT_INTERNAL_ERROR ? INTERNAL_PAUSE : PORT_PAUSE);
    } else {
        if (code == VS_LIBVIRT_AGENT_UNRESPONSIVE && heard == VS_HEARD_NO &&
            guest->description.agent != VS_AGENT_CONNECTED)
            stop->passed |= 1u << stop->step; /* nobody was there; somebody may come */
        vs_steps_failed(engine, guest, stop->call.message);
    }
}

/* libvirt lets a guest run again that it could not save; that is told a moment after the answer. */
static void
save_refused(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;
    g_autofree char *message = vs_text_printable(stop->call.message);

    if (stop->call.repeated && stop->call.code == VS_LIBVIRT_OPERATION_TIMEOUT) {
        stop->call.state = VS_CALL_ANSWERED; /* the one that was lost goes on */
        return;
    }
    if (!vs_save_is_cut(stop))
        vs_steps_note_failed(engine, guest, message);
    vs_stop_end_step(stop, message, engine->now);
    stop->step++;
    vs_stop_set_phase(stop, VS_PHASE_WAITING, engine->now);
    stop->next_at = vs_later(engine->now.mono, RESUME_ECHO);
    vs_engine_look_up(engine, guest);
    vs_engine_unsaved(engine, guest);
}

/* It isn't running any more. A libvirtd that was about to connect to a QEMU that hangs, when that
 * was killed, drops the domain before the destroy is answered. */
static bool
is_of_gone(int code)
{
    return code == VS_LIBVIRT_OPERATION_INVALID || code == VS_LIBVIRT_NO_DOMAIN;
}

void
vs_refusals_take(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;
    g_autofree char *message = NULL;

    if (stop->phase == VS_PHASE_RESUMING) {
        message = vs_text_printable(stop->call.message);
        vs_detour_not_resumed(engine, guest, message);
    } else if (stop->call.method == VS_METHOD_AGENT) {
        agent_refused(engine, guest);
    } else if (stop->call.method == VS_METHOD_POWER_BUTTON) {
        button_refused(engine, guest);
    } else if (stop->call.method == VS_METHOD_SAVE) {
        save_refused(engine, guest);
    } else if (stop->call.method == VS_METHOD_DESTROY && is_of_gone(stop->call.code)) {
        /* Look why, in case its STOPPED doesn't come. */
        stop->call.state = VS_CALL_ANSWERED;
        vs_engine_look_up(engine, guest);
    } else if (vs_method_info(stop->call.method)->effect == VS_EFFECT_ASKS &&
               is_kept(engine, guest)) {
        stop->call.state = VS_CALL_ANSWERED;
    } else {
        vs_steps_failed(engine, guest, stop->call.message);
    }
}
