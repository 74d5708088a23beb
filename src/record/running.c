/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record/running.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "util/error.h"
#include "util/file.h"
#include "util/i18n.h"

#define FILE_NAME "running.json"

static bool
fail(const char *path, const char *what, GError **error)
{
    int code = errno;

    g_set_error(error, VS_ERROR, VS_ERROR_IO, "%s “%s”: %s", what, path, g_strerror(code));
    return false;
}

static bool
sync_path(const char *path, GError **error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;

    if (!ok)
        fail(path, _("Can't sync"), error);
    if (fd >= 0)
        close(fd);
    return ok;
}

bool
vs_running_save(const char *directory, const char *text, GError **error)
{
    g_autofree char *path = g_build_filename(directory, FILE_NAME, NULL);

    if (text)
        return vs_file_replace(path, text, error) && sync_path(path, error) &&
               sync_path(directory, error);
    if (unlink(path) < 0 && errno != ENOENT)
        return fail(path, _("Can't remove"), error);
    return true;
}

bool
vs_running_load(const char *directory, char **ret, GError **error)
{
    g_autofree char *path = g_build_filename(directory, FILE_NAME, NULL);
    g_autoptr(GError) why = NULL;

    *ret = NULL;
    if (g_file_get_contents(path, ret, NULL, &why) ||
        g_error_matches(why, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        return true;
    g_set_error_literal(error, VS_ERROR, VS_ERROR_IO, why->message);
    return false;
}
