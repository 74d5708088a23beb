/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "random-message.h"
#include "util/wallclock.h"

/* What guests do, and what libvirt and QEMU say of it. */

bool
sim_is_on(const SimGuest *guest)
{
    return guest->domain.id >= 0;
}

SimRun *
sim_run(const SimGuest *guest)
{
    return sim_is_on(guest) ? guest->runs->pdata[guest->runs->len - 1] : NULL;
}

static bool
can_send(const SimGuest *guest)
{
    return guest->host->up;
}

void
sim_send_qmp(World *world, SimGuest *guest, const char *event, const char *data)
{
    Message *message;

    if (!can_send(guest))
        return;
    message = message_send(world, EVENT_QMP, guest->host, guest);
    message->qmp = event;
    message->data = data;
}

void
sim_send_lifecycle(World *world, SimGuest *guest, int type, int detail)
{
    Message *message;

    if (!can_send(guest))
        return;
    message = message_send(world, EVENT_LIFECYCLE, guest->host, guest);
    message->lifecycle = type;
    message->detail = detail;
}

void
sim_send_reboot(World *world, SimGuest *guest)
{
    if (can_send(guest))
        message_send(world, EVENT_REBOOT, guest->host, guest);
}

void
sim_send_watchdog(World *world, SimGuest *guest, int action)
{
    if (can_send(guest))
        message_send(world, EVENT_WATCHDOG, guest->host, guest)->detail = action;
}

static void
write_log(World *world, SimGuest *guest, const char *text)
{
    g_autofree char *time = vs_wallclock_format(world->now.real);

    g_ptr_array_add(guest->log, g_strconcat(time, text, NULL));
}

void
sim_begin_run(World *world, SimGuest *guest)
{
    SimRun *run = g_new0(SimRun, 1);

    world_tell(world, "%s boots, id %d", guest->domain.name, world->last_id + 1);
    run->id = guest->domain.id = ++world->last_id;
    run->heard_since = guest->host->up ? guest->host->generation : 0;
    guest->going_down = OF_ITSELF;
    guest->runs_again = true;
    g_ptr_array_add(guest->runs, run);
    trace_boot(world, guest);
    guest->state = VS_STATE_RUNNING;
    guest->agent = VS_AGENT_DISCONNECTED;
    write_log(world, guest, ": starting up libvirt version: 9.0.0");
}

void
sim_boot(World *world, SimGuest *guest)
{
    sim_begin_run(world, guest);
    sim_send_lifecycle(world, guest, VS_LIFECYCLE_STARTED, 0);
    sim_send_qmp(world, guest, "RESET", "{\"guest\":true,\"reason\":\"guest-reset\"}");
    sim_agent(world, guest, true);
}

static const char SIGNAL_DATA[] = "{\"guest\":false,\"reason\":\"host-signal\"}";

static void
mark_down(const SimGuest *guest)
{
    const SimStop *stop = guest->stop;

    if (!stop || stop->finished)
        return;
    if (stop->destroy_called)
        mark("race: down before the destroy reaches it");
    if (stop->waiting[VS_METHOD_AGENT])
        mark("race: down before the agent's answer");
    if (stop->waiting[VS_METHOD_POWER_BUTTON])
        mark("race: down before the press is answered");
    if (!guest->host->up)
        mark("race: down for a stop while libvirt is away");
}

/* Its system is down; libvirt takes its time to reap the process. */
void
sim_down(World *world, SimGuest *guest, Why why)
{
    SimRun *run = sim_run(guest);

    if (run && run->truth == TRUTH_NONE && guest->state == VS_STATE_PAUSED && !run->is_down)
        guest->going_down = why; /* which a pause only puts off */
    if (!run || run->truth != TRUTH_NONE || guest->state != VS_STATE_RUNNING)
        return;
    world_tell(world, "%s is down", guest->domain.name);
    mark_down(guest);
    run->truth = TRUTH_DOWN;
    run->why = why;
    run->down_at = world->now.mono;
    guest->state = VS_STATE_SHUTDOWN;
    sim_send_qmp(world, guest, "SHUTDOWN", "{\"guest\":true,\"reason\":\"guest-shutdown\"}");
    sim_send_lifecycle(world, guest, VS_LIFECYCLE_SHUTDOWN, VS_SHUTDOWN_GUEST);
    sim_send_qmp(world, guest, "STOP", NULL);
    sim_cut_agent(world, guest);
    message_new(world, GUEST_GONE, guest->host, guest,
                world_chance(world, 5) ? 100 * SEC : 1500 * MSEC)
        ->truth = TRUTH_DOWN;
}

