/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "fleet.h"
#include "engine/store.h"
#include "util/error.h"
#include "vs-test.h"

static void
stop_part(Fleet *fleet, const char *one, const char *other, int64_t budget)
{
    g_autoptr(VsPart) part = fleet_part(VS_PART_DOMAIN, one, other);
    VsEvent event = {.type = VS_EVENT_STOP_ALL, .stop_all = {.budget = budget, .part = part}};

    fleet_step(fleet, &event);
}

/* one of all takes in a part in flight; all go off; it has to end. */
static void
test_part_then_all(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "a b");
    fleet_begin(&fleet);
    stop_part(&fleet, "a", NULL, 0);
    fleet_stop_all(&fleet, 0, true);
    fleet_go_off(&fleet, "a", false);
    fleet_go_off(&fleet, "b", false);
    g_assert_false(vs_engine_is_stopping_all(fleet.engine));
    fleet_tear_down(&fleet);
}

/* ... where one is queued in the part. */
static void
test_part_queued_then_all(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "a b c");
    fleet_section(&fleet, "a", "b");
    fleet_begin(&fleet);
    stop_part(&fleet, "a", "b", 0);
    fleet_stop_all(&fleet, 0, true);
    fleet_go_off(&fleet, "a", false);
    fleet_go_off(&fleet, "b", false);
    fleet_go_off(&fleet, "c", false);
    g_assert_false(vs_engine_is_stopping_all(fleet.engine));
    fleet_tear_down(&fleet);
}

/* all in flight, then a part. */
static void
test_all_then_part(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "a b");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 0, true);
    stop_part(&fleet, "b", NULL, 0);
    fleet_go_off(&fleet, "a", false);
    fleet_go_off(&fleet, "b", false);
    g_assert_false(vs_engine_is_stopping_all(fleet.engine));
    fleet_tear_down(&fleet);
}

/* with the time running out, and a transient guest removed. */
static void
test_all_then_part_removed(void)
{
    VsEvent looked;
    VsDomainInfo gone;
    Fleet fleet;

    fleet_set_up(&fleet, "a b");
    fleet_info(&fleet, "b")->persistent = false;
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 100 * SEC, true);
    stop_part(&fleet, "b", NULL, 0);
    fleet_go_off(&fleet, "b", false);
    gone = *fleet_info(&fleet, "b");
    looked = (VsEvent){.type = VS_EVENT_TIMER};
    (void)gone;
    fleet_step(&fleet, &looked);
    fleet_reply(&fleet, "a", true);
    fleet_pass(&fleet, 300 * SEC);
    fleet_tear_down(&fleet);
}

/* running.json of the old version, a stop of schema 1, and one that joins: what went off
 * before is not forgotten. */
