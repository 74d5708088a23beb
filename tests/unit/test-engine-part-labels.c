/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine-lab.h"
#include "vs-test.h"

/* The stop of a part is asked for, or goes on, while libvirt is only being asked what the guest's
 * XML says, or whether it is persistent: nobody is judged before that is known. */

static bool
is_stopping(Lab *lab)
{
    return vs_engine_is_stopping_all(lab->engine);
}

static void
stop_part(Lab *lab, VsPartKind kind, const char *word, const char *uri)
{
    g_autoptr(VsPart) part = vs_part_new();
    VsEvent event = {.type = VS_EVENT_STOP_ALL, .stop_all = {.part = part}};

    g_assert_true(vs_part_add(part, kind, word, NULL));
    g_assert_true(!uri || vs_part_add(part, VS_PART_URI, uri, NULL));
    g_assert_true(lab_step(lab, &event, NULL));
}

static void
label(Lab *lab, const char *title, const char *said)
{
    const char *const assignments[] = {said, NULL};

    vs_labels_unref(lab->labels);
    lab->labels = vs_labels_new(NULL, title, "", assignments);
}

/* It was started a moment ago, for the first time. */
static void
start_unread(Lab *lab)
{
    lab->guest.description.agent = VS_AGENT_NONE;
    lab->hung = true;
    lab_connect(lab);
    lab_boot(lab);
}

static void
test_group(Lab *lab, const void *data)
{
    label(lab, "", "Group=lab");
    start_unread(lab);
    stop_part(lab, VS_PART_GROUP, "lab", NULL);
    lab_pass_quietly(lab, SEC);
    g_assert_true(is_stopping(lab));
    lab_answer_description(lab, lab->last_description);
    lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
}

/* By the configuration it would be of the part, and isn't. */
static void
test_priority(Lab *lab, const void *data)
{
    label(lab, "", "Priority=50");
    start_unread(lab);
    stop_part(lab, VS_PART_PRIORITY, "..10", NULL);
    lab_pass_quietly(lab, SEC);
    lab_answer_description(lab, lab->last_description);
    lab_pass_quietly(lab, 10 * SEC);
    g_assert_false(is_stopping(lab));
}

static void
test_title(Lab *lab, const void *data)
{
    label(lab, "Database 1", NULL);
    start_unread(lab);
    stop_part(lab, VS_PART_DOMAIN, "title:Database 1", NULL);
    lab_answer_description(lab, lab->last_description);
    lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
}

/* Of a name, and of a libvirt, nothing need be read; nor of guests of another one. */
static void
test_nothing_to_read(Lab *lab, const void *data)
{
    start_unread(lab);
    vs_engine_watch(lab->engine, "xen:///system", lab->now);
    stop_part(lab, VS_PART_PRIORITY, "0", "xen*");
    lab_pass_quietly(lab, 31 * SEC); /* for which that one is waited for */
    g_assert_false(is_stopping(lab));
    lab_be_destroyed(lab);
    lab_expect_record(lab, VS_CAUSE_DESTROYED, VS_CONFIDENCE_CERTAIN);
    lab_boot(lab);
    stop_part(lab, VS_PART_DOMAIN, "web*", LAB_URI);
    lab_expect_in_flight(lab);
}

/* Nobody answers: then what the configuration says counts. */
static void
test_no_answer(Lab *lab, const void *data)
{
    start_unread(lab);
    stop_part(lab, VS_PART_GROUP, "lab", NULL);
    stop_part(lab, VS_PART_PRIORITY, "0", NULL);
    lab_pass_quietly(lab, 2 * SEC - 1);
    g_assert_true(is_stopping(lab));
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_AGENT);
    g_assert_cmpuint(vs_engine_host_stops(lab->engine)->len, ==, 1);
}

/* libvirt comes up only when the part is being stopped already. */
static void
test_libvirt_late(Lab *lab, const void *data)
{
    lab->guest.state = VS_STATE_RUNNING;
    lab->guest.domain.id = 3;
    lab->guest.description.agent = VS_AGENT_NONE;
    lab->hung = true;
    vs_engine_watch(lab->engine, LAB_URI, lab->now);
    label(lab, "", "Group=lab");
    stop_part(lab, VS_PART_GROUP, "lab", NULL);
    lab_pass_quietly(lab, SEC);
    lab_open(lab);
    g_assert_true(is_stopping(lab));
    lab_answer_description(lab, lab->last_description);
    lab_pass(lab, 10 * SEC);
    lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
}

/* Whether it is persistent isn't known yet: it takes part in a stop of all, too. */
static void
test_not_looked_up(Lab *lab, const void *data)
{
    VsEvent stop_all = {.type = VS_EVENT_STOP_ALL};
    VsEvent nothing = {.type = VS_EVENT_LISTED, .uri = LAB_URI};

    lab->guest.description.agent = VS_AGENT_NONE;
    lab->guest.described = true;
    lab->mute = true;
    lab_open(lab);
    nothing.listed.serial = lab->last_serial;
    lab_step(lab, &nothing, NULL);
    lab_boot(lab);
    lab_step(lab, &stop_all, NULL);
    lab_pass_quietly(lab, SEC);
    g_assert_true(is_stopping(lab));
    lab_answer_look_up(lab, lab->last_serial);
    lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
}

static void
inquire(Lab *lab, const char *group, uint64_t number)
{
    g_autoptr(VsPart) part = vs_part_new();
    VsEvent event = {.type = VS_EVENT_INQUIRE, .inquire = {.part = part, .number = number}};

    g_assert_true(vs_part_add(part, VS_PART_GROUP, group, NULL));
    g_assert_true(lab_step(lab, &event, NULL));
}

/* Whoever wants to know first who is of the part. */
static void
test_inquiry(Lab *lab, const void *data)
{
    label(lab, "", "Group=lab");
    start_unread(lab);
    inquire(lab, "lab", 1);
    lab_pass_quietly(lab, SEC);
    g_assert_cmpuint(lab->n_inquired, ==, 0);
    lab_answer_description(lab, lab->last_description);
    g_assert_cmpuint(lab->n_inquired, ==, 1);
    inquire(lab, "lab", 2);
    g_assert_cmpuint(lab->n_inquired, ==, 2);
    g_assert_null(lab->why_not);
}

static void
test_inquiry_unanswered(Lab *lab, const void *data)
{
    start_unread(lab);
    inquire(lab, "lab", 1);
    lab_pass_quietly(lab, 2 * SEC - 1);
    g_assert_cmpuint(lab->n_inquired, ==, 0);
    lab_pass_quietly(lab, 1);
    g_assert_cmpuint(lab->n_inquired, ==, 1);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    lab_add("/engine/part-labels/group", test_group);
    lab_add("/engine/part-labels/priority", test_priority);
    lab_add("/engine/part-labels/title", test_title);
    lab_add("/engine/part-labels/nothing-to-read", test_nothing_to_read);
    lab_add("/engine/part-labels/no-answer", test_no_answer);
    lab_add("/engine/part-labels/libvirt-late", test_libvirt_late);
    lab_add("/engine/part-labels/not-looked-up", test_not_looked_up);
    lab_add("/engine/part-labels/inquiry", test_inquiry);
    lab_add("/engine/part-labels/inquiry-unanswered", test_inquiry_unanswered);
    return g_test_run();
}
