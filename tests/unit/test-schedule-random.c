/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>

#include "schedule/schedule.h"
#include "util/span.h"
#include "vs-test.h"

/* A guest of that name. */
#define NAMED(guest) (&(VsWho){.name = (guest), .uri = "qemu:///system"})

/* Random hosts and orders, held against a naive model of the rules: a table of all pairs. What
 * holds of the time, for every host, order, budget and max_parallel, where each guest is asked as
 * soon as it may be: as long as nobody takes more than he is allowed, all are off inside the
 * budget; where the budget is what the reserves alone take at most, each is allowed a good part of
 * his reserve, for a quarter is for asking; where it is what all of it takes at most, each is
 * allowed all.
 * VS_RANDOM_RUNS says how many hosts (600), VS_RANDOM_SEED the first one's seed (1). */

#define MAX_GUESTS 14

typedef struct World {
    GRand *chance;
    VsPolicy policy;
    unsigned n;
    char *names[MAX_GUESTS];
    VsScheduleGuest guests[MAX_GUESTS];
    bool said[MAX_GUESTS][MAX_GUESTS];   /* before whom */
    bool leads[MAX_GUESTS][MAX_GUESTS];  /* over any number of steps */
    bool before[MAX_GUESTS][MAX_GUESTS]; /* said, and not part of a circle */
    int priority[MAX_GUESTS];
    int64_t behind[MAX_GUESTS];
    bool asked[MAX_GUESTS], done[MAX_GUESTS];
    int64_t ends[MAX_GUESTS];
} World;

static unsigned
below(World *world, unsigned n)
{
    return (unsigned)g_rand_int_range(world->chance, 0, (gint32)n);
}

static char *
make_word(World *world, bool with_group)
{
    switch (below(world, with_group ? 8 : 7)) {
    case 0:
        return g_strdup_printf("%c*", 'a' + below(world, 4));
    case 1:
        return g_strdup_printf("*%u", below(world, 4));
    case 7:
        return g_strdup_printf("@%c", 'g' + below(world, 3));
    default:
        return g_strdup_printf("%c%u", 'a' + below(world, 4), below(world, 4));
    }
}

static void
add_words(World *world, char ***words)
{
    unsigned n = below(world, 3);

    g_strfreev(*words);
    *words = g_new0(char *, n + 1);
    for (unsigned i = 0; i < n; i++)
        (*words)[i] = make_word(world, true);
}

static void
add_section(World *world)
{
    g_autofree char *glob = make_word(world, false);
    VsSection *section = vs_section_new(glob, "conf:1");

    add_words(world, below(world, 2) ? &section->before : &section->after);
    if (below(world, 3) == 0) {
        g_strfreev(section->groups);
        section->groups = g_new0(char *, 2);
        section->groups[0] = g_strdup_printf("%c", 'g' + below(world, 3));
    }
    if (below(world, 4) == 0) {
        section->says = VS_POLICY_PRIORITY;
        section->policy.priority = (int)below(world, 5) - 2;
    }
    g_ptr_array_add(world->policy.sections, section);
}

/* The rules, word by word. */
static bool
means(const World *world, const char *word, const char *name)
{
    if (word[0] != '@')
        return g_pattern_match_simple(word, name);
    for (unsigned i = 0; i < world->policy.sections->len; i++) {
        const VsSection *section = world->policy.sections->pdata[i];

        if (g_strv_contains((const char *const *)section->groups, word + 1) &&
            vs_section_matches(section, &(VsWho){.name = name}))
            return true;
    }
    return false;
}

static bool
any_means(const World *world, char *const *words, const char *name)
{
    for (; *words; words++)
        if (means(world, *words, name))
            return true;
    return false;
}

