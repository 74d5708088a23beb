/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/take-over.h"

#include <syslog.h>

#include "core/run-text.h"
#include "engine/description.h"
#include "engine/hooks.h"
#include "engine/host-ran.h"
#include "engine/stop-end.h"
#include "engine/stop-text.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"

/* 1: numbers for what is ours, and each stop knew of the host stop that it was a part of. */
#define RUN_STATE_SCHEMA 2

char *
vs_take_over_text(const VsEngine *engine, const VsGuest *guest)
{
    json_object *object = json_object_new_object();
    char *text;

    vs_json_set_int(object, "schema", RUN_STATE_SCHEMA);
    vs_json_set_int(object, "saved_at", engine->now.mono);
    vs_json_set_bool(object, "persistent", guest->persistent);
    vs_json_set_bool(object, "left", guest->left);
    vs_json_set_bool(object, "host_down", guest->left && engine->host_shutdown);
    vs_json_set_string(object, "owner", vs_owner_name(guest->owner));
    vs_json_set(object, "description", vs_description_to_json(guest));
    vs_json_set(object, "run", guest->run ? vs_run_to_json(guest->run) : NULL);
    vs_json_set(object, "stop", guest->stop ? vs_stop_to_json(guest->stop) : NULL);
    vs_json_set(object, "revival", vs_revival_to_json(&guest->revival));
    text = g_strdup(vs_json_line(object));
    json_object_put(object);
    return text;
}

static bool
bad_state(const VsEvent *event, const char *what, GError **error)
{
    g_autofree char *name = vs_text_quoted(event->domain->name);

    g_set_error(error, VS_ERROR, VS_ERROR_INVALID, _("The run state kept for %s is damaged: %s"),
                name, what);
    return false;
}

/* The host stop that it names was called off, or is over. */
static bool
is_of_past(const VsEngine *engine, const VsStop *stop)
{
    for (unsigned i = 0; i < engine->host_stops->len; i++) {
        const VsHostStop *host_stop = engine->host_stops->pdata[i];

        if (g_str_equal(host_stop->id.text, stop->host_stop.text))
            return true;
    }
    return false;
}

/* One that waits for a turn that nobody would give it goes on by itself. */
static void
settle_part(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;

    if (!stop || vs_engine_host_stop_of(engine, stop))
        return;
    if (vs_stop_is_of_host_stop(stop) && is_of_past(engine, stop) && vs_stop_can_be_steered(stop)) {
        vs_stop_end(engine, guest, VS_OUTCOME_CANCELLED);
        return;
    }
    if (vs_stop_is_of_host_stop(stop))
        stop->until = 0;
    stop->host_stop = (VsUuid){0};
    if (stop->phase == VS_PHASE_QUEUED)
        vs_stop_set_phase(stop, VS_PHASE_WAITING, engine->now);
    vs_engine_unsaved(engine, guest);
}

static void
settle_parts(VsEngine *engine)
{
    GHashTableIter iter;
    VsGuest *guest;

    g_hash_table_iter_init(&iter, engine->guests);
    while (g_hash_table_iter_next(&iter, NULL, (void **)&guest))
        settle_part(engine, guest);
}

/* When the daemon before us ended isn't known: after this was saved. Whatever its stop had come to
 * since would have been saved, so what it had asked stood then, too; what had only to run out of
 * time need not have stood any more. */
static void
begin_gap(VsEngine *engine, VsRun *run, const VsStop *stop, json_object *object)
{
    int64_t saved_at = 0;

    if (vs_run_is_over(run))
        return; /* it was seen to its end */
    if (stop && vs_json_int(object, "saved_at", &saved_at)) {
        saved_at = CLAMP(saved_at, 0, engine->now.mono);
        vs_run_prolong(run, stop->asked_mono, vs_later(saved_at, 1));
        vs_run_gap(run, saved_at);
    } else {
        run->gap_at = 0;
        vs_run_gap(run, engine->now.mono);
    }
}

/* The guest ran when we last looked. Whether it still does shows when libvirt lists it; a run whose
 * end was seen needs only its record. */
