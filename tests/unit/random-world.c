/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>

#include "random-world.h"

/* The world: what happens in it, and when. */

static void
run_free(void *run)
{
    g_free(run);
}

static void
make_guest(World *world, int i)
{
    SimGuest *guest = &world->guests[i];

    guest->host = &world->hosts[i % N_HOSTS];
    guest->domain = (VsDomainId){.uri = guest->host->uri, .id = -1};
    guest->domain.name = g_strdup_printf("guest%d", i);
    g_snprintf(guest->domain.uuid.text, sizeof(guest->domain.uuid.text),
               "11111111-2222-4333-8444-55555555550%d", i);
    guest->state = VS_STATE_SHUTOFF;
    guest->agent = VS_AGENT_DISCONNECTED;
    guest->runs = g_ptr_array_new_with_free_func(run_free);
    guest->log = g_ptr_array_new_with_free_func(g_free);
}

World *
world_new(unsigned seed, unsigned kinds)
{
    World *world = g_new0(World, 1);

    world->number = seed;
    world->kinds = kinds;
    world->chance = g_rand_new_with_seed(seed);
    world->story = g_string_new(NULL);
    world->now = (VsTime){.mono = 1000 * SEC, .real = INT64_C(1795000000) * SEC};
    world->crash_after = -1;
    world->messages = g_ptr_array_new_with_free_func(sim_message_free);
    world->recorded = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    world->stops = g_ptr_array_new_with_free_func(g_free);
    vs_policy_init(&world->policy);
    world->policy.all.resume_paused = world_chance(world, 80);
    world->wanted_of_all = world->policy.all.ladder;
    if (kinds & KIND_RAN)
        world->policy.sync_time = world_chance(world, 50);
    world->engine = vs_engine_new(world->seed, &world->policy);
    for (int i = 0; i < N_HOSTS; i++)
        world->hosts[i].uri = g_strdup_printf("qemu:///host%d", i);
    for (int i = 0; i < N_GUESTS; i++)
        make_guest(world, i);
    for (int i = 0; (kinds & KIND_LATE) && i < N_GUESTS; i++)
        world->guests[i].transient = world_chance(world, 40);
    return world;
}

void
world_free(World *world)
{
    vs_engine_free(world->engine);
    vs_policy_clear(&world->policy);
    for (int i = 0; i < N_GUESTS; i++) {
        g_free(world->guests[i].domain.name);
        g_ptr_array_unref(world->guests[i].runs);
        g_ptr_array_unref(world->guests[i].log);
        g_free(world->kept[i]);
    }
    for (int i = 0; i < N_HOSTS; i++)
        g_free(world->hosts[i].uri);
    g_ptr_array_unref(world->messages);
    g_ptr_array_unref(world->stops);
    g_hash_table_unref(world->recorded);
    g_free(world->ran);
    g_string_free(world->story, TRUE);
    if (world->deeds)
        g_string_free(world->deeds, TRUE);
    g_rand_free(world->chance);
    g_free(world);
}

void
world_tell(World *world, const char *format, ...)
{
    va_list arguments;

    g_string_append_printf(world->story, "%10.3f ", (double)world->now.mono / 1e6);
    va_start(arguments, format);
    g_string_append_vprintf(world->story, format, arguments);
    va_end(arguments);
    g_string_append_c(world->story, '\n');
}

void
world_fail(World *world, const char *format, ...)
{
    g_autofree char *what = NULL;
    g_autofree char *kinds = kinds_format(world->kinds);
    va_list arguments;

    va_start(arguments, format);
    what = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_printerr("%s", world->story->str);
    g_error("%s (again: VS_RANDOM_RUNS=1 VS_RANDOM_SEED=%u VS_RANDOM_KINDS=%s)", what,
            world->number, kinds);
}

bool
world_chance(World *world, int percent)
{
    return g_rand_int_range(world->chance, 0, 100) < percent;
}

int64_t
world_span(World *world)
{
    static const int64_t most[] = {MSEC, 100 * MSEC, 2 * SEC, 10 * SEC, 60 * SEC, 3600 * SEC};
    int pick = g_rand_int_range(world->chance, 0, G_N_ELEMENTS(most));

    return g_rand_double_range(world->chance, 0, most[pick]);
}

static void
go_to(World *world, int64_t mono)
{
    VsEvent timer = {.type = VS_EVENT_TIMER};

    world->now.real += mono - world->now.mono;
    world->now.mono = mono;
    if (vs_engine_next_timer(world->engine) <= mono)
        world_step(world, &timer);
}

/* Messages and the engine's timer, in their order. */
void
world_pass(World *world, int64_t span)
{
    int64_t until = world->now.mono + span;

    for (;;) {
        int64_t message = sim_next(world), timer = vs_engine_next_timer(world->engine);
        int64_t next = MIN(message, timer);

        if (next > until)
            break;
        if (message <= timer) {
            go_to(world, MAX(message, world->now.mono));
            if (sim_next(world) <= world->now.mono)
                sim_deliver(world);
        } else {
            go_to(world, timer);
        }
    }
    go_to(world, until);
}

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

static const char *
some_ladder_with_save(World *world)
{
    static const char *const ladders[] = {
        "save:60s power-button:20s destroy", "power-button:10s save:30s leave",
        "power-button:40s,press=2,gap=3s save:20s destroy",
        "power-button:60s,press=3,gap=15s destroy", "power-button:60s,press=3,gap=15s destroy"};

    return world_chance(world, 40)
               ? ladders[g_rand_int_range(world->chance, 0, G_N_ELEMENTS(ladders))]
               : some_ladder(world);
}

