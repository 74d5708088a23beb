/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/client.h"

#include <errno.h>

#include "util/error.h"
#include "util/i18n.h"
#include "util/text.h"

static const struct {
    const char *name;
    VsError code;
} errors[] = {
    {"org.virtstop1.Error.NoSuchDomain", VS_ERROR_NO_SUCH_DOMAIN},
    {"org.virtstop1.Error.AmbiguousDomain", VS_ERROR_AMBIGUOUS},
    {"org.virtstop1.Error.NoStopInFlight", VS_ERROR_NO_STOP},
    {"org.virtstop1.Error.NotConnected", VS_ERROR_NOT_CONNECTED},
    {SD_BUS_ERROR_INVALID_ARGS, VS_ERROR_INVALID},
    {SD_BUS_ERROR_ACCESS_DENIED, VS_ERROR_ACCESS},
    {SD_BUS_ERROR_AUTH_FAILED, VS_ERROR_ACCESS},
    {SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED, VS_ERROR_ACCESS},
    {SD_BUS_ERROR_IO_ERROR, VS_ERROR_IO},
    {"org.virtstop1.Error.MarkGone", VS_ERROR_MARK_GONE},
    {SD_BUS_ERROR_UNKNOWN_METHOD, VS_ERROR_NO_METHOD},
};

static bool
is_absent(const char *name)
{
    static const char *const names[] = {
        SD_BUS_ERROR_SERVICE_UNKNOWN,
        SD_BUS_ERROR_NAME_HAS_NO_OWNER,
        SD_BUS_ERROR_NO_SERVER,
        SD_BUS_ERROR_DISCONNECTED,
        NULL,
    };

    return g_strv_contains(names, name) ||
           g_str_has_prefix(name, "org.freedesktop.DBus.Error.Spawn.");
}

GError *
vs_client_error(const VsClient *client, const sd_bus_error *bus_error, int r)
{
    const char *name = bus_error && bus_error->name ? bus_error->name : "";
    const char *message = bus_error && bus_error->message ? bus_error->message : g_strerror(ABS(r));

    if (client->host && is_absent(name))
        return g_error_new(VS_ERROR, VS_ERROR_NOT_CONNECTED,
                           _("virtstopd isn't on the bus of %s (%s): is virtstopd.service running "
                             "there?"),
                           client->host, message);
    if (is_absent(name) || r == -ECONNRESET || r == -ENOTCONN)
        return g_error_new(VS_ERROR, VS_ERROR_NOT_CONNECTED,
                           _("virtstopd isn't on the bus (%s): %s"), message,
                           _(vs_scope_info(client->scope)->service_hint));
    if (g_str_equal(name, SD_BUS_ERROR_NO_REPLY) || g_str_equal(name, SD_BUS_ERROR_TIMEOUT) ||
        r == -ETIMEDOUT)
        return g_error_new(VS_ERROR, VS_ERROR_NO_ANSWER, _("No answer from virtstopd (%s)"),
                           message);
    if (g_str_equal(name, SD_BUS_ERROR_UNKNOWN_OBJECT) ||
        g_str_equal(name, SD_BUS_ERROR_UNKNOWN_INTERFACE))
        return g_error_new_literal(VS_ERROR, VS_ERROR_NO_OBJECT, message);
    for (unsigned i = 0; i < G_N_ELEMENTS(errors); i++)
        if (g_str_equal(name, errors[i].name))
            return g_error_new_literal(VS_ERROR, errors[i].code, message);
    return g_error_new_literal(VS_ERROR, VS_ERROR_FAILED, message);
}

bool
vs_client_check(int r, GError **error)
{
    if (r >= 0)
        return true;
    g_set_error(error, VS_ERROR, VS_ERROR_FAILED, _("virtstopd's answer can't be read: %s"),
                g_strerror(-r));
    return false;
}

static bool
is_missing_ssh(void)
{
    g_autofree char *ssh = g_find_program_in_path("ssh");

    return !ssh;
}

