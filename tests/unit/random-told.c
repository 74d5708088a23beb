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

/* A pause is none of that: what the guest was asked stands through it. */
static bool
begins_attempt(const Message *message, const SimRun *run)
{
    return g_str_equal(message->qmp, "RESET") ||
           (g_str_equal(message->qmp, "RESUME") && run->told_down > 0);
}

/* Our destroy was under way when its system was down: what begins anew then is ended at once, and
 * was down for what it was asked. */
static bool
is_ended_down(const SimGuest *guest, const SimRun *run)
{
    return run->told_down > 0 && guest->stop && !guest->stop->finished &&
           guest->stop->destroy_called;
}

/* What it was asked explains nothing for certain any more, from here on. */
static void
note_attempt(const SimGuest *guest, SimRun *run)
{
    run->n_attempts++;
    run->agent_least = run->button_least = 0;
    if (guest->stop)
        guest->stop->disturbed = true;
}

/* Which the daemon asked only since it happened; the guest's older requests are over all the same.
 */
static bool
is_of_before(const Message *message, const SimRun *run)
{
    return g_str_equal(message->qmp, "RESET") && run->told_down == 0 &&
           message->sent < run->asked_at;
}

static void
note_qmp(World *world, const Message *message, SimRun *run)
{
    SimGuest *guest = message->guest;

    if (g_str_equal(message->qmp, "SHUTDOWN")) {
        guest->told_down = true;
        if (run->told_down == 0 || run->told_anew)
            run->told_down = world->now.mono;
        run->told_anew = false;
    } else if (g_str_equal(message->qmp, "POWERDOWN")) {
        run->button_until = MAX(run->button_until, world->now.mono + 600 * SEC);
        if (!run->asked_button)
            run->button_least = world->now.mono + 600 * SEC;
        if (guest->stop)
            guest->stop->press_told = true;
    }
    if (g_str_equal(message->qmp, "RESET") && guest->stop && !guest->stop->finished)
        mark("race: a reboot in a stop");
    if (begins_attempt(message, run) && run->told_down > 0)
        mark("race: begun anew behind its SHUTDOWN");
    if (begins_attempt(message, run) || (run->told_reset && g_str_equal(message->qmp, "RESUME")))
        note_attempt(guest, run);
    run->told_reset = g_str_equal(message->qmp, "RESET") ||
                      (run->told_reset && !g_str_equal(message->qmp, "RESUME"));
    run->told_anew |= begins_attempt(message, run) && is_ended_down(guest, run);
    if (begins_attempt(message, run) && !is_ended_down(guest, run) &&
        (g_str_equal(message->qmp, "RESET") || !is_own_resume(world, guest))) {
        world->forgetting = run;
        world->before = *run;
        if (!is_of_before(message, run))
            run->agent_until = run->button_until = 0;
        run->told_down = 0;
        guest->told_down = false;
    }
}

/* Where events are held up a list may have said so long before, and may know more; but not that a
 * run which begins for all that is told is over already. */
static bool
is_news(SimGuest *guest, const Message *message)
{
    bool begins = message->type == EVENT_LIFECYCLE && message->lifecycle == VS_LIFECYCLE_STARTED;

    if (message->order < guest->told_order && !begins)
        return false;
    guest->told_order = message->order;
    return true;
}

static void
note_on(const World *world, SimGuest *guest, bool on)
{
    if (!on)
        guest->told_on = 0;
    else if (guest->told_on == 0)
        guest->told_on = world->now.mono;
    guest->runs_again |= on;
}

static void
note_stopped(World *world, const SimGuest *guest, SimRun *run)
{
    if (run->n_records > 0)
        mark("race: STOPPED behind the record");
    else if (run->found_off > 0)
        mark("race: STOPPED behind a list without it");
    if (sim_is_on(guest))
        mark("race: STOPPED as it runs again");
    run->told_off = world->now.mono;
    run->heard = run->heard_since != 0 && run->heard_since == guest->host->generation;
    if (world->kinds & KIND_LATE)
        check_stopped(world, guest, run);
}

/* Its end comes over the same connection. */
static void
note_known(const SimGuest *guest, SimRun *run)
{
    if (run->found_off == 0 && run->told_off == 0)
        run->known_in = guest->host->generation;
}

