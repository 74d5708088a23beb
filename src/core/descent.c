/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/engine-private.h"

#include <syslog.h>

#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"

/* A guest's way down the ladder. vs_descent_advance() looks at where a stop stands and does what is
 * due; it is called whenever something happened, and does nothing twice. */

/* What a resume may take; a guest that is paused still can't be asked. */
#define RESUME_SPAN (10 * VS_USEC_PER_SEC)

/* Between the system's end and the process's: libvirt kills at 10 s and gives up at 40 s. */
#define REAP_SPAN (45 * VS_USEC_PER_SEC)

static bool
is_paused(const VsGuest *guest)
{
    return guest->state == VS_STATE_PAUSED;
}

/* Why the step can't work, known without trying; NULL where it may. */
static const char *
why_pass_over(const VsGuest *guest, VsMethod method)
{
    if (method == VS_METHOD_DESTROY || method == VS_METHOD_LEAVE ||
        (method == VS_METHOD_SAVE && is_paused(guest)))
        return NULL;
    if (is_paused(guest))
        return N_("the domain is paused");
    if (guest->state == VS_STATE_PMSUSPENDED)
        return N_("the domain is suspended");
    if (guest->state == VS_STATE_CRASHED)
        return N_("the domain has crashed");
    if (method == VS_METHOD_AGENT && guest->agent == VS_AGENT_NONE)
        return N_("no agent channel");
    if (method == VS_METHOD_AGENT && guest->agent == VS_AGENT_DISCONNECTED)
        return N_("the agent isn't connected");
    return NULL;
}

static void
stop_changed(VsEngine *engine, VsGuest *guest)
{
    vs_engine_do(engine, VS_ACTION_STOP_CHANGED, guest)->stop = guest->stop->id;
    vs_engine_unsaved(engine, guest);
}

void
vs_descent_asked(VsEngine *engine, VsGuest *guest, VsMethod method, int64_t expires)
{
    VsRun *run = guest->run;
    VsAsked asked = {.is = true, .own = true, .at = engine->now.mono, .expires = expires};

    if (method == VS_METHOD_AGENT)
        run->agent = asked;
    else if (method == VS_METHOD_POWER_BUTTON)
        run->button = asked;
    else if (method == VS_METHOD_DESTROY)
        run->destroy_called = true;
    vs_run_prolong(run, expires);
}

json_object *
vs_descent_evidence(VsEngine *engine, const char *source, VsMethod method)
{
    json_object *item = vs_evidence_new(engine->now.real, source);

    vs_json_set_string(item, "method", vs_method_name(method));
    return item;
}

static void
call(VsEngine *engine, VsGuest *guest, VsMethod method)
{
    VsStop *stop = guest->stop;
    VsAction *action;

    vs_run_witness(guest->run, vs_descent_evidence(engine, "request", method));
    vs_descent_asked(engine, guest, method, stop->deadline);
    stop->call = ++engine->n_calls;
    stop->answered = false;
    if (method == VS_METHOD_DESTROY)
        stop->destroying = true;

    action = vs_engine_do(engine, VS_ACTION_CALL, guest);
    action->call = stop->call;
    action->method = method;
    action->bypass_cache = engine->policy.bypass_cache;
    stop_changed(engine, guest);
}

static void
press(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;
    const VsStep *step = vs_stop_step(stop);

    stop->presses++;
    stop->next_press =
        stop->presses < step->presses ? vs_later(engine->now.mono, step->gap) : VS_USEC_INFINITY;
    call(engine, guest, VS_METHOD_POWER_BUTTON);
}

static void
do_step(VsEngine *engine, VsGuest *guest, const VsStep *step)
{
    if (step->method == VS_METHOD_POWER_BUTTON)
        press(engine, guest);
    else
        call(engine, guest, step->method);
}

/* What a step before it did not need of the host's budget is this one's. */
static int64_t
span_of(const VsEngine *engine, const VsStop *stop)
{
    if (stop->until == 0)
        return vs_stop_step(stop)->span;
    return vs_ladder_fit_step(&stop->ladder, stop->step, MAX(stop->until - engine->now.mono, 0));
}

