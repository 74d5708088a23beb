/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus-client.h"

#include <stdarg.h>
#include <string.h>

#include "bus/source.h"

#define TIMEOUT 30 /* s: for a machine under load */

static int
on_message(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    BusFixture *fixture = userdata;

    g_ptr_array_add(fixture->signals, sd_bus_message_ref(message));
    return 0;
}

static int
on_reply(sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    sd_bus_message **ret = userdata;

    *ret = sd_bus_message_ref(reply);
    return 0;
}

static gboolean
on_timeout(gpointer userdata)
{
    g_error("nothing happened for %d s", TIMEOUT);
    return G_SOURCE_REMOVE;
}

void
bus_fixture_turn(BusFixture *fixture)
{
    guint timeout = g_timeout_add_seconds(TIMEOUT, on_timeout, NULL);

    g_main_context_iteration(NULL, TRUE);
    g_source_remove(timeout);
}

static sd_bus_message *
send(BusFixture *fixture, sd_bus_message *call)
{
    sd_bus_message *reply = NULL;

    fixture->n_signals_before_reply = fixture->signals->len;
    g_assert_cmpint(sd_bus_call_async(fixture->client, NULL, call, on_reply, &reply, 0), >=, 0);
    while (!reply)
        bus_fixture_turn(fixture);
    return reply;
}

static sd_bus_message *
call_valist(BusFixture *fixture, const char *path, const char *interface, const char *member,
            const char *types, va_list arguments)
{
    g_autoptr(sd_bus_message) call = NULL;
    unsigned n_signals = fixture->signals->len;
    sd_bus_message *reply;

    g_assert_cmpint(sd_bus_message_new_method_call(fixture->client, &call, "org.virtstop1", path,
                                                   interface, member),
                    >=, 0);
    if (types)
        g_assert_cmpint(sd_bus_message_appendv(call, types, arguments), >=, 0);
    reply = send(fixture, call);
    fixture->n_signals_before_reply = fixture->signals->len - n_signals;
    return reply;
}

sd_bus_message *
bus_fixture_call(BusFixture *fixture, const char *path, const char *interface, const char *member,
                 const char *types, ...)
{
    sd_bus_message *reply;
    va_list arguments;

    va_start(arguments, types);
    reply = call_valist(fixture, path, interface, member, types, arguments);
    va_end(arguments);
    return reply;
}

sd_bus_message *
bus_fixture_manager(BusFixture *fixture, const char *member, const char *types, ...)
{
    sd_bus_message *reply;
    va_list arguments;

    va_start(arguments, types);
    reply =
        call_valist(fixture, "/org/virtstop1", "org.virtstop1.Manager", member, types, arguments);
    va_end(arguments);
    return reply;
}

void
bus_fixture_do(BusFixture *fixture, const char *path, const char *interface, const char *member,
               const char *types, ...)
{
    g_autoptr(sd_bus_message) reply = NULL;
    va_list arguments;

    va_start(arguments, types);
    reply = call_valist(fixture, path, interface, member, types, arguments);
    va_end(arguments);
    assert_ok(reply);
}

char *
bus_fixture_stop(BusFixture *fixture, const char *domain)
{
    g_autoptr(sd_bus_message) reply = bus_fixture_manager(fixture, "Stop", "sa{sv}", domain, 0);
    const char *path;

    assert_ok(reply);
    g_assert_cmpint(sd_bus_message_read(reply, "o", &path), >, 0);
    return g_strdup(path);
}

sd_bus_message *
bus_fixture_get(BusFixture *fixture, const char *path, const char *interface, const char *property)
{
    sd_bus_message *reply = bus_fixture_call(fixture, path, "org.freedesktop.DBus.Properties",
                                             "Get", "ss", interface, property);
    const char *contents;

    assert_ok(reply);
    g_assert_cmpint(sd_bus_message_peek_type(reply, NULL, &contents), >, 0);
    g_assert_cmpint(sd_bus_message_enter_container(reply, 'v', contents), >, 0);
    return reply;
}

char *
bus_fixture_get_text(BusFixture *fixture, const char *path, const char *interface,
                     const char *property)
{
    g_autoptr(sd_bus_message) reply = bus_fixture_get(fixture, path, interface, property);
    const char *text;
    char type;

    g_assert_cmpint(sd_bus_message_peek_type(reply, &type, NULL), >, 0);
    g_assert_cmpint(sd_bus_message_read_basic(reply, type, &text), >, 0);
    return g_strdup(text);
}

void
assert_text(BusFixture *fixture, const char *path, const char *interface, const char *property,
            const char *expected)
{
    g_autofree char *text = bus_fixture_get_text(fixture, path, interface, property);

    g_assert_cmpstr(text, ==, expected);
}

gint64
bus_fixture_get_number(BusFixture *fixture, const char *path, const char *interface,
                       const char *property)
{
    g_autoptr(sd_bus_message) reply = bus_fixture_get(fixture, path, interface, property);
    union {
        int32_t i;
        uint32_t u;
        uint64_t t;
        int b;
    } value;
    char type;

    g_assert_cmpint(sd_bus_message_peek_type(reply, &type, NULL), >, 0);
    g_assert_cmpint(sd_bus_message_read_basic(reply, type, &value), >, 0);
    switch (type) {
    case 'i':
        return value.i;
    case 'u':
        return value.u;
    case 'b':
        return value.b;
    default:
        return (gint64)value.t;
    }
}

