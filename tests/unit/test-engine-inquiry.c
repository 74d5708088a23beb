/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "engine-lab.h"
#include "util/error.h"
#include "vs-test.h"

/* Somebody names a domain that isn't known, or is known to be off, and libvirt is asked. */

#define STARTING_UP 11

static void
inquire(Lab *lab, const char *text, const char *uri)
{
    VsEvent event = {.type = VS_EVENT_INQUIRE, .inquire = {.text = text, .uri = uri, .number = 7}};

    g_assert_true(lab_step(lab, &event, NULL));
}

/* libvirt's answer to the last question: the guest as it is now, or (@text NULL) nothing. */
static void
answer(Lab *lab, const char *text, bool there)
{
    VsDomainId named = {.uri = (char *)LAB_URI, .name = (char *)text, .id = -1};
    VsEvent event = {.type = VS_EVENT_FOUND, .domain = &named};

    event.found.domains = &lab->guest;
    event.found.n_domains = there ? 1 : 0;
    event.found.serial = lab->find;
    lab_step(lab, &event, NULL);
}

static void
start_unheard(Lab *lab, int id)
{
    lab->guest.state = VS_STATE_RUNNING;
    lab->guest.reason = 1;
    lab->guest.domain.id = id;
}

static void
expect_answered(Lab *lab)
{
    g_assert_cmpuint(lab->n_inquired, ==, 1);
    g_assert_null(lab->why_not);
}

static void
press_and_go(Lab *lab)
{
    lab_stop(lab, "power-button:60s destroy");
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_CERTAIN);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN, "power-button=went down");
}

/* It was off, and STARTED comes after the answer: the same run, which is pressed once. */
static void
test_off(Lab *lab, const void *data)
{
    lab_connect(lab);
    lab_pass(lab, 20 * SEC);
    inquire(lab, "web1", NULL);
    g_assert_cmpuint(lab->n_finds, ==, 1);
    g_assert_cmpuint(lab->n_inquired, ==, 0);
    start_unheard(lab, 5);
    answer(lab, "web1", true);
    expect_answered(lab);
    lab_stop(lab, "power-button:60s destroy");
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_lifecycle(lab, VS_LIFECYCLE_STARTED, 0);
    lab_pass_quietly(lab, SEC);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_CERTAIN);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN, "power-button=went down");
}

/* STARTED comes before the answer: that is enough. */
static void
test_told_first(Lab *lab, const void *data)
{
    lab_connect(lab);
    lab_pass(lab, 20 * SEC);
    inquire(lab, "web1", LAB_URI);
    lab_boot(lab);
    expect_answered(lab);
    answer(lab, "web1", true);
    g_assert_cmpuint(lab->n_inquired, ==, 1);
    press_and_go(lab);
}

/* Nobody has heard of it, whatever it is called by. */
static void
test_unknown(Lab *lab, const void *data)
{
    static const char *const texts[] = {"web1", LAB_UUID, "5"};

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        lab_tear_down(lab, NULL);
        *lab = (Lab){0};
        lab_set_up(lab, NULL);
        lab->guest.state = VS_STATE_GONE;
        lab_connect(lab);
        lab_pass(lab, 20 * SEC);
        g_assert_null(lab_guest(lab));
        inquire(lab, texts[i], NULL);
        start_unheard(lab, 5);
        answer(lab, texts[i], true);
        expect_answered(lab);
        g_assert_cmpint(lab_guest(lab)->state, ==, VS_STATE_RUNNING);
        press_and_go(lab);
    }
}

static void
test_nowhere(Lab *lab, const void *data)
{
    lab_connect(lab);
    inquire(lab, "nobody", NULL);
    answer(lab, "nobody", false);
    expect_answered(lab);
    g_assert_cmpuint(lab->n_finds, ==, 1);
}

