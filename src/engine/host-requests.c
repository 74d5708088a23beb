/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/host-requests.h"

#include <syslog.h>

#include "engine/auto-shutdown.h"
#include "engine/host-members.h"
#include "engine/host-named.h"
#include "engine/host-ran.h"
#include "engine/host-turn.h"
#include "engine/part-check.h"
#include "engine/picture.h"
#include "engine/requests.h"
#include "engine/stop-all.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/span.h"

/* Who knows it best is the last who says. The end of a user's session is no shutdown, but may be a
 * part of one. */
static void
take_kind(const VsEngine *engine, VsHostStop *host_stop, const VsEvent *event)
{
    if (!host_stop->shutdown && !engine->host_shutdown)
        host_stop->kind = VS_HOST_KIND_BY_HAND;
    else if (event->stop_all.kind != VS_HOST_KIND_UNKNOWN)
        host_stop->kind = event->stop_all.kind;
    else if (host_stop->kind == VS_HOST_KIND_BY_HAND)
        host_stop->kind = VS_HOST_KIND_UNKNOWN;
}

/* Who asked, and how, holds for those who join later, too. */
static void
take_request(VsEngine *engine, VsHostStop *host_stop, const VsEvent *event, const VsLadder *ladder)
{
    vs_requester_clear(&host_stop->by);
    host_stop->by_known = event->stop_all.by != NULL;
    if (host_stop->by_known)
        vs_requester_copy(&host_stop->by, event->stop_all.by);
    g_free(host_stop->reason);
    host_stop->reason = vs_requests_bounded(event->stop_all.reason);
    host_stop->has_ladder = event->stop_all.ladder != NULL;
    if (host_stop->has_ladder)
        host_stop->ladder = *ladder;
    host_stop->shutdown |= event->stop_all.shutdown;
    take_kind(engine, host_stop, event);
    host_stop->early = event->stop_all.early && (host_stop->n_requests == 0 || host_stop->early);
    host_stop->n_requests++;
}

/* Who was started, or called off, before this was asked for is meant by it, too. */
static void
clear_left(VsEngine *engine, const VsPart *part)
{
    GHashTableIter iter;
    VsGuest *guest;

    g_hash_table_iter_init(&iter, engine->guests);
    while (g_hash_table_iter_next(&iter, NULL, (void **)&guest)) {
        if (!guest->left || !vs_part_means(part, &engine->policy, &guest->domain, guest->labels))
            continue;
        vs_engine_unsaved(engine, guest);
        guest->left = false;
    }
}

/* One of a part, or of all (NULL), that others may still join. */
static VsHostStop *
find_same(const VsEngine *engine, const VsPart *part)
{
    for (unsigned i = 0; i < engine->host_stops->len; i++) {
        VsHostStop *host_stop = engine->host_stops->pdata[i];

        if (vs_host_stop_is_in_flight(host_stop) && vs_part_equal(host_stop->part, part))
            return host_stop;
    }
    return NULL;
}

/* Calls off the stops of guests that are part of @of (NULL: of any, or of none at all). */
static void
call_off_guests(VsEngine *engine, const VsHostStop *of, const VsRequester *by, bool of_shutdown)
{
    g_autoptr(GPtrArray) guests = vs_engine_guests(engine);

    for (unsigned i = 0; i < guests->len; i++) {
        VsGuest *guest = guests->pdata[i];

        if (guest->stop && vs_stop_can_be_steered(guest->stop) &&
            (!of_shutdown || vs_stop_is_of_host_stop(guest->stop)) &&
            (!of || vs_engine_host_stop_of(engine, guest->stop) == of))
            vs_requests_call_off(engine, guest, by);
    }
}

void
vs_host_requests_cancel(VsEngine *engine, const VsRequester *by, bool of_shutdown)
{
    call_off_guests(engine, NULL, by, of_shutdown);
    for (unsigned i = 0; i < engine->host_stops->len; i++) {
        VsHostStop *host_stop = engine->host_stops->pdata[i];

        if (vs_host_stop_is_in_flight(host_stop))
            host_stop->wanted_off = true;
    }
}

