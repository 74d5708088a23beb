/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/host-stop.h"

#include "engine/ran.h"
#include "engine/stop-text.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/span.h"

#define HOST_STOPS_SCHEMA 2

static const char *const phase_names[VS_N_HOST_STOP_PHASES] = {
    [VS_HOST_STOP_TAKEN_OVER] = "taken-over",
    [VS_HOST_STOP_STOPPING] = "stopping",
    [VS_HOST_STOP_LAST_CALL] = "last-call",
    [VS_HOST_STOP_GIVEN_UP] = "given-up",
    [VS_HOST_STOP_OVER] = "over",
    [VS_HOST_STOP_CALLED_OFF] = "called-off",
    [VS_HOST_STOP_RESTORING] = "restoring",
};

const char *
vs_host_stop_phase_name(VsHostStopPhase phase)
{
    return phase_names[phase];
}

VsHostStop *
vs_host_stop_new(VsUuid id, int64_t real)
{
    VsHostStop *host_stop = g_new0(VsHostStop, 1);

    host_stop->id = id;
    host_stop->asked_real = real;
    host_stop->phase = VS_HOST_STOP_STOPPING;
    host_stop->deadline = host_stop->last_call_at = host_stop->turn_by = VS_USEC_INFINITY;
    host_stop->guests = g_ptr_array_new();
    host_stop->ran = vs_ran_new();
    host_stop->failed = vs_ran_new();
    return host_stop;
}

void
vs_host_stop_free(VsHostStop *host_stop)
{
    g_clear_pointer(&host_stop->schedule, vs_schedule_free);
    vs_part_unref(host_stop->part);
    g_ptr_array_unref(host_stop->guests);
    g_ptr_array_unref(host_stop->ran);
    g_ptr_array_unref(host_stop->failed);
    vs_requester_clear(&host_stop->by);
    g_free(host_stop->reason);
    g_free(host_stop->last_done);
    g_free(host_stop);
}

bool
vs_host_stop_is_in_flight(const VsHostStop *host_stop)
{
    return host_stop->phase < VS_HOST_STOP_OVER;
}

void
vs_host_stop_set_phase(VsHostStop *host_stop, VsHostStopPhase phase)
{
    host_stop->phase = phase;
    host_stop->wanted_off = false;
    if (vs_host_stop_is_in_flight(host_stop))
        return;
    g_clear_pointer(&host_stop->schedule, vs_schedule_free);
    g_ptr_array_set_size(host_stop->guests, 0);
    if (phase != VS_HOST_STOP_CALLED_OFF)
        host_stop->known_until = 0;
}

bool
vs_host_stop_means(const VsHostStop *host_stop, const VsPolicy *policy, const VsDomainId *domain,
                   const VsLabels *labels)
{
    return vs_part_means(host_stop->part, policy, domain, labels);
}

static json_object *
to_json(const VsHostStop *host_stop)
{
    json_object *object = json_object_new_object();
    g_autofree char *ladder = host_stop->has_ladder ? vs_ladder_format(&host_stop->ladder) : NULL;

    vs_json_set_string(object, "id", host_stop->id.text);
    vs_json_set_string(object, "phase", phase_names[host_stop->phase]);
    vs_json_set_int(object, "asked_real", host_stop->asked_real);
    vs_json_set(object, "by", host_stop->by_known ? vs_requester_to_json(&host_stop->by) : NULL);
    vs_json_set_string(object, "reason", host_stop->reason);
    vs_json_set_string(object, "ladder", ladder);
    vs_json_set_bool(object, "shutdown", host_stop->shutdown);
    vs_json_set_string(object, "kind", vs_host_kind_name(host_stop->kind));
    vs_json_set_bool(object, "early", host_stop->early);
    vs_json_set(object, "part", vs_part_to_json(host_stop->part));
    vs_json_set_int(object, "deadline", host_stop->deadline);
    vs_json_set_int(object, "last_call_at", host_stop->last_call_at);
    vs_json_set_bool(object, "limited", host_stop->limited);
    vs_json_set_int(object, "known_until", host_stop->known_until);
    vs_json_set_bool(object, "wanted_back", host_stop->wanted_back);
    vs_json_set(object, "ran", vs_ran_to_json(host_stop->ran));
    vs_json_set(object, "failed", vs_ran_to_json(host_stop->failed));
    return object;
}

