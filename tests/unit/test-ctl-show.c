/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <signal.h>
#include <string.h>

#include "bus-client.h"
#include "ctl-fixture.h"
#include "vs-test.h"

/* list, status, history, why, watch, replay: what virtstopctl shows. */

#define RECORD                                                                                     \
    "{\"schema\":1,\"id\":\"0c6f5c1e-7d0a-4f6e-9b1d-3a5f2e8c7b10\",\"time\":\"2026-11-23T02:10:"   \
    "00.000000Z\",\"uri\":\"" TEST_URI "\",\"domain\":{\"name\":\"web1\",\"uuid\":\"" WEB1_UUID    \
    "\",\"id\":1},\"cause\":\"host-signal\",\"clean\":false,\"confidence\":\"certain\","           \
    "\"signal\":\"SIGTERM\",\"killer\":{\"pid\":103,\"comm\":\"python3\"},\"request\":null,"       \
    "\"took_ms\":1800,\"evidence\":[{\"time\":\"2026-11-23T02:09:58.000000Z\",\"source\":"         \
    "\"libvirt\",\"event\":\"lifecycle\",\"type\":\"shutdown\",\"detail\":\"host\"}]}"

#define UNKNOWN_RECORD                                                                             \
    "{\"schema\":1,\"time\":\"2026-11-23T02:11:00.000000Z\",\"uri\":\"" TEST_URI                   \
    "\",\"domain\":{\"name\":\"web1\"},\"cause\":\"unknown\",\"clean\":null,"                      \
    "\"confidence\":\"unknown\",\"request\":{\"by\":{\"uid\":4711},\"outcome\":\"unknown\"}}"

#define OTHER_RECORD "{\"schema\":1,\"uri\":\"" OTHER_URI "\",\"domain\":{\"name\":\"web1\"}}"

static void
show(BusFixture *fixture, CtlRun *run, const char *const *words)
{
    g_assert_true(ctl_start(run, words, -1));
    ctl_await_end(fixture, run);
}

/* A domain can be called anything. */
#define HOSTILE      "a\nb\033[31m c"
#define HOSTILE_UUID "11111111-2222-4333-8444-555555555503"

static void
test_list(void)
{
    static const char *const words[] = {"list", "--uri=" TEST_URI, NULL};
    BusFixture fixture;
    g_auto(CtlRun) run = {0};

    if (!ctl_fixture_set_up(&fixture))
        return;
    bus_fixture_add_guest(&fixture, TEST_URI, HOSTILE_UUID, HOSTILE, 3);
    show(&fixture, &run, words);
    g_assert_cmpstr(run.out->str, ==,
                    "NAME              STATE    ID  AGENT      STOP  URI\n"
                    "a\\x0ab\\x1b[31m c  running   3  unknown    -     qemu:///one\n"
                    "db1               running   2  none       -     qemu:///one\n"
                    "web1              running   1  connected  -     qemu:///one\n"
                    "\nDomains: 3. Stops in flight: 0.\n");
    assert_ctl(&run, 0, "");
    bus_fixture_tear_down(&fixture);
}

static void
test_list_json(void)
{
    static const char *const words[] = {"list", "--json=short", NULL};
    g_autofree char *path = NULL;
    BusFixture fixture;
    g_auto(CtlRun) run = {0};

    if (!ctl_fixture_set_up(&fixture))
        return;
    path = bus_fixture_stop(&fixture, "web1");
    show(&fixture, &run, words);
    assert_ctl(&run, 0,
               "[{\"name\":\"db1\",\"uuid\":\"" DB1_UUID "\",\"id\":2,\"uri\":\"" TEST_URI
               "\",\"state\":\"running\",\"agent\":\"none\",\"stop\":null},");
    assert_ctl(&run, 0, "\"step\":\"agent\",\"phase\":\"asked\"}}]\n");
    assert_ctl(&run, 0, "libvirt at “" OTHER_URI "” isn't connected");
    bus_fixture_tear_down(&fixture);
}

/* On a terminal the table fits, whatever the names. */
static void
test_list_on_terminal(void)
{
    static const char *const words[] = {"list", "--uri=" TEST_URI, NULL};
    g_auto(GStrv) lines = NULL;
    BusFixture fixture;
    g_auto(CtlRun) run = {0};

    if (!ctl_fixture_set_up(&fixture))
        return;
    bus_fixture_add_guest(&fixture, TEST_URI, HOSTILE_UUID,
                          "a name that is a good deal longer than a terminal is wide", 3);
    g_setenv("NO_COLOR", "1", TRUE);
    ctl_start_on_terminal(&run, words, 60);
    g_unsetenv("NO_COLOR");
    ctl_await_end(&fixture, &run);
    assert_ctl(&run, 0, "a name that");
    g_assert_null(strchr(run.out->str, '\033'));
    lines = g_strsplit(run.out->str, "\r\n", -1);
    for (char **line = lines; *line; line++)
        g_assert_cmpint(g_utf8_strlen(*line, -1), <=, 60);
    bus_fixture_tear_down(&fixture);
}