static void
begin_step(VsEngine *engine, VsGuest *guest, const VsStep *step)
{
    VsStop *stop = guest->stop;
    g_autofree char *name = vs_text_quoted(guest->domain.name);
    int64_t usec = span_of(engine, stop);
    g_autofree char *span = vs_span_format(usec, false);

    stop->phase = VS_PHASE_ASKED;
    stop->deadline = vs_later(engine->now.mono, usec);
    stop->presses = 0;
    stop->press_failed = false;
    stop->next_press = VS_USEC_INFINITY;
    vs_stop_begin_step(stop, step->method, engine->now);
    vs_engine_note(engine, guest, LOG_INFO, _("%s: step %s, for at most %s"), name,
                   vs_method_name(step->method), span);
    do_step(engine, guest, step);
}

static void
pass_over(VsEngine *engine, VsGuest *guest, const VsStep *step, const char *why)
{
    g_autofree char *name = vs_text_quoted(guest->domain.name);

    vs_stop_begin_step(guest->stop, step->method, engine->now);
    vs_stop_end_step(guest->stop, why, engine->now);
    vs_engine_note(engine, guest, LOG_NOTICE, _("%s: step %s is passed over: %s"), name,
                   vs_method_name(step->method), _(why));
    guest->stop->step++;
}

/* A ladder that ends without destroy leaves the guest as it is. */
static void
leave(VsEngine *engine, VsGuest *guest)
{
    g_autofree char *name = vs_text_quoted(guest->domain.name);

    vs_engine_note(engine, guest, LOG_WARNING, _("%s did not go down in time, and is left running"),
                   name);
    guest->run->agent.expires = MIN(guest->run->agent.expires, engine->now.mono);
    guest->run->button.expires = MIN(guest->run->button.expires, engine->now.mono);
    vs_descent_finish(engine, guest, VS_OUTCOME_TIMED_OUT);
}

/* Takes the step that the stop stands at, or the first behind it that can work. */
void
vs_descent_take_step(VsEngine *engine, VsGuest *guest)
{
    const VsStep *step;

    while ((step = vs_stop_step(guest->stop))) {
        const char *why = why_pass_over(guest, step->method);

        if (step->method == VS_METHOD_LEAVE)
            break;
        if (!why) {
            begin_step(engine, guest, step);
            return;
        }
        pass_over(engine, guest, step, why);
    }
    leave(engine, guest);
}

static void
resume(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;

    stop->phase = VS_PHASE_RESUMING;
    stop->deadline = vs_later(engine->now.mono, RESUME_SPAN);
    vs_stop_begin_step(stop, VS_METHOD_RESUME, engine->now);
    call(engine, guest, VS_METHOD_RESUME);
}

/* Somebody who is to be asked must be able to hear. */
static bool
wants_resume(const VsEngine *engine, const VsGuest *guest)
{
    const VsStep *step = vs_stop_step(guest->stop);
    VsGuestPolicy policy;

    if (!is_paused(guest) || guest->stop->taken->len > 0)
        return false;
    vs_policy_resolve(&engine->policy, guest->domain.name, &policy);
    return policy.resume_paused && step && step->method != VS_METHOD_SAVE &&
           step->method != VS_METHOD_DESTROY && step->method != VS_METHOD_LEAVE;
}

static void
begin(VsEngine *engine, VsGuest *guest)
{
    if (wants_resume(engine, guest))
        resume(engine, guest);
    else
        vs_descent_take_step(engine, guest);
}

void
vs_descent_next_step(VsEngine *engine, VsGuest *guest, const char *result)
{
    VsStop *stop = guest->stop;
    const VsStep *step = vs_stop_step(stop);

    vs_stop_end_step(stop, result, engine->now);
    stop->call = 0;
    if (stop->phase == VS_PHASE_RESUMING) {
        vs_descent_take_step(engine, guest);
        return;
    }
    if (step && step->method == VS_METHOD_DESTROY) {
        vs_descent_finish(engine, guest, VS_OUTCOME_FAILED);
        return;
    }
    stop->step++;
    stop->phase = VS_PHASE_WAITING;
    stop->deadline = VS_USEC_INFINITY;
    vs_engine_unsaved(engine, guest);
    if (vs_hosts_can_act(engine, guest))
        vs_descent_take_step(engine, guest);
}

