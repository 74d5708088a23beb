/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/waited.h"

#include "client/records.h"
#include "util/error.h"
#include "util/i18n.h"

VsWaited *
vs_waited_new(const char *argument, const char *name)
{
    VsWaited *waited = g_new0(VsWaited, 1);

    waited->name = g_strdup(name);
    waited->argument = argument ? argument : waited->name;
    return waited;
}

void
vs_waited_free(VsWaited *waited)
{
    g_free(waited->id);
    g_free(waited->name);
    vs_stop_object_clear(&waited->stop);
    g_free(waited->outcome);
    json_object_put(waited->record);
    g_clear_error(&waited->error);
    g_free(waited);
}

static bool
is_given(const char *text)
{
    return text && *text;
}

int
vs_waited_read(VsWaited *waited, sd_bus_message *properties)
{
    VsStopObject *stop = &waited->stop;
    int r = vs_stop_object_read(stop, properties);

    if (r < 0)
        return r;
    if (!waited->name && is_given(stop->domain_name))
        waited->name = g_strdup(stop->domain_name);
    if (!waited->outcome && is_given(stop->outcome))
        waited->outcome = g_strdup(stop->outcome);
    if (!waited->record && is_given(stop->record))
        waited->record = vs_json_parse_object(stop->record, NULL);
    return r;
}

/* The guest is off, so that its run has a record. */
static bool
has_record(const char *outcome)
{
    static const char *const outcomes[] = {"clean", "forced", "halted", "unknown", NULL};

    return g_strv_contains(outcomes, outcome);
}

bool
vs_waited_is_told(const VsWaited *waited)
{
    return waited->outcome && (waited->record || waited->gone || !has_record(waited->outcome));
}

bool
vs_waited_ask_records(VsWaited *waited, VsClient *client, GError **error)
{
    g_autoptr(GError) why = NULL;
    const char *outcome;

    waited->gone = true;
    if (!waited->record)
        waited->record = vs_records_of_stop(client, waited->id, &why);
    outcome = vs_json_string(vs_json_object(waited->record, "request"), "outcome", NULL);
    if (!waited->outcome && is_given(outcome))
        waited->outcome = g_strdup(outcome);
    if (waited->outcome)
        return true;
    if (!why)
        why = g_error_new_literal(VS_ERROR, VS_ERROR_FAILED,
                                  _("The stop is over, and how it came out isn't recorded"));
    g_propagate_error(error, g_steal_pointer(&why));
    return false;
}

bool
vs_waited_ask(VsWaited *waited, VsClient *client, GError **error)
{
    g_autofree char *path = vs_objects_stop_path(waited->id);
    g_autoptr(GError) why = NULL;
    g_autoptr(sd_bus_message) reply = vs_client_get_all(client, path, VS_BUS_STOP, &why);

    if (reply)
        return vs_client_check(vs_waited_read(waited, reply), error);
    if (g_error_matches(why, VS_ERROR, VS_ERROR_NO_OBJECT))
        return vs_waited_ask_records(waited, client, error);
    g_propagate_error(error, g_steal_pointer(&why));
    return false;
}

VsExit
vs_waited_exit(const VsWaited *waited)
{
    return waited->error ? vs_exit_of_error(waited->error) : vs_exit_of_outcome(waited->outcome);
}
