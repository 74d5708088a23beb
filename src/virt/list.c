/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "virt/list.h"

#include <libvirt/virterror.h>
#include <stdlib.h>
#include <string.h>

#include "util/span.h"

/* All that is asked here takes nothing but the lock of a domain, in every libvirt from 7.0 on, and
 * is served by the workers that libvirtd keeps for such calls: a guest that hangs, and holds its
 * domain's job, holds up none of it. */

#define MAX_TRIES   4
#define RETRY_AFTER VS_USEC_PER_SEC

static void
free_domains(virDomainPtr *domains)
{
    for (virDomainPtr *domain = domains; *domain; domain++)
        virDomainFree(*domain);
    free(domains);
}

static bool
is_gone(void)
{
    return virGetLastErrorCode() == VIR_ERR_NO_DOMAIN;
}

/* False where libvirt doesn't say. */
static bool
read_info(const VsJob *job, virDomainPtr domain, VsDomainInfo *ret)
{
    VsDomainInfo info = {.domain.id = (int)virDomainGetID(domain)};
    int state;

    if (virDomainGetState(domain, &state, &info.reason, 0) < 0 ||
        virDomainGetUUIDString(domain, info.domain.uuid.text) < 0)
        return false;
    info.state = (VsDomainState)state;
    info.domain.uri = g_strdup(job->domain.uri);
    info.domain.name = g_strdup(virDomainGetName(domain));
    *ret = info;
    return true;
}

static GArray *
infos_new(void)
{
    GArray *infos = g_array_new(FALSE, FALSE, sizeof(VsDomainInfo));

    g_array_set_clear_func(infos, (GDestroyNotify)vs_domain_info_clear);
    return infos;
}

/* The UUIDs of the transient domains, of which there are few: one call for all of them, where there
 * may be ten thousand others. NULL: libvirt doesn't say. */
static GHashTable *
list_transient(virConnectPtr connection)
{
    GHashTable *uuids;
    virDomainPtr *domains;

    if (virConnectListAllDomains(connection, &domains, VIR_CONNECT_LIST_DOMAINS_TRANSIENT) < 0)
        return NULL;
    uuids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (virDomainPtr *domain = domains; *domain; domain++) {
        char uuid[VIR_UUID_STRING_BUFLEN];

        if (virDomainGetUUIDString(*domain, uuid) == 0)
            g_hash_table_add(uuids, g_strdup(uuid));
    }
    free_domains(domains);
    return uuids;
}

/* NULL: @result says why. The states are read behind both lists: a transient domain that ended
 * between these is in the first alone, but has no state any more. */
static GArray *
read_infos(const VsJob *job, virConnectPtr connection, virDomainPtr *domains, VsResult *result)
{
    g_autoptr(GHashTable) transient = list_transient(connection);
    g_autoptr(GArray) infos = infos_new();

    if (!transient) {
        vs_result_fail_libvirt(result, connection);
        return NULL;
    }
    for (virDomainPtr *domain = domains; *domain; domain++) {
        VsDomainInfo info;

        if (read_info(job, *domain, &info)) {
            info.persistent = !g_hash_table_contains(transient, info.domain.uuid.text);
            g_array_append_val(infos, info);
        } else if (!is_gone()) {
            vs_result_fail_libvirt(result, connection);
            return NULL;
        }
    }
    return g_steal_pointer(&infos);
}

static void
list(const VsJob *job, virConnectPtr connection, VsResult *result)
{
    virDomainPtr *domains;

    if (virConnectListAllDomains(connection, &domains, 0) < 0) {
        vs_result_fail_libvirt(result, connection);
        return;
    }
    result->domains = read_infos(job, connection, domains, result);
    result->ok = result->domains != NULL;
    free_domains(domains);
}

static void
try_often(VsJobRun run, const VsJob *job, virConnectPtr connection, VsResult *result)
{
    for (int tries = 1;; tries++) {
        run(job, connection, result);
        if (result->ok || result->lost || tries == MAX_TRIES)
            return;
        vs_result_clear(result);
        g_usleep(RETRY_AFTER);
    }
}

void
vs_list_run(const VsJob *job, virConnectPtr connection, VsResult *result)
{
    try_often(list, job, connection, result);
}

static VsDomainInfo
info_of_gone(const VsJob *job)
{
    VsDomainInfo info = {.state = VS_STATE_GONE};

    vs_domain_id_copy(&info.domain, &job->domain);
    info.domain.id = -1;
    return info;
}

static bool
look_at(const VsJob *job, virDomainPtr domain, VsDomainInfo *ret)
{
    int persistent = virDomainIsPersistent(domain);

    if (persistent < 0 || !read_info(job, domain, ret))
        return false;
    ret->persistent = persistent == 1;
    return true;
}

static void
look_up(const VsJob *job, virConnectPtr connection, VsResult *result)
{
    virDomainPtr domain = virDomainLookupByUUIDString(connection, job->domain.uuid.text);
    VsDomainInfo info;

    if (domain && look_at(job, domain, &info))
        result->ok = true;
    else if (is_gone()) {
        info = info_of_gone(job);
        result->ok = true;
    } else
        vs_result_fail_libvirt(result, connection);

    if (result->ok) {
        result->domains = infos_new();
        g_array_append_val(result->domains, info);
    }
    if (domain)
        virDomainFree(domain);
}

void
vs_list_look_up(const VsJob *job, virConnectPtr connection, VsResult *result)
{
    try_often(look_up, job, connection, result);
}

static virDomainPtr
look_up_id(virConnectPtr connection, const char *text)
{
    guint64 id;

    if (!g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT, &id, NULL))
        return NULL;
    return virDomainLookupByID(connection, (int)id);
}

static virDomainPtr
look_up_uuid(virConnectPtr connection, const char *text)
{
    return vs_uuid_is_valid(text) ? virDomainLookupByUUIDString(connection, text) : NULL;
}

/* Behind virtproxyd our connection stays alive where virtqemud is gone: then it isn't known whether
 * there is such a domain. What a client makes of a name that it can't send is an answer. */
static bool
is_unanswered(void)
{
    const virError *error = virGetLastError();

    return error && error->domain == VIR_FROM_RPC && error->code != VIR_ERR_RPC;
}

void
vs_list_find(const VsJob *job, virConnectPtr connection, VsResult *result)
{
    static virDomainPtr (*const ways[])(virConnectPtr, const char *) = {look_up_id, look_up_uuid,
                                                                        virDomainLookupByName};

    result->domains = infos_new();
    result->ok = true;
    for (size_t i = 0; result->ok && i < G_N_ELEMENTS(ways); i++) {
        virDomainPtr domain;
        VsDomainInfo info;

        virResetLastError();
        domain = ways[i](connection, job->domain.name);
        if (domain && look_at(job, domain, &info)) {
            g_array_append_val(result->domains, info);
        } else if (is_unanswered()) {
            vs_result_fail_libvirt(result, connection);
            result->lost = true;
        }
        if (domain)
            virDomainFree(domain);
    }
    if (result->ok && virConnectIsAlive(connection) != 1) {
        vs_result_fail_libvirt(result, connection);
        result->lost = true;
    }
}
