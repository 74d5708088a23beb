/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "random-world.h"
#include "util/json.h"

/* What the engine is held to. */

SimGuest *
world_guest(World *world, const VsDomainId *domain)
{
    for (int i = 0; i < N_GUESTS; i++) {
        if (g_str_equal(world->guests[i].domain.uuid.text, domain->uuid.text)) {
            if (!g_str_equal(world->guests[i].domain.uri, domain->uri))
                world_fail(world, "%s at %s", domain->name, domain->uri);
            return &world->guests[i];
        }
    }
    world_fail(world, "nobody has the UUID %s", domain->uuid.text);
}

static SimStop *
find_stop(World *world, const VsUuid *id)
{
    for (unsigned i = 0; i < world->stops->len; i++) {
        SimStop *stop = world->stops->pdata[i];

        if (g_str_equal(stop->id.text, id->text))
            return stop;
    }
    return NULL;
}

/* A run that was first heard of by its STOPPED has no id any more: the last one that ended. */
SimRun *
world_run(World *world, SimGuest *guest, int id)
{
    for (unsigned i = guest->runs->len; i > 0; i--) {
        SimRun *run = guest->runs->pdata[i - 1];

        if (run->id == id || (id < 0 && run->told_off > 0))
            return run;
    }
    world_fail(world, "%s never had the id %d", guest->domain.name, id);
}

/* Others join, too: whoever has a stop when the order is drawn up. */
bool
check_is_of_all(const World *world, const SimGuest *guest)
{
    const VsGuest *seen = vs_engine_find(world->engine, guest->domain.uri, guest->domain.uuid.text);

    return seen && seen->stop && vs_stop_is_of_host_stop(seen->stop);
}

/* No step of the ladder is shorter than its span, but for a reason. */
static void
check_destroy(World *world, SimGuest *guest, SimStop *stop)
{
    int64_t least = stop->asked + stop->extended;

    if (stop->ladder.steps[stop->ladder.n_steps - 1].method != VS_METHOD_DESTROY)
        world_fail(world, "%s is destroyed without leave", guest->domain.name);
    if (stop->destroy_called || stop->hurried || stop->of_all)
        return;
    if (stop->budget > 0 && world->now.mono >= stop->asked + stop->budget + stop->extended)
        return; /* whether or not it could be reached */
    if (world->kinds & KIND_PAUSES)
        check_presses(world, guest, stop);
    if (world->kinds & KIND_REACH)
        check_reached(world, guest, stop);
    for (unsigned i = 0; i < stop->ladder.n_steps; i++) {
        const VsStep *step = &stop->ladder.steps[i];

        if ((step->method == VS_METHOD_AGENT && !stop->no_agent) ||
            (step->method == VS_METHOD_POWER_BUTTON && !stop->no_button))
            least += step->span;
    }
    if (stop->no_agent || stop->no_button)
        least -= stop->extended;
    if (world->now.mono < least)
        world_fail(world, "%s is destroyed %" G_GINT64_FORMAT " µs too early", guest->domain.name,
                   least - world->now.mono);
}

static int64_t
span_of(const SimStop *stop, VsMethod method)
{
    for (unsigned i = 0; i < stop->ladder.n_steps; i++) {
        if (stop->ladder.steps[i].method == method)
            return stop->ladder.steps[i].span;
    }
    return 0;
}

/* So long what was asked stands from a call on. A step that a pause broke off has its time anew
 * when the guest runs again, or isn't let run in ten seconds, and then the word of that. */
static int64_t
stands_for(const SimStop *stop, VsMethod method)
{
    int64_t longest = MAX(span_of(stop, VS_METHOD_AGENT), span_of(stop, VS_METHOD_POWER_BUTTON));

    return stop->extended +
           (method == VS_METHOD_RESUME ? 12 * SEC + longest : span_of(stop, method));
}

