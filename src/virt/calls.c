/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "virt/calls.h"

#include <errno.h>
#include <libvirt/libvirt-qemu.h>
#include <libvirt/virterror.h>

#include "core/driver.h"
#include "util/i18n.h"
#include "util/span.h"
#include "virt/place.h"
#include "virt/process.h"

#define AGENT_PING     "{\"execute\":\"guest-ping\"}"
#define AGENT_SHUTDOWN "{\"execute\":\"guest-shutdown\",\"arguments\":{\"mode\":\"powerdown\"}}"

/* Seconds. A guest-shutdown that works is never answered, so this is how long each takes. Before
 * it, libvirt gives the agent 5 s to show that it is there, but newer ones no longer than the
 * command itself has: a busy guest needs more than that, and is woken first. */
#define AGENT_TIMEOUT 1
#define AGENT_WAKES   5

/* An agent that isn't there libvirt knows of at once. */
#define AGENT_AT_ONCE (VS_USEC_PER_SEC / 2)

/* libvirt may say that a destroy is done when it has only given up waiting. */
#define REAP_TIMEOUT (5 * VS_USEC_PER_SEC)

/* A container's init is up before libvirt knows its process, and says that of no use as it is. What
 * tells libvirt of it waits for each container that is being destroyed, 2 s each. */
#define INIT_SPAN  (10 * VS_USEC_PER_SEC)
#define INIT_PAUSE (VS_USEC_PER_SEC / 20)

static int
send_to_agent(virDomainPtr domain, const char *command, int timeout)
{
    char *answer = virDomainQemuAgentCommand(domain, command, timeout, 0);

    if (!answer)
        return -1;
    free(answer);
    return 0;
}

/* Whether it answers; where that can't be told it is asked, too, as it may take no guest-ping. Of
 * one that is awake, what becomes of the request tells more. */
static VsAgentWoke
wake_agent(virDomainPtr domain)
{
    if (send_to_agent(domain, AGENT_PING, AGENT_WAKES) == 0)
        return VS_AGENT_WOKE_YES;
    switch (virGetLastErrorCode()) {
    case VS_LIBVIRT_AGENT_COMMAND_FAILED:
        return VS_AGENT_WOKE_YES;
    case VS_LIBVIRT_INTERNAL_ERROR: /* which is what older ones say of that, too */
    case VS_LIBVIRT_AGENT_COMMAND_TIMEOUT:
        return VS_AGENT_WOKE_UNKNOWN;
    default:
        return VS_AGENT_WOKE_NO;
    }
}

/* It was gone when it was to be asked, as libvirt knows by itself. */
static bool
was_gone(int64_t took)
{
    int code = virGetLastErrorCode();

    return code == VIR_ERR_OPERATION_INVALID || code == VIR_ERR_NO_DOMAIN ||
           (code == VIR_ERR_AGENT_UNRESPONSIVE && took < AGENT_AT_ONCE);
}

static int
ask_agent(const VsJob *job, virDomainPtr domain, VsResult *result)
{
    int64_t since;
    int r;

    if (job->agent_call == VS_AGENT_CALL_COMMAND)
        result->woke = wake_agent(domain);
    if (result->woke == VS_AGENT_WOKE_NO)
        return -1;
    since = g_get_monotonic_time();
    r = job->agent_call == VS_AGENT_CALL_SHUTDOWN || job->clears_reboot
            ? virDomainShutdownFlags(domain, VIR_DOMAIN_SHUTDOWN_GUEST_AGENT)
            : send_to_agent(domain, AGENT_SHUTDOWN, AGENT_TIMEOUT);
    result->took = g_get_monotonic_time() - since;
    if (r < 0 && job->agent_call == VS_AGENT_CALL_COMMAND &&
        result->woke == VS_AGENT_WOKE_UNKNOWN && was_gone(result->took))
        result->woke = VS_AGENT_WOKE_NO;
    return r;
}

static int
press_power_button(const VsJob *job, virDomainPtr domain)
{
    bool plain = vs_driver_of(job->domain.uri)->plain_shutdown;

    return virDomainShutdownFlags(domain, plain ? 0 : VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN);
}

/* Not by libvirt: before 11.3 its VIR_DOMAIN_DESTROY_GRACEFUL sends SIGKILL all the same. Only
 * QEMU's process is known. */
static int
terminate(const VsJob *job, VsResult *result)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *pid_file = vs_place_pid_file(&job->domain, &error);
    g_autoptr(VsProcess) process = pid_file ? vs_process_find(pid_file, &job->domain) : NULL;

    if (!pid_file)
        vs_result_fail(result, VIR_ERR_OPERATION_UNSUPPORTED, g_strdup(error->message));
    else if (!process)
        vs_result_fail(result, VIR_ERR_OPERATION_INVALID,
                       g_strdup(_("its hypervisor process isn't found")));
    else if (vs_process_terminate(process) < 0)
        vs_result_fail(result, VIR_ERR_SYSTEM_ERROR,
                       g_strdup_printf(_("its hypervisor process can't be sent SIGTERM: %s"),
                                       g_strerror(errno)));
    else
        return 0;
    return -1;
}

/* What a save that came to nothing has written. Of a guest that runs, or was destroyed, there is no
 * whole image. */
