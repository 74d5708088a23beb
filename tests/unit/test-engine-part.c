/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "fleet.h"
#include "util/error.h"
#include "vs-test.h"

/* A stop of a part of the guests: who is of it, what it does beside others, what it gives back. */

static void
check_priority(const char *word, int least, int most)
{
    g_autoptr(VsPart) part = fleet_part(VS_PART_PRIORITY, word, NULL);
    const int tried[] = {-1000000, -11, -10, -5, -1, 0, 1, 5, 10, 11, 1000000};
    VsDomainId domain = {.uri = (char *)URI, .name = (char *)"a"};
    VsPolicy policy;

    vs_test_note(word);
    vs_policy_init(&policy);
    for (size_t i = 0; i < G_N_ELEMENTS(tried); i++) {
        policy.all.priority = tried[i];
        g_assert_true(vs_part_means(part, &policy, &domain, NULL) ==
                      (tried[i] >= least && tried[i] <= most));
    }
    vs_policy_clear(&policy);
}

static void
test_priorities(void)
{
    static const char *const bad[] = {"",     "-",       "..",        "x",  "5-x",
                                      "10-0", "1000001", "0-1000001", "1,2"};

    check_priority("5", 5, 5);
    check_priority("-5", -5, -5);
    check_priority("0-10", 0, 10);
    check_priority("-10--5", -10, -5);
    check_priority("-10..-5", -10, -5);
    check_priority("5-", 5, 1000000);
    check_priority("-5-", -5, 1000000);
    check_priority("5..", 5, 1000000);
    check_priority("..-1", -1000000, -1);
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(VsPart) part = vs_part_new();
        g_autoptr(GError) error = NULL;

        vs_test_note(bad[i]);
        g_assert_false(vs_part_add(part, VS_PART_PRIORITY, bad[i], &error));
        g_assert_nonnull(error);
        g_assert_true(vs_part_is_of_all(part));
    }
}

/* Any word of one kind, all kinds; what is kept says the same. */
static void
test_words(void)
{
    g_autoptr(VsPart) part = fleet_part(VS_PART_GROUP, "lab", "test");
    g_autoptr(VsPart) again = NULL;
    g_autoptr(json_object) object = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;

    g_assert_true(vs_part_add(part, VS_PART_DOMAIN, "web-*", &error));
    g_assert_true(vs_part_add(part, VS_PART_URI, URI, &error));
    text = vs_part_format(part);
    g_assert_cmpstr(text, ==, "group lab or test, libvirt at " URI ", guest web-*");
    object = vs_part_to_json(part);
    g_assert_true(vs_part_from_json(object, &again, &error));
    g_assert_true(vs_part_equal(part, again));
    g_assert_false(vs_part_equal(part, NULL));
    g_assert_false(vs_part_add(part, VS_PART_GROUP, "a*", &error));
    g_assert_nonnull(strstr(error->message, "“a*” is no group"));
}

static void
stop_names(Fleet *fleet, const char *glob, int64_t budget)
{
    fleet_stop_part(fleet, VS_PART_DOMAIN, glob, budget);
}

static VsSection *
in_group(Fleet *fleet, const char *glob, const char *group)
{
    VsSection *section = fleet_section(fleet, glob, "");

    g_strfreev(section->groups);
    section->groups = g_strsplit(group, " ", -1);
    return section;
}

static void
test_group(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "a b c");
    in_group(&fleet, "a", "lab");
    in_group(&fleet, "c", "other lab");
    fleet_begin(&fleet);
    fleet_stop_part(&fleet, VS_PART_GROUP, "lab", 0);
    fleet_expect(&fleet, "a power-button, c power-button");
    fleet_go_off(&fleet, "a", false);
    fleet_go_off(&fleet, "c", false);
    g_assert_false(vs_engine_is_stopping_all(fleet.engine));
    fleet_tear_down(&fleet);
}

