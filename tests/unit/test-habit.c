/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/habit.h"

#include "vs-test.h"

/* How long a guest took before, out of its records. */

#define SEC INT64_C(1000000)

static void
take(VsHabit *habit, const char *text)
{
    g_autoptr(json_object) record = vs_json_parse_object(text, NULL);

    g_assert_nonnull(record);
    vs_habit_take(habit, record);
}

/* From the call of the step that it obeyed; where nobody asked us, from the press. */
static void
test_tells(void)
{
    VsHabit habit = {0};

    take(&habit, "{\"cause\":\"power-button\",\"took_ms\":70000,\"request\":null}");
    take(
        &habit,
        "{\"cause\":\"power-button\",\"took_ms\":130000,\"request\":{\"steps\":[{\"method\":"
        "\"agent\","
        "\"took_ms\":60000,\"result\":\"deadline\"},{\"method\":\"power-button\",\"took_ms\":71000,"
        "\"result\":\"clean\"}]}}");
    take(&habit, "{\"cause\":\"guest-agent\",\"took_ms\":90000,\"request\":{\"steps\":[{\"method\":"
                 "\"agent\",\"took_ms\":72000,\"result\":\"clean\"}]}}");
    g_assert_cmpuint(habit.n, ==, 3);
    g_assert_cmpint(habit.took[0], ==, 70 * SEC);
    g_assert_cmpint(habit.took[1], ==, 71 * SEC);
    g_assert_cmpint(habit.took[2], ==, 72 * SEC);

    /* Older ones don't matter. */
    take(&habit, "{\"cause\":\"power-button\",\"took_ms\":1000,\"request\":null}");
    g_assert_cmpuint(habit.n, ==, 3);
}

static void
test_tells_nothing(void)
{
    static const char *const records[] = {
        "{}",
        "{\"cause\":\"guest-initiated\",\"took_ms\":1500,\"request\":null}",
        "{\"cause\":\"guest-agent\",\"took_ms\":1500,\"request\":null}",
        "{\"cause\":\"power-button\",\"request\":null}",
        "{\"cause\":\"power-button\",\"took_ms\":1500,\"request\":{\"steps\":[]}}",
        "{\"cause\":\"power-button\",\"took_ms\":1500,\"request\":{\"steps\":[1]}}",
        "{\"cause\":\"power-button\",\"took_ms\":1500,\"request\":{\"steps\":[{\"took_ms\":1500,"
        "\"result\":\"cancelled\"}]}}",
        "{\"cause\":\"destroyed\",\"took_ms\":1500,\"request\":{\"steps\":[{\"took_ms\":1500,"
        "\"result\":\"clean\"}]}}",
    };
    VsHabit habit = {0};

    for (size_t i = 0; i < G_N_ELEMENTS(records); i++) {
        take(&habit, records[i]);
        g_assert_cmpuint(habit.n, ==, 0);
    }
}

/* About as long, and each time. */
static void
test_fits(void)
{
    VsHabit habit = {.n = 3, .took = {60 * SEC, 66 * SEC, 70 * SEC}};

    g_assert_true(vs_habit_fits(&habit, 65 * SEC));
    g_assert_true(vs_habit_fits(&habit, 90 * SEC));
    g_assert_false(vs_habit_fits(&habit, 91 * SEC));
    g_assert_true(vs_habit_fits(&habit, 47 * SEC));
    g_assert_false(vs_habit_fits(&habit, 46 * SEC));
    habit.took[1] = 20 * SEC;
    g_assert_false(vs_habit_fits(&habit, 65 * SEC));
    habit = (VsHabit){.n = 2, .took = {65 * SEC, 65 * SEC}};
    g_assert_false(vs_habit_fits(&habit, 65 * SEC));
    habit = (VsHabit){.n = 3, .took = {INT64_MAX, INT64_MAX, INT64_MAX}};
    g_assert_true(vs_habit_fits(&habit, INT64_MAX));
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/habit/tells", test_tells);
    g_test_add_func("/habit/tells-nothing", test_tells_nothing);
    g_test_add_func("/habit/fits", test_fits);
    return g_test_run();
}
