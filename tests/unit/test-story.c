/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "core/record.h"
#include "ctl/evidence.h"
#include "words/story-request.h"
#include "words/story.h"
#include "util/json.h"
#include "vs-test.h"

#define TIME "\"time\":\"2026-11-23T02:10:00.250000Z\""

/* A record of @cause with @more members. */
static json_object *
make_record(const char *cause, const char *confidence, const char *more)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = g_strdup_printf("{\"schema\":1," TIME ",\"domain\":{\"name\":\"web1\"},"
                                            "\"cause\":\"%s\",\"confidence\":\"%s\"%s%s}",
                                            cause, confidence, *more ? "," : "", more);
    json_object *record = vs_json_parse_object(text, &error);

    g_assert_no_error(error);
    return record;
}

static char *
first_line(json_object *record)
{
    g_autofree char *story = vs_story_tell(record, false);
    g_auto(GStrv) lines = g_strsplit(story, "\n", 2);

    return g_strdup(lines[0]);
}

static const struct {
    VsCause cause;
    const char *certain, *likely;
} sentences[] = {
    {VS_CAUSE_UNKNOWN, "“web1” is off, and nothing tells why.",
     "“web1” is off, and nothing tells why."},
    {VS_CAUSE_GUEST_INITIATED,
     "“web1” powered itself off, and nobody had asked it to from outside.",
     "“web1” likely powered itself off, with nobody asking it to from outside."},
    {VS_CAUSE_GUEST_AGENT,
     "“web1” powered itself off because virtstopd had asked its guest agent to.",
     "“web1” likely powered itself off because virtstopd had asked its guest agent to."},
    {VS_CAUSE_POWER_BUTTON, "“web1” powered itself off because its power button was pressed.",
     "“web1” likely powered itself off because its power button was pressed."},
    {VS_CAUSE_GUEST_REQUEST, "“web1” powered itself off because virtstopd had asked it to.",
     "“web1” likely powered itself off because virtstopd had asked it to."},
    {VS_CAUSE_GUEST_REBOOT, "“web1” rebooted, and was ended instead of starting again.",
     "“web1” likely rebooted, and was ended instead of starting again."},
    {VS_CAUSE_HOST_SIGNAL,
     "A signal from an unknown process on the host ended the hypervisor process of “web1”.",
     "A signal from an unknown process on the host likely ended the hypervisor process of “web1”."},
    {VS_CAUSE_MONITOR_QUIT,
     "Somebody ended the hypervisor process of “web1” by the monitor command “quit”.",
     "Somebody likely ended the hypervisor process of “web1” by the monitor command “quit”."},
    {VS_CAUSE_DESTROYED, "“web1” was destroyed through libvirt by somebody else, not by virtstopd.",
     "“web1” was likely destroyed through libvirt by somebody else, not by virtstopd."},
    {VS_CAUSE_GUEST_PANIC,
     "The kernel of “web1” panicked, and the on_crash setting ended the guest.",
     "The kernel of “web1” likely panicked, and the on_crash setting ended the guest."},
    {VS_CAUSE_WATCHDOG, "The watchdog of “web1” fired, and its action ended the guest.",
     "The watchdog of “web1” likely fired, and its action ended the guest."},
    {VS_CAUSE_CRASHED, "The hypervisor process of “web1” died of itself.",
     "The hypervisor process of “web1” likely died of itself; from here, a SIGKILL looks the "
     "same."},
    {VS_CAUSE_OUT_OF_MEMORY,
     "The host's kernel killed the hypervisor process of “web1” for want of memory.",
     "The host's kernel likely killed the hypervisor process of “web1” for want of memory."},
    {VS_CAUSE_SAVED, "“web1” was saved to disk as it ran.",
     "“web1” was likely saved to disk as it ran."},
    {VS_CAUSE_MIGRATED, "“web1” was migrated away, and runs on elsewhere.",
     "“web1” was likely migrated away, and runs on elsewhere."},
    {VS_CAUSE_START_FAILED, "“web1” failed to start.", "“web1” likely failed to start."},
    {VS_CAUSE_SNAPSHOT_REVERTED, "“web1” was reverted to a snapshot.",
     "“web1” was likely reverted to a snapshot."},
    {VS_CAUSE_HOST_FAILURE, "The host itself failed while “web1” ran on it.",
     "The host itself likely failed while “web1” ran on it."},
};

