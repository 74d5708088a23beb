/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "random-world.h"
#include "util/span.h"

/* In how many ways a stop's phase and flags are combined, over all worlds: each has to mean
 * something. */

static GHashTable *seen; /* signature -> how often, as a pointer */

/* All of a stop that is a phase or a flag, or says as a number whether there is something. */
static char *
signature_of(const VsStop *stop)
{
    static const char *const phases[] = {
        [VS_PHASE_QUEUED] = "queued",       [VS_PHASE_WAITING] = "waiting",
        [VS_PHASE_RESUMING] = "resuming",   [VS_PHASE_ASKED] = "asked",
        [VS_PHASE_GOING_OFF] = "going-off", [VS_PHASE_OFF] = "off",
    };
    GString *text = g_string_new(phases[stop->phase]);

    g_string_append(text, stop->call != 0 ? " call" : "");
    g_string_append(text, stop->held_since > 0 ? " held" : "");
    g_string_append(text, stop->answered ? " answered" : "");
    g_string_append(text, stop->press_failed ? " press-failed" : "");
    g_string_append(text, stop->destroying ? " destroying" : "");
    g_string_append(text, stop->still_there ? " still-there" : "");
    g_string_append(text, stop->queued ? " its-turn-to-come" : "");
    g_string_append(text, stop->adopted ? " adopted" : "");
    g_string_append(text, stop->next_press != VS_USEC_INFINITY ? " press-due" : "");
    return g_string_free(text, FALSE);
}

void
phases_note(const World *world)
{
    if (!seen)
        seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (int i = 0; i < N_GUESTS; i++) {
        const VsDomainId *domain = &world->guests[i].domain;
        const VsGuest *guest = vs_engine_find(world->engine, domain->uri, domain->uuid.text);
        char *signature = guest && guest->stop ? signature_of(guest->stop) : NULL;

        if (signature)
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
    g_test_message("combinations of phase and flags: %u", g_list_length(names));
    for (const GList *name = names; name; name = name->next)
        g_test_message("%10zu %s", GPOINTER_TO_SIZE(g_hash_table_lookup(seen, name->data)),
                       (const char *)name->data);
    g_clear_pointer(&seen, g_hash_table_unref);
}
