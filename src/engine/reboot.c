/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/reboot.h"

#include <syslog.h>

#include "engine/due.h"
#include "engine/steps.h"
#include "engine/stop-end.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"

/* What a guest asked for before it rebooted is forgotten with it, but the step's time runs on, and
 * so does the ladder. It is asked again when it is up: that an agent shows, and else nothing. A
 * press that comes too early is lost and does no harm, so it is pressed after a while, and once
 * more each time that twice as long has passed, until the step's end. */
#define BOOT_SPAN (5 * VS_USEC_PER_SEC)

/* It may have been on its way off when the stop came to this step. */
static bool
has_begun_step(const VsStop *stop)
{
    const VsStepTaken *last = vs_stop_last_taken(stop);
    const VsStep *step = vs_stop_step(stop);

    return step && last && last->method == step->method && stop->deadline != VS_USEC_INFINITY;
}

static VsStopPhase
phase_after_reboot(const VsStop *stop)
{
    if (vs_stop_is_queued(stop))
        return VS_PHASE_QUEUED;
    if (stop->phase >= VS_PHASE_GOING_OFF && !has_begun_step(stop))
        return VS_PHASE_WAITING;
    return VS_PHASE_ASKED;
}

static unsigned
retries_of(const VsEngine *engine, const VsGuest *guest)
{
    VsGuestPolicy policy;

    vs_guest_policy(guest, &engine->policy, &policy);
    return policy.retries;
}

/* Its system has come down in order, only to begin anew; and whoever is asked often enough, or is
 * set to do that each time, is ended at that moment: nothing is lost by it. */
static bool
ends_here(const VsEngine *engine, const VsGuest *guest)
{
    const VsStop *stop = guest->stop;

    return guest->run->reboot.down && has_begun_step(stop) &&
           stop->step + 1 < stop->ladder.n_steps && vs_ladder_forces(&stop->ladder) &&
           stop->retries >= retries_of(engine, guest);
}

static void
end_here(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;
    g_autofree char *name = vs_text_quoted(guest->domain.name);

    vs_engine_note(engine, guest, LOG_NOTICE,
                   _("%s: its system came down, but begins anew: it is ended here"), name);
    guest->run->reboot.ends = true;
    vs_stop_drop_call(engine, guest);
    stop->step = stop->ladder.n_steps - 1;
    vs_stop_set_phase(stop, VS_PHASE_WAITING, engine->now);
    vs_engine_stop_followed(engine, guest);
}

/* Firmware's own resets put off what was planned before them. */
static void
plan_to_ask_again(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;
    bool asks = vs_method_info(vs_stop_step(stop)->method)->effect == VS_EFFECT_ASKS;

    stop->presses = stop->failures = 0;
    stop->boots = 0;
    stop->rebooted = MAX(engine->serial, 1);
    stop->next_at = asks && stop->retries < retries_of(engine, guest)
                        ? vs_later(engine->now.mono, BOOT_SPAN)
                        : VS_USEC_INFINITY;
}

/* Also one that was thought to have gone down. */
static void
end_step(VsStop *stop, VsTime now)
{
    VsStepTaken *last = vs_stop_last_taken(stop);

    vs_stop_end_step(stop, "rebooted", now);
    if (last && stop->phase >= VS_PHASE_GOING_OFF && has_begun_step(stop)) {
        g_free(last->result);
        last->result = g_strdup("rebooted");
    }
}

void
vs_reboot_take(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;
    VsStopPhase phase;

    stop->attempt = guest->run->attempt;
    if (stop->phase == VS_PHASE_RESUMING && stop->interrupted != VS_INTERRUPTED_NOT)
        plan_to_ask_again(engine, guest); /* when it runs */
    if (stop->phase <= VS_PHASE_RESUMING || stop->phase == VS_PHASE_DESTROYING)
        return;
    end_step(stop, engine->now);
    if (vs_stop_is_queued(stop) && !vs_engine_host_stop_of(engine, stop)) {
        vs_stop_end(engine, guest, VS_OUTCOME_CANCELLED); /* nobody gives it its turn any more */
        return;
    }
    if (ends_here(engine, guest)) {
        end_here(engine, guest);
        return;
    }
    phase = phase_after_reboot(stop);
    if (phase == VS_PHASE_ASKED && !vs_call_is_out(&stop->call))
        stop->call.state = VS_CALL_ANSWERED;
    vs_stop_set_phase(stop, phase, engine->now);
    stop->next_at = VS_USEC_INFINITY;
    if (phase == VS_PHASE_ASKED)
        plan_to_ask_again(engine, guest);
    vs_engine_stop_followed(engine, guest);
}

static void
note_asked_again(VsEngine *engine, VsGuest *guest)
{
    g_autofree char *name = vs_text_quoted(guest->domain.name);

    vs_engine_note(engine, guest, LOG_INFO,
                   _("%s rebooted, and is asked again (%u of %u): step %s"), name,
                   guest->stop->retries, retries_of(engine, guest),
                   vs_method_name(vs_stop_step(guest->stop)->method));
}

void
vs_reboot_ask_again(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;
    VsMethod method = vs_stop_step(stop)->method;
    bool is_up = vs_guest_is_up_since(guest, stop->rebooted);

    if (vs_guest_why_not(guest, method)) {
        stop->next_at = vs_later(engine->now.mono, BOOT_SPAN);
        stop->rebooted = MAX(engine->serial, 1); /* whether it is up is seen anew */
        return;
    }
    if (vs_due_missed_press(engine, guest))
        stop->deadline = vs_later(engine->now.mono, vs_steps_span(engine, stop));
    stop->retries++;
    stop->rebooted = 0;
    stop->boots = is_up ? 0 : BOOT_SPAN;
    stop->next_at = VS_USEC_INFINITY;
    vs_stop_begin_step(stop, method, engine->now);
    note_asked_again(engine, guest);
    if (vs_method_info(method)->presses)
        vs_steps_press_again(engine, guest);
    else
        vs_steps_call_again(engine, guest);
}
