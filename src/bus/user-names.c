/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/user-names.h"

#include <pwd.h>
#include <unistd.h>

#include "util/span.h"
#include "work/clerk.h"

/* How long the end of the daemon waits for a name that nobody wants any more. */
#define FAREWELL (VS_USEC_PER_SEC / 5)

/* So many are known at most: there may be any number of users who ask for something. */
#define MAX_NAMES 1024

/* ms that somebody waits for a name. */
#define PATIENCE 500

struct VsBusUserNames {
    VsThreads *threads;
    VsClerk *clerk;
    GHashTable *by_uid; /* "": there is none; NULL: it is being looked up */
    GPtrArray *waiting; /* of VsBusNameWait, which whoever waits owns */
};

struct VsBusNameWait {
    VsBusUserNames *names;
    uid_t uid;
    guint timer;
    void (*then)(void *data);
    void *data;
};

typedef struct Lookup {
    VsBusUserNames *names;
    uid_t uid;
    char *name;
} Lookup;

static void
lookup_free(void *data)
{
    Lookup *lookup = data;

    g_free(lookup->name);
    g_free(lookup);
}

static void
look_up(void *data)
{
    Lookup *lookup = data;
    struct passwd entry, *found = NULL;
    char room[4096];

    if (getpwuid_r(lookup->uid, &entry, room, sizeof room, &found) == 0 && found)
        lookup->name = g_utf8_make_valid(found->pw_name, -1);
}

/* It frees the wait. */
static void
end_wait(VsBusNameWait *wait)
{
    wait->then(wait->data);
}

static void
on_found(void *data)
{
    Lookup *lookup = data;
    GPtrArray *waiting = lookup->names->waiting;

    g_hash_table_insert(lookup->names->by_uid, GUINT_TO_POINTER(lookup->uid),
                        lookup->name ? g_steal_pointer(&lookup->name) : g_strdup(""));
    for (unsigned i = waiting->len; i > 0; i--) {
        VsBusNameWait *wait = i <= waiting->len ? waiting->pdata[i - 1] : NULL;

        if (wait && wait->uid == lookup->uid)
            end_wait(wait);
    }
}

static gboolean
on_impatient(gpointer data)
{
    VsBusNameWait *wait = data;

    wait->timer = 0;
    end_wait(wait);
    return G_SOURCE_REMOVE;
}

VsBusNameWait *
vs_bus_user_names_await(VsBus *bus, uid_t uid, void (*then)(void *data), void *data)
{
    VsBusUserNames *names = bus->user_names;
    VsBusNameWait *wait;
    gpointer name;

    if (!g_hash_table_lookup_extended(names->by_uid, GUINT_TO_POINTER(uid), NULL, &name) || name)
        return NULL;
    wait = g_new(VsBusNameWait, 1);
    *wait = (VsBusNameWait){.names = names, .uid = uid, .then = then, .data = data};
    wait->timer = g_timeout_add(PATIENCE, on_impatient, wait);
    g_ptr_array_add(names->waiting, wait);
    return wait;
}

void
vs_bus_name_wait_free(VsBusNameWait *wait)
{
    if (wait->timer > 0)
        g_source_remove(wait->timer);
    g_ptr_array_remove_fast(wait->names->waiting, wait);
    g_free(wait);
}

void
vs_bus_user_names_init(VsBus *bus)
{
    VsBusUserNames *names = g_new0(VsBusUserNames, 1);

    bus->user_names = names;
    names->threads = vs_threads_new();
    names->clerk = vs_clerk_new(names->threads, "user names");
    names->by_uid = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    names->waiting = g_ptr_array_new();
    g_hash_table_insert(names->by_uid, GUINT_TO_POINTER(0), g_strdup("root"));
    vs_bus_user_names_learn(bus, geteuid());
}

void
vs_bus_user_names_clear(VsBus *bus)
{
    VsBusUserNames *names = g_steal_pointer(&bus->user_names);

    vs_clerk_free(names->clerk);
    vs_threads_close(names->threads);
    vs_threads_wait(names->threads, FAREWELL);
    vs_threads_unref(names->threads);
    g_hash_table_unref(names->by_uid);
    g_ptr_array_unref(names->waiting);
    g_free(names);
}

void
vs_bus_user_names_learn(VsBus *bus, uid_t uid)
{
    VsBusUserNames *names = bus->user_names;
    Lookup *lookup;

    if (g_hash_table_contains(names->by_uid, GUINT_TO_POINTER(uid)) ||
        g_hash_table_size(names->by_uid) >= MAX_NAMES)
        return;
    g_hash_table_insert(names->by_uid, GUINT_TO_POINTER(uid), NULL);
    lookup = g_new0(Lookup, 1);
    lookup->names = names;
    lookup->uid = uid;
    vs_clerk_give(names->clerk, look_up, on_found, lookup, lookup_free);
}

const char *
vs_bus_user_names_get(const VsBus *bus, uid_t uid)
{
    const char *name = g_hash_table_lookup(bus->user_names->by_uid, GUINT_TO_POINTER(uid));

    return name && *name ? name : NULL;
}
