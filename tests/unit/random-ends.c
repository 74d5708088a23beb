/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "random-message.h"

/* Ends, and what only looks like one, with the events that libvirt and QEMU have for them. */

static bool
is_whole(const SimGuest *guest)
{
    return guest->state == VS_STATE_RUNNING && sim_run(guest)->truth == TRUTH_NONE;
}

static void
crash(World *world, SimGuest *guest, const char *what)
{
    world_tell(world, "%s panics: %s", guest->domain.name, what);
    sim_send_qmp(world, guest, "GUEST_PANICKED", "{\"action\":\"pause\"}");
    sim_send_qmp(world, guest, "STOP", NULL);
}

/* on_crash=restart: it never was away, for libvirt. */
static void
panic_and_restart(World *world, SimGuest *guest)
{
    crash(world, guest, "restart");
    sim_send_lifecycle(world, guest, VS_LIFECYCLE_CRASHED, VS_CRASHED_PANICKED);
    sim_run(guest)->n_resets++;
    sim_send_qmp(world, guest, "RESET", "{\"guest\":false,\"reason\":\"host-qmp-system-reset\"}");
    sim_send_reboot(world, guest);
    sim_send_qmp(world, guest, "RESUME", NULL);
    sim_send_lifecycle(world, guest, VS_LIFECYCLE_RESUMED, 0);
}

/* on_crash: destroy, restart, or preserve, as it comes. */
void
sim_panic(World *world, SimGuest *guest)
{
    int action = g_rand_int_range(world->chance, 0, 3);

    if (!is_whole(guest))
        return;
    if (action == 0) {
        panic_and_restart(world, guest);
        return;
    }
    crash(world, guest, action == 1 ? "destroy" : "preserve");
    guest->state = VS_STATE_CRASHED;
    sim_send_lifecycle(world, guest, VS_LIFECYCLE_CRASHED, VS_CRASHED_PANICKED);
    if (action == 1)
        sim_end(world, guest, TRUTH_PANIC);
}

static void
fire(World *world, SimGuest *guest, const char *data, int action)
{
    world_tell(world, "the watchdog of %s fires: %s", guest->domain.name, data);
    sim_send_qmp(world, guest, "WATCHDOG", data);
    sim_run(guest)->n_resets += action == VS_WATCHDOG_RESET;
    if (action == VS_WATCHDOG_RESET)
        sim_send_qmp(world, guest, "RESET", "{\"guest\":true,\"reason\":\"guest-reset\"}");
    sim_send_watchdog(world, guest, action);
}

void
sim_watchdog(World *world, SimGuest *guest)
{
    int action = g_rand_int_range(world->chance, 0, 4);

    if (!is_whole(guest))
        return;
    if (action == 0) {
        fire(world, guest, "{\"action\":\"poweroff\"}", VS_WATCHDOG_POWEROFF);
        sim_end(world, guest, TRUTH_WATCHDOG);
        if (g_rand_int_range(world->beside, 0, 100) < 30) /* what it fires for libvirt meets, too */
            message_new(world, HOST_CLOSES, guest->host, NULL,
                        g_rand_int_range(world->beside, 0, 1500) * MSEC);
    } else if (action == 1) {
        fire(world, guest, "{\"action\":\"reset\"}", VS_WATCHDOG_RESET);
        sim_send_reboot(world, guest);
    } else if (action == 2) {
        fire(world, guest, "{\"action\":\"pause\"}", VS_WATCHDOG_PAUSE);
        sim_pause(world, guest, true);
    } else {
        fire(world, guest, "{\"action\":\"shutdown\"}", VS_WATCHDOG_SHUTDOWN);
        sim_press(world, guest);
    }
}

/* QEMU may be gone before its SHUTDOWN is: that can't be known, then. */
void
sim_quit(World *world, SimGuest *guest)
{
    bool heard = world_chance(world, 60);

    if (!is_whole(guest))
        return;
    if (heard) {
        sim_send_qmp(world, guest, "SHUTDOWN", "{\"guest\":false,\"reason\":\"host-qmp-quit\"}");
        sim_send_lifecycle(world, guest, VS_LIFECYCLE_SHUTDOWN, VS_SHUTDOWN_HOST);
        guest->state = VS_STATE_SHUTDOWN;
    }
    sim_run(guest)->truth = TRUTH_QUIT;
    sim_end(world, guest, heard ? TRUTH_QUIT : TRUTH_DIED);
}

