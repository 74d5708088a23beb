/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bus-client.h"
#include "bus-other.h"
#include "played-polkit.h"
#include "util/span.h"
#include "vs-test.h"

/* Who sees who had asked for a stop, and why: whoever may not must not find it anywhere. */

#define MANAGER    "org.virtstop1.Manager"
#define STOP       "org.virtstop1.Stop"
#define HOST_STOP  "org.virtstop1.HostStop"
#define ROOT       "/org/virtstop1"
#define PROPERTIES "org.freedesktop.DBus.Properties"
#define DENIED     "org.freedesktop.DBus.Error.AccessDenied"
#define SHORT      INT64_C(200000) /* µs: for a polkit that never answers */
#define LONG       INT64_C(600000000)
#define TIME_LIMIT UINT64_C(60000000)

#define RECORD                                                                                     \
    "{\"schema\":1,\"id\":\"11111111-2222-4333-8444-555555555577\",\"time\":\"2026-11-28T10:00:"   \
    "00.000000Z\",\"domain\":{\"name\":\"web1\"},"                                                 \
    "\"cause\":\"destroyed\",\"request\":{\"stop\":\"%s\",\"by\":{\"uid\":%u,\"comm\":\"secret\"}" \
    ","                                                                                            \
    "\"reason\":\"secret\",\"outcome\":\"forced\"},\"evidence\":[{\"line\":\"secret\"}]}"

static bool
has_secret(sd_bus_message *message)
{
    g_autofree char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);

    if (sd_bus_message_rewind(message, true) < 0 ||
        sd_bus_message_dump(message, file, SD_BUS_MESSAGE_DUMP_WITH_HEADER) < 0)
        abort();
    fclose(file);
    return strstr(text, "secret") != NULL;
}

/* What another user calls; NULL where that failed. */
static sd_bus_message *
get(sd_bus *bus, const char *path, const char *interface, const char *member, const char *types,
    ...)
{
    g_autoptr(sd_bus_message) message = NULL;
    g_auto(sd_bus_error) error = SD_BUS_ERROR_NULL;
    sd_bus_message *reply = NULL;
    va_list arguments;

    va_start(arguments, types);
    if (sd_bus_message_new_method_call(bus, &message, "org.virtstop1", path, interface, member) <
            0 ||
        (types && sd_bus_message_appendv(message, types, arguments) < 0))
        abort();
    va_end(arguments);
    if (sd_bus_call(bus, message, TIME_LIMIT, &error, &reply) < 0)
        g_printerr("%s: %s\n", member, error.message);
    return reply;
}

/* Of web1's stop, or of the host stop: there is one of each. */
static char *
path_of(sd_bus *bus, bool host_stop)
{
    const char *property = host_stop ? "HostStops" : "Stop", *path = NULL;
    g_autoptr(sd_bus_message) reply = NULL;

    if (host_stop) {
        reply = get(bus, ROOT, PROPERTIES, "Get", "ss", MANAGER, property);
        if (reply && sd_bus_message_enter_container(reply, 'v', "ao") >= 0 &&
            sd_bus_message_enter_container(reply, 'a', "o") >= 0)
            sd_bus_message_read(reply, "o", &path);
    } else {
        reply = get(bus, ROOT, MANAGER, "ListStops", NULL);
        if (reply && sd_bus_message_enter_container(reply, 'a', "(osossstus)") >= 0 &&
            sd_bus_message_enter_container(reply, 'r', "osossstus") >= 0)
            sd_bus_message_read(reply, "o", &path);
    }
    return g_strdup(path);
}

static int
uid_of(sd_bus *bus, const char *path, const char *interface, uint32_t *ret)
{
    g_autoptr(sd_bus_message) reply = get(bus, path, PROPERTIES, "Get", "ss", interface, "Uid");

    return reply ? sd_bus_message_read(reply, "v", "u", ret) : -1;
}