void
note_asked(World *world, const VsAction *action)
{
    SimGuest *guest = world_guest(world, &action->domain);
    SimRun *run = world_run(world, guest, action->domain.id);
    int64_t until = world->now.mono + stands_for(guest->stop, action->method);
    int64_t least =
        (guest->stop->first_call[action->method] > 0 ? guest->stop->first_call[action->method]
                                                     : world->now.mono) +
        span_of(guest->stop, action->method);

    run->asked_at = world->now.mono;
    run->of_all |= guest->stop->of_all;
    run->asked_button |= action->method == VS_METHOD_POWER_BUTTON;
    if (action->method == VS_METHOD_AGENT)
        run->agent_least = least;
    if (action->method == VS_METHOD_POWER_BUTTON)
        run->button_least = least;

    if (action->method == VS_METHOD_AGENT || run->agent_until > 0)
        run->agent_until = MAX(run->agent_until, until);
    if (action->method == VS_METHOD_POWER_BUTTON || run->button_until > 0)
        run->button_until = MAX(run->button_until, until);
}

/* A step's time begins when its call got through, and that may have been now. */
void
note_answered(World *world, SimGuest *guest, VsMethod method)
{
    int64_t until = world->now.mono + stands_for(guest->stop, method);

    guest->stop->waiting_since = 0;
    for (unsigned i = 0; i < guest->runs->len; i++) {
        SimRun *run = guest->runs->pdata[i];

        if (run->agent_until > 0)
            run->agent_until = MAX(run->agent_until, until);
        if (run->button_until > 0)
            run->button_until = MAX(run->button_until, until);
    }
}

/* Only what this very stop had saved is cut off. */
static void
check_abort(World *world, const SimGuest *guest, const SimStop *stop)
{
    if (!stop || stop->first_call[VS_METHOD_SAVE] == 0)
        world_fail(world, "a save of %s is cut off that nobody began", guest->domain.name);
    if (!guest->host->up)
        world_fail(world, "a call to %s while libvirt is away", guest->domain.name);
}

void
check_call(World *world, const VsAction *action)
{
    SimGuest *guest = world_guest(world, &action->domain);
    const VsGuest *seen = vs_engine_find(world->engine, guest->domain.uri, guest->domain.uuid.text);
    SimStop *stop = guest->stop;

    if (action->method == VS_METHOD_START || action->method == VS_METHOD_SET_CLOCK) {
        ran_check_start(world, guest, action);
        return;
    }
    if (action->method == VS_METHOD_ABORT_SAVE) { /* its stop may be over by it */
        check_abort(world, guest, stop);
        return;
    }
    if (!stop || stop->finished || !seen || !seen->stop)
        world_fail(world, "a call to %s without a stop", guest->domain.name);
    if (!guest->host->up)
        world_fail(world, "a call to %s while libvirt is away", guest->domain.name);
    if (guest->told_off)
        world_fail(world, "a call to %s, which is off", guest->domain.name);
    /* Who was let run may be paused again before libvirt has said that it let him. */
    if (stop->waiting[action->method] != 0 && action->method != VS_METHOD_RESUME &&
        !(action->method == VS_METHOD_POWER_BUTTON && stop->press_told))
        world_fail(world, "two calls of a step to %s", guest->domain.name);
    if (action->call == 0 || action->method == VS_METHOD_LEAVE)
        world_fail(world, "a call that is none");
    stop->waiting[action->method] = action->call;
    stop->waiting_since = world->now.mono;
    stop->n_presses += action->method == VS_METHOD_POWER_BUTTON;
    stop->press_told &= action->method != VS_METHOD_POWER_BUTTON;
    stop->called_in[action->method] = guest->host->generation;
    if (stop->first_call[action->method] == 0)
        stop->first_call[action->method] = world->now.mono;
    stop->of_all |= check_is_of_all(world, guest);

    if (action->method == VS_METHOD_RESUME)
        stop->resumed = world->now.mono;
    if (action->method == VS_METHOD_DESTROY) {
        check_destroy(world, guest, stop);
        stop->destroy_called = true;
    }
    note_asked(world, action);
}

