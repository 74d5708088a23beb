/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "random-world.h"

/* A world's whole life: so many things that happen, each with a chance of its own, so that where
 * some are left out the others stay what they are. A world that fails is played again without ever
 * more of them, for as long as it fails alike. */

void
life_begin(Life *life, unsigned seed, unsigned kinds)
{
    *life = (Life){.seed = seed, .kinds = kinds};
    memset(life->happens, true, sizeof(life->happens));
}

static void
happen(World *world, const Life *life)
{
    for (unsigned i = 0; i < HAPPENINGS; i++) {
        const guint32 seed[] = {life->seed, i};

        if (!life->happens[i])
            continue;
        g_rand_set_seed_array(world->chance, seed, G_N_ELEMENTS(seed));
        g_rand_set_seed_array(world->beside, seed, G_N_ELEMENTS(seed));
        world_happen(world);
    }
    world_settle(world);
    check_end(world);
}

static World *
born(const Life *life)
{
    g_autofree char *text = kinds_format(life->kinds);
    World *world = world_new(life->seed, life->kinds);

    world_tell(world, "world %u, kinds %s", life->seed, text);
    if (life->run > 0)
        trace_want(world, life->guest, life->run);
    return world;
}

World *
life_live(const Life *life, GString *deeds)
{
    World *world = born(life);
    jmp_buf rescue;

    world->deeds = deeds;
    world->rescue = &rescue;
    if (setjmp(rescue) == 0)
        happen(world, life);
    world->rescue = NULL;
    return world;
}

unsigned
life_length(const Life *life)
{
    unsigned n = 0;

    for (unsigned i = 0; i < HAPPENINGS; i++)
        n += life->happens[i];
    return n;
}

/* What failed, without which run or guest it was, or when. */
static char *
kind_of(const char *complaint)
{
    GString *kind = g_string_new(NULL);

    for (; *complaint && *complaint != '{'; complaint++)
        if (!g_ascii_isdigit(*complaint))
            g_string_append_c(kind, *complaint);
    return g_string_free(kind, FALSE);
}

static bool
fails_alike(const Life *life, const char *kind)
{
    World *world = life_live(life, NULL);
    g_autofree char *other = world->complaint ? kind_of(world->complaint) : NULL;
    bool alike = g_strcmp0(kind, other) == 0;

    world_free(world);
    return alike;
}

/* Without @n that are left, from the one at @begin on, where it fails without them, too. */
static bool
leave_out(Life *life, unsigned begin, unsigned n, const char *kind)
{
    Life shorter = *life;

    for (unsigned i = begin; i < HAPPENINGS && n > 0; i++) {
        n -= shorter.happens[i];
        shorter.happens[i] = false;
    }
    if (life_length(&shorter) == life_length(life) || !fails_alike(&shorter, kind))
        return false;
    *life = shorter;
    return true;
}

void
life_shorten(Life *life, const char *complaint)
{
    g_autofree char *kind = kind_of(complaint);

    for (unsigned n = HAPPENINGS / 2; n > 0;) {
        bool shorter = false;

        for (unsigned i = 0; i < HAPPENINGS; i++)
            if (life->happens[i])
                shorter |= leave_out(life, i, n, kind);
        n = shorter ? n : n / 2;
    }
}

void
life_trace(Life *life, const World *failed)
{
    const char *text = failed->complaint ? strstr(failed->complaint, "run ") : NULL;
    int id = text ? atoi(text + strlen("run ")) : 0;

    for (int i = 0; id > 0 && i < N_GUESTS; i++)
        for (unsigned j = 0; j < failed->guests[i].runs->len; j++)
            if (((const SimRun *)failed->guests[i].runs->pdata[j])->id == id) {
                life->guest = i + 1;
                life->run = (int)j + 1;
            }
}

char *
life_format(const Life *life)
{
    GString *text = g_string_new(NULL);

    for (unsigned i = 0; i < HAPPENINGS; i++)
        if (life->happens[i])
            g_string_append_printf(text, "%s%u", text->len > 0 ? "," : "", i);
    return g_string_free(text, FALSE);
}

void
life_parse(Life *life, const char *text)
{
    g_auto(GStrv) list = g_strsplit(text, ",", -1);

    memset(life->happens, false, sizeof(life->happens));
    for (char **number = list; *number; number++) {
        guint64 i;

        if (!g_ascii_string_to_unsigned(*number, 10, 0, HAPPENINGS - 1, &i, NULL))
            g_error("VS_RANDOM_ONLY: \"%s\" is no number under %u", *number, HAPPENINGS);
        life->happens[i] = true;
    }
}
