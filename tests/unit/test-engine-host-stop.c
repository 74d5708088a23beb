/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fleet.h"
#include "util/error.h"
#include "util/json.h"
#include "vs-test.h"

/* The stop of all guests, through the engine. */

static void
test_order(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "db web1 web2");
    fleet_section(&fleet, "web*", "db");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 0, true);
    fleet_expect(&fleet, "web1 power-button, web2 power-button");
    fleet_go_off(&fleet, "web1", false);
    fleet_expect(&fleet, "web1 power-button (host), web1 clean");
    fleet_go_off(&fleet, "web2", false);
    fleet_expect(&fleet, "web2 power-button (host), web2 clean, db power-button");
    g_assert_true(vs_engine_is_stopping_all(fleet.engine));
    fleet_go_off(&fleet, "db", false);
    fleet_expect(&fleet, "db power-button (host), db clean");
    g_assert_false(vs_engine_is_stopping_all(fleet.engine));
    fleet_tear_down(&fleet);
}

/* One that is stuck holds up only what must come after it, and that only until it is forced. */
static void
test_stuck(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "db other web");
    fleet_section(&fleet, "web", "db");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 0, false);
    fleet_expect(&fleet, "other power-button, web power-button");
    fleet_reply(&fleet, "web", true);
    fleet_go_off(&fleet, "other", false);
    fleet_expect(&fleet, "other power-button, other clean");
    fleet_pass(&fleet, 121 * SEC);
    fleet_expect(&fleet, "web destroy");
    fleet_go_off(&fleet, "web", true);
    fleet_expect(&fleet, "web destroyed, web forced, db power-button");
    fleet_tear_down(&fleet);
}

/* The steps are shortened so that both end inside the budget. */
static void
test_budget(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "db web");
    fleet_section(&fleet, "web", "db");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 70 * SEC, false);
    fleet_expect(&fleet, "web power-button");
    fleet_reply(&fleet, "web", true);
    fleet_pass(&fleet, 19 * SEC);
    fleet_expect(&fleet, "");
    fleet_pass(&fleet, 2 * SEC); /* (70 - 2 * 15) / 2 */
    fleet_expect(&fleet, "web destroy");
    fleet_go_off(&fleet, "web", true);
    fleet_expect(&fleet, "web destroyed, web forced, db power-button");
    fleet_reply(&fleet, "db", true);
    fleet_pass(&fleet, 70 * SEC);
    fleet_expect(&fleet, "db destroy");
    fleet_tear_down(&fleet);
}

/* When only a destroy's time is left, nobody waits for a turn. */
static void
test_last_call(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "a b c");
    fleet.policy.max_parallel = 1;
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 20 * SEC, false);
    fleet_expect(&fleet, "a power-button");
    fleet_reply(&fleet, "a", true);
    fleet_pass(&fleet, 6 * SEC);
    fleet_expect(&fleet, "a destroy, b destroy, c destroy");
    fleet_go_off(&fleet, "c", true);
    fleet_go_off(&fleet, "a", true);
    fleet_go_off(&fleet, "b", true);
    fleet_expect(&fleet, "c destroyed, c forced, a destroyed, a forced, b destroyed, b forced");
    g_assert_false(vs_engine_is_stopping_all(fleet.engine));
    fleet_tear_down(&fleet);
}

/* Never force this one: it is left, said to be, and not asked a second time by the hook. */
static void
test_leave(void)
{
    VsSection *own;
    Fleet fleet;

    fleet_set_up(&fleet, "kept other");
    own = fleet_section(&fleet, "kept", "other");
    own->says = VS_POLICY_LADDER;
    g_assert_true(vs_ladder_parse("power-button:10s leave", &own->policy.ladder, NULL));
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 0, true);
    fleet_expect(&fleet, "kept power-button");
    fleet_reply(&fleet, "kept", true);
    fleet_pass(&fleet, 11 * SEC);
    fleet_expect(&fleet, "kept timed-out, other power-button");
    fleet_stop_all(&fleet, 0, true);
    fleet_expect(&fleet, "");
    fleet_go_off(&fleet, "other", false);
    fleet_stop_all(&fleet, 0, true);
    fleet_expect(&fleet, "other power-button (host), other clean");
    fleet_tear_down(&fleet);
}

static void
test_cancel(void)
{
    VsEvent cancel = {.type = VS_EVENT_CANCEL_ALL};
    Fleet fleet;

    fleet_set_up(&fleet, "db web");
    fleet_section(&fleet, "web", "db");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 0, true);
    fleet_reply(&fleet, "web", true);
    fleet_step(&fleet, &cancel);
    fleet_expect(&fleet, "web power-button, db cancelled, web cancelled");
    g_assert_false(vs_engine_is_stopping_all(fleet.engine));
    fleet_pass(&fleet, 1000 * SEC);
    fleet_expect(&fleet, "");
    fleet_tear_down(&fleet);
}

