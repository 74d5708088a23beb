/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "fleet.h"
#include "util/error.h"
#include "vs-test.h"

/* Guests that ran are started again after a stop of all, through the engine. */

/* In the reverse order, one after the other, and not what runs already. */
static void
test_restore(void)
{
    g_autofree char *kept = NULL;
    Fleet fleet;

    fleet_set_up(&fleet, "a b c");
    fleet_section(&fleet, "c", "b");
    fleet_section(&fleet, "b", "a");
    fleet.policy.start_delay = 5 * SEC;
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 0, true);
    fleet_go_off(&fleet, "c", false);
    fleet_go_off(&fleet, "b", false);
    fleet_go_off(&fleet, "a", false);
    g_assert_nonnull(fleet.kept);
    kept = g_strdup(fleet.kept);
    vs_engine_free(fleet.engine);
    fleet_info(&fleet, "b")->state = VS_STATE_RUNNING; /* autostart */
    fleet_begin(&fleet);
    g_ptr_array_set_size(fleet.said, 0);

    fleet_take_over_host_stops(&fleet, kept, false);
    fleet_restore(&fleet);
    fleet_expect(&fleet, "a start");
    fleet_reply(&fleet, "a", true);
    fleet_pass(&fleet, 4 * SEC);
    fleet_expect(&fleet, "");
    fleet_pass(&fleet, 2 * SEC);
    fleet_expect(&fleet, "c start");
    fleet_reply(&fleet, "c", true);
    g_assert_null(fleet.kept);
    fleet_tear_down(&fleet);
}

/* What their metadata said holds when the host is up, before anybody has read it anew. */
static void
test_restore_by_metadata(void)
{
    const char *const said[] = {"OnBoot=ignore", NULL};
    g_autoptr(VsLabels) labels = vs_labels_new(NULL, "", "", said);
    VsEvent event = {.type = VS_EVENT_LABELLED, .labelled.labels = labels};
    g_autofree char *kept = NULL;
    Fleet fleet;

    fleet_set_up(&fleet, "a b");
    fleet_begin(&fleet);
    event.domain = &fleet_info(&fleet, "a")->domain;
    fleet_step(&fleet, &event);
    fleet_stop_all(&fleet, 0, true);
    fleet_go_off(&fleet, "b", false);
    fleet_go_off(&fleet, "a", false);
    kept = g_strdup(fleet.kept);
    vs_engine_free(fleet.engine);
    fleet_begin(&fleet);
    g_ptr_array_set_size(fleet.said, 0);

    fleet_take_over_host_stops(&fleet, kept, false);
    fleet_restore(&fleet);
    fleet_expect(&fleet, "b start");
    fleet_reply(&fleet, "b", true);
    g_assert_null(fleet.kept);
    fleet_tear_down(&fleet);
}

/* After a guest it waits for as long as that one's metadata, its section, [Default] or [Daemon]
 * say, in this order. */
static void
test_delay_of_guest(void)
{
    const char *const said[] = {"StartDelay=7s", NULL};
    g_autoptr(VsLabels) labels = vs_labels_new(NULL, "", "", said);
    VsEvent event = {.type = VS_EVENT_LABELLED, .labelled.labels = labels};
    static const struct {
        const char *name;
        int64_t delay;
    } expected[] = {{"a", 7}, {"b", 40}, {"c", 5}};
    VsSection *section;
    Fleet fleet;

    fleet_set_up(&fleet, "a b c d");
    for (const char *name = "abc"; name[1]; name++) {
        char glob[] = {name[1], '\0'}, before[] = {name[0], '\0'};

        section = fleet_section(&fleet, glob, before);
        section->says |= VS_POLICY_START_DELAY;
        section->policy.start_delay = 40 * SEC;
    }
    section->says = 0; /* of c */
    fleet_section(&fleet, "d", "c");
    fleet.policy.start_delay = 5 * SEC;
    fleet_begin(&fleet);
    event.domain = &fleet_info(&fleet, "a")->domain;
    fleet_step(&fleet, &event);
    fleet_stop_all(&fleet, 0, false);
    for (const char *name = "dcba"; *name; name++) {
        char one[] = {*name, '\0'};

        fleet_go_off(&fleet, one, false);
    }
    g_ptr_array_set_size(fleet.said, 0);
    fleet_restore(&fleet);
    for (unsigned i = 0; i < G_N_ELEMENTS(expected); i++) {
        g_autofree char *start = g_strdup_printf("%s start", expected[i].name);

        fleet_expect(&fleet, start);
        fleet_reply(&fleet, expected[i].name, true);
        fleet_pass(&fleet, (expected[i].delay - 1) * SEC);
        fleet_expect(&fleet, "");
        fleet_pass(&fleet, 1 * SEC);
    }
    fleet_expect(&fleet, "d start");
    fleet_reply(&fleet, "d", true);
    g_assert_null(fleet.kept);
    fleet_tear_down(&fleet);
}

