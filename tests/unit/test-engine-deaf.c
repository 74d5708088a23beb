/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/evidence.h"
#include "engine-lab.h"
#include "util/wallclock.h"
#include "vs-test.h"

/* What may have been done to a guest when nobody listened. */

/* Without an agent, whom somebody else can ask without a sign. */
static void
run_guest(Lab *lab)
{
    lab->guest.description.agent = VS_AGENT_NONE;
    lab_run_guest(lab);
}

/* The last item says why it is no more than likely. */
static json_object *
doubt_of(Lab *lab)
{
    json_object *evidence = lab_last_record(lab)->evidence;
    json_object *item = json_object_array_get_idx(evidence, json_object_array_length(evidence) - 1);

    g_assert_cmpstr(vs_json_string(item, "source", NULL), ==, VS_EVIDENCE_DOUBT);
    return item;
}

/* Since when it was watched, by the clock. */
static void
expect_since(Lab *lab, int64_t ago)
{
    g_autofree char *since = vs_wallclock_format(lab->now.real - ago);

    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY);
    g_assert_cmpstr(vs_json_string(doubt_of(lab), "since", NULL), ==, since);
}

/* Somebody may have pressed before we were back: who powers off then did so of itself, likely. */
static void
test_gap(Lab *lab, const void *data)
{
    run_guest(lab);
    lab_close(lab);
    lab_pass(lab, 10 * SEC);
    lab_open(lab);
    lab_pass(lab, SEC);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY);
}

/* ... also where it was this daemon that was away. */
static void
test_restart(Lab *lab, const void *data)
{
    run_guest(lab);
    lab_restart(lab, 5 * SEC);
    lab_open(lab);
    lab_pass(lab, 599 * SEC);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY);
}

/* ... and of a run that we never saw before. */
static void
test_started_while_away(Lab *lab, const void *data)
{
    lab_connect(lab);
    lab_close(lab);
    run_guest(lab);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY);
}

/* After ten minutes nobody's press explains anything. */
static void
test_long_after_deaf(Lab *lab, const void *data)
{
    run_guest(lab);
    lab_close(lab);
    lab_pass(lab, 10 * SEC);
    lab_open(lab);
    lab_pass(lab, 600 * SEC);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_CERTAIN);
}

/* A run that began while we listened was never out of our sight. */
static void
test_started_since(Lab *lab, const void *data)
{
    lab->guest.description.agent = VS_AGENT_NONE;
    lab_connect(lab);
    lab_close(lab);
    lab_open(lab);
    lab_boot(lab);
    lab_pass(lab, 20 * SEC);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_CERTAIN);
}

/* Nothing was kept of what came before: a virtstopd that is started for the first time, or that
 * could keep nothing, knows no more than since when it listens. */
static void
test_first_start(Lab *lab, const void *data)
{
    run_guest(lab);
    lab_pass(lab, 579 * SEC); /* and 20 s until it has settled */
    lab_power_off(lab);
    expect_since(lab, 599 * SEC + 3 * SEC / 2);
}

static void
test_long_after_first_start(Lab *lab, const void *data)
{
    run_guest(lab);
    lab_pass(lab, 580 * SEC);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_CERTAIN);
}

/* It powers off before libvirt has even said which guests it has. */
static void
test_off_as_we_connect(Lab *lab, const void *data)
{
    lab->guest.description.agent = VS_AGENT_NONE;
    lab->guest.state = VS_STATE_RUNNING;
    lab->guest.domain.id = 1;
    lab->mute = true;
    lab_open(lab);
    lab_go_down(lab);
    lab->mute = false;
    lab_pass(lab, SEC);
    lab_be_reaped(lab);
    lab_pass(lab, 20 * SEC);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY);
}

/* The disk was full: our own press wasn't kept, and we were killed. */
static void
test_press_not_kept(Lab *lab, const void *data)
{
    run_guest(lab);
    lab_stop(lab, "power-button:60s leave");
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    g_clear_pointer(&lab->saved, g_free);
    lab_restart(lab, SEC);
    lab_open(lab);
    lab_pass(lab, 25 * SEC);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY);
}

/* ... and what is left is from before the press. */
static void
test_older_state_kept(Lab *lab, const void *data)
{
    g_autofree char *older = NULL;

    run_guest(lab);
    lab_pass(lab, 700 * SEC);
    older = g_strdup(lab->saved);
    lab_stop(lab, "power-button:60s leave");
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    g_free(lab->saved);
    lab->saved = g_steal_pointer(&older);
    lab_restart(lab, SEC);
    lab_open(lab);
    lab_pass(lab, 25 * SEC);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY);
}

/* Its end was seen whole before we were killed: nothing of it was missed. */
static void
test_restarted_behind_its_end(Lab *lab, const void *data)
{
    lab->guest.description.agent = VS_AGENT_NONE;
    lab_connect(lab);
    lab_boot(lab);
    lab_go_down(lab);
    lab_pass(lab, SEC);
    lab->disk_hangs = true; /* the record isn't on disk */
    lab_be_reaped(lab);
    lab->disk_hangs = false;
    g_ptr_array_set_size(lab->records, 0);
    lab_restart(lab, SEC);
    lab_pass(lab, 20 * SEC);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_CERTAIN);
}