static void
test_old_running_and_newcomer(void)
{
    g_autofree char *text = NULL, *web = NULL;
    const char *saved;
    Fleet fleet;

    fleet_set_up(&fleet, "first web");
    fleet_add(&fleet, "late", VS_STATE_SHUTOFF);
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 140 * SEC, true);
    fleet_go_off(&fleet, "first", false);
    fleet_reply(&fleet, "web", true);
    /* what the old version would have kept */
    text = g_strdup_printf(
        "{\"schema\":1,\"guests\":[{\"uri\":\"%s\",\"uuid\":\"%s\",\"name\":\"first\"},"
        "{\"uri\":\"%s\",\"uuid\":\"%s\",\"name\":\"web\"}]}",
        URI, fleet_info(&fleet, "first")->domain.uuid.text, URI,
        fleet_info(&fleet, "web")->domain.uuid.text);
    saved = g_hash_table_lookup(fleet.saved, "web");
    {
        g_autoptr(json_object) object = vs_json_parse_object(saved, NULL);
        json_object *stop = vs_json_object(object, "stop"), *run = vs_json_object(object, "run");
        json_object *taken = vs_json_array(stop, "taken");

        vs_json_set_int(object, "schema", 1);
        vs_json_set_int(run, "shutdown", 0);
        vs_json_set_int(stop, "phase", 3);
        vs_json_set_bool(stop, "answered", true);
        vs_json_set_int(stop, "next_press", INT64_MAX);
        vs_json_set_int(stop, "host_deadline", fleet.now.mono + 140 * SEC);
        vs_json_set_bool(stop, "host_down", true);
        for (size_t i = 0; i < json_object_array_length(taken); i++) /* agent, power-button */
            vs_json_set_int(json_object_array_get_idx(taken, i), "method", (int64_t)i);
        web = g_strdup(vs_json_line(object));
    }
    vs_engine_free(fleet.engine);
    fleet.engine = vs_engine_new((const uint8_t[16]){7}, &fleet.policy);
    vs_engine_watch(fleet.engine, URI, fleet.now);
    g_clear_pointer(&fleet.kept, g_free);
    {
        VsEvent event = {.type = VS_EVENT_TAKE_OVER,
                         .domain = &fleet_info(&fleet, "web")->domain,
                         .take_over.state = web};
        VsEvent host_stops = {.type = VS_EVENT_TAKE_OVER_HOST_STOPS};

        fleet_step(&fleet, &event);
        /* src/daemon/recorder.c: it is read before anything can take its place */
        host_stops.host_stops.text = text;
        fleet_step(&fleet, &host_stops);
        g_assert_cmpuint(vs_engine_host_stops(fleet.engine)->len, <=, 1);
    }
    fleet_reconnect_libvirt(&fleet);
    g_assert_true(vs_engine_is_stopping_all(fleet.engine));
    g_assert_nonnull(strstr(fleet.kept, "\"first\""));
    fleet_start(&fleet, "late");
    g_assert_nonnull(strstr(fleet.kept, "\"late\""));
    g_assert_nonnull(strstr(fleet.kept, "\"web\""));
    g_assert_nonnull(strstr(fleet.kept, "\"first\""));
    fleet_tear_down(&fleet);
}

/* a part that is long over is no part of what ran when the host goes down. */
static void
test_old_part_and_shutdown(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "old web");
    fleet_begin(&fleet);
    stop_part(&fleet, "old", NULL, 0);
    fleet_go_off(&fleet, "old", false);
    fleet_pass(&fleet, INT64_C(14) * 24 * 3600 * SEC);
    fleet_stop_all(&fleet, 0, true);
    fleet_go_off(&fleet, "web", false);
    g_assert_nonnull(strstr(fleet.kept, "\"web\""));
    g_assert_null(strstr(fleet.kept, "\"old\""));
    fleet_tear_down(&fleet);
}

/* what is no longer known is no longer kept. */
static void
test_forget_is_kept(void)
{
    VsEvent down = {.type = VS_EVENT_HOST_SHUTDOWN, .host_shutdown.active = true};
    VsEvent up = {.type = VS_EVENT_HOST_SHUTDOWN, .host_shutdown.active = false};
    Fleet fleet;

    fleet_set_up(&fleet, "first");
    fleet_add(&fleet, "later", VS_STATE_SHUTOFF);
    fleet_begin(&fleet);
    fleet_step(&fleet, &down);
    fleet_stop_all(&fleet, 0, true);
    fleet_go_off(&fleet, "first", false);
    fleet_step(&fleet, &up); /* called off: the host stays up */
    fleet_restart(&fleet);
    fleet_pass(&fleet, INT64_C(14) * 24 * 3600 * SEC);
    fleet_start(&fleet, "later");
    fleet_stop_all(&fleet, 0, true);
    g_assert_nonnull(strstr(fleet.kept, "\"later\""));
    g_assert_null(strstr(fleet.kept, "\"first\"")); /* as without the restart */
    fleet_tear_down(&fleet);
}

/* who starts a guest while a part is being stopped by hand wants just that. */
static void
test_started_while_part(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "a b");
    fleet_begin(&fleet);
    stop_part(&fleet, "a", "b", 0);
    fleet_go_off(&fleet, "a", false);
    g_ptr_array_set_size(fleet.said, 0);
    fleet_start(&fleet, "a");
    fleet_expect(&fleet, "");
    fleet_tear_down(&fleet);
}

