/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record/history-walk.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "record/history-rotate.h"
#include "util/i18n.h"

void
vs_history_walk_init(VsHistoryWalk *walk, const VsHistory *history)
{
    *walk = (VsHistoryWalk){.history = history, .fd = -1, .lines.fd = -1};
}

static void
close_file(VsHistoryWalk *walk)
{
    vs_backward_clear(&walk->lines);
    if (walk->fd >= 0)
        close(walk->fd);
    walk->fd = -1;
}

void
vs_history_walk_clear(VsHistoryWalk *walk)
{
    close_file(walk);
    g_clear_pointer(&walk->name, g_free);
    g_clear_pointer(&walk->numbers, g_array_unref);
}

static int
fail(const VsHistoryWalk *walk, int code, GError **error)
{
    vs_history_fail(walk->history, walk->name, _("Can't read %s: %s"), code, error);
    return -1;
}

/* 1 and the name of the file that comes next; 0; -1 with @error. */
static int
next_name(VsHistoryWalk *walk, GError **error)
{
    if (!walk->name) {
        walk->name = g_strdup(VS_HISTORY_FILE);
        return 1;
    }
    if (!walk->numbers && !(walk->numbers = vs_history_rotated(walk->history, error)))
        return -1;
    if (walk->n_opened == walk->numbers->len)
        return 0;
    g_free(walk->name);
    walk->name = vs_history_rotated_name(g_array_index(walk->numbers, unsigned, walk->n_opened++));
    return 1;
}

/* 1: the next file that there is has been opened; 0: there are no more; -1 with @error. */
static int
open_next(VsHistoryWalk *walk, GError **error)
{
    int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK, r;
    struct stat st;

    close_file(walk);
    while ((r = next_name(walk, error)) > 0) {
        walk->fd = openat(walk->history->directory_fd, walk->name, flags);
        if (walk->fd < 0 && errno == ENOENT)
            continue;
        if (walk->fd < 0 || fstat(walk->fd, &st) < 0 || !vs_backward_init(&walk->lines, walk->fd))
            return fail(walk, errno, error);
        walk->inode = st.st_ino;
        return 1;
    }
    return r;
}

int
vs_history_walk_seek(VsHistoryWalk *walk, uint64_t inode, off_t offset, size_t size, char *ret_head,
                     GError **error)
{
    ssize_t n;
    int r;

    do
        r = open_next(walk, error);
    while (r > 0 && walk->inode != inode);
    if (r <= 0)
        return r;
    n = pread(walk->fd, ret_head, size, offset);
    if (n < 0)
        return fail(walk, errno, error);
    ret_head[n] = '\0';
    vs_backward_clear(&walk->lines);
    vs_backward_init_at(&walk->lines, walk->fd, offset);
    return 1;
}

int
vs_history_walk_next(VsHistoryWalk *walk, const char **ret_line, size_t *ret_len, GError **error)
{
    int r;

    if (walk->fd < 0 && (r = open_next(walk, error)) <= 0)
        return r;
    while ((r = vs_backward_next(&walk->lines, ret_line, ret_len)) == 0) {
        r = open_next(walk, error);
        if (r <= 0)
            return r;
    }
    return r < 0 ? fail(walk, -r, error) : 1;
}