static void
test_status(void)
{
    static const char *const words[] = {"status", "web1", "web2", NULL};
    g_autofree char *path = NULL;
    BusFixture fixture;
    g_auto(CtlRun) run = {0};

    if (!ctl_fixture_set_up(&fixture))
        return;
    g_ptr_array_add(fixture.records, g_strdup(RECORD));
    path = bus_fixture_stop(&fixture, "web1");
    show(&fixture, &run, words);
    assert_ctl(&run, 4,
               "web1\n      Runs: again, since its last stop that is recorded\n"
               "     State: running (id 1)\n");
    assert_ctl(&run, 4, "      Stop: asked the guest agent");
    assert_ctl(&run, 4,
               " Last stop: 2026-11-23 02:10:00, off after 1.8 s, cut off (a signal from the "
               "host ended it)\n");
    assert_ctl(&run, 4, "web2: There is no domain");
    bus_fixture_tear_down(&fixture);
}

static void
test_history(void)
{
    static const char *const words[] = {"history", NULL};
    BusFixture fixture;
    g_auto(CtlRun) run = {0};

    if (!ctl_fixture_set_up(&fixture))
        return;
    g_ptr_array_add(fixture.records, g_strdup(RECORD));
    g_ptr_array_add(fixture.records, g_strdup(UNKNOWN_RECORD));
    show(&fixture, &run, words);
    /* clang-format off */
    g_assert_cmpstr(
        run.out->str, ==,
        "TIME                 DOMAIN  CAUSE        CLEAN  CONFIDENCE  OUTCOME  BY             TOOK  REASON\n"
        "2026-11-23 02:10:00  web1    host-signal  no     certain     -        python3[103]  1.8 s  -\n"
        "2026-11-23 02:11:00  web1    unknown      ?      unknown     unknown  uid 4711          -  -\n");
    /* clang-format on */
    g_assert_cmpstr(fixture.queries->str, ==, "limit=20 \n");
    bus_fixture_tear_down(&fixture);
}

/* The records as they are, one a line, oldest first, only those of the URI. */
static void
test_history_json(void)
{
    static const char *const words[] = {"history", "--json=short", "--uri=" TEST_URI,
                                        "-n2",     "web1",         NULL};
    BusFixture fixture;
    g_auto(CtlRun) run = {0};

    if (!ctl_fixture_set_up(&fixture))
        return;
    for (int i = 0; i < 3; i++)
        g_ptr_array_add(fixture.records, g_strdup(RECORD));
    g_ptr_array_add(fixture.records, g_strdup(OTHER_RECORD));
    show(&fixture, &run, words);
    g_assert_cmpstr(run.out->str, ==, RECORD "\n" RECORD "\n");
    g_assert_cmpstr(fixture.queries->str, ==, "uri=" TEST_URI " domain=web1 limit=2 \n");
    bus_fixture_tear_down(&fixture);
}

#define REASON_RECORD(minute, name, cause, clean, outcome, reason)                                 \
    "{\"schema\":1,\"id\":\"0c6f5c1e-7d0a-4f6e-9b1d-3a5f2e8c70" minute                             \
    "\",\"time\":\"2016-11-23T02:" minute ":00.000000Z\",\"uri\":\"" TEST_URI                      \
    "\",\"domain\":{\"name\":\"" name "\"},\"cause\":\"" cause "\",\"clean\":" clean               \
    ",\"confidence\":\"likely\",\"took_ms\":61000,\"request\":{\"by\":{"                           \
    "\"uid\":0,\"pid\":7,\"comm\":\"virtstopctl\"},\"outcome\":\"" outcome                         \
    "\",\"reason\":\"" reason "\"}}"

static void
add_reasons(BusFixture *fixture)
{
    g_ptr_array_add(fixture->records, g_strdup(REASON_RECORD("10", "web1", "power-button", "true",
                                                             "clean", "kernel update")));
    g_ptr_array_add(fixture->records,
                    g_strdup(REASON_RECORD("11", "db1", "destroyed", "false", "forced",
                                           "a disk is to be exchanged")));
    g_ptr_array_add(fixture->records,
                    g_strdup(REASON_RECORD("12", "web2", "guest-agent", "true", "clean", "")));
}