static void
expect_error(Fleet *fleet, VsPartKind kind, const char *word, const char *said)
{
    g_autoptr(VsPart) part = fleet_part(kind, word, NULL);
    VsEvent event = {.type = VS_EVENT_STOP_ALL, .stop_all = {.part = part}};
    g_autoptr(GError) error = NULL;

    g_assert_false(fleet_try_step(fleet, &event, &error));
    g_assert_nonnull(strstr(error->message, said));
    g_assert_false(vs_engine_is_stopping_all(fleet->engine));
}

static void
test_slips(void)
{
    static const char *const said[] = {"Group=mine", NULL};
    g_autoptr(VsLabels) labels = vs_labels_new(NULL, "", "", said);
    VsEvent event = {.type = VS_EVENT_LABELLED, .labelled.labels = labels};
    Fleet fleet;

    fleet_set_up(&fleet, "a");
    in_group(&fleet, "web-*", "web");
    fleet_begin(&fleet);
    event.domain = &fleet_info(&fleet, "a")->domain;
    fleet_step(&fleet, &event);
    expect_error(&fleet, VS_PART_GROUP, "wep", "There is no group “wep” (there are: mine, web)");
    expect_error(&fleet, VS_PART_DOMAIN, "b", "There is no domain “b”");
    expect_error(&fleet, VS_PART_URI, "xen:///system", "watches no libvirt at “xen:///system”");
    fleet_stop_part(&fleet, VS_PART_GROUP, "web", 0); /* of which nobody runs, as of a glob */
    stop_names(&fleet, "b*", 0);
    g_assert_false(vs_engine_is_stopping_all(fleet.engine));
    g_assert_null(fleet.kept);
    fleet_tear_down(&fleet);
}

/* The same words, whatever their order; one that is said twice is no other one. */
static void
test_equal(void)
{
    g_autoptr(VsPart) twice = fleet_part(VS_PART_DOMAIN, "a", "a");
    g_autoptr(VsPart) both = fleet_part(VS_PART_DOMAIN, "a", "b");
    g_autoptr(VsPart) turned = fleet_part(VS_PART_DOMAIN, "b", "a");

    g_assert_false(vs_part_equal(twice, both));
    g_assert_false(vs_part_equal(both, twice));
    g_assert_true(vs_part_equal(both, turned));
}

/* Each has its own time, and the same part once more shortens it. */
static void
test_beside(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "a b");
    fleet_begin(&fleet);
    stop_names(&fleet, "a", 600 * SEC);
    stop_names(&fleet, "b", 600 * SEC);
    fleet_reply(&fleet, "a", true);
    fleet_reply(&fleet, "b", true);
    fleet_expect(&fleet, "a power-button, b power-button");
    stop_names(&fleet, "a", 20 * SEC);
    stop_names(&fleet, "a", 300 * SEC); /* the earlier end holds */
    fleet_pass(&fleet, 21 * SEC);
    fleet_expect(&fleet, "a destroy");
    fleet_go_off(&fleet, "a", true);
    fleet_expect(&fleet, "a destroyed, a forced");
    fleet_tear_down(&fleet);
}

/* Whoever starts one meanwhile wants it to run; whoever asks for the part once more means it, too.
 */
static void
test_asked_again(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "a");
    fleet_add(&fleet, "b", VS_STATE_SHUTOFF);
    fleet_begin(&fleet);
    stop_names(&fleet, "*", 0);
    fleet_reply(&fleet, "a", true);
    fleet_start(&fleet, "b");
    fleet_pass(&fleet, 4 * SEC);
    fleet_expect(&fleet, "a power-button");
    stop_names(&fleet, "*", 0);
    fleet_expect(&fleet, "b power-button");
    fleet_tear_down(&fleet);
}

static const VsHostStop *
host_stop_of(Fleet *fleet, const char *name)
{
    const VsDomainId *domain = &fleet_info(fleet, name)->domain;
    const VsGuest *guest = vs_engine_find(fleet->engine, domain->uri, domain->uuid.text);

    return vs_engine_find_host_stop(fleet->engine, guest);
}

/* Who is started while the host goes down is one of all, though a part that means it isn't over
 * yet; and whoever had stopped the run before is done with it. */
