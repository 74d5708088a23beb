/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/undecided.h"

#include "engine/description.h"
#include "engine/store.h"

static bool
may_be_meant(const VsEngine *engine, const VsPart *part, const VsGuest *guest)
{
    return vs_part_means(part, &engine->policy, &guest->domain, guest->labels) ||
           vs_part_hangs_on_labels(part, &engine->policy, &guest->domain);
}

static bool
is_there(const VsEngine *engine, const VsGuest *guest)
{
    const VsConnection *connection = vs_engine_connection_of(engine, guest);

    return connection && connection->phase != VS_CONNECTION_AWAY;
}

/* @anew: also of one whose XML was read before. */
static bool
is_undecided(const VsEngine *engine, const VsPart *part, const VsGuest *guest, bool anew)
{
    if (!guest->run || guest->run->phase != VS_RUN_ALIVE || !is_there(engine, guest) ||
        (engine->now.mono >= vs_description_patience_until(guest) && !vs_engine_listens(engine)))
        return false;
    if (!guest->defined)
        return may_be_meant(engine, part, guest);
    return vs_description_is_to_come(guest) && (anew || !guest->labels) &&
           vs_part_hangs_on_labels(part, &engine->policy, &guest->domain);
}

int64_t
vs_undecided_until(const VsEngine *engine, const VsPart *part, const VsGuest *guest)
{
    return is_undecided(engine, part, guest, false) ? vs_description_patience_until(guest) : 0;
}

bool
vs_undecided_any(const VsEngine *engine, const VsPart *part)
{
    GHashTableIter iter;
    VsGuest *guest;

    g_hash_table_iter_init(&iter, engine->guests);
    while (g_hash_table_iter_next(&iter, NULL, (void **)&guest))
        if (is_undecided(engine, part, guest, true))
            return true;
    return false;
}
