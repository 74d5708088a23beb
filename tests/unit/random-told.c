/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "random-message.h"

/* What the engine was told so far: nobody can hold it to more. */

/* The engine's own resume, or what it may take for that. */
static bool
is_own_resume(const World *world, const SimGuest *guest)
{
    return guest->stop && guest->stop->resumed > 0 &&
           world->now.mono - guest->stop->resumed < 20 * SEC;
}

static void
note_qmp(World *world, const Message *message, SimRun *run)
{
    SimGuest *guest = message->guest;

    if (g_str_equal(message->qmp, "SHUTDOWN")) {
        guest->told_down = true;
        if (run->told_down == 0)
            run->told_down = world->now.mono;
    } else if (g_str_equal(message->qmp, "POWERDOWN")) {
        run->button_until = MAX(run->button_until, world->now.mono + 600 * SEC);
    } else if (g_str_equal(message->qmp, "RESET") ||
               (g_str_equal(message->qmp, "RESUME") && !is_own_resume(world, guest))) {
        world->forgetting = run;
        world->before = *run;
        run->agent_until = run->button_until = run->told_down = 0;
        guest->told_down = false;
    }
}

static void
note_lifecycle(World *world, const Message *message, SimRun *run)
{
    SimGuest *guest = message->guest;

    if (message->lifecycle == VS_LIFECYCLE_STOPPED) {
        run->told_off = world->now.mono;
        guest->told_off = guest->told_no_agent = true;
    } else if (message->lifecycle == VS_LIFECYCLE_STARTED) {
        guest->told_off = guest->told_down = guest->told_paused = false;
    } else if (message->lifecycle == VS_LIFECYCLE_SUSPENDED) {
        guest->told_paused = true;
    } else if (message->lifecycle == VS_LIFECYCLE_RESUMED) {
        guest->told_paused = false;
    }
}

/* What was told makes a stop's steps shorter. */
static void
note_excuses(SimGuest *guest)
{
    SimStop *stop = guest->stop;

    if (!stop)
        return;
    stop->hurried |= guest->told_down;
    stop->no_agent |= guest->told_paused || guest->told_no_agent;
    stop->no_button |= guest->told_paused;
}

void
sim_note_told(World *world, const Message *message)
{
    SimRun *run = message->run;

    if (message->type == EVENT_QMP)
        note_qmp(world, message, run);
    else if (message->type == EVENT_LIFECYCLE)
        note_lifecycle(world, message, run);
    else if (message->type == EVENT_AGENT)
        message->guest->told_no_agent = message->agent != VS_AGENT_CONNECTED;
    note_excuses(message->guest);
}

void
sim_note_described(World *world, const Message *message)
{
    for (unsigned i = 0; i < message->n_infos; i++) {
        const VsDomainInfo *info = &message->infos[i];
        SimGuest *guest = world_guest(world, &info->domain);

        guest->told_off = info->state == VS_STATE_SHUTOFF;
        guest->told_paused = info->state == VS_STATE_PAUSED;
        guest->told_no_agent = info->agent != VS_AGENT_CONNECTED;
        note_excuses(guest);
    }
}
