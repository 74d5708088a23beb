/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>

#include "rehearsal/durations.h"
#include "rehearsal/plan.h"
#include "util/span.h"
#include "vs-test.h"

/* A longer budget is no worse: over hosts and pasts of all kinds. */

#define SEC VS_USEC_PER_SEC

#define MAX_GUESTS 8
#define N_BUDGETS  14

typedef struct World {
    GRand *random;
    VsPolicy policy;
    VsPlanGuest guests[MAX_GUESTS];
    char *names[MAX_GUESTS];
    unsigned n;
} World;

static const char *const ladders[] = {
    "agent:60s power-button:120s destroy",     "power-button:30s destroy",
    "power-button:10s,press=2,gap=2s destroy", "agent:20s power-button:10s leave",
    "save:60s power-button:20s destroy",       "agent:5s terminate:20s destroy",
    "power-button:infinity destroy",           "destroy",
};

static int
below(World *world, int n)
{
    return g_rand_int_range(world->random, 0, n);
}

static int64_t
some_time(World *world)
{
    return (int64_t)(g_rand_double_range(world->random, 0.05, 1) * (1 << below(world, 9)) * SEC);
}

/* Never seen; in vain so far; or it did, and may have been going down for what came before. */
static VsAnswerTime
random_time(World *world)
{
    int64_t took = some_time(world);

    if (below(world, 3) == 0)
        return (VsAnswerTime){took, VS_USEC_INFINITY, VS_USEC_INFINITY};
    return (VsAnswerTime){took, took, below(world, 3) > 0 ? took : took + some_time(world)};
}

static VsAnswer
random_answer(World *world)
{
    VsAnswer answer = {.n = 3, .usual = random_time(world)};

    answer.slowest = answer.usual;
    if (below(world, 8) == 0)
        answer.refused = some_time(world) / 4;
    return answer;
}

static void
add_guest(World *world, unsigned i)
{
    static const uint8_t seed[16] = {7};
    VsPlanGuest *guest = &world->guests[i];

    *guest = (VsPlanGuest){.info = {.state = VS_STATE_RUNNING, .persistent = true}};
    if (below(world, 10) == 0)
        guest->info.state = VS_STATE_PAUSED;
    world->names[i] = g_strdup_printf("g%u", i);
    guest->info.domain.uri = (char *)"qemu:///system";
    guest->info.domain.name = world->names[i];
    guest->info.domain.uuid = vs_uuid_derive(seed, i);
    guest->info.domain.id = (int)i + 1;
    guest->info.description.agent = below(world, 2) ? VS_AGENT_CONNECTED : VS_AGENT_NONE;
    for (VsMethod method = 0; method < VS_ANSWER_METHODS; method++)
        if (below(world, 4) > 0)
            guest->past.answers[method] = random_answer(world);
    for (VsMethod method = VS_METHOD_TERMINATE; method <= VS_METHOD_DESTROY; method++)
        guest->past.answers[method] = (VsAnswer){0};
}

static void
add_section(World *world, unsigned i)
{
    VsSection *section = vs_section_new(world->names[i], "test:1");

    section->says = VS_POLICY_LADDER;
    g_assert_true(vs_ladder_parse(ladders[below(world, G_N_ELEMENTS(ladders))],
                                  &section->policy.ladder, NULL));
    if (below(world, 3) == 0) {
        section->says |= VS_POLICY_PRIORITY;
        section->policy.priority = below(world, 3);
    }
    if (i + 1 < world->n && below(world, 3) == 0) {
        g_strfreev(section->before);
        section->before = g_new0(char *, 2);
        section->before[0] =
            g_strdup_printf("g%d", (int)i + 1 + below(world, (int)(world->n - i) - 1));
    }
    g_ptr_array_add(world->policy.sections, section);
}

static void
world_init(World *world, uint32_t seed)
{
    *world = (World){.random = g_rand_new_with_seed(seed)};
    vs_policy_init(&world->policy);
    world->n = 1 + (unsigned)below(world, MAX_GUESTS);
    for (unsigned i = 0; i < world->n; i++)
        add_guest(world, i);
    for (unsigned i = 0; i < world->n; i++)
        add_section(world, i);
    world->policy.max_parallel = below(world, 2) ? 0 : 1 + (unsigned)below(world, 3);
}

static void
world_clear(World *world)
{
    vs_policy_clear(&world->policy);
    for (unsigned i = 0; i < world->n; i++)
        g_free(world->names[i]);
    g_rand_free(world->random);
}

/* How well it comes out. */
static int
rank(json_object *guest, const char *key)
{
    const char *outcome = vs_json_string(guest, key, "");

    if (g_str_equal(outcome, "clean"))
        return 2;
    return g_str_equal(outcome, "unknown") ? 1 : 0;
}

/* One that is never forced has no share of a time that isn't enough for the others' destroys, and
 * is given up at once; but where not even its turn comes it has what is left. */
static bool
is_given_up(json_object *guest)
{
    return g_str_equal(vs_json_string(guest, "outcome", ""), "timed-out");
}

static json_object *
find(json_object *plan, const char *name)
{
    json_object *guests = vs_json_array(plan, "guests");

    for (size_t i = 0; i < json_object_array_length(guests); i++)
        if (g_str_equal(name, vs_json_string(json_object_array_get_idx(guests, i), "name", "")))
            return json_object_array_get_idx(guests, i);
    return NULL;
}

static unsigned
count_worse(World *world, json_object *less, json_object *more, uint32_t seed, double budget)
{
    unsigned n = 0;

    for (unsigned i = 0; i < world->n; i++) {
        json_object *before = find(less, world->names[i]), *now = find(more, world->names[i]);

        g_assert_true(before && now);
        if (rank(now, "outcome") < rank(before, "outcome") && !is_given_up(now)) {
            g_test_message("seed %u, %s: %s, but %s with %g s", seed, world->names[i],
                           vs_json_string(before, "outcome", ""),
                           vs_json_string(now, "outcome", ""), budget);
            g_test_message("less: %s", vs_json_line(less));
            g_test_message("more: %s", vs_json_line(more));
            n++;
        }
    }
    return n;
}

static unsigned
try_world(uint32_t seed)
{
    g_autoptr(json_object) less = NULL;
    int64_t budget = 1000;
    unsigned n_worse = 0;
    World world;

    world_init(&world, seed);
    for (unsigned i = 0; i < N_BUDGETS; i++) {
        json_object *more = vs_plan_make(&world.policy, world.guests, world.n, budget, false);

        if (less)
            n_worse += count_worse(&world, less, more, seed, (double)budget / SEC);
        json_object_put(less);
        less = more;
        budget +=
            i == 0 ? SEC
                   : 1 + (int64_t)((double)budget * g_rand_double_range(world.random, 0.05, 1.2));
    }
    world_clear(&world);
    return n_worse;
}

static unsigned
number_of(const char *variable, unsigned otherwise)
{
    const char *text = g_getenv(variable);

    return text ? (unsigned)strtoul(text, NULL, 10) : otherwise;
}

static void
test_monotone(void)
{
    unsigned first = number_of("VS_RANDOM_SEED", 1), n = number_of("VS_RANDOM_RUNS", 300), bad = 0;

    for (unsigned i = 0; i < n; i++)
        bad += try_world(first + i) > 0;
    g_assert_cmpuint(bad, ==, 0);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/plan/budget/monotone", test_monotone);
    return g_test_run();
}