static bool
says_before(const World *world, const char *a, const char *b)
{
    for (unsigned i = 0; i < world->policy.sections->len; i++) {
        const VsSection *section = world->policy.sections->pdata[i];
        bool has_a = vs_section_matches(section, &(VsWho){.name = a});
        bool has_b = vs_section_matches(section, &(VsWho){.name = b});

        if (has_a && !has_b && any_means(world, section->before, b))
            return true;
        if (has_b && !has_a && any_means(world, section->after, a))
            return true;
    }
    return false;
}

static void
find_before(World *world)
{
    for (unsigned i = 0; i < world->n; i++)
        for (unsigned j = 0; j < world->n; j++)
            world->said[i][j] = world->leads[i][j] =
                says_before(world, world->names[i], world->names[j]);
    for (unsigned k = 0; k < world->n; k++)
        for (unsigned i = 0; i < world->n; i++)
            for (unsigned j = 0; j < world->n; j++)
                world->leads[i][j] |= world->leads[i][k] && world->leads[k][j];
    for (unsigned i = 0; i < world->n; i++)
        for (unsigned j = 0; j < world->n; j++)
            world->before[i][j] = world->said[i][j] && !world->leads[j][i];
}

static int64_t
total(const VsScheduleGuest *guest)
{
    return guest->asking + guest->reserve;
}

/* By repeating it until nothing changes any more. */
static void
find_rest(World *world)
{
    for (unsigned i = 0; i < world->n; i++) {
        VsGuestPolicy policy;

        vs_policy_resolve(&world->policy, NAMED(world->names[i]), NULL, &policy);
        world->priority[i] = policy.priority;
    }
    for (unsigned round = 0; round < world->n; round++)
        for (unsigned i = 0; i < world->n; i++)
            for (unsigned j = 0; j < world->n; j++)
                if (world->before[i][j])
                    world->priority[i] = MAX(world->priority[i], world->priority[j]);
    for (unsigned round = 0; round < world->n; round++)
        for (unsigned i = 0; i < world->n; i++)
            for (unsigned j = 0; j < world->n; j++)
                if (world->before[i][j] && world->priority[i] == world->priority[j])
                    world->behind[i] =
                        MAX(world->behind[i], total(&world->guests[j]) + world->behind[j]);
}

static void
world_init(World *world, unsigned seed)
{
    *world = (World){.chance = g_rand_new_with_seed(seed)};
    vs_policy_init(&world->policy);
    world->n = 1 + below(world, MAX_GUESTS);
    for (unsigned i = 0; i < world->n; i++) {
        world->names[i] = g_strdup_printf("%c%u", 'a' + below(world, 4), below(world, 4));
        world->guests[i] = (VsScheduleGuest){
            world->names[i],
            below(world, 5) ? below(world, 100) * VS_USEC_PER_SEC + below(world, 1000) : 0,
            below(world, 5) ? below(world, 40) * VS_USEC_PER_SEC + below(world, 1000) : 0,
        };
    }
    for (unsigned i = below(world, 9); i > 0; i--)
        add_section(world);
    if (below(world, 2))
        world->policy.max_parallel = 1 + below(world, 5);
    find_before(world);
    find_rest(world);
}

static void
world_clear(World *world)
{
    for (unsigned i = 0; i < world->n; i++)
        g_free(world->names[i]);
    vs_policy_clear(&world->policy);
    g_rand_free(world->chance);
}

static unsigned
count_running(const World *world)
{
    unsigned n = 0;

    for (unsigned i = 0; i < world->n; i++)
        n += world->asked[i] && !world->done[i];
    return n;
}

static bool
may_be_asked(const World *world, unsigned i)
{
    if (world->asked[i] || world->done[i])
        return false;
    for (unsigned j = 0; j < world->n; j++)
        if (!world->done[j] && (world->before[j][i] || world->priority[j] > world->priority[i]))
            return false;
    return true;
}

static bool
goes_first(const World *world, unsigned i, unsigned j)
{
    int order = strcmp(world->names[i], world->names[j]);

    if (world->behind[i] != world->behind[j])
        return world->behind[i] > world->behind[j];
    return order != 0 ? order < 0 : i < j;
}