/* The system is down, but the process stays: only a destroy can help now. */
static void
reap(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;
    const VsStep *last = &stop->ladder.steps[stop->ladder.n_steps - 1];

    if (stop->destroying || last->method != VS_METHOD_DESTROY) {
        vs_stop_end_step(stop, "process stays", engine->now);
        vs_descent_finish(engine, guest, VS_OUTCOME_FAILED);
        return;
    }
    stop->step = stop->ladder.n_steps - 1;
    vs_descent_take_step(engine, guest);
}

static void
press_again(VsEngine *engine, VsGuest *guest)
{
    /* Where no press was taken yet the step can turn out not to work. */
    const char *why =
        guest->stop->presses == 0 ? why_pass_over(guest, VS_METHOD_POWER_BUTTON) : NULL;

    if (why)
        vs_descent_next_step(engine, guest, why);
    else
        press(engine, guest);
}

static void
look_again(VsEngine *engine, VsGuest *guest)
{
    if (vs_stop_step(guest->stop)->method == VS_METHOD_AGENT)
        vs_answer_agent_settled(engine, guest);
    else
        press_again(engine, guest);
}

/* The next press was due while libvirt was away. */
static bool
missed_press(const VsEngine *engine, const VsGuest *guest)
{
    return vs_stop_step(guest->stop)->method == VS_METHOD_POWER_BUTTON &&
           guest->stop->next_press < vs_hosts_opened_at(engine, guest);
}

/* The step's call was lost, or a daemon before us didn't get to it, or to the next press. Of a
 * host's budget there is as much as there is: a guest that couldn't be reached has its time when it
 * can. */
static void
reach_again(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;

    if (engine->now.mono < stop->retry_at)
        return;
    if (stop->until > 0)
        stop->deadline = vs_later(engine->now.mono, span_of(engine, stop));
    if (stop->answered)
        press_again(engine, guest);
    else
        call(engine, guest, vs_stop_step(stop)->method);
}

static void
advance_asked(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;
    bool unreached = stop->call == 0 && (!stop->answered || missed_press(engine, guest));

    if (engine->now.mono >= stop->deadline && !(unreached && stop->until > 0))
        vs_descent_next_step(engine, guest, "deadline");
    else if (unreached)
        reach_again(engine, guest);
    else if (stop->call == 0 && engine->now.mono >= stop->next_press)
        look_again(engine, guest);
}

static void
advance_resuming(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;
    bool due = engine->now.mono >= stop->deadline;

    if (!is_paused(guest) || (due && (stop->call != 0 || stop->answered))) {
        vs_stop_end_step(stop, is_paused(guest) ? "deadline" : "resumed", engine->now);
        vs_descent_take_step(engine, guest);
    } else if (stop->call == 0 && !stop->answered && engine->now.mono >= stop->retry_at) {
        stop->deadline = vs_later(engine->now.mono, RESUME_SPAN);
        call(engine, guest, VS_METHOD_RESUME); /* it was lost */
    }
}

void
vs_descent_advance(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;

    if (!stop || stop->adopted || !guest->run || guest->run->ended ||
        !vs_hosts_can_act(engine, guest))
        return;
    switch (stop->phase) {
    case VS_PHASE_WAITING:
        begin(engine, guest);
        break;
    case VS_PHASE_RESUMING:
        advance_resuming(engine, guest);
        break;
    case VS_PHASE_ASKED:
        advance_asked(engine, guest);
        break;
    case VS_PHASE_GOING_OFF:
        if (engine->now.mono >= stop->reap_until)
            reap(engine, guest);
        break;
    default:
        break;
    }
}

