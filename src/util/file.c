/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "util/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/error.h"
#include "util/i18n.h"
#include "util/text.h"

#define BAD ".bad"

static bool
fail(const char *format, const char *path, int code, GError **error)
{
    g_autofree char *quoted = vs_text_quoted(path);

    g_set_error(error, VS_ERROR, VS_ERROR_IO, format, quoted, g_strerror(code));
    return false;
}

/* @why: with a %s for the file's quoted path. */
static bool
refuse(const char *why, const char *path, GError **error)
{
    g_autofree char *quoted = vs_text_quoted(path);

    g_set_error(error, VS_ERROR, VS_ERROR_INVALID, why, quoted);
    return false;
}

/* Whose the directory is, he alone puts files there: the user that another virtstopd runs as, where
 * this one was started as root. */
static bool
is_by_owner_of_directory(const char *path, uid_t uid)
{
    g_autofree char *directory = g_path_get_dirname(path);
    struct stat st;

    return stat(directory, &st) == 0 && st.st_uid == uid;
}

static bool
check(const char *path, const struct stat *st, GError **error)
{
    if (!S_ISREG(st->st_mode))
        return refuse(_("%s is no regular file"), path, error);
    if (st->st_uid != geteuid() && st->st_uid != 0 && !is_by_owner_of_directory(path, st->st_uid))
        return refuse(_("%s is neither ours nor root's"), path, error);
    if (st->st_size > (off_t)VS_FILE_MAX)
        return refuse(_("%s is larger than 16 MiB"), path, error);
    return true;
}

/* Never more than VS_FILE_MAX, however it grows meanwhile. */
static bool
read_all(const char *path, int fd, GString *text, GError **error)
{
    char block[16 * 1024];
    ssize_t n;

    while ((n = read(fd, block, sizeof block)) != 0) {
        if (n < 0 && errno != EINTR)
            return fail(_("Can't read %s: %s"), path, errno, error);
        if (n > 0)
            g_string_append_len(text, block, n);
        if (text->len > VS_FILE_MAX)
            return refuse(_("%s is larger than 16 MiB"), path, error);
    }
    return strlen(text->str) == text->len || refuse(_("%s holds a NUL byte"), path, error);
}

bool
vs_file_read(const char *path, char **ret_text, GError **error)
{
    /* Opening a FIFO for reading doesn't wait for a writer, then. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    GString *text;
    struct stat st;
    bool ok;

    if (fd < 0 && errno == ENOENT) {
        *ret_text = NULL;
        return true;
    }
    if (fd < 0 && (errno == ELOOP || errno == ENXIO)) /* a link, a socket */
        return refuse(_("%s is no regular file"), path, error);
    if (fd < 0)
        return fail(_("Can't read %s: %s"), path, errno, error);
    text = g_string_new(NULL);
    ok = fstat(fd, &st) == 0 ? check(path, &st, error)
                             : fail(_("Can't read %s: %s"), path, errno, error);
    ok = ok && read_all(path, fd, text, error);
    close(fd);
    if (ok)
        *ret_text = g_string_free(text, FALSE);
    else
        g_string_free(text, TRUE);
    return ok;
}

/* 0 or an errno. Closes @fd: a file system may keep its complaint until then. */
static int
write_and_close(int fd, const char *text, VsFileLife life)
{
    size_t left = strlen(text);
    int problem = 0;

    while (left > 0 && problem == 0) {
        ssize_t n = write(fd, text, left);

        if (n >= 0) {
            text += n;
            left -= (size_t)n;
        } else if (errno != EINTR)
            problem = errno;
    }
    if (problem == 0 && life == VS_FILE_OUTLIVES_BOOT && fsync(fd) < 0)
        problem = errno;
    if (close(fd) < 0 && problem == 0 && errno != EINTR)
        problem = errno;
    return problem;
}

/* That a name outlives a power cut is its directory's affair. EINVAL: a file system that doesn't
 * know it for directories. */
static bool
sync_directory_of(const char *path, GError **error)
{
    g_autofree char *directory = g_path_get_dirname(path);
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int problem = fd < 0 || (fsync(fd) < 0 && errno != EINVAL) ? errno : 0;

    if (fd >= 0)
        close(fd);
    return problem == 0 || fail(_("Can't sync %s: %s"), directory, problem, error);
}

/* The first name that nothing has. */
static char *
free_name(const char *path)
{
    char *name = g_strconcat(path, BAD, NULL);
    struct stat st;

    for (unsigned i = 2; lstat(name, &st) == 0; i++) {
        g_free(name);
        name = g_strdup_printf("%s" BAD ".%u", path, i);
    }
    return name;
}

char *
vs_file_set_aside(const char *path, GError **error)
{
    g_autofree char *name = free_name(path);

    if (rename(path, name) == 0)
        return g_steal_pointer(&name);
    if (errno != ENOENT)
        fail(_("Can't rename %s: %s"), path, errno, error);
    return NULL;
}

/* A directory isn't removed: nobody knows what it holds. */
static bool
clear_away(const char *path)
{
    g_autofree char *aside = NULL;

    if (unlink(path) == 0)
        return true;
    aside = vs_file_set_aside(path, NULL);
    return aside != NULL;
}

/* What a writer that crashed left there is in the way only once. */
static int
open_temporary(const char *path)
{
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
    int fd = open(path, flags, 0600);

    if (fd < 0 && errno == EEXIST && clear_away(path))
        fd = open(path, flags, 0600);
    return fd;
}

bool
vs_file_replace(const char *path, const char *text, VsFileLife life, GError **error)
{
    g_autofree char *temporary = g_strconcat(path, ".tmp", NULL);
    int fd = open_temporary(temporary);

    if (fd < 0)
        return fail(_("Can't make %s: %s"), temporary, errno, error);

    int problem = write_and_close(fd, text, life);
    if (problem == 0 && rename(temporary, path) < 0)
        problem = errno;
    if (problem != 0) {
        unlink(temporary);
        return fail(_("Can't write %s: %s"), path, problem, error);
    }
    return life == VS_FILE_OUTLIVES_US || sync_directory_of(path, error);
}

bool
vs_file_remove(const char *path, VsFileLife life, GError **error)
{
    if (unlink(path) < 0)
        return errno == ENOENT || fail(_("Can't remove %s: %s"), path, errno, error);
    return life == VS_FILE_OUTLIVES_US || sync_directory_of(path, error);
}

bool
vs_file_make_directory(const char *path, int mode, GError **error)
{
    if (g_mkdir_with_parents(path, mode) < 0)
        return fail(_("Can't make the directory %s: %s"), path, errno, error);
    return true;
}