/* all are stopped while one is missed, which runs after all. */
static void
test_missed_and_back(void)
{
    VsEvent looked = {.type = VS_EVENT_LOOKED_UP};
    VsDomainInfo info;
    Fleet fleet;

    fleet_set_up(&fleet, "a b");
    fleet_begin(&fleet);
    looked.domain = &fleet_info(&fleet, "a")->domain;
    info = *fleet_info(&fleet, "a");
    info.state = VS_STATE_SHUTOFF;
    looked.looked_up.info = &info;
    looked.looked_up.serial = 1000000;
    fleet_step(&fleet, &looked);
    fleet_stop_all(&fleet, 0, true);
    fleet_expect(&fleet, "b power-button");
    info.state = VS_STATE_RUNNING;
    fleet_step(&fleet, &looked);
    fleet_expect(&fleet, "a power-button");
    fleet_tear_down(&fleet);
}

/* what ran before several stops of a part. */
static void
test_restore_parts(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "a b");
    fleet_begin(&fleet);
    stop_part(&fleet, "a", NULL, 0);
    fleet_go_off(&fleet, "a", false);
    stop_part(&fleet, "b", NULL, 0);
    fleet_go_off(&fleet, "b", false);
    g_ptr_array_set_size(fleet.said, 0);
    fleet_restore(&fleet);
    fleet_reply(&fleet, "b", false);
    fleet_pass(&fleet, SEC);
    fleet_expect(&fleet, "b start, a start");
    fleet_tear_down(&fleet);
}

/* ... and one that can't be started hides the others for ever. */
static void
test_restore_parts_hidden(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "a b");
    fleet_begin(&fleet);
    stop_part(&fleet, "a", NULL, 0);
    fleet_go_off(&fleet, "a", false);
    stop_part(&fleet, "b", NULL, 0);
    fleet_go_off(&fleet, "b", false);
    g_ptr_array_set_size(fleet.said, 0);
    fleet_restore(&fleet);
    fleet_reply(&fleet, "b", false);
    fleet_restore(&fleet);
    fleet_reply(&fleet, "b", false);
    fleet_restore(&fleet);
    fleet_reply(&fleet, "b", false);
    g_ptr_array_add(fleet.said, NULL);
    g_ptr_array_set_size(fleet.said, fleet.said->len - 1);
    g_assert_true(g_ptr_array_find_with_equal_func(fleet.said, "a start", g_str_equal, NULL));
    fleet_tear_down(&fleet);
}

/* It was found off, and what is told of that is awaited: nothing harder is done meanwhile. */
static void
test_missed_refused(void)
{
    VsEvent looked = {.type = VS_EVENT_LOOKED_UP};
    VsDomainInfo info;
    Fleet fleet;

    fleet_set_up(&fleet, "a");
    fleet_set_ladder(fleet_section(&fleet, "a", ""), "save:30s destroy");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 0, true);
    fleet_expect(&fleet, "a save");
    looked.domain = &fleet_info(&fleet, "a")->domain;
    info = *fleet_info(&fleet, "a");
    info.state = VS_STATE_SHUTOFF;
    info.reason = VS_SHUTOFF_SHUTDOWN;
    looked.looked_up.info = &info;
    looked.looked_up.serial = 1000000;
    fleet_step(&fleet, &looked);
    *fleet_info(&fleet, "a") = info;
    fleet_reply(&fleet, "a", false); /* "domain is not running" */
    fleet_expect(&fleet, "");
    fleet_tear_down(&fleet);
}

