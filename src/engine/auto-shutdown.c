/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/auto-shutdown.h"

#include "util/span.h"

/* logind tells all at the same time, and who hears it first is chance. */
#define HEARD_BEFORE (2 * VS_USEC_PER_SEC)

static bool
stops_guests(const VsEngine *engine, const VsGuest *guest)
{
    const VsConnection *connection = vs_engine_connection_of(engine, guest);

    return connection && connection->stops_guests;
}

static void
witness(VsEngine *engine, VsGuest *guest)
{
    json_object *item = vs_evidence_new(engine->now.real, VS_EVIDENCE_PRESS);

    vs_json_set_string(item, "event", "libvirt's own auto-shutdown");
    vs_run_witness(guest->run, item);
    vs_engine_unsaved(engine, guest);
}

VsAsker
vs_auto_shutdown_who(VsEngine *engine, VsGuest *guest)
{
    if (!engine->host_shutdown || !stops_guests(engine, guest))
        return VS_ASKED_BY_SOMEBODY;
    if (guest->run->button.by != VS_ASKED_BY_LIBVIRT)
        witness(engine, guest);
    return VS_ASKED_BY_LIBVIRT;
}

void
vs_auto_shutdown_begins(VsEngine *engine)
{
    GHashTableIter iter;
    VsGuest *guest;

    g_hash_table_iter_init(&iter, engine->guests);
    while (g_hash_table_iter_next(&iter, NULL, (void **)&guest)) {
        if (!guest->run || guest->run->button.by != VS_ASKED_BY_SOMEBODY ||
            engine->now.mono - guest->run->button.at > HEARD_BEFORE || !stops_guests(engine, guest))
            continue;
        guest->run->button.by = VS_ASKED_BY_LIBVIRT;
        witness(engine, guest);
    }
}