bool
vs_host_stop_is_worth_keeping(const VsHostStop *host_stop)
{
    return vs_host_stop_is_in_flight(host_stop) || host_stop->ran->len > 0 ||
           host_stop->failed->len > 0;
}

char *
vs_host_stops_to_text(const GPtrArray *host_stops)
{
    g_autoptr(json_object) object = json_object_new_object();
    json_object *array = json_object_new_array();

    for (unsigned i = 0; i < host_stops->len; i++)
        if (vs_host_stop_is_worth_keeping(host_stops->pdata[i]))
            json_object_array_add(array, to_json(host_stops->pdata[i]));
    vs_json_set_int(object, "schema", HOST_STOPS_SCHEMA);
    vs_json_set(object, "host_stops", array);
    return json_object_array_length(array) > 0 ? g_strdup(vs_json_line(object)) : NULL;
}

static bool
part_from_json(VsHostStop *host_stop, json_object *object, GError **error)
{
    if (!vs_json_fits(object, "part", json_type_object)) {
        g_set_error_literal(error, VS_ERROR, VS_ERROR_INVALID,
                            _("whom it is about can't be read: that is no JSON object"));
        return false;
    }
    return vs_part_from_json(vs_json_object(object, "part"), &host_stop->part, error);
}

static bool
ladder_from_json(VsHostStop *host_stop, json_object *object, GError **error)
{
    const char *ladder = vs_json_string(object, "ladder", NULL);

    host_stop->has_ladder = ladder != NULL;
    return !ladder || vs_ladder_parse(ladder, &host_stop->ladder, error);
}

/* Monotonic times mean nothing after a boot, and what was in flight ended with it. */
static void
forget_boot(VsHostStop *host_stop)
{
    if (host_stop->phase == VS_HOST_STOP_RESTORING)
        return;
    host_stop->deadline = host_stop->last_call_at = VS_USEC_INFINITY;
    vs_host_stop_set_phase(host_stop, VS_HOST_STOP_OVER);
    host_stop->known_until = 0;
}

/* Who takes part, and whose turn it is, shows when libvirt is there. */
static void
settle(VsHostStop *host_stop, int phase, bool same_boot)
{
    host_stop->phase = phase == VS_HOST_STOP_STOPPING || phase == VS_HOST_STOP_LAST_CALL
                           ? VS_HOST_STOP_TAKEN_OVER
                           : phase;
    if (phase == VS_HOST_STOP_GIVEN_UP)
        host_stop->phase = VS_HOST_STOP_OVER;
    if (!same_boot)
        forget_boot(host_stop);
}

static bool
lists_fit(json_object *object, GError **error)
{
    static const char *const lists[] = {"ran", "failed"};

    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++) {
        if (vs_json_fits(object, lists[i], json_type_array))
            continue;
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID, _("its “%s” is no list"), lists[i]);
        return false;
    }
    return true;
}

/* What an older virtstopd kept has none. */
static void
kind_from_json(VsHostStop *host_stop, json_object *object)
{
    if (!json_object_object_get_ex(object, "kind", NULL) && !host_stop->shutdown)
        host_stop->kind = VS_HOST_KIND_BY_HAND;
    else
        vs_host_kind_find(vs_json_string(object, "kind", ""), &host_stop->kind);
}

