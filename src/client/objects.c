/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/objects.h"

#include <errno.h>
#include <string.h>

#include "client/properties.h"
#include "util/uuid.h"

/* Where a property goes, by its name. */
typedef struct Field {
    const char *name;
    char type; /* of a basic D-Bus type */
    size_t offset;
} Field;

static const Field domain_fields[] = {
    {"Uri", 's', offsetof(VsDomainObject, uri)},
    {"Name", 's', offsetof(VsDomainObject, name)},
    {"UUID", 's', offsetof(VsDomainObject, uuid)},
    {"Id", 'i', offsetof(VsDomainObject, id)},
    {"State", 's', offsetof(VsDomainObject, state)},
    {"Agent", 's', offsetof(VsDomainObject, agent)},
    {"Persistent", 'b', offsetof(VsDomainObject, persistent)},
    {"Acpi", 'b', offsetof(VsDomainObject, acpi)},
    {"OnPoweroff", 's', offsetof(VsDomainObject, on_poweroff)},
    {"XmlError", 's', offsetof(VsDomainObject, xml_error)},
    {"PolicyError", 's', offsetof(VsDomainObject, policy_error)},
    {"Ladder", 's', offsetof(VsDomainObject, ladder)},
    {"Owner", 's', offsetof(VsDomainObject, owner)},
    {"Restart", 's', offsetof(VsDomainObject, restart)},
    {"RestartState", 's', offsetof(VsDomainObject, restart_state)},
    {"Restarts", 'u', offsetof(VsDomainObject, restarts)},
    {"Stop", 'o', offsetof(VsDomainObject, stop)},
    {NULL},
};

static const Field stop_fields[] = {
    {"Id", 's', offsetof(VsStopObject, id)},
    {"Domain", 'o', offsetof(VsStopObject, domain)},
    {"DomainName", 's', offsetof(VsStopObject, domain_name)},
    {"Ladder", 's', offsetof(VsStopObject, ladder)},
    {"Step", 's', offsetof(VsStopObject, step)},
    {"StepIndex", 'u', offsetof(VsStopObject, step_index)},
    {"Phase", 's', offsetof(VsStopObject, phase)},
    {"Deadline", 't', offsetof(VsStopObject, deadline)},
    {"Requested", 't', offsetof(VsStopObject, requested)},
    {"Reason", 's', offsetof(VsStopObject, reason)},
    {"Uid", 'u', offsetof(VsStopObject, uid)},
    {"User", 's', offsetof(VsStopObject, user)},
    {"Pid", 'u', offsetof(VsStopObject, pid)},
    {"Comm", 's', offsetof(VsStopObject, comm)},
    {"Unit", 's', offsetof(VsStopObject, unit)},
    {"Outcome", 's', offsetof(VsStopObject, outcome)},
    {"Record", 's', offsetof(VsStopObject, record)},
    {"HostStop", 'o', offsetof(VsStopObject, host_stop)},
    {"Unkept", 's', offsetof(VsStopObject, unkept)},
    {NULL},
};

static void
clear_fields(const Field *fields, void *object)
{
    for (; fields->name; fields++)
        if (fields->type == 's' || fields->type == 'o')
            g_clear_pointer(&G_STRUCT_MEMBER(char *, object, fields->offset), g_free);
}

void
vs_domain_object_clear(VsDomainObject *domain)
{
    clear_fields(domain_fields, domain);
    g_clear_pointer(&domain->path, g_free);
}

void
vs_stop_object_clear(VsStopObject *stop)
{
    clear_fields(stop_fields, stop);
    g_clear_pointer(&stop->taken, g_array_unref);
}

static void
free_domain(gpointer data)
{
    vs_domain_object_clear(data);
    g_free(data);
}

static void
free_stop(gpointer data)
{
    vs_stop_object_clear(data);
    g_free(data);
}

static void
clear_taken(gpointer data)
{
    VsTakenStep *taken = data;

    g_free(taken->method);
    g_free(taken->result);
}

static int
read_field(const Field *field, void *object, sd_bus_message *message)
{
    const char types[] = {field->type, '\0'};
    void *place = G_STRUCT_MEMBER_P(object, field->offset);
    const char *text;
    int r;

    if (field->type != 's' && field->type != 'o')
        return sd_bus_message_read(message, "v", types, place);
    r = sd_bus_message_read(message, "v", types, &text);
    if (r >= 0) {
        g_free(*(char **)place);
        *(char **)place = g_strdup(text);
    }
    return r;
}

