/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "virt/list.h"

#include <libvirt/virterror.h>
#include <stdlib.h>
#include <string.h>

#include "util/span.h"
#include "virt/domain-xml.h"

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

static void
read_xml(virDomainPtr domain, VsDomainInfo *info)
{
    char *xml = virDomainGetXMLDesc(domain, 0);

    vs_domain_xml_read(xml ? xml : "", info);
    free(xml);
}

/* False where libvirt doesn't say. */
static bool
read_info(const VsJob *job, virDomainPtr domain, bool has_agents, VsDomainInfo *ret)
{
    VsDomainInfo info = {.domain.id = (int)virDomainGetID(domain), .agent = VS_AGENT_NONE};
    int state;

    if (virDomainGetState(domain, &state, &info.reason, 0) < 0 ||
        virDomainGetUUIDString(domain, info.domain.uuid.text) < 0)
        return false;
    info.state = (VsDomainState)state;
    info.persistent = true;
    if (has_agents && vs_domain_state_is_active(info.state))
        read_xml(domain, &info);
    info.domain.uri = g_strdup(job->domain.uri);
    info.domain.name = g_strdup(virDomainGetName(domain));
    *ret = info;
    return true;
}

static bool
driver_has_agents(virConnectPtr connection)
{
    const char *driver = virConnectGetType(connection);

    return driver && strcmp(driver, "QEMU") == 0;
}

static GArray *
infos_new(void)
{
    GArray *infos = g_array_new(FALSE, FALSE, sizeof(VsDomainInfo));

    g_array_set_clear_func(infos, (GDestroyNotify)vs_domain_info_clear);
    return infos;
}

/* NULL: @result says why. */
static GArray *
read_infos(const VsJob *job, virConnectPtr connection, virDomainPtr *domains, VsResult *result)
{
    bool has_agents = driver_has_agents(connection);
    g_autoptr(GArray) infos = infos_new();

    for (virDomainPtr *domain = domains; *domain; domain++) {
        VsDomainInfo info;

        if (read_info(job, *domain, has_agents, &info))
            g_array_append_val(infos, info);
        else if (!is_gone()) {
            vs_result_fail_libvirt(result, connection);
            return NULL;
        }
    }
    return g_steal_pointer(&infos);
}

/* One call for all of them: there are few transient domains, and may be ten thousand others. */
static bool
mark_transient(virConnectPtr connection, GArray *infos)
{
    virDomainPtr *transient;
    g_autoptr(GHashTable) uuids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    if (virConnectListAllDomains(connection, &transient, VIR_CONNECT_LIST_DOMAINS_TRANSIENT) < 0)
        return false;
    for (virDomainPtr *domain = transient; *domain; domain++) {
        char uuid[VIR_UUID_STRING_BUFLEN];

        if (virDomainGetUUIDString(*domain, uuid) == 0)
            g_hash_table_add(uuids, g_strdup(uuid));
    }
    free_domains(transient);
    for (guint i = 0; i < infos->len; i++) {
        VsDomainInfo *info = &g_array_index(infos, VsDomainInfo, i);

        info->persistent = !g_hash_table_contains(uuids, info->domain.uuid.text);
    }
    return true;
}

static void
list(const VsJob *job, virConnectPtr connection, VsResult *result)
{
    virDomainPtr *domains;
    g_autoptr(GArray) infos = NULL;

    if (virConnectListAllDomains(connection, &domains, 0) < 0) {
        vs_result_fail_libvirt(result, connection);
        return;
    }
    infos = read_infos(job, connection, domains, result);
    free_domains(domains);
    if (!infos)
        return;
    result->ok = mark_transient(connection, infos);
    if (result->ok)
        result->domains = g_steal_pointer(&infos);
    else
        vs_result_fail_libvirt(result, connection);
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
    if (!read_info(job, domain, driver_has_agents(virDomainGetConnect(domain)), ret))
        return false;
    ret->persistent = virDomainIsPersistent(domain) == 1;
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
