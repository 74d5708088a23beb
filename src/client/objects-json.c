/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/objects-json.h"

#include "util/wallclock.h"

/* What wasn't read is left out. */
static void
set_text(json_object *object, const char *key, const char *text)
{
    if (text && *text)
        vs_json_set_string(object, key, text);
}

static void
set_time(json_object *object, const char *key, int64_t realtime_usec)
{
    g_autofree char *text = vs_wallclock_format(realtime_usec);

    vs_json_set_string(object, key, text);
}

/* Where the configuration says something, or it was started again. */
static json_object *
restart_json(const VsDomainObject *domain)
{
    json_object *object;

    if (!domain->restart || (g_str_equal(domain->restart, "no") && domain->restarts == 0))
        return NULL;
    object = json_object_new_object();
    set_text(object, "when", domain->restart);
    set_text(object, "state", domain->restart_state);
    vs_json_set_int(object, "count", domain->restarts);
    return object;
}

json_object *
vs_domain_object_json(const VsDomainObject *domain)
{
    json_object *object = json_object_new_object(), *restart;

    set_text(object, "name", domain->name);
    set_text(object, "uuid", domain->uuid);
    vs_json_set_int(object, "id", domain->id);
    set_text(object, "uri", domain->uri);
    set_text(object, "state", domain->state);
    set_text(object, "agent", domain->agent);
    set_text(object, "xml_error", domain->xml_error);
    set_text(object, "owner", domain->owner);
    set_text(object, "policy_error", domain->policy_error);
    set_text(object, "ladder", domain->ladder);
    if ((restart = restart_json(domain)))
        vs_json_set(object, "restart", restart);
    return object;
}

json_object *
vs_stop_object_steps(const VsStopObject *stop)
{
    json_object *array = json_object_new_array();

    for (unsigned i = 0; stop->taken && i < stop->taken->len; i++) {
        const VsTakenStep *step = &g_array_index(stop->taken, VsTakenStep, i);
        json_object *object = json_object_new_object();

        set_text(object, "method", step->method);
        set_time(object, "started", step->started);
        vs_json_set(object, "took_ms",
                    step->took < 0 ? NULL : json_object_new_int64(step->took / 1000));
        vs_json_set_string(object, "result", *step->result ? step->result : NULL);
        json_object_array_add(array, object);
    }
    return array;
}

json_object *
vs_stop_object_requester(const VsStopObject *stop)
{
    json_object *object = json_object_new_object();

    vs_json_set_int(object, "uid", stop->uid);
    set_text(object, "user", stop->user);
    if (stop->pid > 0)
        vs_json_set_int(object, "pid", stop->pid);
    set_text(object, "comm", stop->comm);
    set_text(object, "unit", stop->unit);
    return object;
}

json_object *
vs_stop_object_json(const VsStopObject *stop)
{
    json_object *object = json_object_new_object();

    vs_json_set_string(object, "stop", stop->id);
    vs_json_set(object, "by", stop->uid == UINT32_MAX ? NULL : vs_stop_object_requester(stop));
    set_text(object, "reason", stop->reason);
    set_text(object, "ladder", stop->ladder);
    set_text(object, "step", stop->step);
    set_text(object, "phase", stop->phase);
    if (stop->requested > 0)
        set_time(object, "requested", stop->requested);
    if (stop->taken)
        vs_json_set(object, "steps", vs_stop_object_steps(stop));
    return object;
}
