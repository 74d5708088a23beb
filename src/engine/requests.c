/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/requests.h"

#include <syslog.h>

#include "engine/request-log.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"

/* What people ask for: a stop, to call it off, to hurry it, to give it more time. */

/* More than anybody can mean, and far from where a sum of times would overflow. */
#define MAX_EXTENSION (INT64_C(7) * 24 * 3600 * VS_USEC_PER_SEC)

static bool
check_budget(int64_t budget, GError **error)
{
    if (budget >= 0)
        return true;
    g_set_error(error, VS_ERROR, VS_ERROR_INVALID, _("A budget is a time span of 0 or more"));
    return false;
}

static bool
requested_ladder(const VsEngine *engine, const VsGuest *guest, const VsEvent *event, VsLadder *ret,
                 GError **error)
{
    VsGuestPolicy policy;

    vs_guest_policy(guest, &engine->policy, &policy);
    *ret = policy.ladder;
    if (event->stop.ladder && !vs_ladder_parse(event->stop.ladder, ret, error))
        return false;
    if (!check_budget(event->stop.budget, error))
        return false;
    if (event->stop.budget > 0)
        vs_ladder_fit(ret, event->stop.budget);
    return true;
}

/* The reason and the command are for people to read: bounded. */
#define MAX_TEXT 1000

char *
vs_requests_bounded(const char *text)
{
    g_autofree char *valid = NULL;

    if (!text || *text == '\0')
        return NULL;
    valid = g_utf8_make_valid(text, -1);
    return g_utf8_strlen(valid, -1) > MAX_TEXT ? g_utf8_substring(valid, 0, MAX_TEXT)
                                               : g_steal_pointer(&valid);
}

static VsStop *
new_stop(VsEngine *engine, const VsLadder *ladder, const VsRequester *by, const char *reason)
{
    VsStop *stop = vs_stop_new(vs_engine_new_id(engine), ladder, engine->now);

    if (by) {
        vs_requester_copy(&stop->by, by);
        stop->by_known = true;
    }
    stop->reason = vs_requests_bounded(reason);
    return stop;
}

static void
add_stop(VsEngine *engine, VsGuest *guest, VsStop *stop)
{
    guest->stop = stop;
    g_clear_pointer(&guest->run->past_request, json_object_put);
    vs_engine_changed(engine, guest);
    stop->attempt = guest->run->attempt;
    vs_engine_do_stop(engine, VS_ACTION_STOP_ADDED, guest);
}

static json_object *
request_evidence(VsEngine *engine, const char *verb, const VsRequester *by)
{
    json_object *item = vs_evidence_new(engine->now.real, "request");

    vs_json_set_string(item, "verb", verb);
    if (by) {
        vs_json_set_int(item, "uid", by->uid);
        if (by->pid > 0)
            vs_json_set_int(item, "pid", by->pid);
    }
    return item;
}

/* Over at once, but whoever asked may ask what became of it. */
static void
already_off(VsEngine *engine, VsGuest *guest, VsStop *stop)
{
    VsAction *action = vs_engine_do(engine, VS_ACTION_STOP_FINISHED, guest);

    action->stop = stop->id;
    action->outcome = VS_OUTCOME_ALREADY_OFF;
    action->finished = stop;
    vs_request_log_over(engine, guest, stop, VS_OUTCOME_ALREADY_OFF);
}

static VsGuest *
known_guest(VsEngine *engine, const VsEvent *event, GError **error)
{
    VsGuest *guest = vs_engine_get(engine, event->domain);
    g_autofree char *name = guest ? NULL : vs_text_quoted(event->domain->name);

    if (!guest)
        g_set_error(error, VS_ERROR, VS_ERROR_NO_SUCH_DOMAIN, _("There is no domain %s at %s"),
                    name, event->domain->uri);
    return guest;
}

/* It goes on as it was begun. */
static void
note_joined(VsEngine *engine, const VsGuest *guest, const VsEvent *event)
{
    g_autofree char *name = vs_text_quoted(guest->domain.name);

    if (event->stop.ladder || event->stop.budget > 0)
        vs_engine_note(engine, guest, LOG_NOTICE,
                       _("%s: a stop is in flight already: the ladder or budget of this request is "
                         "not used"),
                       name);
}

