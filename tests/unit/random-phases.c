/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "random-world.h"
#include "util/span.h"

/* In how many ways a stop stands, over all worlds: each has to mean something. */

static GHashTable *seen; /* signature -> how often, as a pointer */

/* All of a stop that is a phase, or a state within it. */
static char *
signature_of(const VsStop *stop)
{
    static const char *const phases[] = {
        [VS_PHASE_QUEUED] = "queued",
        [VS_PHASE_PREPARING] = "preparing",
        [VS_PHASE_WAITING] = "waiting",
        [VS_PHASE_RESUMING] = "resuming",
        [VS_PHASE_ASKED] = "asked",
        [VS_PHASE_SETTLING] = "settling",
        [VS_PHASE_DESTROYING] = "destroying",
        [VS_PHASE_GOING_OFF] = "going-off",
        [VS_PHASE_CLEANING_UP] = "cleaning-up",
        [VS_PHASE_OFF] = "off",
    };
    static const char *const calls[] = {
        [VS_CALL_NONE] = "",
        [VS_CALL_INTENT] = ", intent",
        [VS_CALL_HELD] = ", call held",
        [VS_CALL_MADE] = ", made",
        [VS_CALL_LOST] = ", lost",
        [VS_CALL_REFUSED] = ", refused",
        [VS_CALL_ANSWERED] = ", answered",
        [VS_CALL_STILL_THERE] = ", still there",
    };

    return g_strconcat(phases[stop->phase], calls[stop->call.state], NULL);
}

static void
hold_to_its_phase(World *world, const VsGuest *guest)
{
    const char *complaint = vs_stop_complaint(guest->stop);

    if (complaint)
        world_fail(world, "%s: the stop can't be so: %s", guest->domain.name, complaint);
}

void
phases_note(World *world)
{
    if (!seen)
        seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (int i = 0; i < N_GUESTS; i++) {
        const VsDomainId *domain = &world->guests[i].domain;
        const VsGuest *guest = vs_engine_find(world->engine, domain->uri, domain->uuid.text);
        char *signature = guest && guest->stop ? signature_of(guest->stop) : NULL;

        if (!signature)
            continue;
        hold_to_its_phase(world, guest);
        g_hash_table_replace(
            seen, signature,
            GSIZE_TO_POINTER(GPOINTER_TO_SIZE(g_hash_table_lookup(seen, signature)) + 1));
    }
}

void
phases_say(void)
{
    g_autoptr(GList) names = seen ? g_hash_table_get_keys(seen) : NULL;

    names = g_list_sort(names, (GCompareFunc)strcmp);
    g_test_message("combinations of phase and call: %u", g_list_length(names));
    for (const GList *name = names; name; name = name->next)
        g_test_message("%10zu %s", GPOINTER_TO_SIZE(g_hash_table_lookup(seen, name->data)),
                       (const char *)name->data);
    g_clear_pointer(&seen, g_hash_table_unref);
}
