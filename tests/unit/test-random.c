/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>

#include "random-world.h"
#include "vs-test.h"

/* Chance against the engine. VS_RANDOM_RUNS says how many worlds (150), VS_RANDOM_SEED the first
 * one's seed (1): a world that failed is found again by its seed. */

#define HAPPENINGS 150

static unsigned
number(const char *name, unsigned fallback)
{
    const char *text = g_getenv(name);

    return text ? (unsigned)strtoul(text, NULL, 10) : fallback;
}

static void
live(unsigned seed)
{
    World *world = world_new(seed);

    world_tell(world, "world %u", seed);
    for (int i = 0; i < HAPPENINGS; i++)
        world_happen(world);
    world_settle(world);
    check_end(world);
    world_free(world);
}

static void
test_random(void)
{
    unsigned first = number("VS_RANDOM_SEED", 1), n = number("VS_RANDOM_RUNS", 150);

    for (unsigned i = 0; i < n; i++)
        live(first + i);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/random/worlds", test_random);
    return g_test_run();
}
