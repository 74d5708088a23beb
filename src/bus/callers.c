/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/callers.h"

#include <unistd.h>

#include "util/error.h"
#include "util/i18n.h"
#include "util/span.h"

/* So many are remembered, but for those with something under way. */
#define MAX_REMEMBERED 512

/* For the bus's answer: it comes at once, or the bus is in trouble. */
#define TIMEOUT (25 * VS_USEC_PER_SEC)

struct VsBusCallers {
    VsBusCallerKnown known;
    void *userdata;
    sd_bus *connection; /* borrowed; NULL: none */
    GHashTable *by_name;
    GHashTable *users; /* by uid */
    GQueue in_use;     /* the one that was used last first */
};

static void
caller_free(gpointer data)
{
    VsBusCaller *caller = data;

    sd_bus_slot_unref(caller->asking);
    sd_bus_slot_unref(caller->watch);
    g_free(caller->name);
    g_free(caller);
}

VsBusCallers *
vs_bus_callers_new(VsBusCallerKnown known, void *userdata)
{
    VsBusCallers *callers = g_new0(VsBusCallers, 1);

    callers->known = known;
    callers->userdata = userdata;
    callers->by_name = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, caller_free);
    callers->users = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    g_queue_init(&callers->in_use);
    return callers;
}

void
vs_bus_callers_free(VsBusCallers *callers)
{
    g_hash_table_unref(callers->by_name);
    g_hash_table_unref(callers->users);
    g_free(callers);
}

void
vs_bus_callers_attach(VsBusCallers *callers, sd_bus *connection)
{
    g_queue_init(&callers->in_use); /* the places belong to the callers */
    g_hash_table_remove_all(callers->by_name);
    g_hash_table_remove_all(callers->users);
    callers->connection = connection;
}

/* A user whose connections are all forgotten is remembered until what it spent is paid back. */
static gboolean
is_done_with(gpointer key, gpointer value, gpointer now)
{
    const VsBusUser *user = value;

    return user->n_callers == 0 && MAX(user->spent_until, user->quiet_from) <= *(int64_t *)now;
}

static void
forget(VsBusCallers *callers, VsBusCaller *caller)
{
    int64_t now = g_get_monotonic_time();

    if (caller->user && --caller->user->n_callers == 0)
        g_hash_table_foreach_remove(callers->users, is_done_with, &now);
    g_queue_unlink(&callers->in_use, &caller->in_use);
    g_hash_table_remove(callers->by_name, caller->name);
}

static bool
is_idle(const VsBusCaller *caller)
{
    return !caller->asking && caller->parked.length == 0 && caller->n_asked == 0 &&
           caller->n_authorising == 0 && caller->n_inquiring == 0;
}

static void
forget_oldest(VsBusCallers *callers)
{
    GList *link = callers->in_use.tail;

    while (link && callers->in_use.length > MAX_REMEMBERED) {
        VsBusCaller *caller = link->data;

        link = link->prev;
        if (is_idle(caller))
            forget(callers, caller);
    }
}

static VsBusUser *
find_user(VsBusCallers *callers, uid_t uid)
{
    VsBusUser *user = g_hash_table_lookup(callers->users, GUINT_TO_POINTER(uid));

    if (user)
        return user;
    user = g_new0(VsBusUser, 1);
    user->uid = uid;
    user->trusted = uid == 0 || uid == geteuid();
    g_hash_table_insert(callers->users, GUINT_TO_POINTER(uid), user);
    return user;
}

/* The uid is what the bus took from the socket. Nothing that decides may come from /proc: there, a
 * pid that was used again would speak for somebody else. */
static int
read_credentials(sd_bus_message *reply, uint32_t *ret_uid, uint32_t *ret_pid)
{
    const char *key;
    int r = sd_bus_message_enter_container(reply, SD_BUS_TYPE_ARRAY, "{sv}");

    while (r >= 0 && (r = sd_bus_message_enter_container(reply, 'e', "sv")) > 0) {
        if ((r = sd_bus_message_read_basic(reply, 's', &key)) < 0)
            return r;
        if (g_str_equal(key, "UnixUserID"))
            r = sd_bus_message_read(reply, "v", "u", ret_uid);
        else if (g_str_equal(key, "ProcessID"))
            r = sd_bus_message_read(reply, "v", "u", ret_pid);
        else
            r = sd_bus_message_skip(reply, "v");
        if (r >= 0)
            r = sd_bus_message_exit_container(reply);
    }
    return r;
}

static void
learn(VsBusCaller *caller, sd_bus_message *reply)
{
    uint32_t uid = UINT32_MAX, pid = 0;

    if (sd_bus_message_is_method_error(reply, NULL) || read_credentials(reply, &uid, &pid) < 0 ||
        uid == UINT32_MAX)
        return;
    caller->user = find_user(caller->callers, (uid_t)uid);
    caller->user->n_callers++;
    caller->pid = (pid_t)pid;
}

static int
on_credentials(sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    VsBusCaller *caller = userdata;
    VsBusCallers *callers = caller->callers;

    caller->asking = sd_bus_slot_unref(caller->asking);
    learn(caller, reply);
    callers->known(caller, callers->userdata);
    if (caller->user)
        forget_oldest(callers);
    else
        forget(callers, caller);
    return 0;
}

static int
ask(VsBusCaller *caller)
{
    g_autoptr(sd_bus_message) message = NULL;
    sd_bus *connection = caller->callers->connection;
    int r;

    if (!connection)
        return -ENOTCONN;
    if ((r = sd_bus_message_new_method_call(connection, &message, "org.freedesktop.DBus",
                                            "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                            "GetConnectionCredentials")) < 0 ||
        (r = sd_bus_message_append(message, "s", caller->name)) < 0)
        return r;
    return sd_bus_call_async(connection, &caller->asking, message, on_credentials, caller, TIMEOUT);
}

static VsBusCaller *
add(VsBusCallers *callers, const char *name)
{
    VsBusCaller *caller = g_new0(VsBusCaller, 1);

    caller->callers = callers;
    caller->name = g_strdup(name);
    caller->in_use.data = caller;
    caller->waiting.data = caller;
    g_queue_init(&caller->parked);
    if (ask(caller) < 0) {
        caller_free(caller);
        return NULL;
    }
    g_hash_table_insert(callers->by_name, caller->name, caller);
    g_queue_push_head_link(&callers->in_use, &caller->in_use);
    return caller;
}

VsBusCaller *
vs_bus_callers_get(VsBusCallers *callers, const char *name)
{
    VsBusCaller *caller = g_hash_table_lookup(callers->by_name, name);

    if (!caller)
        return add(callers, name);
    g_queue_unlink(&callers->in_use, &caller->in_use);
    g_queue_push_head_link(&callers->in_use, &caller->in_use);
    return caller;
}

void *
vs_bus_callers_userdata(const VsBusCallers *callers)
{
    return callers->userdata;
}

bool
vs_bus_callers_fail(GError **error)
{
    g_set_error(error, VS_ERROR, VS_ERROR_ACCESS,
                _("The bus doesn't know who asks; stay connected until the answer is there"));
    return false;
}

VsBusCaller *
vs_bus_callers_named(VsBusCallers *callers, const char *name)
{
    VsBusCaller *caller = name ? g_hash_table_lookup(callers->by_name, name) : NULL;

    return caller && caller->user ? caller : NULL;
}

VsBusCaller *
vs_bus_callers_of(VsBusCallers *callers, sd_bus_message *message)
{
    return vs_bus_callers_named(callers, sd_bus_message_get_sender(message));
}
