/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "fleet.h"
#include "util/error.h"
#include "util/json.h"
#include "vs-test.h"

/* What belongs to the whole of a host stop survives the daemon, and the boot. */

static const VsStop *
stop_of(Fleet *fleet, const char *name)
{
    const VsDomainId *domain = &fleet_info(fleet, name)->domain;
    const VsGuest *guest = vs_engine_find(fleet->engine, domain->uri, domain->uuid.text);

    g_assert_nonnull(guest);
    return guest->stop;
}

static void
stop_all_of(Fleet *fleet, const char *ladder, const char *reason, const VsPart *part)
{
    VsRequester by = {
        .uid = 7,
        .user = (char *)"ups",
        .logged_in = true,
        .login_uid = 1000,
        .comm = (char *)"ups",
    };
    VsEvent event = {.type = VS_EVENT_STOP_ALL};

    event.stop_all.ladder = ladder;
    event.stop_all.reason = reason;
    event.stop_all.by = &by;
    event.stop_all.part = part;
    fleet_step(fleet, &event);
}

/* The host goes down, one guest is off, virtstopd is killed, another guest is started: at the next
 * boot all that ran are started. */
static void
test_what_ran(void)
{
    g_autofree char *kept = NULL;
    Fleet fleet;

    fleet_set_up(&fleet, "a b");
    fleet_add(&fleet, "late", VS_STATE_SHUTOFF);
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 0, true);
    fleet_go_off(&fleet, "a", false);
    fleet_restart(&fleet);
    fleet_start(&fleet, "late");
    kept = g_strdup(fleet.kept);
    g_assert_nonnull(strstr(kept, "\"a\""));
    g_assert_nonnull(strstr(kept, "\"b\""));
    g_assert_nonnull(strstr(kept, "\"late\""));

    vs_engine_free(fleet.engine);
    fleet_info(&fleet, "b")->state = VS_STATE_SHUTOFF;
    fleet_info(&fleet, "late")->state = VS_STATE_SHUTOFF;
    fleet_begin(&fleet);
    g_ptr_array_set_size(fleet.said, 0);
    fleet_take_over_host_stops(&fleet, kept, false);
    g_assert_false(vs_engine_is_stopping_all(fleet.engine));
    fleet_restore(&fleet);
    fleet_reply(&fleet, "late", true);
    fleet_reply(&fleet, "b", true);
    fleet_reply(&fleet, "a", true);
    fleet_expect(&fleet, "late start, b start, a start");
    g_assert_null(fleet.kept);
    fleet_tear_down(&fleet);
}

/* Who joins after a restart has the ladder, the reason and the requester of the whole. */
static void
test_request(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "a");
    fleet_add(&fleet, "late", VS_STATE_SHUTOFF);
    fleet_begin(&fleet);
    stop_all_of(&fleet, "power-button:100s leave", "ups", NULL);
    fleet_restart(&fleet);
    fleet_info(&fleet, "late")->state = VS_STATE_RUNNING; /* started while nobody listened */
    fleet_info(&fleet, "late")->domain.id = 99;
    fleet_close_libvirt(&fleet);
    fleet_connect_libvirt(&fleet);
    g_assert_nonnull(stop_of(&fleet, "late"));
    g_assert_false(vs_ladder_forces(&stop_of(&fleet, "late")->ladder));
    g_assert_cmpstr(stop_of(&fleet, "late")->reason, ==, "ups");
    g_assert_cmpuint(stop_of(&fleet, "late")->by.uid, ==, 7);
    g_assert_cmpstr(stop_of(&fleet, "late")->by.user, ==, "ups");
    g_assert_true(stop_of(&fleet, "late")->by.logged_in);
    g_assert_cmpuint(stop_of(&fleet, "late")->by.login_uid, ==, 1000);
    fleet_tear_down(&fleet);
}

/* Without a budget who joins has all the time of his own ladder, after a restart, too. */
static void
test_no_budget(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "quick");
    fleet_add(&fleet, "slow", VS_STATE_SHUTOFF);
    fleet_set_ladder(fleet_section(&fleet, "quick", ""), "power-button:60s destroy");
    fleet_set_ladder(fleet_section(&fleet, "slow", ""), "power-button:300s destroy");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 0, true);
    fleet_restart(&fleet);
    fleet_start(&fleet, "slow");
    g_assert_cmpint(stop_of(&fleet, "slow")->deadline, ==, fleet.now.mono + 300 * SEC);
    fleet_tear_down(&fleet);
}

/* The last call is where it was: 15 s before the end, of a short budget less. */
static void
test_last_call(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "a");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 12 * SEC, true);
    fleet_reply(&fleet, "a", true);
    fleet_restart_alone(&fleet);
    fleet_reconnect_libvirt(&fleet);
    g_ptr_array_set_size(fleet.said, 0);
    fleet_pass(&fleet, SEC);
    fleet_expect(&fleet, "");
    g_assert_true(vs_engine_is_stopping_all(fleet.engine));
    fleet_tear_down(&fleet);
}