static const char *
ladder_of_kind(World *world)
{
    return world->kinds & KIND_PAUSES ? some_ladder_with_save(world) : some_ladder(world);
}

static void
ask_stop(World *world, SimGuest *guest)
{
    VsEvent event = {.type = VS_EVENT_STOP, .domain = &guest->domain};

    event.stop.ladder = ladder_of_kind(world);
    event.stop.budget = world_chance(world, 20) ? world_span(world) : 0;
    world->wanted = world->policy.all.ladder;
    if (event.stop.ladder && !vs_ladder_parse(event.stop.ladder, &world->wanted, NULL))
        world_fail(world, "no ladder: %s", event.stop.ladder);
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
    guest->stop->extended += span;
    for (unsigned i = 0; i < guest->runs->len; i++) {
        SimRun *run = guest->runs->pdata[i];

        if (run->agent_until > 0)
            run->agent_until += span;
        if (run->button_until > 0)
            run->button_until += span;
    }
}

static void
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
    if (world_step(world, &event) && event.type == VS_EVENT_EXTEND && epoch == world->epoch)
        extend(guest, span);
}

static bool
happen_by_kind(World *world, SimGuest *guest)
{
    if ((world->kinds & KIND_PAUSES) && world_chance(world, 15)) {
        if (world_chance(world, 70))
            sim_snapshot(world, guest);
        else
            sim_power_cycle(world, guest);
        return true;
    }
    if ((world->kinds & KIND_ENDS) && world_chance(world, 15)) {
        static void (*const ends[])(World *, SimGuest *) = {sim_panic, sim_watchdog, sim_quit,
                                                            sim_migrate};

        ends[g_rand_int_range(world->chance, 0, G_N_ELEMENTS(ends))](world, guest);
        return true;
    }
    return false;
}

static void
happen_to_guest(World *world, SimGuest *guest)
{
    if (!sim_is_on(guest)) {
        if (world_chance(world, 60))
            sim_boot(world, guest);
        else
            ask_stop(world, guest);
        return;
    }
    if (happen_by_kind(world, guest))
        return;
    switch (g_rand_int_range(world->chance, 0, 16)) {
    case 0:
        sim_down(world, guest, OF_ITSELF);
        break;
    case 1:
        sim_end(world, guest, TRUTH_DESTROYED);
        break;
    case 2:
        sim_end(world, guest, TRUTH_SIGNAL);
        break;
    case 3:
        sim_end(world, guest, TRUTH_DIED);
        break;
    case 4:
        sim_end(world, guest, TRUTH_SAVED);
        break;
    case 5:
        sim_reset(world, guest);
        break;
    case 6:
        sim_pause(world, guest, guest->state == VS_STATE_RUNNING);
        break;
    case 7:
        sim_press(world, guest);
        break;
    case 8:
        sim_agent(world, guest, guest->agent != VS_AGENT_CONNECTED);
        break;
    case 9:
    case 10:
    case 11:
        ask_more(world, guest);
        break;
    default:
        ask_stop(world, guest);
        break;
    }
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
static void
ask_stop_all(World *world)
{
    VsEvent event = {.type = VS_EVENT_STOP_ALL};

    event.stop_all.ladder = ladder_of_kind(world);
    event.stop_all.budget = world_chance(world, 60) ? world_span(world) : 0;
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

static void
happen_to_all(World *world)
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

static void
happen_to_host(World *world, SimHost *host)
{
    if (!host->up)
        sim_open(world, host);
    else if (world_chance(world, 30))
        sim_close(world, host);
}

/* Often all together: or it would hardly ever be seen. */
static void
happen_to_what_ran(World *world)
{
    if (world_chance(world, 50))
        ran_restore(world, false);
    else if (world_chance(world, 50))
        ask_stop_all(world);
    else
        world_restart(world);
}

void
world_happen(World *world)
{
    int what = g_rand_int_range(world->chance, 0, 100);

    if ((world->kinds & KIND_RAN) && world_chance(world, 8)) {
        happen_to_what_ran(world);
        world_pass(world, world_span(world));
        return;
    }
    if (what < 3)
        world_restart(world);
    else if (what < 6)
        world->crash_after = g_rand_int_range(world->chance, 0, 30);
    else if (what < 10)
        happen_to_all(world);
    else if (what < 24)
        happen_to_host(world, &world->hosts[g_rand_int_range(world->chance, 0, N_HOSTS)]);
    else
        happen_to_guest(world, &world->guests[g_rand_int_range(world->chance, 0, N_GUESTS)]);
    world_pass(world, world_span(world));
}

/* The host stays up, and what ran is started again. */
static void
settle_what_ran(World *world)
{
    VsEvent event = {.type = VS_EVENT_HOST_SHUTDOWN};

    world_step(world, &event);
    world_pass(world, 24 * 3600 * SEC);
    ran_restore(world, false);
    world_pass(world, 24 * 3600 * SEC);
}

void
world_settle(World *world)
{
    world->crash_after = -1;
    for (int i = 0; i < N_HOSTS; i++) {
        if (!world->hosts[i].up)
            sim_open(world, &world->hosts[i]);
    }
    world_pass(world, 24 * 3600 * SEC);
    if (world->kinds & KIND_RAN)
        settle_what_ran(world);
}
