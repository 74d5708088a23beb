/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which of libvirt's errors say that the call was lost with a connection. */

#include <errno.h>
#include <libvirt/virterror.h>

#include "virt/job.h"
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

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/virt/job/lost", test_lost);
    return g_test_run();
}
