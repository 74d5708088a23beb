/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <grp.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bus-client.h"
#include "bus-other.h"
#include "bus/callers.h"
#include "bus/message.h"
#include "bus/service.h"
#include "bus/source.h"
#include "vs-test.h"

/* Who is let in, and how much of it; and who waits for a question's answer. */

#define MANAGER "org.virtstop1.Manager"
#define ROOT    "/org/virtstop1"

/* --- who calls --- */

typedef struct Met {
    unsigned n;
    bool known;
    uid_t uid;
    pid_t pid;
} Met;

static void
on_known(VsBusCaller *caller, void *userdata)
{
    Met *met = userdata;

    met->n++;
    met->known = caller->user != NULL;
    met->uid = caller->user ? caller->user->uid : 0;
    met->pid = caller->pid;
}

static void
process_until(sd_bus *bus, const Met *met, unsigned n)
{
    while (met->n < n) {
        int r = sd_bus_process(bus, NULL);

        g_assert_cmpint(r, >=, 0);
        if (r == 0)
            g_assert_cmpint(sd_bus_wait(bus, UINT64_C(30000000)), >, 0);
    }
}

/* However often it calls. */
static void
test_asked_once(void)
{
    VsPrivateBus *daemon = vs_private_bus_new();
    VsBusCallers *callers;
    sd_bus *bus = NULL;
    const char *name;
    VsBusCaller *caller;
    Met met = {0};

    if (!daemon) {
        g_test_skip("dbus-daemon isn't installed");
        return;
    }
    g_assert_cmpint(sd_bus_open_system(&bus), >=, 0);
    g_assert_cmpint(sd_bus_get_unique_name(bus, &name), >=, 0);
    callers = vs_bus_callers_new(on_known, &met);
    vs_bus_callers_attach(callers, bus);
    caller = vs_bus_callers_get(callers, name);
    g_assert_nonnull(caller);
    g_assert_null(caller->user); /* nothing is waited for */
    g_assert_true(vs_bus_callers_get(callers, name) == caller);
    process_until(bus, &met, 1);
    g_assert_true(met.known && met.uid == getuid() && met.pid == getpid());
    g_assert_true(vs_bus_callers_get(callers, name) == caller);
    g_assert_true(caller->user && caller->user->trusted && !caller->asking);

    /* One whom the bus doesn't know is forgotten, and asked for again. */
    vs_bus_callers_get(callers, ":1.999");
    process_until(bus, &met, 2);
    g_assert_false(met.known);
    vs_bus_callers_get(callers, ":1.999");
    process_until(bus, &met, 3);
    g_assert_cmpuint(met.n, ==, 3);
    vs_bus_callers_free(callers);
    sd_bus_close_unref(bus);
    vs_private_bus_free(daemon);
}

/* --- questions --- */

static int
on_reply(sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    g_ptr_array_add(userdata, sd_bus_message_ref(reply));
    return 0;
}

static void
unref_message(gpointer message)
{
    sd_bus_message_unref(message);
}

/* Another client, whose answers come into @replies. */
typedef struct Other {
    sd_bus *bus;
    GSource *source;
    GPtrArray *replies;
} Other;

static void
other_connect(Other *other)
{
    sd_event *event;

    other->replies = g_ptr_array_new_with_free_func(unref_message);
    g_assert_cmpint(sd_event_new(&event), >=, 0);
    g_assert_cmpint(sd_bus_open_system(&other->bus), >=, 0);
    g_assert_cmpint(sd_bus_attach_event(other->bus, event, SD_EVENT_PRIORITY_NORMAL), >=, 0);
    other->source = vs_bus_source_new(event);
    g_source_attach(other->source, NULL);
    sd_event_unref(event);
}

static void
other_close(Other *other)
{
    sd_bus_detach_event(other->bus);
    sd_bus_close_unref(other->bus);
    g_source_destroy(other->source);
    g_source_unref(other->source);
    g_ptr_array_unref(other->replies);
}

static void
ask_for_history(sd_bus *bus, GPtrArray *replies)
{
    g_assert_cmpint(sd_bus_call_method_async(bus, NULL, "org.virtstop1", ROOT, MANAGER,
                                             "GetHistory", on_reply, replies, "su", "", 1),
                    >=, 0);
}

static void
ask_for_stop(sd_bus *bus, GPtrArray *replies)
{
    g_assert_cmpint(sd_bus_call_method_async(bus, NULL, "org.virtstop1", ROOT, MANAGER, "GetStop",
                                             on_reply, replies, "s", WEB1_UUID),
                    >=, 0);
}