void
bus_fixture_forget(BusFixture *fixture)
{
    g_autoptr(sd_bus_message) reply =
        bus_fixture_call(fixture, "/org/virtstop1", "org.freedesktop.DBus.Peer", "Ping", NULL);

    assert_ok(reply);
    g_ptr_array_set_size(fixture->signals, 0);
}

static sd_bus_message *
next_signal(BusFixture *fixture)
{
    while (fixture->signals->len == 0)
        bus_fixture_turn(fixture);
    return g_ptr_array_steal_index(fixture->signals, 0);
}

sd_bus_message *
bus_fixture_await(BusFixture *fixture, const char *path, const char *member)
{
    for (;;) {
        g_autoptr(sd_bus_message) message = next_signal(fixture);

        if (g_strcmp0(sd_bus_message_get_path(message), path) == 0 &&
            sd_bus_message_is_signal(message, NULL, member))
            return g_steal_pointer(&message);
    }
}

static bool
find_property(sd_bus_message *message, const char *property)
{
    const char *name, *contents;

    if (sd_bus_message_skip(message, "s") < 0 ||
        sd_bus_message_enter_container(message, 'a', "{sv}") < 0)
        return false;
    while (sd_bus_message_enter_container(message, 'e', "sv") > 0) {
        g_assert_cmpint(sd_bus_message_read(message, "s", &name), >, 0);
        if (g_str_equal(name, property)) {
            g_assert_cmpint(sd_bus_message_peek_type(message, NULL, &contents), >, 0);
            return sd_bus_message_enter_container(message, 'v', contents) > 0;
        }
        sd_bus_message_skip(message, "v");
        sd_bus_message_exit_container(message);
    }
    return false;
}

sd_bus_message *
bus_fixture_await_property(BusFixture *fixture, const char *path, const char *property)
{
    for (;;) {
        g_autoptr(sd_bus_message) message = bus_fixture_await(fixture, path, "PropertiesChanged");

        if (find_property(message, property))
            return g_steal_pointer(&message);
    }
}

void
assert_error(sd_bus_message *reply, const char *name, const char *part_of_message)
{
    const sd_bus_error *error = sd_bus_message_get_error(reply);

    g_assert_nonnull(error);
    g_assert_cmpstr(error->name, ==, name);
    if (!strstr(error->message, part_of_message))
        g_error("“%s” doesn't say “%s”", error->message, part_of_message);
}

void
assert_ok(sd_bus_message *reply)
{
    const sd_bus_error *error = sd_bus_message_get_error(reply);

    if (error)
        g_error("%s: %s", error->name, error->message);
}

static bool
name_is_there(BusFixture *fixture)
{
    g_autoptr(sd_bus_message) call = NULL, reply = NULL;
    int there = false;

    sd_bus_message_new_method_call(fixture->client, &call, "org.freedesktop.DBus",
                                   "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameHasOwner");
    sd_bus_message_append(call, "s", "org.virtstop1");
    g_assert_cmpint(sd_bus_call_async(fixture->client, NULL, call, on_reply, &reply, 0), >=, 0);
    while (!reply)
        bus_fixture_turn(fixture);
    g_assert_cmpint(sd_bus_message_read(reply, "b", &there), >, 0);
    return there;
}

void
bus_fixture_await_service(BusFixture *fixture)
{
    if (!name_is_there(fixture)) {
        g_autoptr(sd_bus_message) owner =
            bus_fixture_await(fixture, "/org/freedesktop/DBus", "NameOwnerChanged");
    }
}

void
bus_fixture_connect_client(BusFixture *fixture)
{
    g_autoptr(sd_bus_message) call = NULL, reply = NULL;
    sd_event *event;

    g_assert_cmpint(sd_event_new(&event), >=, 0);
    g_assert_cmpint(sd_bus_open_system(&fixture->client), >=, 0);
    g_assert_cmpint(sd_bus_attach_event(fixture->client, event, SD_EVENT_PRIORITY_NORMAL), >=, 0);
    fixture->source = vs_bus_source_new(event);
    g_source_attach(fixture->source, NULL);
    sd_event_unref(event);

    sd_bus_add_match_async(fixture->client, NULL, "type='signal',sender='org.virtstop1'",
                           on_message, NULL, fixture);
    sd_bus_add_match_async(fixture->client, NULL,
                           "type='signal',sender='org.freedesktop.DBus',"
                           "member='NameOwnerChanged',arg0='org.virtstop1'",
                           on_message, NULL, fixture);
    sd_bus_message_new_method_call(fixture->client, &call, "org.freedesktop.DBus",
                                   "/org/freedesktop/DBus", "org.freedesktop.DBus.Peer", "Ping");
    reply = send(fixture, call); /* the match is in place when this is answered */
    assert_ok(reply);
}

void
bus_fixture_disconnect_client(BusFixture *fixture)
{
    if (!fixture->client)
        return;
    sd_bus_detach_event(fixture->client);
    sd_bus_close_unref(fixture->client);
    g_source_destroy(fixture->source);
    g_source_unref(fixture->source);
    fixture->client = NULL;
}