Truth
check_truth(VsCause cause)
{
    switch (cause) {
    case VS_CAUSE_GUEST_INITIATED:
    case VS_CAUSE_GUEST_AGENT:
    case VS_CAUSE_POWER_BUTTON:
    case VS_CAUSE_GUEST_REQUEST:
        return TRUTH_DOWN;
    case VS_CAUSE_DESTROYED:
        return TRUTH_DESTROYED;
    case VS_CAUSE_HOST_SIGNAL:
        return TRUTH_SIGNAL;
    case VS_CAUSE_CRASHED:
        return TRUTH_DIED;
    case VS_CAUSE_OUT_OF_MEMORY:
        return TRUTH_OOM;
    case VS_CAUSE_SAVED:
        return TRUTH_SAVED;
    case VS_CAUSE_GUEST_PANIC:
        return TRUTH_PANIC;
    case VS_CAUSE_WATCHDOG:
        return TRUTH_WATCHDOG;
    case VS_CAUSE_MONITOR_QUIT:
        return TRUTH_QUIT;
    case VS_CAUSE_MIGRATED:
        return TRUTH_MIGRATED;
    case VS_CAUSE_GUEST_REBOOT:
        return TRUTH_REBOOT;
    case VS_CAUSE_SNAPSHOT_REVERTED:
        return TRUTH_REVERTED;
    case VS_CAUSE_START_FAILED:
        return TRUTH_NO_START;
    default:
        return TRUTH_NONE;
    }
}

/* Where two ends met, both are right, as is that of a system that was begun anew while nobody
 * listened. A STOPPED names no run: that of one which nobody knew counts
 * for the one that was known. */
bool
check_is_right(const SimGuest *guest, const SimRun *run, Truth truth)
{
    bool only_said =
        (run->word == TRUTH_DOWN && (run->truth == TRUTH_REBOOT || run->truth == TRUTH_PANIC)) ||
        (run->word == TRUTH_QUIT && run->truth == TRUTH_DIED); /* libvirt's one word */

    if (truth == run->truth || (truth == run->word && !only_said) ||
        (truth == TRUTH_SIGNAL && run->signalled) ||
        (run->word == TRUTH_DIED && truth == run->death) ||
        (truth == TRUTH_DOWN && run->was_down && !run->heard))
        return true;
    for (unsigned i = 0; i < guest->runs->len; i++) {
        const SimRun *later = guest->runs->pdata[i];

        if (later->id > run->id && later->told_off > 0 && later->n_records == 0 &&
            truth == later->word)
            return true;
    }
    return false;
}

/* An expired request, or one of an attempt before, explains nothing. When an end was that nobody
 * told of stands in the log at best; what stood when libvirt or the daemon went away explains one
 * until they are back. */
static void
check_attribution(World *world, const SimGuest *guest, const SimRun *run, const VsRecord *record)
{
    int64_t at = run->told_down > 0  ? run->told_down
                 : run->told_off > 0 ? run->told_off
                 : run->reaped > 0   ? run->reaped
                                     : world->now.mono - 20 * SEC;

    if (run->of_all)
        return;
    if (run->found_off > 0 && (world->kinds & KIND_LATE))
        at = MIN(at, run->found_off);
    if (guest->stop && !guest->stop->finished && guest->stop->waiting_since > 0)
        at = MIN(at, guest->stop->waiting_since);
    if (guest->host->gap_since > 0 && (!run->heard || run->told_down == 0))
        at = MIN(at, guest->host->gap_since);
    if (record->verdict.cause == VS_CAUSE_GUEST_AGENT && at >= run->agent_until)
        world_fail(world, "an agent request that is over is the cause for run %d", run->id);
    if (record->verdict.cause == VS_CAUSE_POWER_BUTTON && at >= run->button_until)
        world_fail(world, "a press that is over is the cause for run %d", run->id);
}

static void
check_outcome(World *world, const SimRun *run, const VsRecord *record)
{
    const char *outcome = vs_json_string(record->request, "outcome", "");

    if (record->verdict.cause == VS_CAUSE_UNKNOWN && g_str_equal(outcome, "forced"))
        world_fail(world, "nobody knows how run %d ended, and it is said to be forced", run->id);
}

