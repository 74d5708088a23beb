/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine-lab.h"
#include "vs-test.h"

/* What a guest's XML says of its policy: its title, its tags, its metadata. */

static void
label(Lab *lab, const char *title, const char *said)
{
    const char *const assignments[] = {said, NULL};

    vs_labels_unref(lab->labels);
    lab->labels = vs_labels_new(NULL, title, "", assignments);
}

/* libvirt says that it was changed. */
static void
change(Lab *lab, const char *title, const char *said)
{
    VsEvent event = {.type = VS_EVENT_METADATA, .domain = &lab->guest.domain};

    label(lab, title, said);
    lab_step(lab, &event, NULL);
}

static VsGuestPolicy
policy_of(Lab *lab)
{
    VsGuestPolicy policy;

    vs_engine_policy_for(lab->engine, lab_guest(lab), &policy);
    return policy;
}

static void
add_section(Lab *lab, const char *glob, int priority)
{
    VsPolicy policy;
    VsSection *section = vs_section_new(glob, "");

    section->says = VS_POLICY_PRIORITY;
    section->policy.priority = priority;
    vs_policy_init(&policy);
    g_ptr_array_add(policy.sections, section);
    vs_engine_set_policy(lab->engine, &policy);
    vs_policy_clear(&policy);
}

static void
test_ladder(Lab *lab, const void *data)
{
    label(lab, "", "Ladder=destroy");
    lab_run_guest(lab);
    lab_stop(lab, NULL);
    lab_expect_call(lab, VS_METHOD_DESTROY);
}

static void
test_request_wins(Lab *lab, const void *data)
{
    label(lab, "", "Ladder=destroy");
    lab_run_guest(lab);
    lab_stop(lab, "power-button:10s leave");
    lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
}

static void
test_section_by_title(Lab *lab, const void *data)
{
    add_section(lab, "title:Data*", 7);
    label(lab, "Database", "Paused=leave");
    lab_run_guest(lab);
    g_assert_cmpint(policy_of(lab).priority, ==, 7);
    g_assert_cmpint(policy_of(lab).paused, ==, VS_PAUSED_LEAVE);
    change(lab, "Web", "Paused=leave");
    g_assert_cmpint(policy_of(lab).priority, ==, 0);
}

/* An answer to the question before the change is older than it. */
static void
test_changed_while_asked(Lab *lab, const void *data)
{
    uint64_t first;

    lab->hung = true;
    label(lab, "", "Priority=1");
    lab_run_guest(lab);
    first = lab->last_description;
    change(lab, "", "Priority=2");
    g_assert_cmpuint(lab->n_described, ==, 2);
    lab_answer_description(lab, first);
    g_assert_cmpint(policy_of(lab).priority, ==, 0);
    lab_answer_description(lab, lab->last_description);
    g_assert_cmpint(policy_of(lab).priority, ==, 2);
}

/* What is broken is said once, and the last good policy stays, over a restart, too. */
static void
test_refused(Lab *lab, const void *data)
{
    unsigned n_notes;

    label(lab, "", "Priority=5");
    lab_run_guest(lab);
    change(lab, "", "Priority=much");
    lab_expect_note(lab, "refused, what held before stays: Priority=: “much” (allowed: a number");
    g_assert_cmpint(policy_of(lab).priority, ==, 5);
    g_assert_true(lab_guest(lab)->labels->refused);
    n_notes = lab->notes->len;
    change(lab, "new", "Priority=much");
    g_assert_cmpuint(lab->notes->len, ==, n_notes);

    lab->hung = true;
    lab_restart(lab, SEC);
    lab_connect(lab);
    g_assert_cmpint(policy_of(lab).priority, ==, 5);
    g_assert_nonnull(lab_guest(lab)->labels->complaint);
    lab->hung = false;
    change(lab, "", "Priority=6");
    g_assert_cmpint(policy_of(lab).priority, ==, 6);
    g_assert_null(lab_guest(lab)->labels->complaint);
}

/* One that is to be stopped as it starts is stopped by its own ladder, which is waited for a
 * moment.
 */
static void
test_stopped_as_it_starts(Lab *lab, const void *data)
{
    lab->hung = true;
    lab_connect(lab);
    lab_boot(lab);
    lab_stop(lab, NULL);
    lab_pass_quietly(lab, SEC);
    label(lab, "", "Ladder=destroy");
    lab_answer_description(lab, lab->last_description);
    lab_expect_call(lab, VS_METHOD_DESTROY);
}

/* ... also by a daemon that is there only then. */
static void
test_stopped_and_taken_over(Lab *lab, const void *data)
{
    lab->hung = true;
    lab_connect(lab);
    lab_boot(lab);
    lab_stop(lab, NULL);
    lab_restart(lab, SEC / 10);
    lab->hung = false;
    label(lab, "", "Ladder=destroy");
    lab_connect(lab);
    lab_expect_call(lab, VS_METHOD_DESTROY);
}

/* ... but not for ever. */
static void
test_not_told(Lab *lab, const void *data)
{
    lab->hung = true;
    lab_connect(lab);
    lab_boot(lab);
    lab_stop(lab, NULL);
    lab_pass_quietly(lab, 2 * SEC - 1);
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_AGENT);
    label(lab, "", "Ladder=destroy");
    lab_answer_description(lab, lab->last_description);
    lab_expect_no_call(lab); /* it is too late for that */
}

/* It goes down, and what it says holds for its start, until it is defined anew. */
static void
test_off(Lab *lab, const void *data)
{
    VsEvent event = {.type = VS_EVENT_LIFECYCLE, .domain = &lab->guest.domain};

    label(lab, "", "OnBoot=ignore");
    lab_run_guest(lab);
    lab_power_off(lab);
    g_assert_cmpint(policy_of(lab).on_boot, ==, VS_ON_BOOT_IGNORE);
    event.lifecycle.type = VS_LIFECYCLE_DEFINED;
    lab_step(lab, &event, NULL);
    g_assert_null(lab_guest(lab)->labels);
    g_assert_cmpint(policy_of(lab).on_boot, ==, VS_ON_BOOT_START);
}

/* SetPolicy() tells what it wrote. */
static void
test_labelled(Lab *lab, const void *data)
{
    VsEvent event = {.type = VS_EVENT_LABELLED, .domain = &lab->guest.domain};

    lab->hung = true;
    lab_run_guest(lab);
    label(lab, "", "Priority=3");
    event.labelled.labels = lab->labels;
    lab_step(lab, &event, NULL);
    g_assert_cmpint(policy_of(lab).priority, ==, 3);
    lab_be_gone(lab, VS_STATE_GONE, 0);
    lab_step(lab, &event, NULL); /* of nobody that is known */
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    lab_add("/engine/labels/ladder", test_ladder);
    lab_add("/engine/labels/request-wins", test_request_wins);
    lab_add("/engine/labels/section-by-title", test_section_by_title);
    lab_add("/engine/labels/changed-while-asked", test_changed_while_asked);
    lab_add("/engine/labels/refused", test_refused);
    lab_add("/engine/labels/stopped-as-it-starts", test_stopped_as_it_starts);
    lab_add("/engine/labels/stopped-and-taken-over", test_stopped_and_taken_over);
    lab_add("/engine/labels/not-told", test_not_told);
    lab_add("/engine/labels/off", test_off);
    lab_add("/engine/labels/labelled", test_labelled);
    return g_test_run();
}