static void
test_started_in_all(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "a b");
    fleet_begin(&fleet);
    stop_names(&fleet, "*", 0);
    fleet.disk_hangs = true;
    fleet_go_off(&fleet, "a", false);
    fleet_stop_all(&fleet, 600 * SEC, true);
    fleet_go_off(&fleet, "b", false);
    g_ptr_array_set_size(fleet.said, 0);
    fleet_start(&fleet, "b");
    fleet_expect(&fleet, "b clean, b power-button");
    g_assert_true(host_stop_of(&fleet, "b")->shutdown);
    fleet_go_off(&fleet, "b", false);
    fleet_pass(&fleet, 10 * SEC);
    g_assert_false(vs_engine_is_stopping_all(fleet.engine));
    fleet_tear_down(&fleet);
}

/* Of two parts the one that was asked for later has whom both mean. */
static void
test_found_by_two(void)
{
    g_autofree char *text = NULL;
    Fleet fleet;

    fleet_set_up(&fleet, "a b");
    fleet_add(&fleet, "ab", VS_STATE_SHUTOFF);
    fleet_begin(&fleet);
    stop_names(&fleet, "a*", 600 * SEC);
    stop_names(&fleet, "*b", 600 * SEC);
    fleet_close_libvirt(&fleet);
    fleet_info(&fleet, "ab")->state = VS_STATE_RUNNING;
    fleet_connect_libvirt(&fleet);
    text = vs_part_format(host_stop_of(&fleet, "ab")->part);
    g_assert_cmpstr(text, ==, "guest *b");
    fleet_tear_down(&fleet);
}

/* All take in the part: who waits for a turn there is not kept from the time that was promised. */
static void
test_promise(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "a b c");
    fleet.policy.max_parallel = 1;
    fleet_begin(&fleet);
    stop_names(&fleet, "b", 0);
    fleet_reply(&fleet, "b", true);
    stop_names(&fleet, "c", 30 * SEC);
    fleet_reply(&fleet, "c", true);
    fleet_expect(&fleet, "b power-button, c power-button");
    fleet_stop_all(&fleet, 3600 * SEC, true);
    fleet_restart(&fleet);
    fleet_pass(&fleet, 31 * SEC);
    fleet_expect(&fleet, "c destroy");
    fleet_tear_down(&fleet);
}

/* A part of all that are being stopped: its time is shortened, for those that wait, too. */
static void
test_part_of_all(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "a b c");
    fleet_section(&fleet, "a", "b");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 3600 * SEC, false);
    fleet_reply(&fleet, "a", true);
    fleet_reply(&fleet, "c", true);
    fleet_expect(&fleet, "a power-button, c power-button");
    stop_names(&fleet, "b", 20 * SEC);
    fleet_pass(&fleet, 6 * SEC); /* its last 15 s */
    fleet_expect(&fleet, "b destroy");
    g_assert_nonnull(fleet.kept);
    fleet_tear_down(&fleet);
}

static void
assert_waited(const Fleet *fleet, const char *waited_for)
{
    g_autoptr(json_object) record = vs_json_parse_object(fleet->record, NULL);

    g_assert_cmpstr(vs_json_string(vs_json_object(record, "request"), "waited_for", NULL), ==,
                    waited_for);
}

/* Who goes over to another stop still runs: whose turn comes by that has not waited for its end. */
static void
test_waited_for(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "a b c d");
    fleet_section(&fleet, "a", "b");
    fleet_section(&fleet, "c", "d");
    fleet_begin(&fleet);
    stop_names(&fleet, "*", 0);
    fleet_reply(&fleet, "a", true);
    fleet_reply(&fleet, "c", true);
    fleet_pass(&fleet, SEC);
    stop_names(&fleet, "a", 0);
    fleet_expect(&fleet, "a power-button, c power-button, b power-button");
    fleet_go_off(&fleet, "b", false);
    assert_waited(&fleet, NULL);
    fleet_go_off(&fleet, "c", false);
    fleet_go_off(&fleet, "d", false);
    assert_waited(&fleet, "c");
    fleet_tear_down(&fleet);
}

