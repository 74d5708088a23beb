/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record/history.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "record/backward.h"
#include "record/history-lock.h"
#include "record/history-mend.h"
#include "record/history-mode.h"
#include "record/history-rotate.h"
#include "record/history-store.h"
#include "util/error.h"
#include "util/file.h"
#include "util/i18n.h"
#include "util/text.h"

static bool
check_regular(const VsHistory *history, int fd, GError **error)
{
    struct stat st;

    if (fstat(fd, &st) < 0)
        return vs_history_fail(history, history->file, _("Can't read %s: %s"), errno, error);
    if (S_ISREG(st.st_mode))
        return true;

    g_autofree char *quoted = vs_text_quoted(history->directory);
    g_set_error(error, VS_ERROR, VS_ERROR_IO,
                _("%s in %s is no regular file, and the stop records need one"), history->file,
                quoted);
    return false;
}

/* Opens or makes the file, mends its end, and sees to it that its name outlives a power cut too.
 */
static bool
open_current(VsHistory *history, bool *ret_torn, GError **error)
{
    int flags = O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK;
    int fd = openat(history->directory_fd, history->file, flags, VS_HISTORY_MODE);

    if (fd < 0)
        return vs_history_fail(history, history->file, _("Can't open %s: %s"), errno, error);
    if (!check_regular(history, fd, error) || !vs_history_mend(history, fd, ret_torn, error)) {
        close(fd);
        return false;
    }
    /* EINVAL: a file system that doesn't know it for directories. */
    if (fsync(history->directory_fd) < 0 && errno != EINVAL) {
        vs_history_fail(history, "", _("Can't sync %s: %s"), errno, error);
        close(fd);
        return false;
    }
    history->fd = fd;
    history->cut = -1;
    return true;
}

static void
close_current(VsHistory *history)
{
    if (history->fd >= 0)
        close(history->fd);
    history->fd = -1;
}

static VsHistory *
new_history(const char *directory, const char *file, size_t max_size, unsigned max_files)
{
    VsHistory *history = g_new(VsHistory, 1);

    *history = (VsHistory){.directory = g_strdup(directory),
                           .file = file,
                           .directory_fd = -1,
                           .lock_fd = -1,
                           .fd = -1,
                           .max_size = max_size,
                           .max_files = MAX(max_files, 1),
                           .cut = -1};
    return history;
}

static bool
open_directory(VsHistory *history, GError **error)
{
    history->directory_fd = open(history->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return history->directory_fd >= 0 ||
           vs_history_fail(history, "", _("Can't open %s: %s"), errno, error);
}

VsHistory *
vs_history_open(const char *directory, size_t max_size, unsigned max_files, bool *ret_torn,
                GError **error)
{
    g_autoptr(VsHistory) history = NULL;
    bool torn = false;

    if (!vs_file_make_directory(directory, VS_HISTORY_DIRECTORY_MODE, error))
        return NULL;
    history = new_history(directory, VS_HISTORY_FILE, max_size, max_files);
    if (!open_directory(history, error) || !vs_history_lock(history, error))
        return NULL;
    vs_history_close_to_others(history);
    if (!open_current(history, &torn, error))
        return NULL;
    if (ret_torn)
        *ret_torn = torn;
    return g_steal_pointer(&history);
}

VsHistory *
vs_history_open_requests(const VsHistory *stops, bool *ret_torn, GError **error)
{
    g_autoptr(VsHistory) history =
        new_history(stops->directory, VS_REQUESTS_FILE, stops->max_size, stops->max_files);

    if (!open_directory(history, error))
        return NULL;
    vs_history_close_to_others(history);
    if (!open_current(history, ret_torn, error))
        return NULL;
    return g_steal_pointer(&history);
}

void
vs_history_free(VsHistory *history)
{
    close_current(history);
    if (history->lock_fd >= 0)
        close(history->lock_fd);
    if (history->directory_fd >= 0)
        close(history->directory_fd);
    g_free(history->directory);
    g_free(history);
}

/* Whether what we have open still is the file: an administrator may have moved or removed it. */
static bool
is_current(const VsHistory *history)
{
    struct stat ours, theirs;

    return history->fd >= 0 && fstat(history->fd, &ours) == 0 &&
           fstatat(history->directory_fd, history->file, &theirs, 0) == 0 &&
           ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

/* Opens the file again where that is needed, and takes back what an earlier failure couldn't. */
static bool
make_ready(VsHistory *history, GError **error)
{
    bool torn;

    if (!is_current(history)) {
        close_current(history);
        return open_current(history, &torn, error);
    }
    if (history->cut >= 0) {
        if (ftruncate(history->fd, history->cut) < 0)
            return vs_history_fail(history, history->file, _("Can't write %s: %s"), errno, error);
        history->cut = -1;
    }
    /* Another's last line without a newline must not take ours along. */
    return vs_history_mend(history, history->fd, &torn, error);
}

static bool
rotate_if_full(VsHistory *history, size_t more, GError **error)
{
    g_autoptr(GError) problem = NULL;
    struct stat st;
    bool torn;

    if (history->max_size == 0 || fstat(history->fd, &st) < 0 || st.st_size == 0 ||
        (size_t)st.st_size + more <= history->max_size)
        return true;

    /* A file that is too long is better than a stop without a record. */
    if (!vs_history_rotate(history, &problem))
        g_warning("%s", problem->message);
    if (is_current(history))
        return true;
    close_current(history);
    return open_current(history, &torn, error);
}

/* Appends @data, all of it or nothing. */
static bool
append_whole(VsHistory *history, const char *data, size_t len, GError **error)
{
    struct stat st;

    if (fstat(history->fd, &st) < 0)
        return vs_history_fail(history, history->file, _("Can't read %s: %s"), errno, error);

    int problem = vs_history_write(history->fd, data, len);
    if (problem == 0 && fdatasync(history->fd) < 0)
        problem = errno;
    if (problem == 0)
        return true;

    if (ftruncate(history->fd, st.st_size) < 0)
        history->cut = st.st_size;
    return vs_history_fail(history, history->file, _("Can't write %s: %s"), problem, error);
}

bool
vs_history_append(VsHistory *history, const char *line, GError **error)
{
    g_autofree char *data = g_strconcat(line, "\n", NULL);
    size_t len = strlen(data);

    if (len - 1 > VS_LINE_MAX || strchr(line, '\n')) {
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                    _("A stop record is one line of at most %zu bytes"), VS_LINE_MAX);
        return false;
    }
    return make_ready(history, error) && rotate_if_full(history, len, error) &&
           append_whole(history, data, len, error);
}
