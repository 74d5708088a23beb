/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine-lab.h"

#include <string.h>

#include "util/span.h"

#define MAX_TIMERS_AT_ONCE 8

static void
action_clear(void *data)
{
    VsAction *action = data;

    vs_domain_id_clear(&action->domain);
    g_free(action);
}

static VsEngine *
new_engine(Lab *lab)
{
    lab->seed[0]++;
    return vs_engine_new(lab->seed, &lab->policy);
}

void
lab_set_up(Lab *lab, const void *ladder)
{
    vs_policy_init(&lab->policy);
    if (ladder)
        g_assert_true(vs_ladder_parse(ladder, &lab->policy.all.ladder, NULL));
    lab->engine = new_engine(lab);
    lab->now = (VsTime){.mono = 1000 * SEC, .real = INT64_C(1795000000) * SEC};
    lab->guest = (VsDomainInfo){.state = VS_STATE_SHUTOFF, .persistent = true};
    lab->guest.description.agent = VS_AGENT_CONNECTED;
    lab->guest.description.halt_shows = true;
    lab->labels = vs_labels_new(NULL, "", "", NULL);
    lab->guest.domain = (VsDomainId){.uri = g_strdup(LAB_URI), .name = g_strdup("web1"), .id = -1};
    g_strlcpy(lab->guest.domain.uuid.text, LAB_UUID, sizeof(lab->guest.domain.uuid.text));
    lab->hooks = g_ptr_array_new_with_free_func(action_clear);
    lab->calls = g_ptr_array_new_with_free_func(action_clear);
    lab->records = g_ptr_array_new_with_free_func((GDestroyNotify)vs_record_free);
    lab->notes = g_ptr_array_new_with_free_func(g_free);
}

void
lab_tear_down(Lab *lab, const void *data)
{
    vs_engine_free(lab->engine);
    vs_policy_clear(&lab->policy);
    vs_domain_info_clear(&lab->guest);
    vs_labels_unref(lab->labels);
    g_ptr_array_unref(lab->calls);
    g_ptr_array_unref(lab->hooks);
    g_ptr_array_unref(lab->records);
    g_ptr_array_unref(lab->notes);
    g_free(lab->saved);
    g_free(lab->why_not);
    g_free(lab->noted);
    g_free(lab->asked_boot);
    g_free(lab->recovered);
}

/* A record comes before what was kept for it is replaced or thrown away; a call in a later list
 * than its intent. */
static void
check_order(const VsActions *actions)
{
    bool recorded = false, saved = false, called = false, forgotten = false;

    for (unsigned i = 0; i < actions->len; i++) {
        const VsAction *action = actions->pdata[i];

        switch (action->type) {
        case VS_ACTION_SAVE:
            g_assert_false(called || forgotten);
            g_assert_nonnull(action->text);
            saved = true;
            break;
        case VS_ACTION_CALL:
            called = true;
            break;
        case VS_ACTION_RECORD:
            g_assert_false(recorded || saved || forgotten);
            g_assert_nonnull(action->record);
            recorded = true;
            break;
        case VS_ACTION_FORGET:
            g_assert_false(saved || called);
            forgotten = true;
            break;
        case VS_ACTION_NOTE:
            g_assert_nonnull(action->text);
            break;
        default:
            break;
        }
    }
}

/* What is kept is on disk at once. */
static void
answer_written(Lab *lab, const VsAction *action)
{
    VsEvent written = {.type = VS_EVENT_WRITTEN, .written.serial = action->serial};

    written.domain = action->type == VS_ACTION_SAVE ? &action->domain : NULL;
    written.written.why = lab->disk_fails;
    lab_step(lab, &written, NULL);
}

static void
answer_recorded(Lab *lab, const VsAction *action)
{
    VsEvent recorded = {.type = VS_EVENT_RECORDED, .domain = &action->domain};

    recorded.recorded.id = lab->recorded;
    recorded.recorded.why = lab->disk_fails;
    lab_step(lab, &recorded, NULL);
}

