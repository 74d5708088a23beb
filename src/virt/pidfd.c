/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "virt/pidfd.h"

#include <errno.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* linux/pidfd.h of Linux 6.15; the first of its sizes, which every later kernel takes. */
typedef struct VsPidfdInfo {
    uint64_t mask; /* what is asked for; what is told */
    uint64_t cgroup_id;
    uint32_t ids[11]; /* pid, tgid, ppid, and the credentials */
    int32_t exit_code;
} VsPidfdInfo;

#define GET_INFO  _IOWR(0xff, 11, VsPidfdInfo)
#define INFO_EXIT (UINT64_C(1) << 3)

static int
open_pidfd(int pid)
{
#ifdef SYS_pidfd_open
    return (int)syscall(SYS_pidfd_open, pid, 0);
#else
    errno = ENOSYS;
    return -1;
#endif
}

static int
get_info(int fd, void *info)
{
    return ioctl(fd, GET_INFO, info);
}

VsPidfdCalls vs_pidfd_calls = {.open = open_pidfd, .get_info = get_info};

int
vs_pidfd_open(int pid)
{
    return vs_pidfd_calls.open(pid);
}

bool
vs_pidfd_has_info(int fd)
{
    VsPidfdInfo info = {.mask = INFO_EXIT};

    return vs_pidfd_calls.get_info(fd, &info) == 0;
}

bool
vs_pidfd_exit_status(int fd, int *ret_status)
{
    VsPidfdInfo info = {.mask = INFO_EXIT};

    if (vs_pidfd_calls.get_info(fd, &info) < 0 || !(info.mask & INFO_EXIT))
        return false;
    *ret_status = info.exit_code;
    return true;
}
