/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/obstacle.h"

#include <string.h>

#include "util/i18n.h"
#include "util/span.h"

/* A step that was begun is broken off for a pause that lasts as long as that, the second time as
 * long as that, and the third time at its end. Who had an I/O error may have it again. */
static const int64_t patience[] = {2 * VS_USEC_PER_SEC, 5 * VS_USEC_PER_SEC, VS_USEC_INFINITY};

/* So long libvirt's answer why it is paused is waited for. */
#define ANSWER_SPAN (1 * VS_USEC_PER_SEC)

/* Whether whoever paused it lets it run again, or ends it. */
static bool
is_passing(int reason)
{
    switch (reason) {
    case VS_PAUSED_MIGRATION:
    case VS_PAUSED_TO_SAVE:
    case VS_PAUSED_DUMP:
    case VS_PAUSED_SHUTTING_DOWN:
    case VS_PAUSED_SNAPSHOT:
    case VS_PAUSED_STARTING_UP:
    case VS_PAUSED_POSTCOPY:
        return true;
    default:
        return false;
    }
}

static VsRemedy
remedy_of_pause(const VsGuestPolicy *policy, int reason)
{
    static const VsRemedy of_policy[] = {
        [VS_PAUSED_RESUME] = VS_REMEDY_RESUME,
        [VS_PAUSED_SAVE] = VS_REMEDY_SAVE,
        [VS_PAUSED_DESTROY] = VS_REMEDY_DESTROY,
        [VS_PAUSED_LEAVE] = VS_REMEDY_LEAVE,
    };

    if (is_passing(reason))
        return policy->jobs == VS_JOBS_LEAVE ? VS_REMEDY_LEAVE : VS_REMEDY_WAIT;
    return of_policy[policy->paused];
}

static VsRemedy
remedy_of_sleep(const VsGuestPolicy *policy)
{
    static const VsRemedy of_policy[] = {
        [VS_ASLEEP_WAKE] = VS_REMEDY_WAKE,
        [VS_ASLEEP_SAVE] = VS_REMEDY_SAVE,
        [VS_ASLEEP_DESTROY] = VS_REMEDY_DESTROY,
        [VS_ASLEEP_LEAVE] = VS_REMEDY_LEAVE,
    };

    return of_policy[policy->asleep];
}

static bool
is_there(const VsGuest *guest)
{
    return guest->state == VS_STATE_PAUSED || guest->state == VS_STATE_PMSUSPENDED;
}

bool
vs_obstacle_was_saving(const VsStop *stop)
{
    for (unsigned i = 0; i < stop->taken->len; i++)
        if (((const VsStepTaken *)stop->taken->pdata[i])->method == VS_METHOD_SAVE)
            return true;
    return false;
}

VsRemedy
vs_obstacle_remedy(const VsEngine *engine, const VsGuest *guest)
{
    VsGuestPolicy policy;

    if (!is_there(guest) ||
        (guest->state_reason == VS_PAUSED_TO_SAVE && guest->stop &&
         guest->state == VS_STATE_PAUSED && vs_obstacle_was_saving(guest->stop)))
        return VS_REMEDY_NONE;
    vs_guest_policy(guest, &engine->policy, &policy);
    return guest->state == VS_STATE_PAUSED ? remedy_of_pause(&policy, guest->state_reason)
                                           : remedy_of_sleep(&policy);
}

const char *
vs_obstacle_words(const VsGuest *guest)
{
    if (guest->state == VS_STATE_PMSUSPENDED)
        return N_("the domain is suspended");
    if (guest->state != VS_STATE_PAUSED)
        return NULL;
    switch (guest->state_reason) {
    case VS_PAUSED_IOERROR:
        return N_("the domain is paused by an I/O error");
    case VS_PAUSED_WATCHDOG:
        return N_("the domain is paused by its watchdog");
    case VS_PAUSED_DUMP:
        return N_("the domain is paused for a dump");
    case VS_PAUSED_SNAPSHOT:
        return N_("the domain is paused for a snapshot");
    case VS_PAUSED_TO_SAVE:
        return N_("the domain is paused to be saved");
    case VS_PAUSED_MIGRATION:
    case VS_PAUSED_POSTCOPY:
    case VS_PAUSED_POSTCOPY_FAILED:
        return N_("the domain is paused by a migration");
    default:
        return N_("the domain is paused");
    }
}

bool
vs_obstacle_is_unclear(const VsGuest *guest, int64_t *ret_until)
{
    if (guest->state != VS_STATE_PAUSED || guest->state_reason >= 0)
        return false;
    *ret_until = guest->state_asked == 0 ? 0 : vs_later(guest->state_asked, ANSWER_SPAN);
    return true;
}

bool
vs_obstacle_matters(const VsStop *stop)
{
    const VsStep *step = vs_stop_step(stop);

    if (!step)
        return false;
    if (vs_method_info(step->method)->effect == VS_EFFECT_FORCES)
        return stop->ladder.n_steps > 1;
    return vs_method_info(step->method)->need == VS_NEED_RUNNING;
}

bool
vs_obstacle_was_tried(const VsGuest *guest)
{
    const GPtrArray *taken = guest->stop->taken;

    for (unsigned i = taken->len; i > 0; i--) {
        const VsStepTaken *step = taken->pdata[i - 1];

        if (step->since < guest->state_since)
            return false;
        if (step->method == VS_METHOD_RESUME || step->method == VS_METHOD_WAKE)
            return true;
    }
    return false;
}

bool
vs_obstacle_interrupts(const VsEngine *engine, const VsGuest *guest, int64_t ends, int64_t *ret_at)
{
    const VsStop *stop = guest->stop;
    VsRemedy remedy = is_there(guest) ? vs_obstacle_remedy(engine, guest) : VS_REMEDY_NONE;
    int64_t since = MAX(guest->state_since, stop->since);

    if (remedy == VS_REMEDY_NONE || remedy == VS_REMEDY_LEAVE ||
        stop->freed >= G_N_ELEMENTS(patience) ||
        vs_method_info(vs_stop_step(stop)->method)->effect != VS_EFFECT_ASKS)
        return false;
    *ret_at = MIN(vs_later(since, patience[stop->freed]), ends);
    return true;
}

bool
vs_obstacle_put_save(VsStop *stop)
{
    VsLadder *ladder = &stop->ladder;
    VsLadder save;
    const VsStep *end = &ladder->steps[ladder->n_steps - 1];
    bool has_end = vs_method_info(end->method)->place == VS_PLACE_END;
    unsigned at = stop->step;

    if (at > 0 && ladder->steps[at - 1].method == VS_METHOD_SAVE)
        return false;
    vs_ladder_parse("save", &save, NULL);
    if (has_end) {
        at = MIN(at, VS_LADDER_MAX_STEPS - 2);
        ladder->steps[at + 1] = *end;
    }
    ladder->steps[at] = save.steps[0];
    ladder->n_steps = at + (has_end ? 2 : 1);
    stop->step = at;
    return true;
}
