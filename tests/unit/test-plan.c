/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <string.h>

#include "rehearsal/durations.h"
#include "rehearsal/plan.h"
#include "util/span.h"
#include "util/wallclock.h"
#include "vs-test.h"

#define SEC VS_USEC_PER_SEC

/* Whatever it was asked, it took that long; 0: it never was stopped. */
static void
set_past(VsPlanGuest *guest, int64_t took, int64_t longest)
{
    guest->past = (VsPast){.median = took, .longest = longest, .n_stops = took > 0};
    for (VsMethod method = 0; took > 0 && method < VS_METHOD_TERMINATE; method++)
        guest->past.answers[method] =
            (VsAnswer){1, {took, took, took}, {longest, longest, longest}, 0};
}

/* One whose past stops all took that long; 0: it never was stopped. */
static VsPlanGuest
guest(unsigned i, const char *name, int64_t took)
{
    static const uint8_t seed[16] = {9};
    VsPlanGuest guest = {0};

    set_past(&guest, took, took);
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
    g_assert_cmpint(number(nth(plan, 1), "took_ms"), ==, 121 * 1000); /* nobody saw it obey */
    g_assert_cmpint(number(nth(plan, 1), "soonest_ms"), ==, 0);
    g_assert_cmpstr(vs_json_string(nth(plan, 1), "outcome", ""), ==, "unknown");
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
    assert_guest(nth(plan, 0), "first", "unknown", "power-button=-");
    g_assert_cmpint(number(nth(plan, 0), "start_ms"), ==, 0);
    g_assert_true(is_null(nth(plan, 0), "took_ms"));
    assert_guest(nth(plan, 1), "third", "clean", "power-button=went down");
    assert_guest(nth(plan, 2), "second", "unknown", "");
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
    assert_guest(nth(plan, 1), "new", "unknown",
                 "resume=resumed agent=deadline power-button=deadline destroy=forced");
    g_assert_cmpint(number(nth(plan, 1), "took_ms"), ==, 181 * 1000);
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
    set_past(&guests[0], 4 * SEC, 9 * SEC);
    set_past(&guests[1], 10 * SEC, 100 * SEC);
    plan = vs_plan_make(&policy, guests, G_N_ELEMENTS(guests), 0, false);
    g_assert_cmpint(number(plan, "total_ms"), ==, 61 * 1000);
    g_assert_cmpint(number(plan, "soonest_ms"), ==, 14 * 1000);
    g_assert_cmpint(number(plan, "slowest_ms"), ==, (61 + 9) * 1000);
    g_assert_cmpint(number(plan, "worst_ms"), ==, 2 * 75 * 1000);
    g_assert_cmpint(number(nth(plan, 0), "median_ms"), ==, 10 * 1000);
    g_assert_cmpint(number(nth(plan, 0), "longest_ms"), ==, 100 * 1000);
    g_assert_cmpint(number(nth(plan, 0), "slowest_ms"), ==, 61 * 1000);
    g_assert_cmpstr(vs_json_string(nth(plan, 0), "slowest_outcome", ""), ==, "forced");
    g_assert_cmpstr(vs_json_string(nth(plan, 0), "outcome", ""), ==, "clean");
    g_assert_true(is_null(nth(plan, 1), "median_ms") && is_null(nth(plan, 1), "longest_ms"));
    g_assert_cmpint(number(nth(plan, 1), "slowest_ms"), ==, 61 * 1000);
    g_assert_cmpstr(vs_json_string(nth(plan, 1), "slowest_outcome", ""), ==, "unknown");
    g_assert_cmpint(number(nth(plan, 2), "slowest_ms"), ==, 70 * 1000);
    json_object_put(plan);

    plan = vs_plan_make(&policy, guests + 2, 1, 0, false);
    g_assert_cmpint(number(plan, "slowest_ms"), ==, 61 * 1000);
    g_assert_cmpint(number(nth(plan, 0), "slowest_ms"), ==, 61 * 1000);
    json_object_put(plan);
    vs_policy_clear(&policy);
}