static int
next_by_the_rules(const World *world)
{
    int next = -1;

    if (world->policy.max_parallel > 0 && count_running(world) >= world->policy.max_parallel)
        return -1;
    for (unsigned i = 0; i < world->n; i++)
        if (may_be_asked(world, i) && (next < 0 || goes_first(world, i, (unsigned)next)))
            next = (int)i;
    return next;
}

/* Not only one that is allowed, the very one: what has to be off is off, there is room, and nobody
 * waits who needn't. */
static int
next_checked(World *world, VsSchedule *schedule)
{
    int expected = next_by_the_rules(world), next = vs_schedule_next(schedule);

    g_assert_cmpint(next, ==, expected);
    if (next >= 0)
        world->asked[next] = true;
    return next;
}

static void
check_waits(const World *world, const VsSchedule *schedule)
{
    for (unsigned i = 0; i < world->n; i++) {
        int other = vs_schedule_waits_for(schedule, i), expected = -1;

        for (unsigned j = 0; j < world->n && !world->asked[i] && !world->done[i]; j++)
            if (!world->done[j] &&
                (world->before[j][i] || world->priority[j] > world->priority[i]) &&
                (expected < 0 || strcmp(world->names[j], world->names[expected]) < 0))
                expected = (int)j;
        g_assert_cmpint(other, ==, expected);
    }
}

static bool
is_said(const World *world, const char *a, const char *b)
{
    for (unsigned i = 0; i < world->n; i++)
        for (unsigned j = 0; j < world->n; j++)
            if (world->said[i][j] && world->leads[j][i] && g_str_equal(a, world->names[i]) &&
                g_str_equal(b, world->names[j]))
                return true;
    return false;
}

/* As many circles as there are sets of guests that hang together in them, each of them true. */
static void
check_cycles(const World *world, const VsSchedule *schedule)
{
    const GPtrArray *cycles = vs_schedule_cycles(schedule);
    unsigned n = 0;

    for (unsigned i = 0; i < world->n; i++) {
        bool first = world->leads[i][i];

        for (unsigned j = 0; j < i; j++)
            first = first && !(world->leads[i][j] && world->leads[j][i]);
        n += first;
    }
    g_assert_cmpuint(cycles->len, ==, n);

    for (unsigned i = 0; i < cycles->len; i++) {
        g_auto(GStrv) names = g_strsplit(cycles->pdata[i], " before ", -1);

        g_assert_cmpuint(g_strv_length(names), >=, 3);
        g_assert_cmpstr(names[0], ==, names[g_strv_length(names) - 1]);
        for (unsigned j = 0; names[j + 1]; j++)
            g_assert_true(is_said(world, names[j], names[j + 1]));
    }
}

typedef struct Budget {
    int64_t all, reserves, budget;
    bool patient; /* everybody takes all that he may */
    bool endless; /* somebody's asking has no end: then only the budget holds */
} Budget;

static void
allow(World *world, const VsSchedule *schedule, unsigned i, int64_t now, const Budget *budget)
{
    int64_t allowed = vs_schedule_allow(schedule, i, budget->budget - now), takes = allowed;
    const VsScheduleGuest *guest = &world->guests[i];

    g_assert_cmpint(allowed, >=, 0);
    g_assert_cmpint(allowed, <=, budget->budget - now);
    if (budget->budget >= budget->reserves)
        g_assert_cmpint(allowed, >=, guest->reserve / 4);
    if (!budget->endless)
        g_assert_cmpint(allowed, <=, total(guest));
    if (!budget->endless && budget->budget >= budget->all)
        g_assert_cmpint(allowed, ==, total(guest));
    if (!budget->patient)
        takes = (int64_t)(g_rand_double(world->chance) * (double)allowed);
    world->ends[i] = now + takes;
}

