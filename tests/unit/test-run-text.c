/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/run-text.h"

#include "vs-test.h"

/* A run as it is kept over a restart of virtstopd: nothing is lost, and what somebody else wrote
 * into the file does no harm. */

#define SCHEMA 2

#define ID "\"id\":\"11111111-2222-4333-8444-555555555501\",\"evidence\":[]"

#define ASKED(by, at)                                                                              \
    "{\"by\":\"" by                                                                                \
    "\",\"doubtful\":true,\"heard\":true,\"again\":true,\"cut_at\":1,\"awake\":true,\"at\":" at    \
    ",\"expires\":99}"

/* All that can be known, though never of one run. */
static const char whole[] =
    "{\"id\":\"11111111-2222-4333-8444-555555555501\",\"alive_at\":1000,"
    "\"evidence\":[{\"time\":\"2026-11-28T10:00:00.000000Z\",\"source\":\"libvirt\"}],"
    "\"dropped\":7,\"shutdown\":\"host-signal\",\"shutdown_exact\":true,\"first_sign\":11,"
    "\"agent\":" ASKED("virtstopd", "1") ",\"button\":" ASKED(
        "libvirt",
        "2") ","
             "\"others\":" ASKED("somebody", "3") ",\"request\":" ASKED(
                 "virtstopd",
                 "4") ","
                      "\"press_told\":true,\"port_closed\":true,\"dead\":true,\"port_closed_at\":"
                      "12,"
                      "\"panicked\":true,\"destroy_called\":true,\"terminated\":true,\"reaped\":"
                      "true,\"kept\":true,"
                      "\"watchdog\":3,\"watchdog_at\":13,"
                      "\"circumstances\":{\"hibernated\":true},"
                      "\"reboot\":{\"down\":true,\"off\":true,\"ends\":true,\"exact\":true,\"press_"
                      "told\":true,"
                      "\"agent\":" ASKED("virtstopd", "5") ",\"button\":" ASKED(
                          "somebody",
                          "6") ","
                               "\"request\":" ASKED(
                                   "virtstopd",
                                   "7") ",\"at\":14},"
                                        "\"has_qmp\":true,\"agent_seen\":true,\"gap_at\":15,\"deaf_"
                                        "at\":16,"
                                        "\"absence\":{\"who\":\"libvirt\",\"since\":17},\"found_"
                                        "at\":18,"
                                        "\"past_request\":{\"outcome\":\"cancelled\"},"
                                        "\"process\":{\"signal\":\"SIGKILL\",\"oom\":\"counted\"},"
                                        "\"end\":{\"phase\":\"ended\",\"until\":19,\"stopped\":5,"
                                        "\"state\":5,\"reason\":3,\"real\":20,"
                                        "\"mono\":21}}";

/* Of an attempt of which nothing is known yet. */
static const char bare[] =
    "{" ID ",\"alive_at\":0,\"dropped\":0,\"shutdown\":\"none\",\"shutdown_exact\":false,"
    "\"first_sign\":0,\"agent\":null,\"button\":null,\"others\":null,\"request\":null,"
    "\"press_told\":false,\"port_closed\":false,\"dead\":false,\"port_closed_at\":0,"
    "\"panicked\":false,\"destroy_called\":false,\"terminated\":false,\"reaped\":false,"
    "\"kept\":false,\"watchdog\":0,\"watchdog_at\":0,\"circumstances\":null,\"reboot\":null,"
    "\"has_qmp\":false,\"agent_seen\":false,\"gap_at\":0,\"deaf_at\":0,\"absence\":null,"
    "\"found_at\":0,\"past_request\":null,\"process\":null,\"end\":null}";

static VsRun *
read_run(const char *text, int64_t schema, GError **error)
{
    g_autoptr(json_object) object = vs_json_parse_object(text, NULL);

    g_assert_nonnull(object);
    return vs_run_from_json(object, schema, error);
}

/* What is written again of it. */
static json_object *
again(const char *text)
{
    g_autoptr(GError) error = NULL;
    VsRun *run = read_run(text, SCHEMA, &error);
    json_object *object;

    g_assert_no_error(error);
    object = vs_run_to_json(run);
    vs_run_free(run);
    return object;
}

