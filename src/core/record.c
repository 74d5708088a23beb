/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/record.h"

#include "core/process-end.h"
#include "util/wallclock.h"

static const char *const outcomes[VS_N_OUTCOMES] = {
    [VS_OUTCOME_NONE] = "in-flight",          [VS_OUTCOME_CLEAN] = "clean",
    [VS_OUTCOME_FORCED] = "forced",           [VS_OUTCOME_HALTED] = "halted",
    [VS_OUTCOME_ALREADY_OFF] = "already-off", [VS_OUTCOME_REFUSED] = "refused",
    [VS_OUTCOME_CANCELLED] = "cancelled",     [VS_OUTCOME_TIMED_OUT] = "timed-out",
    [VS_OUTCOME_FAILED] = "failed",           [VS_OUTCOME_UNKNOWN] = "unknown",
};

const char *
vs_outcome_name(VsOutcome outcome)
{
    return outcomes[outcome];
}

bool
vs_outcome_parse(const char *name, VsOutcome *ret)
{
    for (int i = 0; i < VS_N_OUTCOMES; i++) {
        if (g_str_equal(outcomes[i], name)) {
            *ret = i;
            return true;
        }
    }
    return false;
}

void
vs_record_free(VsRecord *record)
{
    vs_domain_id_clear(&record->domain);
    g_free(record->boot_id);
    vs_part_unref(record->host_part);
    vs_verdict_clear(&record->verdict);
    g_clear_pointer(&record->request, json_object_put);
    g_clear_pointer(&record->circumstances, json_object_put);
    g_clear_pointer(&record->candidates, json_object_put);
    g_clear_pointer(&record->evidence, json_object_put);
    g_free(record);
}

static json_object *
clean_json(VsClean clean)
{
    if (clean == VS_CLEAN_UNKNOWN)
        return NULL;
    return json_object_new_boolean(clean == VS_CLEAN_YES);
}

static json_object *
domain_json(const VsDomainId *domain)
{
    json_object *object = json_object_new_object();

    vs_json_set_string(object, "name", domain->name);
    vs_json_set_string(object, "uuid", domain->uuid.text);
    vs_json_set_int(object, "id", domain->id);
    return object;
}

json_object *
vs_record_begin(const VsUuid *id, int64_t time, const VsDomainId *domain, const char *boot_id)
{
    json_object *object = json_object_new_object();
    g_autofree char *text = vs_wallclock_format(time);

    vs_json_set_int(object, "schema", VS_RECORD_SCHEMA);
    vs_json_set_string(object, "id", id->text);
    vs_json_set_string(object, "time", text);
    vs_json_set_string(object, "boot_id", boot_id);
    vs_json_set_string(object, "uri", domain->uri);
    vs_json_set(object, "domain", domain_json(domain));
    return object;
}

static void
set_signal(json_object *object, const VsVerdict *verdict)
{
    const char *signal = vs_signal_name(verdict->signal);

    if (signal)
        vs_json_set_string(object, "signal", signal);
    if (verdict->killer_pid > 0) {
        json_object *killer = json_object_new_object();

        vs_json_set_int(killer, "pid", verdict->killer_pid);
        if (verdict->killer_comm)
            vs_json_set_string(killer, "comm", verdict->killer_comm);
        vs_json_set(object, "killer", killer);
    }
}

bool
vs_record_read(const char *line, VsUuid *ret_id, VsVerdict *ret_verdict, bool *ret_asked)
{
    g_autoptr(json_object) record = vs_json_parse_object(line, NULL);
    const char *id = vs_json_string(record, "id", "");
    VsVerdict verdict = {0};

    if (!record || !vs_uuid_is_valid(id) ||
        !vs_cause_parse(vs_json_string(record, "cause", ""), &verdict.cause))
        return false;
    verdict.signal = vs_signal_number(vs_json_string(record, "signal", NULL));
    g_strlcpy(ret_id->text, id, sizeof(ret_id->text));
    *ret_verdict = verdict;
    *ret_asked = vs_json_object(record, "request") != NULL;
    return true;
}