/* Nobody has seen it obey, whatever time it would have. */
static void
test_unknown(void)
{
    static const int64_t budgets[] = {1000,     3 * SEC,  5 * SEC,   20 * SEC,
                                      30 * SEC, 60 * SEC, 300 * SEC, 0};
    VsPlanGuest guests[] = {guest(0, "new", 0)};
    VsPolicy policy;

    policy_init(&policy, "power-button:20s,press=2,gap=1s agent:60s destroy");
    for (unsigned i = 0; i < G_N_ELEMENTS(budgets); i++) {
        json_object *plan = vs_plan_make(&policy, guests, 1, budgets[i], false);

        g_assert_cmpstr(vs_json_string(nth(plan, 0), "outcome", ""), ==, "unknown");
        g_assert_cmpstr(vs_json_string(nth(plan, 0), "slowest_outcome", ""), ==, "unknown");
        g_assert_false(vs_json_bool(nth(plan, 0), "forced", true));
        json_object_put(plan);
    }

    /* But what it can't even be asked for. */
    g_assert_true(vs_ladder_parse("destroy", &policy.all.ladder, NULL));
    g_autoptr(json_object) plan = vs_plan_make(&policy, guests, 1, 0, false);
    assert_guest(nth(plan, 0), "new", "forced", "destroy=forced");
    vs_policy_clear(&policy);
}

/* Forced in all its stops: expected again, but where it has more time than it ever had in vain. */
static void
test_forced(void)
{
    VsPlanGuest guests[] = {guest(0, "deaf", 0)};
    json_object *plan;
    VsPolicy policy;

    guests[0].past.n_stops = 3;
    guests[0].past.answers[VS_METHOD_POWER_BUTTON] =
        (VsAnswer){3,
                   {26 * SEC, VS_USEC_INFINITY, VS_USEC_INFINITY},
                   {26 * SEC, VS_USEC_INFINITY, VS_USEC_INFINITY},
                   0};
    guests[0].past.answers[VS_METHOD_DESTROY] =
        (VsAnswer){3, {SEC / 2, SEC / 2, SEC / 2}, {SEC, SEC, SEC}, 0};
    policy_init(&policy, "power-button:20s destroy");
    plan = vs_plan_make(&policy, guests, 1, 0, false);
    assert_guest(nth(plan, 0), "deaf", "forced", "power-button=deadline destroy=forced");
    g_assert_cmpint(number(nth(plan, 0), "took_ms"), ==, 20 * 1000 + 500);
    g_assert_cmpstr(vs_json_string(nth(plan, 0), "slowest_outcome", ""), ==, "forced");
    g_assert_cmpint(number(nth(plan, 0), "slowest_ms"), ==, 21 * 1000);
    json_object_put(plan);

    g_assert_true(vs_ladder_parse("power-button:60s destroy", &policy.all.ladder, NULL));
    plan = vs_plan_make(&policy, guests, 1, 30 * SEC, false);
    assert_guest(nth(plan, 0), "deaf", "forced", "power-button=deadline destroy=forced");
    json_object_put(plan);
    plan = vs_plan_make(&policy, guests, 1, 0, false);
    assert_guest(nth(plan, 0), "deaf", "unknown", "power-button=deadline destroy=forced");
    g_assert_cmpint(number(nth(plan, 0), "soonest_ms"), ==, 26 * 1000);
    json_object_put(plan);
    vs_policy_clear(&policy);
}

/* It only ever went down when the button was pressed after the agent was asked: was that slow, or
 * deaf to its agent? */
