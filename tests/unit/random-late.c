/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "random-message.h"

/* Where one guest's process can't be killed, or a thousand go off at once, libvirt's events come
 * seconds late, in their order, all of a connection behind each other. Lists and look-ups don't
 * wait for them. On a connection that lives nothing is lost. */

#define LATE_MOST (8 * SEC)

int64_t
sim_delivery(World *world, SimHost *host, bool is_answer, int64_t at)
{
    if (is_answer) {
        host->last_answer = MAX(at, host->last_answer);
        return host->last_answer;
    }
    if (host->held_until <= world->now.mono && world_chance(world, 5))
        host->held_until = world->now.mono + g_rand_int_range(world->chance, 0, LATE_MOST);
    host->last_delivery = MAX(MAX(at, host->held_until), host->last_delivery);
    return host->last_delivery;
}

/* Much goes on while libvirt is listed again and again after it came. */
void
sim_unrest(World *world, SimHost *host)
{
    if (world_chance(world, 50))
        host->held_until = world->now.mono + g_rand_int_range(world->chance, 0, LATE_MOST);
    for (int i = 0; i < N_GUESTS; i++) {
        SimGuest *guest = &world->guests[i];
        int64_t delay = g_rand_int_range(world->chance, 0, 16 * SEC);

        if (guest->host != host || world_chance(world, 60))
            continue;
        if (!sim_is_on(guest))
            message_new(world, GUEST_BOOTS, host, guest, delay);
        else if (world_chance(world, 70))
            message_new(world, GUEST_DOWN, host, guest, delay);
        else
            message_new(world, GUEST_ENDS, host, guest, delay)->truth =
                world_chance(world, 50) ? TRUTH_DIED : TRUTH_DESTROYED;
    }
}

/* Before it is heard that it went. */
void
sim_comes_again(World *world, SimGuest *guest)
{
    if (world_chance(world, 25))
        message_new(world, GUEST_BOOTS, guest->host, guest,
                    g_rand_int_range(world->chance, 0, 6 * SEC));
}

static bool
looks_crashed(const SimRun *run)
{
    return run->word == TRUTH_DIED || run->word == TRUTH_PANIC || run->word == TRUTH_WATCHDOG;
}

/* The STOPPED of a run before, told while nobody knew but of this one, can't but be taken for its
 * own. */
static bool
had_anothers_word(const SimGuest *guest, const SimRun *run)
{
    for (unsigned i = 0; i < guest->runs->len; i++) {
        const SimRun *before = guest->runs->pdata[i];

        if (before->id < run->id && before->told_off > run->found_off && run->found_off > 0)
            return true;
    }
    return false;
}

/* Its STOPPED was told now. Of one that a libvirt found dead as it came up nothing is told, mostly,
 * and what it says of that one it says of any that crashed; the state that a guest is found in is
 * that of its last run. */
void
check_stopped(World *world, const SimGuest *guest, const SimRun *run)
{
    const SimRun *last = guest->runs->pdata[guest->runs->len - 1];
    bool silent = looks_crashed(run) || looks_crashed(last);

    if (run->known_in != guest->host->generation || run->n_records == 0 || silent ||
        had_anothers_word(guest, run))
        return;
    if (run->unknown)
        world_fail(world,
                   "how run %d ended isn't known, and its STOPPED comes %.3f s after it was "
                   "found off",
                   run->id, (double)(world->now.mono - run->found_off) / 1e6);
    if (world->kinds & KIND_WAIT)
        world_fail(world,
                   "the record of run %d didn't wait for its STOPPED, which came %.3f s after "
                   "it was found off",
                   run->id, (double)(world->now.mono - run->found_off) / 1e6);
}

void
check_heard(World *world, SimRun *run, const VsRecord *record)
{
    run->unknown = record->verdict.cause == VS_CAUSE_UNKNOWN;
    if (run->heard && record->verdict.cause == VS_CAUSE_UNKNOWN)
        world_fail(world, "how run %d ended isn't known, and all of it was told", run->id);
}

/* A STOPPED names no run. Where a run was known by a list only, that of the one before it, which
 * nobody knew, can't but be taken for its own. */
SimRun *
run_in_its_place(World *world, const SimGuest *guest, SimRun *run)
{
    for (unsigned i = 0; run->told_off == 0 && i < guest->runs->len; i++) {
        SimRun *before = guest->runs->pdata[i];

        if (run->ended && before->told_off < guest->host->up_since)
            continue;
        if (before->id < run->id && before->told_off > 0 && before->n_records == 0 &&
            !before->kept) {
            world_tell(world, "... it is that of run %d, which nobody knew", before->id);
            return before;
        }
    }
    return run;
}