/* A daemon that died goes on where it was, with the deadlines that it had. */
static void
test_restart(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "db web");
    fleet_section(&fleet, "web", "db");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 140 * SEC, true);
    fleet_reply(&fleet, "web", true);
    fleet_expect(&fleet, "web power-button");
    fleet_restart(&fleet); /* and 20 s pass */
    g_assert_true(vs_engine_is_stopping_all(fleet.engine));
    fleet_expect(&fleet, "");
    fleet_pass(&fleet, 34 * SEC);
    fleet_expect(&fleet, "");
    fleet_pass(&fleet, 2 * SEC); /* (140 - 2 * 15) / 2 */
    fleet_expect(&fleet, "web destroy");
    fleet_go_off(&fleet, "web", true);
    fleet_expect(&fleet, "web destroyed (host), web forced, db power-button");
    fleet_pass(&fleet, 70 * SEC);
    fleet_expect(&fleet, "db destroy");
    fleet_tear_down(&fleet);
}

static void
assert_waited(const Fleet *fleet, const char *waited_for)
{
    g_autoptr(json_object) record = vs_json_parse_object(fleet->record, NULL);
    json_object *host_stop = vs_json_object(record, "host_stop");
    int64_t budget = 0;

    g_assert_cmpstr(vs_json_string(vs_json_object(record, "request"), "waited_for", NULL), ==,
                    waited_for);
    g_assert_true(vs_json_int(host_stop, "budget_ms", &budget));
    g_assert_cmpint(budget, ==, 140 * 1000);
    g_assert_nonnull(vs_json_string(host_stop, "asked", NULL));
}

/* Each record says who let it have its turn, and how long all had; so does a daemon that was
 * started anew meanwhile. */
static void
test_waited_for(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "db web1 web2");
    fleet_section(&fleet, "web*", "db");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 140 * SEC, true);
    fleet_pass(&fleet, SEC);
    fleet_go_off(&fleet, "web2", false);
    assert_waited(&fleet, NULL);
    fleet_pass(&fleet, SEC);
    fleet_go_off(&fleet, "web1", false);
    assert_waited(&fleet, NULL);
    fleet_restart(&fleet);
    fleet_go_off(&fleet, "db", true);
    assert_waited(&fleet, "web1");
    fleet_tear_down(&fleet);
}

static void
assert_kind(const Fleet *fleet, VsHostKind wanted)
{
    const GPtrArray *host_stops = vs_engine_host_stops(fleet->engine);

    g_assert_cmpuint(host_stops->len, ==, 1);
    g_assert_cmpint(((const VsHostStop *)host_stops->pdata[0])->kind, ==, wanted);
}

/* What a user's hook asks for is no shutdown, but the host may go down all the same: also for a new
 * daemon. */
static void
test_kind_of_session(void)
{
    VsEvent goes_down = {.type = VS_EVENT_HOST_SHUTDOWN, .host_shutdown.active = true};
    Fleet fleet;

    fleet_set_up(&fleet, "web");
    fleet_begin(&fleet);
    fleet_step(&fleet, &goes_down);
    fleet_stop_all(&fleet, 0, false);
    assert_kind(&fleet, VS_HOST_KIND_UNKNOWN);
    fleet_restart(&fleet);
    assert_kind(&fleet, VS_HOST_KIND_UNKNOWN);
    fleet_tear_down(&fleet);
}

/* A stop by hand that was begun before an update stays one. */
static void
test_kind_of_old(void)
{
    static const char key[] = "\"kind\":\"by-hand\",";
    char *found;
    Fleet fleet;

    fleet_set_up(&fleet, "web");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 0, false);
    found = strstr(fleet.kept, key);
    g_assert_nonnull(found);
    memmove(found, found + strlen(key), strlen(found + strlen(key)) + 1);
    fleet_restart(&fleet);
    assert_kind(&fleet, VS_HOST_KIND_BY_HAND);
    fleet_tear_down(&fleet);
}

/* A libvirt that doesn't come back keeps nobody for ever. */
static void
test_libvirt_away(void)
{
    VsEvent closed = {.type = VS_EVENT_CONNECTION, .uri = URI};
    Fleet fleet;

    fleet_set_up(&fleet, "db web");
    fleet_section(&fleet, "web", "db");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 60 * SEC, true);
    fleet_reply(&fleet, "web", true);
    fleet_expect(&fleet, "web power-button");
    fleet_step(&fleet, &closed);
    fleet_pass(&fleet, 100 * SEC);
    g_assert_true(vs_engine_is_stopping_all(fleet.engine));
    fleet_expect(&fleet, "");
    fleet_pass(&fleet, 6 * SEC);
    fleet_expect(&fleet, "db failed, web failed");
    g_assert_false(vs_engine_is_stopping_all(fleet.engine));
    g_assert_cmpint(vs_engine_next_timer(fleet.engine), ==, VS_USEC_INFINITY);
    fleet_tear_down(&fleet);
}