static void
await_held(BusFixture *fixture)
{
    while (g_atomic_int_get(&fixture->n_held) == 0)
        g_main_context_iteration(NULL, FALSE);
}

/* A question that takes long holds up what the same connection asks next, and nobody else. */
static void
test_order(void)
{
    g_autoptr(sd_bus_message) domains = NULL;
    BusFixture fixture;
    Other other;

    if (!bus_fixture_set_up(&fixture))
        return;
    other_connect(&other);
    g_atomic_int_set(&fixture.hold, true);
    ask_for_history(other.bus, other.replies);
    ask_for_stop(other.bus, other.replies);
    await_held(&fixture);
    domains = bus_fixture_manager(&fixture, "ListDomains", NULL);
    assert_ok(domains);
    g_assert_cmpuint(other.replies->len, ==, 0);

    g_atomic_int_set(&fixture.hold, false);
    while (other.replies->len < 2)
        bus_fixture_turn(&fixture);
    assert_ok(other.replies->pdata[0]);
    assert_error(other.replies->pdata[1], "org.virtstop1.Error.NoStopInFlight", "stop");
    other_close(&other);
    bus_fixture_tear_down(&fixture);
}

/* Who goes away is waited for no more, and its question is given up. */
static void
test_gone(void)
{
    BusFixture fixture;
    Other other;

    if (!bus_fixture_set_up(&fixture))
        return;
    other_connect(&other);
    g_atomic_int_set(&fixture.hold, true);
    ask_for_history(other.bus, other.replies);
    await_held(&fixture);
    other_close(&other);
    while (g_atomic_int_get(&fixture.n_dropped) == 0)
        g_main_context_iteration(NULL, FALSE);
    bus_fixture_tear_down(&fixture);
}

/* Tells @to what only the bus may tell: that @name is gone. */
static void
forge_going(sd_bus *bus, sd_bus *to, const char *name)
{
    g_autoptr(sd_bus_message) message = NULL;
    const char *to_name;

    g_assert_cmpint(sd_bus_get_unique_name(to, &to_name), >=, 0);
    g_assert_cmpint(sd_bus_message_new_signal(bus, &message, "/org/freedesktop/DBus",
                                              "org.freedesktop.DBus", "NameOwnerChanged"),
                    >=, 0);
    g_assert_cmpint(sd_bus_message_append(message, "sss", name, name, ""), >=, 0);
    g_assert_cmpint(sd_bus_send_to(bus, message, to_name, NULL), >=, 0);
}

/* Anybody may say that a caller is gone; only the bus is believed. */
static void
test_not_gone(void)
{
    g_autoptr(sd_bus_message) domains = NULL;
    BusFixture fixture;
    const char *name;
    Other other;

    if (!bus_fixture_set_up(&fixture))
        return;
    other_connect(&other);
    g_atomic_int_set(&fixture.hold, true);
    ask_for_history(other.bus, other.replies);
    await_held(&fixture);
    g_assert_cmpint(sd_bus_get_unique_name(other.bus, &name), >=, 0);
    forge_going(fixture.client, fixture.bus->own, name);
    domains = bus_fixture_manager(&fixture, "ListDomains", NULL);
    assert_ok(domains);
    g_atomic_int_set(&fixture.hold, false);
    while (other.replies->len == 0)
        bus_fixture_turn(&fixture);
    assert_ok(other.replies->pdata[0]);
    g_assert_cmpint(g_atomic_int_get(&fixture.n_dropped), ==, 0);
    other_close(&other);
    bus_fixture_tear_down(&fixture);
}

#define N_SIGNALS    200 /* fewer than a socket holds */
#define LEAST_SIGNAL 100 /* bytes of each */

/* Returns when all of them wait in the socket of @to. */
static void
send_signals(sd_bus *bus, sd_bus *to)
{
    const char *name;
    int waiting = 0;

    g_assert_cmpint(sd_bus_get_unique_name(to, &name), >=, 0);
    for (unsigned i = 0; i < N_SIGNALS; i++) {
        g_autoptr(sd_bus_message) message = NULL;

        g_assert_cmpint(sd_bus_message_new_signal(bus, &message, ROOT, MANAGER, "Any"), >=, 0);
        g_assert_cmpint(sd_bus_send_to(bus, message, name, NULL), >=, 0);
    }
    g_assert_cmpint(sd_bus_flush(bus), >=, 0);
    while (waiting < N_SIGNALS * LEAST_SIGNAL) {
        g_usleep(1000);
        g_assert_cmpint(ioctl(sd_bus_get_fd(to), FIONREAD, &waiting), ==, 0);
    }
}

/* Nobody may call the connection on which others are asked, but anybody may send it signals. They
 * don't keep the answer from it who it is that calls: many of them are read in a turn. */