/* What matters is there whole on a terminal of any width, and OUTCOME longer than what is worth
 * less. */
static void
test_history_on_terminal(void)
{
    static const struct {
        unsigned short columns;
        const char *first, *then; /* the head */
    } cases[] = {
        {60, "TIME        DOMAIN  CAUSE         CLEAN  OUTCOME  BY", "\r\n"},
        {80, "TIME        DOMAIN  CAUSE         CLEAN  OUTCOME  BY  ", "REASON\r\n"},
        {100, "TIME                 DOMAIN  CAUSE         CLEAN  CONFIDENCE  OUTCOME  BY  ",
         "REASON\r\n"},
        {200, "CLEAN  CONFIDENCE  OUTCOME  BY                 ", "REASON\r\n"},
    };
    static const char *const words[] = {"history", NULL};
    BusFixture fixture;

    if (!ctl_fixture_set_up(&fixture))
        return;
    add_reasons(&fixture);
    g_setenv("NO_COLOR", "1", TRUE);
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(GStrv) lines = NULL;
        g_auto(CtlRun) run = {0};

        ctl_start_on_terminal(&run, words, cases[i].columns);
        ctl_await_end(&fixture, &run);
        assert_ctl(&run, 0, cases[i].first);
        assert_ctl(&run, 0, cases[i].then);
        lines = g_strsplit(run.out->str, "\r\n", -1);
        for (char **line = lines; *line; line++)
            g_assert_cmpint(g_utf8_strlen(*line, -1), <=, cases[i].columns);
    }
    g_unsetenv("NO_COLOR");
    bus_fixture_tear_down(&fixture);
}

/* Each word of @words, with spaces between them, is one of the command line. */
static void
check_history(BusFixture *fixture, const char *words, int status, const char *expected)
{
    g_autofree char *line = g_strdup_printf("history %s", words);
    g_auto(GStrv) argv = g_strsplit(line, " ", -1);
    g_auto(CtlRun) run = {0};
    g_autoptr(GString) names = g_string_new(NULL);

    show(fixture, &run, (const char *const *)argv);
    for (const char *at = run.out->str; (at = strstr(at, "\"name\":\"")); at++)
        g_string_append_printf(names, "%.3s ", at + strlen("\"name\":\""));
    if (run.status != status || !g_str_equal(names->str, expected))
        g_error("%s: %d, “%s”: %s", line, run.status, names->str, run.err->str);
}

static void
test_history_choice(void)
{
    BusFixture fixture;

    if (!ctl_fixture_set_up(&fixture))
        return;
    add_reasons(&fixture);
    check_history(&fixture, "--json=short", 0, "web db1 web ");
    check_history(&fixture, "--json=short -r", 0, "web db1 web ");
    check_history(&fixture, "--json=short --unclean", 0, "db1 ");
    check_history(&fixture, "--json=short --cause=destroyed,crashed", 0, "db1 ");
    check_history(&fixture, "--json=short --outcome=clean", 0, "web web ");
    check_history(&fixture, "--json=short --since=2016-11-23T02:11:00Z", 0, "db1 web ");
    check_history(&fixture, "--json=short --until=2016-11-23T02:11:00Z", 0, "web db1 ");
    check_history(&fixture, "--json=short --since=-1h", 0, "");
    check_history(&fixture, "--json=short web*", 0, "web web ");
    check_history(&fixture, "--json=short -n1 web* db*", 0, "web ");
    check_history(&fixture, "--json=short -n2 db1 web1", 0, "web db1 ");
    check_history(&fixture, "--json=short -r web1 db1", 0, "db1 web ");
    check_history(&fixture, "--json=short db1 mail*", 4, "db1 ");
    check_history(&fixture, "--json=short db1 frob", 4, "db1 ");
    check_history(&fixture, "--json=short web2", 0, "web "); /* it is gone, and was there */
    check_history(&fixture, "--json=short --since=-1h web2", 0, "");
    check_history(&fixture, "--since=now --until=-1h", 2, "");
    check_history(&fixture, "--follow --reverse", 2, "");
    check_history(&fixture, "--requests --unclean", 2, "");
    check_history(&fixture, "--cause=destroid", 2, "");
    bus_fixture_tear_down(&fixture);
}

/* What is recorded from now on, of those that are asked for, each once, also what came while
 * virtstopd was away. */