/* Where nobody set a time, none is cut: each has its own from when it could be reached, and those
 * behind it, too. */
static void
test_libvirt_away_without_budget(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "db web");
    fleet_section(&fleet, "web", "db");
    g_assert_true(vs_ladder_parse("power-button:10s destroy", &fleet.policy.all.ladder, NULL));
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 0, true);
    fleet_expect(&fleet, "web power-button");
    fleet_close_libvirt(&fleet);
    fleet_reply_lost(&fleet, "web");
    fleet_pass(&fleet, 70 * SEC);
    fleet_expect(&fleet, "");
    fleet_reconnect_libvirt(&fleet);
    fleet_expect(&fleet, "web power-button");
    fleet_reply(&fleet, "web", true);
    fleet_pass(&fleet, 8 * SEC);
    fleet_expect(&fleet, "");
    fleet_pass(&fleet, 3 * SEC);
    fleet_expect(&fleet, "web destroy");
    fleet_go_off(&fleet, "web", true);
    fleet_expect(&fleet, "web destroyed (host), web forced, db power-button");
    fleet_close_libvirt(&fleet);
    fleet_reply_lost(&fleet, "db");
    fleet_pass(&fleet, 70 * SEC);
    fleet_reconnect_libvirt(&fleet);
    fleet_expect(&fleet, "db power-button");
    fleet_go_off(&fleet, "db", false);
    fleet_expect(&fleet, "db power-button (host), db clean");
    g_assert_false(vs_engine_is_stopping_all(fleet.engine));
    fleet_tear_down(&fleet);
}

/* ... but a libvirt that doesn't come back keeps nobody for ever, and nobody is destroyed then. */
static void
test_libvirt_lost_without_budget(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "db web");
    g_assert_true(vs_ladder_parse("power-button:10s destroy", &fleet.policy.all.ladder, NULL));
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 0, true);
    fleet_expect(&fleet, "db power-button, web power-button");
    fleet_pass(&fleet, 5 * SEC);
    fleet_close_libvirt(&fleet);
    fleet_reply_lost(&fleet, "web");
    fleet_reply_lost(&fleet, "db");
    fleet_pass(&fleet, 69 * SEC); /* 10 s, 15 s for the destroy, and 45 s */
    fleet_expect(&fleet, "");
    fleet_pass(&fleet, 2 * SEC);
    fleet_expect(&fleet, "db failed, web failed");
    g_assert_false(vs_engine_is_stopping_all(fleet.engine));
    g_assert_cmpint(vs_engine_next_timer(fleet.engine), ==, VS_USEC_INFINITY);
    fleet_tear_down(&fleet);
}

/* A libvirt that is silent is waited for like one that is away. */
static void
test_libvirt_hangs_without_budget(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "web");
    g_assert_true(vs_ladder_parse("power-button:10s destroy", &fleet.policy.all.ladder, NULL));
    fleet_begin(&fleet);
    fleet.mute = true;
    fleet_stop_all(&fleet, 0, false);
    fleet_expect(&fleet, "web power-button");
    fleet_pass(&fleet, 60 * SEC);
    fleet_expect(&fleet, "");
    fleet.mute = false;
    fleet_reply(&fleet, "web", true);
    fleet_pass(&fleet, 9 * SEC);
    fleet_expect(&fleet, "");
    fleet_go_off(&fleet, "web", false);
    fleet_expect(&fleet, "web power-button, web clean");
    fleet_tear_down(&fleet);
}

/* Its system is down, or it obeys our SIGTERM, and then its process hangs: that doesn't take longer
 * than the time for all either. */
static void
test_hangs_as_it_ends(void)
{
    static const struct {
        const char *ladder, *call;
        int64_t down_at, destroyed_at; /* s */
        int detail;
    } cases[] = {
        {"terminate:60s destroy", "web terminate", 10, 15, VS_SHUTDOWN_HOST},
        {"terminate:12s destroy", "web terminate", 2, 12, VS_SHUTDOWN_HOST},
        {"power-button:60s destroy", "web power-button", 2, 15, VS_SHUTDOWN_GUEST},
        {"power-button:60s destroy", "web power-button", 14, 24, VS_SHUTDOWN_GUEST},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        Fleet fleet;

        vs_test_note(cases[i].ladder);
        fleet_set_up(&fleet, "web");
        g_assert_true(vs_ladder_parse(cases[i].ladder, &fleet.policy.all.ladder, NULL));
        fleet_begin(&fleet);
        fleet_stop_all(&fleet, 30 * SEC, true);
        fleet_expect(&fleet, cases[i].call);
        fleet_reply(&fleet, "web", true);
        fleet_pass(&fleet, cases[i].down_at * SEC);
        fleet_lifecycle(&fleet, "web", VS_LIFECYCLE_SHUTDOWN, cases[i].detail);
        fleet_pass(&fleet, (cases[i].destroyed_at - cases[i].down_at) * SEC - 1);
        fleet_expect(&fleet, "");
        fleet_pass(&fleet, 1);
        fleet_expect(&fleet, "web destroy");
        fleet_tear_down(&fleet);
    }
}

