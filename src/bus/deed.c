/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/deed.h"

#include "core/ladder.h"

static bool
ends(const VsStep *step)
{
    VsMethodEffect effect = vs_method_info(step->method)->effect;

    return effect == VS_EFFECT_ENDS || effect == VS_EFFECT_FORCES;
}

/* Whether the request itself says that a guest is cut off, or by when it has to be. A ladder that
 * can't be read is refused later. */
static bool
asks_for_force(const VsBusOptions *options)
{
    VsLadder ladder;

    if (options->budget > 0)
        return true;
    if (!options->ladder)
        return false;
    if (!vs_ladder_parse(options->ladder, &ladder, NULL))
        return true;
    for (unsigned i = 0; i < ladder.n_steps; i++)
        if (ends(&ladder.steps[i]))
            return true;
    return false;
}

/* Whether the next step ends the guest. Those that it doesn't have are passed over; what is done to
 * one that doesn't run its policy says, so any end of the ladder may come next. */
static bool
escalation_forces(const VsGuest *guest)
{
    const VsStop *stop = guest->stop;
    unsigned i;

    if (!stop)
        return false;
    for (i = stop->step + (stop->phase >= VS_PHASE_ASKED); i < stop->ladder.n_steps; i++) {
        const VsStep *step = &stop->ladder.steps[i];

        if (ends(step))
            return true;
        if (guest->state == VS_STATE_RUNNING && stop->phase >= VS_PHASE_ASKED &&
            !vs_guest_why_not(guest, step->method))
            return false;
    }
    return false;
}

static char *
ladder_of(VsBus *bus, VsEventType type, const VsGuest *guest, const VsBusOptions *options)
{
    VsGuestPolicy policy;

    if (type != VS_EVENT_STOP)
        return guest && guest->stop ? vs_ladder_format(&guest->stop->ladder) : NULL;
    if (options->ladder)
        return g_strdup(options->ladder);
    if (!guest)
        return NULL;
    vs_engine_policy_for(bus->engine, guest, &policy);
    return vs_ladder_format(&policy.ladder);
}

void
vs_bus_deed_of_one(VsBus *bus, VsEventType type, const VsGuest *guest, const char *name,
                   const char *uri, const VsBusOptions *options, VsBusDeed *ret)
{
    *ret = (VsBusDeed){
        .domain = g_strdup(guest ? guest->domain.name : name),
        .uuid = guest ? g_strdup(guest->domain.uuid.text) : NULL,
        .uri = g_strdup(guest ? guest->domain.uri : uri),
        .ladder = ladder_of(bus, type, guest, options),
    };
    if (type == VS_EVENT_STOP)
        ret->forces = asks_for_force(options);
    else if (type == VS_EVENT_ESCALATE && guest)
        ret->forces = escalation_forces(guest);
}

void
vs_bus_deed_of_all(const VsBusOptions *options, VsBusDeed *ret)
{
    *ret = (VsBusDeed){.forces = asks_for_force(options), .ladder = g_strdup(options->ladder)};
}

VsBusDeed
vs_bus_deed_to(const VsGuest *guest)
{
    return (VsBusDeed){
        .domain = guest->domain.name, .uuid = guest->domain.uuid.text, .uri = guest->domain.uri};
}

bool
vs_bus_deed_is_same(const VsBusDeed *one, const VsBusDeed *other)
{
    return one->forces == other->forces && g_strcmp0(one->domain, other->domain) == 0 &&
           g_strcmp0(one->uuid, other->uuid) == 0 && g_strcmp0(one->uri, other->uri) == 0 &&
           g_strcmp0(one->ladder, other->ladder) == 0;
}

void
vs_bus_deed_clear(VsBusDeed *deed)
{
    g_free((char *)deed->domain);
    g_free((char *)deed->uuid);
    g_free((char *)deed->uri);
    g_free((char *)deed->ladder);
    *deed = (VsBusDeed){0};
}