static void
test_signals(void)
{
    BusFixture fixture;
    unsigned turns;
    Other other;

    if (!bus_fixture_set_up(&fixture))
        return;
    other_connect(&other);
    send_signals(fixture.client, fixture.bus->own);
    ask_for_stop(other.bus, other.replies);
    for (turns = 0; other.replies->len == 0; turns++)
        bus_fixture_turn(&fixture);
    g_assert_cmpuint(turns, <, N_SIGNALS / 2);
    other_close(&other);
    bus_fixture_tear_down(&fixture);
}

/* The daemon ends while a question is held. */
static void
test_end(void)
{
    BusFixture fixture;
    Other other;

    if (!bus_fixture_set_up(&fixture))
        return;
    other_connect(&other);
    g_atomic_int_set(&fixture.hold, true);
    ask_for_history(other.bus, other.replies);
    ask_for_history(other.bus, other.replies);
    await_held(&fixture);
    g_clear_pointer(&fixture.bus, vs_bus_free);
    g_assert_cmpint(g_atomic_int_get(&fixture.n_dropped), ==, 1);
    other_close(&other);
    bus_fixture_tear_down(&fixture);
}

/* --- bounds --- */

#define N_CALLS    100
#define N_PARKED   64 /* as gate.c has it */
#define N_POLICIES 8  /* as policy.c has it */

static unsigned
count_errors(const GPtrArray *replies, const char *name)
{
    unsigned n = 0;

    for (unsigned i = 0; i < replies->len; i++)
        n += sd_bus_message_is_method_error(replies->pdata[i], name) > 0;
    return n;
}

/* What this user does in a process of its own gives the exit status, which says what went wrong. */
static int
send_too_much(sd_bus *bus)
{
    g_autoptr(GPtrArray) replies = g_ptr_array_new();

    ask_for_history(bus, replies);
    for (unsigned i = 0; i < N_CALLS; i++)
        ask_for_stop(bus, replies);
    while (replies->len < N_CALLS - N_PARKED) {
        int r = sd_bus_process(bus, NULL);

        if (r < 0 || (r == 0 && sd_bus_wait(bus, UINT64_C(30000000)) <= 0))
            return 1;
    }
    return count_errors(replies, "org.freedesktop.DBus.Error.LimitsExceeded") == replies->len ? 0
                                                                                              : 2;
}

/* Asks for something that takes longer than it has left, and then, when it has its answer, for
 * little. */
static int
send_one_by_one(sd_bus *bus)
{
    g_auto(sd_bus_error) error = SD_BUS_ERROR_NULL;

    if (sd_bus_set_method_call_timeout(bus, UINT64_C(10000000)) < 0 ||
        sd_bus_call_method(bus, "org.virtstop1", ROOT, MANAGER, "GetHistory", NULL, NULL, "su", "",
                           1) < 0)
        return 1;
    sd_bus_call_method(bus, "org.virtstop1", ROOT, MANAGER, "GetStop", &error, NULL, "s",
                       WEB1_UUID);
    return sd_bus_error_has_name(&error, "org.virtstop1.Error.NoStopInFlight") ? 0 : 2;
}

/* Asks for the records of a guest with a very long name. */
static int
send_long_question(sd_bus *bus)
{
    g_autofree char *name = g_strnfill(20000, 'x');
    g_auto(sd_bus_error) error = SD_BUS_ERROR_NULL;

    sd_bus_call_method(bus, "org.virtstop1", ROOT, MANAGER, "GetHistory", &error, NULL, "su", name,
                       1);
    return sd_bus_error_has_name(&error, "org.freedesktop.DBus.Error.LimitsExceeded") ? 0 : 2;
}

/* As long as dbus-daemon lets a message be; the error that quotes it would be longer. */
#define LONGEST    (32 * 1024 * 1024)
#define ALL_BESIDE 125 /* with :1.N, ROOT, Properties, GetAll */

static int
send_longest_call(sd_bus *bus)
{
    g_autofree char *name = g_strnfill(LONGEST - ALL_BESIDE, 'x');
    g_auto(sd_bus_error) error = SD_BUS_ERROR_NULL;
    g_autoptr(sd_bus_message) owner = NULL;
    const char *daemon;

    if (sd_bus_call_method(bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                           "org.freedesktop.DBus", "GetNameOwner", NULL, &owner, "s",
                           "org.virtstop1") < 0 ||
        sd_bus_message_read(owner, "s", &daemon) < 0)
        return 1;
    sd_bus_call_method(bus, daemon, ROOT, MANAGER, "GetStop", NULL, NULL, "s", "");
    sd_bus_call_method(bus, daemon, ROOT, "org.freedesktop.DBus.Properties", "GetAll", &error, NULL,
                       "s", name);
    return sd_bus_error_has_name(&error, "org.freedesktop.DBus.Error.LimitsExceeded") ? 0 : 2;
}

