/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/detour.h"

#include <syslog.h>

#include "engine/obstacle.h"
#include "engine/steps.h"
#include "engine/stop-end.h"
#include "engine/watch.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"

static void
note_interrupted(VsEngine *engine, VsGuest *guest, const char *why)
{
    g_autofree char *name = vs_text_quoted(guest->domain.name);

    vs_engine_note(engine, guest, LOG_NOTICE, _("%s: step %s is interrupted: %s"), name,
                   vs_method_name(vs_stop_step(guest->stop)->method), _(why));
}

void
vs_detour_interrupt(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;
    VsRemedy remedy = vs_obstacle_remedy(engine, guest);

    if (stop->interrupted == VS_INTERRUPTED_NOT) {
        note_interrupted(engine, guest, vs_obstacle_words(guest));
        vs_stop_end_step(stop, vs_obstacle_words(guest), engine->now);
        stop->interrupted = VS_INTERRUPTED_BY_STATE;
    }
    if (remedy == VS_REMEDY_RESUME || remedy == VS_REMEDY_WAKE) {
        vs_steps_resume(engine, guest);
    } else if (remedy != VS_REMEDY_WAIT) {
        vs_stop_set_phase(stop, VS_PHASE_WAITING, engine->now);
        vs_steps_take(engine, guest);
    }
    if (guest->stop)
        vs_engine_stop_changed(engine, guest);
}

/* It heard that before, and is about it. A request that it slept through, or that its system has
 * forgotten, it did not hear. */
static bool
stands(const VsGuest *guest, bool woken)
{
    return !woken && vs_run_was_asked(guest->run, vs_stop_step(guest->stop)->method);
}

static void
ask_again(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;

    stop->presses = 0;
    if (vs_method_info(vs_stop_step(stop)->method)->presses)
        vs_steps_press_again(engine, guest);
    else
        vs_steps_call_again(engine, guest);
}

static void
wait_on(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;
    const VsStep *step = vs_stop_step(stop);

    stop->call.method = step->method;
    stop->call.state = VS_CALL_ANSWERED;
    if (vs_method_info(step->method)->presses && stop->presses < step->presses &&
        stop->rebooted == 0)
        stop->next_at = vs_later(engine->now.mono, stop->presses > 0 ? step->gap : 0);
    vs_run_prolong(guest->run, stop->asked_mono, stop->deadline);
    vs_engine_stop_changed(engine, guest);
}

/* So often a step that is broken off has all of its time anew; after that, what was left of it. */
#define ANEW_MOST 3

/* Where it is broken off time and again, by one dump after the other, each time for longer than
 * that is borne, it would else never end. */
static int64_t
time_left(const VsEngine *engine, const VsStop *stop)
{
    const VsStepTaken *last = vs_stop_last_taken(stop);
    int64_t span = vs_steps_span(engine, stop);

    if (vs_stop_n_broken(stop) <= ANEW_MOST)
        return span;
    return CLAMP(stop->deadline - (last->since + last->took), 0, span);
}

void
vs_detour_go_on(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;
    const VsStepTaken *last = vs_stop_last_taken(stop);
    bool asked = stands(guest, last->method == VS_METHOD_WAKE);
    bool is_out = vs_call_is_out(&stop->call) && stop->call.method == vs_stop_step(stop)->method;
    int64_t left = time_left(engine, stop);

    if (stop->phase == VS_PHASE_RESUMING) {
        vs_stop_drop_call(engine, guest);
        vs_stop_set_phase(stop, VS_PHASE_ASKED, engine->now);
        stop->freed++;
    }
    stop->interrupted = VS_INTERRUPTED_NOT;
    vs_stop_begin_step(stop, vs_stop_step(stop)->method, engine->now);
    stop->deadline = vs_later(engine->now.mono, left);
    if (is_out)
        vs_engine_stop_changed(engine, guest); /* its answer tells how it goes on */
    else if (asked || stop->rebooted > 0)      /* else it is asked when it is up */
        wait_on(engine, guest);
    else
        ask_again(engine, guest);
}

static void
leave_resuming(VsEngine *engine, VsGuest *guest, const char *result)
{
    vs_stop_end_step(guest->stop, result, engine->now);
    if (guest->stop->interrupted != VS_INTERRUPTED_NOT)
        vs_detour_go_on(engine, guest);
    else
        vs_steps_take(engine, guest);
}

void
vs_detour_resumed(VsEngine *engine, VsGuest *guest)
{
    const VsStepTaken *last = vs_stop_last_taken(guest->stop);

    leave_resuming(engine, guest,
                   vs_obstacle_words(guest)         ? "deadline"
                   : last->method == VS_METHOD_WAKE ? "woken"
                                                    : "resumed");
}

