/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "util/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util/error.h"
#include "util/i18n.h"
#include "util/text.h"

static bool
fail(const char *format, const char *path, int code, GError **error)
{
    g_autofree char *quoted = vs_text_quoted(path);

    g_set_error(error, VS_ERROR, VS_ERROR_IO, format, quoted, g_strerror(code));
    return false;
}

/* What a writer that crashed left there is in the way only once. */
static int
open_temporary(const char *path)
{
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
    int fd = open(path, flags, 0600);

    if (fd < 0 && errno == EEXIST && unlink(path) == 0)
        fd = open(path, flags, 0600);
    return fd;
}

/* 0 or an errno. Closes @fd: a file system may keep its complaint until then. */
static int
write_and_close(int fd, const char *text)
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
    if (close(fd) < 0 && problem == 0 && errno != EINTR)
        problem = errno;
    return problem;
}

bool
vs_file_replace(const char *path, const char *text, GError **error)
{
    g_autofree char *temporary = g_strconcat(path, ".tmp", NULL);
    int fd = open_temporary(temporary);

    if (fd < 0)
        return fail(_("Can't make %s: %s"), temporary, errno, error);

    int problem = write_and_close(fd, text);
    if (problem == 0 && rename(temporary, path) < 0)
        problem = errno;
    if (problem != 0) {
        unlink(temporary);
        return fail(_("Can't write %s: %s"), path, problem, error);
    }
    return true;
}

bool
vs_file_make_directory(const char *path, int mode, GError **error)
{
    if (g_mkdir_with_parents(path, mode) < 0)
        return fail(_("Can't make the directory %s: %s"), path, errno, error);
    return true;
}
