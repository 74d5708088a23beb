/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/signals.h"

#include "client/objects.h"
#include "util/error.h"
#include "util/i18n.h"

typedef struct Listener {
    VsClient *client;
    const VsSignals *signals;
    void *userdata;
    char *last; /* the id of the record that was told last, or NULL */
} Listener;

/* A match doesn't see to that: whoever sends us a signal directly may say what only virtstopd does,
 * and sd-bus takes any unique name for the sender of a match that has another. */
static bool
is_from(sd_bus_message *message, const char *sender)
{
    return sender && g_strcmp0(sd_bus_message_get_sender(message), sender) == 0;
}

static bool
is_from_daemon(sd_bus_message *message, const Listener *listener)
{
    return is_from(message, listener->client->owner);
}

/* A signal that isn't as it should be is passed over: the next one may be. */

static void
on_stop_added(sd_bus_message *message, const Listener *listener)
{
    const char *id, *path, *domain, *name;

    if (sd_bus_message_read(message, "soos", &id, &path, &domain, &name) >= 0 &&
        listener->signals->stop_added)
        listener->signals->stop_added(id, domain, name, listener->userdata);
}

static void
on_stop_finished(sd_bus_message *message, const Listener *listener)
{
    const char *id, *path, *domain, *name, *outcome;

    if (sd_bus_message_read(message, "sooss", &id, &path, &domain, &name, &outcome) >= 0 &&
        listener->signals->stop_finished)
        listener->signals->stop_finished(id, name, outcome, listener->userdata);
}

/* Who hears of the whole record hears the same again of what everybody may know. */
static bool
is_again(Listener *listener, json_object *record)
{
    const char *id = vs_json_string(record, "id", NULL);

    if (id && g_strcmp0(id, listener->last) == 0)
        return true;
    g_free(listener->last);
    listener->last = g_strdup(id);
    return false;
}

static void
on_stop_recorded(sd_bus_message *message, Listener *listener)
{
    g_autoptr(json_object) record = NULL;
    const char *line;

    if (!listener->signals->stop_recorded || sd_bus_message_read(message, "s", &line) < 0)
        return;
    record = vs_json_parse_object(line, NULL);
    if (record && !is_again(listener, record))
        listener->signals->stop_recorded(record, listener->userdata);
}

static int
on_manager_signal(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    if (!is_from_daemon(message, userdata))
        return 0;
    if (sd_bus_message_is_signal(message, NULL, "StopAdded"))
        on_stop_added(message, userdata);
    else if (sd_bus_message_is_signal(message, NULL, "StopFinished"))
        on_stop_finished(message, userdata);
    else if (sd_bus_message_is_signal(message, NULL, "StopRecorded") ||
             sd_bus_message_is_signal(message, NULL, "StopDisclosed"))
        on_stop_recorded(message, userdata);
    return 0;
}

static int
on_properties_changed(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    const Listener *listener = userdata;
    const char *interface, *path = sd_bus_message_get_path(message);

    if (!is_from_daemon(message, listener) || sd_bus_message_read(message, "s", &interface) < 0)
        return 0;
    if (g_str_equal(interface, VS_BUS_STOP) && listener->signals->stop_changed) {
        g_autofree char *id = vs_objects_stop_id(path);
        if (id)
            listener->signals->stop_changed(id, message, listener->userdata);
    } else if (g_str_equal(interface, VS_BUS_DOMAIN) && listener->signals->domain_changed) {
        listener->signals->domain_changed(path, message, listener->userdata);
    } else if (g_str_equal(interface, VS_BUS_HOST_STOP) && listener->signals->host_stop_changed) {
        listener->signals->host_stop_changed(path, message, listener->userdata);
    } else if (g_str_equal(interface, VS_BUS_MANAGER) && listener->signals->manager_changed) {
        listener->signals->manager_changed(message, listener->userdata);
    }
    return 0;
}

/* 1: it has read the properties. */
static int
on_added(const Listener *listener, const char *path, const char *interface, sd_bus_message *message)
{
    const VsSignals *signals = listener->signals;
    g_autofree char *id = NULL;

    if (g_str_equal(interface, VS_BUS_DOMAIN) && signals->domain_added) {
        signals->domain_added(path, message, listener->userdata);
        return 1;
    }
    if (g_str_equal(interface, VS_BUS_STOP) && signals->stop_appeared &&
        (id = vs_objects_stop_id(path))) {
        signals->stop_appeared(id, message, listener->userdata);
        return 1;
    }
    return 0;
}

/* oa{sa{sv}}: among an object's interfaces, the one of ours. */
static int
on_interfaces_added(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    const Listener *listener = userdata;
    const char *path, *interface;

    if (!is_from_daemon(message, listener) || sd_bus_message_read(message, "o", &path) < 0 ||
        sd_bus_message_enter_container(message, 'a', "{sa{sv}}") < 0)
        return 0;
    while (sd_bus_message_enter_container(message, 'e', "sa{sv}") > 0) {
        if (sd_bus_message_read(message, "s", &interface) < 0)
            return 0;
        if (on_added(listener, path, interface, message) > 0)
            return 0;
        if (sd_bus_message_skip(message, "a{sv}") < 0 || sd_bus_message_exit_container(message) < 0)
            return 0;
    }
    return 0;
}

