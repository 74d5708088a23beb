/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/steps.h"

#include <syslog.h>

#include "engine/description.h"
#include "engine/hooks.h"
#include "engine/intent.h"
#include "engine/save.h"
#include "engine/obstacle.h"
#include "engine/stop-end.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"

/* What a resume may take; a guest that is paused still can't be asked. */
#define RESUME_SPAN (10 * VS_USEC_PER_SEC)

static void
witness_call(VsEngine *engine, VsGuest *guest, VsMethod method)
{
    json_object *item = vs_evidence_new(engine->now.real, "request");

    vs_json_set_string(item, "method", vs_method_name(method));
    vs_run_witness(guest->run, item);
}

static bool
has_saved(const VsStop *stop)
{
    for (unsigned i = 0; i < stop->taken->len; i++)
        if (((const VsStepTaken *)stop->taken->pdata[i])->method == VS_METHOD_SAVE)
            return true;
    return false;
}

void
vs_steps_make_call(VsEngine *engine, VsGuest *guest)
{
    VsCall *call = &guest->stop->call;
    VsAction *action = vs_engine_do(engine, VS_ACTION_CALL, guest);

    /* Only now: what came since that was to be, such as a reboot, is no answer to it. */
    vs_run_asked(guest->run, call->method, call->id, engine->now.mono, guest->stop->deadline);
    call->state = VS_CALL_MADE;
    call->attempt = guest->run->attempt;
    call->since = engine->now.mono;
    action->call = call->id;
    action->method = call->method;
    action->bypass_cache = engine->policy.bypass_cache;
    action->clears_reboot = guest->run->reboot.off;
    action->drops_save = has_saved(guest->stop);
}

/* The phase's call; its deadline is set. */
static void
call(VsEngine *engine, VsGuest *guest, VsMethod method)
{
    VsStop *stop = guest->stop;
    bool repeated = stop->call.state == VS_CALL_LOST && stop->call.method == method &&
                    vs_run_was_asked(guest->run, method);

    witness_call(engine, guest, method);
    vs_call_clear(&stop->call);
    stop->call = (VsCall){.state = VS_CALL_INTENT,
                          .method = method,
                          .id = ++engine->n_calls,
                          .attempt = guest->run->attempt,
                          .repeated = repeated,
                          .since = engine->now.mono};
    vs_intent_begin(engine, guest);
    vs_run_asked(guest->run, method, stop->call.id, engine->now.mono, stop->deadline);
    vs_run_prolong(guest->run, stop->asked_mono, stop->deadline);
    if (engine->simulated)
        vs_steps_make_call(engine, guest); /* nothing is kept */
    vs_engine_stop_changed(engine, guest);
}

static void
press(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;
    const VsStep *step = vs_stop_step(stop);

    if (stop->presses >= step->presses)
        stop->presses = 0; /* all of them once more */
    stop->presses++;
    stop->next_at = VS_USEC_INFINITY;
    if (stop->presses < step->presses)
        stop->next_at = vs_later(engine->now.mono, step->gap);
    else if (stop->boots > 0)
        stop->next_at = vs_later(engine->now.mono, stop->boots *= 2);
    call(engine, guest, VS_METHOD_POWER_BUTTON);
}

int64_t
vs_steps_span(const VsEngine *engine, const VsStop *stop)
{
    int64_t left = MAX(stop->until - engine->now.mono, 0);
    int64_t span = stop->until == 0 ? vs_stop_step(stop)->span
                                    : vs_ladder_fit_step(&stop->ladder, stop->step, left);

    return vs_later(span, stop->more);
}

static void
begin(VsEngine *engine, VsGuest *guest, const VsStep *step)
{
    VsStop *stop = guest->stop;
    g_autofree char *name = vs_text_quoted(guest->domain.name);
    g_autofree char *span = NULL;
    int64_t usec;

    stop->more = 0;
    usec = vs_steps_span(engine, stop);
    span = vs_span_say(usec);
    vs_stop_set_phase(stop,
                      vs_method_info(step->method)->effect == VS_EFFECT_FORCES ? VS_PHASE_DESTROYING
                                                                               : VS_PHASE_ASKED,
                      engine->now);
    stop->deadline = vs_later(engine->now.mono, usec);
    stop->presses = stop->failures = 0;
    stop->rebooted = 0;
    stop->boots = 0;
    stop->next_at = VS_USEC_INFINITY;
    stop->interrupted = VS_INTERRUPTED_NOT;
    stop->freed = 0;
    vs_stop_begin_step(stop, step->method, engine->now);
    vs_engine_note(engine, guest, LOG_INFO, _("%s: step %s; time limit: %s"), name,
                   vs_method_name(step->method), span);
    vs_hooks_step(engine, guest, usec);
    if (vs_method_info(step->method)->presses)
        press(engine, guest);
    else
        call(engine, guest, step->method);
}

static void
pass_over(VsEngine *engine, VsGuest *guest, const VsStep *step, const char *why)
{
    g_autofree char *name = vs_text_quoted(guest->domain.name);

    vs_stop_begin_step(guest->stop, step->method, engine->now);
    vs_stop_end_step(guest->stop, why, engine->now);
    vs_engine_note(engine, guest, LOG_NOTICE, _("%s: step %s is passed over: %s"), name,
                   vs_method_name(step->method), _(why));
    guest->stop->passed |= 1u << guest->stop->step;
    guest->stop->step++;
}