void
vs_detour_not_resumed(VsEngine *engine, VsGuest *guest, const char *message)
{
    VsCall *call = &guest->stop->call;

    if (call->code == VS_LIBVIRT_OPERATION_TIMEOUT && call->job_holds) {
        vs_steps_resume(engine, guest);
    } else if (call->code == VS_LIBVIRT_OPERATION_INVALID) {
        /* Somebody else was first: that is told over another connection, maybe after this. */
        call->state = VS_CALL_ANSWERED;
        vs_engine_look_up(engine, guest);
    } else
        leave_resuming(engine, guest, message);
}

void
vs_detour_ask_job(VsEngine *engine, VsGuest *guest)
{
    VsCall *call = &guest->stop->call;

    call->job_asked = engine->now.mono;
    call->job_told = false;
    call->job_question = engine->serial;
    vs_engine_do(engine, VS_ACTION_ASK_JOB, guest)->serial = engine->serial;
}

/* NULL: none that keeps libvirt from pressing. */
static const char *
job_words(int operation)
{
    switch (operation) {
    case VS_JOB_NONE:
    case VS_JOB_BACKUP:
        return NULL;
    case VS_JOB_MIGRATION_OUT:
        return N_("a migration holds the domain");
    case VS_JOB_DUMP:
        return N_("a dump holds the domain");
    case VS_JOB_SAVE:
        return N_("a save holds the domain");
    case VS_JOB_SNAPSHOT:
        return N_("a snapshot holds the domain");
    default:
        return N_("a job holds the domain");
    }
}

/* It is said once. */
static void
resume_is_held(VsEngine *engine, VsGuest *guest, const char *words)
{
    VsStop *stop = guest->stop;
    const VsStepTaken *before =
        stop->taken->len > 1 ? stop->taken->pdata[stop->taken->len - 2] : NULL;
    VsMethod method = vs_stop_last_taken(stop)->method;

    if (before && before->method == method && g_strcmp0(before->result, words) == 0)
        return;
    note_interrupted(engine, guest, words);
    vs_stop_end_step(stop, words, engine->now);
    vs_stop_begin_step(stop, method, engine->now);
}

static void
held_by_job(VsEngine *engine, VsGuest *guest, const char *words)
{
    VsStop *stop = guest->stop;
    VsGuestPolicy policy;

    vs_guest_policy(guest, &engine->policy, &policy);
    if (policy.jobs == VS_JOBS_LEAVE) {
        note_interrupted(engine, guest, words);
        vs_stop_end_step(stop, words, engine->now);
        vs_stop_end(engine, guest, VS_OUTCOME_TIMED_OUT);
        return;
    }
    if (stop->phase == VS_PHASE_RESUMING) {
        resume_is_held(engine, guest, words);
    } else if (stop->interrupted == VS_INTERRUPTED_NOT) {
        note_interrupted(engine, guest, words);
        vs_stop_end_step(stop, words, engine->now);
        stop->interrupted = VS_INTERRUPTED_BY_JOB;
    }
    if (policy.jobs == VS_JOBS_ABORT)
        /* The press that waits for the job shows what comes of it. */
        vs_engine_call_aside(engine, guest, VS_METHOD_ABORT_JOB);
    vs_engine_stop_changed(engine, guest);
}

void
vs_detour_job(VsEngine *engine, const VsEvent *event)
{
    VsGuest *guest = vs_engine_get(engine, event->domain);
    VsStop *stop = guest ? guest->stop : NULL;
    const char *words = job_words(event->job.operation);

    if (!stop || !guest->run || vs_run_is_over(guest->run) ||
        (stop->phase != VS_PHASE_ASKED && stop->phase != VS_PHASE_RESUMING) ||
        stop->call.job_asked == 0 || stop->call.job_told ||
        stop->call.job_question != event->job.serial) /* of a call before this one, which is over */
        return;
    if (event->job.operation == VS_JOB_SAVE && vs_obstacle_was_saving(stop))
        words = NULL;
    stop->call.job_told = true;
    stop->call.job_holds = words != NULL;
    if (words)
        held_by_job(engine, guest, words);
    else if (stop->phase == VS_PHASE_ASKED && stop->interrupted == VS_INTERRUPTED_BY_JOB)
        vs_detour_go_on(engine, guest);
}

/* An agent that may be there isn't there before libvirt tells so. */
static bool
can_work(const VsGuest *guest, VsMethod method)
{
    if (vs_method_info(method)->way == VS_WAY_AGENT &&
        guest->description.agent != VS_AGENT_CONNECTED)
        return false;
    return !vs_guest_why_not(guest, method);
}

/* The step's call is on its way: libvirt would do it beside what follows, and once more when this
 * step comes again. A press that QEMU told of is done. */
