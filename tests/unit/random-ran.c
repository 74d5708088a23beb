/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "random-world.h"
#include "util/json.h"

/* What is to be started again after a stop of all guests, held against what ran. */

/* Within that time the engine begins a run that it was told of. */
#define BEGIN_SPAN (30 * SEC)

static void
read_list(World *world, json_object *array, bool in[N_GUESTS])
{
    for (size_t i = 0; array && i < json_object_array_length(array); i++) {
        json_object *entry = json_object_array_get_idx(array, i);
        VsDomainId domain = {.uri = (char *)vs_json_string(entry, "uri", "")};
        SimGuest *guest;

        g_strlcpy(domain.uuid.text, vs_json_string(entry, "uuid", ""), sizeof(domain.uuid.text));
        domain.name = domain.uuid.text;
        guest = world_guest(world, &domain);
        if (in[guest - world->guests] && !(world->kinds & KIND_PARTS)) /* see random-parts.c */
            world_fail(world, "%s is to be started twice", guest->domain.name);
        if (guest->transient || guest->runs->len == 0)
            world_fail(world, "%s is to be started, and can't be", guest->domain.name);
        in[guest - world->guests] = true;
    }
}

/* The one place that knows how the lists are written down. Whether guests are being started. */
static bool
read_ran(World *world, const char *text, bool ret_in[N_GUESTS])
{
    g_autoptr(json_object) object = text ? vs_json_parse_object(text, NULL) : NULL;
    json_object *array = vs_json_array(object, "host_stops");
    bool restoring = false;

    memset(ret_in, 0, N_GUESTS * sizeof(*ret_in));
    if (text && !array)
        world_fail(world, "what is to be started again can't be read: %s", text);
    for (size_t i = 0; array && i < json_object_array_length(array); i++) {
        json_object *host_stop = json_object_array_get_idx(array, i);

        read_list(world, vs_json_array(host_stop, "ran"), ret_in);
        read_list(world, vs_json_array(host_stop, "failed"), ret_in);
        restoring |= g_str_equal(vs_json_string(host_stop, "phase", ""), "restoring");
    }
    return restoring;
}

/* Of the host stop alone whose guests are being started again: beside it others may be over whose
 * guests are somebody else's by now. */
static void
leave_restoring(World *world, const char *text, bool in[N_GUESTS])
{
    g_autoptr(json_object) object = text ? vs_json_parse_object(text, NULL) : NULL;
    json_object *array = vs_json_array(object, "host_stops");

    memset(in, 0, N_GUESTS * sizeof(*in));
    for (size_t i = 0; array && i < json_object_array_length(array); i++) {
        json_object *host_stop = json_object_array_get_idx(array, i);

        if (g_str_equal(vs_json_string(host_stop, "phase", ""), "restoring"))
            read_list(world, vs_json_array(host_stop, "ran"), in);
    }
}

/* While they are started again they leave the list one by one; none does so unstarted. */
static void
check_left(World *world, const bool before[N_GUESTS], const bool after[N_GUESTS])
{
    for (int i = 0; i < N_GUESTS; i++) {
        SimGuest *guest = &world->guests[i];

        if (!before[i] || after[i])
            continue;
        if (!guest->runs_again)
            world_fail(world, "%s is not started again, and runs nowhere", guest->domain.name);
        guest->must_run = false;
    }
}

void
ran_keep(World *world, const VsAction *action)
{
    bool before[N_GUESTS], after[N_GUESTS], was_restoring;

    was_restoring = read_ran(world, world->ran, before);
    was_restoring |= read_ran(world, action->text, after);
    was_restoring |=
        world->event->type == VS_EVENT_RESTORE; /* who runs already is dropped at once */
    world_tell(world, "to be started again: %s", action->text ? action->text : "nobody");
    if ((world->kinds & KIND_PARTS) && world->event->type != VS_EVENT_RESTORE)
        leave_restoring(world, world->ran, before);
    if (was_restoring && !parts_are_all_stopped(world))
        check_left(world, before, after);
    g_free(world->ran);
    world->ran = g_strdup(action->text);
}

/* Of those that are kept and in flight there is one. */
void
ran_wanted(World *world, VsLadder *ret)
{
    g_autoptr(json_object) object = world->ran ? vs_json_parse_object(world->ran, NULL) : NULL;
    json_object *array = vs_json_array(object, "host_stops");

    *ret = world->policy.all.ladder;
    for (size_t i = 0; array && i < json_object_array_length(array); i++) {
        json_object *host_stop = json_object_array_get_idx(array, i);
        const char *ladder = vs_json_string(host_stop, "ladder", NULL);

        if (ladder && !vs_ladder_parse(ladder, ret, NULL))
            world_fail(world, "no ladder: %s", ladder);
    }
}

/* What a person may ask for. */
void
ran_restore(World *world, const char *named)
{
    VsEvent event = {.type = VS_EVENT_RESTORE, .host_stop = named};
    bool in[N_GUESTS], restoring = read_ran(world, world->ran, in);

    if (!world->ran)
        return;
    world_tell(world, "what ran is started again");
    for (int i = 0; i < N_GUESTS && !restoring; i++)
        world->guests[i].runs_again = sim_is_on(&world->guests[i]) || world->guests[i].told_on > 0;
    world_step(world, &event);
}

/* A stop that nobody asked for by name is one of all. Of what one by hand took only that is brought
 * back: who was started by others meanwhile, or went before its turn, is not; the unit tests know
 * more of that. */