bool
vs_requests_stop(VsEngine *engine, const VsEvent *event, GError **error)
{
    VsGuest *guest = known_guest(engine, event, error);
    VsLadder ladder;

    if (!guest || !requested_ladder(engine, guest, event, &ladder, error))
        return false;
    if (!vs_guest_can_be_stopped(guest)) {
        already_off(engine, guest, new_stop(engine, &ladder, event->stop.by, event->stop.reason));
        return true;
    }
    vs_run_witness(guest->run, request_evidence(engine, "stop", event->stop.by));
    vs_engine_unsaved(engine, guest);
    if (guest->stop) {
        note_joined(engine, guest, event);
        vs_request_log(engine, guest, VS_REQUEST_JOINED, event->stop.by, 0);
        return true; /* a second request joins the first */
    }

    add_stop(engine, guest, new_stop(engine, &ladder, event->stop.by, event->stop.reason));
    guest->stop->by_policy = !event->stop.ladder && event->stop.budget == 0;
    if (event->stop.budget > 0 && vs_ladder_forces(&ladder))
        guest->stop->until = vs_later(engine->now.mono, event->stop.budget);
    return true;
}

bool
vs_requests_check_all(const VsEvent *event, VsLadder *ret_ladder, GError **error)
{
    if (event->stop_all.ladder && !vs_ladder_parse(event->stop_all.ladder, ret_ladder, error))
        return false;
    return check_budget(event->stop_all.budget, error);
}

void
vs_requests_queue(VsEngine *engine, VsGuest *guest, const VsHostStop *host_stop)
{
    const VsRequester *by = host_stop->by_known ? &host_stop->by : NULL;
    const VsLadder *ladder = &host_stop->ladder;
    VsGuestPolicy policy;

    vs_guest_policy(guest, &engine->policy, &policy);
    vs_run_witness(guest->run, request_evidence(engine, "stop-all", by));
    if (!host_stop->has_ladder)
        ladder = &policy.ladder;
    add_stop(engine, guest, new_stop(engine, ladder, by, host_stop->reason));
    guest->stop->by_policy = !host_stop->has_ladder;
    guest->stop->host_stop = host_stop->id;
    vs_stop_set_phase(guest->stop, VS_PHASE_QUEUED, engine->now);
    vs_engine_unsaved(engine, guest);
}

/* The stop that a request is about; only while there still is something to decide. */
static VsGuest *
guest_with_stop(VsEngine *engine, const VsEvent *event, GError **error)
{
    VsGuest *guest = known_guest(engine, event, error);
    g_autofree char *name = guest ? vs_text_quoted(guest->domain.name) : NULL;

    if (!guest)
        return NULL;
    if (!guest->stop) {
        g_set_error(error, VS_ERROR, VS_ERROR_NO_STOP, _("No stop of %s is in flight"), name);
        return NULL;
    }
    if (!vs_stop_can_be_steered(guest->stop)) {
        g_set_error(error, VS_ERROR, VS_ERROR_NO_STOP,
                    _("%s is going off already: it is too late for that"), name);
        return NULL;
    }
    return guest;
}

static void
witness_request(VsEngine *engine, VsGuest *guest, const char *verb, const VsRequester *by)
{
    vs_run_witness(guest->run, request_evidence(engine, verb, by));
    vs_engine_unsaved(engine, guest);
}

void
vs_requests_call_off(VsEngine *engine, VsGuest *guest, const VsRequester *by)
{
    g_autofree char *name = vs_text_quoted(guest->domain.name);

    vs_engine_note(engine, guest, LOG_NOTICE, _("%s: the stop is called off"), name);
    witness_request(engine, guest, "cancel", by);
    vs_requester_clear(&guest->stop->off_by);
    guest->stop->off_by_known = by != NULL;
    if (by)
        vs_requester_copy(&guest->stop->off_by, by);
    guest->run->agent.doubtful = guest->run->button.doubtful = guest->run->request.doubtful = true;
    guest->stop->wish = VS_WISH_CANCEL;
}