void
vs_descent_going_off(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;

    if (!stop || stop->destroying || stop->phase >= VS_PHASE_GOING_OFF)
        return;
    if (guest->run->shutdown < VS_SHUTDOWN_REASON_HOST_SIGNAL) /* else it is being cut off */
        vs_stop_end_step(stop, "went down", engine->now);
    stop->phase = VS_PHASE_GOING_OFF;
    stop->reap_until = vs_later(engine->now.mono, REAP_SPAN);
    stop_changed(engine, guest);
}

/* It may have been on its way off when the stop came to this step. */
static bool
has_begun_step(const VsStop *stop)
{
    const VsStepTaken *last =
        stop->taken->len > 0 ? stop->taken->pdata[stop->taken->len - 1] : NULL;
    const VsStep *step = vs_stop_step(stop);

    return step && last && last->method == step->method && stop->deadline != VS_USEC_INFINITY;
}

/* The guest rebooted: what it was asked is forgotten, but the step's time runs on, and so does the
 * ladder. */
void
vs_descent_new_attempt(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;

    if (!stop || stop->adopted || stop->destroying || stop->phase <= VS_PHASE_RESUMING)
        return;
    vs_stop_end_step(stop, "rebooted", engine->now);
    if (stop->phase == VS_PHASE_GOING_OFF)
        stop->phase = has_begun_step(stop) ? VS_PHASE_ASKED : VS_PHASE_WAITING;
    stop->answered = true;
    stop->next_press = VS_USEC_INFINITY;
    stop_changed(engine, guest);
}

/* There is no time for more than that. */
void
vs_descent_to_last_step(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;

    if (stop->destroying || stop->phase >= VS_PHASE_GOING_OFF)
        return;
    vs_stop_end_step(stop, "budget", engine->now);
    stop->call = 0;
    stop->step = stop->ladder.n_steps - 1;
    stop->phase = VS_PHASE_WAITING;
    stop->deadline = VS_USEC_INFINITY;
    stop_changed(engine, guest);
    vs_descent_advance(engine, guest);
}

void
vs_descent_finish(VsEngine *engine, VsGuest *guest, VsOutcome outcome)
{
    VsStop *stop = guest->stop;
    VsAction *action = vs_engine_do(engine, VS_ACTION_STOP_FINISHED, guest);

    vs_host_stop_done(engine, guest, outcome);
    action->stop = stop->id;
    action->outcome = outcome;
    vs_stop_end_step(stop, vs_outcome_name(outcome), engine->now);

    /* What the guest was asked can't be taken back: it may still go down for it. */
    if (guest->run) {
        g_clear_pointer(&guest->run->past_request, json_object_put);
        guest->run->past_request = vs_stop_request(stop, outcome);
    }
    g_clear_pointer(&guest->stop, vs_stop_free);
    vs_engine_unsaved(engine, guest);
    vs_engine_changed(engine, guest);
}

static int64_t
next_call(const VsStop *stop)
{
    if (stop->call != 0)
        return VS_USEC_INFINITY;
    return stop->answered ? stop->next_press : stop->retry_at;
}

int64_t
vs_descent_next_timer(const VsEngine *engine, const VsGuest *guest)
{
    const VsStop *stop = guest->stop;
    int64_t settled;

    if (guest->run && guest->run->ended)
        return guest->run->log_deadline;
    if (!stop || stop->adopted || !guest->run || guest->restored)
        return VS_USEC_INFINITY;
    settled = vs_hosts_settled_at(engine, guest);
    switch (stop->phase) {
    case VS_PHASE_WAITING:
        return settled;
    case VS_PHASE_ASKED:
        return MAX(settled, MIN(stop->deadline, next_call(stop)));
    case VS_PHASE_RESUMING:
        return MAX(settled, stop->call == 0 && !stop->answered ? stop->retry_at : stop->deadline);
    case VS_PHASE_GOING_OFF:
        return MAX(settled, stop->reap_until);
    default:
        return VS_USEC_INFINITY;
    }
}
