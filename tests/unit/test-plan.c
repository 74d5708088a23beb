/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <string.h>

#include "rehearsal/durations.h"
#include "rehearsal/plan.h"
#include "util/span.h"
#include "vs-test.h"

#define SEC VS_USEC_PER_SEC

/* One whose past stops all took that long; 0: it never was stopped. */
static VsPlanGuest
guest(unsigned i, const char *name, int64_t took)
{
    static const uint8_t seed[16] = {9};
    VsPlanGuest guest = {.median = took, .longest = took};

    guest.info.domain.uri = (char *)"qemu:///system";
    guest.info.domain.name = (char *)name;
    guest.info.domain.id = (int)i + 1;
    guest.info.domain.uuid = vs_uuid_derive(seed, i);
    guest.info.state = VS_STATE_RUNNING;
    guest.info.description.agent = VS_AGENT_NONE;
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

static bool
is_null(json_object *object, const char *key)
{
    json_object *value = NULL;

    return json_object_object_get_ex(object, key, &value) && !value;
}

static void
policy_init(VsPolicy *policy, const char *ladder)
{
    vs_policy_init(policy);
    g_assert_true(vs_ladder_parse(ladder, &policy->all.ladder, NULL));
}

static void
set_ladder(VsSection *section, const char *ladder)
{
    section->says |= VS_POLICY_LADDER;
    g_assert_true(vs_ladder_parse(ladder, &section->policy.ladder, NULL));
}

/* "agent=no agent channel power-button=went down" */
static char *
steps_of(json_object *guest)
{
    json_object *steps = vs_json_array(guest, "steps");
    GString *text = g_string_new(NULL);

    for (size_t i = 0; i < json_object_array_length(steps); i++) {
        json_object *step = json_object_array_get_idx(steps, i);

        g_string_append_printf(text, "%s%s=%s", i > 0 ? " " : "",
                               vs_json_string(step, "method", ""),
                               vs_json_string(step, "result", "-"));
    }
    return g_string_free(text, FALSE);
}

static void
assert_guest(json_object *guest, const char *name, const char *outcome, const char *steps)
{
    g_autofree char *taken = steps_of(guest);

    g_assert_cmpstr(vs_json_string(guest, "name", ""), ==, name);
    g_assert_cmpstr(vs_json_string(guest, "outcome", ""), ==, outcome);
    g_assert_cmpstr(taken, ==, steps);
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
    plan = vs_plan_make(&policy, guests, G_N_ELEMENTS(guests), 0, false);
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
    plan = vs_plan_make(&policy, guests, G_N_ELEMENTS(guests), 45 * SEC, false);
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
    plan = vs_plan_make(&policy, NULL, 0, 0, false);
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

    policy_init(&policy, "power-button:infinity leave");
    plan = vs_plan_make(&policy, guests, 1, 0, false);
    g_assert_true(is_null(plan, "budget_ms"));
    g_assert_cmpint(number(plan, "total_ms"), ==, 3 * 1000);
    g_assert_true(is_null(plan, "worst_ms"));
    g_assert_cmpint(number(plan, "slowest_ms"), ==, 3 * 1000);
    g_assert_cmpint(number(nth(plan, 0), "took_ms"), ==, 3 * 1000);
    g_assert_true(is_null(nth(plan, 0), "worst_ms"));
    json_object_put(plan);

    plan = vs_plan_make(&policy, guests, 1, 60 * SEC, false);
    g_assert_cmpint(number(plan, "worst_ms"), ==, 60 * 1000);
    json_object_put(plan);
    vs_policy_clear(&policy);
}

/* Nor can it be said when one goes down that never was stopped, or who waits for it. */
static void
test_endless_unknown(void)
{
    VsPlanGuest guests[] = {guest(0, "first", 0), guest(1, "second", 2 * SEC),
                            guest(2, "third", 2 * SEC)};
    json_object *plan;
    VsPolicy policy;

    policy_init(&policy, "power-button:infinity leave");
    add_section(&policy, "first", "second");
    plan = vs_plan_make(&policy, guests, G_N_ELEMENTS(guests), 0, false);
    g_assert_true(is_null(plan, "total_ms"));
    assert_guest(nth(plan, 0), "first", "in-flight", "power-button=-");
    g_assert_cmpint(number(nth(plan, 0), "start_ms"), ==, 0);
    g_assert_true(is_null(nth(plan, 0), "took_ms"));
    assert_guest(nth(plan, 1), "third", "clean", "power-button=went down");
    assert_guest(nth(plan, 2), "second", "in-flight", "");
    g_assert_true(is_null(nth(plan, 2), "start_ms"));
    g_assert_true(is_null(nth(plan, 2), "took_ms"));
    json_object_put(plan);
    vs_policy_clear(&policy);
}

/* What is left running has its time, too: it is asked when its turn comes, and then given up. */
static void
test_left(void)
{
    VsPlanGuest guests[] = {guest(0, "web", 10 * SEC), guest(1, "slow", 100 * SEC),
                            guest(2, "kept", 5 * SEC)};
    json_object *plan;
    VsPolicy policy;

    policy_init(&policy, "power-button:30s leave");
    add_section(&policy, "web", "slow kept");
    set_ladder(add_section(&policy, "kept", ""), "leave");
    plan = vs_plan_make(&policy, guests, G_N_ELEMENTS(guests), 0, false);
    g_assert_cmpint(number(plan, "total_ms"), ==, 40 * 1000);
    assert_guest(nth(plan, 0), "web", "clean", "power-button=went down");
    assert_guest(nth(plan, 1), "slow", "timed-out", "power-button=deadline");
    g_assert_false(vs_json_bool(nth(plan, 1), "forced", true));
    g_assert_cmpstr(vs_json_string(nth(plan, 1), "waits_for", ""), ==, "web");
    g_assert_cmpint(number(nth(plan, 1), "start_ms"), ==, 10 * 1000);
    g_assert_cmpint(number(nth(plan, 1), "took_ms"), ==, 30 * 1000);
    assert_guest(nth(plan, 2), "kept", "timed-out", "");
    g_assert_cmpint(number(nth(plan, 2), "start_ms"), ==, 10 * 1000);
    g_assert_cmpint(number(nth(plan, 2), "took_ms"), ==, 0);
    json_object_put(plan);
    vs_policy_clear(&policy);
}

/* What was given up may go down while others are waited for: it was left running all the same. One
 * that was forced, and is forgotten by libvirt, has no life any more that could end. */
static void
test_late(void)
{
    VsPlanGuest guests[] = {guest(0, "left", 20 * SEC), guest(1, "gone", 20 * SEC),
                            guest(2, "long", 60 * SEC)};
    json_object *plan;
    VsPolicy policy;

    policy_init(&policy, "power-button:90s destroy");
    set_ladder(add_section(&policy, "left", ""), "power-button:10s leave");
    set_ladder(add_section(&policy, "gone", ""), "power-button:10s destroy");
    guests[1].info.persistent = false;
    plan = vs_plan_make(&policy, guests, G_N_ELEMENTS(guests), 0, false);
    assert_guest(nth(plan, 0), "left", "timed-out", "power-button=deadline");
    g_assert_cmpint(number(nth(plan, 0), "took_ms"), ==, 10 * 1000);
    assert_guest(nth(plan, 1), "gone", "forced", "power-button=deadline destroy=forced");
    assert_guest(nth(plan, 2), "long", "clean", "power-button=went down");
    g_assert_cmpint(number(plan, "total_ms"), ==, 60 * 1000);
    json_object_put(plan);
    vs_policy_clear(&policy);
}

/* It is let run, and then takes what it always took; at worst it runs at last, and does nothing. */
static void
test_paused(void)
{
    VsPlanGuest guests[] = {guest(0, "known", 4 * SEC), guest(1, "new", 0)};
    json_object *plan;
    VsPolicy policy;

    policy_init(&policy, "agent:60s power-button:120s destroy");
    guests[0].info.state = guests[1].info.state = VS_STATE_PAUSED;
    guests[1].info.description.agent = VS_AGENT_CONNECTED;
    plan = vs_plan_make(&policy, guests, G_N_ELEMENTS(guests), 0, false);
    assert_guest(nth(plan, 0), "known", "clean",
                 "resume=resumed agent=no agent channel power-button=went down");
    g_assert_cmpint(number(nth(plan, 0), "took_ms"), ==, 4 * 1000);
    g_assert_cmpint(number(nth(plan, 0), "worst_ms"), ==, (10 + 120 + 15) * 1000 - 1);
    assert_guest(nth(plan, 1), "new", "clean",
                 "resume=resumed agent=deadline power-button=went down");
    g_assert_cmpint(number(nth(plan, 1), "took_ms"), ==, 180 * 1000 - 1);
    json_object_put(plan);

    policy.all.paused = VS_PAUSED_LEAVE;
    plan = vs_plan_make(&policy, guests, 1, 0, false);
    assert_guest(nth(plan, 0), "known", "timed-out",
                 "agent=the domain is paused power-button=the domain is paused");
    json_object_put(plan);
    vs_policy_clear(&policy);
}

/* Between what is expected and the worst. Where none ever was slower, it is what is expected. */
static void
test_slowest(void)
{
    VsPlanGuest guests[] = {guest(0, "db", 4 * SEC), guest(1, "web", 10 * SEC), guest(2, "new", 0)};
    json_object *plan;
    VsPolicy policy;

    policy_init(&policy, "power-button:60s destroy");
    add_section(&policy, "web", "db");
    guests[0].longest = 9 * SEC;
    guests[1].longest = 100 * SEC;
    plan = vs_plan_make(&policy, guests, G_N_ELEMENTS(guests), 0, false);
    g_assert_cmpint(number(plan, "total_ms"), ==, 60 * 1000 - 1);
    g_assert_cmpint(number(plan, "slowest_ms"), ==, (61 + 9) * 1000);
    g_assert_cmpint(number(plan, "worst_ms"), ==, 2 * 75 * 1000);
    g_assert_cmpint(number(nth(plan, 0), "median_ms"), ==, 10 * 1000);
    g_assert_cmpint(number(nth(plan, 0), "longest_ms"), ==, 100 * 1000);
    g_assert_cmpint(number(nth(plan, 0), "slowest_ms"), ==, 61 * 1000);
    g_assert_cmpstr(vs_json_string(nth(plan, 0), "slowest_outcome", ""), ==, "forced");
    g_assert_cmpstr(vs_json_string(nth(plan, 0), "outcome", ""), ==, "clean");
    g_assert_true(is_null(nth(plan, 1), "median_ms") && is_null(nth(plan, 1), "longest_ms"));
    g_assert_cmpint(number(nth(plan, 1), "slowest_ms"), ==, 60 * 1000 - 1);
    g_assert_cmpstr(vs_json_string(nth(plan, 1), "slowest_outcome", ""), ==, "clean");
    g_assert_cmpint(number(nth(plan, 2), "slowest_ms"), ==, 70 * 1000);
    json_object_put(plan);

    plan = vs_plan_make(&policy, guests + 2, 1, 0, false);
    g_assert_cmpint(number(plan, "slowest_ms"), ==, 60 * 1000 - 1);
    g_assert_cmpint(number(nth(plan, 0), "slowest_ms"), ==, 60 * 1000 - 1);
    json_object_put(plan);
    vs_policy_clear(&policy);
}

/* The last moment is that of the last step that can work. */
static void
test_unknown(void)
{
    VsPlanGuest guests[] = {guest(0, "new", 0)};
    json_object *plan;
    VsPolicy policy;

    policy_init(&policy, "power-button:20s,press=2,gap=1s agent:60s destroy");
    plan = vs_plan_make(&policy, guests, 1, 0, false);
    assert_guest(nth(plan, 0), "new", "clean", "power-button=went down");
    g_assert_cmpint(number(plan, "total_ms"), ==, 20 * 1000 - 1);
    json_object_put(plan);
    vs_policy_clear(&policy);
}

static void
test_saved(void)
{
    VsPlanGuest guests[] = {guest(0, "kept", 8 * SEC)};
    json_object *plan;
    VsPolicy policy;

    policy_init(&policy, "save:60s destroy");
    guests[0].info.state = VS_STATE_PAUSED;
    plan = vs_plan_make(&policy, guests, 1, 0, false);
    assert_guest(nth(plan, 0), "kept", "clean", "save=clean");
    g_assert_cmpint(number(plan, "total_ms"), ==, 8 * 1000);
    json_object_put(plan);
    vs_policy_clear(&policy);
}

#define ASKED   "{\"steps\":[{\"method\":\"agent\"}]}"
#define WAITING "{\"steps\":[]}"

static void
take(VsDuration *past, const char *uri, int64_t took_ms, const char *cause, const char *request)
{
    g_autofree char *text = g_strdup_printf(
        "{\"uri\":\"%s\",\"domain\":{\"uuid\":\"%s\"},\"cause\":\"%s\",\"took_ms\":%" PRId64
        ",\"request\":%s}",
        uri, guest(0, "", 0).info.domain.uuid.text, cause, took_ms, request);
    g_autoptr(json_object) record = vs_json_parse_object(text, NULL);

    g_assert_nonnull(record);
    vs_durations_take(past, record);
}

static void
assert_past(const VsDuration *past, const char *ladder_text, int64_t median, int64_t longest)
{
    VsPlanGuest asked = guest(0, "asked", 0);
    VsLadder ladder;

    g_assert_true(vs_ladder_parse(ladder_text, &ladder, NULL));
    g_assert_true(vs_durations_tell(past, &asked.info.domain, &ladder, &asked.median,
                                    &asked.longest) == (longest > 0));
    g_assert_cmpint(asked.median, ==, median * SEC);
    g_assert_cmpint(asked.longest, ==, longest * SEC);
}

/* What tells how long a guest takes to do what it is asked, and what doesn't. */
static void
test_past(void)
{
    g_autoptr(VsDuration) past = vs_durations_new();

    assert_past(past, "agent:60s destroy", 0, 0);
    take(past, "qemu:///system", 60000, "destroyed", ASKED);
    take(past, "qemu:///system", 61000, "host-signal", ASKED);
    take(past, "qemu:///system", 62000, "guest-reboot", ASKED);
    take(past, "qemu:///system", 63000, "migrated", ASKED);
    take(past, "qemu:///system", 64000, "guest-initiated", "null"); /* nobody asked */
    take(past, "qemu:///system", 65000, "guest-initiated", WAITING);
    take(past, "qemu:///system", 66000, "power-button", WAITING);
    take(past, "qemu:///system", 67000, "saved", "null");
    take(past, "qemu:///session", 68000, "guest-agent", ASKED); /* another guest */
    take(past, "qemu:///system", 0, "guest-agent", ASKED);
    take(past, "qemu:///system", INT64_MAX, "guest-agent", ASKED);
    assert_past(past, "agent:60s save:60s destroy", 0, 0);

    take(past, "qemu:///system", 9000, "power-button", "null"); /* virsh shutdown */
    take(past, "qemu:///system", 4000, "guest-agent", ASKED);
    take(past, "qemu:///system", 5000, "guest-initiated", ASKED);
    assert_past(past, "agent:60s destroy", 5, 9);

    take(past, "qemu:///system", 30000, "saved", ASKED);
    take(past, "qemu:///system", 20000, "saved", ASKED);
    assert_past(past, "agent:60s power-button:60s destroy", 5, 9);
    assert_past(past, "save:60s destroy", 30, 30);
    assert_past(past, "agent:60s save:60s destroy", 9, 30);
    assert_past(past, "destroy", 0, 0);
}

/* Programs that take all their time before the first step: in the worst case only. */
static void
test_hooks(void)
{
    VsPlanGuest guests[] = {guest(0, "web1", 5 * SEC), guest(1, "db1", 0)};
    g_autoptr(json_object) without = NULL, with = NULL, none = NULL;
    VsPolicy policy;

    policy_init(&policy, "power-button:60s destroy");
    policy.hook_timeout = 20 * SEC;
    without = vs_plan_make(&policy, guests, G_N_ELEMENTS(guests), 0, false);
    with = vs_plan_make(&policy, guests, G_N_ELEMENTS(guests), 0, true);
    g_assert_true(is_null(without, "hooks_ms"));
    g_assert_cmpint(number(with, "hooks_ms"), ==, 20000);
    g_assert_cmpint(number(with, "total_ms"), ==, number(without, "total_ms"));
    g_assert_cmpint(number(with, "slowest_ms"), ==, number(without, "slowest_ms"));
    g_assert_cmpint(number(with, "worst_ms") - number(without, "worst_ms"), >=, 20000);
    g_assert_cmpint(number(with, "worst_ms") - number(without, "worst_ms"), <=, 21000);
    policy.hook_timeout = 0;
    none = vs_plan_make(&policy, guests, G_N_ELEMENTS(guests), 0, true);
    g_assert_cmpint(number(none, "worst_ms"), ==, number(without, "worst_ms"));
    vs_policy_clear(&policy);
}

/* They are a part of the budget, which holds. */
static void
test_hooks_budget(void)
{
    VsPlanGuest one = guest(0, "web1", 5 * SEC);
    g_autoptr(json_object) plan = NULL;
    VsPolicy policy;

    policy_init(&policy, "power-button:60s destroy");
    policy.hook_timeout = 20 * SEC;
    plan = vs_plan_make(&policy, &one, 1, 60 * SEC, true);
    g_assert_cmpint(number(plan, "worst_ms"), <=, 60000);
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
    g_test_add_func("/plan/endless-unknown", test_endless_unknown);
    g_test_add_func("/plan/left", test_left);
    g_test_add_func("/plan/late", test_late);
    g_test_add_func("/plan/paused", test_paused);
    g_test_add_func("/plan/slowest", test_slowest);
    g_test_add_func("/plan/unknown", test_unknown);
    g_test_add_func("/plan/saved", test_saved);
    g_test_add_func("/plan/past", test_past);
    g_test_add_func("/plan/hooks", test_hooks);
    g_test_add_func("/plan/hooks-budget", test_hooks_budget);
    return g_test_run();
}
