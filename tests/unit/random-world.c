/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/driver.h"
#include "random-message.h"

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
    world->beside = g_rand_new_with_seed(seed);
    world->story = g_string_new(NULL);
    world->now = (VsTime){.mono = 1000 * SEC, .real = INT64_C(1795000000) * SEC};
    world->crash_after = -1;
    world->messages = g_ptr_array_new_with_free_func(sim_message_free);
    world->recorded = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    world->prepared = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    world->stops = g_ptr_array_new_with_free_func(g_free);
    vs_policy_init(&world->policy);
    vs_driver_ladder(vs_driver_of("qemu:///system"), &world->policy.all.ladder);
    world->policy.all.paused = world_chance(world, 80) ? VS_PAUSED_RESUME : VS_PAUSED_LEAVE;
    world->wanted_of_all = world->policy.all.ladder;
    if (kinds & KIND_RAN)
        world->policy.sync_time = world_chance(world, 50);
    if (kinds & KIND_HOOKS)
        world->policy.hook_timeout = g_rand_int_range(world->beside, 1, 10) * SEC;
    if (kinds & KIND_PARTS)
        parts_set_up(world);
    world->engine = vs_engine_new(world->seed, &world->policy);
    vs_engine_set_hooks(world->engine, kinds & KIND_HOOKS);
    for (int i = 0; i < N_HOSTS; i++)
        world->hosts[i].uri = g_strdup_printf("qemu:///host%d", i);
    for (int i = 0; i < N_HOSTS; i++)
        sim_open_soon(world, &world->hosts[i]);
    for (int i = 0; i < N_GUESTS; i++)
        make_guest(world, i);
    for (int i = 0; (kinds & KIND_HABITS) && i < N_GUESTS; i++)
        sim_get_habits(world, &world->guests[i]);
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
        vs_labels_unref(world->guests[i].labels);
        g_ptr_array_unref(world->guests[i].runs);
        g_ptr_array_unref(world->guests[i].log);
        g_free(world->kept[i]);
    }
    for (int i = 0; i < N_HOSTS; i++)
        g_free(world->hosts[i].uri);
    g_ptr_array_unref(world->messages);
    g_ptr_array_unref(world->stops);
    g_hash_table_unref(world->recorded);
    g_hash_table_unref(world->prepared);
    g_free(world->ran);
    trace_clear(world);
    g_string_free(world->story, TRUE);
    g_free(world->complaint);
    if (world->deeds)
        g_string_free(world->deeds, TRUE);
    g_rand_free(world->chance);
    g_rand_free(world->beside);
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
    va_list arguments;

    va_start(arguments, format);
    what = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    if (!world->rescue)
        g_error("%s%s", world->story->str, what);
    world->complaint = g_steal_pointer(&what);
    longjmp(*world->rescue, 1);
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
    if ((world->kinds & KIND_ENDS) && world_chance(world, world->kinds & KIND_HABITS ? 4 : 25)) {
        static void (*const ends[])(World *, SimGuest *) = {
            sim_panic,      sim_watchdog, sim_quit,   sim_migrate, sim_reboot_ends,
            sim_panic_ends, sim_give_up,  sim_revert, sim_no_room, sim_rotate_log};

        ends[g_rand_int_range(world->chance, 0, G_N_ELEMENTS(ends))](world, guest);
        return true;
    }
    if ((world->kinds & KIND_HABITS) && world_chance(world, 1)) {
        sim_agent_of_others(world, guest);
        return true;
    }
    return false;
}

static void
happen_to_guest(World *world, SimGuest *guest)
{
    if (!sim_is_on(guest)) {
        if ((world->kinds & KIND_ENDS) && world_chance(world, 3))
            sim_start_fails(world, guest);
        else if (world_chance(world, 60))
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
        ran_restore(world, NULL);
    else if (world_chance(world, 50))
        ask_stop_all(world);
    else
        world_restart(world);
}

void
world_happen(World *world)
{
    int what = g_rand_int_range(world->chance, 0, 100);
    bool steady = g_getenv("VS_RANDOM_STEADY") != NULL; /* the daemon never ends */
    int crash_after = what >= 3 && what < 6 ? g_rand_int_range(world->chance, 0, 30) : -1;

    if ((world->kinds & KIND_RAN) && world_chance(world, 8)) {
        happen_to_what_ran(world);
        world_pass(world, world_span(world));
        return;
    }
    if ((world->kinds & KIND_PARTS) && world_chance(world, 10))
        ask_about_part(world);
    else if (what < 3 && !steady)
        world_restart(world);
    else if (what < 6)
        world->crash_after = steady ? -1 : crash_after;
    else if (what < 10)
        ask_about_all(world);
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
    ran_restore(world, NULL);
    world_pass(world, 24 * 3600 * SEC);
}

void
world_settle(World *world)
{
    world->crash_after = -1;
    world->settles = true;
    for (int i = 0; i < N_HOSTS; i++) {
        if (!world->hosts[i].up)
            sim_open(world, &world->hosts[i]);
    }
    world_pass(world, 24 * 3600 * SEC);
    if (world->kinds & KIND_RAN)
        settle_what_ran(world);
}