/* Who was to be pressed twice, and is so when libvirt is back, has the time for it. */
static void
test_libvirt_away_between_presses(void)
{
    VsEvent closed = {.type = VS_EVENT_CONNECTION, .uri = URI};
    Fleet fleet;

    fleet_set_up(&fleet, "once twice");
    fleet_set_ladder(fleet_section(&fleet, "once", ""), "power-button:15s destroy");
    fleet_set_ladder(fleet_section(&fleet, "twice", ""), "power-button:15s,press=2,gap=1s destroy");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 90 * SEC, true);
    fleet_expect(&fleet, "once power-button, twice power-button");
    fleet_reply(&fleet, "once", true);
    fleet_reply(&fleet, "twice", true);
    fleet_step(&fleet, &closed);
    fleet_pass(&fleet, 40 * SEC); /* its own 15 s, and the 15 s for its destroy, are over */
    fleet_reconnect_libvirt(&fleet);
    fleet_expect(&fleet, "once destroy, twice power-button");
    fleet_reply(&fleet, "once", true);
    fleet_lifecycle(&fleet, "once", VS_LIFECYCLE_STOPPED, VS_STOPPED_DESTROYED);
    fleet_expect(&fleet, "once destroyed (host), once forced");
    fleet_go_off(&fleet, "twice", false);
    fleet_expect(&fleet, "twice power-button (host), twice clean");
    fleet_tear_down(&fleet);
}

/* What goes down while libvirt is away goes down for what it was asked, however late that shows. */
static void
test_libvirt_away_and_off(void)
{
    VsEvent closed = {.type = VS_EVENT_CONNECTION, .uri = URI};
    Fleet fleet;

    fleet_set_up(&fleet, "web");
    fleet_set_ladder(fleet_section(&fleet, "web", ""), "power-button:10s destroy");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 90 * SEC, true);
    fleet_reply(&fleet, "web", true);
    fleet_expect(&fleet, "web power-button");
    fleet_step(&fleet, &closed);
    fleet_info(&fleet, "web")->state = VS_STATE_SHUTOFF;
    fleet_info(&fleet, "web")->reason = VS_SHUTOFF_CRASHED;
    fleet_pass(&fleet, 30 * SEC);
    fleet_reconnect_libvirt(&fleet);
    fleet_expect(&fleet, "web power-button (host), web clean");
    fleet_tear_down(&fleet);
}

/* ... but not for what it was asked another time, and ignored. */
static void
test_libvirt_away_and_older_press(void)
{
    VsEvent stop = {.type = VS_EVENT_STOP, .stop.ladder = "power-button:10s leave"};
    Fleet fleet;

    fleet_set_up(&fleet, "web");
    fleet_set_ladder(fleet_section(&fleet, "web", ""), "save:100s destroy");
    fleet_begin(&fleet);
    stop.domain = &fleet_info(&fleet, "web")->domain;
    fleet_step(&fleet, &stop);
    fleet_reply(&fleet, "web", true);
    fleet_pass(&fleet, 11 * SEC);
    fleet_stop_all(&fleet, 90 * SEC, true);
    fleet_expect(&fleet, "web power-button, web timed-out, web save");
    fleet_close_libvirt(&fleet);
    fleet_info(&fleet, "web")->state = VS_STATE_SHUTOFF;
    fleet_info(&fleet, "web")->reason = VS_SHUTOFF_CRASHED;
    fleet_reconnect_libvirt(&fleet);
    fleet_expect(&fleet, "web crashed (host), web forced");
    fleet_tear_down(&fleet);
}

/* Who is started while the host goes down goes down, too. */
static void
test_newcomer(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "db");
    fleet_add(&fleet, "web", VS_STATE_SHUTOFF);
    fleet_section(&fleet, "web", "db");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 0, true);
    fleet_expect(&fleet, "db power-button");
    fleet_start(&fleet, "web");
    fleet_expect(&fleet, "web power-button");
    fleet_go_off(&fleet, "db", false);
    g_assert_true(vs_engine_is_stopping_all(fleet.engine));
    fleet_go_off(&fleet, "web", false);
    g_assert_false(vs_engine_is_stopping_all(fleet.engine));
    fleet_tear_down(&fleet);
}