/* a part asked for while the host goes down takes guests out of that. */
static void
test_part_out_of_shutdown(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "a b");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 60 * SEC, true);
    stop_part(&fleet, "b", NULL, 3600 * SEC);
    fleet_reply(&fleet, "b", true);
    fleet_go_off(&fleet, "a", false);
    g_assert_nonnull(vs_engine_stop_of_all(fleet.engine)); /* b still runs */
    fleet_pass(&fleet, 61 * SEC);
    g_ptr_array_add(fleet.said, NULL);
    fleet_tear_down(&fleet);
}

/* a guest that reboots while its press is out, which is then refused. */
static void
test_presses(void)
{
    VsEvent reply = {.type = VS_EVENT_REPLY,
                     .reply = {.code = VS_LIBVIRT_OPERATION_TIMEOUT, .message = "busy"}};
    const VsGuest *guest;
    Fleet fleet;

    fleet_set_up(&fleet, "a");
    fleet_set_ladder(fleet_section(&fleet, "a", ""), "power-button:60s destroy");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 0, true);
    fleet_expect(&fleet, "a power-button");
    fleet_lifecycle(&fleet, "a", VS_LIFECYCLE_SHUTDOWN, VS_SHUTDOWN_GUEST);
    fleet_lifecycle(&fleet, "a", VS_LIFECYCLE_RESUMED, 0); /* it rebooted */
    reply.domain = &fleet_info(&fleet, "a")->domain;
    reply.reply.call = *(uint64_t *)g_hash_table_lookup(fleet.calls, "a");
    fleet_step(&fleet, &reply);
    guest = vs_engine_find(fleet.engine, URI, fleet_info(&fleet, "a")->domain.uuid.text);
    g_assert_cmpuint(guest->stop->presses, <=, 1);
    fleet_pass(&fleet, 10 * SEC);
    fleet_expect(&fleet, "a power-button");
    fleet_tear_down(&fleet);
}

/* a newcomer in a host stop that was given up. */
static void
test_given_up_newcomer(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "a");
    fleet_add(&fleet, "late", VS_STATE_SHUTOFF);
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 60 * SEC, true);
    fleet_reply(&fleet, "a", true);
    fleet_pass(&fleet, 45 * SEC);
    fleet_expect(&fleet, "a power-button, a destroy");
    fleet_reply_lost(&fleet, "a");
    fleet_pass(&fleet, 59 * SEC); /* 104: it is tried again and again */
    fleet_info(&fleet, "a")->state = VS_STATE_SHUTOFF;
    fleet_lifecycle(&fleet, "a", VS_LIFECYCLE_STOPPED, VS_STOPPED_DESTROYED);
    fleet_pass(&fleet, 3 * SEC); /* 107: given up, the record waits for the answer */
    g_assert_true(vs_engine_is_stopping_all(fleet.engine));
    fleet_start(&fleet, "late");
    fleet_close_libvirt(&fleet);
    fleet_pass(&fleet, 100000 * SEC);
    g_ptr_array_add(fleet.said, NULL);
    g_ptr_array_set_size(fleet.said, fleet.said->len - 1);
    g_assert_false(vs_engine_is_stopping_all(fleet.engine));
    fleet_tear_down(&fleet);
}

/* a destroy whose answer is lost while the guest reboots. */
static void
test_destroy_lost_reboot(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "a");
    fleet_set_ladder(fleet_section(&fleet, "a", ""), "power-button:5s destroy");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 0, true);
    fleet_reply(&fleet, "a", true);
    fleet_pass(&fleet, 6 * SEC);
    fleet_expect(&fleet, "a power-button, a destroy");
    {
        VsEvent reboot = {.type = VS_EVENT_REBOOT, .domain = &fleet_info(&fleet, "a")->domain};
        fleet_step(&fleet, &reboot);
    }
    fleet_reply_lost(&fleet, "a");
    fleet_pass(&fleet, 3 * SEC);
    fleet_expect(&fleet, "a destroy");
    fleet_tear_down(&fleet);
}