/* What libvirt has to say to it; a log is there without libvirt. */
static void
answer(Lab *lab, const VsAction *action)
{
    if (action->type == VS_ACTION_RECORD || action->type == VS_ACTION_RECOVER) {
        if (!lab->disk_hangs)
            answer_recorded(lab, action);
        return;
    }
    if (action->type == VS_ACTION_SAVE || action->type == VS_ACTION_KEEP_HOST_STOPS) {
        if (!lab->disk_hangs &&
            !(lab->host_stops_hang && action->type == VS_ACTION_KEEP_HOST_STOPS))
            answer_written(lab, action);
        return;
    }
    if (action->type == VS_ACTION_KEEP_NOTED) {
        if (!lab->noted_hangs)
            lab_step(lab, &(VsEvent){.type = VS_EVENT_NOTED}, NULL);
        return;
    }
    if (action->type == VS_ACTION_ASK_HABIT) {
        if (!lab->habit_hangs)
            lab_answer_habit(lab);
        return;
    }
    if (action->type == VS_ACTION_ASK_CANDIDATES) {
        if (!lab->candidates_hang)
            lab_answer_candidates(lab);
        return;
    }
    if (lab->mute || (!lab->connected && action->type != VS_ACTION_READ_LOG))
        return;
    if (action->type == VS_ACTION_LIST)
        lab_answer_list(lab, action->serial);
    else if (action->type == VS_ACTION_LOOK_UP)
        lab_answer_look_up(lab, action->serial);
    else if (action->type == VS_ACTION_DESCRIBE && !lab->hung)
        lab_answer_description(lab, action->serial);
    else if (action->type == VS_ACTION_READ_LOG)
        lab_answer_log(lab);
}

static void
note_call(Lab *lab, const VsAction *action)
{
    VsAction *copy = g_new0(VsAction, 1);

    copy->call = action->call;
    copy->method = action->method;
    copy->clears_reboot = action->clears_reboot;
    g_ptr_array_add(lab->calls, copy);
}

/* Behind what is kept of it, where it must not run again. */
static void
note_hook(Lab *lab, const VsAction *action)
{
    VsAction *copy = g_new0(VsAction, 1);

    g_assert_nonnull(strstr(action->text, vs_hook_name(action->hook)));
    if (action->hook == VS_HOOK_STOP_REQUESTED && !lab->disk_hangs)
        g_assert_nonnull(strstr(lab->saved, "\"preparing\""));
    copy->hook = action->hook;
    copy->stop = action->stop;
    copy->id = action->id;
    g_ptr_array_add(lab->hooks, copy);
}

static void
carry_out(Lab *lab, VsAction *action)
{
    switch (action->type) {
    case VS_ACTION_LIST:
    case VS_ACTION_LOOK_UP:
        lab->last_question = action->type;
        lab->last_serial = action->serial;
        break;
    case VS_ACTION_ASK_JOB:
        lab->last_job_question = action->serial;
        break;
    case VS_ACTION_FIND:
        lab->n_finds++;
        lab->find = action->serial;
        break;
    case VS_ACTION_INQUIRED:
        lab->n_inquired++;
        g_free(lab->why_not);
        lab->why_not = g_strdup(action->text);
        break;
    case VS_ACTION_DESCRIBE:
        lab->n_described++;
        lab->last_description = action->serial;
        break;
    case VS_ACTION_ASK_CANDIDATES:
        lab->n_candidates++;
        break;
    case VS_ACTION_READ_LOG:
        lab->n_logs++;
        break;
    case VS_ACTION_CALL:
        g_assert_nonnull(lab->saved);
        note_call(lab, action);
        break;
    case VS_ACTION_HOOK:
        note_hook(lab, action);
        break;
    case VS_ACTION_SAVE:
        lab->n_saved++;
        g_free(lab->saved);
        lab->saved = g_strdup(action->text);
        break;
    case VS_ACTION_FORGET:
        g_clear_pointer(&lab->saved, g_free);
        break;
    case VS_ACTION_KEEP_NOTED:
        lab->n_noted++;
        g_free(lab->noted);
        lab->noted = g_strdup(action->text);
        break;
    case VS_ACTION_RECOVER:
        lab->recorded = action->id;
        g_free(lab->recovered);
        lab->recovered = g_strdup(action->text);
        break;
    case VS_ACTION_ASK_BOOT:
        g_free(lab->asked_boot);
        lab->asked_boot = g_strdup(action->text);
        break;
    case VS_ACTION_RECORD:
        lab->recorded = action->record->id;
        g_ptr_array_add(lab->records, g_steal_pointer(&action->record));
        break;
    case VS_ACTION_STOP_FINISHED:
        lab->n_finished++;
        lab->outcome = action->outcome;
        break;
    case VS_ACTION_STOP_ADDED:
        lab->n_added++;
        break;
    case VS_ACTION_STOP_CHANGED:
        lab->n_changed++;
        break;
    case VS_ACTION_GUEST_REMOVED:
        lab->n_removed++;
        break;
    case VS_ACTION_NOTE:
        g_ptr_array_add(lab->notes, g_strdup(action->text));
        break;
    default:
        break;
    }
}