/* A part of all is shortened also as virtstopd was restarted, and its libvirt isn't there yet. */
static void
test_part_of_taken_over(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "a b c");
    fleet_section(&fleet, "a", "b");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 3600 * SEC, false);
    fleet_reply(&fleet, "a", true);
    fleet_reply(&fleet, "c", true);
    fleet_expect(&fleet, "a power-button, c power-button");
    fleet_restart_alone(&fleet);
    stop_names(&fleet, "b", 40 * SEC);
    stop_names(&fleet, "c", 30 * SEC);
    fleet_reconnect_libvirt(&fleet);
    fleet_pass(&fleet, 26 * SEC);
    fleet_expect(&fleet, "c destroy, b destroy");
    fleet_tear_down(&fleet);
}

/* More time that is given then counts, too. */
static void
test_extended_taken_over(void)
{
    VsEvent extend = {.type = VS_EVENT_EXTEND_ALL, .extend.span = 100 * SEC};
    Fleet fleet;

    fleet_set_up(&fleet, "a b");
    fleet_begin(&fleet);
    stop_names(&fleet, "a", 30 * SEC);
    fleet_stop_all(&fleet, 60 * SEC, false); /* which keeps a's time */
    fleet_reply(&fleet, "a", true);
    fleet_reply(&fleet, "b", true);
    fleet_expect(&fleet, "a power-button, b power-button");
    fleet_restart_alone(&fleet);
    fleet_step(&fleet, &extend);
    fleet_reconnect_libvirt(&fleet);
    fleet_pass(&fleet, 90 * SEC);
    fleet_expect(&fleet, "");
    fleet_pass(&fleet, 37 * SEC);
    fleet_expect(&fleet, "a destroy, b destroy");
    fleet_tear_down(&fleet);
}

static void
restore(Fleet *fleet, const char *named, const char *error_says)
{
    VsEvent event = {.type = VS_EVENT_RESTORE, .host_stop = named};
    g_autoptr(GError) error = NULL;

    g_assert_true(fleet_try_step(fleet, &event, &error) == !error_says);
    g_assert_true(!error_says || strstr(error->message, error_says));
}

static char *
id_of(const Fleet *fleet, unsigned i)
{
    const GPtrArray *host_stops = vs_engine_host_stops(fleet->engine);

    g_assert_cmpuint(host_stops->len, >, i);
    return g_strdup(((const VsHostStop *)host_stops->pdata[i])->id.text);
}

/* Two parts are over: one is brought back, and then all that is left. */
static void
test_restore_one(void)
{
    g_autofree char *first = NULL;
    Fleet fleet;

    fleet_set_up(&fleet, "a b c");
    fleet_begin(&fleet);
    stop_names(&fleet, "a", 0);
    stop_names(&fleet, "b", 0);
    fleet_go_off(&fleet, "a", false);
    fleet_go_off(&fleet, "b", false);
    g_ptr_array_set_size(fleet.said, 0);
    first = id_of(&fleet, 0);
    restore(&fleet, "x", first);
    restore(&fleet, first, NULL);
    fleet_reply(&fleet, "a", true);
    fleet_expect(&fleet, "a start");
    restore(&fleet, NULL, NULL);
    fleet_reply(&fleet, "b", true);
    fleet_expect(&fleet, "b start");
    g_assert_null(fleet.kept);
    fleet_tear_down(&fleet);
}

/* Who went before its turn, or was started again, or then stopped by somebody is not brought back.
 */
static void
test_restore_only(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "a b c d");
    fleet_section(&fleet, "a", "b");
    fleet_begin(&fleet);
    stop_names(&fleet, "*", 0);
    fleet_info(&fleet, "b")->state = VS_STATE_SHUTOFF; /* it waits for a */
    fleet_lifecycle(&fleet, "b", VS_LIFECYCLE_SHUTDOWN, VS_SHUTDOWN_GUEST);
    fleet_lifecycle(&fleet, "b", VS_LIFECYCLE_STOPPED, VS_STOPPED_SHUTDOWN);
    fleet_go_off(&fleet, "a", false);
    fleet_go_off(&fleet, "c", false);
    fleet_go_off(&fleet, "d", false);
    fleet_start(&fleet, "c");
    fleet_info(&fleet, "c")->state = VS_STATE_SHUTOFF;
    fleet_lifecycle(&fleet, "c", VS_LIFECYCLE_STOPPED, VS_STOPPED_DESTROYED);
    fleet_start(&fleet, "d");
    g_ptr_array_set_size(fleet.said, 0);
    fleet_restore(&fleet);
    fleet_reply(&fleet, "a", true);
    fleet_expect(&fleet, "a start");
    g_assert_null(fleet.kept);
    fleet_tear_down(&fleet);
}