/* clean memory: restore refused, lost, replaced. */
static void
test_restore_lost_then_stop(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "a b");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 0, false);
    fleet_go_off(&fleet, "a", false);
    fleet_go_off(&fleet, "b", false);
    fleet_restore(&fleet);
    fleet_reply_lost(&fleet, "b");
    fleet_stop_all(&fleet, 0, false);
    fleet_reply(&fleet, "b", false);
    fleet_restore(&fleet);
    fleet_restore(&fleet);
    fleet_tear_down(&fleet);
}

/* called off, and killed before what is kept of the guests said so. */
static void
test_called_off_and_killed(void)
{
    g_autoptr(GHashTable) before = NULL;
    Fleet fleet;

    fleet_set_up(&fleet, "db web");
    fleet_section(&fleet, "web", "db");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 0, false);
    fleet_expect(&fleet, "web power-button");
    before = g_steal_pointer(&fleet.saved);
    fleet.saved = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    fleet_cancel_all(&fleet);
    g_hash_table_unref(fleet.saved);
    fleet.saved = g_steal_pointer(&before);
    g_ptr_array_set_size(fleet.said, 0);
    fleet_restart(&fleet);
    fleet_expect(&fleet, "db cancelled, web cancelled");
    fleet_tear_down(&fleet);
}

/* all in flight, a part begins, and a newcomer joins all: the part goes on to its end. */
static void
test_part_and_newcomer_of_all(void)
{
    const VsGuest *c;
    Fleet fleet;

    fleet_set_up(&fleet, "a b c");
    fleet_section(&fleet, "b", "c");
    fleet_add(&fleet, "late", VS_STATE_SHUTOFF);
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 60 * SEC, true);
    stop_part(&fleet, "b", "c", 0);
    fleet_reply(&fleet, "a", true);
    fleet_reply(&fleet, "b", true);
    fleet_start(&fleet, "late");
    fleet_go_off(&fleet, "late", false);
    fleet_go_off(&fleet, "a", false);
    fleet_go_off(&fleet, "b", false);
    fleet_pass(&fleet, 1000 * SEC);
    g_ptr_array_add(fleet.said, NULL);
    g_ptr_array_set_size(fleet.said, fleet.said->len - 1);
    c = vs_engine_find(fleet.engine, URI, fleet_info(&fleet, "c")->domain.uuid.text);
    g_assert_true(!c->stop || c->stop->phase != VS_PHASE_QUEUED);
    fleet_tear_down(&fleet);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/engine/corners/part-then-all", test_part_then_all);
    g_test_add_func("/engine/corners/part-queued-then-all", test_part_queued_then_all);
    g_test_add_func("/engine/corners/all-then-part", test_all_then_part);
    g_test_add_func("/engine/corners/all-then-part-removed", test_all_then_part_removed);
    g_test_add_func("/engine/corners/old-running-and-newcomer", test_old_running_and_newcomer);
    g_test_add_func("/engine/corners/old-part-and-shutdown", test_old_part_and_shutdown);
    g_test_add_func("/engine/corners/forget-is-kept", test_forget_is_kept);
    g_test_add_func("/engine/corners/started-while-part", test_started_while_part);
    g_test_add_func("/engine/corners/missed-and-back", test_missed_and_back);
    g_test_add_func("/engine/corners/restore-parts", test_restore_parts);
    g_test_add_func("/engine/corners/restore-parts-hidden", test_restore_parts_hidden);
    g_test_add_func("/engine/corners/missed-refused", test_missed_refused);
    g_test_add_func("/engine/corners/part-out-of-shutdown", test_part_out_of_shutdown);
    g_test_add_func("/engine/corners/presses", test_presses);
    g_test_add_func("/engine/corners/given-up-newcomer", test_given_up_newcomer);
    g_test_add_func("/engine/corners/destroy-lost-reboot", test_destroy_lost_reboot);
    g_test_add_func("/engine/corners/restore-lost-then-stop", test_restore_lost_then_stop);
    g_test_add_func("/engine/corners/called-off-and-killed", test_called_off_and_killed);
    g_test_add_func("/engine/corners/part-and-newcomer-of-all", test_part_and_newcomer_of_all);
    return g_test_run();
}