/* A daemon that comes when there is time for a destroy only: the whole is over for all at once. */
static void
test_after_last_call(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "db web");
    fleet_section(&fleet, "web", "db");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 60 * SEC, true);
    fleet_reply(&fleet, "web", true);
    fleet_expect(&fleet, "web power-button");
    fleet.now.mono += 50 * SEC;
    fleet_restart_alone(&fleet);
    g_assert_true(vs_engine_is_stopping_all(fleet.engine));
    fleet_connect_libvirt(&fleet);
    g_assert_true(vs_engine_is_stopping_all(fleet.engine));
    fleet_expect(&fleet, "db destroy, web destroy");
    fleet_tear_down(&fleet);
}

/* A stop that waits for a turn in a host stop of which nobody knows goes on by itself. */
static void
test_queued_in_none(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "db web");
    fleet_section(&fleet, "web", "db");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 0, false);
    fleet_expect(&fleet, "web power-button");
    g_clear_pointer(&fleet.kept, g_free);
    fleet_restart(&fleet);
    fleet_pass(&fleet, SEC);
    fleet_expect(&fleet, "db power-button, web power-button");
    g_assert_false(vs_engine_is_stopping_all(fleet.engine));
    fleet_tear_down(&fleet);
}

/* A part is stopped, then all: one of all takes in what ran before that of a part. */
static void
test_part(void)
{
    g_autoptr(VsPart) part = fleet_part(VS_PART_DOMAIN, "side", NULL);
    Fleet fleet;

    fleet_set_up(&fleet, "main side");
    fleet_begin(&fleet);
    stop_all_of(&fleet, NULL, "on battery", part);
    fleet_expect(&fleet, "side power-button");
    g_assert_null(stop_of(&fleet, "main"));
    fleet_go_off(&fleet, "side", false);
    g_assert_false(vs_engine_is_stopping_all(fleet.engine));
    stop_all_of(&fleet, NULL, "battery low", NULL);
    fleet_go_off(&fleet, "main", false);
    g_assert_nonnull(strstr(fleet.kept, "\"side\""));
    g_assert_nonnull(strstr(fleet.kept, "\"main\""));
    fleet_tear_down(&fleet);
}

/* While a part is being stopped all are: they take it in, and what is under way goes on. */
static void
test_part_in_flight(void)
{
    g_autoptr(VsPart) part = fleet_part(VS_PART_DOMAIN, "side", NULL);
    Fleet fleet;

    fleet_set_up(&fleet, "main side");
    fleet_begin(&fleet);
    stop_all_of(&fleet, NULL, "on battery", part);
    stop_all_of(&fleet, NULL, "battery low", NULL);
    fleet_expect(&fleet, "side power-button, main power-button");
    g_assert_cmpstr(stop_of(&fleet, "side")->host_stop.text, ==,
                    stop_of(&fleet, "main")->host_stop.text);
    fleet_go_off(&fleet, "side", false);
    fleet_go_off(&fleet, "main", false);
    g_assert_false(vs_engine_is_stopping_all(fleet.engine));
    g_assert_cmpint(vs_engine_next_timer(fleet.engine), ==, VS_USEC_INFINITY);
    fleet_tear_down(&fleet);
}

static void
test_unknown_words(void)
{
    static const char *const bad[] = {
        "{\"schema\":9,\"host_stops\":[]}",
        "{\"schema\":2,\"host_stops\":[{\"id\":\"x\"}]}",
        "{\"schema\":2,\"host_stops\":[{\"id\":\"11111111-2222-4333-8444-555555555501\","
        "\"phase\":\"dancing\"}]}",
    };
    static const char *const named[] = {"9", "1", "dancing"};
    Fleet fleet;

    fleet_set_up(&fleet, "a");
    fleet_begin(&fleet);
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        VsEvent event = {.type = VS_EVENT_TAKE_OVER_HOST_STOPS, .host_stops.text = bad[i]};
        g_autoptr(GError) error = NULL;

        g_assert_false(fleet_try_step(&fleet, &event, &error));
        g_assert_error(error, VS_ERROR, VS_ERROR_INVALID);
        g_assert_nonnull(strstr(error->message, named[i]));
    }
    g_assert_cmpuint(vs_engine_host_stops(fleet.engine)->len, ==, 0);
    fleet_tear_down(&fleet);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/engine/take-over/what-ran", test_what_ran);
    g_test_add_func("/engine/take-over/request", test_request);
    g_test_add_func("/engine/take-over/no-budget", test_no_budget);
    g_test_add_func("/engine/take-over/last-call", test_last_call);
    g_test_add_func("/engine/take-over/after-last-call", test_after_last_call);
    g_test_add_func("/engine/take-over/queued-in-none", test_queued_in_none);
    g_test_add_func("/engine/take-over/part", test_part);
    g_test_add_func("/engine/take-over/part-in-flight", test_part_in_flight);
    g_test_add_func("/engine/take-over/unknown-words", test_unknown_words);
    return g_test_run();
}