void
ran_joined(World *world, SimGuest *guest)
{
    guest->must_run |= !guest->transient && world->by_shutdown && parts_are_all_stopped(world);
}

static bool
is_in_flight(const SimGuest *guest)
{
    return guest->stop && !guest->stop->finished;
}

/* Whoever has a stop when all are stopped is one of them; and whoever runs has one, but for those
 * that a host that goes down left before. Who is found to run anew joins them when he was looked
 * up.
 */
static void
note_stop_all(World *world)
{
    world->by_shutdown =
        world->event->stop_all.shutdown || (world->was_stopping && world->by_shutdown);
    world->starting = 0; /* what is started from then on is one by one of its own */
    for (int i = 0; i < N_GUESTS; i++) {
        SimGuest *guest = &world->guests[i];
        const VsGuest *seen =
            vs_engine_find(world->engine, guest->domain.uri, guest->domain.uuid.text);

        guest->must_run =
            (world->by_shutdown && world->adds_up && guest->must_run &&
             !(world->was_restoring && guest->runs_again)) ||
            (world->by_shutdown && check_is_of_all(world, guest) && seen && seen->run &&
             !vs_run_is_over(seen->run) && !guest->transient && seen->persistent);
        if (!world->was_stopping && !world->event->stop_all.shutdown && guest->told_on > 0 &&
            world->now.mono - guest->told_on > BEGIN_SPAN && guest->host->up &&
            !is_in_flight(guest) && !(seen && seen->again) &&
            (!guest->stop || guest->stop->finished_at < world->now.mono))
            world_fail(world, "all are stopped but %s, which runs", guest->domain.name);
    }
    world->called_off = 0;
}

static void
check_must(World *world)
{
    bool in[N_GUESTS], restoring = read_ran(world, world->ran, in);

    parts_check_once(world);
    for (int i = 0; i < N_GUESTS; i++) {
        if (world->guests[i].must_run && !in[i] && !restoring)
            world_fail(world, "%s ran when all were stopped, and is not to be started again",
                       world->guests[i].domain.name);
    }
}

/* A stop that was called off, and comes again this soon, still knows who ran before the first. */
#define CALLED_OFF_SPAN (3600 * SEC)

void
ran_before_step(World *world)
{
    bool in[N_GUESTS];

    if (!(world->kinds & KIND_RAN))
        return;
    world->was_stopping = parts_are_all_stopped(world);
    world->was_restoring = read_ran(world, world->ran, in);
    world->adds_up =
        world->was_stopping || world->was_restoring ||
        (world->called_off > 0 && world->now.mono < world->called_off + CALLED_OFF_SPAN);
    for (int i = 0; i < N_GUESTS; i++)
        world->guests[i].had_to_run = world->guests[i].must_run;
}

/* The daemon dies in the middle of it: whoever joined did so only where that was kept, and a stop
 * of all that was begun may have taken the place of the one before. */
static void
forget_step(World *world, const VsEvent *event)
{
    bool in[N_GUESTS];

    if (event->type == VS_EVENT_STOP_ALL && event->stop_all.part)
        parts_forget_ran(world);

    read_ran(world, world->ran, in);
    if (event->type == VS_EVENT_STOP_ALL)
        world->by_shutdown &= world->was_stopping || event->stop_all.shutdown;
    for (int i = 0; i < N_GUESTS; i++)
        world->guests[i].must_run = world->by_shutdown && world->guests[i].must_run &&
                                    world->guests[i].had_to_run &&
                                    (in[i] || event->type != VS_EVENT_STOP_ALL);
}

void
ran_check_step(World *world, const VsEvent *event, bool ok)
{
    if (world->crash_after == 0) {
        forget_step(world, event);
    } else if (event->type == VS_EVENT_STOP_ALL && event->stop_all.part) {
        parts_forget_ran(world);
    } else if (event->type == VS_EVENT_STOP_ALL && ok) {
        note_stop_all(world);
    } else if (event->type == VS_EVENT_RESTORE && ok) {
        world->called_off = 0;
    } else if (world->was_stopping &&
               (event->type == VS_EVENT_CANCEL_ALL || event->type == VS_EVENT_HOST_SHUTDOWN)) {
        world->called_off = parts_are_all_stopped(world) ? 0 : world->now.mono;
    }
    check_must(world);
}

void
ran_check_start(World *world, const SimGuest *guest, const VsAction *call)
{
    bool in[N_GUESTS];

    if (!guest->host->up)
        world_fail(world, "a call to %s while libvirt is away", guest->domain.name);
    if (call->method == VS_METHOD_SET_CLOCK) {
        if (!world->policy.sync_time || guest->told_no_agent)
            world_fail(world, "the clock of %s is to be set, and can't be", guest->domain.name);
        return;
    }
    read_ran(world, world->ran, in);
    if (!in[guest - world->guests])
        world_fail(world, "%s is started, and nobody wants that", guest->domain.name);
    if (world->starting != 0)
        world_fail(world, "%s is started before the one before", guest->domain.name);
    if (guest->told_on > 0)
        world_fail(world, "%s is started, and runs", guest->domain.name);
    if (parts_are_stopping(world, guest))
        world_fail(world, "%s is started while it is being stopped", guest->domain.name);
    world->starting = call->call;
}

void
ran_check_end(World *world)
{
    bool in[N_GUESTS];

    if (read_ran(world, world->ran, in))
        world_fail(world, "what ran is being started again for ever: %s", world->ran);
}
