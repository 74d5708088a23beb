/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "search.h"

/* Linked with --wrap for what the world draws by: each draw is a decision of the search, or goes as
 * is likely. A world draws latencies and small spans, too; of those one stands for all. */

static struct {
    GRand *of; /* NULL: nobody searches */
    Picks picks;
    unsigned next, rare;
} chance;

void
chance_begin(World *world, const Picks *picks, unsigned rare)
{
    chance.of = world->chance;
    chance.picks = *picks;
    chance.next = 0;
    chance.rare = rare;
}

void
chance_end(Picks *ret)
{
    *ret = chance.picks;
    ret->n = chance.next;
    chance.of = NULL;
}

static unsigned
pick(unsigned n, bool is_rare)
{
    Picks *picks = &chance.picks;
    unsigned i = chance.next;

    if (!chance.of || n < 2 || i == MAX_PICKS || (is_rare && chance.rare == 0))
        return 0;
    chance.next++;
    if (i >= picks->n) {
        picks->n = i + 1;
        picks->at[i] = 0;
    }
    picks->of[i] = n;
    picks->is_rare[i] = is_rare;
    if (is_rare && picks->at[i] > 0)
        chance.rare--;
    return picks->at[i];
}

bool
picks_next(Picks *picks)
{
    while (picks->n > 0 && picks->at[picks->n - 1] + 1 >= picks->of[picks->n - 1])
        picks->n--;
    if (picks->n == 0)
        return false;
    picks->at[picks->n - 1]++;
    return true;
}

unsigned
picks_rare(const Picks *picks)
{
    unsigned n = 0;

    for (unsigned i = 0; i < picks->n; i++)
        n += picks->is_rare[i] && picks->at[i] > 0;
    return n;
}

bool __wrap_world_chance(World *world, int percent);
gint32 __wrap_g_rand_int_range(GRand *of, gint32 begin, gint32 end);
gdouble __wrap_g_rand_double_range(GRand *of, gdouble begin, gdouble end);

bool
__wrap_world_chance(G_GNUC_UNUSED World *world, int percent)
{
    bool likely = percent >= 50;

    return pick(2, percent != 50) == 0 ? likely : !likely;
}

/* The ranges by which the world picks something else than a time. */
gint32
__wrap_g_rand_int_range(GRand *of, gint32 begin, gint32 end)
{
    static const gint32 spans[] = {1, 5}, ladders[] = {0, 4}, saves[] = {0, 2};
    gint32 n = end - begin;

    if (of != chance.of)
        return begin; /* beside the world */
    if (n <= 4)
        return begin + (gint32)pick(n, false);
    if (n == 6)
        return begin + spans[pick(G_N_ELEMENTS(spans), false)];
    if (n == 8)
        return begin + ladders[pick(G_N_ELEMENTS(ladders), false)];
    if (n == 5)
        return begin + saves[pick(G_N_ELEMENTS(saves), false)];
    return n < 1000 ? begin : begin + n / 2;
}

gdouble
__wrap_g_rand_double_range(G_GNUC_UNUSED GRand *of, gdouble begin, gdouble end)
{
    return (begin + end) / 2;
}