static void
set_host_stop(json_object *object, const VsRecord *record)
{
    g_autofree char *asked = NULL;
    const char *kind = vs_host_kind_name(record->host_kind);
    json_object *host_stop;

    if (!*record->host_stop.text)
        return;
    host_stop = json_object_new_object();
    vs_json_set_string(host_stop, "id", record->host_stop.text);
    if (kind)
        vs_json_set_string(host_stop, "kind", kind);
    if (record->host_asked > 0) {
        asked = vs_wallclock_format(record->host_asked);
        vs_json_set_string(host_stop, "asked", asked);
    }
    if (record->host_part)
        vs_json_set(host_stop, "part", vs_part_to_json(record->host_part));
    if (record->host_budget > 0)
        vs_json_set_int(host_stop, "budget_ms", record->host_budget / 1000);
    vs_json_set(object, "host_stop", host_stop);
}

static VsInitiator
initiator(const VsRecord *record)
{
    const VsVerdict *verdict = &record->verdict;
    VsInitiator usual = vs_cause_info(verdict->cause)->initiator;

    if (verdict->cause == VS_CAUSE_GUEST_REBOOT && record->request)
        usual = VS_INITIATOR_OPERATOR; /* it was asked to go off, and rebooted instead */
    if (usual != VS_INITIATOR_OPERATOR)
        return usual;
    if (record->host_shutdown)
        return VS_INITIATOR_PLATFORM;
    if (verdict->cause == VS_CAUSE_HOST_SIGNAL && !record->request && verdict->killer_pid <= 0)
        return VS_INITIATOR_UNKNOWN; /* the kernel sends signals, too */
    return usual;
}

static void
set_window(json_object *object, const VsWindow *window)
{
    g_autofree char *from = NULL, *until = NULL;
    json_object *value;

    if (window->from == 0)
        return;
    from = vs_wallclock_format(window->from);
    if (window->until > 0)
        until = vs_wallclock_format(window->until);
    value = json_object_new_object();
    vs_json_set_string(value, "from", from);
    vs_json_set_string(value, "until", until);
    if (window->away != VS_AWAY_NOBODY)
        vs_json_set_string(value, "away", vs_away_name(window->away));
    vs_json_set(object, "window", value);
}

static void
set_circumstances(json_object *object, json_object *circumstances)
{
    if (!circumstances)
        return;
    json_object_object_foreach(circumstances, key, value)
    {
        vs_json_set(object, key, json_object_get(value));
    }
}

json_object *
vs_record_to_json(const VsRecord *record, const char *boot_id)
{
    json_object *object = vs_record_begin(&record->id, record->time, &record->domain,
                                          record->boot_id ? record->boot_id : boot_id);

    vs_json_set_string(object, "cause", vs_cause_name(record->verdict.cause));
    vs_json_set(object, "clean", clean_json(record->verdict.clean));
    vs_json_set_string(object, "confidence", vs_confidence_name(record->verdict.confidence));
    set_signal(object, &record->verdict);
    vs_json_set_string(object, "initiator", vs_initiator_name(initiator(record)));
    vs_json_set(object, "request", json_object_get(record->request));
    vs_json_set_bool(object, "host_shutdown", record->host_shutdown);
    set_host_stop(object, record);
    if (record->owner != VS_OWNER_NONE)
        vs_json_set_string(object, "owner", vs_owner_name(record->owner));
    set_circumstances(object, record->circumstances);
    vs_json_set_int(object, "took_ms", record->took / 1000);
    set_window(object, &record->window);
    if (record->candidates)
        vs_json_set(object, "candidates", json_object_get(record->candidates));
    vs_json_set(object, "evidence", json_object_get(record->evidence));
    if (record->dropped > 0)
        vs_json_set_int(object, "evidence_dropped", record->dropped);
    return object;
}
