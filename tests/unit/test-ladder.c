/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/ladder.h"

#include <string.h>

#include "core/labels.h"
#include "util/error.h"
#include "util/span.h"
#include "vs-test.h"

#define SEC VS_USEC_PER_SEC

static VsLadder
parse(const char *text)
{
    g_autoptr(GError) error = NULL;
    VsLadder ladder = {0};

    vs_test_note(text);
    vs_ladder_parse(text, &ladder, &error);
    g_assert_no_error(error);
    return ladder;
}

static void
test_default(void)
{
    VsDomainId domain = {.uri = (char *)"qemu:///system", .name = (char *)"web"};
    VsPolicy policy;
    VsGuestPolicy own;

    vs_policy_init(&policy);
    vs_labels_resolve(&policy, &domain, NULL, &own);
    g_assert_cmpint(policy.all.paused, ==, VS_PAUSED_RESUME);
    g_assert_cmpuint(own.ladder.n_steps, ==, 3);
    g_assert_cmpint(own.ladder.steps[0].method, ==, VS_METHOD_AGENT);
    g_assert_cmpint(own.ladder.steps[0].span, ==, 60 * SEC);
    g_assert_cmpint(own.ladder.steps[1].method, ==, VS_METHOD_POWER_BUTTON);
    g_assert_cmpint(own.ladder.steps[1].span, ==, 120 * SEC);
    g_assert_cmpuint(own.ladder.steps[1].presses, ==, 1);
    g_assert_cmpint(own.ladder.steps[2].method, ==, VS_METHOD_DESTROY);
    g_assert_cmpint(vs_ladder_total(&own.ladder), ==, 180 * SEC + VS_DESTROY_RESERVE);
    vs_policy_clear(&policy);
}

