/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record/history-lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/error.h"
#include "util/i18n.h"
#include "util/text.h"

/* A file of its own, because stops.jsonl changes its name when it is rotated. */
#define LOCK_FILE "stops.lock"
#define NEW_FILE  LOCK_FILE ".new" /* on its way to that name */

/* Others who start at the same moment may take the names from under our hands. */
#define TRIES 10

typedef enum Taken {
    TAKEN,
    TAKEN_BY_OTHER, /* the file is locked */
    TAKEN_ANEW,     /* the name is another file's by now: look again */
    TAKEN_NOT       /* with an error */
} Taken;

/* One that root has made may be read at most; it is locked so, too. */
static int
open_file(const VsHistory *history, const char *name)
{
    int flags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
    int fd = openat(history->directory_fd, name, O_RDWR | O_CREAT | flags, 0600);

    if (fd < 0 && errno == EACCES && (fd = openat(history->directory_fd, name, flags)) < 0)
        errno = EACCES;
    return fd;
}

/* 0: not known. The holder wrote its PID into the file. */
static int
read_holder(int fd)
{
    char text[16];
    ssize_t n = pread(fd, text, sizeof text - 1, 0);

    text[MAX(n, 0)] = '\0';
    return (int)strtol(text, NULL, 10);
}

/* Without it the lock holds as well: on a full disk the message is poorer, no more. */
static void
write_holder(int fd)
{
    char text[16];
    int len = snprintf(text, sizeof text, "%d\n", (int)getpid());

    if (ftruncate(fd, 0) < 0 || pwrite(fd, text, (size_t)len, 0) < 0)
        errno = 0;
}

static bool
fail_locked(const VsHistory *history, int fd, GError **error)
{
    g_autofree char *quoted = vs_text_quoted(history->directory);
    int holder = read_holder(fd);

    if (holder > 0)
        g_set_error(error, VS_ERROR, VS_ERROR_LOCKED,
                    _("The stop records in %s are being written by another virtstopd, process %d; "
                      "each needs a state directory of its own"),
                    quoted, holder);
    else
        g_set_error(error, VS_ERROR, VS_ERROR_LOCKED,
                    _("The stop records in %s are being written by another virtstopd; each needs "
                      "a state directory of its own"),
                    quoted);
    return false;
}

static char *
read_name(int pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/comm", pid);
    char *name = NULL;

    g_file_get_contents(path, &name, NULL, NULL);
    return name;
}

/* Whose daemon it may be: ours, root's, or that of whoever has the directory. */
static bool
is_trusted(const VsHistory *history, uid_t uid)
{
    struct stat st;

    return uid == geteuid() || uid == 0 ||
           (fstat(history->directory_fd, &st) == 0 && st.st_uid == uid);
}

/* Whether the process that the file names is a daemon like us: alive, of one of those users, and
 * called as we are. Only they can write into the file, so nobody else chose that process. */
static bool
is_held_by_daemon(const VsHistory *history, int fd)
{
    int pid = read_holder(fd);
    g_autofree char *directory = g_strdup_printf("/proc/%d", pid);
    g_autofree char *theirs = pid > 0 ? read_name(pid) : NULL;
    g_autofree char *ours = read_name((int)getpid());
    struct stat st;

    return theirs && stat(directory, &st) == 0 && is_trusted(history, st.st_uid) &&
           g_strcmp0(theirs, ours) == 0;
}

/* Whether nobody else can have opened it. */
static bool
is_private(int fd)
{
    struct stat st;

    return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
           (st.st_mode & 077) == 0;
}

static bool
is_named(const VsHistory *history, int fd, const char *name)
{
    struct stat ours, theirs;

    return fstat(fd, &ours) == 0 &&
           fstatat(history->directory_fd, name, &theirs, AT_SYMLINK_NOFOLLOW) == 0 &&
           ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

static Taken
take(const VsHistory *history, int fd, const char *name, GError **error)
{
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        if (errno == EWOULDBLOCK)
            return TAKEN_BY_OTHER;
        vs_history_fail(history, name, _("Can't lock %s: %s"), errno, error);
        return TAKEN_NOT;
    }
    if (!is_named(history, fd, name))
        return TAKEN_ANEW;
    write_holder(fd);
    return TAKEN;
}

/* Puts another in the place of @old, which others may hold, now or later. Who has the lock of the
 * new one is the only one who may give it its name. */
static Taken
replace(VsHistory *history, int old, GError **error)
{
    int fd = open_file(history, NEW_FILE);
    Taken taken;

    if (fd < 0) {
        vs_history_fail(history, NEW_FILE, _("Can't open %s: %s"), errno, error);
        return TAKEN_NOT;
    }
    taken = take(history, fd, NEW_FILE, error);
    if (taken == TAKEN_BY_OTHER)
        fail_locked(history, fd, error);
    else if (taken == TAKEN && !is_named(history, old, LOCK_FILE))
        taken = TAKEN_ANEW;
    else if (taken == TAKEN &&
             renameat(history->directory_fd, NEW_FILE, history->directory_fd, LOCK_FILE) < 0) {
        vs_history_fail(history, LOCK_FILE, _("Can't rename %s: %s"), errno, error);
        taken = TAKEN_NOT;
    }
    if (taken == TAKEN)
        history->lock_fd = fd;
    else
        close(fd);
    return taken;
}

/* A file that others can open. A daemon of an older version that begins now stops at our lock of
 * it, as we stop at its own. */
static Taken
take_over(VsHistory *history, int fd, GError **error)
{
    Taken taken = take(history, fd, LOCK_FILE, error);

    if (taken == TAKEN_BY_OTHER && is_held_by_daemon(history, fd)) {
        fail_locked(history, fd, error);
        return TAKEN_NOT;
    }
    return taken == TAKEN || taken == TAKEN_BY_OTHER ? replace(history, fd, error) : taken;
}

static Taken
try(VsHistory *history, GError **error)
{
    int fd = open_file(history, LOCK_FILE);
    Taken taken;

    if (fd < 0) {
        vs_history_fail(history, LOCK_FILE, _("Can't open %s: %s"), errno, error);
        return TAKEN_NOT;
    }
    if (!is_private(fd)) {
        taken = take_over(history, fd, error);
        close(fd);
        return taken;
    }
    taken = take(history, fd, LOCK_FILE, error);
    if (taken == TAKEN_BY_OTHER)
        fail_locked(history, fd, error);
    if (taken == TAKEN)
        history->lock_fd = fd;
    else
        close(fd);
    return taken;
}

bool
vs_history_lock(VsHistory *history, GError **error)
{
    Taken taken = TAKEN_ANEW;

    for (unsigned i = 0; i < TRIES && taken == TAKEN_ANEW; i++)
        taken = try(history, error);
    if (taken == TAKEN_ANEW)
        vs_history_fail(history, LOCK_FILE, _("Can't lock %s: %s"), EAGAIN, error);
    return taken == TAKEN;
}