static VsGuest *
take_over(VsEngine *engine, const VsEvent *event, VsRun *run, VsStop *stop, json_object *object)
{
    VsGuest *guest = vs_engine_get(engine, event->domain);

    if (!guest)
        guest = vs_engine_add(engine, event->domain);
    g_clear_pointer(&guest->run, vs_run_free);
    g_clear_pointer(&guest->stop, vs_stop_free);
    guest->run = run;
    guest->stop = stop;
    guest->taken_over = !vs_run_is_over(run);
    begin_gap(engine, run, stop, object);
    vs_absence_begin(&run->absence, VS_AWAY_VIRTSTOPD,
                     MIN(event->take_over.seen_until, engine->now.real));
    if (stop && stop->call.state == VS_CALL_HELD) {
        vs_stop_take_back(guest);
        stop->call.state = VS_CALL_LOST;
    }
    vs_run_witness(run, vs_evidence_new(engine->now.real, "daemon-restarted"));
    if (stop && stop->phase == VS_PHASE_PREPARING)
        vs_hooks_lost(engine, guest);
    vs_engine_set_state(engine, guest, vs_run_is_over(run) ? VS_STATE_SHUTOFF : VS_STATE_RUNNING);
    vs_engine_unsaved(engine, guest);
    if (vs_run_is_over(run)) {
        run->phase = VS_RUN_ENDED; /* its log is read anew */
        run->until = 0;
    } else {
        run->phase = VS_RUN_ALIVE;
    }
    if (stop)
        vs_engine_do_stop(engine, VS_ACTION_STOP_ADDED, guest);
    return guest;
}

/* Nobody will ever list a guest of a URI that was taken out of the configuration. */
static bool
is_watched(const VsEngine *engine, const char *uri)
{
    return g_hash_table_size(engine->connections) == 0 ||
           g_hash_table_contains(engine->connections, uri);
}

static bool
forget(VsEngine *engine, const VsEvent *event)
{
    vs_actions_add(engine->out, VS_ACTION_FORGET, event->domain);
    return true;
}

/* Its run is over, and has its record; but it may have to be started again, which a daemon that was
 * killed as that was written may not have known, or was so of late. */
static bool
take_over_off(VsEngine *engine, const VsEvent *event, json_object *object, GError **error)
{
    json_object *description = vs_json_object(object, "description");
    g_autoptr(VsLabels) labels = vs_labels_from_json(vs_json_object(description, "labels"));
    VsRevival revival = {0};
    VsGuestPolicy policy;
    VsVerdict verdict;
    VsGuest *guest;
    bool asked;
    VsUuid run;

    if (!vs_revival_from_json(&revival, vs_json_object(object, "revival"), error))
        return false;
    vs_labels_resolve(&engine->policy, event->domain, labels, &policy);
    if (policy.restart != VS_RESTART_NO && event->take_over.record &&
        vs_record_read(event->take_over.record, &run, &verdict, &asked))
        vs_revival_ended(&revival, run, &verdict, asked);
    if (!is_watched(engine, event->domain->uri) ||
        (revival.phase == VS_REVIVAL_NONE && revival.n == 0))
        return forget(engine, event);
    guest = vs_engine_get(engine, event->domain);
    if (!guest)
        guest = vs_engine_add(engine, event->domain);
    guest->domain.id = -1;
    guest->revival = revival;
    if (!guest->labels)
        guest->labels = vs_labels_ref(labels);
    guest->persistent = vs_json_bool(object, "persistent", false);
    guest->left = vs_json_bool(object, "left", false);
    guest->owner = vs_owner_parse(vs_json_string(object, "owner", ""));
    vs_engine_unsaved(engine, guest);
    return true;
}

static bool
read_parts(json_object *object, int64_t schema, VsRun **ret_run, VsStop **ret_stop,
           VsOldPart *ret_part, GError **error)
{
    json_object *kept_stop = vs_json_object(object, "stop");

    *ret_stop = NULL;
    *ret_run = vs_run_from_json(vs_json_object(object, "run"), schema, error);
    if (!*ret_run)
        return false;
    if (!kept_stop)
        return true;
    *ret_stop = vs_stop_from_json(kept_stop, schema, ret_part, error);
    if (*ret_stop && ((*ret_stop)->phase == VS_PHASE_OFF) == vs_run_is_over(*ret_run))
        return true;
    if (*ret_stop)
        g_set_error_literal(error, VS_ERROR, VS_ERROR_INVALID,
                            _("its run and its stop contradict each other"));
    g_clear_pointer(ret_stop, vs_stop_free);
    g_clear_pointer(ret_run, vs_run_free);
    return false;
}