bool
vs_host_requests_cancel_one(VsEngine *engine, const VsEvent *event, GError **error)
{
    VsHostStop *host_stop =
        vs_host_named(engine, event->host_stop, vs_host_stop_is_in_flight, error);

    if (!host_stop)
        return false;
    call_off_guests(engine, host_stop, event->by, false);
    host_stop->wanted_off = true;
    return true;
}

void
vs_host_requests_set_shutdown(VsEngine *engine, bool active)
{
    const VsHostStop *host_stop = vs_engine_stop_of_all(engine);

    if (active != engine->host_shutdown)
        clear_left(engine, NULL);
    if (active && !engine->host_shutdown)
        vs_auto_shutdown_begins(engine);
    engine->host_shutdown = active;
    if (!active && host_stop && host_stop->shutdown)
        vs_host_requests_cancel(engine, NULL, true);
    else if (!active && !host_stop)
        vs_host_ran_forget(engine);
}

static void
note_begin(VsEngine *engine, const VsHostStop *host_stop)
{
    g_autofree char *span = vs_span_say(host_stop->deadline == VS_USEC_INFINITY
                                            ? VS_USEC_INFINITY
                                            : host_stop->deadline - engine->now.mono);

    if (host_stop->part) {
        g_autofree char *whom = vs_host_stop_whom(host_stop);
        vs_engine_note(engine, NULL, LOG_NOTICE,
                       /* TRANSLATORS: how many, "group lab, priority 0-10", how long, and an id. */
                       ngettext("Stopping %u guest (%s); time limit: %s; stop %s",
                                "Stopping %u guests (%s); time limit: %s; stop %s",
                                host_stop->guests->len),
                       host_stop->guests->len, whom, span, host_stop->id.text);
        return;
    }
    vs_engine_note(engine, NULL, LOG_NOTICE,
                   ngettext("Stopping %u guest; time limit: %s",
                            "Stopping %u guests; time limit: %s", host_stop->guests->len),
                   host_stop->guests->len, span);
}

/* Whoever manages those has a turn of his own before theirs. */
static void
note_owned(VsEngine *engine, const VsHostStop *host_stop)
{
    GHashTableIter iter;
    VsGuest *guest;
    unsigned n = 0;

    g_hash_table_iter_init(&iter, engine->guests);
    while (host_stop->early && g_hash_table_iter_next(&iter, NULL, (void **)&guest))
        n += guest->run && vs_engine_owner_of(engine, guest) != VS_OWNER_NONE;
    if (n > 0)
        vs_engine_note(engine, NULL, LOG_NOTICE,
                       ngettext("%u guest that somebody else manages is left alone until "
                                "virtstop-guests.service is stopped",
                                "%u guests that somebody else manages are left alone until "
                                "virtstop-guests.service is stopped",
                                n),
                       n);
}

static VsHostStop *
add_host_stop(VsEngine *engine, const VsEvent *event)
{
    VsHostStop *host_stop = vs_host_stop_new(vs_engine_new_id(engine), engine->now.real);

    host_stop->part = vs_part_ref(event->stop_all.part);
    g_ptr_array_add(engine->host_stops, host_stop);
    return host_stop;
}

static void
begin(VsEngine *engine, const VsEvent *event, const VsLadder *ladder)
{
    VsHostStop *host_stop = find_same(engine, event->stop_all.part);
    bool again;

    if (host_stop && host_stop->phase == VS_HOST_STOP_GIVEN_UP) {
        vs_stop_all_end(engine, host_stop,
                        false); /* its time is over: this one has a time of its own */
        host_stop = NULL;
    }
    again = host_stop != NULL;

    /* Of a shutdown the hook asks again and again. */
    if (!event->stop_all.shutdown && !(again && host_stop->shutdown))
        clear_left(engine, event->stop_all.part);
    if (!again)
        host_stop = add_host_stop(engine, event);
    take_request(engine, host_stop, event, ladder);
    vs_host_members_queue(engine, host_stop);
    engine->newcomers = false;
    vs_host_members_draw_up(engine, host_stop, true);
    vs_host_turn_take_budget(engine, host_stop, event->stop_all.budget);
    if (host_stop->phase == VS_HOST_STOP_TAKEN_OVER)
        vs_host_stop_set_phase(host_stop, VS_HOST_STOP_STOPPING);
    vs_host_turn_share_out(engine, host_stop, NULL);
    vs_host_ran_keep(engine, host_stop);
    if (!again && host_stop->guests->len > 0)
        note_begin(engine, host_stop);
    note_owned(engine, host_stop);
}

