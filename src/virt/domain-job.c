/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "virt/domain-job.h"

/* Somebody is in QEMU's monitor, and so QEMU may hang; libvirt would wait for that. */
static bool
is_in_monitor(virDomainPtr domain)
{
    virDomainControlInfo info;

    return virDomainGetControlInfo(domain, &info, 0) < 0 ||
           info.state == VIR_DOMAIN_CONTROL_OCCUPIED || info.state == VIR_DOMAIN_CONTROL_ERROR;
}

static int
read_operation(virDomainPtr domain)
{
    virTypedParameterPtr params = NULL;
    int n_params = 0, type = VIR_DOMAIN_JOB_NONE, operation = VS_JOB_UNKNOWN;

    if (virDomainGetJobStats(domain, &type, &params, &n_params, 0) < 0)
        return VS_JOB_NONE;
    virTypedParamsGetInt(params, n_params, VIR_DOMAIN_JOB_OPERATION, &operation);
    virTypedParamsFree(params, n_params);
    return type == VIR_DOMAIN_JOB_NONE ? VS_JOB_NONE : operation;
}

void
vs_domain_job_run(const VsJob *job, virConnectPtr connection, VsResult *result)
{
    virDomainPtr domain = virDomainLookupByUUIDString(connection, job->domain.uuid.text);

    result->operation = VS_JOB_NONE;
    if (!domain) {
        vs_result_fail_libvirt(result, connection);
        return;
    }
    if (!is_in_monitor(domain))
        result->operation = read_operation(domain);
    result->ok = true;
    virDomainFree(domain);
}
