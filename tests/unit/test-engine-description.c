/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine-lab.h"
#include "vs-test.h"

/* What only a guest's XML tells, where libvirt doesn't tell it: its QEMU hangs. And guests that are
 * gone. */

static json_object *
find_evidence(Lab *lab, const char *source)
{
    json_object *evidence = lab_last_record(lab)->evidence;

    for (size_t i = 0; i < json_object_array_length(evidence); i++) {
        json_object *item = json_object_array_get_idx(evidence, i);

        if (g_str_equal(vs_json_string(item, "source", ""), source))
            return item;
    }
    return NULL;
}

/* A stop waits for it a moment, then does what the configuration says; the record has that. */
static void
test_hung(Lab *lab, const void *data)
{
    lab->guest.description.agent = VS_AGENT_NONE;
    lab->hung = true;
    lab_connect(lab);
    lab_boot(lab);
    lab_stop(lab, "agent:10s destroy");
    lab_pass_quietly(lab, 2 * SEC - 1);
    lab_pass(lab, 1);
    lab_reply_error(lab, lab_expect_call(lab, VS_METHOD_AGENT), 74, 0);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_DESTROY));
    lab_be_destroyed(lab);
    lab_expect_record(lab, VS_CAUSE_DESTROYED, VS_CONFIDENCE_CERTAIN);
    g_assert_cmpstr(vs_json_string(find_evidence(lab, "domain-xml"), "event", NULL), ==,
                    "not read");
}

/* One that is answered in time has no such thing in its record. */
static void
test_answered_in_time(Lab *lab, const void *data)
{
    lab->guest.description.agent = VS_AGENT_NONE;
    lab->hung = true;
    lab_connect(lab);
    lab_boot(lab);
    lab_stop(lab, "agent:10s power-button:10s destroy");
    lab_pass_quietly(lab, SEC);
    lab_answer_description(lab, lab->last_description);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_power_off(lab);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN, "agent=no agent channel, power-button=went down");
    g_assert_null(find_evidence(lab, "domain-xml"));
}

/* What needs no answer waits for none. */
static void
test_nothing_to_know(Lab *lab, const void *data)
{
    lab->hung = true;
    lab_connect(lab);
    lab_boot(lab);
    lab_stop(lab, "destroy");
    lab_expect_call(lab, VS_METHOD_DESTROY);
}

static void
test_said(Lab *lab, const void *data)
{
    lab->hung = true;
    lab->guest.state = VS_STATE_RUNNING;
    lab->guest.domain.id = 1;
    lab_open(lab);
    lab_pass(lab, 10 * SEC - 1);
    g_assert_null(vs_guest_why_unknown(lab_guest(lab)));
    lab_pass(lab, 1);
    g_assert_nonnull(vs_guest_why_unknown(lab_guest(lab)));
    lab_expect_note(lab, "has not answered");
    lab_pass(lab, 3600 * SEC);
    g_assert_cmpuint(lab->n_described, ==, 1); /* one question is enough: it holds a worker */
    lab_answer_description(lab, lab->last_description);
    g_assert_null(vs_guest_why_unknown(lab_guest(lab)));
    g_assert_cmpint(lab_guest(lab)->description.agent, ==, VS_AGENT_CONNECTED);
    g_assert_true(vs_engine_next_timer(lab->engine) == INT64_MAX);
}

/* A dump, or a migration, holds the domain: it is asked again, less and less often. */
static void
test_refused(Lab *lab, const void *data)
{
    static const int pauses[] = {30, 60, 120, 240, 480, 600, 600};

    lab->hung = true;
    lab_run_guest(lab);
    for (size_t i = 0; i < G_N_ELEMENTS(pauses); i++) {
        lab_refuse_description(lab, lab->last_description);
        g_assert_nonnull(vs_guest_why_unknown(lab_guest(lab)));
        g_assert_cmpuint(lab->n_described, ==, i + 1);
        lab_pass(lab, pauses[i] * SEC - 1);
        g_assert_cmpuint(lab->n_described, ==, i + 1);
        lab_pass(lab, 1);
        g_assert_cmpuint(lab->n_described, ==, i + 2);
    }
    lab_answer_description(lab, lab->last_description);
    g_assert_null(vs_guest_why_unknown(lab_guest(lab)));
    lab_power_off(lab);
    g_assert_true(vs_engine_next_timer(lab->engine) == INT64_MAX);
}