static void
check_kinds(World *world, SimRun *run, const VsRecord *record)
{
    if (world->kinds & KIND_LATE)
        check_heard(world, run, record);
    if (world->kinds & KIND_PAUSES) {
        check_request_stands(world, run, record);
        check_reboots(world, run, record);
    }
    if (world->kinds & KIND_PROCESS)
        check_process(world, run, record);
    if (world->kinds & KIND_FORCED)
        check_outcome(world, run, record);
}

void
check_record(World *world, const VsAction *action)
{
    const VsRecord *record = action->record;
    SimGuest *guest = world_guest(world, &record->domain);
    SimRun *run = world_run(world, guest, record->domain.id);
    g_autoptr(json_object) object = vs_record_to_json(record, "boot");
    Truth truth = check_truth(record->verdict.cause);

    world_tell(world, "record of run %d: %s", run->id, vs_json_line(object));
    if (world->kinds & KIND_LATE)
        run = run_in_its_place(world, guest, run);
    /* What was told to a daemon before this one may be lost with it. */
    run->heard = run->heard && run->heard_since == guest->host->generation;
    if (!run->ended)
        world_fail(world, "a record of run %d, which goes on", run->id);
    if (run->n_records++ > 0)
        world_fail(world, "a second record of run %d", run->id);
    if (!g_hash_table_add(world->recorded, g_strdup(record->id.text)))
        world_fail(world, "a record's id comes again");
    mark("%s, %s", vs_cause_name(record->verdict.cause),
         vs_confidence_name(record->verdict.confidence));
    tally_note(world, guest, run, &record->verdict);
    if (record->verdict.confidence == VS_CONFIDENCE_CERTAIN && !check_is_right(guest, run, truth))
        world_fail(world, "what is certain of run %d is wrong: %d", run->id, run->truth);
    check_attribution(world, guest, run, record);
    check_kinds(world, run, record);
    if (record->took < 0 || json_object_array_length(record->evidence) > VS_EVIDENCE_MAX_ITEMS)
        world_fail(world, "not well-formed: %s", vs_json_line(object));
}

void
check_added(World *world, const VsAction *action)
{
    SimGuest *guest = world_guest(world, &action->domain);
    const SimStop *known = find_stop(world, &action->stop);

    if (known && known->finished)
        world_fail(world, "a stop that was finished is back");
    if (known && guest->stop != known)
        world_fail(world, "another stop of %s is back", guest->domain.name);
    if (!known && guest->stop && !guest->stop->finished)
        world_fail(world, "a second stop of %s", guest->domain.name);
    if (known)
        return;
    guest->stop = g_new0(SimStop, 1);
    guest->stop->id = action->stop;
    guest->stop->asked = world->now.mono;
    guest->stop->of_all = check_is_of_all(world, guest);
    guest->stop->ladder = guest->stop->of_all ? world->wanted_of_all : world->wanted;
    if (guest->stop->of_all && (world->kinds & KIND_PARTS)) {
        parts_ladder(world, guest, &guest->stop->ladder);
        parts_check_added(world, guest);
    }
    guest->stop->budget = guest->stop->of_all ? 0 : world->wanted_budget;
    guest->stop->hurried = guest->told_down || (sim_run(guest) && sim_run(guest)->told_down > 0);
    guest->stop->no_agent = guest->told_no_agent || guest->told_paused;
    guest->stop->no_button = guest->told_paused;
    guest->stop->heard_since = guest->host->up ? guest->host->generation : 0;
    if (world->event->type != VS_EVENT_STOP)
        ran_joined(world, guest);
    g_ptr_array_add(world->stops, guest->stop);
}

/* The last, which may be off by now, and that isn't told yet. */
static SimRun *
known_run(const SimGuest *guest)
{
    SimRun *run = guest->runs->len > 0 ? guest->runs->pdata[guest->runs->len - 1] : NULL;

    return run && run->n_records == 0 ? run : NULL;
}