static void
on_removed(const Listener *listener, const char *path, const char *interface)
{
    g_autofree char *id = NULL;

    if (g_str_equal(interface, VS_BUS_DOMAIN) && listener->signals->domain_removed)
        listener->signals->domain_removed(path, listener->userdata);
    else if (g_str_equal(interface, VS_BUS_STOP) && listener->signals->stop_removed &&
             (id = vs_objects_stop_id(path)))
        listener->signals->stop_removed(id, listener->userdata);
}

static int
on_interfaces_removed(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    const Listener *listener = userdata;
    const char *path, *interface;

    if (!is_from_daemon(message, listener) || sd_bus_message_read(message, "o", &path) < 0 ||
        sd_bus_message_enter_container(message, 'a', "s") < 0)
        return 0;
    while (sd_bus_message_read(message, "s", &interface) > 0)
        on_removed(listener, path, interface);
    return 0;
}

/* @owner: "" or NULL: nobody. */
static void
set_owner(VsClient *client, const char *owner)
{
    g_free(client->owner);
    client->owner = owner && *owner ? g_strdup(owner) : NULL;
}

/* After the matches are there: so what changes later is told. */
static void
learn_owner(VsClient *client)
{
    g_autoptr(sd_bus_message) reply = NULL;
    const char *owner = NULL;

    vs_client_before_call(client);
    if (sd_bus_call_method(client->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                           "org.freedesktop.DBus", "GetNameOwner", NULL, &reply, "s",
                           VS_BUS_NAME) >= 0)
        sd_bus_message_read(reply, "s", &owner);
    set_owner(client, owner);
}

static int
on_owner_changed(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    const Listener *listener = userdata;
    const char *name, *old_owner, *new_owner;

    if (!is_from(message, "org.freedesktop.DBus") ||
        sd_bus_message_read(message, "sss", &name, &old_owner, &new_owner) < 0)
        return 0;
    set_owner(listener->client, new_owner);
    if (listener->signals->daemon)
        listener->signals->daemon(*new_owner != '\0', listener->userdata);
    return 0;
}

static int
on_disconnected(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    const Listener *listener = userdata;

    if (listener->signals->bus_lost)
        listener->signals->bus_lost(listener->userdata);
    return 0;
}

#define OWNER_MATCH                                                                                \
    "type='signal',sender='org.freedesktop.DBus',path='/org/freedesktop/DBus',"                    \
    "interface='org.freedesktop.DBus',member='NameOwnerChanged',arg0='" VS_BUS_NAME "'"

#define PROPERTIES_MATCH                                                                           \
    "type='signal',sender='" VS_BUS_NAME "',path_namespace='" VS_BUS_PATH "',"                     \
    "interface='org.freedesktop.DBus.Properties',member='PropertiesChanged'"

#define LOCAL_MATCH                                                                                \
    "type='signal',sender='org.freedesktop.DBus.Local',path='/org/freedesktop/DBus/Local',"        \
    "interface='org.freedesktop.DBus.Local',member='Disconnected'"

#define OBJECT_MATCH(member)                                                                       \
    "type='signal',sender='" VS_BUS_NAME "',path='" VS_BUS_PATH "',"                               \
    "interface='org.freedesktop.DBus.ObjectManager',member='" member "'"

static const struct {
    const char *match;
    sd_bus_message_handler_t handler;
} matches[] = {
    {LOCAL_MATCH, on_disconnected},
    {OWNER_MATCH, on_owner_changed},
    {"type='signal',sender='" VS_BUS_NAME "',path='" VS_BUS_PATH "',interface='" VS_BUS_MANAGER "'",
     on_manager_signal},
    {PROPERTIES_MATCH, on_properties_changed},
    {OBJECT_MATCH("InterfacesAdded"), on_interfaces_added},
    {OBJECT_MATCH("InterfacesRemoved"), on_interfaces_removed},
};

static void
free_listener(void *userdata)
{
    Listener *listener = userdata;

    g_free(listener->last);
    g_free(listener);
}

bool
vs_signals_listen(VsClient *client, const VsSignals *signals, void *userdata, GError **error)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(matches); i++) {
        Listener *listener = g_new(Listener, 1);
        g_autoptr(sd_bus_slot) slot = NULL;
        int r;

        *listener = (Listener){client, signals, userdata, NULL};
        vs_client_before_call(client);
        r = sd_bus_add_match(client->bus, &slot, matches[i].match, matches[i].handler, listener);
        if (r < 0) {
            g_free(listener);
            g_set_error(error, VS_ERROR, VS_ERROR_NOT_CONNECTED, _("Can't listen on the bus: %s"),
                        g_strerror(-r));
            return false;
        }
        /* It lives as long as the bus. */
        sd_bus_slot_set_destroy_callback(slot, free_listener);
        sd_bus_slot_set_floating(slot, true);
    }
    learn_owner(client);
    return true;
}