static void
note_lifecycle(World *world, const Message *message, SimRun *run)
{
    SimGuest *guest = message->guest;

    if (message->lifecycle == VS_LIFECYCLE_STOPPED)
        note_stopped(world, guest, run);
    if (!is_news(guest, message))
        return;
    if (message->lifecycle == VS_LIFECYCLE_STOPPED) {
        guest->told_off = guest->told_no_agent = true;
        note_on(world, guest, false);
    } else if (message->lifecycle == VS_LIFECYCLE_STARTED) {
        guest->told_off = guest->told_down = guest->told_paused = false;
        guest->asked_description = 0;
        note_on(world, guest, true);
    } else if (message->lifecycle == VS_LIFECYCLE_SUSPENDED ||
               message->lifecycle == VS_LIFECYCLE_CRASHED) {
        guest->told_paused = true;
        if (guest->stop && !guest->stop->finished)
            mark("race: paused in a stop");
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

    message->guest->told_step = world->steps + 1;
    if (message->id == run->id)
        note_known(message->guest, run);
    if (message->type == EVENT_QMP)
        note_qmp(world, message, run);
    else if (message->type == EVENT_LIFECYCLE)
        note_lifecycle(world, message, run);
    else if (message->type == EVENT_AGENT)
        message->guest->told_no_agent = message->agent != VS_AGENT_CONNECTED;
    note_excuses(message->guest);
}

static void
note_found_off(const World *world, const SimGuest *guest, const Message *message)
{
    for (unsigned i = 0; i < guest->runs->len; i++) {
        SimRun *run = guest->runs->pdata[i];

        if (run->ended && run->ended_order < message->order && run->found_off == 0)
            run->found_off = world->now.mono;
    }
}

/* Its system was told to be down before a gap, and runs: it began anew in that. */
static void
note_came_back(SimGuest *guest, SimRun *run)
{
    if (run->told_down == 0 || run->told_down >= guest->host->up_since || run->told_anew)
        return;
    note_attempt(guest, run);
    run->agent_until = run->button_until = run->told_down = 0;
    guest->told_down = false;
}

static void
note_found_on(SimGuest *guest, const VsDomainInfo *info)
{
    for (unsigned i = 0; i < guest->runs->len; i++) {
        SimRun *run = guest->runs->pdata[i];

        if (run->id != info->domain.id)
            continue;
        note_known(guest, run);
        if (info->state == VS_STATE_RUNNING)
            note_came_back(guest, run);
    }
}

static void
note_info(World *world, SimGuest *guest, const Message *message, const VsDomainInfo *info)
{
    bool off = info->state == VS_STATE_SHUTOFF || info->state == VS_STATE_GONE;

    if (world->kinds != 0)
        world_tell(world, "found by question %" G_GUINT64_FORMAT ", %.3f s old: %s, id %d, %s",
                   message->serial, (double)(world->now.mono - message->sent) / 1e6,
                   guest->domain.name, info->domain.id, vs_domain_state_name(info->state));
    if ((world->kinds & KIND_LATE) && guest->told_step > message->serial)
        return; /* an event that came since is taken to be newer, though it may be late */
    note_found_off(world, guest, message);
    note_found_on(guest, info);
    if (!off && guest->told_off)
        mark("race: a list that is older than STOPPED, or newer than its start");
    if (!is_news(guest, message))
        return;
    guest->told_off = off;
    guest->told_paused = info->state == VS_STATE_PAUSED || info->state == VS_STATE_CRASHED;
    note_on(world, guest, !off);
    note_excuses(guest);
}

/* A transient guest that is off is in no list. */
static void
note_missing(World *world, const Message *message)
{
    const VsDomainInfo missing = {.state = VS_STATE_GONE, .domain.id = -1};

    for (int i = 0; i < N_GUESTS; i++) {
        SimGuest *guest = &world->guests[i];
        bool listed = guest->host != message->host;

        for (unsigned j = 0; j < message->n_infos; j++)
            listed |= vs_domain_id_equal(&message->infos[j].domain, &guest->domain);
        if (!listed)
            note_info(world, guest, message, &missing);
    }
}

static void
note_description(const Message *message)
{
    SimGuest *guest = message->guest;

    if (!message->ok || message->serial != guest->asked_description)
        return;
    guest->told_no_agent = message->agent != VS_AGENT_CONNECTED;
    note_excuses(guest);
}

void
sim_note_described(World *world, const Message *message)
{
    if (message->type == ANSWER_DESCRIPTION)
        note_description(message);
    if (message->type == ANSWER_LIST && message->serial != message->host->list)
        return; /* another was asked for since */
    for (unsigned i = 0; i < message->n_infos; i++)
        note_info(world, world_guest(world, &message->infos[i].domain), message,
                  &message->infos[i]);
    if (message->type == ANSWER_LIST)
        note_missing(world, message);
}