/* What can't be started now can be tried again. */
static void
test_fails(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "a b");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 0, false);
    fleet_go_off(&fleet, "a", false);
    fleet_go_off(&fleet, "b", false);
    fleet_expect(
        &fleet, "a power-button, b power-button, a power-button, a clean, b power-button, b clean");
    fleet_restore(&fleet);
    fleet_reply(&fleet, "b", false);
    fleet_reply(&fleet, "a", true);
    fleet_expect(&fleet, "b start, a start");
    fleet_start(&fleet, "a");
    fleet_restore(&fleet);
    fleet_expect(&fleet, "b start");
    fleet_reply(&fleet, "b", true);
    g_assert_null(fleet.kept);
    fleet_tear_down(&fleet);
}

/* The power is back: what was asked already, and can't be held back, is started when it is off. */
static void
test_called_off(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "asked obeys queued");
    fleet_section(&fleet, "asked", "queued");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 0, false);
    fleet_reply(&fleet, "asked", true);
    fleet_go_off(&fleet, "obeys", false);
    fleet_cancel_all(&fleet);
    g_ptr_array_set_size(fleet.said, 0);
    fleet_restore(&fleet);
    fleet_expect(&fleet, "obeys start");
    fleet_start(&fleet, "obeys");
    fleet_reply(&fleet, "obeys", true);
    g_assert_nonnull(strstr(fleet.kept, "asked"));
    fleet_lifecycle(&fleet, "asked", VS_LIFECYCLE_SHUTDOWN, VS_SHUTDOWN_GUEST);
    fleet_info(&fleet, "asked")->state = VS_STATE_SHUTOFF;
    fleet_lifecycle(&fleet, "asked", VS_LIFECYCLE_STOPPED, VS_STOPPED_SHUTDOWN);
    fleet_expect(&fleet, "asked power-button, asked start");
    fleet_reply(&fleet, "asked", true);
    g_assert_null(fleet.kept);
    fleet_tear_down(&fleet);
}

/* ... and one that never goes down is waited for only as long as its request stood. */
static void
test_called_off_ignored(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "ignores");
    fleet_set_ladder(fleet_section(&fleet, "ignores", ""), "power-button:30s destroy");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 0, false);
    fleet_reply(&fleet, "ignores", true);
    fleet_cancel_all(&fleet);
    fleet_restore(&fleet);
    fleet_pass(&fleet, 29 * SEC);
    g_assert_nonnull(fleet.kept);
    fleet_pass(&fleet, 2 * SEC);
    g_assert_null(fleet.kept);
    fleet_tear_down(&fleet);
}

/* First it is called off, and then the host stays up: what is asked for soon after that still knows
 * what ran before the first. */
static void
test_called_off_first(void)
{
    VsEvent stays = {.type = VS_EVENT_HOST_SHUTDOWN};
    Fleet fleet;

    fleet_set_up(&fleet, "a b");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 0, true);
    fleet_reply(&fleet, "a", true);
    fleet_cancel_all(&fleet);
    fleet_step(&fleet, &stays);
    fleet_go_off(&fleet, "a", false);
    fleet_stop_all(&fleet, 0, true);
    fleet_go_off(&fleet, "b", false);
    fleet_step(&fleet, &stays);
    g_ptr_array_set_size(fleet.said, 0);
    fleet_restore(&fleet);
    fleet_reply(&fleet, "b", true);
    fleet_expect(&fleet, "b start, a start");
    fleet_tear_down(&fleet);
}