void
sim_migrate(World *world, SimGuest *guest)
{
    if (!is_whole(guest))
        return;
    sim_send_qmp(world, guest, "STOP", NULL);
    sim_send_qmp(world, guest, "MIGRATION", "{\"status\":\"completed\"}");
    guest->state = VS_STATE_PAUSED;
    sim_send_lifecycle(world, guest, VS_LIFECYCLE_SUSPENDED, 1);
    sim_end(world, guest, TRUTH_MIGRATED);
}

/* A SHUTDOWN out of the guest that is no power-off; the process is reaped as after one. */
static void
shut_down_for(World *world, SimGuest *guest, const char *data, Truth truth)
{
    if (!is_whole(guest))
        return;
    world_tell(world, "%s: SHUTDOWN %s", guest->domain.name, data);
    sim_run(guest)->truth = truth;
    guest->state = VS_STATE_SHUTDOWN;
    sim_send_qmp(world, guest, "SHUTDOWN", data);
    sim_send_lifecycle(world, guest, VS_LIFECYCLE_SHUTDOWN, VS_SHUTDOWN_GUEST);
    message_new(world, GUEST_GONE, guest->host, guest, 1500 * MSEC)->truth = TRUTH_DOWN;
}

/* on_reboot=destroy */
void
sim_reboot_ends(World *world, SimGuest *guest)
{
    shut_down_for(world, guest, "{\"guest\":true,\"reason\":\"guest-reset\"}", TRUTH_REBOOT);
}

void
sim_panic_ends(World *world, SimGuest *guest)
{
    shut_down_for(world, guest, "{\"guest\":true,\"reason\":\"guest-panic\"}", TRUTH_PANIC);
}

/* QEMU itself meets an error that it can't go on after, and says so. */
void
sim_give_up(World *world, SimGuest *guest)
{
    if (!is_whole(guest))
        return;
    sim_send_qmp(world, guest, "SHUTDOWN", "{\"guest\":false,\"reason\":\"host-error\"}");
    sim_send_lifecycle(world, guest, VS_LIFECYCLE_SHUTDOWN, VS_SHUTDOWN_HOST);
    guest->state = VS_STATE_SHUTDOWN;
    sim_run(guest)->truth = TRUTH_DIED;
    message_new(world, GUEST_GONE, guest->host, guest, 300 * MSEC)->truth = TRUTH_QUIT;
}

/* To a snapshot that was taken while it was off. */
void
sim_revert(World *world, SimGuest *guest)
{
    if (sim_is_on(guest))
        sim_end(world, guest, TRUTH_REVERTED);
}

/* libvirt has begun it, and gives it up at once. Of a start it tells nothing then: only who lists
 * just then sees a guest that runs. Of one that was to be migrated here it tells. */
void
sim_start_fails(World *world, SimGuest *guest)
{
    bool migrates = world_chance(world, 30);

    if (sim_is_on(guest))
        return;
    if (migrates)
        sim_boot(world, guest);
    else
        sim_begin_run(world, guest);
    sim_run(guest)->truth = TRUTH_NO_START;
    sim_run(guest)->migrates = migrates;
    message_new(world, GUEST_GONE, guest->host, guest, 200 * MSEC)->truth = TRUTH_NO_START;
}

/* What it is paused for lasts until somebody resumes it. */
void
sim_no_room(World *world, SimGuest *guest)
{
    if (!is_whole(guest))
        return;
    world_tell(world, "%s: I/O error", guest->domain.name);
    guest->state = VS_STATE_PAUSED;
    sim_send_qmp(world, guest, "BLOCK_IO_ERROR", "{\"action\":\"stop\"}");
    sim_send_qmp(world, guest, "STOP", NULL);
    sim_send_lifecycle(world, guest, VS_LIFECYCLE_SUSPENDED, VS_SUSPENDED_IOERROR);
}

/* logrotate took what the log had. */
void
sim_rotate_log(World *world, SimGuest *guest)
{
    world_tell(world, "the log of %s is empty", guest->domain.name);
    g_ptr_array_set_size(guest->log, 0);
}