static void
test_history_follow(void)
{
    static const char *const words[] = {"history", "-f", "--unclean", "db*", NULL};
    BusFixture fixture;
    g_auto(CtlRun) run = {0};
    const char *row;

    if (!ctl_fixture_set_up(&fixture))
        return;
    add_reasons(&fixture);
    g_assert_true(ctl_start(&run, words, -1));
    ctl_await(&fixture, &run, "a disk is to be exchanged\n");
    vs_bus_tell_record(fixture.bus, NULL, fixture.records->pdata[1]); /* seen already */
    vs_bus_tell_record(fixture.bus, NULL, RECORD);                    /* not asked for */
    vs_bus_tell_record(
        fixture.bus, NULL,
        REASON_RECORD("20", "db2", "destroyed", "false", "forced", "told by a signal"));
    ctl_await(&fixture, &run, "told by a signal\n");
    g_clear_pointer(&fixture.bus, vs_bus_free);
    g_ptr_array_add(fixture.records,
                    g_strdup("{\"schema\":1,\"id\":\"x\",\"time\":\"2096-11-23T02:10:00Z\","
                             "\"uri\":\"" TEST_URI "\",\"domain\":{\"name\":\"db3\"},\"cause\":"
                             "\"crashed\",\"clean\":false,\"request\":null}"));
    bus_fixture_start(&fixture);
    ctl_await(&fixture, &run, "db3");
    row = strstr(run.out->str, "be exchanged");
    g_assert_null(strstr(row + 1, "be exchanged"));
    g_assert_null(strstr(run.out->str, "web1"));
    g_assert_false(ctl_has_ended(&run));
    bus_fixture_tear_down(&fixture);
}

/* More than any message may hold: all is all. */
static void
test_history_long(void)
{
    static const char *const words[] = {"history", "-n0", "--json=short", NULL};
    g_auto(GStrv) lines = NULL;
    BusFixture fixture;
    g_auto(CtlRun) run = {0};

    if (!ctl_fixture_set_up(&fixture))
        return;
    fixture.page_size = 1;
    for (unsigned i = 0; i < 20; i++) {
        g_autofree char *filler = g_strnfill(1024 * 1024, 'x');

        g_ptr_array_add(fixture.records,
                        g_strdup_printf("{\"id\":%u,\"filler\":\"%s\"}", i, filler));
    }
    show(&fixture, &run, words);
    lines = g_strsplit(run.out->str, "\n", -1);
    g_assert_cmpuint(g_strv_length(lines), ==, 20 + 1);
    for (unsigned i = 0; i < 20; i++) {
        g_autofree char *begin = g_strdup_printf("{\"id\":%u,", i);

        g_assert_true(g_str_has_prefix(lines[i], begin));
    }
    bus_fixture_tear_down(&fixture);
}

/* Pages are asked for as long as the limit isn't reached, and no longer. */
static void
test_history_limit(void)
{
    static const char *const words[] = {"history", "-n3", "--json=short", NULL};
    BusFixture fixture;
    g_auto(CtlRun) run = {0};

    if (!ctl_fixture_set_up(&fixture))
        return;
    fixture.page_size = 2;
    for (unsigned i = 0; i < 5; i++)
        g_ptr_array_add(fixture.records, g_strdup_printf("{\"id\":%u}", i));
    show(&fixture, &run, words);
    g_assert_cmpstr(run.out->str, ==, "{\"id\":2}\n{\"id\":3}\n{\"id\":4}\n");
    g_assert_cmpstr(fixture.queries->str, ==, "limit=3 \nlimit=1 after=3 \n");
    bus_fixture_tear_down(&fixture);
}

/* What was rotated away while it was read is said; it isn't the end of the history. */
static void
test_history_gone(void)
{
    static const char *const words[] = {"history", "-n0", "--json=short", NULL};
    BusFixture fixture;
    g_auto(CtlRun) run = {0};

    if (!ctl_fixture_set_up(&fixture))
        return;
    fixture.page_size = 2;
    fixture.gone = "2";
    for (unsigned i = 0; i < 4; i++)
        g_ptr_array_add(fixture.records, g_strdup_printf("{\"id\":%u}", i));
    show(&fixture, &run, words);
    assert_ctl(&run, 1, "it was rotated away");
    g_assert_cmpstr(fixture.queries->str, ==, "\nafter=2 \n\nafter=2 \n\nafter=2 \n");
    bus_fixture_tear_down(&fixture);
}

/* A virtstopd that doesn't know ListRecords() yet. */