/* Each member of @expected is in @object, and the same. */
static void
expect_members(json_object *expected, json_object *object)
{
    json_object_object_foreach(expected, key, value)
    {
        json_object *other = NULL;

        if (!json_object_object_get_ex(object, key, &other))
            g_error("%s is lost", key);
        if (json_object_is_type(value, json_type_object))
            expect_members(value, other);
        else if (!json_object_equal(value, other))
            g_error("%s: %s became %s", key, vs_json_line(value), vs_json_line(other));
    }
}

static void
expect_kept(const char *text)
{
    g_autoptr(json_object) expected = vs_json_parse_object(text, NULL), object = again(text);

    g_assert_nonnull(expected);
    expect_members(expected, object);
}

static void
test_kept(void)
{
    expect_kept(whole);
    expect_kept(bare);
}

/* Each word there is. */
static void
test_words(void)
{
    static const char *const words[][9] = {
        {"shutdown", "none", "guest", "guest-reset", "guest-panic", "host-signal", "host-quit",
         "host-error", "host"},
        {"phase", "missed", "ended", "reading-log"},
        {"by", "somebody", "libvirt", "virtstopd"},
    };
    static const char *const forms[] = {
        "{" ID ",\"shutdown\":\"%s\"}",
        "{" ID ",\"shutdown\":\"none\",\"end\":{\"phase\":\"%s\",\"until\":1,\"stopped\":-1,"
        "\"state\":5,\"reason\":1,\"real\":1,\"mono\":0}}",
        "{" ID ",\"shutdown\":\"none\",\"others\":{\"by\":\"%s\",\"doubtful\":false,"
        "\"at\":0,\"expires\":1}}",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(forms); i++)
        for (size_t j = 1; j < G_N_ELEMENTS(words[i]) && words[i][j]; j++) {
            g_autofree char *text = g_strdup_printf(forms[i], words[i][j]);

            expect_kept(text);
        }
}

static void
expect_refused(const char *member)
{
    g_autofree char *text = g_strdup_printf("{" ID ",%s}", member);
    g_autoptr(GError) error = NULL;

    g_assert_null(read_run(text, SCHEMA, &error));
    g_assert_nonnull(error);
}

/* A word that this version doesn't know is an error, for what it means can't be guessed. */
static void
test_refused(void)
{
    g_autoptr(GError) error = NULL;

    expect_refused("\"shutdown\":\"by the cat\"");
    expect_refused("\"shutdown\":\"none\",\"agent\":{\"by\":\"the cat\",\"at\":1,\"expires\":2}");
    expect_refused("\"shutdown\":\"none\",\"button\":{\"by\":\"the cat\",\"at\":1,\"expires\":2}");
    expect_refused("\"shutdown\":\"none\",\"others\":{\"by\":\"the cat\",\"at\":1,\"expires\":2}");
    expect_refused("\"shutdown\":\"none\",\"request\":{\"by\":\"the cat\",\"at\":1,\"expires\":2}");
    expect_refused("\"shutdown\":\"none\",\"reboot\":{\"at\":1,\"agent\":{\"by\":\"the cat\"}}");
    expect_refused("\"shutdown\":\"none\",\"end\":{\"phase\":\"done\",\"stopped\":-1,\"state\":5,"
                   "\"reason\":1,\"real\":1,\"mono\":1}");
    g_assert_null(read_run("{\"id\":\"none\",\"evidence\":[]}", SCHEMA, &error));
    g_assert_cmpstr(error->message, ==, "its run has no id, or no evidence");
    g_clear_error(&error);
    g_assert_null(read_run("{\"id\":\"11111111-2222-4333-8444-555555555501\"}", SCHEMA, &error));
    g_assert_cmpstr(error->message, ==, "its run has no id, or no evidence");
}

/* A number that can't be is as none; what was asked without its times, and an end without what it
 * was, are nothing. */
