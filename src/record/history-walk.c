/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record/history-walk.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "record/history-rotate.h"
#include "record/history-store.h"
#include "util/i18n.h"

/* How often the end of a file is looked for again that was cut just when we looked. */
#define MAX_TRIES 3

void
vs_history_walk_init(VsHistoryWalk *walk, const char *directory, const char *file)
{
    *walk = (VsHistoryWalk){.directory = directory, .file = file, .fd = -1, .lines.fd = -1};
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
}

static int
fail(const char *directory, const char *name, int code, GError **error)
{
    vs_history_fail_in(directory, name, _("Can't read %s: %s"), code, error);
    return -1;
}

/* 1 and the file, open; 0 where there is none of that name; -1 with @error. */
static int
open_file(const char *directory, const char *name, int *ret_fd, uint64_t *ret_inode, GError **error)
{
    g_autofree char *path = g_build_filename(directory, name, NULL);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;

    if (fd < 0)
        return errno == ENOENT ? 0 : fail(directory, name, errno, error);
    if (fstat(fd, &st) < 0) {
        int code = errno;

        close(fd);
        return fail(directory, name, code, error);
    }
    *ret_fd = fd;
    *ret_inode = st.st_ino;
    return 1;
}

/* The names that the files have, the newest first. A rotation only moves files on, from the oldest
 * on: who looks them up in this order, and at one name more than there was, misses none. */
static GPtrArray *
list_names(const char *directory, const char *file, GError **error)
{
    g_autoptr(GArray) numbers = vs_history_rotated(directory, file, error);
    unsigned last = 0;
    GPtrArray *names;

    if (!numbers)
        return NULL;
    names = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(names, g_strdup(file));
    for (unsigned i = 0; i < numbers->len; i++) {
        last = g_array_index(numbers, unsigned, i);
        g_ptr_array_add(names, vs_history_rotated_name(file, last));
    }
    g_ptr_array_add(names, vs_history_rotated_name(file, last + 1));
    return names;
}

/* The file after the one that is open, which may have another name by now; where none was, the
 * first. As open_file(). */
static int
find_next(const VsHistoryWalk *walk, char **ret_name, int *ret_fd, uint64_t *ret_inode,
          GError **error)
{
    g_autoptr(GPtrArray) names = list_names(walk->directory, walk->file, error);
    bool passed = walk->fd < 0;

    for (unsigned i = 0; names && i < names->len; i++) {
        uint64_t inode;
        int fd, r = open_file(walk->directory, names->pdata[i], &fd, &inode, error);

        if (r < 0)
            return r;
        if (r > 0 && passed && (walk->fd < 0 || inode != walk->inode)) {
            *ret_name = g_strdup(names->pdata[i]);
            *ret_fd = fd;
            *ret_inode = inode;
            return 1;
        }
        if (r > 0) {
            passed = passed || inode == walk->inode;
            close(fd);
        }
    }
    return names ? 0 : -1;
}

/* 1: the next file that there is has been opened; 0: there are no more; -1 with @error. */
static int
open_next(VsHistoryWalk *walk, GError **error)
{
    char *name = NULL;
    uint64_t inode = 0;
    int fd = -1, r = find_next(walk, &name, &fd, &inode, error);

    if (r <= 0)
        return r;
    close_file(walk); /* not before: as long as it is open, no other gets its inode */
    g_free(walk->name);
    walk->name = name;
    walk->fd = fd;
    walk->inode = inode;
    walk->begun = false;
    return vs_backward_init(&walk->lines, fd) ? 1 : fail(walk->directory, name, errno, error);
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
        return fail(walk->directory, walk->name, errno, error);
    ret_head[n] = '\0';
    vs_backward_clear(&walk->lines);
    vs_backward_init_at(&walk->lines, walk->fd, offset);
    walk->begun = true;
    return 1;
}

/* What can't be written whole is taken back, and that may happen just when we look for the end. */
static int
read_line(VsHistoryWalk *walk, const char **ret_line, size_t *ret_len)
{
    int r = vs_backward_next(&walk->lines, ret_line, ret_len);

    for (unsigned i = 0; r == -EIO && !walk->begun && i < MAX_TRIES; i++) {
        vs_backward_clear(&walk->lines);
        r = vs_backward_init(&walk->lines, walk->fd)
                ? vs_backward_next(&walk->lines, ret_line, ret_len)
                : -errno;
    }
    walk->begun = walk->begun || r > 0;
    return r;
}

int
vs_history_walk_next(VsHistoryWalk *walk, const char **ret_line, size_t *ret_len, GError **error)
{
    int r;

    if (walk->fd < 0 && (r = open_next(walk, error)) <= 0)
        return r;
    while ((r = read_line(walk, ret_line, ret_len)) == 0) {
        r = open_next(walk, error);
        if (r <= 0)
            return r;
    }
    return r < 0 ? fail(walk->directory, walk->name, -r, error) : 1;
}
