/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "random-message.h"
#include "util/json.h"

/* A snapshot with memory, a dump, a save that finds no room: the guest is paused, and runs on as if
 * nothing had been. What it was asked before it still does. */

/* libvirt's number, 11.10 and later. */
#define SUSPENDED_GUEST_SHUTDOWN 9

void
sim_snapshot(World *world, SimGuest *guest)
{
    if (guest->state != VS_STATE_RUNNING || sim_run(guest)->truth != TRUTH_NONE)
        return;
    sim_pause(world, guest, true);
    message_new(world, GUEST_RESUMED, guest->host, guest,
                g_rand_int_range(world->chance, 1, 8000) * MSEC);
}

/* While it is on its way down. */
void
sim_shoot_later(World *world, SimGuest *guest)
{
    if (world_chance(world, 30))
        message_new(world, GUEST_SNAPSHOT, guest->host, guest,
                    g_rand_int_range(world->chance, 0, 10000) * MSEC);
}

void
sim_save(World *world, SimGuest *guest, bool works)
{
    world_tell(world, "%s is being saved", guest->domain.name);
    if (works) {
        sim_send_qmp(world, guest, "STOP", NULL);
        sim_send_qmp(world, guest, "MIGRATION", "{\"status\":\"completed\"}");
        sim_end(world, guest, TRUTH_SAVED);
    } else if (guest->state == VS_STATE_RUNNING && sim_run(guest)->truth == TRUTH_NONE) {
        sim_pause(world, guest, true);
        message_new(world, GUEST_RESUMED, guest->host, guest, 2 * SEC);
    }
}

/* The guest powers off, and libvirt makes a reboot of that: by on_poweroff=restart, or where
 * somebody resumes what was kept for a backup. */
void
sim_power_cycle(World *world, SimGuest *guest)
{
    bool resets = world_chance(world, 50);

    if (guest->state != VS_STATE_RUNNING || sim_run(guest)->truth != TRUTH_NONE)
        return;
    world_tell(world, "%s powers off, and is begun anew", guest->domain.name);
    sim_send_qmp(world, guest, "SHUTDOWN", "{\"guest\":true,\"reason\":\"guest-shutdown\"}");
    sim_send_qmp(world, guest, "STOP", NULL);
    guest->state = VS_STATE_PAUSED;
    sim_run(guest)->is_down = sim_run(guest)->was_down = true;
    sim_run(guest)->down_at = world->now.mono;
    if (!resets)
        sim_send_lifecycle(world, guest, VS_LIFECYCLE_SUSPENDED, SUSPENDED_GUEST_SHUTDOWN);
    message_new(world, resets ? GUEST_RESETS : GUEST_RESUMED, guest->host, guest,
                world_span(world) % (20 * SEC));
}

void
sim_begin_anew(World *world, SimGuest *guest)
{
    if (!sim_run(guest)->is_down || sim_run(guest)->truth != TRUTH_NONE)
        return;
    sim_reset(world, guest);
    sim_pause(world, guest, false);
}

/* All of it was told, and what it was asked still stood when it was heard to go down. */
void
check_request_stands(World *world, const SimRun *run, const VsRecord *record)
{
    int64_t least = run->why == FOR_AGENT ? run->agent_least : run->button_least;

    if (!run->heard || run->of_all || run->why == OF_ITSELF || run->why == FOR_OTHERS ||
        run->truth != TRUTH_DOWN || run->word != TRUTH_DOWN || run->told_down == 0 ||
        run->told_down >= least)
        return;
    if (record->verdict.cause == VS_CAUSE_GUEST_INITIATED)
        world_fail(world, "run %d went down for what it was asked, which is forgotten", run->id);
}

/* What a step of the record's request came to is told truly. */
void
check_reboots(World *world, const SimRun *run, const VsRecord *record)
{
    json_object *steps = vs_json_array(record->request, "steps");

    for (size_t i = 0; steps && i < json_object_array_length(steps); i++) {
        json_object *step = json_object_array_get_idx(steps, i);

        if (g_str_equal(vs_json_string(step, "result", ""), "rebooted") && run->n_attempts == 0)
            world_fail(world, "run %d is said to have rebooted, and never did", run->id);
    }
}

static const VsStep *
find_step(const SimStop *stop, VsMethod method)
{
    for (unsigned i = 0; i < stop->ladder.n_steps; i++) {
        if (stop->ladder.steps[i].method == method)
            return &stop->ladder.steps[i];
    }
    return NULL;
}

/* For each press libvirt may take three seconds to begin. */
void
check_presses(World *world, const SimGuest *guest, const SimStop *stop)
{
    const VsStep *step = find_step(stop, VS_METHOD_POWER_BUTTON);

    if (!step || stop->n_presses == 0 || stop->disturbed || stop->hurried || stop->of_all ||
        stop->waiting[VS_METHOD_POWER_BUTTON] != 0 || stop->held[VS_METHOD_POWER_BUTTON] ||
        stop->heard_since != guest->host->generation ||
        step->presses * (step->gap + 4 * SEC) > step->span)
        return;
    if (stop->n_presses < step->presses)
        world_fail(world, "%s is destroyed after %u presses of %u", guest->domain.name,
                   stop->n_presses, step->presses);
}

/* No step of the ladder is passed over because there was nobody to take it. */
void
check_reached(World *world, const SimGuest *guest, const SimStop *stop)
{
    static const VsMethod methods[] = {VS_METHOD_AGENT, VS_METHOD_POWER_BUTTON};

    if (stop->hurried || stop->of_all)
        return;
    for (unsigned i = 0; i < G_N_ELEMENTS(methods); i++) {
        VsMethod method = methods[i];
        bool excused = method == VS_METHOD_AGENT ? stop->no_agent : stop->no_button;

        excused = excused || stop->called_in[method] == guest->host->generation;
        if (find_step(stop, method) && !stop->reached[method] && !excused)
            world_fail(world, "%s is destroyed, and its step %s never reached libvirt",
                       guest->domain.name, vs_method_name(method));
    }
}
