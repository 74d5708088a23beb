/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <stdlib.h>

#include "random-world.h"

/* How often what is recorded is right: verdicts [WORLDS [FIRST]] plays so many random worlds
 * (10000), which know the truth, and prints what was said against what really was. It fails where
 * what was certain is ever wrong, or of what was likely fewer than 95 of 100 are right. */

#define LEAST_LIKELY 95 /* of 100 */

static bool
play(unsigned seed)
{
    World *world;
    Life life;
    bool well;

    life_begin(&life, seed, kinds_parse("seed", seed) | KIND_HABITS);
    world = life_live(&life, NULL);
    well = !world->complaint;
    if (!well)
        fprintf(stderr, "world %u fails: %s\n", seed, world->complaint);
    world_free(world);
    return well;
}

static bool
say(VsConfidence confidence, unsigned least)
{
    unsigned n = tally_count(confidence, true), right = tally_count(confidence, false);
    bool well = (uint64_t)right * 100 >= (uint64_t)n * least;

    printf("%s: right %u of %u, %.2f of 100%s\n", vs_confidence_name(confidence), right, n,
           n > 0 ? 100.0 * right / n : 100, well ? "" : ": too few");
    return well;
}

int
main(int argc, char **argv)
{
    unsigned n = argc > 1 ? (unsigned)atoi(argv[1]) : 10000;
    unsigned first = argc > 2 ? (unsigned)atoi(argv[2]) : 1, n_failed = 0;
    g_autofree char *missing = NULL;
    bool well;

    for (unsigned i = 0; i < n; i++)
        n_failed += !play(first + i);
    tally_print(stdout);
    printf("\nworlds: %u, of which failed: %u\n", n, n_failed);
    well = say(VS_CONFIDENCE_CERTAIN, 100);
    well &= say(VS_CONFIDENCE_LIKELY, LEAST_LIKELY);
    missing = marks_missing(true);
    if (missing)
        printf("never happened in any world: %s\n", missing);
    return well && n_failed == 0 && !missing ? EXIT_SUCCESS : EXIT_FAILURE;
}
