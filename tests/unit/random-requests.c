/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "random-world.h"

/* What people ask for. */

static const char *
some_ladder(World *world)
{
    static const char *const ladders[] = {NULL,
                                          NULL,
                                          "destroy",
                                          "agent:30s leave",
                                          "power-button:20s destroy",
                                          "power-button:60s,press=3,gap=2s destroy",
                                          "agent:10s power-button:1h,press=2 destroy",
                                          "agent:1h power-button:1h leave"};

    return ladders[g_rand_int_range(world->chance, 0, G_N_ELEMENTS(ladders))];
}

/* As they are set where guests are to be spared: what guests take, most of them. */
static const char *
some_usual_ladder(World *world)
{
    static const char *const ladders[] = {NULL,
                                          NULL,
                                          "destroy",
                                          "agent:60s leave",
                                          "power-button:60s destroy",
                                          "power-button:90s,press=3,gap=15s destroy",
                                          "agent:60s power-button:2min destroy",
                                          "agent:2min power-button:5min,press=2 leave"};

    return ladders[g_rand_int_range(world->chance, 0, G_N_ELEMENTS(ladders))];
}

static const char *
some_plain_ladder(World *world)
{
    return world->kinds & KIND_HABITS ? some_usual_ladder(world) : some_ladder(world);
}

static const char *
some_ladder_with_save(World *world)
{
    static const char *const ladders[] = {
        "save:60s power-button:20s destroy", "power-button:10s save:30s leave",
        "power-button:40s,press=2,gap=3s save:20s destroy",
        "power-button:60s,press=3,gap=15s destroy", "power-button:60s,press=3,gap=15s destroy"};

    return world_chance(world, 40)
               ? ladders[g_rand_int_range(world->chance, 0, G_N_ELEMENTS(ladders))]
               : some_plain_ladder(world);
}

static const char *
ladder_of_kind(World *world)
{
    return world->kinds & KIND_PAUSES ? some_ladder_with_save(world) : some_plain_ladder(world);
}

/* Mostly none; where hosts are as they are, one that a guest can keep. */
static int64_t
some_budget(World *world, int percent)
{
    if (!world_chance(world, percent))
        return 0;
    if (world->kinds & KIND_HABITS)
        return g_rand_int_range(world->chance, 180, 600) * SEC;
    return world_span(world);
}

void
ask_stop(World *world, SimGuest *guest)
{
    VsEvent event = {.type = VS_EVENT_STOP, .domain = &guest->domain};

    event.stop.ladder = ladder_of_kind(world);
    event.stop.budget = some_budget(world, 20);
    world->wanted = world->policy.all.ladder;
    if (event.stop.ladder && !vs_ladder_parse(event.stop.ladder, &world->wanted, NULL))
        world_fail(world, "no ladder: %s", event.stop.ladder);
    world->wanted_budget = event.stop.budget;
    if (event.stop.budget > 0)
        vs_ladder_fit(&world->wanted, event.stop.budget);
    world_tell(world, "stop %s, %s", guest->domain.name,
               event.stop.ladder ? event.stop.ladder : "as configured");
    world_step(world, &event);
}

/* Which run it is that the engine knows of doesn't matter. */
static void
extend(SimGuest *guest, int64_t span)
{
    for (unsigned i = 0; i < guest->runs->len; i++) {
        SimRun *run = guest->runs->pdata[i];

        if (run->agent_until > 0)
            run->agent_until += span;
        if (run->button_until > 0)
            run->button_until += span;
    }
}

void
ask_escalate(World *world, SimGuest *guest)
{
    VsEvent event = {.type = VS_EVENT_ESCALATE, .domain = &guest->domain};

    if (guest->stop)
        guest->stop->hurried = true;
    world_tell(world, "somebody hurries the stop of %s", guest->domain.name);
    world_step(world, &event);
}

void
ask_more(World *world, SimGuest *guest)
{
    VsEvent event = {.domain = &guest->domain};
    int64_t span = world_span(world) + 1;
    SimStop *stop = guest->stop;
    unsigned epoch = world->epoch;

    switch (g_rand_int_range(world->chance, 0, 3)) {
    case 0:
        event.type = VS_EVENT_CANCEL;
        break;
    case 1:
        event.type = VS_EVENT_ESCALATE;
        if (stop)
            stop->hurried = true;
        break;
    default:
        event.type = VS_EVENT_EXTEND;
        event.extend.span = span;
        break;
    }
    world_tell(world, "request %d about %s", event.type, guest->domain.name);
    if (!world_step(world, &event) || event.type != VS_EVENT_EXTEND)
        return;
    extend(guest, span);
    if (epoch == world->epoch) /* else it isn't known whether that was kept */
        guest->stop->extended += span;
}

static void
join_all(SimGuest *guest)
{
    if (guest->stop)
        guest->stop->of_all = true;
    for (unsigned i = 0; guest->stop && i < guest->runs->len; i++)
        ((SimRun *)guest->runs->pdata[i])->of_all = true;
}

/* Stops that are under way become part of it. */
void
ask_stop_all(World *world)
{
    VsEvent event = {.type = VS_EVENT_STOP_ALL};

    event.stop_all.ladder = ladder_of_kind(world);
    event.stop_all.budget = some_budget(world, 60);
    event.stop_all.shutdown = world_chance(world, 50);
    world->wanted_of_all = world->policy.all.ladder;
    if (event.stop_all.ladder &&
        !vs_ladder_parse(event.stop_all.ladder, &world->wanted_of_all, NULL))
        world_fail(world, "no ladder: %s", event.stop_all.ladder);
    world_tell(world, "stop all, %s, %" G_GINT64_FORMAT " µs",
               event.stop_all.ladder ? event.stop_all.ladder : "as configured",
               event.stop_all.budget);
    for (int i = 0; i < N_GUESTS; i++)
        join_all(&world->guests[i]);
    world_step(world, &event);
}

void
ask_about_all(World *world)
{
    VsEvent event = {0};

    switch (g_rand_int_range(world->chance, 0, 6)) {
    case 0:
        event.type = VS_EVENT_CANCEL_ALL;
        break;
    case 1:
        event.type = VS_EVENT_EXTEND_ALL;
        event.extend.span = world_span(world) + 1;
        break;
    case 2:
        event.type = VS_EVENT_HOST_SHUTDOWN;
        event.host_shutdown.active = world_chance(world, 50);
        break;
    default:
        ask_stop_all(world);
        return;
    }
    world_tell(world, "request %d about all", event.type);
    world_step(world, &event);
}