/* 0: nothing anywhere tells who asked, or why, of the stop and the host stop. */
static int
look_everywhere(sd_bus *bus)
{
    g_autofree char *stop = path_of(bus, false), *host_stop = path_of(bus, true);
    g_autoptr(sd_bus_message) one = NULL, other = NULL, all = NULL, list = NULL, reason = NULL;
    uint32_t uid = 0, host_uid = 0;

    if (!stop || !host_stop)
        return 1;
    one = get(bus, stop, PROPERTIES, "GetAll", "s", STOP);
    other = get(bus, host_stop, PROPERTIES, "GetAll", "s", HOST_STOP);
    all = get(bus, ROOT, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", NULL);
    list = get(bus, ROOT, MANAGER, "ListStops", NULL);
    reason = get(bus, stop, PROPERTIES, "Get", "ss", STOP, "Reason");
    if (!one || !other || !all || !list || !reason)
        return 2;
    if (has_secret(one) || has_secret(other) || has_secret(all) || has_secret(list) ||
        has_secret(reason))
        return 3;
    if (uid_of(bus, stop, STOP, &uid) < 0 || uid_of(bus, host_stop, HOST_STOP, &host_uid) < 0)
        return 4;
    return uid == UINT32_MAX && host_uid == UINT32_MAX ? 0 : 5;
}

/* 0: it is told who asked. */
static int
get_request(sd_bus *bus)
{
    g_autofree char *stop = path_of(bus, false);
    g_autoptr(sd_bus_message) reply = get(bus, stop, STOP, "GetRequest", NULL);

    return reply && has_secret(reply) ? 0 : 1;
}

static int
get_host_request(sd_bus *bus)
{
    g_autofree char *stop = path_of(bus, true);
    g_autoptr(sd_bus_message) reply = get(bus, stop, HOST_STOP, "GetRequest", NULL);

    return reply && has_secret(reply) ? 0 : 1;
}

static int
get_no_request(sd_bus *bus)
{
    g_autofree char *stop = path_of(bus, false);
    g_auto(sd_bus_error) error = SD_BUS_ERROR_NULL;

    if (sd_bus_call_method(bus, "org.virtstop1", stop, STOP, "GetRequest", &error, NULL, NULL) >= 0)
        return 1;
    if (!sd_bus_error_has_name(&error, DENIED) ||
        !strstr(error.message, "see who asked for a stop, and why: polkit says no"))
        return 2;
    return 0;
}

/* Whether the record came, with what may not be seen, or without it, and @because of what. */
static int
check_records(sd_bus_message *reply, bool whole, const char *because)
{
    g_autofree char *withheld = g_strdup_printf("\"because\":\"%s\"", because);
    const char *line;

    if (!reply || sd_bus_message_enter_container(reply, 'a', "s") < 0 ||
        sd_bus_message_read(reply, "s", &line) <= 0)
        return 1;
    if (!strstr(line, "destroyed") || !strstr(line, "forced"))
        return 2;
    if (whole)
        return strstr(line, "withheld") || !strstr(line, "secret") ? 3 : 0;
    if (strstr(line, "secret"))
        return 4;
    return strstr(line, withheld) ? 0 : 5;
}

static int
list_as(sd_bus *bus, bool whole, const char *because)
{
    g_autoptr(sd_bus_message) records =
        get(bus, ROOT, MANAGER, "ListRecords", "a{sv}", 1, "domain", "s", "web1");

    return check_records(records, whole, because);
}

static int
list_whole(sd_bus *bus)
{
    return list_as(bus, true, "");
}

static int
list_denied(sd_bus *bus)
{
    return list_as(bus, false, "denied");
}

static int
list_challenged(sd_bus *bus)
{
    return list_as(bus, false, "password");
}

static int
list_failing(sd_bus *bus)
{
    return list_as(bus, false, "failed");
}

static int
list_unanswered(sd_bus *bus)
{
    return list_as(bus, false, "no-answer");
}

static int
list_without_polkit(sd_bus *bus)
{
    return list_as(bus, false, "no-polkit");
}

static int
history_denied(sd_bus *bus)
{
    g_autoptr(sd_bus_message) records = get(bus, ROOT, MANAGER, "GetHistory", "su", "", 0);

    return check_records(records, false, "denied");
}

static int
history_whole(sd_bus *bus)
{
    g_autoptr(sd_bus_message) records = get(bus, ROOT, MANAGER, "GetHistory", "su", "", 0);

    return check_records(records, true, "");
}

static int
list_public(sd_bus *bus)
{
    g_autoptr(sd_bus_message) records =
        get(bus, ROOT, MANAGER, "ListRecords", "a{sv}", 1, "public", "b", 1);

    return check_records(records, false, "not-asked");
}

static int
on_reply(sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    g_ptr_array_add(userdata, sd_bus_message_ref(reply));
    return 0;
}

/* Two calls at once: the second waits for the first, whatever that waits for. */
static int
list_in_order(sd_bus *bus)
{
    g_autoptr(GPtrArray) replies = g_ptr_array_new();

    if (sd_bus_call_method_async(bus, NULL, "org.virtstop1", ROOT, MANAGER, "ListRecords", on_reply,
                                 replies, "a{sv}", 0) < 0 ||
        sd_bus_call_method_async(bus, NULL, "org.virtstop1", ROOT, MANAGER, "ListDomains", on_reply,
                                 replies, NULL) < 0)
        return 1;
    while (replies->len < 2) {
        int r = sd_bus_process(bus, NULL);

        if (r < 0 || (r == 0 && sd_bus_wait(bus, TIME_LIMIT) <= 0))
            return 2;
    }
    return g_str_equal(sd_bus_message_get_signature(replies->pdata[0], true), "ass") ? 0 : 3;
}

/* What he asked for himself he sees, but not what others did. */
static int
list_own(sd_bus *bus)
{
    g_autoptr(sd_bus_message) records =
        get(bus, ROOT, MANAGER, "ListRecords", "a{sv}", 1, "public", "b", 1);
    const char *line;

    if (!records || sd_bus_message_enter_container(records, 'a', "s") < 0 ||
        sd_bus_message_read(records, "s", &line) <= 0)
        return 1;
    return strstr(line, "\"reason\":\"secret\"") && strstr(line, "\"keys\":[\"evidence\"]") ? 0 : 2;
}

/* Listens until the second guest has stopped. 0: no signal told who asked, or why. */
static int
listen(sd_bus *bus)
{
    g_autoptr(sd_bus_message) ready = NULL;

    if (sd_bus_call_method(bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                           "org.freedesktop.DBus", "AddMatch", NULL, NULL, "s",
                           "type='signal',sender='org.virtstop1'") < 0)
        return 1;
    ready = get(bus, ROOT, MANAGER, "ListRecords", "a{sv}", 1, "public", "b", 1);
    for (;;) {
        g_autoptr(sd_bus_message) message = NULL;
        int r = sd_bus_process(bus, &message);

        if (r < 0)
            return 2;
        if (r == 0 && sd_bus_wait(bus, TIME_LIMIT) <= 0)
            return 3;
        if (!message || sd_bus_message_is_signal(message, NULL, NULL) <= 0)
            continue;
        if (has_secret(message)) {
            g_printerr("%s tells it\n", sd_bus_message_get_member(message));
            return 4;
        }
        if (sd_bus_message_is_signal(message, MANAGER, "StopDisclosed"))
            return 0;
    }
}

/* --- the tests --- */

/* Root's stop of all. */
static void
stop_all(BusFixture *fixture)
{
    bus_fixture_do(fixture, ROOT, MANAGER, "StopAll", "a{sv}", 1, "reason", "s", "secret");
}

static void
add_record(BusFixture *fixture, uid_t uid)
{
    g_ptr_array_set_size(fixture->records, 0);
    g_ptr_array_add(fixture->records,
                    g_strdup_printf(RECORD, "11111111-2222-4333-8444-555555555588", (unsigned)uid));
}

/* Runs @run as nobody; polkit is asked about the history, and answers. */
static void
play(BusFixture *fixture, PlayedPolkit *polkit, BusOtherRun run, const char *details,
     PlayedAnswer answer)
{
    g_autofree char *question = NULL;
    BusOther other;

    bus_other_begin(&other, NOBODY, run);
    question = played_polkit_await(fixture, polkit, polkit->n_asked + 1);
    g_assert_true(g_str_has_prefix(question, "org.virtstop1.history :"));
    if (*details)
        g_assert_nonnull(strstr(question, details));
    else
        g_assert_null(strstr(question, "domain="));
    played_polkit_answer(polkit, answer);
    bus_other_end(fixture, &other);
}

/* A mere look asks nobody. */
static void
test_objects(void)
{
    PlayedPolkit polkit;
    BusFixture fixture;

    if (!played_polkit_set_up(&fixture, &polkit, LONG))
        return;
    stop_all(&fixture);
    bus_other_run_as(&fixture, NOBODY, look_everywhere);
    g_assert_cmpuint(polkit.n_asked, ==, 0);
    bus_other_run_as(&fixture, 0, get_request);
    bus_other_run_as(&fixture, 0, get_host_request);
    g_assert_cmpuint(polkit.n_asked, ==, 0);
    played_polkit_tear_down(&fixture, &polkit);
}

static void
test_get_request(void)
{
    PlayedPolkit polkit;
    BusFixture fixture;

    if (!played_polkit_set_up(&fixture, &polkit, LONG))
        return;
    stop_all(&fixture);
    play(&fixture, &polkit, get_no_request, "domain=", PLAYED_NO);
    play(&fixture, &polkit, get_request, "domain=", PLAYED_YES);
    play(&fixture, &polkit, get_host_request, "", PLAYED_YES);
    played_polkit_tear_down(&fixture, &polkit);
}

static int
stop_secretly(sd_bus *bus)
{
    return sd_bus_call_method(bus, "org.virtstop1", ROOT, MANAGER, "Stop", NULL, NULL, "sa{sv}",
                              "web1", 1, "reason", "s", "secret") < 0;
}

/* His own stop he sees without polkit; another doesn't. */
static void
test_own(void)
{
    g_autofree char *question = NULL;
    PlayedPolkit polkit;
    BusFixture fixture;
    BusOther other;

    if (!played_polkit_set_up(&fixture, &polkit, LONG))
        return;
    bus_other_begin(&other, NOBODY, stop_secretly);
    question = played_polkit_await(&fixture, &polkit, 1);
    played_polkit_answer(&polkit, PLAYED_YES);
    bus_other_end(&fixture, &other);
    bus_other_run_as(&fixture, NOBODY, get_request);
    add_record(&fixture, NOBODY);
    bus_other_run_as(&fixture, NOBODY, list_own);
    bus_other_run_as(&fixture, OTHER, list_public);
    g_assert_cmpuint(polkit.n_asked, ==, 1);
    played_polkit_tear_down(&fixture, &polkit);
}

static void
test_records(void)
{
    PlayedPolkit polkit;
    BusFixture fixture;

    if (!played_polkit_set_up(&fixture, &polkit, LONG))
        return;
    add_record(&fixture, 0);
    play(&fixture, &polkit, list_denied, "domain=web1", PLAYED_NO);
    play(&fixture, &polkit, list_challenged, "domain=web1", PLAYED_CHALLENGE);
    play(&fixture, &polkit, list_failing, "domain=web1", PLAYED_ERROR);
    play(&fixture, &polkit, list_whole, "domain=web1", PLAYED_YES);
    play(&fixture, &polkit, history_denied, "", PLAYED_NO);
    play(&fixture, &polkit, history_whole, "", PLAYED_YES);
    g_assert_cmpuint(polkit.n_asked, ==, 6);
    bus_other_run_as(&fixture, NOBODY, list_public);
    bus_other_run_as(&fixture, 0, list_whole);
    g_assert_cmpuint(polkit.n_asked, ==, 6);
    played_polkit_tear_down(&fixture, &polkit);
}

static void
test_in_order(void)
{
    PlayedPolkit polkit;
    BusFixture fixture;

    if (!played_polkit_set_up(&fixture, &polkit, LONG))
        return;
    add_record(&fixture, 0);
    play(&fixture, &polkit, list_in_order, "", PLAYED_NO);
    played_polkit_tear_down(&fixture, &polkit);
}

static void
test_silent(void)
{
    PlayedPolkit polkit;
    BusFixture fixture;

    if (!played_polkit_set_up(&fixture, &polkit, SHORT))
        return;
    add_record(&fixture, 0);
    bus_other_run_as(&fixture, NOBODY, list_unanswered);
    g_assert_cmpuint(polkit.n_asked, ==, 1);
    played_polkit_tear_down(&fixture, &polkit);
}

static void
test_absent(void)
{
    BusFixture fixture;

    if (!played_polkit_set_up(&fixture, NULL, LONG))
        return;
    add_record(&fixture, 0);
    bus_other_run_as(&fixture, NOBODY, list_without_polkit);
    bus_other_run_as(&fixture, 0, list_whole);
    played_polkit_tear_down(&fixture, NULL);
}

/* Root's calls set them off, and they are for everybody. */
static void
test_signals(void)
{
    g_autofree char *line = NULL, *stop = NULL, *id = NULL;
    BusFixture fixture;
    BusOther other;

    if (!played_polkit_set_up(&fixture, NULL, LONG))
        return;
    add_record(&fixture, 0);
    bus_other_begin(&other, NOBODY, listen);
    while (fixture.queries->len == 0)
        bus_fixture_turn(&fixture);
    stop_all(&fixture);
    bus_fixture_do(&fixture, ROOT, MANAGER, "StopAll", "a{sv}", 1, "reason", "s", "secret again");
    stop = bus_fixture_stop(&fixture, "web1");
    id = g_strdelimit(g_strdup(strrchr(stop, '/') + 1), "_", '-');
    line = g_strdup_printf(RECORD, id, 0U);
    vs_bus_tell_record(fixture.bus, id, line);
    bus_other_end(&fixture, &other);
    played_polkit_tear_down(&fixture, NULL);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/bus-history-rights/objects", test_objects);
    g_test_add_func("/bus-history-rights/get-request", test_get_request);
    g_test_add_func("/bus-history-rights/own", test_own);
    g_test_add_func("/bus-history-rights/records", test_records);
    g_test_add_func("/bus-history-rights/in-order", test_in_order);
    g_test_add_func("/bus-history-rights/silent", test_silent);
    g_test_add_func("/bus-history-rights/absent", test_absent);
    g_test_add_func("/bus-history-rights/signals", test_signals);
    return g_test_run();
}