static void
test_slow_or_deaf(void)
{
    VsPlanGuest guests[] = {guest(0, "slow", 0)};
    json_object *plan;
    VsPolicy policy;

    guests[0].info.description.agent = VS_AGENT_CONNECTED;
    guests[0].past.answers[VS_METHOD_AGENT] =
        (VsAnswer){1,
                   {70 * SEC, VS_USEC_INFINITY, VS_USEC_INFINITY},
                   {70 * SEC, VS_USEC_INFINITY, VS_USEC_INFINITY},
                   0};
    guests[0].past.answers[VS_METHOD_POWER_BUTTON] =
        (VsAnswer){1, {10 * SEC, 10 * SEC, 70 * SEC}, {10 * SEC, 10 * SEC, 70 * SEC}, 0};
    vs_policy_init(&policy);
    plan = vs_plan_make(&policy, guests, 1, 0, false);
    assert_guest(nth(plan, 0), "slow", "clean", "agent=deadline power-button=went down");
    g_assert_cmpint(number(plan, "total_ms"), ==, 70 * 1000);
    json_object_put(plan);

    /* 20 s, and 40 s. */
    plan = vs_plan_make(&policy, guests, 1, 75 * SEC, false);
    assert_guest(nth(plan, 0), "slow", "unknown",
                 "agent=deadline power-button=deadline destroy=forced");
    g_assert_cmpint(number(plan, "soonest_ms"), ==, 30 * 1000);
    json_object_put(plan);
    vs_policy_clear(&policy);
}

/* libvirt takes its time before it says that the agent doesn't answer, and does again. */
static void
test_refused(void)
{
    VsPlanGuest guests[] = {guest(0, "mute", 2 * SEC)};
    json_object *plan;
    VsPolicy policy;

    guests[0].info.description.agent = VS_AGENT_CONNECTED;
    guests[0].past.answers[VS_METHOD_AGENT] = (VsAnswer){.refused = 5 * SEC};
    guests[0].past.answers[VS_METHOD_POWER_BUTTON].usual.whole = 7 * SEC;
    vs_policy_init(&policy);
    plan = vs_plan_make(&policy, guests, 1, 0, false);
    assert_guest(nth(plan, 0), "mute", "clean", "agent=refused, as before power-button=went down");
    g_assert_cmpint(number(plan, "total_ms"), ==, 7 * 1000);
    json_object_put(plan);
    vs_policy_clear(&policy);
}