static void
test_bounded(void)
{
    static const char *const bad[] = {
        "{" ID ",\"shutdown\":\"none\",\"dropped\":-1,\"first_sign\":-1,\"watchdog\":-1,"
        "\"watchdog_at\":-1,\"gap_at\":-1,\"deaf_at\":-1,\"found_at\":-1}",
        "{" ID ",\"shutdown\":\"none\",\"agent\":{\"by\":\"virtstopd\",\"expires\":2}}",
        "{" ID ",\"shutdown\":\"none\",\"agent\":{\"by\":\"virtstopd\",\"at\":2}}",
        "{" ID ",\"shutdown\":\"none\",\"agent\":{\"by\":\"virtstopd\",\"at\":-1,\"expires\":2}}",
        "{" ID ",\"shutdown\":\"none\",\"reboot\":{\"down\":true,\"at\":0}}",
        "{" ID ",\"shutdown\":\"none\",\"reboot\":{\"down\":true,\"at\":-1}}",
        "{" ID ",\"shutdown\":\"none\",\"end\":{\"phase\":\"ended\",\"stopped\":-1,\"state\":5,"
        "\"reason\":1,\"real\":1,\"mono\":-1}}",
        "{" ID ",\"shutdown\":\"none\",\"end\":{\"phase\":\"ended\",\"stopped\":-1,\"state\":5,"
        "\"reason\":1,\"real\":1}}",
        "{" ID ",\"shutdown\":\"none\",\"end\":{\"phase\":\"ended\",\"stopped\":-1,\"state\":5,"
        "\"reason\":1,\"mono\":1}}",
        "{" ID ",\"shutdown\":\"none\",\"end\":{\"phase\":\"ended\",\"state\":5,\"reason\":1,"
        "\"real\":1,\"mono\":1}}",
        "{" ID ",\"shutdown\":\"none\",\"end\":{\"phase\":\"ended\",\"stopped\":-1,\"reason\":1,"
        "\"real\":1,\"mono\":1}}",
        "{" ID ",\"shutdown\":\"none\",\"end\":{\"phase\":\"ended\",\"stopped\":-1,\"state\":5,"
        "\"real\":1,\"mono\":1}}",
    };
    g_autoptr(json_object) expected = vs_json_parse_object(bare, NULL);

    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(json_object) object = again(bad[i]);

        expect_members(expected, object);
    }
}

/* What an older version didn't know yet was not so. */
static void
test_missing(void)
{
    g_autoptr(json_object) object =
        again("{" ID ",\"shutdown\":\"none\",\"reboot\":{\"at\":14},"
              "\"others\":{\"by\":\"somebody\",\"at\":1,\"expires\":2}}");
    g_autoptr(json_object) expected = vs_json_parse_object(
        "{\"reboot\":{\"down\":false,\"off\":false,\"ends\":false,\"exact\":false,"
        "\"press_told\":false,\"agent\":null,\"button\":null,\"request\":null,\"at\":14},"
        "\"others\":{\"by\":\"somebody\",\"doubtful\":false,\"at\":1,\"expires\":2}}",
        NULL);

    expect_members(expected, object);
}

static void
test_too_large(void)
{
    g_autoptr(json_object) object =
        again("{" ID ",\"shutdown\":\"none\",\"watchdog\":99,\"dropped\":99999999999,"
              "\"end\":{\"phase\":\"ended\",\"until\":-5,\"stopped\":-1,\"state\":5,\"reason\":1,"
              "\"real\":1,"
              "\"mono\":1}}");
    int64_t number;

    g_assert_true(vs_json_int(object, "watchdog", &number));
    g_assert_cmpint(number, ==, VS_WATCHDOG_INJECTNMI);
    g_assert_true(vs_json_int(object, "dropped", &number));
    g_assert_cmpint(number, ==, G_MAXINT);
    g_assert_true(vs_json_int(vs_json_object(object, "end"), "until", &number));
    g_assert_cmpint(number, ==, 0);
}