/* It is read when a guest is first seen, and again when libvirt has settled; not with each list. */
static void
test_how_often(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    g_assert_cmpuint(lab->n_described, ==, 2);
    lab_close(lab);
    lab_connect(lab);
    g_assert_cmpuint(lab->n_described, ==, 4);
    lab_pass(lab, 3600 * SEC);
    lab_lifecycle(lab, VS_LIFECYCLE_DEFINED, 1);
    g_assert_cmpuint(lab->n_described, ==, 5);
    lab_power_off(lab);
    lab_lifecycle(lab, VS_LIFECYCLE_DEFINED, 1);
    g_assert_cmpuint(lab->n_described, ==, 5);
    lab_boot(lab);
    g_assert_cmpuint(lab->n_described, ==, 6);
}

/* What is known of a run outlives the daemon; what is known of another says nothing. */
static void
test_kept(Lab *lab, const void *data)
{
    lab->guest.description.agent = VS_AGENT_NONE;
    lab_run_guest(lab);
    lab->hung = true;
    lab_restart(lab, 5 * SEC);
    lab_connect(lab);
    lab_stop(lab, "agent:10s power-button:10s destroy");
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_power_off(lab);
    lab_boot(lab);
    g_assert_cmpint(lab_guest(lab)->description.agent, ==, VS_AGENT_UNKNOWN);
}

static void
test_event_is_newer(Lab *lab, const void *data)
{
    VsEvent event = {.type = VS_EVENT_AGENT, .domain = &lab->guest.domain};

    event.agent.state = VS_AGENT_CONNECTED;
    lab->guest.description.agent = VS_AGENT_DISCONNECTED;
    lab->hung = true;
    lab_connect(lab);
    lab_boot(lab);
    lab_step(lab, &event, NULL);
    lab_answer_description(lab, lab->last_description);
    g_assert_cmpint(lab_guest(lab)->description.agent, ==, VS_AGENT_CONNECTED);
}

/* The answer of a run that is over, and of a connection that broke. */
static void
test_late_answer(Lab *lab, const void *data)
{
    uint64_t serial;

    lab->guest.description.agent = VS_AGENT_NONE;
    lab->hung = true;
    lab_run_guest(lab);
    serial = lab->last_description;
    lab_close(lab);
    lab_answer_description(lab, serial);
    g_assert_cmpint(lab_guest(lab)->description.agent, ==, VS_AGENT_UNKNOWN);
    lab_connect(lab);
    serial = lab->last_description;
    lab_power_off(lab);
    lab_boot(lab);
    lab_answer_description(lab, serial);
    g_assert_cmpint(lab_guest(lab)->description.agent, ==, VS_AGENT_UNKNOWN);
}

/* It was undefined while it ran, and is gone when it stops: the answer was overtaken. */
static void
test_ghost(Lab *lab, const void *data)
{
    uint64_t serial;

    lab_run_guest(lab);
    lab->mute = true;
    lab_lifecycle(lab, VS_LIFECYCLE_UNDEFINED, 0);
    serial = lab->last_serial;
    lab->mute = false;
    lab_power_off(lab);
    g_assert_nonnull(lab_guest(lab));
    lab->guest.state = VS_STATE_GONE;
    lab_answer_look_up(lab, serial);
    g_assert_null(lab_guest(lab));
}

/* A list that was asked for before says it is persistent. */
static void
test_older_list(Lab *lab, const void *data)
{
    uint64_t serial;

    lab->mute = true;
    lab->guest.state = VS_STATE_RUNNING;
    lab->guest.domain.id = 1;
    lab_open(lab);
    serial = lab->last_serial;
    lab_lifecycle(lab, VS_LIFECYCLE_UNDEFINED, 0);
    lab->mute = false;
    lab_boot(lab);
    lab->guest.persistent = false;
    lab_lifecycle(lab, VS_LIFECYCLE_UNDEFINED, 0);
    g_assert_false(lab_guest(lab)->persistent);
    lab->guest.persistent = true;
    lab_answer_list(lab, serial);
    g_assert_false(lab_guest(lab)->persistent);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    lab_add("/engine/description/hung", test_hung);
    lab_add("/engine/description/answered-in-time", test_answered_in_time);
    lab_add("/engine/description/nothing-to-know", test_nothing_to_know);
    lab_add("/engine/description/said", test_said);
    lab_add("/engine/description/refused", test_refused);
    lab_add("/engine/description/how-often", test_how_often);
    lab_add("/engine/description/kept", test_kept);
    lab_add("/engine/description/event-is-newer", test_event_is_newer);
    lab_add("/engine/description/late-answer", test_late_answer);
    lab_add("/engine/ghost/answer-overtaken", test_ghost);
    lab_add("/engine/ghost/older-list", test_older_list);
    return g_test_run();
}
