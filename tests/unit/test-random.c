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
    life_trace(life, world);
    world = life_live(life, NULL);
    g_printerr("%s", world->story->str);
    if (world->history)
        g_printerr("The same as a golden trace, for tests/traces/own:\n");
    trace_print(world, stderr);
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

/* What never happens isn't tested. Where the worlds so far have not had it yet, more are played. */
#define MOST_WORLDS 1000

static void
test_marks(void)
{
    g_autofree char *missing = marks_missing(false);

    for (unsigned i = 0; missing && i < MOST_WORLDS; i++) {
        live(10000 + i, "seed", NULL, false);
        g_free(missing);
        missing = marks_missing(false);
    }
    if (missing)
        g_error("never happened in any world: %s", missing);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/random/worlds", test_random);
    if (g_getenv("VS_RANDOM_KINDS"))
        return g_test_run();
    g_test_add_func("/random/kinds", test_kinds);
    g_test_add_func("/random/marks", test_marks);
    return g_test_run();
}
