/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "virt/kmsg.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/span.h"

/* The monotonic clock is corrected, by half a thousandth at most, and the clock of the kernel's log
 * isn't: so far they can have come apart since the boot. */
#define DRIFT(time) ((time) / 1000 + VS_USEC_PER_SEC)

/* The log is a ring. What the kernel says of an end it says in the same moment; so much before the
 * newest that is there it can't have been. */
#define REACH (10 * VS_USEC_PER_SEC)

/* The longest that the kernel makes of one message. */
#define MAX_RECORD 8192

/* Of the first pid namespace, by the kernel's own constant. */
#define INITIAL_PIDS "pid:[4026531836]"

typedef struct Record {
    bool kernel; /* said by the kernel, and not written into its log by a program */
    uint64_t number;
    int64_t time; /* µs */
    char *message;
} Record;

bool
vs_kmsg_has_our_pids(void)
{
    char link[64];
    ssize_t length = readlink("/proc/self/ns/pid", link, sizeof link - 1);

    if (length <= 0)
        return false;
    link[length] = '\0';
    return strcmp(link, INITIAL_PIDS) == 0;
}

/* "6,1234,5678901,-;message", then lines that begin with a blank. */
static bool
parse(char *text, Record *ret)
{
    char *end, *message = strchr(text, ';');
    unsigned long priority = strtoul(text, &end, 10);

    if (!message || *end != ',')
        return false;
    ret->kernel = priority >> 3 == 0;
    ret->number = g_ascii_strtoull(end + 1, &end, 10);
    if (*end != ',')
        return false;
    ret->time = g_ascii_strtoll(end + 1, NULL, 10);
    ret->message = message + 1;
    ret->message[strcspn(ret->message, "\n")] = '\0';
    return true;
}

/* true: @text has one. */
static bool
read_record(int fd, char text[MAX_RECORD])
{
    ssize_t length;

    do
        length = read(fd, text, MAX_RECORD - 1);
    while (length < 0 && (errno == EPIPE || errno == EINTR || errno == EINVAL));
    if (length <= 0)
        return false;
    text[length] = '\0';
    return true;
}

bool
vs_kmsg_read(const char *path, int pid, int64_t started, VsKernelLog *ret)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    Record first = {0}, record = {0};
    char text[MAX_RECORD];
    bool any = false;

    if (fd < 0)
        return false;
    while (read_record(fd, text)) {
        if (!parse(text, &record))
            continue;
        if (!any)
            first = record;
        any = true;
        if (record.kernel && record.time > started - DRIFT(started))
            vs_kernel_log_read(ret, record.message, pid);
    }
    close(fd);
    return any && (first.number == 0 || record.time - first.time >= REACH);
}