/* An answer that is still to come is told to nobody any more: the record waits for none. */
static void
test_candidates(void)
{
    VsRun *run = read_run("{" ID ",\"shutdown\":\"none\",\"candidates_asked\":7}", SCHEMA, NULL);

    g_assert_cmpint(run->candidates_asked, ==, 7);
    g_assert_cmpint(run->candidates_at, ==, 7);
    g_assert_null(run->candidates);
    vs_run_free(run);
    expect_kept("{" ID ",\"shutdown\":\"none\",\"candidates_asked\":7,\"candidates_at\":9,"
                "\"candidates\":[{\"pid\":5}]}");
    expect_kept("{" ID ",\"shutdown\":\"none\",\"candidates_asked\":0,\"candidates_at\":0}");
}

/* An older version wrote false where it wasn't known. */
static void
test_heard(void)
{
    static const struct {
        const char *text;
        VsHeard heard;
    } cases[] = {
        {"\"heard\":true", VS_HEARD_YES},        {"\"heard\":false", VS_HEARD_PERHAPS},
        {"\"unheard\":true", VS_HEARD_NO},       {"\"unheard\":false", VS_HEARD_PERHAPS},
        {"\"doubtful\":true", VS_HEARD_PERHAPS},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = g_strdup_printf(
            "{" ID ",\"shutdown\":\"none\",\"agent\":{\"by\":\"virtstopd\",\"at\":1,"
            "\"expires\":2,%s}}",
            cases[i].text);
        g_autoptr(json_object) object = NULL;
        VsRun *run = read_run(text, SCHEMA, NULL), *kept;

        g_assert_cmpint(run->agent.heard, ==, cases[i].heard);
        object = vs_run_to_json(run);
        kept = vs_run_from_json(object, SCHEMA, NULL);
        g_assert_cmpint(kept->agent.heard, ==, cases[i].heard);
        vs_run_free(kept);
        vs_run_free(run);
    }
}

/* What the first version wrote. */
static void
test_schema_1(void)
{
    VsRun *run = read_run("{" ID ",\"shutdown\":4,\"agent\":{\"own\":true,\"at\":1,\"expires\":2},"
                          "\"button\":{\"at\":1,\"expires\":2},\"end\":{\"phase\":1,\"stopped\":-1,"
                          "\"state\":5,\"reason\":1,\"real\":1,\"mono\":1}}",
                          1, NULL);

    g_assert_cmpint(run->shutdown, ==, VS_SHUTDOWN_REASON_HOST_SIGNAL);
    g_assert_cmpint(run->agent.by, ==, VS_ASKED_BY_US);
    g_assert_cmpint(run->button.by, ==, VS_ASKED_BY_SOMEBODY);
    g_assert_cmpint(run->phase, ==, VS_RUN_READING);
    vs_run_free(run);
    run = read_run("{" ID ",\"shutdown\":99}", 1, NULL);
    g_assert_cmpint(run->shutdown, ==, VS_SHUTDOWN_REASON_HOST);
    vs_run_free(run);
    run = read_run("{" ID ",\"shutdown\":-1}", 1, NULL);
    g_assert_cmpint(run->shutdown, ==, VS_SHUTDOWN_REASON_NONE);
    vs_run_free(run);
}

/* Evidence that is none is left out, and the rest stays. */
static void
test_evidence(void)
{
    g_autoptr(json_object) object =
        again("{\"id\":\"11111111-2222-4333-8444-555555555501\",\"shutdown\":\"none\","
              "\"evidence\":[1,null,{\"source\":\"libvirt\"},\"x\",[]]}");

    g_assert_cmpstr(vs_json_line(vs_json_array(object, "evidence")), ==,
                    "[{\"source\":\"libvirt\"}]");
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/run-text/kept", test_kept);
    g_test_add_func("/run-text/words", test_words);
    g_test_add_func("/run-text/refused", test_refused);
    g_test_add_func("/run-text/bounded", test_bounded);
    g_test_add_func("/run-text/missing", test_missing);
    g_test_add_func("/run-text/too-large", test_too_large);
    g_test_add_func("/run-text/candidates", test_candidates);
    g_test_add_func("/run-text/heard", test_heard);
    g_test_add_func("/run-text/schema-1", test_schema_1);
    g_test_add_func("/run-text/evidence", test_evidence);
    return g_test_run();
}
