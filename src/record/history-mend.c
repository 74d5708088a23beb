/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record/history-mend.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "record/backward.h"
#include "util/i18n.h"
#include "util/json.h"

#define BLOCK ((size_t)64 * 1024)

/* Where the line without a newline begins; where there is none, @size. -1 with errno set. */
static off_t
find_tail(int fd, off_t size)
{
    g_autofree char *block = g_malloc(BLOCK);

    while (size > 0) {
        size_t len = (size_t)MIN(size, (off_t)BLOCK);
        ssize_t n = pread(fd, block, len, size - (off_t)len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < (ssize_t)len) {
            errno = n < 0 ? errno : EIO;
            return -1;
        }
        char *newline = vs_last_newline(block, len);
        if (newline)
            return size - (off_t)len + (newline - block) + 1;
        size -= (off_t)len;
    }
    return 0;
}

/* Whether the @len bytes at @offset are a whole record, all but its newline. */
static bool
is_whole(int fd, off_t offset, size_t len)
{
    if (len > VS_LINE_MAX)
        return false;

    g_autofree char *text = g_malloc0(len + 1);
    if (pread(fd, text, len, offset) != (ssize_t)len || strlen(text) != len)
        return false;
    g_autoptr(json_object) object = vs_json_parse_object(text, NULL);
    return object != NULL;
}

/* 0 or an errno. Copies what stands from @offset on, and ends it with a newline. */
static int
copy_tail(int from, int to, off_t offset)
{
    g_autofree char *block = g_malloc(BLOCK);

    for (;;) {
        ssize_t n = pread(from, block, BLOCK, offset);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno;
        if (n == 0)
            break;
        int problem = vs_history_write(to, block, (size_t)n);
        if (problem != 0)
            return problem;
        offset += n;
    }

    int problem = vs_history_write(to, "\n", 1);
    return problem == 0 && fsync(to) < 0 ? errno : problem;
}

static bool
move_tail(const VsHistory *history, int fd, off_t offset, GError **error)
{
    int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
    g_autofree char *torn = g_strconcat(history->file, ".torn", NULL);
    int torn_fd = openat(history->directory_fd, torn, flags, VS_HISTORY_MODE);

    if (torn_fd < 0)
        return vs_history_fail(history, torn, _("Can't open %s: %s"), errno, error);

    int problem = copy_tail(fd, torn_fd, offset);
    close(torn_fd);
    if (problem != 0)
        return vs_history_fail(history, torn, _("Can't write %s: %s"), problem, error);
    if (ftruncate(fd, offset) < 0)
        return vs_history_fail(history, history->file, _("Can't write %s: %s"), errno, error);
    return true;
}

bool
vs_history_mend(const VsHistory *history, int fd, bool *ret_torn, GError **error)
{
    struct stat st;
    off_t tail;

    if (fstat(fd, &st) < 0 || (tail = find_tail(fd, st.st_size)) < 0)
        return vs_history_fail(history, history->file, _("Can't read %s: %s"), errno, error);
    if (tail == st.st_size) {
        *ret_torn = false;
        return true;
    }

    if (is_whole(fd, tail, (size_t)(st.st_size - tail))) {
        int problem = vs_history_write(fd, "\n", 1);
        if (problem != 0)
            return vs_history_fail(history, history->file, _("Can't write %s: %s"), problem, error);
    } else if (!move_tail(history, fd, tail, error))
        return false;
    if (fdatasync(fd) < 0)
        return vs_history_fail(history, history->file, _("Can't write %s: %s"), errno, error);

    *ret_torn = true;
    return true;
}
