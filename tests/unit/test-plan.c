/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <string.h>

#include "core/plan.h"
#include "util/span.h"
#include "vs-test.h"

#define SEC VS_USEC_PER_SEC

static VsPlanGuest
guest(unsigned i, const char *name, int64_t median)
{
    static const uint8_t seed[16] = {9};
    VsPlanGuest guest = {.median = median};

    guest.info.domain.uri = (char *)"qemu:///system";
    guest.info.domain.name = (char *)name;
    guest.info.domain.id = (int)i + 1;
    guest.info.domain.uuid = vs_uuid_derive(seed, i);
    guest.info.state = VS_STATE_RUNNING;
    guest.info.agent = VS_AGENT_NONE;
    guest.info.persistent = true;
    return guest;
}

static VsSection *
add_section(VsPolicy *policy, const char *glob, const char *before)
{
    VsSection *section = vs_section_new(glob, "test:1");

    g_strfreev(section->before);
    section->before = g_strsplit(before, " ", -1);
    g_ptr_array_add(policy->sections, section);
    return section;
}

static int64_t
number(json_object *object, const char *key)
{
    int64_t value = -1;

    vs_json_int(object, key, &value);
    return value;
}

static json_object *
nth(json_object *plan, size_t i)
{
    return json_object_array_get_idx(vs_json_array(plan, "guests"), i);
}

static void
test_order(void)
{
    VsPlanGuest guests[] = {guest(0, "db", 4 * SEC), guest(1, "web", 10 * SEC), guest(2, "new", 0)};
    json_object *plan, *step;
    VsPolicy policy;

    vs_policy_init(&policy);
    add_section(&policy, "web", "db");
    plan = vs_plan_make(&policy, guests, G_N_ELEMENTS(guests), 0);
    g_assert_cmpuint(json_object_array_length(vs_json_array(plan, "guests")), ==, 3);

    g_assert_cmpstr(vs_json_string(nth(plan, 1), "name", ""), ==, "new");
    g_assert_cmpint(number(nth(plan, 1), "took_ms"), ==, 120 * 1000 - 1);
    g_assert_false(vs_json_bool(nth(plan, 1), "forced", true));
    g_assert_cmpstr(vs_json_string(nth(plan, 0), "name", ""), ==, "web");
    g_assert_cmpint(number(nth(plan, 0), "took_ms"), ==, 10 * 1000);
    g_assert_cmpstr(vs_json_string(nth(plan, 2), "name", ""), ==, "db");
    g_assert_cmpint(number(nth(plan, 2), "start_ms"), ==, 10 * 1000);
    g_assert_cmpstr(vs_json_string(nth(plan, 2), "waits_for", ""), ==, "web");
    g_assert_cmpint(number(nth(plan, 2), "worst_ms"), ==, 2 * (120 + 15) * 1000);
    g_assert_cmpint(number(plan, "worst_ms"), ==, 2 * (120 + 15) * 1000);
    step = json_object_array_get_idx(vs_json_array(nth(plan, 2), "steps"), 1);
    g_assert_cmpstr(vs_json_string(step, "method", ""), ==, "power-button");
    g_assert_cmpint(number(step, "start_ms"), ==, 10 * 1000);
    g_assert_cmpint(number(step, "took_ms"), ==, 4 * 1000);
    json_object_put(plan);
    vs_policy_clear(&policy);
}

/* What would be forced by a shorter budget. */
static void
test_budget(void)
{
    VsPlanGuest guests[] = {guest(0, "quick", 3 * SEC), guest(1, "slow", 100 * SEC)};
    json_object *plan;
    VsPolicy policy;

    vs_policy_init(&policy);
    plan = vs_plan_make(&policy, guests, G_N_ELEMENTS(guests), 45 * SEC);
    g_assert_cmpint(number(plan, "budget_ms"), ==, 45 * 1000);
    g_assert_cmpint(number(plan, "worst_ms"), <=, 45 * 1000);
    g_assert_cmpstr(vs_json_string(nth(plan, 0), "outcome", ""), ==, "clean");
    g_assert_cmpstr(vs_json_string(nth(plan, 1), "name", ""), ==, "slow");
    g_assert_true(vs_json_bool(nth(plan, 1), "forced", false));
    g_assert_cmpint(number(nth(plan, 1), "took_ms"), ==, 31 * 1000); /* 45 - 15, and a second */
    json_object_put(plan);
    vs_policy_clear(&policy);
}

static void
test_none(void)
{
    json_object *plan;
    VsPolicy policy;

    vs_policy_init(&policy);
    plan = vs_plan_make(&policy, NULL, 0, 0);
    g_assert_cmpint(number(plan, "total_ms"), ==, 0);
    g_assert_cmpuint(json_object_array_length(vs_json_array(plan, "guests")), ==, 0);
    json_object_put(plan);
    vs_policy_clear(&policy);
}

/* A ladder without end has no worst case that could be told. */
static void
test_endless(void)
{
    VsPlanGuest guests[] = {guest(0, "patient", 3 * SEC)};
    json_object *plan;
    VsPolicy policy;

    vs_policy_init(&policy);
    g_assert_true(vs_ladder_parse("power-button:infinity leave", &policy.all.ladder, NULL));
    plan = vs_plan_make(&policy, guests, 1, 0);
    g_assert_null(vs_json_object(plan, "budget_ms"));
    g_assert_cmpint(number(nth(plan, 0), "took_ms"), ==, 3 * 1000);
    json_object_put(plan);
    vs_policy_clear(&policy);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/plan/order", test_order);
    g_test_add_func("/plan/budget", test_budget);
    g_test_add_func("/plan/none", test_none);
    g_test_add_func("/plan/endless", test_endless);
    return g_test_run();
}