/* Reads the value of @name, if it is one of @fields and of its type; 0: it isn't. */
static int
read_known(const Field *fields, const char *name, void *object, sd_bus_message *message)
{
    const char *contents;
    int r = sd_bus_message_peek_type(message, NULL, &contents);

    if (r < 0)
        return r;
    for (; fields->name; fields++)
        if (g_str_equal(fields->name, name) && contents[0] == fields->type && contents[1] == '\0')
            return (r = read_field(fields, object, message)) < 0 ? r : 1;
    return 0;
}

typedef int (*ReadOther)(void *object, const char *name, sd_bus_message *message);

/* @other, where not NULL, is given what no field takes: > 0, it has read it. */
typedef struct Target {
    const Field *fields;
    void *object;
    ReadOther other;
} Target;

static int
read_value(void *object, const char *name, sd_bus_message *message)
{
    const Target *target = object;
    int r = read_known(target->fields, name, target->object, message);

    if (r == 0 && target->other)
        r = target->other(target->object, name, message);
    return r == 0 ? sd_bus_message_skip(message, "v") : r;
}

static int
read_properties(const Field *fields, void *object, sd_bus_message *message, ReadOther other)
{
    return vs_properties_read(message, read_value, &(Target){fields, object, other});
}

int
vs_domain_object_read(VsDomainObject *domain, sd_bus_message *message)
{
    return read_properties(domain_fields, domain, message, NULL);
}

static int
read_taken(void *object, const char *name, sd_bus_message *message)
{
    VsStopObject *stop = object;
    const char *contents, *method, *result;
    int64_t took;
    uint64_t started;
    int r;

    if (!g_str_equal(name, "Taken") || sd_bus_message_peek_type(message, NULL, &contents) < 0 ||
        !g_str_equal(contents, "a(stxs)"))
        return 0;
    g_clear_pointer(&stop->taken, g_array_unref);
    stop->taken = g_array_new(FALSE, FALSE, sizeof(VsTakenStep));
    g_array_set_clear_func(stop->taken, clear_taken);
    if ((r = sd_bus_message_enter_container(message, 'v', "a(stxs)")) < 0 ||
        (r = sd_bus_message_enter_container(message, 'a', "(stxs)")) < 0)
        return r;
    while ((r = sd_bus_message_read(message, "(stxs)", &method, &started, &took, &result)) > 0) {
        VsTakenStep taken = {g_strdup(method), started, took, g_strdup(result)};
        g_array_append_val(stop->taken, taken);
    }
    if (r < 0 || (r = sd_bus_message_exit_container(message)) < 0 ||
        (r = sd_bus_message_exit_container(message)) < 0)
        return r;
    return 1;
}

int
vs_stop_object_read(VsStopObject *stop, sd_bus_message *message)
{
    return read_properties(stop_fields, stop, message, read_taken);
}

bool
vs_stop_object_ask(VsClient *client, VsStopObject *stop, GError **error)
{
    g_autofree char *path = stop->id ? vs_objects_stop_path(stop->id) : NULL;
    g_autoptr(sd_bus_message) call = NULL, reply = NULL;

    if (!stop->reason) /* nothing told who asked */
        stop->uid = UINT32_MAX;
    if (!path || stop->uid != UINT32_MAX)
        return true;
    call = vs_client_new_object_call(client, path, VS_BUS_STOP, "GetRequest");
    reply = vs_client_send(client, call, error);
    return reply && vs_client_check(vs_stop_object_read(stop, reply), error);
}

GPtrArray *
vs_objects_list_domains(VsClient *client, GError **error)
{
    g_autoptr(sd_bus_message) call = vs_client_new_call(client, "ListDomains");
    g_autoptr(sd_bus_message) reply = vs_client_send(client, call, error);
    g_autoptr(GPtrArray) domains = g_ptr_array_new_with_free_func(free_domain);
    const char *path, *uri, *uuid, *name, *state, *agent, *stop;
    int32_t id;
    int r;

    if (!reply || !vs_client_check(sd_bus_message_enter_container(reply, 'a', "(ossssiso)"), error))
        return NULL;
    while ((r = sd_bus_message_read(reply, "(ossssiso)", &path, &uri, &uuid, &name, &state, &id,
                                    &agent, &stop)) > 0) {
        VsDomainObject *domain;
        if (client->uri && !g_str_equal(client->uri, uri))
            continue;
        domain = g_new0(VsDomainObject, 1);
        *domain = (VsDomainObject){
            .path = g_strdup(path),
            .uri = g_strdup(uri),
            .uuid = g_strdup(uuid),
            .name = g_strdup(name),
            .state = g_strdup(state),
            .agent = g_strdup(agent),
            .stop = g_strdup(stop),
            .id = id,
        };
        g_ptr_array_add(domains, domain);
    }
    return vs_client_check(r, error) ? g_steal_pointer(&domains) : NULL;
}