bool
lab_step(Lab *lab, const VsEvent *event, GError **error)
{
    g_autoptr(GPtrArray) actions = vs_actions_new();
    bool ok = vs_engine_step(lab->engine, event, lab->now, actions, error);

    check_order(actions);
    for (unsigned i = 0; i < actions->len; i++)
        carry_out(lab, actions->pdata[i]);
    for (unsigned i = 0; i < actions->len; i++)
        answer(lab, actions->pdata[i]);
    return ok;
}

static void
go_to(Lab *lab, int64_t mono)
{
    lab->now.real += mono - lab->now.mono;
    lab->now.mono = mono;
}

void
lab_pass(Lab *lab, int64_t span)
{
    VsEvent timer = {.type = VS_EVENT_TIMER};
    int64_t until = lab->now.mono + span, next;
    unsigned at_once = 0;

    while ((next = vs_engine_next_timer(lab->engine)) <= until) {
        at_once = next > lab->now.mono ? 0 : at_once + 1;
        g_assert_cmpuint(at_once, <, MAX_TIMERS_AT_ONCE);
        go_to(lab, MAX(next, lab->now.mono));
        lab_step(lab, &timer, NULL);
    }
    go_to(lab, until);
}

void
lab_pass_quietly(Lab *lab, int64_t span)
{
    lab_expect_no_call(lab);
    lab_pass(lab, span);
    lab_expect_no_call(lab);
}

void
lab_expect_hook(Lab *lab, VsHook hook)
{
    g_assert_cmpuint(lab->hooks->len, >, 0);
    g_assert_cmpstr(vs_hook_name(((VsAction *)lab->hooks->pdata[0])->hook), ==, vs_hook_name(hook));
    g_ptr_array_remove_index(lab->hooks, 0);
}

void
lab_expect_no_hook(Lab *lab)
{
    g_assert_cmpuint(lab->hooks->len, ==, 0);
}

void
lab_answer_hook(Lab *lab, VsHook hook, const char *why)
{
    VsHookFailure failure = {(char *)"10-hook", (char *)why};
    VsEvent event = {.type = VS_EVENT_HOOKED, .domain = &lab->guest.domain};

    event.hooked.hook = hook;
    if (lab_guest(lab)->stop)
        event.hooked.stop = lab_guest(lab)->stop->id;
    event.hooked.failures = &failure;
    event.hooked.n_failures = why ? 1 : 0;
    lab_step(lab, &event, NULL);
}

uint64_t
lab_expect_call(Lab *lab, VsMethod method)
{
    const VsAction *action;
    uint64_t call;

    g_assert_cmpuint(lab->calls->len, ==, 1);
    action = lab->calls->pdata[0];
    g_assert_cmpstr(vs_method_name(action->method), ==, vs_method_name(method));
    call = action->call;
    g_ptr_array_set_size(lab->calls, 0);
    return call;
}