/* What a daemon of schema 1 left: of a guest's stop, the host stop that it was a part of, which is
 * made of that. */
static void
take_over_old_part(VsEngine *engine, VsGuest *guest, const VsOldPart *part)
{
    VsHostStop *host_stop = vs_engine_stop_of_all(engine);

    if (part->deadline == 0)
        return;
    if (!host_stop) {
        host_stop = vs_host_stop_new(vs_engine_new_id(engine), engine->now.real);
        host_stop->phase = VS_HOST_STOP_TAKEN_OVER;
        g_ptr_array_add(engine->host_stops, host_stop);
    }
    if (part->deadline < host_stop->deadline) {
        host_stop->limited = true;
        host_stop->deadline = part->deadline;
        host_stop->last_call_at = part->deadline == VS_USEC_INFINITY
                                      ? part->deadline
                                      : part->deadline - VS_DESTROY_RESERVE;
    }
    host_stop->shutdown |= part->shutdown;
    engine->host_shutdown |= part->shutdown;
    engine->host_stops_unsaved = true;
    guest->stop->host_stop = host_stop->id;
    if (guest->stop->phase != VS_PHASE_QUEUED && guest->stop->until == 0)
        guest->stop->until = host_stop->deadline;
}

static void
take_rest(VsEngine *engine, VsGuest *guest, json_object *object, const VsOldPart *part)
{
    guest->persistent = vs_json_bool(object, "persistent", false);
    guest->left = vs_json_bool(object, "left", false);
    guest->owner = vs_owner_parse(vs_json_string(object, "owner", ""));
    vs_description_from_json(guest, vs_json_object(object, "description"));
    engine->host_shutdown |= vs_json_bool(object, "host_down", false);
    if (guest->stop)
        take_over_old_part(engine, guest, part);
}

bool
vs_take_over_guest(VsEngine *engine, const VsEvent *event, GError **error)
{
    g_autoptr(json_object) object = vs_json_parse_object(event->take_over.state, NULL);
    g_autoptr(GError) reason = NULL;
    VsRevival revival = {0};
    VsOldPart part = {0};
    int64_t schema;
    VsGuest *guest;
    VsStop *stop;
    VsRun *run;

    if (!object || !vs_json_int(object, "schema", &schema))
        return bad_state(event, _("it is no JSON object with a schema"), error);
    if (schema < 1 || schema > RUN_STATE_SCHEMA)
        return bad_state(event, _("it is of a schema that this version doesn't know"), error);
    if (!vs_json_fits(object, "run", json_type_object) ||
        !vs_json_fits(object, "stop", json_type_object))
        return bad_state(event, _("its run or its stop is no JSON object"), error);
    if (event->take_over.record || !vs_json_object(object, "run")) {
        if (take_over_off(engine, event, object, &reason))
            return true;
        return bad_state(event, reason->message, error);
    }
    if (!read_parts(object, schema, &run, &stop, &part, &reason))
        return bad_state(event, reason->message, error);
    if (!vs_run_is_over(run) && !is_watched(engine, event->domain->uri)) {
        vs_run_free(run);
        g_clear_pointer(&stop, vs_stop_free);
        return forget(engine, event);
    }
    if (!vs_revival_from_json(&revival, vs_json_object(object, "revival"), &reason)) {
        vs_run_free(run);
        g_clear_pointer(&stop, vs_stop_free);
        return bad_state(event, reason->message, error);
    }
    guest = take_over(engine, event, run, stop, object);
    guest->revival = revival;
    take_rest(engine, guest, object, &part);
    return true;
}

bool
vs_take_over_host_stops(VsEngine *engine, const VsEvent *event, GError **error)
{
    VsHostStop *old = vs_engine_stop_of_all(engine); /* made of stops of schema 1 */
    const char *text = event->host_stops.text;
    bool ok = !text ||
              vs_host_stops_from_text(engine->host_stops, text, event->host_stops.same_boot, error);

    for (unsigned i = 0; i < engine->host_stops->len; i++) {
        const VsHostStop *host_stop = engine->host_stops->pdata[i];

        if (vs_host_stop_is_in_flight(host_stop))
            engine->host_shutdown |= host_stop->shutdown;
    }
    engine->seen_until = event->host_stops.seen_until;
    if (old)
        vs_host_ran_take_over_old(engine, old);
    vs_host_ran_settle(engine); /* a start that was under way isn't any more */
    settle_parts(engine);
    return ok;
}