/* What it was asked elsewhere, or before it was saved, isn't known. */
static void
test_goes_on(Lab *lab, const void *data)
{
    static const int details[] = {1, 2, 3}; /* migrated here, restored, reverted to a snapshot */

    lab->guest.description.agent = VS_AGENT_NONE;
    lab_connect(lab);
    for (size_t i = 0; i < G_N_ELEMENTS(details); i++) {
        lab->guest.state = VS_STATE_RUNNING;
        lab->guest.domain.id = 5 + (int)i;
        lab_lifecycle(lab, VS_LIFECYCLE_STARTED, details[i]);
        lab_pass(lab, 599 * SEC);
        lab_power_off(lab);
        lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY);
        g_ptr_array_set_size(lab->records, 0);
    }
}

/* Since when is kept over a restart, and moves on with it. */
static void
test_found_and_restarted(Lab *lab, const void *data)
{
    run_guest(lab);
    lab_pass(lab, 500 * SEC);
    lab_restart(lab, SEC);
    lab_open(lab);
    lab_pass(lab, 200 * SEC);
    lab_power_off(lab);
    expect_since(lab, 200 * SEC + 3 * SEC / 2);
}

/* Its user shuts it down, after a press that it ignored. */
static void
test_ignored_press(Lab *lab, const void *data)
{
    int64_t ms;

    lab_connect(lab);
    lab_boot(lab);
    lab_qmp(lab, "POWERDOWN", NULL);
    lab_pass(lab, 18 * SEC);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_LIKELY);
    g_assert_true(vs_json_int(doubt_of(lab), "ms", &ms));
    g_assert_cmpint(ms, ==, 18000);
}

/* One that was found running had not powered off unseen; of one that was found paused that isn't
 * known, for libvirt can keep the process of a guest that is off. */
static void
test_signal_after_first_start(Lab *lab, const void *data)
{
    static const struct {
        VsDomainState state;
        VsConfidence confidence;
    } cases[] = {
        {VS_STATE_RUNNING, VS_CONFIDENCE_CERTAIN},
        {VS_STATE_PAUSED, VS_CONFIDENCE_LIKELY},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        lab->guest.state = cases[i].state;
        lab->guest.domain.id = 1 + (int)i;
        lab_connect(lab);
        lab_be_reaped(lab);
        lab_expect_record(lab, VS_CAUSE_HOST_SIGNAL, cases[i].confidence);
        g_ptr_array_set_size(lab->records, 0);
        lab_close(lab);
    }
}

static void
obey_late(Lab *lab, int64_t after)
{
    lab_connect(lab);
    lab_boot(lab);
    lab_qmp(lab, "POWERDOWN", NULL);
    lab_pass(lab, after);
    lab_power_off(lab);
}

/* A guest that always takes so long obeys. */
static void
test_always_late(Lab *lab, const void *data)
{
    lab->habit = (VsHabit){.n = 3, .took = {70 * SEC, 71 * SEC, 75 * SEC}};
    obey_late(lab, 68 * SEC);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_CERTAIN);
}

/* ... but not one that mostly is quicker. */
static void
test_mostly_quicker(Lab *lab, const void *data)
{
    lab->habit = (VsHabit){.n = 3, .took = {70 * SEC, 2 * SEC, 75 * SEC}};
    obey_late(lab, 68 * SEC);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_LIKELY);
    doubt_of(lab);
}

/* Whoever is asked for its records may hang; they aren't waited for for long. */
static void
test_habit_untold(Lab *lab, const void *data)
{
    lab->habit_hangs = true;
    obey_late(lab, 68 * SEC);
    lab_expect_no_record(lab);
    lab_pass(lab, 2 * SEC);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_LIKELY);
    lab_answer_habit(lab);
}

/* Nobody is asked where it can't decide. */
static void
test_habit_not_asked(Lab *lab, const void *data)
{
    lab->habit_hangs = true;
    obey_late(lab, 9 * SEC);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_CERTAIN);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    lab_add("/engine/deaf/gap", test_gap);
    lab_add("/engine/deaf/restart", test_restart);
    lab_add("/engine/deaf/started-while-away", test_started_while_away);
    lab_add("/engine/deaf/long-after", test_long_after_deaf);
    lab_add("/engine/deaf/started-since", test_started_since);
    lab_add("/engine/deaf/first-start", test_first_start);
    lab_add("/engine/deaf/long-after-first-start", test_long_after_first_start);
    lab_add("/engine/deaf/off-as-we-connect", test_off_as_we_connect);
    lab_add("/engine/deaf/press-not-kept", test_press_not_kept);
    lab_add("/engine/deaf/older-state-kept", test_older_state_kept);
    lab_add("/engine/deaf/restarted-behind-its-end", test_restarted_behind_its_end);
    lab_add("/engine/deaf/goes-on", test_goes_on);
    lab_add("/engine/deaf/ignored-press", test_ignored_press);
    lab_add("/engine/deaf/signal-after-first-start", test_signal_after_first_start);
    lab_add("/engine/deaf/always-late", test_always_late);
    lab_add("/engine/deaf/mostly-quicker", test_mostly_quicker);
    lab_add("/engine/deaf/habit-untold", test_habit_untold);
    lab_add("/engine/deaf/habit-not-asked", test_habit_not_asked);
    lab_add("/engine/deaf/found-and-restarted", test_found_and_restarted);
    return g_test_run();
}