void
lab_expect_no_call(Lab *lab)
{
    g_assert_cmpuint(lab->calls->len, ==, 0);
}

void
lab_expect_record(Lab *lab, VsCause cause, VsConfidence confidence)
{
    const VsVerdict *verdict;

    g_assert_cmpuint(lab->records->len, ==, 1);
    verdict = &lab_last_record(lab)->verdict;
    g_assert_cmpstr(vs_cause_name(verdict->cause), ==, vs_cause_name(cause));
    g_assert_cmpstr(vs_confidence_name(verdict->confidence), ==, vs_confidence_name(confidence));
}

void
lab_expect_no_record(Lab *lab)
{
    g_assert_cmpuint(lab->records->len, ==, 0);
}

const VsRecord *
lab_last_record(Lab *lab)
{
    g_assert_cmpuint(lab->records->len, >, 0);
    return lab->records->pdata[lab->records->len - 1];
}

/* "agent=deadline destroy=forced", out of a request as the record has it. */
static char *
tell_steps(json_object *request)
{
    json_object *steps = vs_json_array(request, "steps");
    GString *text = g_string_new(NULL);

    for (size_t i = 0; i < json_object_array_length(steps); i++) {
        json_object *step = json_object_array_get_idx(steps, i);

        g_string_append_printf(text, "%s%s=%s", i > 0 ? ", " : "",
                               vs_json_string(step, "method", "?"),
                               vs_json_string(step, "result", "?"));
    }
    return g_string_free(text, FALSE);
}

void
lab_expect_finished(Lab *lab, VsOutcome outcome, const char *steps)
{
    const VsGuest *guest = lab_guest(lab);
    json_object *request = NULL;

    g_assert_cmpuint(lab->n_finished, ==, 1);
    g_assert_cmpstr(vs_outcome_name(lab->outcome), ==, vs_outcome_name(outcome));
    g_assert_true(!guest || !guest->stop);
    if (lab->records->len > 0)
        request = lab_last_record(lab)->request;
    else if (guest && guest->run)
        request = guest->run->past_request;
    if (steps) {
        g_autofree char *told = NULL;

        g_assert_nonnull(request);
        told = tell_steps(request);
        g_assert_cmpstr(told, ==, steps);
        g_assert_cmpstr(vs_json_string(request, "outcome", NULL), ==, vs_outcome_name(outcome));
    }
}

void
lab_expect_in_flight(Lab *lab)
{
    const VsGuest *guest = lab_guest(lab);

    g_assert_true(guest && guest->stop);
    g_assert_cmpuint(lab->n_finished, ==, 0);
}

void
lab_expect_note(Lab *lab, const char *part)
{
    for (unsigned i = 0; i < lab->notes->len; i++) {
        if (strstr(lab->notes->pdata[i], part))
            return;
    }
    g_test_message("no note has “%s”", part);
    g_assert_not_reached();
}

const VsGuest *
lab_guest(Lab *lab)
{
    return vs_engine_find(lab->engine, lab->guest.domain.uri, LAB_UUID);
}

void
lab_restart(Lab *lab, int64_t pause)
{
    VsEvent event = {.type = VS_EVENT_TAKE_OVER, .domain = &lab->guest.domain};
    g_autofree char *saved = g_steal_pointer(&lab->saved);
    const VsGuest *guest = lab_guest(lab);
    VsDomainId domain = lab->guest.domain;
    g_autoptr(GError) error = NULL;

    if (guest)
        domain.id = guest->domain.id;
    vs_engine_free(lab->engine);
    lab->engine = new_engine(lab);
    lab->connected = false;
    g_ptr_array_set_size(lab->calls, 0);
    go_to(lab, lab->now.mono + pause);
    if (!saved)
        return;
    event.domain = &domain;
    event.take_over.state = saved;
    event.take_over.seen_until = lab->now.real - pause;
    lab_step(lab, &event, &error);
    g_assert_no_error(error);
}