static void
log_reaping(World *world, SimGuest *guest, SimRun *run)
{
    write_log(world, guest, " qemu: terminating on signal 15 from pid 99 (libvirtd)");
    if (run->reaped == 0)
        run->reaped = world->now.mono;
}

/* What begins the end of the process, and is seen of it. */
void
sim_end(World *world, SimGuest *guest, Truth truth)
{
    SimRun *run = sim_run(guest);
    int64_t takes = world_chance(world, 90) ? 1200 * MSEC : 11 * SEC;

    if (run->truth == TRUTH_NO_START)
        return; /* a moment, and it is gone */
    world_tell(world, "%s is ended: %d", guest->domain.name, truth);
    if (run->truth == TRUTH_DOWN)
        mark("race: down, and ended before it is reaped");
    else if (run->truth != TRUTH_NONE)
        mark("race: ended twice");
    if (run->truth == TRUTH_NONE)
        run->truth = run->is_down ? TRUTH_DOWN : truth;
    run->signalled |= truth == TRUTH_SIGNAL;
    if (truth == TRUTH_SIGNAL)
        write_log(world, guest, " qemu: terminating on signal 15 from pid 77 (bash)");
    if (truth == TRUTH_DESTROYED)
        log_reaping(world, guest, run);
    if (truth == TRUTH_SIGNAL || truth == TRUTH_DESTROYED) {
        sim_send_qmp(world, guest, "SHUTDOWN", SIGNAL_DATA);
        sim_send_lifecycle(world, guest, VS_LIFECYCLE_SHUTDOWN, VS_SHUTDOWN_HOST);
        guest->state = VS_STATE_SHUTDOWN;
    }
    message_new(world, GUEST_GONE, guest->host, guest, takes)->truth = truth;
}

/* The process is gone. libvirt, where it is away, finds out later, and has only one word for it. */
void
sim_gone(World *world, SimGuest *guest, Truth truth)
{
    static const struct {
        int detail, reason;
        const char *log;
    } ends[] = {
        [TRUTH_DOWN] = {VS_STOPPED_SHUTDOWN, VS_SHUTOFF_SHUTDOWN,
                        ": shutting down, reason=shutdown"},
        [TRUTH_DESTROYED] = {VS_STOPPED_DESTROYED, VS_SHUTOFF_DESTROYED,
                             ": shutting down, reason=destroyed"},
        [TRUTH_SIGNAL] = {VS_STOPPED_SHUTDOWN, VS_SHUTOFF_SHUTDOWN,
                          ": shutting down, reason=shutdown"},
        [TRUTH_DIED] = {VS_STOPPED_FAILED, VS_SHUTOFF_CRASHED, ": shutting down, reason=crashed"},
        [TRUTH_SAVED] = {VS_STOPPED_SAVED, VS_SHUTOFF_SAVED, ": shutting down, reason=saved"},
        [TRUTH_PANIC] = {VS_STOPPED_CRASHED, VS_SHUTOFF_CRASHED, ": shutting down, reason=crashed"},
        [TRUTH_WATCHDOG] = {VS_STOPPED_FAILED, VS_SHUTOFF_CRASHED,
                            ": shutting down, reason=crashed"},
        [TRUTH_QUIT] = {VS_STOPPED_SHUTDOWN, VS_SHUTOFF_SHUTDOWN,
                        ": shutting down, reason=shutdown"},
        [TRUTH_MIGRATED] = {VS_STOPPED_MIGRATED, VS_SHUTOFF_MIGRATED,
                            ": shutting down, reason=migrated"},
        [TRUTH_REVERTED] = {VS_STOPPED_FROM_SNAPSHOT, VS_SHUTOFF_FROM_SNAPSHOT,
                            ": shutting down, reason=from snapshot"},
        [TRUTH_NO_START] = {VS_STOPPED_FAILED, VS_SHUTOFF_FAILED, ": shutting down, reason=failed"},
    };
    SimRun *run = sim_run(guest);

    world_tell(world, "%s is gone: %d", guest->domain.name, truth);
    if (truth == TRUTH_DOWN) {
        log_reaping(world, guest, run);
        sim_send_qmp(world, guest, "SHUTDOWN", SIGNAL_DATA);
    }
    sim_process_gone(world, guest, run, truth);
    run->ended = true;
    run->ended_order = world->order;
    run->word = truth;
    guest->domain.id = -1;
    guest->state = VS_STATE_SHUTOFF;
    guest->reason = ends[truth].reason;
    guest->agent = VS_AGENT_DISCONNECTED;
    write_log(world, guest, ends[truth].log);
    if (truth == TRUTH_PANIC)
        log_reaping(world, guest, run);
    if (truth != TRUTH_NO_START || run->migrates)
        sim_send_lifecycle(world, guest, VS_LIFECYCLE_STOPPED, ends[truth].detail);
    if (world->kinds & KIND_LATE)
        sim_comes_again(world, guest);
}