static void
remove_saved(virDomainPtr domain)
{
    if (virDomainHasManagedSaveImage(domain, 0) == 1)
        virDomainManagedSaveRemove(domain, 0);
}

static int
save(const VsJob *job, virDomainPtr domain, VsResult *result)
{
    virConnectPtr connection = virDomainGetConnect(domain); /* afterwards it forgets the error */

    if (virDomainManagedSave(domain, job->bypass_cache ? VIR_DOMAIN_SAVE_BYPASS_CACHE : 0) == 0)
        return 0;
    vs_result_fail_libvirt(result, connection);
    if (!result->lost && virDomainIsActive(domain) == 1)
        remove_saved(domain);
    return -1;
}

/* Somebody else's job is let be. */
static int
abort_save(virDomainPtr domain)
{
    virTypedParameterPtr params = NULL;
    int type = 0, n_params = 0, operation = VIR_DOMAIN_JOB_OPERATION_UNKNOWN;

    if (virDomainGetJobStats(domain, &type, &params, &n_params, 0) < 0)
        return -1;
    virTypedParamsGetInt(params, n_params, VIR_DOMAIN_JOB_OPERATION, &operation);
    virTypedParamsFree(params, n_params);
    return operation == VIR_DOMAIN_JOB_OPERATION_SAVE ? virDomainAbortJob(domain) : 0;
}

static int
ask_init(virDomainPtr domain, unsigned flag)
{
    int64_t until = g_get_monotonic_time() + INIT_SPAN;
    int r;

    while ((r = virDomainShutdownFlags(domain, flag)) < 0 &&
           virGetLastErrorCode() == VIR_ERR_OPERATION_INVALID && g_get_monotonic_time() < until)
        g_usleep(INIT_PAUSE);
    return r;
}

static int
destroy(const VsJob *job, virDomainPtr domain, bool *ret_still_there)
{
    g_autofree char *pid_file = vs_place_pid_file(&job->domain, NULL);
    g_autoptr(VsProcess) process = pid_file ? vs_process_find(pid_file, &job->domain) : NULL;

    if (virDomainDestroyFlags(domain, 0) < 0)
        return -1;
    if (job->drops_save)
        remove_saved(domain);
    *ret_still_there = process && !vs_process_wait(process, REAP_TIMEOUT);
    return 0;
}

/* Whether @domain's run is still the one that the action is about. */
static bool
is_same_run(const VsJob *job, virDomainPtr domain, VsResult *result)
{
    int id = (int)virDomainGetID(domain);

    if (job->domain.id < 0 || id == job->domain.id)
        return true;
    vs_result_fail(
        result, VIR_ERR_OPERATION_INVALID,
        id < 0 ? g_strdup_printf(_("domain no longer runs (its id was %d)"), job->domain.id)
               : g_strdup_printf(_("domain was started anew (id %d, not %d)"), id, job->domain.id));
    return false;
}

static int
call(const VsJob *job, virDomainPtr domain, VsResult *result)
{
    switch (job->method) {
    case VS_METHOD_AGENT:
        return ask_agent(job, domain, result);
    case VS_METHOD_POWER_BUTTON:
        return press_power_button(job, domain);
    case VS_METHOD_INITCTL:
        return ask_init(domain, VIR_DOMAIN_SHUTDOWN_INITCTL);
    case VS_METHOD_SIGNAL:
        return ask_init(domain, VIR_DOMAIN_SHUTDOWN_SIGNAL);
    case VS_METHOD_PARAVIRT:
        return virDomainShutdownFlags(domain, VIR_DOMAIN_SHUTDOWN_PARAVIRT);
    case VS_METHOD_TERMINATE:
        return terminate(job, result);
    case VS_METHOD_DESTROY:
        return destroy(job, domain, &result->still_there);
    case VS_METHOD_SAVE:
        return save(job, domain, result);
    case VS_METHOD_ABORT_SAVE:
        return abort_save(domain);
    case VS_METHOD_RESUME:
        return virDomainResume(domain);
    case VS_METHOD_WAKE:
        return virDomainPMWakeup(domain, 0);
    case VS_METHOD_ABORT_JOB:
        return virDomainAbortJob(domain);
    case VS_METHOD_SET_CLOCK:
        return virDomainSetTime(domain, 0, 0, VIR_DOMAIN_TIME_SYNC);
    case VS_METHOD_START:
        return virDomainCreateWithFlags(domain,
                                        job->bypass_cache ? VIR_DOMAIN_START_BYPASS_CACHE : 0);
    case VS_METHOD_LEAVE:
    case VS_N_METHODS:
        break;
    }
    g_assert_not_reached();
}

void
vs_call_run(const VsJob *job, virConnectPtr connection, VsResult *result)
{
    virDomainPtr domain = virDomainLookupByUUIDString(connection, job->domain.uuid.text);
    int64_t since = g_get_monotonic_time();

    if (!domain) {
        vs_result_fail_libvirt(result, connection);
        return;
    }
    if (is_same_run(job, domain, result)) {
        result->ok = call(job, domain, result) == 0;
        if (!result->ok && !result->message)
            vs_result_fail_libvirt(result, connection);
        if (result->took == 0)
            result->took = g_get_monotonic_time() - since;
    }
    virDomainFree(domain);
}
