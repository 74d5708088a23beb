/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "virt/domain-stats.h"

#include <string.h>

#define ASKED (VIR_DOMAIN_STATS_VCPU | VIR_DOMAIN_STATS_BLOCK)

static uint64_t
value_of(const virTypedParameter *param)
{
    return param->type == VIR_TYPED_PARAM_ULLONG ? param->value.ul : 0;
}

/* "vcpu.0.time", "block.1.wr.reqs", ... */
static void
add(VsStats *stats, const virTypedParameter *param)
{
    const char *field = param->field;

    if (g_str_has_prefix(field, "vcpu.") && g_str_has_suffix(field, ".time"))
        stats->cpu += value_of(param);
    else if (!g_str_has_prefix(field, "block."))
        return;
    if (g_str_has_suffix(field, ".wr.bytes"))
        stats->written += value_of(param);
    if (g_str_has_suffix(field, ".wr.reqs"))
        stats->writes += value_of(param);
    if (g_str_has_suffix(field, ".reqs"))
        stats->requests += value_of(param);
}

void
vs_domain_stats_run(const VsJob *job, virConnectPtr connection, VsResult *result)
{
    virDomainPtr domain = virDomainLookupByUUIDString(connection, job->domain.uuid.text);
    virDomainPtr domains[] = {domain, NULL};
    virDomainStatsRecordPtr *records = NULL;

    if (!domain || virDomainListGetStats(domains, ASKED, &records,
                                         VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT) < 1) {
        vs_result_fail_libvirt(result, connection);
    } else {
        for (int i = 0; i < records[0]->nparams; i++)
            add(&result->stats, &records[0]->params[i]);
        result->ok = records[0]->nparams > 0;
    }
    if (records)
        virDomainStatsRecordListFree(records);
    if (domain)
        virDomainFree(domain);
}
