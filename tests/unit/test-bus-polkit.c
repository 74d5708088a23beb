/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "bus-client.h"
#include "bus-other.h"
#include "bus/access.h"
#include "played-polkit.h"
#include "util/span.h"
#include "vs-test.h"

/* Who may do what: what polkit is asked, and what becomes of its answer. */

#define MANAGER      "org.virtstop1.Manager"
#define ROOT         "/org/virtstop1"
#define DENIED       "org.freedesktop.DBus.Error.AccessDenied"
#define LIMITS       "org.freedesktop.DBus.Error.LimitsExceeded"
#define SHORT        INT64_C(200000) /* µs: for a polkit that never answers */
#define LONG         INT64_C(600000000)
#define N_PENDING    8   /* as polkit.c has it */
#define N_REMEMBERED 512 /* as callers.c has it */

/* --- the table --- */

static void
test_table(void)
{
    static const struct {
        const char *member, *action, *forcing;
    } expected[] = {
        {"Stop", "stop", "force"},
        {"StopAll", "stop-all", "force"},
        {"Escalate", "stop", "force"},
        {"Cancel", "cancel", "cancel"},
        {"CancelAll", "cancel", "cancel"},
        {"Extend", "extend", "extend"},
        {"ExtendAll", "extend", "extend"},
        {"Restore", "restore", "restore"},
        {"Reload", "reload", "reload"},
        {"SetPolicy", "manage-policy", "manage-policy"},
        {"GetRequest", "history", "history"},
        {"GetHistory", "history", "history"},
        {"ListRecords", "history", "history"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(expected); i++) {
        g_autofree char *action = g_strconcat("org.virtstop1.", expected[i].action, NULL);
        g_autofree char *forcing = g_strconcat("org.virtstop1.", expected[i].forcing, NULL);

        g_assert_cmpstr(vs_bus_access_action(expected[i].member, false), ==, action);
        g_assert_cmpstr(vs_bus_access_action(expected[i].member, true), ==, forcing);
    }
    g_assert_null(vs_bus_access_action("ListDomains", false));
    g_assert_null(vs_bus_access_action(NULL, false));
}

static char *
read_data(const char *name)
{
    const char *top = g_getenv("top_srcdir") ? g_getenv("top_srcdir") : ".";
    g_autofree char *path = g_build_filename(top, "data", name, NULL);

    return vs_test_read(path);
}

/* Each method is a reader's, or stands in the table; and each action of the table in the policy
 * file. */
static void
test_table_is_whole(void)
{
    static const char *const readers[] = {"Plan",       "Check",     "GetPolicy",
                                          "GetDomain",  "GetStop",   "ListDomains",
                                          "ListOwners", "ListStops", NULL};
    g_autofree char *xml = read_data("org.virtstop1.xml");
    g_autofree char *policy = read_data("org.virtstop1.policy");
    g_auto(GStrv) methods = g_strsplit(xml, "<method name=\"", -1);

    g_assert_cmpuint(g_strv_length(methods), >, 10);
    for (char **method = methods + 1; *method; method++) {
        g_autofree char *name = g_strndup(*method, strcspn(*method, "\""));
        const char *action = vs_bus_access_action(name, false);
        g_autofree char *entry = g_strdup_printf("<action id=\"%s\">", action);

        if (g_strv_contains(readers, name))
            g_assert_null(action);
        else if (!action || !strstr(policy, entry))
            g_error("%s needs no right, or the policy file doesn't have it", name);
    }
    g_assert_nonnull(strstr(policy, "<action id=\"org.virtstop1.force\">"));
}

/* polkit keeps a yes whatever the details: one for a guest would be one for all. Of the history it
 * is one for all, and its prompt says so. */
static void
test_nothing_kept(void)
{
    static const char *const without_details[] = {"org.virtstop1.restore", "org.virtstop1.reload",
                                                  "org.virtstop1.history", NULL};
    g_autofree char *policy = read_data("org.virtstop1.policy");
    g_auto(GStrv) actions = g_strsplit(policy, "<action id=\"", -1);

    g_assert_cmpuint(g_strv_length(actions), ==, 10);
    for (char **action = actions + 1; *action; action++) {
        g_autofree char *name = g_strndup(*action, strcspn(*action, "\""));

        if (strstr(*action, "_keep") && !g_strv_contains(without_details, name))
            g_error("A yes to %s is kept", name);
    }
}

/* --- what others do: each in a process of its own --- */

/* 0 where the answer is an error of that name and says that; "": none is an error. */
static int
expect(int r, const sd_bus_error *error, const char *name, const char *part)
{
    if (!*name) {
        if (r >= 0)
            return 0;
        g_printerr("%s: %s\n", error->name, error->message);
        return 1;
    }
    if (r < 0 && g_strcmp0(error->name, name) == 0 && strstr(error->message, part))
        return 0;
    g_printerr("%s: %s, not %s with “%s”\n", error->name, error->message, name, part);
    return 2;
}

static int
call(sd_bus *bus, const char *member, bool interactive, const char *name, const char *part,
     const char *types, ...)
{
    g_autoptr(sd_bus_message) message = NULL;
    g_auto(sd_bus_error) error = SD_BUS_ERROR_NULL;
    va_list arguments;
    int r;

    va_start(arguments, types);
    if (sd_bus_message_new_method_call(bus, &message, "org.virtstop1", ROOT, MANAGER, member) < 0 ||
        (types && sd_bus_message_appendv(message, types, arguments) < 0) ||
        sd_bus_message_set_allow_interactive_authorization(message, interactive) < 0)
        return 3;
    va_end(arguments);
    r = sd_bus_call(bus, message, UINT64_C(60000000), &error, NULL);
    return expect(r, &error, name, part);
}

static int
stop_web1(sd_bus *bus)
{
    return call(bus, "Stop", false, "", "", "sa{sv}", "web1", 0);
}

/* Whose service ends before the answer. */
static int
stop_in_vain(sd_bus *bus)
{
    return call(bus, "Stop", false, SD_BUS_ERROR_NO_REPLY, "", "sa{sv}", "web1", 0);
}

static int
stop_refused(sd_bus *bus)
{
    return call(bus, "Stop", false, DENIED, "stop a guest: polkit says no", "sa{sv}", "web1", 0);
}

static int
stop_strange(sd_bus *bus)
{
    return call(bus, "Stop", false, DENIED, "stop a guest: polkit says no", "sa{sv}",
                "\033[2J\u202e\nx", 0);
}

static int
stop_challenged(sd_bus *bus)
{
    return call(bus, "Stop", true, DENIED, "password", "sa{sv}", "web1", 0);
}

static int
stop_unanswered(sd_bus *bus)
{
    return call(bus, "Stop", true, DENIED, "doesn't answer", "sa{sv}", "web1", 0);
}

static int
stop_failing(sd_bus *bus)
{
    return call(bus, "Stop", false, DENIED, "it is broken", "sa{sv}", "web1", 0);
}

static int
stop_without_polkit(sd_bus *bus)
{
    return call(bus, "Stop", false, DENIED, "without polkit, only root", "sa{sv}", "web1", 0);
}

static int
stop_by_destroy(sd_bus *bus)
{
    return call(bus, "Stop", false, DENIED, "cut off a guest", "sa{sv}", "web1", 1, "ladder", "s",
                "agent:1s destroy");
}

static int
stop_in_a_second(sd_bus *bus)
{
    return call(bus, "Stop", false, DENIED, "cut off a guest", "sa{sv}", WEB1_UUID, 1, "budget",
                "t", UINT64_C(1000000));
}

static int
stop_nicely(sd_bus *bus)
{
    return call(bus, "Stop", false, DENIED, "stop a guest", "sa{sv}", "web1", 1, "ladder", "s",
                "agent:1s leave");
}

static int
stop_all_by_destroy(sd_bus *bus)
{
    return call(bus, "StopAll", false, DENIED, "cut off a guest", "a{sv}", 1, "ladder", "s",
                "destroy");
}

static int
stop_all(sd_bus *bus)
{
    return call(bus, "StopAll", false, "", "", "a{sv}", 0);
}

static int
stop_all_with_host(sd_bus *bus)
{
    int r = call(bus, "StopAll", false, DENIED, "“shutdown”: only root", "a{sv}", 2, "shutdown",
                 "b", 1, "kind", "s", "poweroff");

    return r ? r
             : call(bus, "StopAll", true, DENIED, "“kind”: only root", "a{sv}", 1, "kind", "s",
                    "poweroff");
}

static int
cancel_all(sd_bus *bus)
{
    return call(bus, "CancelAll", false, DENIED, "call off", "a{sv}", 0);
}

static int
reload(sd_bus *bus)
{
    return call(bus, "Reload", false, "", "", NULL);
}

static int
restore(sd_bus *bus)
{
    return call(bus, "Restore", false, "", "", "a{sv}", 0);
}

static int
set_policy(sd_bus *bus)
{
    return call(bus, "SetPolicy", false, DENIED, "policy", "sa{ss}a{sv}", "web1", 1, "Priority",
                "5", 0);
}

static int
escalate_denied(sd_bus *bus)
{
    return call(bus, "Escalate", false, DENIED, "cut off", "sa{sv}", "web1", 0);
}

static int
extend(sd_bus *bus)
{
    return call(bus, "Extend", false, "", "", "sta{sv}", "web1", UINT64_C(1000000), 0);
}

/* --- the tests --- */

/* "ACTION FLAGS KEY=VALUE ...", without the caller's name and the question's own. */
static void
assert_asked(const char *question, const char *expected)
{
    g_auto(GStrv) words = g_strsplit(question, " ", 5);
    g_autofree char *told =
        g_strdup_printf("%s %s%s%s", words[0] + strlen("org.virtstop1."), words[2],
                        words[3] && words[4] ? " " : "", words[3] && words[4] ? words[4] : "");

    g_assert_cmpint(words[1][0], ==, ':');
    g_assert_cmpstr(told, ==, expected);
}

/* Runs @run as nobody; polkit is asked @expected, and answers. */
static void
play(BusFixture *fixture, PlayedPolkit *polkit, BusOtherRun run, const char *expected,
     PlayedAnswer answer)
{
    g_autofree char *question = NULL;
    BusOther other;

    bus_other_begin(&other, NOBODY, run);
    question = played_polkit_await(fixture, polkit, polkit->n_asked + 1);
    assert_asked(question, expected);
    played_polkit_answer(polkit, answer);
    bus_other_end(fixture, &other);
}

#define WEB1                                                                                       \
    " domain=web1 shown=“web1” uuid=" WEB1_UUID " uri=" TEST_URI                                   \
    " ladder=agent:1min power-button:2min destroy"

static void
test_yes(void)
{
    PlayedPolkit polkit;
    BusFixture fixture;

    if (!played_polkit_set_up(&fixture, &polkit, LONG))
        return;
    play(&fixture, &polkit, stop_web1, "stop 0" WEB1, PLAYED_YES);
    g_assert_cmpuint(fixture.n_requests, ==, 1);
    g_assert_cmpint(fixture.last_type, ==, VS_EVENT_STOP);
    g_assert_cmpuint(fixture.last_by.uid, ==, NOBODY);
    play(&fixture, &polkit, extend, "extend 0" WEB1, PLAYED_YES);
    g_assert_cmpint(fixture.last_type, ==, VS_EVENT_EXTEND);
    play(&fixture, &polkit, stop_all, "stop-all 0", PLAYED_YES);
    g_assert_cmpint(fixture.last_type, ==, VS_EVENT_STOP_ALL);
    g_assert_cmpuint(fixture.last_by.uid, ==, NOBODY);
    play(&fixture, &polkit, reload, "reload 0", PLAYED_YES);
    g_assert_cmpuint(fixture.n_reloads, ==, 1);
    play(&fixture, &polkit, restore, "restore 0", PLAYED_YES);
    g_assert_cmpuint(fixture.n_revivals, ==, 1);
    played_polkit_tear_down(&fixture, &polkit);
}

static void
test_no(void)
{
    PlayedPolkit polkit;
    BusFixture fixture;

    if (!played_polkit_set_up(&fixture, &polkit, LONG))
        return;
    play(&fixture, &polkit, stop_refused, "stop 0" WEB1, PLAYED_NO);
    play(&fixture, &polkit, stop_failing, "stop 0" WEB1, PLAYED_ERROR);
    play(&fixture, &polkit, cancel_all, "cancel 0", PLAYED_NO);
    play(&fixture, &polkit, set_policy,
         "manage-policy 0 domain=web1 shown=“web1” uuid=" WEB1_UUID " uri=" TEST_URI, PLAYED_NO);
    g_assert_cmpuint(fixture.n_requests, ==, 0);
    g_assert_cmpuint(fixture.n_labellings, ==, 0);
    played_polkit_tear_down(&fixture, &polkit);
}

/* A name may be anything; a rule is told that, and a person what can be shown. */
static void
test_strange_name(void)
{
    PlayedPolkit polkit;
    BusFixture fixture;

    if (!played_polkit_set_up(&fixture, &polkit, LONG))
        return;
    play(&fixture, &polkit, stop_strange,
         "stop 0 domain=\033[2J\u202e\nx shown=“\\x1b[2J\\u{202e}\\x0ax”", PLAYED_NO);
    played_polkit_tear_down(&fixture, &polkit);
}

/* Not even polkit lets anybody say that the host goes down: it isn't asked. */
static void
test_host_shutdown(void)
{
    g_autoptr(sd_bus_message) reply = NULL;
    PlayedPolkit polkit;
    BusFixture fixture;

    if (!played_polkit_set_up(&fixture, &polkit, LONG))
        return;
    bus_other_run_as(&fixture, NOBODY, stop_all_with_host);
    g_assert_cmpuint(fixture.n_requests, ==, 0);
    g_assert_cmpuint(polkit.n_asked, ==, 0);
    reply = bus_fixture_manager(&fixture, "StopAll", "a{sv}", 2, "shutdown", "b", 1, "kind", "s",
                                "poweroff");
    assert_ok(reply);
    played_polkit_tear_down(&fixture, &polkit);
}

/* A person is asked only where the caller says that one is there. */
static void
test_challenge(void)
{
    PlayedPolkit polkit;
    BusFixture fixture;

    if (!played_polkit_set_up(&fixture, &polkit, LONG))
        return;
    play(&fixture, &polkit, stop_challenged, "stop 1" WEB1, PLAYED_CHALLENGE);
    g_assert_cmpuint(fixture.n_requests, ==, 0);
    played_polkit_tear_down(&fixture, &polkit);
}

/* What cuts a guest off, otherwise than its policy says, is another right. */
static void
test_force(void)
{
    PlayedPolkit polkit;
    BusFixture fixture;
    g_autofree char *path = NULL;

    if (!played_polkit_set_up(&fixture, &polkit, LONG))
        return;
    play(&fixture, &polkit, stop_by_destroy,
         "force 0 domain=web1 shown=“web1” uuid=" WEB1_UUID " uri=" TEST_URI
         " ladder=agent:1s destroy",
         PLAYED_NO);
    play(&fixture, &polkit, stop_in_a_second, "force 0" WEB1, PLAYED_NO);
    play(&fixture, &polkit, stop_nicely,
         "stop 0 domain=web1 shown=“web1” uuid=" WEB1_UUID " uri=" TEST_URI
         " ladder=agent:1s leave",
         PLAYED_NO);
    play(&fixture, &polkit, stop_all_by_destroy, "force 0 ladder=destroy", PLAYED_NO);
    g_assert_cmpuint(fixture.n_requests, ==, 0);
    played_polkit_tear_down(&fixture, &polkit);
}

/* While somebody thinks about it another step has become the next one: that is asked for anew. */
static void
test_changed_meanwhile(void)
{
    g_autofree char *path = NULL, *first = NULL, *second = NULL;
    PlayedPolkit polkit;
    BusFixture fixture;
    BusOther other;

    if (!played_polkit_set_up(&fixture, &polkit, LONG))
        return;
    path = bus_fixture_stop(&fixture, "web1");
    bus_other_begin(&other, NOBODY, escalate_denied);
    first = played_polkit_await(&fixture, &polkit, 1);
    assert_asked(first, "stop 0" WEB1);
    bus_fixture_do(&fixture, ROOT, MANAGER, "Escalate", "sa{sv}", "web1", 0);
    g_assert_cmpuint(fixture.n_requests, ==, 2);
    played_polkit_answer(&polkit, PLAYED_YES);
    second = played_polkit_await(&fixture, &polkit, 2);
    assert_asked(second, "force 0" WEB1);
    played_polkit_answer(&polkit, PLAYED_NO);
    bus_other_end(&fixture, &other);
    g_assert_cmpuint(fixture.n_requests, ==, 2);
    played_polkit_tear_down(&fixture, &polkit);
}

static char *stop_path; /* of the object that a child calls */

static int
cancel_object(sd_bus *bus)
{
    g_auto(sd_bus_error) error = SD_BUS_ERROR_NULL;
    int r = sd_bus_call_method(bus, "org.virtstop1", stop_path, "org.virtstop1.Stop", "Cancel",
                               &error, NULL, NULL);

    return expect(r, &error, "org.virtstop1.Error.NoStopInFlight", "over");
}

/* The stop that is meant is over then, and another one of the same guest must not be called off. */
static void
test_over_meanwhile(void)
{
    g_autofree char *question = NULL, *path = NULL;
    PlayedPolkit polkit;
    BusFixture fixture;
    BusOther other;

    if (!played_polkit_set_up(&fixture, &polkit, LONG))
        return;
    stop_path = bus_fixture_stop(&fixture, "web1");
    bus_other_begin(&other, NOBODY, cancel_object);
    question = played_polkit_await(&fixture, &polkit, 1);
    assert_asked(question, "cancel 0" WEB1);
    bus_fixture_do(&fixture, ROOT, MANAGER, "Cancel", "sa{sv}", "web1", 0);
    path = bus_fixture_stop(&fixture, "web1");
    g_assert_cmpstr(path, !=, stop_path);
    played_polkit_answer(&polkit, PLAYED_YES);
    bus_other_end(&fixture, &other);
    g_assert_cmpuint(fixture.n_requests, ==, 3);
    g_clear_pointer(&stop_path, g_free);
    played_polkit_tear_down(&fixture, &polkit);
}

/* One that never answers is waited for no longer than it may take, and nobody waits with it. */
static void
test_silent(void)
{
    g_autofree char *question = NULL, *path = NULL;
    PlayedPolkit polkit;
    BusFixture fixture;
    BusOther other;

    if (!played_polkit_set_up(&fixture, &polkit, SHORT))
        return;
    bus_other_begin(&other, NOBODY, stop_unanswered);
    question = played_polkit_await(&fixture, &polkit, 1);
    path = bus_fixture_stop(&fixture, "db1");
    bus_other_end(&fixture, &other);
    while (polkit.cancelled->len == 0)
        bus_fixture_turn(&fixture);
    g_assert_nonnull(strstr(question, g_strchomp(polkit.cancelled->str)));
    played_polkit_answer(&polkit, PLAYED_YES); /* too late */
    bus_fixture_forget(&fixture);
    g_assert_cmpuint(fixture.n_requests, ==, 1);
    played_polkit_tear_down(&fixture, &polkit);
}

static void
test_vanishes(void)
{
    g_autofree char *question = NULL;
    PlayedPolkit polkit;
    BusFixture fixture;
    BusOther other;

    if (!played_polkit_set_up(&fixture, &polkit, LONG))
        return;
    bus_other_begin(&other, NOBODY, stop_unanswered);
    question = played_polkit_await(&fixture, &polkit, 1);
    played_polkit_end(&polkit);
    bus_other_end(&fixture, &other);
    g_assert_cmpuint(fixture.n_requests, ==, 0);
    bus_fixture_tear_down(&fixture);
}

static void
test_absent(void)
{
    BusFixture fixture;
    g_autofree char *path = NULL;

    if (!played_polkit_set_up(&fixture, NULL, LONG))
        return;
    bus_other_run_as(&fixture, NOBODY, stop_without_polkit);
    g_assert_cmpuint(fixture.n_requests, ==, 0);
    path = bus_fixture_stop(&fixture, "web1");
    bus_fixture_tear_down(&fixture);
}

/* Who goes takes his question with him: a person needn't answer it, and a yes is nobody's. */
static void
test_gone(void)
{
    g_autofree char *question = NULL;
    PlayedPolkit polkit;
    BusFixture fixture;
    BusOther other;

    if (!played_polkit_set_up(&fixture, &polkit, LONG))
        return;
    bus_other_begin(&other, NOBODY, stop_challenged);
    question = played_polkit_await(&fixture, &polkit, 1);
    bus_other_kill(&fixture, &other);
    while (polkit.cancelled->len == 0)
        bus_fixture_turn(&fixture);
    g_assert_nonnull(strstr(question, g_strchomp(polkit.cancelled->str)));
    played_polkit_answer(&polkit, PLAYED_YES);
    bus_fixture_forget(&fixture);
    g_assert_cmpuint(fixture.n_requests, ==, 0);
    played_polkit_tear_down(&fixture, &polkit);
}

static void
unref_message(gpointer message)
{
    sd_bus_message_unref(message);
}

static int
on_reply(sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    g_ptr_array_add(userdata, sd_bus_message_ref(reply));
    return 0;
}

/* One more than may wait: that one is refused at once. */
static int
stop_too_often(sd_bus *bus)
{
    g_autoptr(GPtrArray) replies = g_ptr_array_new();

    for (unsigned i = 0; i < N_PENDING + 1; i++)
        if (sd_bus_call_method_async(bus, NULL, "org.virtstop1", ROOT, MANAGER, "Stop", on_reply,
                                     replies, "sa{sv}", "web1", 0) < 0)
            return 1;
    while (replies->len == 0) {
        int r = sd_bus_process(bus, NULL);

        if (r < 0 || (r == 0 && sd_bus_wait(bus, UINT64_C(30000000)) <= 0))
            return 2;
    }
    return sd_bus_message_is_method_error(replies->pdata[0], LIMITS) > 0 ? 0 : 3;
}

static int
stop_db1(sd_bus *bus)
{
    return call(bus, "Stop", false, "", "", "sa{sv}", "db1", 0);
}

/* So many of one user wait for polkit, in all his connections; others' are asked all the same. */
static void
test_too_many(void)
{
    g_autofree char *last = NULL, *others = NULL;
    PlayedPolkit polkit;
    BusFixture fixture;
    BusOther one, other;

    if (!played_polkit_set_up(&fixture, &polkit, LONG))
        return;
    bus_other_begin(&one, NOBODY, stop_too_often);
    last = played_polkit_await(&fixture, &polkit, N_PENDING);
    bus_other_begin(&other, OTHER, stop_db1);
    others = played_polkit_await(&fixture, &polkit, N_PENDING + 1);
    g_assert_nonnull(strstr(others, "domain=db1"));
    bus_other_end(&fixture, &one); /* its questions go with it */
    while (polkit.questions->len > 0)
        played_polkit_answer(&polkit, PLAYED_YES);
    bus_other_end(&fixture, &other);
    g_assert_cmpuint(fixture.last_by.uid, ==, OTHER);
    played_polkit_tear_down(&fixture, &polkit);
}

/* More connections than are remembered, of a user who may all; one after the other. */
static int
come_and_go(sd_bus *bus)
{
    for (unsigned i = 0; i < N_REMEMBERED + 10; i++) {
        sd_bus *another;

        if (sd_bus_open_system(&another) < 0)
            return 1;
        if (sd_bus_call_method(another, "org.virtstop1", ROOT, "org.freedesktop.DBus.Peer", "Ping",
                               NULL, NULL, NULL) < 0)
            return 2;
        sd_bus_close_unref(another);
    }
    return 0;
}

/* While libvirt is asked whether there is such a guest, others come in such numbers that callers
 * are forgotten: not the one who waits. */
static void
test_crowded_out(void)
{
    g_autoptr(GPtrArray) replies = g_ptr_array_new_with_free_func(unref_message);
    VsEvent timer = {.type = VS_EVENT_TIMER};
    BusFixture fixture;

    if (!played_polkit_set_up(&fixture, NULL, LONG))
        return;
    fixture.mute = true;
    g_assert_cmpint(sd_bus_call_method_async(fixture.client, NULL, "org.virtstop1", ROOT, MANAGER,
                                             "Stop", on_reply, replies, "sa{sv}", "web9", 0),
                    >=, 0);
    bus_other_run_as(&fixture, 0, come_and_go);
    fixture.now.mono += 60 * VS_USEC_PER_SEC;
    g_assert_true(bus_fixture_step(&fixture, &timer, NULL));
    while (replies->len == 0)
        bus_fixture_turn(&fixture);
    assert_error(replies->pdata[0], "org.virtstop1.Error.Failed", "doesn't answer whether");
    bus_fixture_tear_down(&fixture);
}

/* The daemon ends while questions wait. */
static void
test_end(void)
{
    g_autofree char *question = NULL;
    PlayedPolkit polkit;
    BusFixture fixture;
    BusOther other;

    if (!played_polkit_set_up(&fixture, &polkit, LONG))
        return;
    bus_other_begin(&other, NOBODY, stop_in_vain);
    question = played_polkit_await(&fixture, &polkit, 1);
    g_clear_pointer(&fixture.bus, vs_bus_free);
    bus_other_end(&fixture, &other);
    played_polkit_tear_down(&fixture, &polkit);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/bus-polkit/table", test_table);
    g_test_add_func("/bus-polkit/table-is-whole", test_table_is_whole);
    g_test_add_func("/bus-polkit/nothing-kept", test_nothing_kept);
    g_test_add_func("/bus-polkit/yes", test_yes);
    g_test_add_func("/bus-polkit/no", test_no);
    g_test_add_func("/bus-polkit/strange-name", test_strange_name);
    g_test_add_func("/bus-polkit/host-shutdown", test_host_shutdown);
    g_test_add_func("/bus-polkit/challenge", test_challenge);
    g_test_add_func("/bus-polkit/force", test_force);
    g_test_add_func("/bus-polkit/changed-meanwhile", test_changed_meanwhile);
    g_test_add_func("/bus-polkit/over-meanwhile", test_over_meanwhile);
    g_test_add_func("/bus-polkit/silent", test_silent);
    g_test_add_func("/bus-polkit/vanishes", test_vanishes);
    g_test_add_func("/bus-polkit/absent", test_absent);
    g_test_add_func("/bus-polkit/gone", test_gone);
    g_test_add_func("/bus-polkit/too-many", test_too_many);
    g_test_add_func("/bus-polkit/crowded-out", test_crowded_out);
    g_test_add_func("/bus-polkit/end", test_end);
    return g_test_run();
}
