/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which of libvirt's errors say that the call was lost with a connection, a question for a domain
 * among them. */

#include <errno.h>
#include <libvirt/virterror.h>

#include "virt/calls.h"
#include "virt/job.h"
#include "virt/list.h"
#include "vs-test.h"

static virError last;

/* In the place of libvirt's own: the connection is alive, as one to virtproxyd is whatever becomes
 * of the daemon behind that. */

virErrorPtr
virSaveLastError(void)
{
    return &last;
}

void
virFreeError(virErrorPtr error)
{
    g_assert_true(error == &last);
}

virErrorPtr
virGetLastError(void)
{
    return last.code == VIR_ERR_OK ? NULL : &last;
}

void
virResetLastError(void)
{
    last = (virError){0};
}

static const virError *answer;

virDomainPtr
virDomainLookupByName(virConnectPtr connection, const char *name)
{
    last = *answer;
    return NULL;
}

int
virConnectIsAlive(virConnectPtr connection)
{
    return 1;
}

static const struct {
    int domain, code, int1;
    const char *message;
    bool lost;
} errors[] = {
    /* virtqemud ends while virtproxyd waits for its answer, and is gone when it is asked. */
    {VIR_FROM_RPC, VIR_ERR_SYSTEM_ERROR, EIO, "End of file while reading data: Input/output error",
     true},
    {VIR_FROM_RPC, VIR_ERR_SYSTEM_ERROR, ECONNRESET, "Cannot recv data: Connection reset by peer",
     true},
    {VIR_FROM_RPC, VIR_ERR_SYSTEM_ERROR, EPIPE, "Cannot write data: Broken pipe", true},
    {VIR_FROM_RPC, VIR_ERR_INTERNAL_ERROR, -1, "internal error: client socket is closed", true},
    {VIR_FROM_RPC, VIR_ERR_RPC, -1, "Unable to encode message header", true},
    /* virtqemud doesn't reach virtlogd, QEMU or the agent. */
    {VIR_FROM_RPC, VIR_ERR_SYSTEM_ERROR, ECONNREFUSED,
     "Failed to connect socket to '/run/libvirt/virtlogd-sock': Connection refused", false},
    {VIR_FROM_QEMU, VIR_ERR_SYSTEM_ERROR, EIO, "Unable to read from monitor", false},
    {VIR_FROM_QEMU, VIR_ERR_AGENT_UNRESPONSIVE, -1, "Guest agent is not responding", false},
};

static void
test_lost(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(errors); i++) {
        VsResult result = {.ok = true};

        vs_test_note(errors[i].message);
        last = (virError){.domain = errors[i].domain,
                          .code = errors[i].code,
                          .int1 = errors[i].int1,
                          .message = (char *)errors[i].message};
        vs_result_fail_libvirt(&result, NULL);
        g_assert_false(result.ok);
        g_assert_cmpint(result.code, ==, errors[i].code);
        g_assert_cmpstr(result.message, ==, errors[i].message);
        g_assert_cmpint(result.lost, ==, errors[i].lost);
        vs_result_clear(&result);
    }
}

static const struct {
    virError error;
    bool found_none;
} answers[] = {
    {{.domain = VIR_FROM_QEMU, .code = VIR_ERR_NO_DOMAIN, .message = (char *)"no such domain"},
     true},
    /* It is too long to be sent. */
    {{.domain = VIR_FROM_RPC, .code = VIR_ERR_RPC, .message = (char *)"Unable to encode payload"},
     true},
    {{.domain = VIR_FROM_RPC,
      .code = VIR_ERR_SYSTEM_ERROR,
      .int1 = EIO,
      .message = (char *)"End of file while reading data"},
     false},
    {{.domain = VIR_FROM_RPC,
      .code = VIR_ERR_INTERNAL_ERROR,
      .message = (char *)"internal error: client socket is closed"},
     false},
};

/* Where virtqemud isn't there behind virtproxyd nobody has said that there is no such domain. */
static void
test_find(void)
{
    VsAction action = {
        .type = VS_ACTION_FIND,
        .domain = {.uri = (char *)"qemu:///system", .name = (char *)"web", .id = -1}};

    for (unsigned i = 0; i < G_N_ELEMENTS(answers); i++) {
        g_autoptr(VsJob) job = vs_job_new(&action, vs_list_find, NULL, NULL);
        VsResult result = {0};

        vs_test_note(answers[i].error.message);
        answer = &answers[i].error;
        vs_list_find(job, NULL, &result);
        g_assert_cmpint(result.ok, ==, answers[i].found_none);
        g_assert_cmpint(result.lost, ==, !answers[i].found_none);
        if (result.ok)
            g_assert_cmpuint(result.domains->len, ==, 0);
        vs_result_clear(&result);
    }
}

/* A container that was started just now. */

static unsigned n_unknown; /* so often libvirt doesn't know its init yet */

virDomainPtr
virDomainLookupByUUIDString(virConnectPtr connection, const char *uuid)
{
    return (virDomainPtr)&n_unknown;
}

unsigned int
virDomainGetID(virDomainPtr domain)
{
    return 7;
}

int
virDomainFree(virDomainPtr domain)
{
    return 0;
}

int
virGetLastErrorCode(void)
{
    return last.code;
}

int
virDomainShutdownFlags(virDomainPtr domain, unsigned int flags)
{
    if (n_unknown == 0)
        return 0;
    n_unknown--;
    last = (virError){.domain = VIR_FROM_LXC,
                      .code = VIR_ERR_OPERATION_INVALID,
                      .message = (char *)"Init process ID is not yet known"};
    return -1;
}

static void
test_init_not_known(void)
{
    VsAction action = {.type = VS_ACTION_CALL,
                       .domain = {.uri = (char *)"lxc:///system", .name = (char *)"c", .id = 7}};

    for (unsigned i = 0; i < 2; i++) {
        g_autoptr(VsJob) job = NULL;
        VsResult result = {0};

        action.method = i == 0 ? VS_METHOD_SIGNAL : VS_METHOD_INITCTL;
        job = vs_job_new(&action, vs_call_run, NULL, NULL);
        n_unknown = 3;
        vs_call_run(job, NULL, &result);
        g_assert_true(result.ok);
        vs_result_clear(&result);
    }
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/virt/job/lost", test_lost);
    g_test_add_func("/virt/job/find", test_find);
    g_test_add_func("/virt/job/init-not-known", test_init_not_known);
    return g_test_run();
}
