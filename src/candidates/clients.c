/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "candidates/clients.h"

#include <libvirt/libvirt-admin.h>
#include <stdbool.h>
#include <string.h>

#include "candidates/process.h"
#include "core/candidates.h"
#include "util/span.h"
#include "util/wallclock.h"

/* Of those that connected last so many are looked at: a daemon serves up to 5000. */
#define MAX_LOOKED_AT 256

/* What leads from one daemon of libvirt to another. Who is behind it that one tells. */
#define PROXY "virtproxyd"

/* What leads from virtstopd to libvirt: virt/way.h. */
#define WAY "virtstop-libvirt@"

typedef struct Clients {
    GPtrArray *all;     /* of virAdmClientPtr */
    GPtrArray *daemons; /* of virAdmConnectPtr, to which they belong */
    GHashTable *pids;   /* of those that are in the list */
    json_object *list;
    int self;
} Clients;

static void
client_free(void *client)
{
    virAdmClientFree(client);
}

static void
daemon_free(void *daemon)
{
    virAdmConnectClose(daemon);
}

static void
add_clients(Clients *clients, virAdmServerPtr server)
{
    virAdmClientPtr *found = NULL;
    int n = virAdmServerListClients(server, &found, 0);

    for (int i = 0; i < n; i++)
        g_ptr_array_add(clients->all, found[i]);
    free(found);
}

/* All that the daemon serves, but for those who look after the daemon itself. */
static void
add_daemon(Clients *clients, const char *uri)
{
    virAdmConnectPtr daemon = virAdmConnectOpen(uri, 0);
    virAdmServerPtr *servers = NULL;
    int n = daemon ? virAdmConnectListServers(daemon, &servers, 0) : 0;

    if (daemon)
        g_ptr_array_add(clients->daemons, daemon);
    for (int i = 0; i < n; i++) {
        if (strcmp(virAdmServerGetName(servers[i]), "admin") != 0)
            add_clients(clients, servers[i]);
        virAdmServerFree(servers[i]);
    }
    free(servers);
}

static int
newest_first(const void *a, const void *b)
{
    const virAdmClientPtr *one = a, *other = b;
    long long x = virAdmClientGetTimestamp(*one), y = virAdmClientGetTimestamp(*other);

    if (x != y)
        return x < y ? 1 : -1;
    return virAdmClientGetID(*one) < virAdmClientGetID(*other) ? 1 : -1;
}

static void
set_text(json_object *one, const char *key, virTypedParameterPtr info, int n, const char *field)
{
    const char *text = NULL;

    if (virTypedParamsGetString(info, n, field, &text) > 0 && text)
        vs_json_set_string(one, key, text);
}

static json_object *
describe(virAdmClientPtr client, virTypedParameterPtr info, int n, int pid)
{
    g_autofree char *since =
        vs_wallclock_format(virAdmClientGetTimestamp(client) * VS_USEC_PER_SEC);
    json_object *one = json_object_new_object();
    int uid = -1;

    if (pid > 0) {
        vs_json_set_int(one, "pid", pid);
        if (virTypedParamsGetInt(info, n, VIR_CLIENT_INFO_UNIX_USER_ID, &uid) > 0 && uid >= 0)
            vs_json_set_int(one, "uid", uid);
        set_text(one, "user", info, n, VIR_CLIENT_INFO_UNIX_USER_NAME);
        vs_process_describe(pid, one);
    } else {
        set_text(one, "address", info, n, VIR_CLIENT_INFO_SOCKET_ADDR);
        set_text(one, "user", info, n, VIR_CLIENT_INFO_SASL_USER_NAME);
    }
    vs_json_set_string(one, "since", since);
    return one;
}

/* root's: anybody else could hide under that name. */
static bool
is_proxy(json_object *one)
{
    int64_t uid = -1;

    vs_json_int(one, "uid", &uid);
    return uid == 0 && (strcmp(vs_json_string(one, "comm", ""), PROXY) == 0 ||
                        g_str_has_prefix(vs_json_string(one, "unit", ""), WAY));
}

/* One may have several connections, and is named once. */
static void
take(Clients *clients, virAdmClientPtr client, virTypedParameterPtr info, int n)
{
    int pid = 0, readonly = 0;
    json_object *one;

    virTypedParamsGetBoolean(info, n, VIR_CLIENT_INFO_READONLY, &readonly);
    virTypedParamsGetInt(info, n, VIR_CLIENT_INFO_UNIX_PROCESS_ID, &pid);
    if (readonly || pid == clients->self ||
        (pid > 0 && !g_hash_table_add(clients->pids, GINT_TO_POINTER(pid))))
        return;
    one = describe(client, info, n, pid);
    if (is_proxy(one))
        json_object_put(one);
    else
        json_object_array_add(clients->list, one);
}

static void
look_at(Clients *clients, virAdmClientPtr client)
{
    virTypedParameterPtr info = NULL;
    int n = 0;

    if (virAdmClientGetInfo(client, &info, &n, 0) < 0)
        return; /* it is gone */
    take(clients, client, info, n);
    virTypedParamsFree(info, n);
}

json_object *
vs_clients_list(char *const *uris, int self)
{
    json_object *ret = json_object_new_object();
    Clients clients = {
        .daemons = g_ptr_array_new_with_free_func(daemon_free),
        .all = g_ptr_array_new_with_free_func(client_free),
        .pids = g_hash_table_new(NULL, NULL),
        .list = json_object_new_array(),
        .self = self,
    };

    for (; *uris; uris++)
        add_daemon(&clients, *uris);
    vs_json_set_int(ret, "at", g_get_monotonic_time());
    g_ptr_array_sort(clients.all, newest_first);
    for (unsigned i = 0; i < MIN(clients.all->len, MAX_LOOKED_AT) &&
                         json_object_array_length(clients.list) < VS_MAX_CANDIDATES;
         i++)
        look_at(&clients, clients.all->pdata[i]);
    vs_json_set(ret, "candidates", clients.list);
    g_hash_table_unref(clients.pids);
    g_ptr_array_unref(clients.all);
    g_ptr_array_unref(clients.daemons);
    return ret;
}