static int
on_get_history(sd_bus_message *call, void *userdata, sd_bus_error *ret_error)
{
    const GPtrArray *records = userdata;
    sd_bus_message *reply = NULL;
    int r;

    sd_bus_message_new_method_return(call, &reply);
    sd_bus_message_open_container(reply, 'a', "s");
    for (unsigned i = 0; i < records->len; i++)
        sd_bus_message_append(reply, "s", records->pdata[i]);
    sd_bus_message_close_container(reply);
    r = sd_bus_send(NULL, reply, NULL);
    sd_bus_message_unref(reply);
    return r;
}

static const sd_bus_vtable older[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("GetHistory", "su", "as", on_get_history, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END,
};

static void
test_history_older_daemon(void)
{
    static const char *const words[] = {"history", "-n2", "--json=short", "--uri=" TEST_URI, NULL};
    g_autofree char *filler = g_strnfill(9 * 1024 * 1024, 'x');
    g_auto(CtlRun) run = {0}, other = {0};
    BusFixture fixture;

    if (!bus_fixture_set_up_bus(&fixture))
        return;
    bus_fixture_connect_client(&fixture);
    sd_bus_add_object_vtable(fixture.client, NULL, "/org/virtstop1", "org.virtstop1.Manager", older,
                             fixture.records);
    g_assert_cmpint(sd_bus_request_name(fixture.client, "org.virtstop1", 0), >=, 0);
    for (int i = 0; i < 3; i++)
        g_ptr_array_add(fixture.records, g_strdup(RECORD));
    g_ptr_array_add(fixture.records, g_strdup(OTHER_RECORD));
    show(&fixture, &run, words);
    g_assert_cmpstr(run.out->str, ==, RECORD "\n" RECORD "\n");
    g_assert_cmpstr(run.err->str, ==, "");
    g_ptr_array_add(fixture.records, g_strdup_printf("{\"filler\":\"%s\"}", filler));
    show(&fixture, &other, words);
    g_assert_cmpstr(other.out->str, ==, RECORD "\n" RECORD "\n");
    assert_ctl(&other, 0, "gives no more than 16 MiB of records: the oldest ones may be missing\n");
    bus_fixture_tear_down(&fixture);
}

/* A number may be the id of a domain that runs: its records are those of its UUID. */
static void
test_history_by_id(void)
{
    static const char *const words[] = {"history", "2", NULL};
    BusFixture fixture;
    g_auto(CtlRun) run = {0};

    if (!ctl_fixture_set_up(&fixture))
        return;
    show(&fixture, &run, words);
    assert_ctl(&run, 0, "No stop is recorded");
    g_assert_cmpstr(fixture.queries->str, ==, "domain=" DB1_UUID " limit=20 \n");
    bus_fixture_tear_down(&fixture);
}

static void
test_history_unreadable(void)
{
    static const char *const words[] = {"history", NULL};
    BusFixture fixture;
    g_auto(CtlRun) run = {0};

    if (!ctl_fixture_set_up(&fixture))
        return;
    g_clear_pointer(&fixture.records, g_ptr_array_unref);
    show(&fixture, &run, words);
    assert_ctl(&run, 1, "stops.jsonl can't be read");
    bus_fixture_tear_down(&fixture);
}

#define REQUEST(time)                                                                              \
    "{\"schema\":1,\"time\":\"" time "\",\"domain\":{\"name\":\"web1\"},\"what\":\"cancelled\","   \
    "\"by\":{\"uid\":0,\"user\":\"root\",\"comm\":\"virtstopctl\"},\"request\":{\"by\":{\"uid\":"  \
    "0,"                                                                                           \
    "\"comm\":\"upsmon\",\"unit\":\"ups.service\"},\"reason\":\"battery low\"}}"

/* The one two days before has nothing to do with it. */
static void
test_why(void)
{
    static const char *const words[] = {"why", "web1", NULL};
    BusFixture fixture;
    g_auto(CtlRun) run = {0};

    if (!ctl_fixture_set_up(&fixture))
        return;
    g_ptr_array_add(fixture.records, g_strdup(RECORD));
    g_ptr_array_add(fixture.requests, g_strdup(REQUEST("2026-11-21T02:00:00.000000Z")));
    g_ptr_array_add(fixture.requests, g_strdup(REQUEST("2026-11-23T01:10:00.000000Z")));
    show(&fixture, &run, words);
    g_assert_cmpstr(
        run.out->str, ==,
        "It runs again now. Its last stop that is recorded:\n\n"
        "SIGTERM from “python3” (pid 103) on the host ended the hypervisor process of “web1”.\n"
        "It was cut off: what it had not written to its disks is lost.\n"
        "It was off at 2026-11-23 02:10:00 UTC, 1.8 s after the first sign of it.\n"
        "Nobody had asked virtstopd to stop it.\n"
        "This is certain: there is direct evidence of it.\n"
        "\nEvidence:\n"
        "  2026-11-23 02:09:58.000  libvirt     lifecycle shutdown/host\n"
        "\nRequests that did not end it, and who changed one:\n"
        "  2026-11-23 01:10:00  The stop of “web1” was called off, by root (virtstopctl); "
        "root (upsmon, ups.service) had asked for it: “battery low”\n");
    assert_ctl(&run, 0, "");
    bus_fixture_tear_down(&fixture);
}

static void
test_why_not(void)
{
    static const char *const unrecorded[] = {"why", "web1", NULL};
    static const char *const unknown[] = {"why", "web2", NULL};
    BusFixture fixture;
    g_auto(CtlRun) run = {0}, other = {0};

    if (!ctl_fixture_set_up(&fixture))
        return;
    show(&fixture, &run, unrecorded);
    assert_ctl(&run, 1, "No stop of “web1” is recorded");
    show(&fixture, &other, unknown);
    assert_ctl(&other, 4, "“web2”");
    bus_fixture_tear_down(&fixture);
}

static void
test_watch(void)
{
    static const char *const words[] = {"watch", "--json=short", NULL};
    g_autofree char *path = NULL;
    BusFixture fixture;
    g_auto(CtlRun) run = {0};

    if (!ctl_fixture_set_up(&fixture))
        return;
    g_assert_true(ctl_start(&run, words, -1));
    /* It listens before it says this. */
    ctl_await(&fixture, &run, "isn't connected");
    path = bus_fixture_stop(&fixture, "web1");
    ctl_await(&fixture, &run, "\"event\":\"stop-added\"");
    ctl_await(&fixture, &run, "\"step\":\"agent\",\"phase\":\"asked\"");
    bus_fixture_add_guest(&fixture, TEST_URI, HOSTILE_UUID, HOSTILE, 3);
    ctl_await(&fixture, &run, "\"event\":\"domain-added\",\"domain\":{\"name\":\"a\\nb\\u001b");
    bus_fixture_lifecycle(&fixture, WEB1_UUID, "web1", VS_LIFECYCLE_SUSPENDED, 0);
    ctl_await(&fixture, &run, "\"event\":\"domain-changed\"");
    ctl_await(&fixture, &run, "\"state\":\"paused\"");
    bus_fixture_do(&fixture, "/org/virtstop1", "org.virtstop1.Manager", "Cancel", "sa{sv}", "web1",
                   0);
    ctl_await(&fixture, &run, "\"outcome\":\"cancelled\"");
    vs_bus_tell_record(fixture.bus, NULL, RECORD);
    ctl_await(&fixture, &run, "\"event\":\"stop-recorded\",\"record\":" RECORD "}\n");
    g_assert_null(strstr(run.out->str, "\"phase\":\"over\"")); /* its end has told that */
    g_clear_pointer(&fixture.bus, vs_bus_free);
    ctl_await(&fixture, &run, "\"event\":\"daemon-went\"");
    bus_fixture_start(&fixture);
    ctl_await(&fixture, &run, "\"event\":\"daemon-came\"");
    g_assert_false(ctl_has_ended(&run));
    bus_fixture_tear_down(&fixture);
}

/* People have a line a fact, with who asked and why; what was told by one isn't told by another. */
static void
test_watch_words(void)
{
    static const char *const words[] = {"watch", NULL};
    static const char *const stop[] = {"stop", "--no-wait", "--reason=kernel update", "web1", NULL};
    static const char *const all[] = {"stop-all", "--no-wait", "--reason=power", NULL};
    BusFixture fixture;
    g_auto(CtlRun) run = {0}, one = {0}, many = {0};
    const char *first;

    if (!ctl_fixture_set_up(&fixture))
        return;
    g_assert_true(ctl_start(&run, words, -1));
    ctl_await(&fixture, &run, "isn't connected");
    show(&fixture, &one, stop);
    ctl_await(&fixture, &run, "web1: a stop was asked for by ");
    ctl_await(&fixture, &run, " (virtstopctl, pid ");
    ctl_await(&fixture, &run, "): “kernel update”\n");
    ctl_await(&fixture, &run, "web1: asked the guest agent\n");
    bus_fixture_end_guest(&fixture, WEB1_UUID, "web1", VS_STOPPED_SHUTDOWN);
    vs_bus_tell_record(fixture.bus, NULL, RECORD);
    ctl_await(&fixture, &run, "web1: off after 1.8 s, cut off (");
    g_assert_null(strstr(run.out->str, "shut off"));
    g_assert_null(strstr(run.out->str, "it went down as asked"));
    bus_fixture_add_guest(&fixture, TEST_URI, HOSTILE_UUID, HOSTILE, 3);
    ctl_await(&fixture, &run, "c: running\n");
    show(&fixture, &many, all);
    ctl_await(&fixture, &run, "  guests are being stopped together, asked for by ");
    ctl_await(&fixture, &run, "): “power”\n");
    first = strstr(run.out->str, "“power”");
    g_assert_null(strstr(first + 1, "“power”")); /* once for all of them */
    bus_fixture_tear_down(&fixture);
}

/* Of one libvirt, what is told to people, and to programs. */
static void
test_watch_uri(const void *mode)
{
    const char *const words[] = {"watch", "-c", OTHER_URI, mode, NULL};
    BusFixture fixture;
    g_auto(CtlRun) run = {0};

    if (!ctl_fixture_set_up(&fixture))
        return;
    bus_fixture_do(&fixture, "/org/virtstop1", "org.virtstop1.Manager", "Stop", "sa{sv}", "db1", 0);
    g_assert_true(ctl_start(&run, words, -1));
    ctl_await(&fixture, &run, "isn't connected");
    g_free(bus_fixture_stop(&fixture, "web1"));
    bus_fixture_add_guest(&fixture, TEST_URI, HOSTILE_UUID, "web9", 3);
    bus_fixture_lifecycle(&fixture, DB1_UUID, "db1", VS_LIFECYCLE_SUSPENDED, 0);
    bus_fixture_do(&fixture, "/org/virtstop1", "org.virtstop1.Manager", "Cancel", "sa{sv}", "web1",
                   0);
    bus_fixture_end_guest(&fixture, DB1_UUID, "db1", VS_STOPPED_SHUTDOWN);
    vs_bus_tell_record(fixture.bus, NULL, RECORD);
    bus_fixture_add_guest(&fixture, OTHER_URI, HOSTILE_UUID, "far1", 3);
    ctl_await(&fixture, &run, "far1");
    bus_fixture_do(&fixture, "/org/virtstop1", "org.virtstop1.Manager", "Stop", "sa{sv}", "far1",
                   0);
    ctl_await(&fixture, &run,
              *words[3] == '-' && words[3][2] == 'j' ? "stop-added" : "far1: a stop");
    g_assert_false(ctl_said(&run, "web1"));
    g_assert_false(ctl_said(&run, "web9"));
    g_assert_false(ctl_said(&run, "db1"));
    bus_fixture_tear_down(&fixture);
}

/* Every line of a trace that ends in a stop gives its record, and needs no bus. */
static void
test_replay(void)
{
    const char *srcdir = g_getenv("top_srcdir") ? g_getenv("top_srcdir") : ".";
    g_autofree char *file =
        g_build_filename(srcdir, "tests/traces/libvirt-9.0/destroy.jsonl", NULL);
    const char *const own[] = {"replay", file, NULL};
    const char *const foreign[] = {"replay", "--foreign", file, NULL};
    g_auto(CtlRun) run = {0}, other = {0};

    ctl_run(&run, own);
    assert_ctl(&run, 0,
               "\"cause\":\"destroyed\",\"clean\":false,\"confidence\":\"certain\",\"initiator\":"
               "\"operator\",\"request\":{");
    g_assert_cmpint(strchr(run.out->str, '\n')[1], ==, '\0');
    ctl_run(&other, foreign);
    assert_ctl(&other, 0,
               "\"cause\":\"destroyed\",\"clean\":false,\"confidence\":\"certain\",\"initiator\":"
               "\"operator\",\"request\":null");
}

static void
test_replay_bad(void)
{
    g_autofree char *file =
        vs_test_write(vs_test_dir(), "bad.jsonl", "{\"scenario\":\"x\"}\n{\"t\":\n");
    g_autofree char *missing = g_build_filename(vs_test_dir(), "none", NULL);
    const char *const words[] = {"replay", file, NULL};
    const char *const others[] = {"replay", missing, NULL};
    const char *const directory[] = {"replay", vs_test_dir(), NULL};
    static const char *const endless[] = {"replay", "/dev/zero", NULL};
    g_auto(CtlRun) run = {0}, other = {0}, third = {0}, fourth = {0};

    ctl_run(&run, words);
    assert_ctl(&run, 1, "bad.jsonl:");
    g_assert_cmpstr(run.out->str, ==, "");
    ctl_run(&other, others);
    assert_ctl(&other, 1, missing);
    ctl_run(&third, directory);
    assert_ctl(&third, 1, "Is a directory");
    ctl_run(&fourth, endless);
    assert_ctl(&fourth, 1, "larger than the 64 MiB");
}

/* Quotes and signs are ASCII where the locale has no others. */
static void
test_other_locale(void)
{
    static const char *const words[] = {"why", "web1", NULL};
    const char *dir = vs_test_dir();
    g_autofree char *file = vs_test_write(dir, "stops.jsonl", RECORD "\n");
    g_auto(CtlRun) run = {0};

    g_setenv("STATE_DIRECTORY", dir, TRUE);
    g_setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere", TRUE);
    g_setenv("LC_ALL", "C", TRUE);
    ctl_run(&run, words);
    assert_ctl(&run, 0, "SIGTERM from \"python3\" (pid 103) on the host ended");
    assert_ctl(&run, 0, "=\"unix:path=/nowhere\": ");
    g_assert_true(g_str_is_ascii(run.out->str) && g_str_is_ascii(run.err->str));
    g_setenv("LC_ALL", "C.UTF-8", TRUE);
    g_unsetenv("STATE_DIRECTORY");
    g_unsetenv("DBUS_SYSTEM_BUS_ADDRESS");
}

/* The records are in its files, too: whoever may read those needs no virtstopd. */
static void
test_from_file(void)
{
    static const char *const why[] = {"why", "web1", NULL}, *const other[] = {"why", "web9", NULL};
    static const char *const history[] = {"history", NULL}, *const list[] = {"list", NULL};
    const char *dir = vs_test_dir();
    g_autofree char *file = vs_test_write(dir, "stops.jsonl", RECORD "\n");
    g_auto(CtlRun) told = {0}, unknown = {0}, listed = {0}, refused = {0};

    g_setenv("STATE_DIRECTORY", dir, TRUE);
    g_setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere", TRUE);
    ctl_run(&told, why);
    assert_ctl(&told, 0, "SIGTERM from “python3” (pid 103) on the host ended");
    assert_ctl(&told, 0, "This is read from virtstopd's files: virtstopd isn't on the bus");
    ctl_run(&unknown, other);
    assert_ctl(&unknown, 1, "No stop of “web9” is recorded.");
    ctl_run(&listed, history);
    assert_ctl(&listed, 0, "web1    host-signal");
    ctl_run(&refused, list);
    assert_ctl(&refused, 1, "virtstopd isn't on the bus");
    g_unsetenv("STATE_DIRECTORY");
    g_unsetenv("DBUS_SYSTEM_BUS_ADDRESS");
}

int
main(int argc, char **argv)
{
    g_setenv("TZ", "UTC", TRUE);
    vs_test_init(&argc, &argv);
    g_test_add_func("/ctl/show/list", test_list);
    g_test_add_func("/ctl/show/list-json", test_list_json);
    g_test_add_func("/ctl/show/list-on-terminal", test_list_on_terminal);
    g_test_add_func("/ctl/show/status", test_status);
    g_test_add_func("/ctl/show/history", test_history);
    g_test_add_func("/ctl/show/history-on-terminal", test_history_on_terminal);
    g_test_add_func("/ctl/show/history-choice", test_history_choice);
    g_test_add_func("/ctl/show/history-follow", test_history_follow);
    g_test_add_func("/ctl/show/history-json", test_history_json);
    g_test_add_func("/ctl/show/history-long", test_history_long);
    g_test_add_func("/ctl/show/history-limit", test_history_limit);
    g_test_add_func("/ctl/show/history-gone", test_history_gone);
    g_test_add_func("/ctl/show/history-older-daemon", test_history_older_daemon);
    g_test_add_func("/ctl/show/history-by-id", test_history_by_id);
    g_test_add_func("/ctl/show/history-unreadable", test_history_unreadable);
    g_test_add_func("/ctl/show/why", test_why);
    g_test_add_func("/ctl/show/why-not", test_why_not);
    g_test_add_func("/ctl/show/watch", test_watch);
    g_test_add_func("/ctl/show/watch-words", test_watch_words);
    g_test_add_data_func("/ctl/show/watch-uri", "--no-pager", test_watch_uri);
    g_test_add_data_func("/ctl/show/watch-uri-json", "--json=short", test_watch_uri);
    g_test_add_func("/ctl/show/replay", test_replay);
    g_test_add_func("/ctl/show/replay-bad", test_replay_bad);
    g_test_add_func("/ctl/show/other-locale", test_other_locale);
    g_test_add_func("/ctl/show/from-file", test_from_file);
    return g_test_run();
}
