/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <stdlib.h>

#include "random-world.h"
#include "vs-test.h"

/* Chance against the engine. VS_RANDOM_RUNS says how many worlds (150), VS_RANDOM_SEED the first
 * one's seed (1): a world that failed is found again by its seed. VS_RANDOM_DEEDS is a file to
 * which each world's actions go as a line with their hash, or all of them where there is one world
 * only: two versions of the engine can be compared by it. */

#define HAPPENINGS 150

static unsigned
number(const char *name, unsigned fallback)
{
    const char *text = g_getenv(name);

    return text ? (unsigned)strtoul(text, NULL, 10) : fallback;
}

static void
write_deeds(FILE *file, const World *world, unsigned seed, bool whole)
{
    g_autofree char *hash = world_deeds(world);

    fprintf(file, "%u %s\n", seed, hash);
    if (whole)
        fputs(world->deeds->str, file);
}

static void
live(unsigned seed, FILE *deeds, bool whole)
{
    World *world = world_new(seed);

    if (deeds)
        world->deeds = g_string_new(NULL);
    world_tell(world, "world %u", seed);
    for (int i = 0; i < HAPPENINGS; i++)
        world_happen(world);
    world_settle(world);
    check_end(world);
    if (deeds)
        write_deeds(deeds, world, seed, whole);
    world_free(world);
}

static void
test_random(void)
{
    unsigned first = number("VS_RANDOM_SEED", 1), n = number("VS_RANDOM_RUNS", 150);
    const char *path = g_getenv("VS_RANDOM_DEEDS");
    FILE *deeds = path ? fopen(path, "we") : NULL;

    g_assert_true(deeds || !path);
    for (unsigned i = 0; i < n; i++)
        live(first + i, deeds, n == 1);
    if (deeds)
        fclose(deeds);
    phases_say();
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/random/worlds", test_random);
    return g_test_run();
}