static void
set_open_error(const VsClient *client, int r, GError **error)
{
    const VsScopeInfo *scope = vs_scope_info(client->scope);
    const char *variable = g_getenv(scope->bus_variable), *hint = _(scope->service_hint);
    g_autofree char *where = vs_text_quoted(client->host ? client->host : variable);

    if (client->host && is_missing_ssh())
        g_set_error(error, VS_ERROR, VS_ERROR_NOT_CONNECTED,
                    _("Can't connect to the host %s: ssh isn't installed here"), where);
    else if (client->host)
        g_set_error(error, VS_ERROR, VS_ERROR_NOT_CONNECTED,
                    _("Can't connect to the host %s over ssh: above stands what ssh says (%s)"),
                    where, g_strerror(-r));
    else if (variable)
        g_set_error(error, VS_ERROR, VS_ERROR_NOT_CONNECTED,
                    _("virtstopd isn't on the bus (no bus at %s=%s: %s): %s"), scope->bus_variable,
                    where, g_strerror(-r), hint);
    else
        g_set_error(error, VS_ERROR, VS_ERROR_NOT_CONNECTED,
                    _("virtstopd isn't on the bus (can't reach %s: %s): %s"), _(scope->bus_name),
                    g_strerror(-r), hint);
}

int64_t
vs_client_timeout(const VsClient *client)
{
    return client->call_timeout > 0 ? client->call_timeout : VS_CLIENT_TIMEOUT;
}

void
vs_client_before_call(const VsClient *client)
{
    if (client->before_call)
        client->before_call();
}

int
vs_client_await_ready(sd_bus *bus, int64_t timeout)
{
    int64_t until = g_get_monotonic_time() + timeout;
    int r;

    while ((r = sd_bus_is_ready(bus)) == 0) {
        int64_t left = until - g_get_monotonic_time();

        if (left <= 0)
            return -ETIMEDOUT;
        r = sd_bus_process(bus, NULL);
        if (r == 0)
            r = sd_bus_wait(bus, (uint64_t)left);
        if (r < 0)
            return r;
    }
    return MIN(r, 0);
}

bool
vs_client_open(VsClient *client, GError **error)
{
    int r;

    vs_client_before_call(client);
    if (client->host)
        r = sd_bus_open_system_remote(&client->bus, client->host);
    else if (client->scope == VS_SCOPE_USER)
        r = sd_bus_open_user(&client->bus);
    else
        r = sd_bus_open_system(&client->bus);
    if (r >= 0)
        r = sd_bus_set_method_call_timeout(client->bus, (uint64_t)vs_client_timeout(client));
    /* ssh may have a person to ask for a password. */
    if (r >= 0)
        r = vs_client_await_ready(client->bus, client->host ? VS_CLIENT_PERSON_TIMEOUT
                                                            : vs_client_timeout(client));
    if (r < 0)
        set_open_error(client, r, error);
    return r >= 0;
}

void
vs_client_close(VsClient *client)
{
    g_clear_pointer(&client->owner, g_free);
    g_clear_error(&client->why_away);
    /* What was sent was answered, or never will be. */
    if (client->hurries)
        client->bus = sd_bus_close_unref(client->bus);
    else
        client->bus = sd_bus_flush_close_unref(client->bus);
}

sd_bus_message *
vs_client_new_object_call(VsClient *client, const char *path, const char *interface,
                          const char *member)
{
    sd_bus_message *message = NULL;

    sd_bus_message_new_method_call(client->bus, &message, VS_BUS_NAME, path, interface, member);
    return message;
}

/* What not everybody may. */
static bool
needs_right(const char *member)
{
    static const char *const members[] = {
        "Stop",      "StopAll", "Escalate", "Cancel",    "CancelAll", "Extend",
        "ExtendAll", "Restore", "Reload",   "SetPolicy", NULL,
    };

    return g_strv_contains(members, member);
}

/* On another host polkit would look for a person there; a user's own bus has no polkit. */
static bool
may_ask_person(const VsClient *client)
{
    return client->has_person && !client->host && client->scope == VS_SCOPE_SYSTEM &&
           client->has_person();
}

sd_bus_message *
vs_client_new_call(VsClient *client, const char *member)
{
    sd_bus_message *message =
        vs_client_new_object_call(client, VS_BUS_PATH, VS_BUS_MANAGER, member);

    if (message && needs_right(member) && may_ask_person(client))
        sd_bus_message_set_allow_interactive_authorization(message, true);
    return message;
}