/* What is written is read back as it was. */
static void
test_round_trip(void)
{
    static const struct {
        const char *text, *formatted;
    } cases[] = {
        {"destroy", "destroy"},
        {"leave", "leave"},
        {"agent", "agent:1min"},
        {" \t agent:90s\n\nleave ", "agent:1min30s leave"},
        {"power-button", "power-button:2min"},
        {"power-button:5min,press=2,gap=500ms leave", "power-button:5min,press=2,gap=500ms leave"},
        {"power-button:1h,gap=3s,press=100", "power-button:1h,press=100,gap=3s"},
        {"power-button:10,press=2", "power-button:10s,press=2,gap=1s"},
        {"agent:1us power-button:infinity destroy", "agent:1us power-button:infinity destroy"},
        {"agent:10s agent:20s destroy", "agent:10s agent:20s destroy"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        VsLadder ladder = parse(cases[i].text), again;
        g_autofree char *formatted = vs_ladder_format(&ladder);
        g_autofree char *twice = NULL;

        g_assert_cmpstr(formatted, ==, cases[i].formatted);
        again = parse(formatted);
        twice = vs_ladder_format(&again);
        g_assert_cmpstr(twice, ==, formatted);
        g_assert_cmpint(vs_ladder_total(&again), ==, vs_ladder_total(&ladder));
    }
}

/* Each error names the step that is wrong, what is wrong with it, and what is allowed. */
static void
test_errors(void)
{
    static const struct {
        const char *text, *step, *what;
    } cases[] = {
        {"", "“”", "at least"},
        {"  \n", "“”", "at least"},
        {"bazooka", "“bazooka”", "no such step"},
        {"Agent", "“Agent”", "no such step"},
        {"agent:60s bazooka:1s destroy", "“bazooka:1s”", "no such step"},
        {"resume", "“resume”", "no such step"},
        {"agent:", "“agent:”", "time span"},
        {"agent:soon", "“agent:soon”", "soon"},
        {"agent:-5s", "“agent:-5s”", "-5s"},
        {"agent:0", "“agent:0”", "no time at all"},
        {"agent:0s", "“agent:0s”", "no time at all"},
        {"destroy:5s", "“destroy:5s”", "takes no span"},
        {"leave:5s", "“leave:5s”", "takes no span"},
        {"agent:5s,press=2", "“agent:5s,press=2”", "only power-button"},
        {"destroy,press=2", "“destroy,press=2”", "only power-button"},
        {"power-button:5s,press=0", "“power-button:5s,press=0”", "1 to 100"},
        {"power-button:5s,press=101", "“power-button:5s,press=101”", "1 to 100"},
        {"power-button:5s,press=two", "“power-button:5s,press=two”", "1 to 100"},
        {"power-button:5s,press=", "“power-button:5s,press=”", "1 to 100"},
        {"power-button:5s,gap=x", "“power-button:5s,gap=x”", "“x”"},
        {"power-button:5s,hard=1", "“power-button:5s,hard=1”", "no such option"},
        {"power-button:5s,", "“power-button:5s,”", "no such option"},
        {"destroy agent:5s", "“agent:5s”", "nothing can follow"},
        {"leave leave", "“leave”", "nothing can follow"},
        {"agent\x1b[31m", "“agent\\x1b[31m”", "no such step"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        VsLadder ladder = {.n_steps = 77};

        vs_test_note(cases[i].text);
        g_assert_false(vs_ladder_parse(cases[i].text, &ladder, &error));
        g_assert_error(error, VS_ERROR, VS_ERROR_INVALID);
        g_assert_nonnull(strstr(error->message, cases[i].step));
        g_assert_nonnull(strstr(error->message, cases[i].what));
        g_assert_nonnull(strstr(error->message, "allowed: STEP[:SPAN]"));
        g_assert_cmpuint(ladder.n_steps, ==, 77);
    }
}

static void
test_too_long(void)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    VsLadder ladder;

    for (int i = 0; i < VS_LADDER_MAX_STEPS; i++)
        g_string_append(text, "agent:1s ");
    parse(text->str);
    g_string_append(text, "destroy");
    g_assert_false(vs_ladder_parse(text->str, &ladder, &error));
    g_assert_nonnull(strstr(error->message, "at most 16 steps"));
}

static void
check_fit(const char *text, int64_t budget, const char *fitted)
{
    VsLadder ladder = parse(text);
    g_autofree char *formatted = NULL;

    vs_ladder_fit(&ladder, budget);
    formatted = vs_ladder_format(&ladder);
    g_assert_cmpstr(formatted, ==, fitted);
}

static void
test_fit(void)
{
    /* It fits already. */
    check_fit("agent:60s power-button:120s destroy", 195 * SEC,
              "agent:1min power-button:2min "
              "destroy");
    check_fit("agent:60s destroy", 3600 * SEC, "agent:1min destroy");
    check_fit("agent:60s leave", 60 * SEC, "agent:1min leave");
    check_fit("destroy", 1, "destroy");
    check_fit("leave", 0, "leave");

    /* In proportion, with 15 s kept back for the destroy. */
    check_fit("agent:60s power-button:120s destroy", 75 * SEC,
              "agent:20s power-button:40s destroy");
    check_fit("agent:60s power-button:120s leave", 90 * SEC, "agent:30s power-button:1min leave");
    check_fit("agent:60s power-button:120s", 90 * SEC, "agent:30s power-button:1min");

    /* Less than a destroy takes: the guest still has half of it. */
    check_fit("agent:60s destroy", 10 * SEC, "agent:5s destroy");

    /* A step without an end takes its share, and no step gets longer than it was. */
    check_fit("power-button:infinity destroy", 75 * SEC, "power-button:1min destroy");
    check_fit("agent:50s power-button:infinity leave", 200 * SEC,
              "agent:40s power-button:2min40s "
              "leave");
}

static void
test_fit_within_budget(void)
{
    static const char *const ladders[] = {
        "agent:60s power-button:120s destroy",    "agent:7s power-button:13s leave",
        "agent:1us agent:2us agent:3us destroy",  "agent:infinity power-button:3s destroy",
        "agent:100000d power-button:1us destroy", "agent:infinity agent:infinity"};

    for (size_t i = 0; i < G_N_ELEMENTS(ladders); i++) {
        for (int64_t budget = 100; budget < INT64_C(1) << 60; budget = budget * 3 + 1) {
            VsLadder before = parse(ladders[i]), after = before;
            int64_t sum = 0;

            vs_ladder_fit(&after, budget);
            for (unsigned j = 0; j < after.n_steps; j++) {
                const VsStep *step = &after.steps[j];

                g_assert_cmpint(step->span, <=, before.steps[j].span);
                if (step->method == VS_METHOD_DESTROY || step->method == VS_METHOD_LEAVE)
                    break;
                g_assert_cmpint(step->span, >, 0);
                sum += step->span;
            }
            g_assert_cmpint(sum, <=, budget);
        }
    }
}

static void
test_total(void)
{
    VsLadder forever = parse("agent:infinity agent:infinity destroy");
    VsLadder gentle = parse("agent:10s power-button:20s leave");
    VsLadder hard = parse("destroy");

    g_assert_cmpint(vs_ladder_total(&forever), ==, VS_USEC_INFINITY);
    g_assert_cmpint(vs_ladder_total(&gentle), ==, 30 * SEC);
    g_assert_cmpint(vs_ladder_total(&hard), ==, VS_DESTROY_RESERVE);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/ladder/default", test_default);
    g_test_add_func("/ladder/round-trip", test_round_trip);
    g_test_add_func("/ladder/errors", test_errors);
    g_test_add_func("/ladder/too-long", test_too_long);
    g_test_add_func("/ladder/fit", test_fit);
    g_test_add_func("/ladder/fit-within-budget", test_fit_within_budget);
    g_test_add_func("/ladder/total", test_total);
    return g_test_run();
}