/* ... but not where all are stopped by hand: somebody wants it. */
static void
test_newcomer_by_hand(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "db");
    fleet_add(&fleet, "web", VS_STATE_SHUTOFF);
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 0, false);
    fleet_start(&fleet, "web");
    fleet_expect(&fleet, "db power-button");
    fleet_go_off(&fleet, "db", false);
    g_assert_false(vs_engine_is_stopping_all(fleet.engine));
    fleet_tear_down(&fleet);
}

/* ... nor where it is known by another event, and looked at, before its STARTED comes in. */
static void
test_unknown_newcomer_by_hand(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "db");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 0, false);
    fleet_add(&fleet, "web", VS_STATE_RUNNING);
    fleet_lifecycle(&fleet, "web", VS_LIFECYCLE_RESUMED, 0);
    fleet_expect(&fleet, "db power-button");
    fleet_lifecycle(&fleet, "web", VS_LIFECYCLE_STARTED, 0);
    fleet_go_off(&fleet, "db", false);
    g_assert_false(vs_engine_is_stopping_all(fleet.engine));
    fleet_tear_down(&fleet);
}

/* A daemon that was only just started doesn't know the guests yet. */
static void
test_not_listed_yet(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "web");
    fleet.engine = vs_engine_new((const uint8_t[16]){1}, &fleet.policy);
    vs_engine_watch(fleet.engine, URI, fleet.now);
    fleet_stop_all(&fleet, 60 * SEC, true);
    fleet_pass(&fleet, 20 * SEC);
    g_assert_true(vs_engine_is_stopping_all(fleet.engine));
    fleet_reconnect_libvirt(&fleet);
    fleet_expect(&fleet, "web power-button");
    fleet_go_off(&fleet, "web", false);
    g_assert_false(vs_engine_is_stopping_all(fleet.engine));
    fleet_tear_down(&fleet);
}

/* A libvirt that never comes up doesn't keep the host. */
static void
test_never_listed(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "web");
    fleet.engine = vs_engine_new((const uint8_t[16]){1}, &fleet.policy);
    vs_engine_watch(fleet.engine, URI, fleet.now);
    fleet_close_libvirt(&fleet);
    fleet_stop_all(&fleet, 300 * SEC, true);
    fleet_pass(&fleet, 29 * SEC);
    g_assert_true(vs_engine_is_stopping_all(fleet.engine));
    fleet_pass(&fleet, 2 * SEC);
    g_assert_false(vs_engine_is_stopping_all(fleet.engine));
    fleet_stop_all(&fleet, 300 * SEC, true); /* by now it is known to be missing */
    g_assert_false(vs_engine_is_stopping_all(fleet.engine));
    fleet_tear_down(&fleet);
}

/* A daemon that was restarted meanwhile, and a libvirt that is not there any more: it has an end.
 */
static void
test_restart_without_libvirt(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "web");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 60 * SEC, true);
    fleet_expect(&fleet, "web power-button");
    fleet_restart_alone(&fleet);
    g_assert_cmpint(vs_engine_next_timer(fleet.engine), <, fleet.now.mono + 60 * SEC);
    fleet_pass(&fleet, 100 * SEC);
    g_assert_true(vs_engine_is_stopping_all(fleet.engine));
    fleet_pass(&fleet, 10 * SEC);
    fleet_expect(&fleet, "web failed");
    g_assert_false(vs_engine_is_stopping_all(fleet.engine));
    fleet_tear_down(&fleet);
}

/* A shorter budget that comes later holds for those that are being asked, too. */
static void
test_budget_shrinks(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "db web");
    fleet_section(&fleet, "web", "db");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 0, false);
    fleet_reply(&fleet, "web", true);
    fleet_expect(&fleet, "web power-button");
    fleet_stop_all(&fleet, 70 * SEC, true);
    fleet_pass(&fleet, 19 * SEC);
    fleet_expect(&fleet, "");
    fleet_pass(&fleet, 2 * SEC); /* (70 - 2 * 15) / 2 */
    fleet_expect(&fleet, "web destroy");
    fleet_go_off(&fleet, "web", true);
    fleet_expect(&fleet, "web destroyed (host), web forced, db power-button");
    fleet_tear_down(&fleet);
}

/* Of a budget that is shorter than a destroy's time guests still get some. */
static void
test_budget_tiny(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "web");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 8 * SEC, true);
    fleet_expect(&fleet, "web power-button");
    fleet_reply(&fleet, "web", true);
    fleet_pass(&fleet, 8 * SEC);
    fleet_expect(&fleet, "web destroy");
    fleet_tear_down(&fleet);
}