/* A ladder that ends without destroy leaves the guest as it is. */
static void
leave(VsEngine *engine, VsGuest *guest)
{
    g_autofree char *name = vs_text_quoted(guest->domain.name);

    vs_engine_note(engine, guest, LOG_WARNING, _("%s did not go down in time, and is left running"),
                   name);
    vs_run_let_expire(guest->run, engine->now.mono);
    vs_stop_end(engine, guest, VS_OUTCOME_TIMED_OUT);
}

/* A budget is over, and ends the guest: what is left is a destroy's time. */
static bool
has_time_to_save(const VsEngine *engine, const VsStop *stop)
{
    const VsHostStop *host_stop = vs_engine_host_stop_of(engine, stop);

    return host_stop ? host_stop->phase < VS_HOST_STOP_LAST_CALL
                     : stop->until == 0 || engine->now.mono < stop->until;
}

/* What keeps the guest from being asked is done away with first, as its policy says. Where that is
 * another step, the stop stands at it then. */
static VsRemedy
take_remedy(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;
    VsRemedy remedy =
        vs_obstacle_matters(stop) ? vs_obstacle_remedy(engine, guest) : VS_REMEDY_NONE;
    bool forces = vs_method_info(vs_stop_step(stop)->method)->effect == VS_EFFECT_FORCES;

    if ((remedy == VS_REMEDY_RESUME || remedy == VS_REMEDY_WAKE) &&
        (forces || vs_obstacle_was_tried(guest)))
        return VS_REMEDY_NONE;
    if (remedy == VS_REMEDY_SAVE &&
        ((forces && !has_time_to_save(engine, stop)) || !vs_obstacle_put_save(stop)))
        return VS_REMEDY_NONE;
    if (remedy == VS_REMEDY_DESTROY && vs_ladder_forces(&stop->ladder))
        stop->step = stop->ladder.n_steps - 1;
    return remedy == VS_REMEDY_LEAVE && !forces ? VS_REMEDY_NONE : remedy;
}

void
vs_steps_take(VsEngine *engine, VsGuest *guest)
{
    const VsStep *step;

    while ((step = vs_stop_step(guest->stop)) && step->method != VS_METHOD_LEAVE) {
        VsRemedy remedy = take_remedy(engine, guest);
        const char *why;

        if (remedy == VS_REMEDY_RESUME || remedy == VS_REMEDY_WAKE) {
            vs_steps_resume(engine, guest);
            return;
        }
        if (remedy == VS_REMEDY_LEAVE)
            break;
        step = vs_stop_step(guest->stop);
        /* What libvirt is about with the guest it waits for itself. */
        why = remedy == VS_REMEDY_WAIT ? NULL : vs_guest_why_not(guest, step->method);
        if (!why) {
            if (vs_description_is_missing(guest, step->method))
                vs_description_do_without(engine, guest);
            begin(engine, guest, step);
            return;
        }
        pass_over(engine, guest, step, why);
    }
    leave(engine, guest);
}

void
vs_steps_resume(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;
    VsMethod method = guest->state == VS_STATE_PMSUSPENDED ? VS_METHOD_WAKE : VS_METHOD_RESUME;

    if (stop->phase != VS_PHASE_RESUMING) {
        vs_stop_set_phase(stop, VS_PHASE_RESUMING, engine->now);
        vs_stop_begin_step(stop, method, engine->now);
    }
    stop->deadline = vs_later(engine->now.mono, RESUME_SPAN);
    call(engine, guest, vs_stop_last_taken(stop)->method);
}

void
vs_steps_call_again(VsEngine *engine, VsGuest *guest)
{
    call(engine, guest, vs_stop_step(guest->stop)->method);
}

void
vs_steps_press_again(VsEngine *engine, VsGuest *guest)
{
    press(engine, guest);
}

void
vs_steps_next(VsEngine *engine, VsGuest *guest, const char *result)
{
    VsStop *stop = guest->stop;
    const VsStep *step = vs_stop_step(stop);

    if (vs_save_goes_on(stop)) {
        vs_save_cut(engine, guest, result);
        return;
    }
    vs_stop_end_step(stop, result, engine->now);
    vs_stop_drop_call(engine, guest);
    if (stop->phase == VS_PHASE_RESUMING && stop->interrupted == VS_INTERRUPTED_NOT) {
        vs_steps_take(engine, guest);
        return;
    }
    if (step && vs_method_info(step->method)->effect == VS_EFFECT_FORCES) {
        vs_stop_end(engine, guest, VS_OUTCOME_FAILED);
        return;
    }
    stop->step++;
    vs_stop_set_phase(stop, VS_PHASE_WAITING, engine->now);
    vs_engine_unsaved(engine, guest);
    if (guest->run->phase == VS_RUN_ALIVE && vs_engine_can_act(engine, guest))
        vs_steps_take(engine, guest);
}

void
vs_steps_note_failed(VsEngine *engine, VsGuest *guest, const char *message)
{
    g_autofree char *name = vs_text_quoted(guest->domain.name);

    vs_engine_note(engine, guest, LOG_NOTICE, _("%s: step %s did not work: %s"), name,
                   vs_method_name(vs_stop_step(guest->stop)->method), message);
}

void
vs_steps_failed(VsEngine *engine, VsGuest *guest, const char *why)
{
    g_autofree char *message = vs_text_printable(why);

    vs_steps_note_failed(engine, guest, message);
    vs_steps_next(engine, guest, message);
}
