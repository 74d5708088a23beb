/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "random-message.h"
#include "search.h"

/* What can happen. Each letter is told, as far as libvirt is quick, before the next one. */

static bool
is_off(G_GNUC_UNUSED const World *world, const SimGuest *guest)
{
    return !sim_is_on(guest);
}

static bool
is_on(G_GNUC_UNUSED const World *world, const SimGuest *guest)
{
    return sim_is_on(guest);
}

/* Its system is whole. */
static bool
runs(G_GNUC_UNUSED const World *world, const SimGuest *guest)
{
    return sim_is_on(guest) && guest->state == VS_STATE_RUNNING &&
           sim_run(guest)->truth == TRUTH_NONE;
}

static bool
is_whole(G_GNUC_UNUSED const World *world, const SimGuest *guest)
{
    return sim_is_on(guest) && sim_run(guest)->truth == TRUTH_NONE;
}

static bool
always(G_GNUC_UNUSED const World *world, G_GNUC_UNUSED const SimGuest *guest)
{
    return true;
}

static bool
is_stopping(G_GNUC_UNUSED const World *world, const SimGuest *guest)
{
    return guest->stop && !guest->stop->finished;
}

static void
down(World *world, SimGuest *guest)
{
    sim_down(world, guest, OF_ITSELF);
}

static void
destroy(World *world, SimGuest *guest)
{
    sim_end(world, guest, TRUTH_DESTROYED);
}

static void
send_signal(World *world, SimGuest *guest)
{
    sim_end(world, guest, TRUTH_SIGNAL);
}

static void
die(World *world, SimGuest *guest)
{
    sim_end(world, guest, TRUTH_DIED);
}

static void
save(World *world, SimGuest *guest)
{
    sim_end(world, guest, TRUTH_SAVED);
}

static void
pause_it(World *world, SimGuest *guest)
{
    sim_pause(world, guest, guest->state == VS_STATE_RUNNING);
}

static void
agent(World *world, SimGuest *guest)
{
    sim_agent(world, guest, guest->agent != VS_AGENT_CONNECTED);
}

static bool
has_log(G_GNUC_UNUSED const World *world, const SimGuest *guest)
{
    return guest->log->len > 0;
}

static void
come_or_go(World *world, SimGuest *guest)
{
    if (guest->host->up)
        sim_close(world, guest->host);
    else
        sim_open(world, guest->host);
}

static void
restart(World *world, G_GNUC_UNUSED SimGuest *guest)
{
    world_restart(world);
}

/* The daemon dies in the middle of what it does next. */
static void
crash(World *world, G_GNUC_UNUSED SimGuest *guest)
{
    world->crash_after = 1;
}

static bool
is_sound(const World *world, G_GNUC_UNUSED const SimGuest *guest)
{
    return world->crash_after < 0;
}

/* To whatever comes next. */
static void
tick(World *world, G_GNUC_UNUSED SimGuest *guest)
{
    int64_t next = MIN(sim_next(world), vs_engine_next_timer(world->engine));

    world_pass(world, MAX(next - world->now.mono, 0));
}

static bool
has_next(const World *world, G_GNUC_UNUSED const SimGuest *guest)
{
    return MIN(sim_next(world), vs_engine_next_timer(world->engine)) < INT64_MAX;
}

/* Nothing that was asked before explains anything then. */
static void
wait_long(World *world, G_GNUC_UNUSED SimGuest *guest)
{
    world_pass(world, 3700 * SEC);
}

static void
stop_all(World *world, G_GNUC_UNUSED SimGuest *guest)
{
    ask_stop_all(world);
}

const Letter letters[] = {
    {"tick", has_next, tick, .is_of_host = true},
    {"boot", is_off, sim_boot},
    {"down", runs, down},
    {"reboot ends it", runs, sim_reboot_ends},
    {"panic ends it", runs, sim_panic_ends},
    {"destroyed", is_on, destroy},
    {"signal", is_on, send_signal},
    {"died", is_on, die},
    {"saved", is_whole, save},
    {"migrated", runs, sim_migrate},
    {"quit", runs, sim_quit},
    {"panic", runs, sim_panic},
    {"watchdog", runs, sim_watchdog},
    {"reverted", is_on, sim_revert},
    {"QEMU gives up", runs, sim_give_up},
    {"reset", is_whole, sim_reset},
    {"power cycle", runs, sim_power_cycle},
    {"pause", is_whole, pause_it},
    {"I/O error", runs, sim_no_room},
    {"snapshot", runs, sim_snapshot},
    {"press", runs, sim_press},
    {"agent", is_on, agent},
    {"log is gone", has_log, sim_rotate_log},
    {"connection", always, come_or_go, .is_of_host = true},
    {"restart", always, restart, .is_of_host = true},
    {"crash", is_sound, crash, .is_of_host = true},
    {"stop", always, ask_stop},
    {"request", is_stopping, ask_more},
    {"stop all", always, stop_all, .is_of_host = true, .is_of_many = true},
    {"an hour", always, wait_long, .is_of_host = true},
};

SimGuest *
search_guest(World *world, unsigned i)
{
    return &world->guests[i * N_HOSTS];
}

unsigned
letters_count(void)
{
    return G_N_ELEMENTS(letters);
}