/* Who comes out worse for want of time, and how much would do. */
static void
test_short(void)
{
    VsPlanGuest guests[] = {guest(0, "quick", 3 * SEC), guest(1, "slow", 100 * SEC),
                            guest(2, "new", 0)};
    g_autoptr(json_object) shorter = NULL, enough = NULL, ample = NULL;
    VsPolicy policy;

    vs_policy_init(&policy);
    shorter = vs_plan_make(&policy, guests, G_N_ELEMENTS(guests), 45 * SEC, false);
    for (unsigned i = 0; i < G_N_ELEMENTS(guests); i++) {
        bool slow = g_str_equal(vs_json_string(nth(shorter, i), "name", ""), "slow");

        g_assert_true(vs_json_bool(nth(shorter, i), "cut_short", !slow) == slow);
        g_assert_cmpint(number(nth(shorter, i), "needs_ms"), ==, slow ? 100 * 1000 : -1);
    }
    g_assert_cmpint(number(shorter, "needed_ms"), >, 115 * 1000);
    g_assert_cmpint(number(shorter, "needed_ms"), <=, 118 * 1000);

    enough = vs_plan_make(&policy, guests, G_N_ELEMENTS(guests),
                          number(shorter, "needed_ms") * 1000, false);
    g_assert_cmpstr(vs_json_string(nth(enough, 1), "outcome", ""), ==, "clean");
    g_assert_true(is_null(enough, "needed_ms"));
    ample = vs_plan_make(&policy, guests, G_N_ELEMENTS(guests), 0, false);
    g_assert_true(is_null(ample, "needed_ms"));
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

#define ASKED   "agent@0=went_down"
#define WAITING ""

/* "agent@0=deadline/20000 power-button@20000=went down" (in vain for so many ms) */
static json_object *
steps_json(const char *text, int64_t began)
{
    json_object *steps = json_object_new_array();
    g_auto(GStrv) words = g_strsplit(text, " ", -1);

    for (char **word = words; *word && **word; word++) {
        g_auto(GStrv) parts = g_strsplit_set(*word, "@=/", 4);
        json_object *step = json_object_new_object();
        g_autofree char *started =
            vs_wallclock_format(began + g_ascii_strtoll(parts[1], NULL, 10) * 1000);

        g_strdelimit(parts[2], "_", ' ');
        vs_json_set_string(step, "method", parts[0]);
        vs_json_set_string(step, "started", started);
        vs_json_set_int(step, "took_ms", parts[3] ? g_ascii_strtoll(parts[3], NULL, 10) : 0);
        vs_json_set_string(step, "result", parts[2]);
        json_object_array_add(steps, step);
    }
    return steps;
}

/* @steps: NULL: it wasn't this daemon that asked. */
static void
take_from(VsDuration *past, const char *uri, int64_t took_ms, const char *cause, const char *steps)
{
    static const int64_t began = INT64_C(1764000000) * SEC;
    g_autofree char *time = vs_wallclock_format(began + MIN(took_ms, 999999999) * 1000);
    g_autoptr(json_object) record = json_object_new_object();
    json_object *domain = json_object_new_object(), *request;

    vs_json_set_string(domain, "uuid", guest(0, "", 0).info.domain.uuid.text);
    vs_json_set(record, "domain", domain);
    vs_json_set_string(record, "uri", uri);
    vs_json_set_string(record, "time", time);
    vs_json_set_string(record, "cause", cause);
    vs_json_set_int(record, "took_ms", took_ms);
    if (steps) {
        request = json_object_new_object();
        vs_json_set(request, "steps", steps_json(steps, began));
        vs_json_set(record, "request", request);
    }
    vs_durations_take(past, record);
}

static void
take(VsDuration *past, int64_t took_ms, const char *cause, const char *steps)
{
    take_from(past, "qemu:///system", took_ms, cause, steps);
}

static void
assert_past(const VsDuration *past, const char *ladder_text, int64_t median, int64_t longest)
{
    VsPlanGuest asked = guest(0, "asked", 0);
    VsLadder ladder;

    g_assert_true(vs_ladder_parse(ladder_text, &ladder, NULL));
    vs_durations_tell(past, &asked.info.domain, &ladder, &asked.past);
    g_assert_cmpint(asked.past.median, ==, median * SEC);
    g_assert_cmpint(asked.past.longest, ==, longest * SEC);
}

/* What tells how long a guest takes to do what it is asked, and what doesn't. */
static void
test_past(void)
{
    g_autoptr(VsDuration) past = vs_durations_new();

    assert_past(past, "agent:60s destroy", 0, 0);
    take(past, 60000, "destroyed", "agent@0=forced");
    take(past, 61000, "host-signal", "agent@0=forced");
    take(past, 62000, "guest-reboot", ASKED);
    take(past, 63000, "migrated", "agent@0=migrated");
    take(past, 64000, "guest-initiated", NULL); /* nobody asked */
    take(past, 65000, "guest-initiated", WAITING);
    take(past, 66000, "power-button", WAITING);
    take(past, 67000, "saved", NULL);
    take_from(past, "qemu:///session", 68000, "guest-agent", ASKED); /* another guest */
    take(past, 0, "guest-agent", ASKED);
    take(past, INT64_MAX, "guest-agent", ASKED);
    assert_past(past, "agent:60s save:60s destroy", 0, 0);

    take(past, 9000, "power-button", NULL); /* virsh shutdown */
    take(past, 4000, "guest-agent", ASKED);
    take(past, 5000, "guest-initiated", ASKED);
    assert_past(past, "agent:60s destroy", 5, 9);

    take(past, 30000, "saved", "save@0=saved");
    take(past, 20000, "saved", "save@0=saved");
    assert_past(past, "agent:60s power-button:60s destroy", 5, 9);
    assert_past(past, "save:60s destroy", 30, 30);
    assert_past(past, "agent:60s save:60s destroy", 9, 30);
    assert_past(past, "destroy", 0, 0);
}

/* What is known of @method, s; 0: it never does. */
static void
assert_answer(const VsDuration *past, VsMethod method, unsigned n, double least, double most,
              double whole)
{
    VsPlanGuest asked = guest(0, "asked", 0);
    const VsAnswer *answer = &asked.past.answers[method];
    VsLadder ladder;

    g_assert_true(vs_ladder_parse(VS_LADDER_DEFAULT, &ladder, NULL));
    vs_durations_tell(past, &asked.info.domain, &ladder, &asked.past);
    g_assert_cmpuint(answer->n, ==, n);
    g_assert_cmpint(answer->usual.least, ==, least > 0 ? (int64_t)(least * SEC) : VS_USEC_INFINITY);
    g_assert_cmpint(answer->usual.most, ==, most > 0 ? (int64_t)(most * SEC) : VS_USEC_INFINITY);
    g_assert_cmpint(answer->usual.whole, ==, whole > 0 ? (int64_t)(whole * SEC) : VS_USEC_INFINITY);
}

/* One whose agent's request was in vain, or for which it went down so late: nobody knows. */
static void
test_past_steps(void)
{
    g_autoptr(VsDuration) past = vs_durations_new();

    take(past, 23000, "power-button", "agent@0=deadline/20000 power-button@20000=went_down");
    assert_answer(past, VS_METHOD_AGENT, 1, 23, 0, 0);
    assert_answer(past, VS_METHOD_POWER_BUTTON, 1, 3, 3, 23);
}

/* Hooks and a resume come again, and count; a step that was passed over doesn't. */
static void
test_past_before(void)
{
    g_autoptr(VsDuration) past = vs_durations_new();

    take(past, 18000, "power-button",
         "resume@5000=resumed/2000 agent@7000=no_agent_channel power-button@7000=went_down");
    assert_answer(past, VS_METHOD_POWER_BUTTON, 1, 18, 18, 18);
}

/* Forced: it never did so until the deadline, and isn't expected to; once it has, or where it was
 * cut short, it is known to need longer than it had, a little more than that included. */
static void
test_past_forced(void)
{
    g_autoptr(VsDuration) past = vs_durations_new();

    for (unsigned i = 0; i < 2; i++)
        take(past, 12500, "destroyed", "power-button@0=deadline/12000 destroy@12000=forced");
    assert_answer(past, VS_METHOD_POWER_BUTTON, 2, 0, 0, 0);
    assert_answer(past, VS_METHOD_DESTROY, 2, 0.5, 0.5, 12.5);
    for (unsigned i = 0; i < 3; i++)
        take(past, 4000, "power-button", "power-button@0=went_down");
    assert_answer(past, VS_METHOD_POWER_BUTTON, 5, 4, 4, 4);
    take(past, 12500, "destroyed", "power-button@0=deadline/12000 destroy@12000=forced");
    take(past, 12500, "destroyed", "power-button@0=budget/12000 destroy@12000=forced");
    assert_answer(past, VS_METHOD_POWER_BUTTON, 7, 4, 4, 4);
    take(past, 12500, "destroyed", "power-button@0=escalated/12000 destroy@12000=forced");
    take(past, 12500, "destroyed", "power-button@0=rebooted/12000 destroy@12000=forced");
    assert_answer(past, VS_METHOD_POWER_BUTTON, 9, 16, 0, 0); /* of the last five */
}

static void
test_past_cut(void)
{
    g_autoptr(VsDuration) past = vs_durations_new();

    take(past, 12500, "destroyed", "power-button@0=budget/12000 destroy@12000=forced");
    assert_answer(past, VS_METHOD_POWER_BUTTON, 1, 16, 0, 0);
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
    g_test_add_func("/plan/forced", test_forced);
    g_test_add_func("/plan/slow-or-deaf", test_slow_or_deaf);
    g_test_add_func("/plan/refused", test_refused);
    g_test_add_func("/plan/short", test_short);
    g_test_add_func("/plan/saved", test_saved);
    g_test_add_func("/plan/past", test_past);
    g_test_add_func("/plan/past-steps", test_past_steps);
    g_test_add_func("/plan/past-before", test_past_before);
    g_test_add_func("/plan/past-forced", test_past_forced);
    g_test_add_func("/plan/past-cut", test_past_cut);
    g_test_add_func("/plan/hooks", test_hooks);
    g_test_add_func("/plan/hooks-budget", test_hooks_budget);
    return g_test_run();
}