/* What was found when each was described may be old: a cluster takes a guest up at any time. */
static void
look_for_owners(VsEngine *engine, const VsEvent *event)
{
    for (const char *const *key = event->stop_all.in_cluster; key && *key; key++) {
        VsGuest *guest = g_hash_table_lookup(engine->guests, *key);

        if (guest)
            vs_engine_set_owner(engine, guest, VS_OWNER_PACEMAKER);
    }
}

/* All are being stopped already, and the part with them: of two times for it the shorter one holds.
 */
static bool
is_part_of_all(VsEngine *engine, const VsEvent *event)
{
    VsHostStop *all = event->stop_all.part ? vs_engine_stop_of_all(engine) : NULL;

    if (!all || all->phase >= VS_HOST_STOP_GIVEN_UP)
        return false;
    if (!all->shutdown) { /* who was started, or called off, before is meant */
        clear_left(engine, event->stop_all.part);
        engine->newcomers = true;
    }
    if (event->stop_all.budget > 0)
        vs_host_turn_shorten(engine, all, event->stop_all.part, event->stop_all.budget);
    return true;
}

bool
vs_host_requests_begin(VsEngine *engine, const VsEvent *event, GError **error)
{
    VsLadder ladder;

    if (!vs_requests_check_all(event, &ladder, error) ||
        !vs_part_check(engine, event->stop_all.part, error))
        return false;
    if (is_part_of_all(engine, event))
        return true;
    if (event->stop_all.shutdown)
        vs_host_requests_set_shutdown(engine, true);
    look_for_owners(engine, event);
    begin(engine, event, &ladder);
    engine->host_stops_unsaved = true;
    return true;
}

static bool
can_be_extended(const VsHostStop *host_stop)
{
    return host_stop->phase < VS_HOST_STOP_LAST_CALL;
}

static void
extend(VsEngine *engine, VsHostStop *host_stop, int64_t span)
{
    g_autofree char *text = vs_span_say(span);

    if (host_stop->part) {
        g_autofree char *whom = vs_host_stop_whom(host_stop);
        vs_engine_note(engine, NULL, LOG_NOTICE,
                       _("The part of the guests (%s) gets %s more, as asked for"), whom, text);
    } else {
        vs_engine_note(engine, NULL, LOG_NOTICE, _("All guests get %s more, as asked for"), text);
    }
    host_stop->deadline = vs_later(host_stop->deadline, span);
    host_stop->last_call_at = vs_later(host_stop->last_call_at, span);
    engine->host_stops_unsaved = true;
    vs_host_turn_extend(engine, host_stop, span);
}

static bool
extend_all(VsEngine *engine, int64_t span, GError **error)
{
    const VsHostStop *any = vs_engine_any_host_stop(engine);
    unsigned n = 0;

    for (unsigned i = 0; i < engine->host_stops->len; i++)
        if (can_be_extended(engine->host_stops->pdata[i])) {
            extend(engine, engine->host_stops->pdata[i], span);
            n++;
        }
    if (n == 0)
        g_set_error_literal(error, VS_ERROR, VS_ERROR_NO_STOP,
                            any ? _("The time for stopping all guests is all but over: it is "
                                    "too late for that")
                                : _("No stop of all guests is in flight"));
    return n > 0;
}

bool
vs_host_requests_extend(VsEngine *engine, const VsEvent *event, GError **error)
{
    VsHostStop *host_stop;

    if (!vs_requests_check_extension(event->extend.span, error))
        return false;
    if (!event->host_stop)
        return extend_all(engine, event->extend.span, error);
    host_stop = vs_host_named(engine, event->host_stop, can_be_extended, error);
    if (host_stop)
        extend(engine, host_stop, event->extend.span);
    return host_stop != NULL;
}