/* The hook asks again, for one that was started meanwhile: what ran before isn't forgotten. */
static void
test_stopped_again(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "first");
    fleet_add(&fleet, "later", VS_STATE_SHUTOFF);
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 0, true);
    fleet_go_off(&fleet, "first", false);
    g_assert_false(vs_engine_is_stopping_all(fleet.engine));
    fleet_start(&fleet, "later");
    fleet_stop_all(&fleet, 0, true);
    fleet_go_off(&fleet, "later", false);
    g_assert_nonnull(strstr(fleet.kept, "first"));
    g_assert_nonnull(strstr(fleet.kept, "later"));
    fleet_tear_down(&fleet);
}

/* Another day: what was off then stays off. */
static void
test_stopped_another_time(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "first");
    fleet_add(&fleet, "later", VS_STATE_SHUTOFF);
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 0, false);
    fleet_go_off(&fleet, "first", false);
    fleet_start(&fleet, "later");
    fleet_stop_all(&fleet, 0, true);
    g_assert_null(strstr(fleet.kept, "first"));
    g_assert_nonnull(strstr(fleet.kept, "later"));
    fleet_tear_down(&fleet);
}

/* A host that goes down again while guests are being started: nothing is started any more, and
 * nothing forgotten. */
static void
test_host_goes_down(void)
{
    g_autoptr(GError) error = NULL;
    VsEvent again = {.type = VS_EVENT_RESTORE};
    Fleet fleet;

    fleet_set_up(&fleet, "a b");
    fleet.policy.start_delay = 60 * SEC;
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 0, false);
    fleet_go_off(&fleet, "a", false);
    fleet_go_off(&fleet, "b", false);
    g_ptr_array_set_size(fleet.said, 0);
    fleet_restore(&fleet);
    fleet_expect(&fleet, "b start");
    fleet_stop_all(&fleet, 0, true);
    fleet_pass(&fleet, 200 * SEC);
    fleet_expect(&fleet, "");
    g_assert_nonnull(strstr(fleet.kept, "\"a\""));
    g_assert_nonnull(strstr(fleet.kept, "\"b\""));
    g_assert_false(fleet_try_step(&fleet, &again, &error));
    g_assert_error(error, VS_ERROR, VS_ERROR_FAILED);
    fleet_tear_down(&fleet);
}

/* All are stopped by hand while one is being started again: that one, too. */
static void
test_stopped_while_starting(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "a");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 0, false);
    fleet_go_off(&fleet, "a", false);
    fleet_add(&fleet, "other", VS_STATE_SHUTOFF);
    g_ptr_array_set_size(fleet.said, 0);
    fleet_restore(&fleet);
    fleet_start(&fleet, "other");
    fleet_stop_all(&fleet, 0, false);
    fleet_expect(&fleet, "a start, other power-button");
    fleet_start(&fleet, "a");
    fleet_expect(&fleet, "a power-button");
    g_assert_nonnull(strstr(fleet.kept, "\"a\""));
    fleet_tear_down(&fleet);
}

/* libvirt goes away under a start: it is made again when it is back. */
static void
test_start_lost(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "a");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 0, false);
    fleet_go_off(&fleet, "a", false);
    g_ptr_array_set_size(fleet.said, 0);
    fleet_restore(&fleet);
    fleet_expect(&fleet, "a start");
    fleet_close_libvirt(&fleet);
    fleet_reply_lost(&fleet, "a");
    fleet_pass(&fleet, 100 * SEC);
    fleet_expect(&fleet, "");
    fleet_reconnect_libvirt(&fleet);
    fleet_expect(&fleet, "a start");
    fleet_start(&fleet, "a");
    fleet_reply(&fleet, "a", true);
    g_assert_null(fleet.kept);
    fleet_tear_down(&fleet);
}

static void
crash(Fleet *fleet, const char *name)
{
    fleet_info(fleet, name)->state = VS_STATE_SHUTOFF;
    fleet_lifecycle(fleet, name, VS_LIFECYCLE_STOPPED, VS_STOPPED_FAILED);
}