static void
go_down(World *world, VsSchedule *schedule, const Budget *budget)
{
    int64_t now = 0;

    while (vs_schedule_n_left(schedule) > 0) {
        int64_t then = INT64_MAX;

        check_waits(world, schedule);
        for (int i = next_checked(world, schedule); i >= 0; i = next_checked(world, schedule))
            allow(world, schedule, (unsigned)i, now, budget);
        for (unsigned i = 0; i < world->n; i++)
            if (world->asked[i] && !world->done[i])
                then = MIN(then, world->ends[i]);
        g_assert_cmpint(then, <, INT64_MAX); /* nobody waits for nobody */
        now = then;
        for (unsigned i = 0; i < world->n; i++)
            if (world->asked[i] && !world->done[i] && world->ends[i] == now) {
                world->done[i] = true;
                vs_schedule_done(schedule, i);
            }
    }
    for (unsigned i = 0; i < world->n; i++)
        g_assert_true(vs_schedule_is_asked(schedule, i) && vs_schedule_is_done(schedule, i));
    g_assert_cmpint(now, <=, budget->budget);
}

/* What the reserves alone take at most. */
static int64_t
find_reserves(const World *world)
{
    VsScheduleGuest guests[MAX_GUESTS];
    g_autoptr(VsSchedule) schedule = NULL;

    for (unsigned i = 0; i < world->n; i++)
        guests[i] = (VsScheduleGuest){world->names[i], 0, world->guests[i].reserve};
    schedule = vs_schedule_new(&world->policy, guests, world->n);
    return vs_schedule_longest(schedule);
}

/* One whose asking has no end. In the model it is only very long, which orders them alike. */
static void
make_endless(World *world, VsSchedule **schedule)
{
    unsigned i = below(world, world->n);

    world->guests[i].asking = VS_USEC_INFINITY;
    vs_schedule_free(*schedule);
    *schedule = vs_schedule_new(&world->policy, world->guests, world->n);
    g_assert_cmpint(vs_schedule_longest(*schedule), ==, VS_USEC_INFINITY);
    world->guests[i].asking = 1000000 * VS_USEC_PER_SEC;
    memset(world->behind, 0, sizeof(world->behind));
    find_rest(world);
}

static void
live(unsigned seed)
{
    g_autoptr(VsSchedule) schedule = NULL;
    Budget budget = {0};
    World world;

    g_test_message("host %u", seed);
    world_init(&world, seed);
    schedule = vs_schedule_new(&world.policy, world.guests, world.n);
    budget.all = vs_schedule_longest(schedule);
    if (below(&world, 6) == 0) {
        budget.endless = true;
        make_endless(&world, &schedule);
    }
    budget.reserves = find_reserves(&world);
    budget.patient = below(&world, 2);
    g_assert_cmpint(budget.reserves, <=, budget.all);
    switch (below(&world, 4)) {
    case 0:
        budget.budget = budget.all;
        break;
    case 1:
        budget.budget = budget.reserves;
        break;
    case 2:
        budget.budget = (int64_t)(g_rand_double(world.chance) * (double)budget.reserves);
        break;
    default:
        budget.budget = (int64_t)(g_rand_double(world.chance) * 1.2 * (double)budget.all);
    }

    for (unsigned i = 0; i < world.n; i++)
        g_assert_cmpint(vs_schedule_priority(schedule, i), ==, world.priority[i]);
    check_cycles(&world, schedule);
    go_down(&world, schedule, &budget);
    world_clear(&world);
}

static unsigned
number(const char *name, unsigned fallback)
{
    const char *text = g_getenv(name);

    return text ? (unsigned)strtoul(text, NULL, 10) : fallback;
}

static void
test_random(void)
{
    unsigned first = number("VS_RANDOM_SEED", 1), n = number("VS_RANDOM_RUNS", 600);

    for (unsigned i = 0; i < n; i++)
        live(first + i);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/schedule/random", test_random);
    return g_test_run();
}