static void
test_causes(void)
{
    G_STATIC_ASSERT(G_N_ELEMENTS(sentences) == VS_N_CAUSES);

    for (unsigned i = 0; i < G_N_ELEMENTS(sentences); i++) {
        const char *cause = vs_cause_name(sentences[i].cause);
        g_autoptr(json_object) certain = make_record(cause, "certain", "");
        g_autoptr(json_object) likely = make_record(cause, "likely", "");
        g_autofree char *certain_line = first_line(certain);
        g_autofree char *likely_line = first_line(likely);

        g_assert_cmpstr(certain_line, ==, sentences[i].certain);
        g_assert_cmpstr(likely_line, ==, sentences[i].likely);
    }
}

static void
check_story(const char *cause, const char *confidence, const char *more, const char *expected)
{
    g_autoptr(json_object) record = make_record(cause, confidence, more);
    g_autofree char *story = vs_story_tell(record, false);

    g_assert_cmpstr(story, ==, expected);
}

#define BY                                                                                         \
    "\"by\":{\"uid\":1000,\"pid\":4711,\"comm\":\"virtstopctl\",\"unit\":\"session-3.scope\"}"
#define AGENT_STEP                                                                                 \
    "{\"method\":\"agent\",\"started\":\"2026-11-23T02:09:57.000000Z\",\"took_ms\":3200,"          \
    "\"result\":\"went down\"}"
#define DESTROY_STEP                                                                               \
    "{\"method\":\"destroy\",\"started\":\"2026-11-23T02:09:58.000000Z\",\"took_ms\":90000,"       \
    "\"result\":\"forced\"}"
#define REQUEST(outcome, reason, steps)                                                            \
    "\"request\":{\"stop\":\"s\"," BY ",\"reason\":" reason ",\"outcome\":\"" outcome              \
    "\",\"steps\":[" steps "]}"

static void
test_obeyed(void)
{
    check_story(
        "guest-agent", "certain",
        "\"clean\":true,\"took_ms\":3250," REQUEST("clean", "\"kernel update\"", AGENT_STEP),
        "“web1” powered itself off because virtstopd had asked its guest agent to.\n"
        "Its system came down in order.\n"
        "It was off at 2026-11-23 02:10:00 UTC, 3.3 s after the request.\n"
        "uid 1000 (virtstopctl, pid 4711, session-3.scope) had asked virtstopd to stop it: "
        "“kernel update”.\n"
        "The steps it came to:\n"
        "  02:09:57  guest agent: it went down after 3.2 s\n"
        "How the request came out: it went down as asked.\n"
        "This is certain: there is direct evidence of it.\n");
}

/* A stop was in flight at the host's last sign: what came of it nobody saw. */
static void
test_unfinished(void)
{
#define NOTED                                                                                      \
    ",\"window\":{\"from\":\"2026-11-23T02:10:00.000000Z\",\"until\":null},"                       \
    "\"evidence\":[{\"time\":\"2026-11-23T02:09:00.000000Z\",\"source\":\"noted\","                \
    "\"event\":\"a stop was asked for\"}]"
#define AFTER                                                                                      \
    "That was after 2026-11-23 02:10:00 UTC; until when isn't known, for the host's clock was "    \
    "set.\n"

    check_story(
        "host-failure", "certain",
        "\"clean\":false,\"took_ms\":0," REQUEST("unknown", "\"on battery\"", "") NOTED,
        "The host itself failed while “web1” ran on it.\n"
        "It was cut off: what it had not written to its disks is lost.\n" AFTER
        "uid 1000 (virtstopctl, pid 4711, session-3.scope) had asked virtstopd to stop it at "
        "2026-11-23 02:09:00 UTC: “on battery”.\n"
        "That stop was under way as the host failed: how far it came isn't known.\n"
        "This is certain: there is direct evidence of it.\n");
    check_story(
        "unknown", "unknown", "\"clean\":null,\"took_ms\":0," REQUEST("unknown", "null", "") NOTED,
        "“web1” is off, and nothing tells why.\n"
        "Whether its system came down in order isn't known.\n" AFTER
        "uid 1000 (virtstopctl, pid 4711, session-3.scope) had asked virtstopd to stop it at "
        "2026-11-23 02:09:00 UTC.\n"
        "That stop was still under way: how far it came isn't known.\n");
}