/* Who could not be started before is tried again, of whatever stop, and then is nobody's wish. */
static void
test_restore_failed(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "a b c");
    fleet_begin(&fleet);
    stop_names(&fleet, "a", 0);
    fleet_go_off(&fleet, "a", false);
    fleet_restore(&fleet);
    fleet_reply(&fleet, "a", false);
    stop_names(&fleet, "b", 0);
    fleet_go_off(&fleet, "b", false);
    g_ptr_array_set_size(fleet.said, 0);
    fleet_restore(&fleet);
    fleet_reply(&fleet, "b", true);
    fleet_pass(&fleet, 60 * SEC);
    fleet_expect(&fleet, "b start, a start");
    fleet_reply(&fleet, "a", false);
    g_assert_nonnull(strstr(fleet.kept, "\"wanted_back\":false"));
    g_assert_null(strstr(fleet.kept, "\"wanted_back\":true"));
    fleet_restore(&fleet);
    fleet_expect(&fleet, "a start");
    fleet_tear_down(&fleet);
}

/* b's libvirt is away, so nobody knows whether it still runs: the part that takes it from the
 * restore has it to bring back all the same. */
static void
test_taken_while_away(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "a b");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 0, false);
    fleet_go_off(&fleet, "a", false);
    fleet_reply(&fleet, "b", true);
    fleet_restart_alone(&fleet);
    fleet_cancel_all(&fleet);
    fleet_pass(&fleet, 1000 * SEC);
    restore(&fleet, NULL, NULL);
    stop_names(&fleet, "b", 0);
    g_assert_nonnull(strstr(fleet.kept, "\"name\":\"b\""));
    fleet_tear_down(&fleet);
}

/* The host goes down: whoever ran is to run again, whatever a part by hand has made of him since.
 */
static void
test_left_in_shutdown(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "a");
    fleet_set_ladder(fleet_section(&fleet, "a", ""), "power-button:30s leave");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 0, true);
    fleet_reply(&fleet, "a", true);
    fleet_pass(&fleet, 40 * SEC);
    stop_names(&fleet, "a", 0);
    fleet_reply(&fleet, "a", true);
    fleet_pass(&fleet, 700 * SEC);
    fleet_expect(&fleet, "a power-button, a timed-out, a power-button, a timed-out");
    g_assert_nonnull(fleet.kept);
    fleet_tear_down(&fleet);
}

/* A part that is stopped while guests are started again has its own of them, and no others. */
static void
test_while_restoring(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "a b c");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 0, false);
    for (const char *name = "abc"; *name; name++) {
        char one[] = {*name, '\0'};

        fleet_go_off(&fleet, one, false);
    }
    g_ptr_array_set_size(fleet.said, 0);
    fleet_restore(&fleet); /* c is being started */
    stop_names(&fleet, "b", 0);
    fleet_reply(&fleet, "c", true);
    fleet_pass(&fleet, 60 * SEC);
    fleet_reply(&fleet, "a", true);
    fleet_pass(&fleet, 60 * SEC);
    fleet_expect(&fleet, "c start, a start");
    restore(&fleet, NULL, NULL);
    fleet_expect(&fleet, "b start");
    fleet_tear_down(&fleet);
}

/* b's start is under way when a part that it is of is stopped: b comes up, and goes down for that.
 */
static void
stop_while_starting(Fleet *fleet)
{
    fleet_set_up(fleet, "a b");
    fleet_begin(fleet);
    fleet_stop_all(fleet, 0, false);
    fleet_go_off(fleet, "a", false);
    fleet_go_off(fleet, "b", false);
    g_ptr_array_set_size(fleet->said, 0);
    fleet_restore(fleet);
    fleet_expect(fleet, "b start");
    fleet_start(fleet, "b");
    stop_names(fleet, "b", 0);
    fleet_expect(fleet, "b power-button");
}

