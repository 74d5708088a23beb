/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <stdlib.h>

#include "random-world.h"
#include "vs-test.h"

/* Chance against the engine. VS_RANDOM_RUNS says how many worlds (150), VS_RANDOM_SEED the first
 * one's seed (1): a world that failed is found again by its seed. VS_RANDOM_DEEDS is a file to
 * which each world's actions go as a line with their hash, or all of them where there is one world
 * only: two versions of the engine can be compared by it. VS_RANDOM_ONLY is which of a world's
 * happenings are left, as a world that failed says; VS_RANDOM_STORY=1 tells all that happened.
 * VS_RANDOM_KINDS is what the worlds are of: see random-kinds.c; without it the worlds of old are
 * played, and then others of kinds that the seed says. */

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

/* As short as it can be, and how it is played again. */
static void
fail(Life *life, const char *complaint)
{
    g_autofree char *kinds = kinds_format(life->kinds), *only = NULL;
    World *world;

    life_shorten(life, complaint);
    only = life_format(life);
    world = life_live(life, NULL);
    g_printerr("%s", world->story->str);
    g_error("%s (again: VS_RANDOM_RUNS=1 VS_RANDOM_SEED=%u VS_RANDOM_KINDS=%s VS_RANDOM_ONLY=%s)",
            world->complaint, life->seed, kinds, only);
}

static void
live(unsigned seed, const char *words, FILE *deeds, bool whole)
{
    const char *only = g_getenv("VS_RANDOM_ONLY");
    World *world;
    Life life;

    life_begin(&life, seed, kinds_parse(words, seed));
    if (only)
        life_parse(&life, only);
    world = life_live(&life, deeds ? g_string_new(NULL) : NULL);
    if (world->complaint)
        fail(&life, world->complaint);
    if (g_getenv("VS_RANDOM_STORY"))
        g_printerr("%s", world->story->str);
    if (deeds)
        write_deeds(deeds, world, seed, whole);
    world_free(world);
}

static void
live_all(const char *words, FILE *deeds)
{
    unsigned first = number("VS_RANDOM_SEED", 1), n = number("VS_RANDOM_RUNS", 150);

    for (unsigned i = 0; i < n; i++)
        live(first + i, words, deeds, n == 1);
    phases_say();
}

static void
test_random(void)
{
    const char *words = g_getenv("VS_RANDOM_KINDS"), *path = g_getenv("VS_RANDOM_DEEDS");
    FILE *deeds = path ? fopen(path, "we") : NULL;

    g_assert_true(deeds || !path);
    live_all(words ? words : "none", deeds);
    if (deeds)
        fclose(deeds);
}

static void
test_kinds(void)
{
    live_all("seed", NULL);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/random/worlds", test_random);
    if (!g_getenv("VS_RANDOM_KINDS"))
        g_test_add_func("/random/kinds", test_kinds);
    return g_test_run();
}