static bool
extend(Fleet *fleet, const char *name, int64_t span, GError **error)
{
    VsEvent event = {.type = name ? VS_EVENT_EXTEND : VS_EVENT_EXTEND_ALL, .extend.span = span};

    if (name)
        event.domain = &fleet_info(fleet, name)->domain;
    return fleet_try_step(fleet, &event, error);
}

/* The power holds longer than was thought: all get more, the step that is under way with them. */
static void
test_extend_all(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "db web");
    fleet_section(&fleet, "web", "db");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 70 * SEC, false); /* 20 s each, then */
    fleet_reply(&fleet, "web", true);
    fleet_expect(&fleet, "web power-button");
    g_assert_true(extend(&fleet, NULL, 30 * SEC, NULL));
    fleet_pass(&fleet, 49 * SEC);
    fleet_expect(&fleet, "");
    fleet_pass(&fleet, 2 * SEC);
    fleet_expect(&fleet, "web destroy");
    fleet_go_off(&fleet, "web", true);
    fleet_expect(&fleet, "web destroyed, web forced, db power-button");
    fleet_reply(&fleet, "db", true);
    fleet_pass(&fleet, 33 * SEC); /* 100 - 51 - 15 */
    fleet_expect(&fleet, "");
    fleet_pass(&fleet, 2 * SEC);
    fleet_expect(&fleet, "db destroy");
    fleet_tear_down(&fleet);
}

/* ... and the steps behind it. */
static void
test_extend_all_steps(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "web");
    fleet_set_ladder(fleet_section(&fleet, "web", ""), "save:100s power-button:100s destroy");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 55 * SEC, false); /* 20 s each */
    fleet_expect(&fleet, "web save");
    g_assert_true(extend(&fleet, NULL, 60 * SEC, NULL));
    fleet_reply(&fleet, "web", false);
    fleet_expect(&fleet, "web power-button");
    fleet_reply(&fleet, "web", true);
    fleet_pass(&fleet, 99 * SEC); /* 55 + 60 - 15 */
    fleet_expect(&fleet, "");
    fleet_pass(&fleet, 2 * SEC);
    fleet_expect(&fleet, "web destroy");
    fleet_tear_down(&fleet);
}

static void
test_extend_nothing(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GError) bad = NULL;
    Fleet fleet;

    fleet_set_up(&fleet, "web");
    fleet_begin(&fleet);
    g_assert_false(extend(&fleet, NULL, 30 * SEC, &error));
    g_assert_error(error, VS_ERROR, VS_ERROR_NO_STOP);
    fleet_stop_all(&fleet, 70 * SEC, false);
    g_assert_false(extend(&fleet, NULL, 0, &bad));
    g_assert_error(bad, VS_ERROR, VS_ERROR_INVALID);
    fleet_tear_down(&fleet);
}

/* One gets more than its share, but not more than there is. */
static void
test_extend_one(void)
{
    g_autoptr(GError) error = NULL;
    Fleet fleet;

    fleet_set_up(&fleet, "web");
    fleet_set_ladder(fleet_section(&fleet, "web", ""), "agent:1s power-button:20s destroy");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 70 * SEC, false);
    fleet_reply(&fleet, "web", true);
    fleet_expect(&fleet, "web power-button");
    g_assert_true(extend(&fleet, "web", 30 * SEC, NULL));
    fleet_pass(&fleet, 49 * SEC);
    fleet_expect(&fleet, "");
    g_assert_false(extend(&fleet, "web", 30 * SEC, &error));
    g_assert_error(error, VS_ERROR, VS_ERROR_INVALID);
    fleet_pass(&fleet, 2 * SEC);
    fleet_expect(&fleet, "web destroy");
    fleet_tear_down(&fleet);
}

/* Somebody else reboots it, or it powers itself off, before its turn: it is not asked because of
 * that. */
static void
test_queued_goes_off(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "boots db web");
    fleet_section(&fleet, "web", "db boots");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 0, true);
    fleet_expect(&fleet, "web power-button");
    fleet_lifecycle(&fleet, "boots", VS_LIFECYCLE_SHUTDOWN, VS_SHUTDOWN_GUEST);
    fleet_lifecycle(&fleet, "boots", VS_LIFECYCLE_RESUMED, 0);
    fleet_lifecycle(&fleet, "db", VS_LIFECYCLE_SHUTDOWN, VS_SHUTDOWN_GUEST);
    fleet_expect(&fleet, "");
    fleet_go_off(&fleet, "web", false);
    fleet_expect(&fleet, "web power-button (host), web clean, boots power-button");
    fleet_lifecycle(&fleet, "db", VS_LIFECYCLE_STOPPED, VS_STOPPED_SHUTDOWN);
    fleet_expect(&fleet, "db guest-initiated (host), db clean");
    fleet_tear_down(&fleet);
}