/* Of a, which is being started, too, there is an answer; then b is somebody's wish only anew. */
static void
expect_b_off(Fleet *fleet)
{
    fleet_reply(fleet, "a", true);
    fleet_pass(fleet, 60 * SEC);
    fleet_expect(fleet, "");
    restore(fleet, NULL, NULL);
    fleet_expect(fleet, "b start");
    fleet_tear_down(fleet);
}

/* Whatever becomes of the answer, the restore doesn't start it again. */
static void
test_start_lost(void)
{
    VsEvent reply = {.type = VS_EVENT_REPLY, .reply = {.lost = true, .message = "no"}};
    Fleet fleet;

    stop_while_starting(&fleet);
    reply.domain = &fleet_info(&fleet, "b")->domain;
    reply.reply.call = 3; /* of its start: that of the press comes behind it */
    fleet_step(&fleet, &reply);
    fleet_go_off(&fleet, "b", false);
    fleet_pass(&fleet, 60 * SEC);
    fleet_expect(&fleet, "b power-button, b clean, a start");
    expect_b_off(&fleet);
}

static void
test_start_taken_over(void)
{
    Fleet fleet;

    stop_while_starting(&fleet);
    fleet_go_off(&fleet, "b", false);
    fleet_expect(&fleet, "b power-button, b clean");
    fleet_restart(&fleet);
    fleet_expect(&fleet, "a start");
    expect_b_off(&fleet);
}

/* Called off is the one that is named. */
static void
test_cancel_one(void)
{
    VsEvent cancel = {.type = VS_EVENT_CANCEL_ALL};
    g_autofree char *first = NULL;
    Fleet fleet;

    fleet_set_up(&fleet, "a b");
    fleet_begin(&fleet);
    stop_names(&fleet, "a", 0);
    stop_names(&fleet, "b", 0);
    fleet_expect(&fleet, "a power-button, b power-button");
    cancel.host_stop = first = id_of(&fleet, 0);
    fleet_step(&fleet, &cancel);
    fleet_expect(&fleet, "a cancelled");
    g_assert_true(vs_engine_is_stopping_all(fleet.engine));
    fleet_go_off(&fleet, "b", false);
    g_assert_false(vs_engine_is_stopping_all(fleet.engine));
    fleet_tear_down(&fleet);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/engine/part/priorities", test_priorities);
    g_test_add_func("/engine/part/words", test_words);
    g_test_add_func("/engine/part/equal", test_equal);
    g_test_add_func("/engine/part/group", test_group);
    g_test_add_func("/engine/part/slips", test_slips);
    g_test_add_func("/engine/part/beside", test_beside);
    g_test_add_func("/engine/part/asked-again", test_asked_again);
    g_test_add_func("/engine/part/started-in-all", test_started_in_all);
    g_test_add_func("/engine/part/found-by-two", test_found_by_two);
    g_test_add_func("/engine/part/promise", test_promise);
    g_test_add_func("/engine/part/part-of-all", test_part_of_all);
    g_test_add_func("/engine/part/waited-for", test_waited_for);
    g_test_add_func("/engine/part/part-of-taken-over", test_part_of_taken_over);
    g_test_add_func("/engine/part/extended-taken-over", test_extended_taken_over);
    g_test_add_func("/engine/part/restore-one", test_restore_one);
    g_test_add_func("/engine/part/restore-only", test_restore_only);
    g_test_add_func("/engine/part/restore-failed", test_restore_failed);
    g_test_add_func("/engine/part/taken-while-away", test_taken_while_away);
    g_test_add_func("/engine/part/left-in-shutdown", test_left_in_shutdown);
    g_test_add_func("/engine/part/while-restoring", test_while_restoring);
    g_test_add_func("/engine/part/start-lost", test_start_lost);
    g_test_add_func("/engine/part/start-taken-over", test_start_taken_over);
    g_test_add_func("/engine/part/cancel-one", test_cancel_one);
    return g_test_run();
}