/* A press by others only stands as long as it ever does. */
static void
note_timed_out(const World *world, SimStop *stop, SimRun *run)
{
    stop->timed_out = run;
    stop->agent_before = run->agent_until;
    stop->button_before = run->button_until;
    run->agent_until = MIN(run->agent_until, world->now.mono);
    run->agent_least = MIN(run->agent_least, world->now.mono);
    if (run->asked_button)
        run->button_least = MIN(run->button_least, world->now.mono);
    run->button_until = MIN(run->button_until, world->now.mono + 600 * SEC);
}

void
check_finished(World *world, const VsAction *action)
{
    SimGuest *guest = world_guest(world, &action->domain);
    SimRun *run = known_run(guest);

    world_tell(world, "stop of %s: %s", guest->domain.name, vs_outcome_name(action->outcome));
    mark("outcome %s", vs_outcome_name(action->outcome));
    if (action->outcome == VS_OUTCOME_ALREADY_OFF)
        return;
    if (!guest->stop || guest->stop->finished ||
        !g_str_equal(guest->stop->id.text, action->stop.text))
        world_fail(world, "a stop of %s is finished that wasn't in flight", guest->domain.name);
    guest->stop->finished = true;
    guest->stop->finished_at = world->now.mono;
    if (action->outcome == VS_OUTCOME_TIMED_OUT && run)
        note_timed_out(world, guest->stop, run);
}

/* What stands where in a list: see action.h. */
void
check_order(World *world, const VsActions *actions, unsigned i)
{
    const VsAction *action = actions->pdata[i];

    for (unsigned j = 0; j < i; j++) {
        const VsAction *before = actions->pdata[j];

        if (!before->domain.uri || !action->domain.uri ||
            !g_str_equal(before->domain.uuid.text, action->domain.uuid.text))
            continue;
        if (action->type == VS_ACTION_SAVE && before->type == VS_ACTION_CALL)
            world_fail(world, "a call before its intent is kept");
        if (action->type == VS_ACTION_RECORD &&
            (before->type == VS_ACTION_SAVE || before->type == VS_ACTION_FORGET))
            world_fail(world, "a record behind what replaces the state that it needs");
        if (action->type != VS_ACTION_FORGET && before->type == VS_ACTION_FORGET &&
            (action->type == VS_ACTION_SAVE ||
             (action->type == VS_ACTION_CALL && action->method != VS_METHOD_START)))
            world_fail(world, "something is done to a guest that was forgotten");
    }
}

static void
check_runs(World *world, const SimGuest *guest)
{
    for (unsigned i = 0; i < guest->runs->len; i++) {
        const SimRun *run = guest->runs->pdata[i];
        bool heard =
            (world->kinds & KIND_LATE) && run->heard && run->heard_since == guest->host->generation;

        if (run->ended && (run->kept || heard) && run->n_records != 1)
            world_fail(world, "run %d has %u records", run->id, run->n_records);
    }
}

static void
check_guest(World *world, const SimGuest *guest, bool kept)
{
    const VsGuest *seen = vs_engine_find(world->engine, guest->domain.uri, guest->domain.uuid.text);
    bool on = sim_is_on(guest);

    if (!seen ? on || !guest->transient : (seen->run != NULL) != on)
        world_fail(world, "the picture of %s is wrong", guest->domain.name);
    if ((seen && seen->stop) || (guest->stop && !guest->stop->finished))
        world_fail(world, "the stop of %s never ends", guest->domain.name);
    if (kept != on)
        world_fail(world, "what is kept of %s is wrong", guest->domain.name);
    check_runs(world, guest);
}

void
check_end(World *world)
{
    for (int i = 0; i < N_GUESTS; i++)
        check_guest(world, &world->guests[i], world->kept[i] != NULL);
    if (vs_engine_is_stopping_all(world->engine))
        world_fail(world, "the stop of all guests never ends");
    if (vs_engine_next_timer(world->engine) != INT64_MAX)
        world_fail(world, "an idle engine wants its timer");
    if (world->kinds & KIND_RAN)
        ran_check_end(world);
}
