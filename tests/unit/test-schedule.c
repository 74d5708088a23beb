/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "schedule/check.h"
#include "schedule/schedule.h"

#include <string.h>

#include "util/error.h"
#include "util/span.h"
#include "vs-test.h"

#define SEC VS_USEC_PER_SEC

/* What the golden cases don't show: the calls themselves, long hosts, and the check's message. */

static VsSection *
add_section(VsPolicy *policy, const char *glob, const char *before)
{
    g_autofree char *where = g_strdup_printf("virtstop.conf:%u", policy->sections->len + 1);
    VsSection *section = vs_section_new(glob, where);

    g_strfreev(section->before);
    section->before = g_strsplit(before, " ", -1);
    g_ptr_array_add(policy->sections, section);
    return section;
}

static void
test_calls(void)
{
    static const VsScheduleGuest guests[] = {
        {"b", 60 * SEC, 20 * SEC}, {"a", 60 * SEC, 20 * SEC}, {"c", 60 * SEC, 20 * SEC}};
    g_autoptr(VsSchedule) schedule = NULL;
    VsPolicy policy;

    vs_policy_init(&policy);
    add_section(&policy, "a", "b");
    schedule = vs_schedule_new(&policy, guests, G_N_ELEMENTS(guests));
    vs_policy_clear(&policy); /* it is needed no longer */

    g_assert_cmpuint(vs_schedule_cycles(schedule)->len, ==, 0);
    g_assert_cmpuint(vs_schedule_n_left(schedule), ==, 3);
    g_assert_false(vs_schedule_is_asked(schedule, 1));
    g_assert_cmpint(vs_schedule_waits_for(schedule, 0), ==, 1);
    g_assert_cmpint(vs_schedule_next(schedule), ==, 1);
    g_assert_true(vs_schedule_is_asked(schedule, 1));
    g_assert_cmpint(vs_schedule_next(schedule), ==, 2);
    g_assert_cmpint(vs_schedule_next(schedule), ==, -1);

    vs_schedule_done(schedule, 1);
    vs_schedule_done(schedule, 1);
    g_assert_true(vs_schedule_is_done(schedule, 1));
    g_assert_cmpuint(vs_schedule_n_left(schedule), ==, 2);
    g_assert_cmpint(vs_schedule_waits_for(schedule, 0), ==, -1);
    vs_schedule_take(schedule, 0);
    vs_schedule_take(schedule, 0);
    g_assert_cmpint(vs_schedule_next(schedule), ==, -1);
    vs_schedule_done(schedule, 0);
    vs_schedule_take(schedule, 0);
    vs_schedule_done(schedule, 2);
    g_assert_cmpuint(vs_schedule_n_left(schedule), ==, 0);
}

/* No time overflows, whatever the ladders and what is left. */
static void
test_extremes(void)
{
    static const int64_t times[] = {INT64_MIN, -1, 0, 1, INT64_MAX / 2, INT64_MAX - 1, INT64_MAX};
    VsPolicy policy;

    vs_policy_init(&policy);
    add_section(&policy, "a", "b");
    for (unsigned i = 0; i < 343; i++) {
        VsScheduleGuest guests[] = {{"a", times[i % 7], times[i / 7 % 7]},
                                    {"b", times[i % 7], times[i / 7 % 7]},
                                    {"c", 60 * SEC, 20 * SEC}};
        g_autoptr(VsSchedule) schedule = NULL;

        policy.max_parallel = i % 3;
        schedule = vs_schedule_new(&policy, guests, G_N_ELEMENTS(guests));
        g_assert_cmpint(vs_schedule_longest(schedule), >=, 0);
        while (vs_schedule_n_left(schedule) > 0) {
            int next = vs_schedule_next(schedule);
            int64_t allowed, left = times[i / 49];

            g_assert_cmpint(next, >=, 0);
            allowed = vs_schedule_allow(schedule, (unsigned)next, left);
            g_assert_cmpint(allowed, >=, 0);
            g_assert_cmpint(allowed, <=, MAX(left, 0));
            vs_schedule_done(schedule, (unsigned)next);
        }
    }
    vs_policy_clear(&policy);
}

/* A section for each of 10,000 guests, before three others each: in order where @circle isn't set.
 * With room for eight, and not all the time that they want. */
static void
go_down(bool circle)
{
    enum { N = 10000 };
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autofree VsScheduleGuest *guests = g_new(VsScheduleGuest, N);
    g_autoptr(GRand) chance = g_rand_new_with_seed(1);
    g_autoptr(VsSchedule) schedule = NULL;
    g_autoptr(GQueue) asked = g_queue_new();
    VsPolicy policy;
    int64_t began;

    vs_policy_init(&policy);
    policy.max_parallel = 8;
    for (int i = 0; i < N; i++) {
        g_autofree char *before = i == N - 1 ? g_strdup(circle ? "guest-0" : "@nobody")
                                             : g_strdup_printf("guest-%d guest-%d guest-%d", i + 1,
                                                               g_rand_int_range(chance, i + 1, N),
                                                               g_rand_int_range(chance, i + 1, N));

        g_ptr_array_add(names, g_strdup_printf("guest-%d", i));
        guests[i] = (VsScheduleGuest){names->pdata[i], 180 * SEC, 60 * SEC};
        add_section(&policy, names->pdata[i], before);
    }

    began = g_get_monotonic_time();
    schedule = vs_schedule_new(&policy, guests, N);
    g_assert_cmpuint(vs_schedule_cycles(schedule)->len, ==, circle);
    while (vs_schedule_n_left(schedule) > 0) {
        for (int i = vs_schedule_next(schedule); i >= 0; i = vs_schedule_next(schedule)) {
            vs_schedule_allow(schedule, (unsigned)i, 3600 * SEC);
            g_queue_push_tail(asked, GINT_TO_POINTER(i));
        }
        g_assert_cmpuint(asked->length, ==, MIN(circle ? 8 : 1, vs_schedule_n_left(schedule)));
        vs_schedule_done(schedule, GPOINTER_TO_UINT(g_queue_pop_head(asked)));
    }
    /* Some 20 ms. What would be quadratic takes minutes. */
    g_assert_cmpint(g_get_monotonic_time() - began, <, 5 * SEC);
    vs_policy_clear(&policy);
}

static void
test_ten_thousand(void)
{
    go_down(false);
    go_down(true);
}

static void
test_check_message(void)
{
    g_autoptr(GError) error = NULL;
    VsPolicy policy;

    vs_policy_init(&policy);
    g_assert_true(vs_schedule_check(&policy, NULL));
    add_section(&policy, "x", "web-1");
    g_assert_true(vs_schedule_check(&policy, NULL));
    add_section(&policy, "web-*", "db-*");
    add_section(&policy, "db-*", "cache web-1");
    g_assert_false(vs_schedule_check(&policy, &error));
    g_assert_error(error, VS_ERROR, VS_ERROR_INVALID);
    g_assert_cmpstr(error->message, ==,
                    "virtstop.conf:3: the order of going down goes round in a circle: “db-* before "
                    "web-1 before db-*” (allowed: Before= and After= that lead from no guest back "
                    "to itself)");
    vs_policy_clear(&policy);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/schedule/calls", test_calls);
    g_test_add_func("/schedule/extremes", test_extremes);
    g_test_add_func("/schedule/ten-thousand", test_ten_thousand);
    g_test_add_func("/schedule/check-message", test_check_message);
    return g_test_run();
}
