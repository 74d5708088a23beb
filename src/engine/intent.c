/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/intent.h"

#include <syslog.h>

#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"

/* How long a call waits for it. */
#define INTENT_SPAN (2 * VS_USEC_PER_SEC)

void
vs_intent_begin(const VsEngine *engine, VsGuest *guest)
{
    VsCall *call = &guest->stop->call;

    call->intent = engine->serial;
    if (vs_stop_is_of_host_stop(guest->stop))
        call->of_host = engine->host_stops_unsaved ? engine->serial : engine->host_stops_kept.asked;
}

/* Whether each of the two is known to be on disk, or not to be. */
static bool
is_guest_answered(const VsGuest *guest)
{
    return guest->kept.answered >= guest->stop->call.intent;
}

static bool
is_host_answered(const VsEngine *engine, const VsGuest *guest)
{
    return engine->host_stops_kept.answered >= guest->stop->call.of_host;
}

int64_t
vs_intent_ends(const VsEngine *engine, const VsGuest *guest)
{
    if ((is_guest_answered(guest) || engine->states_hang) &&
        (is_host_answered(engine, guest) || engine->host_stops_hang))
        return 0;
    return vs_later(guest->stop->call.since, INTENT_SPAN);
}

/* NULL: it is on disk. */
static const char *
why_unkept(const VsEngine *engine, const VsGuest *guest)
{
    if (!is_guest_answered(guest) || !is_host_answered(engine, guest))
        return N_("the disk did not answer in time");
    if (guest->kept.why)
        return guest->kept.why;
    return guest->stop->call.of_host > 0 ? engine->host_stops_kept.why : NULL;
}

static void
witness(VsEngine *engine, VsGuest *guest, const char *why)
{
    json_object *item = vs_evidence_new(engine->now.real, "intent");

    vs_json_set_string(item, "method", vs_method_name(guest->stop->call.method));
    vs_json_set_bool(item, "kept", false);
    vs_json_set_string(item, "message", why);
    vs_run_witness(guest->run, item);
}

void
vs_intent_end(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;
    const char *why = why_unkept(engine, guest);
    g_autofree char *name = vs_text_quoted(guest->domain.name);

    if (!why)
        return;
    engine->states_hang |= !is_guest_answered(guest);
    engine->host_stops_hang |= !is_host_answered(engine, guest);
    witness(engine, guest, why);
    g_free(stop->unkept);
    stop->unkept = g_strdup(why);
    vs_engine_note(engine, guest, LOG_WARNING,
                   _("%s: step %s is taken, but could not be noted before: %s"), name,
                   vs_method_name(stop->call.method), _(why));
    vs_engine_stop_changed(engine, guest);
}