/* It is being started: it is asked again until it runs, or doesn't any more. */
static void
be_started(Lab *lab, bool fails)
{
    lab_connect(lab);
    lab_pass(lab, 20 * SEC);
    lab->guest.state = VS_STATE_PAUSED;
    lab->guest.reason = STARTING_UP;
    lab->guest.domain.id = 5;
    inquire(lab, "web1", NULL);
    answer(lab, "web1", true);
    g_assert_cmpuint(lab->n_inquired, ==, 0);
    lab_pass(lab, SEC / 2);
    g_assert_cmpuint(lab->n_finds, ==, 2);
    if (fails)
        lab->guest = (VsDomainInfo){.domain = lab->guest.domain, .state = VS_STATE_SHUTOFF};
    else
        start_unheard(lab, 5);
    answer(lab, "web1", true);
    expect_answered(lab);
    if (!fails)
        press_and_go(lab);
}

static void
test_starting(Lab *lab, const void *data)
{
    be_started(lab, false);
}

static void
test_start_fails(Lab *lab, const void *data)
{
    be_started(lab, true);
}

static void
test_starting_long(Lab *lab, const void *data)
{
    lab_connect(lab);
    lab_pass(lab, 20 * SEC);
    lab->guest.state = VS_STATE_PAUSED;
    lab->guest.reason = STARTING_UP;
    inquire(lab, "web1", NULL);
    for (int i = 0; i < 44 && lab->n_inquired == 0; i++) {
        answer(lab, "web1", true);
        lab_pass(lab, SEC / 4);
    }
    g_assert_cmpuint(lab->n_inquired, ==, 1);
    g_assert_nonnull(strstr(lab->why_not, "only being started"));
}

/* The record of its run before is still to be made. */
static void
test_runs_anew(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_pass(lab, 20 * SEC);
    lab->mute = true;
    lab_go_down(lab);
    lab_be_reaped(lab); /* its log is awaited */
    lab->mute = false;
    inquire(lab, "web1", NULL);
    start_unheard(lab, lab->guest.domain.id + 7);
    answer(lab, "web1", true);
    g_assert_cmpuint(lab->n_inquired, ==, 0);
    lab_answer_log(lab);
    lab_pass(lab, SEC);
    answer(lab, "web1", true);
    expect_answered(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY);
}

static void
test_silent(Lab *lab, const void *data)
{
    lab_connect(lab);
    inquire(lab, "web1", NULL);
    lab_pass(lab, 9 * SEC);
    g_assert_cmpuint(lab->n_inquired, ==, 0);
    lab_pass(lab, SEC);
    g_assert_cmpuint(lab->n_inquired, ==, 1);
    g_assert_nonnull(strstr(lab->why_not, "doesn't answer"));
    answer(lab, "web1", true); /* nobody waits for it */
    g_assert_cmpuint(lab->n_inquired, ==, 1);
}

static void
test_away(Lab *lab, const void *data)
{
    VsEvent event = {.type = VS_EVENT_INQUIRE, .inquire = {.text = "web1", .number = 8}};
    g_autoptr(GError) error = NULL;

    lab_connect(lab);
    inquire(lab, "web1", NULL);
    lab_close(lab);
    expect_answered(lab);
    g_assert_false(lab_step(lab, &event, &error));
    g_assert_error(error, VS_ERROR, VS_ERROR_NOT_CONNECTED);
}

/* The answer to the first question is none to the second. */
static void
test_two(Lab *lab, const void *data)
{
    uint64_t first;

    lab_connect(lab);
    inquire(lab, "web1", NULL);
    first = lab->find;
    inquire(lab, "web1", NULL);
    answer(lab, "web1", false);
    g_assert_cmpuint(lab->n_inquired, ==, 1);
    lab->find = first;
    answer(lab, "web1", false);
    g_assert_cmpuint(lab->n_inquired, ==, 2);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    lab_add("/engine-inquiry/off", test_off);
    lab_add("/engine-inquiry/told-first", test_told_first);
    lab_add("/engine-inquiry/unknown", test_unknown);
    lab_add("/engine-inquiry/nowhere", test_nowhere);
    lab_add("/engine-inquiry/starting", test_starting);
    lab_add("/engine-inquiry/start-fails", test_start_fails);
    lab_add("/engine-inquiry/starting-long", test_starting_long);
    lab_add("/engine-inquiry/runs-anew", test_runs_anew);
    lab_add("/engine-inquiry/silent", test_silent);
    lab_add("/engine-inquiry/away", test_away);
    lab_add("/engine-inquiry/two", test_two);
    return g_test_run();
}