/* Restart= would start a guest that the restore starts just then, and fails with: it is Restart='s
 * again, and needs no event of the guest's for that. */
static void
test_fails_for_restart(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "a b");
    fleet.policy.all.restart = VS_RESTART_ON_FAILURE;
    fleet.policy.start_delay = 0;
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 0, false);
    fleet_go_off(&fleet, "a", false);
    fleet_go_off(&fleet, "b", false);
    g_ptr_array_set_size(fleet.said, 0);
    fleet_restore(&fleet);
    fleet_start(&fleet, "a");
    crash(&fleet, "a");
    fleet_reply(&fleet, "b", true);
    fleet_pass(&fleet, SEC);
    fleet_expect(&fleet, "b start, a crashed, a start");
    fleet_reply(&fleet, "a", false);
    fleet_pass(&fleet, 2 * SEC);
    fleet_expect(&fleet, "a start");
    fleet_tear_down(&fleet);
}

/* All are stopped by hand while Restart= starts one, and libvirt's answer comes before the word of
 * it: it is no guest that somebody wants just then. */
static void
test_stopped_while_restarting(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "a b");
    fleet.policy.all.restart = VS_RESTART_ON_FAILURE;
    fleet_begin(&fleet);
    crash(&fleet, "a");
    fleet_pass(&fleet, SEC);
    g_ptr_array_set_size(fleet.said, 0);
    fleet_stop_all(&fleet, 0, false);
    fleet_expect(&fleet, "b power-button");
    fleet_reply(&fleet, "a", true);
    fleet_start(&fleet, "a");
    fleet_expect(&fleet, "a power-button");
    fleet_tear_down(&fleet);
}

/* A start that failed after the restore was called off for a stop of all is over: who is started
 * after that is wanted. */
static void
test_fails_when_dropped(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "a");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 0, false);
    fleet_go_off(&fleet, "a", false);
    fleet_add(&fleet, "other", VS_STATE_SHUTOFF);
    g_ptr_array_set_size(fleet.said, 0);
    fleet_restore(&fleet);
    fleet_start(&fleet, "other");
    fleet_stop_all(&fleet, 0, false);
    fleet_expect(&fleet, "a start, other power-button");
    fleet_reply(&fleet, "a", false);
    fleet_start(&fleet, "a");
    fleet_expect(&fleet, "");
    fleet_tear_down(&fleet);
}

/* A libvirt that doesn't come up holds up only its own guests. */
static void
test_other_libvirt_away(void)
{
    g_autofree char *text = NULL;
    Fleet fleet;

    fleet_set_up(&fleet, "");
    fleet_add(&fleet, "a", VS_STATE_SHUTOFF);
    fleet_begin(&fleet);
    text = g_strdup_printf(
        "{\"schema\":1,\"guests\":[{\"uri\":\"lxc:///system\",\"uuid\":\"%s\",\"name\":\"box\"},"
        "{\"uri\":\"%s\",\"uuid\":\"%s\",\"name\":\"a\"}]}",
        fleet_info(&fleet, "a")->domain.uuid.text, URI, fleet_info(&fleet, "a")->domain.uuid.text);
    fleet_take_over_host_stops(&fleet, text, false);
    fleet_restore(&fleet);
    fleet_expect(&fleet, "a start");
    fleet_reply(&fleet, "a", true);
    g_assert_nonnull(strstr(fleet.kept, "box"));
    g_assert_null(strstr(fleet.kept, "\"a\""));
    fleet_tear_down(&fleet);
}

/* A daemon that died in the middle: the next one goes on, and only then without being asked. */
static void
test_goes_on(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "a");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 0, false);
    fleet_go_off(&fleet, "a", false);
    g_ptr_array_set_size(fleet.said, 0);
    fleet_restart(&fleet);
    fleet_expect(&fleet, "");
    fleet_restore(&fleet);
    fleet_expect(&fleet, "a start");
    fleet_restart(&fleet);
    fleet_expect(&fleet, "a start");
    fleet_tear_down(&fleet);
}