/* Asks for more policies at once than libvirt is asked for on behalf of one user. */
static int
send_policies(sd_bus *bus)
{
    g_autoptr(GPtrArray) replies = g_ptr_array_new();

    for (unsigned i = 0; i < N_POLICIES + 1; i++)
        if (sd_bus_call_method_async(bus, NULL, "org.virtstop1", ROOT, MANAGER, "GetPolicy",
                                     on_reply, replies, "sa{sv}", "web1", 0) < 0)
            return 1;
    while (replies->len == 0) {
        int r = sd_bus_process(bus, NULL);

        if (r < 0 || (r == 0 && sd_bus_wait(bus, UINT64_C(30000000)) <= 0))
            return 1;
    }
    return count_errors(replies, "org.freedesktop.DBus.Error.LimitsExceeded") == 1 ? 0 : 2;
}

static int
send_policy(sd_bus *bus)
{
    g_auto(sd_bus_error) error = SD_BUS_ERROR_NULL;

    if (sd_bus_call_method(bus, "org.virtstop1", ROOT, MANAGER, "GetPolicy", &error, NULL, "sa{sv}",
                           "web1", 0) >= 0)
        return 0;
    g_printerr("%s: %s\n", error.name, error.message);
    return 1;
}

static int
send_long_policy(sd_bus *bus)
{
    g_autofree char *uri = g_strnfill(20000, 'x');
    g_auto(sd_bus_error) error = SD_BUS_ERROR_NULL;

    sd_bus_call_method(bus, "org.virtstop1", ROOT, MANAGER, "GetPolicy", &error, NULL, "sa{sv}",
                       "web1", 2, "uri", "s", uri, "uri", "s", TEST_URI);
    return sd_bus_error_has_name(&error, "org.freedesktop.DBus.Error.LimitsExceeded") ? 0 : 2;
}

static void
run_as_nobody(BusFixture *fixture, int (*run)(sd_bus *bus))
{
    bus_other_run_as(fixture, NOBODY, run);
}

/* While its question is held, so many calls of a user wait; more are refused, at once. */
static void
test_too_much(void)
{
    g_autoptr(sd_bus_message) domains = NULL;
    BusFixture fixture;

    if (!bus_other_set_up(&fixture))
        return;
    g_atomic_int_set(&fixture.hold, true);
    run_as_nobody(&fixture, send_too_much);
    domains = bus_fixture_manager(&fixture, "ListDomains", NULL);
    assert_ok(domains);
    bus_fixture_tear_down(&fixture);
}

/* Who has spent what it had is answered later, though nobody else asks for anything. */
static void
test_spent(void)
{
    BusFixture fixture;

    if (!bus_other_set_up(&fixture))
        return;
    fixture.view_span = 300000;
    run_as_nobody(&fixture, send_one_by_one);
    bus_fixture_tear_down(&fixture);
}

/* A question is kept until it is answered, so it may not be long. */
static void
test_long_question(void)
{
    BusFixture fixture;

    if (!bus_other_set_up(&fixture))
        return;
    run_as_nobody(&fixture, send_long_question);
    bus_fixture_tear_down(&fixture);
}

/* What libvirt has to be asked for is bounded for each who isn't trusted; another user, and root,
 * still are answered, though the first one's questions hang, and it is gone. */
static void
test_many_policies(void)
{
    g_autoptr(sd_bus_message) policy = NULL;
    BusFixture fixture;

    if (!bus_other_set_up(&fixture))
        return;
    run_as_nobody(&fixture, send_policies);
    g_assert_cmpuint(fixture.n_labellings, ==, N_POLICIES);
    fixture.answers_labels = true;
    bus_other_run_as(&fixture, OTHER, send_policy);
    policy = bus_fixture_manager(&fixture, "GetPolicy", "sa{sv}", "web1", 0);
    assert_ok(policy);
    g_assert_cmpuint(fixture.n_labellings, ==, N_POLICIES + 2);
    bus_fixture_tear_down(&fixture);
}

/* What waits for libvirt is kept: nobody makes it long. */
static void
test_long_policy(void)
{
    BusFixture fixture;

    if (!bus_other_set_up(&fixture))
        return;
    run_as_nobody(&fixture, send_long_policy);
    g_assert_cmpuint(fixture.n_labellings, ==, 0);
    bus_fixture_tear_down(&fixture);
}