static VsHostStop *
from_json(json_object *object, bool same_boot, GError **error)
{
    const char *id = vs_json_string(object, "id", "");
    int64_t real = 0;
    VsHostStop *host_stop;
    VsUuid uuid;
    int phase;

    if (!vs_uuid_is_valid(id)) {
        g_set_error_literal(error, VS_ERROR, VS_ERROR_INVALID, _("its id is none"));
        return NULL;
    }
    if (!vs_json_word(object, "phase", phase_names, VS_N_HOST_STOP_PHASES, &phase, error))
        return NULL;
    g_strlcpy(uuid.text, id, sizeof(uuid.text));
    vs_json_int(object, "asked_real", &real);
    host_stop = vs_host_stop_new(uuid, real);
    host_stop->by_known = vs_requester_from_json(&host_stop->by, vs_json_object(object, "by"));
    host_stop->reason = g_strdup(vs_json_string(object, "reason", NULL));
    host_stop->shutdown = vs_json_bool(object, "shutdown", false);
    kind_from_json(host_stop, object);
    host_stop->early = vs_json_bool(object, "early", false);
    host_stop->limited = vs_json_bool(object, "limited", false);
    host_stop->wanted_back = vs_json_bool(object, "wanted_back", false);
    vs_json_int(object, "deadline", &host_stop->deadline);
    vs_json_int(object, "last_call_at", &host_stop->last_call_at);
    vs_json_int(object, "known_until", &host_stop->known_until);
    settle(host_stop, phase, same_boot);
    if (lists_fit(object, error) && part_from_json(host_stop, object, error) &&
        ladder_from_json(host_stop, object, error) &&
        vs_ran_from_json(host_stop->ran, vs_json_array(object, "ran"), error) &&
        vs_ran_from_json(host_stop->failed, vs_json_array(object, "failed"), error))
        return host_stop;
    vs_host_stop_free(host_stop);
    return NULL;
}

/* running.json of schema 1: a list of what ran, and no more. */
static VsHostStop *
from_running(json_object *object, GError **error)
{
    VsHostStop *host_stop =
        vs_host_stop_new(vs_uuid_derive((const uint8_t *)"virtstop running", 1), 0);

    vs_host_stop_set_phase(host_stop, vs_json_bool(object, "restoring", false)
                                          ? VS_HOST_STOP_RESTORING
                                          : VS_HOST_STOP_OVER);
    if (vs_ran_from_json(host_stop->ran, vs_json_array(object, "guests"), error))
        return host_stop;
    vs_host_stop_free(host_stop);
    return NULL;
}

static void
free_host_stop(void *data)
{
    vs_host_stop_free(data);
}

static bool
take(GPtrArray *host_stops, VsHostStop *host_stop)
{
    if (host_stop)
        g_ptr_array_add(host_stops, host_stop);
    return host_stop != NULL;
}

static bool
take_all(GPtrArray *host_stops, json_object *array, bool same_boot, GError **error)
{
    for (size_t i = 0; array && i < json_object_array_length(array); i++) {
        json_object *object = json_object_array_get_idx(array, i);

        if (take(host_stops, from_json(object, same_boot, error)))
            continue;
        g_prefix_error(error, _("The stop of all guests that is kept at place %zu is damaged: "),
                       i + 1);
        return false;
    }
    return true;
}

bool
vs_host_stops_from_text(GPtrArray *host_stops, const char *text, bool same_boot, GError **error)
{
    g_autoptr(json_object) object = vs_json_parse_object(text, error);
    g_autoptr(GPtrArray) taken = g_ptr_array_new_with_free_func(free_host_stop);
    int64_t schema = 0;

    if (!object)
        return false;
    vs_json_int(object, "schema", &schema);
    if (schema != 1 && schema != HOST_STOPS_SCHEMA) {
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                    _("What is kept of stops of all guests is of the schema %d, which this version "
                      "doesn't know"),
                    (int)CLAMP(schema, 0, G_MAXINT));
        return false;
    }
    if (!vs_json_fits(object, "host_stops", json_type_array) ||
        !vs_json_fits(object, "guests", json_type_array)) {
        g_set_error_literal(error, VS_ERROR, VS_ERROR_INVALID,
                            _("What is kept of stops of all guests is no list"));
        return false;
    }
    if (schema == 1 ? !take(taken, from_running(object, error))
                    : !take_all(taken, vs_json_array(object, "host_stops"), same_boot, error))
        return false;
    while (taken->len > 0)
        g_ptr_array_add(host_stops, g_ptr_array_steal_index(taken, 0));
    return true;
}