/* What was left stays left, whoever asks next. */
static void
test_left_and_restart(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "kept other");
    fleet_set_ladder(fleet_section(&fleet, "kept", ""), "power-button:10s leave");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 0, true);
    fleet_reply(&fleet, "kept", true);
    fleet_pass(&fleet, 11 * SEC);
    fleet_expect(&fleet, "kept power-button, other power-button, kept timed-out");
    fleet_restart(&fleet);
    fleet_stop_all(&fleet, 0, true);
    g_assert_cmpuint(fleet.said->len, ==, 1); /* the other one, whose answer was lost */
    fleet_expect(&fleet, "other power-button");
    fleet_tear_down(&fleet);
}

/* ... and not even where nobody else is left. */
static void
test_left_alone_and_restart(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "kept");
    fleet_set_ladder(fleet_section(&fleet, "kept", ""), "power-button:10s leave");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 0, true);
    fleet_reply(&fleet, "kept", true);
    fleet_pass(&fleet, 11 * SEC);
    fleet_expect(&fleet, "kept power-button, kept timed-out");
    fleet_restart(&fleet);
    fleet_stop_all(&fleet, 0, true);
    fleet_expect(&fleet, "");
    fleet_tear_down(&fleet);
}

/* A libvirt that answers nothing, on a connection that lives: no time is spent on looking. */
static void
test_lost_answers(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "web");
    fleet_set_ladder(fleet_section(&fleet, "web", ""), "power-button:10s destroy");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 60 * SEC, true);
    fleet_pass(&fleet, 9 * SEC + SEC / 2);
    fleet_reply_lost(&fleet, "web");
    fleet_pass(&fleet, SEC * 3 / 4);
    g_assert_cmpint(vs_engine_next_timer(fleet.engine), >, fleet.now.mono);
    fleet_pass(&fleet, SEC);
    fleet_expect(&fleet, "web power-button, web power-button");
    fleet_tear_down(&fleet);
}

/* Of a URI that was taken out of the configuration nobody will ever tell. */
static void
test_unwatched(void)
{
    VsEvent restore = {.type = VS_EVENT_TAKE_OVER};
    Fleet fleet;

    fleet_set_up(&fleet, "web");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 0, true);
    restore.domain = &fleet_info(&fleet, "web")->domain;
    restore.take_over.state = g_hash_table_lookup(fleet.saved, "web");
    vs_engine_free(fleet.engine);
    fleet.engine = vs_engine_new((const uint8_t[16]){1}, &fleet.policy);
    vs_engine_watch(fleet.engine, "lxc:///system", fleet.now);
    fleet_step(&fleet, &restore);
    g_assert_false(vs_engine_is_stopping_all(fleet.engine));
    g_assert_null(vs_engine_find(fleet.engine, URI, restore.domain->uuid.text));
    fleet_tear_down(&fleet);
}

/* Others hang, and all who could press are busy with them: its time begins when it is pressed. */
static void
test_held(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "web");
    fleet_set_ladder(fleet_section(&fleet, "web", ""), "power-button:10s destroy");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 90 * SEC, true);
    fleet_hold(&fleet, "web", true);
    fleet_pass(&fleet, 40 * SEC);
    fleet_expect(&fleet, "web power-button");
    fleet_hold(&fleet, "web", false);
    fleet_reply(&fleet, "web", true);
    fleet_pass(&fleet, 9 * SEC);
    fleet_expect(&fleet, "");
    fleet_pass(&fleet, 2 * SEC);
    fleet_expect(&fleet, "web destroy");
    fleet_tear_down(&fleet);
}

/* ... but not beyond the budget. */
static void
test_held_too_long(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "web");
    fleet_set_ladder(fleet_section(&fleet, "web", ""), "power-button:10s destroy");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 60 * SEC, true);
    fleet_hold(&fleet, "web", true);
    fleet_pass(&fleet, 44 * SEC);
    fleet_expect(&fleet, "web power-button");
    fleet_pass(&fleet, 2 * SEC);
    fleet_expect(&fleet, "web withdrawn, web destroy");
    fleet_tear_down(&fleet);
}

/* A press that could not be made yet, and was called off, is not made afterwards, and explains
 * nothing. */
static void
test_held_and_called_off(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "web");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 0, false);
    fleet_hold(&fleet, "web", true);
    fleet_cancel_all(&fleet);
    fleet_expect(&fleet, "web power-button, web cancelled, web withdrawn");
    fleet_lifecycle(&fleet, "web", VS_LIFECYCLE_SHUTDOWN, VS_SHUTDOWN_GUEST);
    fleet_lifecycle(&fleet, "web", VS_LIFECYCLE_STOPPED, VS_STOPPED_SHUTDOWN);
    fleet_expect(&fleet, "web guest-initiated");
    fleet_tear_down(&fleet);
}