int64_t
vs_client_timeout_of(const VsClient *client, sd_bus_message *message)
{
    return sd_bus_message_get_allow_interactive_authorization(message) > 0
               ? VS_CLIENT_PERSON_TIMEOUT
               : vs_client_timeout(client);
}

int
vs_client_append_uri(VsClient *client, sd_bus_message *message)
{
    if (!client->uri)
        return sd_bus_message_append(message, "a{sv}", 0);
    return sd_bus_message_append(message, "a{sv}", 1, "uri", "s", client->uri);
}

sd_bus_message *
vs_client_send(VsClient *client, sd_bus_message *message, GError **error)
{
    g_auto(sd_bus_error) bus_error = SD_BUS_ERROR_NULL;
    sd_bus_message *reply = NULL;
    int r = message ? 0 : -ENOMEM;

    if (client->why_away) {
        g_propagate_error(error, g_error_copy(client->why_away));
        return NULL;
    }
    vs_client_before_call(client);
    /* Where the host goes down the bus would wait for a start that never comes. */
    if (r >= 0 && client->hurries)
        r = sd_bus_message_set_auto_start(message, false);
    if (r >= 0)
        r = sd_bus_call(client->bus, message, (uint64_t)vs_client_timeout_of(client, message),
                        &bus_error, &reply);
    if (r < 0)
        g_propagate_error(error, vs_client_error(client, &bus_error, r));
    return reply;
}

sd_bus_message *
vs_client_call_domain(VsClient *client, const char *member, const char *domain, GError **error)
{
    g_autoptr(sd_bus_message) message = vs_client_new_call(client, member);

    if (message && (sd_bus_message_append(message, "s", domain) < 0 ||
                    vs_client_append_uri(client, message) < 0))
        g_clear_pointer(&message, sd_bus_message_unref);
    return vs_client_send(client, message, error);
}

int
vs_client_append_host_stop(sd_bus_message *message, const char *host_stop)
{
    if (!host_stop)
        return sd_bus_message_append(message, "a{sv}", 0);
    return sd_bus_message_append(message, "a{sv}", 1, "host_stop", "s", host_stop);
}

sd_bus_message *
vs_client_call_all(VsClient *client, const char *member, const char *host_stop, GError **error)
{
    g_autoptr(sd_bus_message) message = vs_client_new_call(client, member);

    if (message && vs_client_append_host_stop(message, host_stop) < 0)
        g_clear_pointer(&message, sd_bus_message_unref);
    return vs_client_send(client, message, error);
}

sd_bus_message *
vs_client_new_get_all(VsClient *client, const char *path, const char *interface)
{
    g_autoptr(sd_bus_message) message =
        vs_client_new_object_call(client, path, "org.freedesktop.DBus.Properties", "GetAll");

    if (message && sd_bus_message_append(message, "s", interface) < 0)
        g_clear_pointer(&message, sd_bus_message_unref);
    return g_steal_pointer(&message);
}

sd_bus_message *
vs_client_get_all(VsClient *client, const char *path, const char *interface, GError **error)
{
    g_autoptr(sd_bus_message) message = vs_client_new_get_all(client, path, interface);

    return vs_client_send(client, message, error);
}

char *
vs_client_find_domain(VsClient *client, const char *domain, GError **error)
{
    g_autoptr(sd_bus_message) reply = vs_client_call_domain(client, "GetDomain", domain, error);
    const char *path;

    if (!reply || !vs_client_check(sd_bus_message_read(reply, "o", &path), error))
        return NULL;
    return g_strdup(path);
}

int
vs_client_daemon_is_there(VsClient *client)
{
    g_auto(sd_bus_error) error = SD_BUS_ERROR_NULL;
    g_autoptr(sd_bus_message) reply = NULL;
    int there = 0, r;

    vs_client_before_call(client);
    r = sd_bus_call_method(client->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                           "org.freedesktop.DBus", "NameHasOwner", &error, &reply, "s",
                           VS_BUS_NAME);
    if (r >= 0)
        r = sd_bus_message_read(reply, "b", &there);
    return r < 0 ? r : there;
}
