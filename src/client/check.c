/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/check.h"

static void
free_finding(gpointer data)
{
    vs_finding_free(data);
}

/* As the bus tells it. */
typedef struct Told {
    const char *kind, *uri, *domain, *uuid, *on_poweroff, *message;
    uint64_t took, given;
} Told;

static const struct {
    const char *key;
    char type;
    size_t offset;
} fields[] = {
    {"kind", 's', offsetof(Told, kind)},
    {"uri", 's', offsetof(Told, uri)},
    {"domain", 's', offsetof(Told, domain)},
    {"uuid", 's', offsetof(Told, uuid)},
    {"took", 't', offsetof(Told, took)},
    {"given", 't', offsetof(Told, given)},
    {"on_poweroff", 's', offsetof(Told, on_poweroff)},
    {"message", 's', offsetof(Told, message)},
};

static int
read_field(Told *told, const char *key, sd_bus_message *message)
{
    const char *contents;
    int r = sd_bus_message_peek_type(message, NULL, &contents);

    for (unsigned i = 0; r >= 0 && i < G_N_ELEMENTS(fields); i++) {
        const char types[] = {fields[i].type, '\0'};
        if (g_str_equal(fields[i].key, key) && g_str_equal(types, contents))
            return sd_bus_message_read(message, "v", types,
                                       G_STRUCT_MEMBER_P(told, fields[i].offset));
    }
    return r < 0 ? r : sd_bus_message_skip(message, "v");
}

static int
read_told(Told *told, sd_bus_message *message)
{
    const char *key;
    int r;

    while ((r = sd_bus_message_enter_container(message, 'e', "sv")) > 0)
        if ((r = sd_bus_message_read(message, "s", &key)) < 0 ||
            (r = read_field(told, key, message)) < 0 ||
            (r = sd_bus_message_exit_container(message)) < 0)
            return r;
    return r < 0 ? r : sd_bus_message_exit_container(message);
}

static void
add_finding(GPtrArray *findings, const Told *told)
{
    VsDomainId domain = {.uri = (char *)told->uri, .name = (char *)told->domain, .id = -1};
    VsFindingKind kind;
    VsFinding *finding;

    if (!told->kind || !vs_finding_kind_parse(told->kind, &kind))
        return;
    g_strlcpy(domain.uuid.text, told->uuid ? told->uuid : "", sizeof domain.uuid.text);
    finding = vs_finding_new(kind, &domain);
    finding->took = (int64_t)MIN(told->took, INT64_MAX);
    finding->given = (int64_t)MIN(told->given, INT64_MAX);
    if (told->on_poweroff)
        finding->on_poweroff = vs_on_poweroff_parse(told->on_poweroff);
    finding->message = g_strdup(told->message);
    g_ptr_array_add(findings, finding);
}

GPtrArray *
vs_check_get(VsClient *client, GError **error)
{
    g_autoptr(sd_bus_message) call = vs_client_new_call(client, "Check");
    g_autoptr(sd_bus_message) reply = NULL;
    g_autoptr(GPtrArray) findings = g_ptr_array_new_with_free_func(free_finding);
    int r;

    if (call && vs_client_append_uri(client, call) < 0)
        g_clear_pointer(&call, sd_bus_message_unref);
    reply = vs_client_send(client, call, error);
    if (!reply || !vs_client_check(sd_bus_message_enter_container(reply, 'a', "a{sv}"), error))
        return NULL;
    while ((r = sd_bus_message_enter_container(reply, 'a', "{sv}")) > 0) {
        Told told = {0};
        if ((r = read_told(&told, reply)) < 0)
            break;
        add_finding(findings, &told);
    }
    return vs_client_check(r, error) ? g_steal_pointer(&findings) : NULL;
}