/* A single guest has no budget that could end it: it isn't destroyed before it was asked. */
static void
test_held_alone(void)
{
    VsEvent stop = {.type = VS_EVENT_STOP, .stop.ladder = "power-button:10s destroy"};
    Fleet fleet;

    fleet_set_up(&fleet, "web");
    fleet_begin(&fleet);
    stop.domain = &fleet_info(&fleet, "web")->domain;
    fleet_step(&fleet, &stop);
    fleet_hold(&fleet, "web", true);
    fleet_pass(&fleet, 3600 * SEC);
    fleet_expect(&fleet, "web power-button");
    fleet_hold(&fleet, "web", false);
    fleet_reply(&fleet, "web", true);
    fleet_pass(&fleet, 9 * SEC);
    fleet_expect(&fleet, "");
    fleet_pass(&fleet, 2 * SEC);
    fleet_expect(&fleet, "web destroy");
    fleet_tear_down(&fleet);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/engine/host-stop/order", test_order);
    g_test_add_func("/engine/host-stop/stuck", test_stuck);
    g_test_add_func("/engine/host-stop/budget", test_budget);
    g_test_add_func("/engine/host-stop/last-call", test_last_call);
    g_test_add_func("/engine/host-stop/leave", test_leave);
    g_test_add_func("/engine/host-stop/hangs-as-it-ends", test_hangs_as_it_ends);
    g_test_add_func("/engine/host-stop/cancel", test_cancel);
    g_test_add_func("/engine/host-stop/restart", test_restart);
    g_test_add_func("/engine/host-stop/waited-for", test_waited_for);
    g_test_add_func("/engine/host-stop/kind-of-session", test_kind_of_session);
    g_test_add_func("/engine/host-stop/kind-of-old", test_kind_of_old);
    g_test_add_func("/engine/host-stop/libvirt-away", test_libvirt_away);
    g_test_add_func("/engine/host-stop/libvirt-away-without-budget",
                    test_libvirt_away_without_budget);
    g_test_add_func("/engine/host-stop/libvirt-lost-without-budget",
                    test_libvirt_lost_without_budget);
    g_test_add_func("/engine/host-stop/libvirt-hangs-without-budget",
                    test_libvirt_hangs_without_budget);
    g_test_add_func("/engine/host-stop/libvirt-away-between-presses",
                    test_libvirt_away_between_presses);
    g_test_add_func("/engine/host-stop/libvirt-away-and-off", test_libvirt_away_and_off);
    g_test_add_func("/engine/host-stop/libvirt-away-and-older-press",
                    test_libvirt_away_and_older_press);
    g_test_add_func("/engine/host-stop/newcomer", test_newcomer);
    g_test_add_func("/engine/host-stop/newcomer-by-hand", test_newcomer_by_hand);
    g_test_add_func("/engine/host-stop/unknown-newcomer-by-hand", test_unknown_newcomer_by_hand);
    g_test_add_func("/engine/host-stop/not-listed-yet", test_not_listed_yet);
    g_test_add_func("/engine/host-stop/never-listed", test_never_listed);
    g_test_add_func("/engine/host-stop/restart-without-libvirt", test_restart_without_libvirt);
    g_test_add_func("/engine/host-stop/budget-shrinks", test_budget_shrinks);
    g_test_add_func("/engine/host-stop/budget-tiny", test_budget_tiny);
    g_test_add_func("/engine/host-stop/extend-all", test_extend_all);
    g_test_add_func("/engine/host-stop/extend-all-steps", test_extend_all_steps);
    g_test_add_func("/engine/host-stop/extend-nothing", test_extend_nothing);
    g_test_add_func("/engine/host-stop/extend-one", test_extend_one);
    g_test_add_func("/engine/host-stop/queued-goes-off", test_queued_goes_off);
    g_test_add_func("/engine/host-stop/left-and-restart", test_left_and_restart);
    g_test_add_func("/engine/host-stop/left-alone-and-restart", test_left_alone_and_restart);
    g_test_add_func("/engine/host-stop/lost-answers", test_lost_answers);
    g_test_add_func("/engine/host-stop/unwatched", test_unwatched);
    g_test_add_func("/engine/host-stop/held", test_held);
    g_test_add_func("/engine/host-stop/held-too-long", test_held_too_long);
    g_test_add_func("/engine/host-stop/held-and-called-off", test_held_and_called_off);
    g_test_add_func("/engine/host-stop/held-alone", test_held_alone);
    return g_test_run();
}