bool
vs_requests_cancel(VsEngine *engine, const VsEvent *event, GError **error)
{
    VsGuest *guest = guest_with_stop(engine, event, error);

    if (guest)
        vs_requests_call_off(engine, guest, event->by);
    return guest != NULL;
}

static bool
not_connected(const VsGuest *guest, GError **error)
{
    g_set_error(error, VS_ERROR, VS_ERROR_NOT_CONNECTED,
                _("libvirt at %s isn't connected, or has only just come back"), guest->domain.uri);
    return false;
}

static bool
still_queued(const VsGuest *guest, GError **error)
{
    g_autofree char *name = vs_text_quoted(guest->domain.name);

    g_set_error(error, VS_ERROR, VS_ERROR_NO_STOP,
                _("%s still waits for its turn: no step of its own is in flight"), name);
    return false;
}

static bool
still_prepared(const VsGuest *guest, GError **error)
{
    g_autofree char *name = vs_text_quoted(guest->domain.name);

    g_set_error(error, VS_ERROR, VS_ERROR_NO_STOP,
                _("Hooks still run for %s: no step of its own is in flight"), name);
    return false;
}

bool
vs_requests_escalate(VsEngine *engine, const VsEvent *event, GError **error)
{
    VsGuest *guest = guest_with_stop(engine, event, error);
    g_autofree char *name = NULL;

    if (!guest)
        return false;
    if (!vs_engine_can_act(engine, guest))
        return not_connected(guest, error);
    name = vs_text_quoted(guest->domain.name);
    vs_engine_note(engine, guest, LOG_NOTICE, _("%s: on to the next step, as asked for"), name);
    witness_request(engine, guest, "escalate", event->by);
    vs_request_log(engine, guest, VS_REQUEST_ESCALATED, event->by, 0);
    guest->stop->wish = VS_WISH_ESCALATE;
    return true;
}

bool
vs_requests_check_extension(int64_t span, GError **error)
{
    if (span > 0 && span <= MAX_EXTENSION)
        return true;
    g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                _("A stop is extended by a time span of more than 0 and at most 7 days"));
    return false;
}

/* What one guest gets more than its share is taken from those behind it, but all have to be off. */
static bool
fits_host_stop(const VsEngine *engine, const VsStop *stop, int64_t span, GError **error)
{
    const VsHostStop *host_stop = vs_engine_host_stop_of(engine, stop);
    g_autofree char *left = NULL;
    int64_t end = stop->turn_by; /* of a time that was promised before */

    if (host_stop && host_stop->limited)
        end = MIN(end, host_stop->last_call_at);
    if (!host_stop || end == VS_USEC_INFINITY)
        return true;
    if (vs_later(stop->deadline, span) <= end)
        return true;
    left = vs_span_say(end - engine->now.mono);
    g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                _("All guests have to be off, and in %s those that still run are ended: all can be "
                  "given more time (virtstopctl extend --all)"),
                left);
    return false;
}

bool
vs_requests_extend(VsEngine *engine, const VsEvent *event, GError **error)
{
    VsGuest *guest;
    VsStop *stop;

    if (!vs_requests_check_extension(event->extend.span, error))
        return false;
    guest = guest_with_stop(engine, event, error);
    if (!guest)
        return false;
    stop = guest->stop;
    if (stop->phase == VS_PHASE_QUEUED)
        return still_queued(guest, error);
    if (stop->phase == VS_PHASE_PREPARING)
        return still_prepared(guest, error);
    if (stop->phase == VS_PHASE_WAITING)
        return not_connected(guest, error);
    if (!fits_host_stop(engine, stop, event->extend.span, error))
        return false;
    witness_request(engine, guest, "extend", event->extend.by);
    vs_request_log(engine, guest, VS_REQUEST_EXTENDED, event->extend.by, event->extend.span);
    stop->deadline = vs_later(stop->deadline, event->extend.span);
    stop->more = vs_later(stop->more, event->extend.span);
    if (stop->until > 0)
        stop->until = vs_later(stop->until, event->extend.span);
    vs_run_prolong(guest->run, stop->asked_mono, stop->deadline);
    vs_engine_stop_changed(engine, guest);
    return true;
}