/* The clock of a guest that goes on is set when its agent is there. */
static void
test_restore_clock(void)
{
    VsEvent agent = {.type = VS_EVENT_AGENT, .agent.state = VS_AGENT_CONNECTED};
    Fleet fleet;

    fleet_set_up(&fleet, "a");
    fleet.policy.sync_time = true;
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 0, false);
    fleet_go_off(&fleet, "a", false);
    g_ptr_array_set_size(fleet.said, 0);
    fleet_restore(&fleet);
    fleet_expect(&fleet, "a start");
    fleet_lifecycle(&fleet, "a", VS_LIFECYCLE_STARTED, 0);
    fleet_reply(&fleet, "a", true);
    fleet_expect(&fleet, "");
    agent.domain = &fleet_info(&fleet, "a")->domain;
    fleet_step(&fleet, &agent);
    fleet_expect(&fleet, "a set-clock");
    fleet_step(&fleet, &agent);
    fleet_expect(&fleet, "");
    fleet_tear_down(&fleet);
}

/* What is off again before libvirt has answered to its start has none. */
static void
test_restore_clock_late(void)
{
    VsEvent agent = {.type = VS_EVENT_AGENT, .agent.state = VS_AGENT_CONNECTED};
    Fleet fleet;

    fleet_set_up(&fleet, "a");
    fleet.policy.sync_time = true;
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 0, false);
    fleet_go_off(&fleet, "a", false);
    g_ptr_array_set_size(fleet.said, 0);
    fleet_restore(&fleet);
    fleet_lifecycle(&fleet, "a", VS_LIFECYCLE_STARTED, 0);
    fleet_expect(&fleet, "a start");
    agent.domain = &fleet_info(&fleet, "a")->domain;
    fleet_lifecycle(&fleet, "a", VS_LIFECYCLE_STOPPED, VS_STOPPED_DESTROYED);
    fleet_reply(&fleet, "a", true);
    fleet_start(&fleet, "a"); /* somebody does */
    fleet_step(&fleet, &agent);
    fleet_expect(&fleet, "a destroyed");
    fleet_tear_down(&fleet);
}

static void
test_restore_damaged(void)
{
    VsEvent kept = {.type = VS_EVENT_TAKE_OVER_HOST_STOPS};
    g_autoptr(GError) error = NULL;
    Fleet fleet;

    fleet_set_up(&fleet, "a");
    fleet_begin(&fleet);
    kept.host_stops.text = "{\"schema\":1,\"guests\":[{\"uri\":7}]}";
    g_assert_false(fleet_try_step(&fleet, &kept, &error));
    g_assert_nonnull(strstr(error->message, "entry 1"));
    fleet_expect(&fleet, "");
    fleet_tear_down(&fleet);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/engine/restore/order", test_restore);
    g_test_add_func("/engine/restore/by-metadata", test_restore_by_metadata);
    g_test_add_func("/engine/restore/delay-of-guest", test_delay_of_guest);
    g_test_add_func("/engine/restore/fails", test_fails);
    g_test_add_func("/engine/restore/called-off", test_called_off);
    g_test_add_func("/engine/restore/called-off-ignored", test_called_off_ignored);
    g_test_add_func("/engine/restore/called-off-first", test_called_off_first);
    g_test_add_func("/engine/restore/stopped-again", test_stopped_again);
    g_test_add_func("/engine/restore/stopped-another-time", test_stopped_another_time);
    g_test_add_func("/engine/restore/stopped-while-starting", test_stopped_while_starting);
    g_test_add_func("/engine/restore/start-lost", test_start_lost);
    g_test_add_func("/engine/restore/fails-for-restart", test_fails_for_restart);
    g_test_add_func("/engine/restore/stopped-while-restarting", test_stopped_while_restarting);
    g_test_add_func("/engine/restore/fails-when-dropped", test_fails_when_dropped);
    g_test_add_func("/engine/restore/host-goes-down", test_host_goes_down);
    g_test_add_func("/engine/restore/other-libvirt-away", test_other_libvirt_away);
    g_test_add_func("/engine/restore/goes-on", test_goes_on);
    g_test_add_func("/engine/restore/clock", test_restore_clock);
    g_test_add_func("/engine/restore/clock-late", test_restore_clock_late);
    g_test_add_func("/engine/restore/damaged", test_restore_damaged);
    return g_test_run();
}
