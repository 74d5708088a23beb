/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/engine-private.h"

#include <syslog.h>

#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"

/* The steps of a ladder as they are taken: what a guest is asked, or has done to it, and what is
 * remembered of that. */

/* Why the step can't work, known without trying; NULL where it may. */
static const char *
why_pass_over(const VsGuest *guest, VsMethod method)
{
    const VsMethodInfo *info = vs_method_info(method);

    if (info->need == VS_NEED_NOTHING ||
        (info->need == VS_NEED_WHOLE && guest->state == VS_STATE_PAUSED))
        return NULL;
    if (guest->state == VS_STATE_PAUSED)
        return N_("the domain is paused");
    if (guest->state == VS_STATE_PMSUSPENDED)
        return N_("the domain is suspended");
    if (guest->state == VS_STATE_CRASHED)
        return N_("the domain has crashed");
    if (info->way == VS_WAY_AGENT && guest->agent == VS_AGENT_NONE)
        return N_("no agent channel");
    if (info->way == VS_WAY_AGENT && guest->agent == VS_AGENT_DISCONNECTED)
        return N_("the agent isn't connected");
    return NULL;
}

bool
vs_engine_may_work(const VsGuest *guest, VsMethod method)
{
    return !why_pass_over(guest, method);
}

void
vs_ask_changed(VsEngine *engine, VsGuest *guest)
{
    vs_engine_do(engine, VS_ACTION_STOP_CHANGED, guest)->stop = guest->stop->id;
    vs_engine_unsaved(engine, guest);
}

void
vs_ask_remember(VsEngine *engine, VsGuest *guest, VsMethod method, int64_t expires)
{
    VsRun *run = guest->run;
    VsAsked asked = {.is = true, .own = true, .at = engine->now.mono, .expires = expires};

    if (method == VS_METHOD_AGENT)
        run->agent = asked;
    else if (method == VS_METHOD_POWER_BUTTON)
        run->button = asked;
    else if (method == VS_METHOD_DESTROY)
        run->destroy_called = true;
    vs_run_prolong(run, guest->stop->asked_mono, expires);
}

json_object *
vs_ask_evidence(VsEngine *engine, const char *source, VsMethod method)
{
    json_object *item = vs_evidence_new(engine->now.real, source);

    vs_json_set_string(item, "method", vs_method_name(method));
    return item;
}

void
vs_ask_call(VsEngine *engine, VsGuest *guest, VsMethod method)
{
    VsStop *stop = guest->stop;
    VsAction *action;

    vs_run_witness(guest->run, vs_ask_evidence(engine, "request", method));
    vs_ask_remember(engine, guest, method, stop->deadline);
    stop->call = ++engine->n_calls;
    stop->held_since = 0;
    stop->answered = false;
    if (method == VS_METHOD_DESTROY)
        stop->destroying = true;

    action = vs_engine_do(engine, VS_ACTION_CALL, guest);
    action->call = stop->call;
    action->method = method;
    action->bypass_cache = engine->policy.bypass_cache;
    vs_ask_changed(engine, guest);
}

/* The guest was not asked, then. */
static void
take_back(VsGuest *guest, VsMethod method)
{
    if (method == VS_METHOD_AGENT)
        guest->run->agent = (VsAsked){0};
    else if (method == VS_METHOD_POWER_BUTTON && guest->stop->presses <= 1)
        guest->run->button = (VsAsked){0};
}

void
vs_ask_no_more(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;
    VsAction *action;

    if (stop->call != 0 && stop->held_since > 0) {
        action = vs_engine_do(engine, VS_ACTION_WITHDRAW, guest);
        action->call = stop->call;
        action->method = vs_stop_last_method(stop);
        if (guest->run)
            take_back(guest, action->method);
    }
    stop->call = 0;
    stop->held_since = 0;
}

static void
press(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;
    const VsStep *step = vs_stop_step(stop);

    stop->presses++;
    stop->next_press =
        stop->presses < step->presses ? vs_later(engine->now.mono, step->gap) : VS_USEC_INFINITY;
    vs_ask_call(engine, guest, VS_METHOD_POWER_BUTTON);
}

static void
do_step(VsEngine *engine, VsGuest *guest, const VsStep *step)
{
    if (vs_method_info(step->method)->presses)
        press(engine, guest);
    else
        vs_ask_call(engine, guest, step->method);
}

/* What a step before it did not need of the host's budget is this one's. */
int64_t
vs_ask_span(const VsEngine *engine, const VsStop *stop)
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
    int64_t usec = vs_ask_span(engine, stop);
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
vs_ask_take_step(VsEngine *engine, VsGuest *guest)
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

void
vs_ask_press_again(VsEngine *engine, VsGuest *guest)
{
    /* Where no press was taken yet the step can turn out not to work. */
    const char *why =
        guest->stop->presses == 0 ? why_pass_over(guest, VS_METHOD_POWER_BUTTON) : NULL;

    if (why)
        vs_descent_next_step(engine, guest, why);
    else
        press(engine, guest);
}