/* Of many domains all may have an owner. */
static GHashTable *
index_by_path(const GPtrArray *domains)
{
    GHashTable *by_path = g_hash_table_new(g_str_hash, g_str_equal);

    for (unsigned i = 0; i < domains->len; i++) {
        VsDomainObject *domain = domains->pdata[i];

        g_hash_table_insert(by_path, domain->path, domain);
    }
    return by_path;
}

void
vs_objects_read_owners(VsClient *client, GPtrArray *domains)
{
    g_autoptr(sd_bus_message) call = vs_client_new_call(client, "ListOwners");
    g_autoptr(sd_bus_message) reply = vs_client_send(client, call, NULL);
    g_autoptr(GHashTable) by_path = index_by_path(domains);
    const char *path, *owner;

    if (!reply || sd_bus_message_enter_container(reply, 'a', "(os)") < 0)
        return;
    while (sd_bus_message_read(reply, "(os)", &path, &owner) > 0) {
        VsDomainObject *domain = g_hash_table_lookup(by_path, path);

        if (!domain)
            continue;
        g_free(domain->owner);
        domain->owner = g_strdup(owner);
    }
}

GPtrArray *
vs_objects_list_stops(VsClient *client, GError **error)
{
    g_autoptr(sd_bus_message) call = vs_client_new_call(client, "ListStops");
    g_autoptr(sd_bus_message) reply = vs_client_send(client, call, error);
    g_autoptr(GPtrArray) stops = g_ptr_array_new_with_free_func(free_stop);
    const char *path, *id, *domain, *name, *step, *phase, *reason;
    uint64_t deadline;
    uint32_t uid;
    int r;

    if (!reply ||
        !vs_client_check(sd_bus_message_enter_container(reply, 'a', "(osossstus)"), error))
        return NULL;
    while ((r = sd_bus_message_read(reply, "(osossstus)", &path, &id, &domain, &name, &step, &phase,
                                    &deadline, &uid, &reason)) > 0) {
        VsStopObject *stop = g_new0(VsStopObject, 1);
        *stop = (VsStopObject){
            .id = g_strdup(id),
            .domain = g_strdup(domain),
            .domain_name = g_strdup(name),
            .step = g_strdup(step),
            .phase = g_strdup(phase),
            .reason = g_strdup(reason),
            .deadline = deadline,
            .uid = uid,
        };
        g_ptr_array_add(stops, stop);
    }
    return vs_client_check(r, error) ? g_steal_pointer(&stops) : NULL;
}

GHashTable *
vs_objects_index_stops(const GPtrArray *stops)
{
    GHashTable *by_id = g_hash_table_new(g_str_hash, g_str_equal);

    for (unsigned i = 0; i < stops->len; i++) {
        VsStopObject *stop = stops->pdata[i];

        g_hash_table_insert(by_id, stop->id, stop);
    }
    return by_id;
}

char *
vs_objects_stop_id(const char *path)
{
    const char *last = strrchr(path, '/');
    g_autofree char *id = last ? g_strdelimit(g_strdup(last + 1), "_", '-') : NULL;

    return id && vs_uuid_is_valid(id) ? g_steal_pointer(&id) : NULL;
}

char *
vs_objects_stop_path(const char *id)
{
    g_autofree char *word = g_strdelimit(g_strdup(id), "-", '_');

    return g_strconcat(VS_BUS_PATH "/stop/", word, NULL);
}

int64_t
vs_objects_time_left(const VsClient *client, const VsStopObject *stop)
{
    /* Another host's monotonic clock says nothing here. */
    if (client->host || stop->deadline == 0 || stop->deadline >= INT64_MAX ||
        g_strcmp0(stop->phase, "asked") != 0)
        return -1;
    return MAX((int64_t)stop->deadline - g_get_monotonic_time(), 0);
}
