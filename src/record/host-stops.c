/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record/host-stops.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "util/error.h"
#include "util/file.h"
#include "util/i18n.h"
#include "util/json.h"

#define FILE_NAME "host-stops.json"

/* Of schema 1: a list of what ran. */
#define OLD_FILE_NAME "running.json"

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

static bool
remove_file(const char *directory, const char *name, GError **error)
{
    g_autofree char *path = g_build_filename(directory, name, NULL);

    return unlink(path) == 0 || errno == ENOENT || fail(path, _("Can't remove"), error);
}

static bool
write_file(const char *directory, const char *boot_id, const char *text, GError **error)
{
    g_autofree char *path = g_build_filename(directory, FILE_NAME, NULL);
    g_autoptr(json_object) object = vs_json_parse_object(text, error);

    if (!object)
        return false;
    vs_json_set_string(object, "boot_id", boot_id);
    return vs_file_replace(path, vs_json_line(object), error) && sync_path(path, error) &&
           sync_path(directory, error);
}

bool
vs_host_stops_file_save(const char *directory, const char *boot_id, const char *text,
                        GError **error)
{
    return (text ? write_file(directory, boot_id, text, error)
                 : remove_file(directory, FILE_NAME, error)) &&
           remove_file(directory, OLD_FILE_NAME, error);
}

/* @ret stays NULL where there is no such file. */
static bool
read_file(const char *directory, const char *name, char **ret, GError **error)
{
    g_autofree char *path = g_build_filename(directory, name, NULL);
    g_autoptr(GError) why = NULL;

    if (g_file_get_contents(path, ret, NULL, &why) ||
        g_error_matches(why, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        return true;
    g_set_error_literal(error, VS_ERROR, VS_ERROR_IO, why->message);
    return false;
}

bool
vs_host_stops_file_load(const char *directory, const char *boot_id, char **ret, bool *ret_same_boot,
                        GError **error)
{
    g_autoptr(json_object) object = NULL;

    *ret = NULL;
    *ret_same_boot = false;
    if (!read_file(directory, FILE_NAME, ret, error) ||
        (!*ret && !read_file(directory, OLD_FILE_NAME, ret, error)))
        return false;
    object = *ret ? vs_json_parse_object(*ret, NULL) : NULL;
    *ret_same_boot = object && g_str_equal(vs_json_string(object, "boot_id", ""), boot_id);
    return true;
}

static bool
set_aside(const char *directory, const char *name, GError **error)
{
    g_autofree char *path = g_build_filename(directory, name, NULL);
    g_autofree char *aside = g_strconcat(path, ".bad", NULL);

    return rename(path, aside) == 0 || errno == ENOENT || fail(path, _("Can't rename"), error);
}

/* Of an old one nothing is read as long as there is a newer. */
bool
vs_host_stops_file_set_aside(const char *directory, GError **error)
{
    g_autofree char *path = g_build_filename(directory, FILE_NAME, NULL);
    bool newer = g_file_test(path, G_FILE_TEST_EXISTS);

    return set_aside(directory, newer ? FILE_NAME : OLD_FILE_NAME, error);
}