static bool
is_under_way(const VsGuest *guest)
{
    const VsCall *call = &guest->stop->call;

    return call->state == VS_CALL_MADE &&
           !(vs_method_info(call->method)->presses && guest->run->button.heard == VS_HEARD_YES);
}

/* The first step that was passed over, and can work now; -1: none. Nothing that ends the guest is
 * begun yet. */
static int
find_passed(const VsStop *stop, const VsGuest *guest)
{
    const VsStep *step = vs_stop_step(stop);

    if (stop->passed == 0 || !step || is_under_way(guest) ||
        (stop->phase != VS_PHASE_ASKED && stop->phase != VS_PHASE_SETTLING) ||
        vs_method_info(step->method)->effect != VS_EFFECT_ASKS)
        return -1;
    for (unsigned i = 0; i < stop->step; i++)
        if ((stop->passed & 1u << i) && can_work(guest, stop->ladder.steps[i].method))
            return (int)i;
    return -1;
}

static void
take_up(VsEngine *engine, VsGuest *guest, unsigned step)
{
    VsStop *stop = guest->stop;
    g_autofree char *name = vs_text_quoted(guest->domain.name);

    vs_engine_note(engine, guest, LOG_NOTICE, _("%s: step %s can work now, and is taken up"), name,
                   vs_method_name(stop->ladder.steps[step].method));
    vs_stop_end_step(stop, N_("an earlier step can work now"), engine->now);
    vs_stop_drop_call(engine, guest);
    stop->passed &= ~(1u << step);
    stop->step = step;
    vs_stop_set_phase(stop, VS_PHASE_WAITING, engine->now);
    vs_engine_stop_changed(engine, guest);
}

/* Its kernel panicked, and libvirt leaves it so: it hears nothing any more, though its process may
 * mind a signal. What libvirt ends or starts anew itself is left to that. */
static bool
is_dead(const VsGuest *guest)
{
    const VsStop *stop = guest->stop;

    return guest->state == VS_STATE_CRASHED && guest->description.stays_crashed &&
           stop->phase >= VS_PHASE_RESUMING && stop->phase <= VS_PHASE_SETTLING &&
           vs_method_info(vs_stop_step(stop)->method)->effect != VS_EFFECT_ENDS;
}

static void
end_dead(VsEngine *engine, VsGuest *guest)
{
    guest->run->dead = true;
    vs_steps_next(engine, guest, N_("the domain has crashed"));
}

bool
vs_detour_grant_grace(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;
    int64_t more = stop->phase == VS_PHASE_ASKED ? vs_watch_grace(engine, guest) : 0;
    g_autofree char *name = NULL, *span = NULL;

    if (more == 0)
        return false;
    name = vs_text_quoted(guest->domain.name);
    span = vs_span_say(more);
    vs_engine_note(engine, guest, LOG_NOTICE, _("%s still writes to its disks, and has %s more"),
                   name, span);
    if (stop->watch.granted == 0) {
        vs_stop_end_step(stop, VS_STEP_WRITES, engine->now);
        vs_stop_begin_step(stop, vs_stop_step(stop)->method, engine->now);
    }
    stop->watch.granted += more;
    stop->deadline = vs_later(engine->now.mono, more);
    vs_run_prolong(guest->run, stop->asked_mono, stop->deadline);
    vs_engine_stop_changed(engine, guest);
    return true;
}

/* Its system is down, and the process stays, but for our destroy. */
static void
end_halted(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;
    json_object *item = vs_evidence_new(engine->now.real, "stats");

    vs_json_set_string(item, "event", "halted");
    vs_json_set_int(item, "still_ms", stop->watch.still / VS_USEC_PER_MSEC);
    vs_run_witness(guest->run, item);
    vs_stop_end_step(stop, vs_outcome_name(VS_OUTCOME_HALTED), engine->now);
    vs_stop_drop_call(engine, guest);
    stop->halted = true;
    stop->step = stop->ladder.n_steps - 1;
    vs_stop_set_phase(stop, VS_PHASE_WAITING, engine->now);
    vs_steps_take(engine, guest);
    if (guest->stop)
        vs_engine_stop_changed(engine, guest);
}

static bool
is_halted(const VsGuest *guest)
{
    return guest->stop->phase == VS_PHASE_ASKED && vs_ladder_forces(&guest->stop->ladder) &&
           vs_watch_is_halted(guest);
}

void
vs_detour_follow(VsEngine *engine, VsGuest *guest)
{
    int passed = find_passed(guest->stop, guest);

    if (is_dead(guest) && vs_engine_can_act(engine, guest))
        end_dead(engine, guest);
    else if (is_halted(guest) && vs_engine_can_act(engine, guest))
        end_halted(engine, guest);
    else if (passed >= 0)
        take_up(engine, guest, (unsigned)passed);
}