/* What its system was asked doesn't outlive that. */
static void
begin_anew(SimGuest *guest)
{
    SimRun *run = sim_run(guest);

    run->is_down = false;
    run->n_resets++;
    run->heard_agent = run->heard_button = 0;
    guest->going_down = OF_ITSELF;
}

void
sim_reset(World *world, SimGuest *guest)
{
    SimRun *run = sim_run(guest);

    /* Also what on_poweroff=restart makes of a power-off, as long as it isn't reaped. */
    if (run->truth != TRUTH_NONE)
        return;
    world_tell(world, "%s reboots", guest->domain.name);
    begin_anew(guest);
    sim_send_qmp(world, guest, "RESET", "{\"guest\":true,\"reason\":\"guest-reset\"}");
    sim_send_reboot(world, guest);
}

/* What it was about when it was paused, it goes on with. */
static void
go_on(World *world, SimGuest *guest)
{
    if (sim_run(guest)->is_down)
        begin_anew(guest);
    if (guest->going_down != OF_ITSELF && (world->kinds & KIND_PAUSES))
        message_new(world, GUEST_DOWN, guest->host, guest, 100 * MSEC)->why = guest->going_down;
    guest->going_down = OF_ITSELF;
}

void
sim_pause(World *world, SimGuest *guest, bool pause)
{
    if (sim_run(guest)->truth != TRUTH_NONE ||
        guest->state != (pause ? VS_STATE_RUNNING : VS_STATE_PAUSED))
        return;
    world_tell(world, "%s is %s", guest->domain.name, pause ? "paused" : "resumed");
    guest->state = pause ? VS_STATE_PAUSED : VS_STATE_RUNNING;
    sim_send_qmp(world, guest, pause ? "STOP" : "RESUME", NULL);
    sim_send_lifecycle(world, guest, pause ? VS_LIFECYCLE_SUSPENDED : VS_LIFECYCLE_RESUMED, 0);
    if (!pause)
        go_on(world, guest);
}

void
sim_press(World *world, SimGuest *guest)
{
    if (guest->state != VS_STATE_RUNNING)
        return;
    sim_run(guest)->heard_button = world->now.mono;
    if (sim_run(guest)->asked_button)
        mark("race: pressed by two");
    sim_send_qmp(world, guest, "POWERDOWN", NULL);
    sim_obeys(world, guest, FOR_BUTTON);
}

void
sim_agent(World *world, SimGuest *guest, bool connected)
{
    guest->agent = connected ? VS_AGENT_CONNECTED : VS_AGENT_DISCONNECTED;
    if (can_send(guest))
        message_send(world, EVENT_AGENT, guest->host, guest)->agent = guest->agent;
}
