/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "virt/domain-stats.h"

#include <string.h>

#define ASKED (VIR_DOMAIN_STATS_VCPU | VIR_DOMAIN_STATS_BLOCK)

static uint64_t
value_of(const virTypedParameter *param)
{
    return param->type == VIR_TYPED_PARAM_ULLONG ? param->value.ul : 0;
}

/* What was told of. */
typedef struct Told {
    bool cpus, disks;
    unsigned n_disks;
} Told;

/* "vcpu.0.time", "block.count", "block.1.wr.reqs", ... */
static void
add(VsStats *stats, Told *told, const virTypedParameter *param)
{
    const char *field = param->field;

    if (g_str_has_prefix(field, "vcpu.") && g_str_has_suffix(field, ".time")) {
        stats->cpu += value_of(param);
        told->cpus = true;
    } else if (g_str_equal(field, "block.count") && param->type == VIR_TYPED_PARAM_UINT) {
        told->n_disks = param->value.ui;
    }
    if (!g_str_has_prefix(field, "block."))
        return;
    if (g_str_has_suffix(field, ".wr.bytes"))
        stats->written += value_of(param);
    if (g_str_has_suffix(field, ".wr.reqs"))
        stats->writes += value_of(param);
    if (g_str_has_suffix(field, ".reqs")) {
        stats->requests += value_of(param);
        told->disks = true;
    }
}

bool
vs_domain_stats_read(const virTypedParameter *params, int n_params, VsStats *ret)
{
    VsStats stats = {0};
    Told told = {0};

    for (int i = 0; i < n_params; i++)
        add(&stats, &told, &params[i]);
    if (!told.cpus || (told.n_disks > 0 && !told.disks))
        return false;
    *ret = stats;
    return true;
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
        result->ok = vs_domain_stats_read(records[0]->params, records[0]->nparams, &result->stats);
    }
    if (records)
        virDomainStatsRecordListFree(records);
    if (domain)
        virDomainFree(domain);
}