/* Who came in as somebody, and became another. */
static void
test_human(void)
{
    static const struct {
        const char *by, *expected;
    } cases[] = {
        {"{\"uid\":0,\"user\":\"root\",\"login_uid\":1000}", "uid 1000 as root"},
        {"{\"uid\":1000,\"user\":\"alice\",\"login_uid\":1000}", "alice"},
        {"{\"uid\":1000,\"login_uid\":0}", "root as uid 1000"},
        {"{\"uid\":0,\"login_uid\":-1}", "root"},
        {"{\"user\":\"alice\"}", "somebody"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(json_object) by = vs_json_parse_object(cases[i].by, NULL);
        g_autofree char *human = vs_story_human(by, false);

        g_assert_cmpstr(human, ==, cases[i].expected);
    }
}

static void
test_destroyed(void)
{
    check_story(
        "destroyed", "certain",
        "\"clean\":false,\"took_ms\":95000," REQUEST("forced", "null", DESTROY_STEP),
        "“web1” was destroyed by virtstopd, by force.\n"
        "It was cut off: what it had not written to its disks is lost.\n"
        "It was off at 2026-11-23 02:10:00 UTC, 1 min 35 s after the request.\n"
        "uid 1000 (virtstopctl, pid 4711, session-3.scope) had asked virtstopd to stop it.\n"
        "The steps it came to:\n"
        "  02:09:58  destroy: it was cut off after 1 min 30 s\n"
        "How the request came out: it is off, by force.\n"
        "This is certain: there is direct evidence of it.\n");
}

/* A request stood, but somebody else was quicker. */
static void
test_beside_request(void)
{
    check_story(
        "host-signal", "certain",
        "\"clean\":false,\"took_ms\":20,\"signal\":\"SIGTERM\",\"killer\":{\"pid\":103,\"comm\":"
        "\"/usr/bin/python3\"}," REQUEST("forced", "null", ""),
        "SIGTERM from “/usr/bin/python3” (pid 103) on the host ended the hypervisor process of "
        "“web1”.\n"
        "It was cut off: what it had not written to its disks is lost.\n"
        "It was off at 2026-11-23 02:10:00 UTC, 20 ms after the request.\n"
        "uid 1000 (virtstopctl, pid 4711, session-3.scope) had asked virtstopd to stop it.\n"
        "How the request came out: it is off, by force.\n"
        "But that request is not what ended it.\n"
        "This is certain: there is direct evidence of it.\n");
}

/* Which ends have nothing to do with a request that stood, and so say it. */
static void
test_beside_causes(void)
{
    for (unsigned i = 0; i < VS_N_CAUSES; i++) {
        bool may_be_its_doing = i == VS_CAUSE_UNKNOWN || i == VS_CAUSE_GUEST_AGENT ||
                                i == VS_CAUSE_POWER_BUTTON || i == VS_CAUSE_GUEST_REQUEST ||
                                i == VS_CAUSE_GUEST_REBOOT;
        g_autoptr(json_object) record = make_record(vs_cause_name((VsCause)i), "certain",
                                                    REQUEST("cancelled", "null", AGENT_STEP));
        g_autofree char *story = vs_story_tell(record, false);
        bool said = strstr(story, "\nBut that request is not what ended it.\n") != NULL;

        g_assert_cmpint(said, ==, !may_be_its_doing);
        g_assert_nonnull(strstr(story, "had asked virtstopd to stop it.\n"));
        g_assert_nonnull(strstr(story, "\nHow the request came out: the stop was called off.\n"));
    }
}

/* Why it is no more than likely. */
static void
test_doubt(void)
{
    check_story(
        "guest-initiated", "likely",
        "\"clean\":true,\"took_ms\":1500,\"request\":null,\"evidence\":[{\"source\":\"doubt\","
        "\"event\":\"watched since\",\"since\":\"2026-11-23T02:09:00.000000Z\"}]",
        "“web1” likely powered itself off, with nobody asking it to from outside.\n"
        "Its system came down in order.\n"
        "It was off at 2026-11-23 02:10:00 UTC, 1.5 s after the first sign of it.\n"
        "Nobody had asked virtstopd to stop it.\n"
        "This is likely, not certain: it was watched only since 2026-11-23 02:09:00 UTC, and "
        "whoever asked it before isn't known.\n");
    check_story(
        "power-button", "likely",
        "\"clean\":true,\"took_ms\":19500,\"request\":null,\"evidence\":[{\"source\":\"doubt\","
        "\"event\":\"asked long before\",\"ms\":18000}]",
        "“web1” likely powered itself off because its power button was pressed.\n"
        "Its system came down in order.\n"
        "It was off at 2026-11-23 02:10:00 UTC, 19.5 s after the first sign of it.\n"
        "Nobody had asked virtstopd to stop it.\n"
        "This is likely, not certain: it was asked 18 s before it went down, which may have "
        "had another reason.\n");
}

static void
test_circumstances(void)
{
    static const struct {
        const char *cause, *more, *line;
    } cases[] = {
        {"guest-initiated", "\"clean\":true,\"hibernated\":true",
         "\nIt suspended itself to disk (hibernated): its next start goes on where it was.\n"},
        {"destroyed",
         "\"clean\":false,\"io_error\":{\"paused_ms\":7380000,\"reason\":\"No space \\u001b\"}",
         "\nIt had been paused for 2 h 3 min by an I/O error of a disk: “No space \\x1b”.\n"},
        {"destroyed", "\"clean\":false,\"io_error\":{\"paused_ms\":90000}",
         "\nIt had been paused for 1 min 30 s by an I/O error of a disk.\n"},
        {"crashed", "\"clean\":false,\"migration\":\"postcopy-failed\"",
         "\nIts migration had failed when a part of its memory was on the other host already "
         "(post-copy): it could go on on neither.\n"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(json_object) record = make_record(cases[i].cause, "certain", cases[i].more);
        g_autofree char *story = vs_story_tell(record, false);

        vs_test_note(story);
        g_assert_nonnull(strstr(story, cases[i].line));
    }
}

static void
test_no_request(void)
{
    check_story(
        "crashed", "likely", "\"clean\":false,\"took_ms\":0,\"request\":null",
        "The hypervisor process of “web1” likely died of itself; from here, a SIGKILL looks "
        "the same.\n"
        "It was cut off: what it had not written to its disks is lost.\n"
        "It was off at 2026-11-23 02:10:00 UTC.\n"
        "Nobody had asked virtstopd to stop it.\n"
        "This is likely, not certain: it is inferred from the evidence.\n");
    check_story("saved", "certain",
                "\"clean\":true,\"took_ms\":1500,\"request\":null,\"host_shutdown\":true,"
                "\"host_stop\":{\"id\":\"x\",\"kind\":\"reboot\"}",
                "“web1” was saved to disk as it ran.\n"
                "Nothing of it was lost.\n"
                "It was off at 2026-11-23 02:10:00 UTC, 1.5 s after the first sign of it.\n"
                "Nobody had asked virtstopd to stop it.\n"
                "The host was going down, to reboot.\n"
                "This is certain: there is direct evidence of it.\n");
}

/* What nobody saw has no time, and nobody knows who had asked for what. */
static void
test_window(void)
{
    check_story("host-failure", "certain",
                "\"clean\":false,\"took_ms\":0,\"request\":null,\"window\":{\"from\":"
                "\"2026-11-23T02:10:00.250000Z\",\"until\":\"2026-11-23T02:14:00.000000Z\"}",
                "The host itself failed while “web1” ran on it.\n"
                "It was cut off: what it had not written to its disks is lost.\n"
                "That was between 2026-11-23 02:10:00 UTC and 2026-11-23 02:14:00 UTC.\n"
                "This is certain: there is direct evidence of it.\n");
    check_story("unknown", "unknown",
                "\"clean\":null,\"host_shutdown\":true,\"window\":{\"from\":"
                "\"2026-11-23T02:10:00.250000Z\",\"until\":null}",
                "“web1” is off, and nothing tells why.\n"
                "Whether its system came down in order isn't known.\n"
                "That was after 2026-11-23 02:10:00 UTC; until when isn't known, for the host's "
                "clock was set.\n"
                "The host was going down.\n");
}

static void
test_unknown(void)
{
    check_story("unknown", "unknown", "\"clean\":null",
                "“web1” is off, and nothing tells why.\n"
                "Whether its system came down in order isn't known.\n"
                "It was off at 2026-11-23 02:10:00 UTC.\n"
                "Nobody had asked virtstopd to stop it.\n");
    check_story("start-failed", "unknown", "\"clean\":null",
                "“web1” failed to start.\n"
                "Whether its system came down in order isn't known.\n"
                "It was off at 2026-11-23 02:10:00 UTC.\n"
                "Nobody had asked virtstopd to stop it.\n"
                "How sure this is isn't known.\n");
    check_story("abducted", "certain", "\"clean\":false",
                "“web1” stopped by the cause “abducted”, which this virtstopctl doesn't know.\n"
                "It was cut off: what it had not written to its disks is lost.\n"
                "It was off at 2026-11-23 02:10:00 UTC.\n"
                "Nobody had asked virtstopd to stop it.\n"
                "This is certain: there is direct evidence of it.\n");
}

static void
test_short(void)
{
    static const struct {
        const char *cause, *confidence, *more, *expected;
    } cases[] = {
        {"guest-agent", "certain", "\"clean\":true,\"took_ms\":3200",
         "off after 3.2 s, clean (it obeyed the guest agent)"},
        {"power-button", "likely", "\"clean\":true,\"took_ms\":61000",
         "off after 1 min 1 s, clean (likely: it obeyed the power button)"},
        {"destroyed", "certain", "\"clean\":false,\"took_ms\":50",
         "off after 50 ms, cut off (it was destroyed)"},
        {"crashed", "likely", "\"clean\":false,\"took_ms\":0",
         "off, cut off (likely: its hypervisor process died)"},
        {"unknown", "unknown", "\"clean\":null",
         "off, clean or not isn't known (nothing tells why)"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(json_object) record =
            make_record(cases[i].cause, cases[i].confidence, cases[i].more);
        g_autofree char *text = vs_story_short(record);

        g_assert_cmpstr(text, ==, cases[i].expected);
    }
}

/* Members of another type than they should have, and none at all. */
static void
test_malformed(void)
{
    static const char *const records[] = {
        "{}",
        "{\"domain\":[],\"cause\":7,\"time\":{},\"took_ms\":\"x\",\"request\":[],\"evidence\":{}}",
        "{\"request\":{\"by\":7,\"steps\":[1,null,{\"method\":3}],\"reason\":[]},\"evidence\":["
        "null]}",
        "{\"request\":{\"by\":{\"uid\":-1}},\"killer\":3,\"cause\":\"host-signal\"}",
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(records); i++) {
        g_autoptr(json_object) record = vs_json_parse_object(records[i], NULL);
        g_autofree char *story = vs_story_tell(record, false);
        g_autofree char *text = vs_story_short(record);
        g_autofree char *evidence = vs_evidence_tell(record);

        g_assert_nonnull(strstr(story, "The guest"));
        g_assert_cmpstr(text, !=, "");
        g_assert_cmpstr(evidence, ==, "");
    }
}

static bool
is_harmless(const char *text)
{
    return !strchr(text, '\033') && !strchr(text, '\r') && !strstr(text, "\u202e");
}

#define BAD "a\\u001b[31m\\r\\nb\\u202e"

/* Whatever the record's texts hold, none of it moves the cursor. */
static void
test_hostile(void)
{
    static const char text[] =
        "{\"time\":\"" BAD "\",\"domain\":{\"name\":\"" BAD "\"},\"cause\":\"" BAD
        "\",\"signal\":\"" BAD "\",\"killer\":{\"comm\":\"" BAD
        "\"},\"request\":{\"by\":{\"comm\":\"" BAD "\",\"unit\":\"" BAD "\"},\"reason\":\"" BAD
        "\",\"outcome\":\"" BAD "\",\"steps\":[{\"method\":\"" BAD "\",\"result\":\"" BAD
        "\"}]},\"evidence\":[{\"source\":\"" BAD "\",\"event\":\"" BAD "\",\"x\":\"" BAD
        "\"},{\"source\":\"qemu-log\",\"line\":\"" BAD "\"},{\"source\":\"reply\","
        "\"api\":\"" BAD "\",\"message\":\"" BAD "\"}]}";
    static const char *const causes[] = {"unknown", "host-signal", BAD};

    for (unsigned i = 0; i < G_N_ELEMENTS(causes); i++) {
        g_autoptr(json_object) record = vs_json_parse_object(text, NULL);
        g_autofree char *story = NULL, *evidence = NULL, *shorter = NULL;

        g_assert_nonnull(record);
        if (i < 2)
            vs_json_set_string(record, "cause", causes[i]);
        story = vs_story_tell(record, true);
        evidence = vs_evidence_tell(record);
        shorter = vs_story_short(record);
        g_assert_true(is_harmless(story));
        g_assert_true(is_harmless(evidence));
        g_assert_true(is_harmless(shorter) && !strchr(shorter, '\n'));
    }
}

static void
test_evidence(void)
{
    g_autoptr(json_object) record = make_record(
        "guest-agent", "certain",
        "\"took_ms\":60000," REQUEST(
            "clean", "null",
            AGENT_STEP) ",\"evidence\":["
                        "{" TIME
                        ",\"source\":\"qmp\",\"event\":\"SHUTDOWN\",\"data\":{\"guest\":true}},"
                        "{" TIME ",\"source\":\"qmp\",\"event\":\"STOP\",\"data\":null},"
                        "{" TIME ",\"source\":\"libvirt\",\"event\":\"lifecycle\",\"type\":"
                        "\"stopped\",\"detail\":"
                        "\"shutdown\"},"
                        "{" TIME
                        ",\"source\":\"libvirt\",\"event\":\"watchdog\",\"action\":\"poweroff\"},"
                        "{" TIME ",\"source\":\"reply\",\"method\":\"agent\",\"ok\":true},"
                        "{" TIME ",\"source\":\"reply\",\"api\":\"virDomainDestroy\",\"ok\":false,"
                        "\"code\":38,"
                        "\"message\":\"no\"},"
                        "{\"source\":\"qemu-log\",\"line\":\"shutting down, reason=shutdown\"}]");
    g_autofree char *evidence = vs_evidence_tell(record);

    g_assert_cmpstr(evidence, ==,
                    "  2026-11-23 02:10:00.250  qmp         SHUTDOWN {\"guest\":true}\n"
                    "  2026-11-23 02:10:00.250  qmp         STOP\n"
                    "  2026-11-23 02:10:00.250  libvirt     lifecycle stopped/shutdown\n"
                    "  2026-11-23 02:10:00.250  libvirt     watchdog {\"action\":\"poweroff\"}\n"
                    "  2026-11-23 02:10:00.250  reply       agent: ok\n"
                    "  2026-11-23 02:10:00.250  reply       virDomainDestroy: failed: no\n"
                    "  -                        qemu-log    shutting down, reason=shutdown\n");
}

#define AT(time)          "{\"time\":\"2026-11-23T02:" time "Z\",\"source\":"
#define ASKED(time, what) AT(time) "\"request\"," what "}"
#define ANSWERED(time, message)                                                                    \
    AT(time)                                                                                       \
    "\"reply\",\"method\":\"agent\",\"ok\":false,\"code\":86,\"message\":\"" message "\""          \
    "}"
#define FIRST_STOP                                                                                 \
    ASKED("00:00.000000", "\"verb\":\"stop\"")                                                     \
    "," ASKED("00:00.000000", "\"method\":\"power-button\"") "," AT(                               \
        "00:00.100000") "\"qmp\",\"event\":\"POWERDOWN\"}"

/* Of a stop that was called off an hour before nothing is told, but how much that was. */
static void
test_evidence_of_past_requests(void)
{
    g_autoptr(json_object) asked = make_record(
        "guest-agent", "certain",
        "\"took_ms\":3200," REQUEST(
            "clean", "null", AGENT_STEP) ",\"evidence\":[" FIRST_STOP
                                         "," ASKED("09:57.000400", "\"method\":\"agent\"") "]");
    g_autoptr(json_object) unasked =
        make_record("guest-initiated", "certain", "\"request\":null,\"evidence\":[" FIRST_STOP "]");
    g_autofree char *one = vs_evidence_tell(asked), *none = vs_evidence_tell(unasked);

    g_assert_cmpstr(one, ==,
                    "  2026-11-23 02:09:57.000  request     agent\n"
                    "  3 lines about requests that had ended before are left out (--json=pretty "
                    "has them).\n");
    g_assert_cmpstr(none, ==,
                    "  2026-11-23 02:00:00.100  qmp         POWERDOWN\n"
                    "  2 lines about requests that had ended before are left out (--json=pretty "
                    "has them).\n");
}

/* The agent goes down with its system; one that wasn't there the first time is told as that. */
static void
test_evidence_of_missing_answer(void)
{
    g_autoptr(json_object) record = make_record(
        "guest-agent", "certain",
        "\"took_ms\":3200," REQUEST("clean", "null", AGENT_STEP) ",\"evidence\":[" ANSWERED(
            "09:57.000000", "not connected") "," ANSWERED("09:58.000000", "not responding") "]");
    g_autofree char *evidence = vs_evidence_tell(record);

    g_assert_cmpstr(evidence, ==,
                    "  2026-11-23 02:09:57.000  reply       agent: failed: not connected\n"
                    "  2026-11-23 02:09:58.000  reply       agent: no answer, for it went down "
                    "while answering (libvirt: not responding)\n");
}

static void
test_outcomes(void)
{
    for (int i = 0; i < VS_N_OUTCOMES; i++) {
        g_autofree char *text = vs_story_outcome(vs_outcome_name(i));

        g_assert_cmpstr(text, !=, "");
        g_assert_null(strstr(text, "came out as"));
    }
    g_autofree char *other = vs_story_outcome("abducted");
    g_assert_cmpstr(other, ==, "it came out as “abducted”");
}

#define ROOT "{\"pid\":4711,\"uid\":0,\"comm\":\"virsh\",\"login_uid\":0}"
#define ALICE                                                                                      \
    "{\"pid\":12,\"uid\":1000,\"user\":\"alice\",\"comm\":\"vi\\u001brt\",\"unit\":\"a.service\"}"
#define BOB "{\"address\":\"192.0.2.7:40312\",\"user\":\"bob\"}"
#define FAR "{\"address\":\"192.0.2.8:40312\"}"

/* Those who may have asked libvirt. */
static void
test_candidates(void)
{
    static const struct {
        const char *list, *said; /* NULL: nothing */
    } rows[] = {
        {"[]", NULL},
        {"{}", NULL},
        {"[" ROOT "]", "been root (virsh, pid 4711), connected to it at that moment."},
        {"[" ALICE "," BOB "]", "been alice (vi\\x1brt, pid 12, a.service) or bob at "
                                "192.0.2.7:40312: all were connected to it at that moment."},
        {"[" ROOT "," BOB "," FAR "]", "been root (virsh, pid 4711), bob at 192.0.2.7:40312 or "
                                       "somebody at 192.0.2.8:40312: all"},
        {"[" ROOT "," BOB "," FAR "," ALICE "," ALICE "]",
         "192.0.2.8:40312, or one of 2 more: all were connected to it at that moment."},
        {"[7]", "been somebody, connected"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *more = g_strdup_printf("\"candidates\":%s", rows[i].list);
        g_autoptr(json_object) record = make_record("destroyed", "certain", more);
        g_autofree char *story = vs_story_tell(record, false);

        g_test_message("%s", story);
        g_assert_cmpint(strstr(story, "may have been") != NULL, ==, rows[i].said != NULL);
        if (rows[i].said)
            g_assert_nonnull(strstr(story, rows[i].said));
    }
}

int
main(int argc, char **argv)
{
    g_setenv("TZ", "UTC", TRUE);
    vs_test_init(&argc, &argv);
    g_test_add_func("/story/causes", test_causes);
    g_test_add_func("/story/obeyed", test_obeyed);
    g_test_add_func("/story/human", test_human);
    g_test_add_func("/story/unfinished", test_unfinished);
    g_test_add_func("/story/destroyed", test_destroyed);
    g_test_add_func("/story/beside-request", test_beside_request);
    g_test_add_func("/story/beside-causes", test_beside_causes);
    g_test_add_func("/story/circumstances", test_circumstances);
    g_test_add_func("/story/doubt", test_doubt);
    g_test_add_func("/story/no-request", test_no_request);
    g_test_add_func("/story/window", test_window);
    g_test_add_func("/story/unknown", test_unknown);
    g_test_add_func("/story/short", test_short);
    g_test_add_func("/story/malformed", test_malformed);
    g_test_add_func("/story/hostile", test_hostile);
    g_test_add_func("/story/evidence", test_evidence);
    g_test_add_func("/story/evidence-of-past-requests", test_evidence_of_past_requests);
    g_test_add_func("/story/evidence-of-missing-answer", test_evidence_of_missing_answer);
    g_test_add_func("/story/outcomes", test_outcomes);
    g_test_add_func("/story/candidates", test_candidates);
    return g_test_run();
}
