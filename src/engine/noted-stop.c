/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/noted-stop.h"

#include "engine/stop-text.h"
#include "util/span.h"

void
vs_noted_stop_clear(VsNotedStop *noted)
{
    g_clear_pointer(&noted->request, json_object_put);
    *noted = (VsNotedStop){0};
}

/* For nobody will have seen how it came out. Its steps change while it is in flight, and aren't
 * noted. */
static json_object *
request_of(const VsStop *stop)
{
    json_object *request = vs_stop_request(stop, VS_OUTCOME_UNKNOWN);

    vs_json_set(request, "steps", json_object_new_array());
    return request;
}

static bool
is_of(const VsNotedStop *noted, const VsStop *stop)
{
    return noted->request && g_str_equal(vs_json_string(noted->request, "stop", ""), stop->id.text);
}

VsNotedChange
vs_noted_stop_take(VsNotedStop *noted, const VsEngine *engine, const VsGuest *guest)
{
    const VsStop *stop = guest->stop;
    const VsHostStop *host_stop = vs_engine_host_stop_of(engine, stop);
    VsHostKind kind = host_stop ? host_stop->kind : noted->host_kind;
    VsNotedChange change = VS_NOTED_MORE;

    if (!stop && !noted->request)
        return VS_NOTED_SAME;
    if (!stop) {
        vs_noted_stop_clear(noted);
        return VS_NOTED_LESS;
    }
    if (!is_of(noted, stop)) {
        vs_noted_stop_clear(noted);
        noted->request = request_of(stop);
    } else if (g_str_equal(noted->host_stop.text, stop->host_stop.text) &&
               noted->host_kind == kind) {
        change = noted->asked_at == stop->asked_real ? VS_NOTED_SAME : VS_NOTED_ANEW;
    }
    noted->asked_at = stop->asked_real;
    noted->host_stop = stop->host_stop;
    noted->host_kind = kind;
    return change;
}

json_object *
vs_noted_stop_to_json(const VsNotedStop *noted)
{
    json_object *object;

    if (!noted->request)
        return NULL;
    object = json_object_new_object();
    vs_json_set(object, "request", json_object_get(noted->request));
    vs_json_set_int(object, "asked_at", noted->asked_at);
    if (*noted->host_stop.text) {
        vs_json_set_string(object, "host_stop", noted->host_stop.text);
        vs_json_set_string(object, "host_kind", vs_host_kind_name(noted->host_kind));
    }
    return object;
}

/* Up to the year 9999. */
static bool
is_time(int64_t real)
{
    return real > 0 && real < INT64_C(253402300800) * VS_USEC_PER_SEC;
}

bool
vs_noted_stop_from_json(VsNotedStop *ret, json_object *object)
{
    json_object *request = vs_json_object(object, "request");
    const char *host_stop = vs_json_string(object, "host_stop", "");
    VsNotedStop noted = {0};

    *ret = noted;
    if (!object)
        return true;
    if (!vs_uuid_is_valid(vs_json_string(request, "stop", "")) ||
        !vs_json_int(object, "asked_at", &noted.asked_at) || !is_time(noted.asked_at) ||
        (*host_stop && !vs_uuid_is_valid(host_stop)))
        return false;
    noted.request = json_object_get(request);
    g_strlcpy(noted.host_stop.text, host_stop, sizeof(noted.host_stop.text));
    vs_host_kind_find(vs_json_string(object, "host_kind", ""), &noted.host_kind);
    *ret = noted;
    return true;
}