/* No call is so long that the answer costs us the connection. */
static void
test_longest_call(void)
{
    BusFixture fixture;

    if (!bus_other_set_up(&fixture))
        return;
    run_as_nobody(&fixture, send_longest_call);
    g_assert_true(fixture.bus->name == VS_BUS_NAME_OURS);
    bus_fixture_tear_down(&fixture);
}

/* --- a message's size --- */

static void
assert_size(sd_bus *bus, size_t least, size_t most, const char *types, ...)
{
    g_autoptr(sd_bus_message) message = NULL;
    va_list arguments;
    const char *text;
    size_t size;

    sd_bus_message_new_signal(bus, &message, ROOT, MANAGER, "Any");
    va_start(arguments, types);
    g_assert_cmpint(sd_bus_message_appendv(message, types, arguments), >=, 0);
    va_end(arguments);
    g_assert_cmpint(sd_bus_message_seal(message, 1, 0), >=, 0);
    size = vs_bus_message_size(message, 8192);
    g_assert_cmpuint(size, >=, least);
    g_assert_cmpuint(size, <=, most);
    if (*types == 's') /* it is read from its beginning again */
        g_assert_cmpint(sd_bus_message_read_basic(message, 's', &text), >, 0);
}

/* What isn't in the arguments takes room, too: an object's path, and the types of what is in a
 * variant. */
static void
test_size_beside(sd_bus *bus)
{
    g_autofree char *name = g_strnfill(4096, 'x'), *path = g_strconcat("/", name, NULL);
    g_autofree char *types = g_strnfill(200, 'y'), *type = g_strdup_printf("a(%s)", types);
    g_autoptr(sd_bus_message) far = NULL, wide = NULL;

    g_assert_cmpint(sd_bus_message_new_signal(bus, &far, path, MANAGER, "Any"), >=, 0);
    g_assert_cmpint(sd_bus_message_seal(far, 1, 0), >=, 0);
    g_assert_cmpuint(vs_bus_message_size(far, 8192), >=, 4096);
    g_assert_cmpuint(vs_bus_message_size(far, 4096), ==, SIZE_MAX);

    g_assert_cmpint(sd_bus_message_new_signal(bus, &wide, ROOT, MANAGER, "Any"), >=, 0);
    for (unsigned i = 0; i < 20; i++)
        g_assert_cmpint(sd_bus_message_append(wide, "v", type, 0), >=, 0);
    g_assert_cmpint(sd_bus_message_seal(wide, 1, 0), >=, 0);
    g_assert_cmpuint(vs_bus_message_size(wide, 8192), >=, 20 * strlen(type));
}

static void
test_size(void)
{
    g_autofree char *kilobyte = g_strnfill(1024, 'x');
    g_autofree char *much = g_strnfill(10000, 'x');
    VsPrivateBus *daemon = vs_private_bus_new();
    sd_bus *bus = NULL;

    if (!daemon) {
        g_test_skip("dbus-daemon isn't installed");
        return;
    }
    g_assert_cmpint(sd_bus_open_system(&bus), >=, 0);
    assert_size(bus, 1024, 2048, "s", "");
    assert_size(bus, 2048, 3072, "s", kilobyte);
    assert_size(bus, 2048, 3072, "sa{sv}", "", 2, "a", "s", kilobyte, "b", "u", 7);
    assert_size(bus, 1024, 2048, "v", "(ay(ib))", 3, 1, 2, 3, 7, 1);
    assert_size(bus, SIZE_MAX, SIZE_MAX, "s", much);
    assert_size(bus, SIZE_MAX, SIZE_MAX, "a{sv}", 1, "a", "as", 1, much);
    test_size_beside(bus);
    sd_bus_close_unref(bus);
    vs_private_bus_free(daemon);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/bus-gate/asked-once", test_asked_once);
    g_test_add_func("/bus-gate/order", test_order);
    g_test_add_func("/bus-gate/gone", test_gone);
    g_test_add_func("/bus-gate/not-gone", test_not_gone);
    g_test_add_func("/bus-gate/signals", test_signals);
    g_test_add_func("/bus-gate/end", test_end);
    g_test_add_func("/bus-gate/too-much", test_too_much);
    g_test_add_func("/bus-gate/spent", test_spent);
    g_test_add_func("/bus-gate/long-question", test_long_question);
    g_test_add_func("/bus-gate/many-policies", test_many_policies);
    g_test_add_func("/bus-gate/long-policy", test_long_policy);
    g_test_add_func("/bus-gate/longest-call", test_longest_call);
    g_test_add_func("/bus-gate/size", test_size);
    return g_test_run();
}
