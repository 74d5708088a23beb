/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record/host-stops.h"

#include "util/file.h"
#include "util/json.h"

#define FILE_NAME "host-stops.json"

/* Of schema 1: a list of what ran. */
#define OLD_FILE_NAME "running.json"

static bool
remove_file(const char *directory, const char *name, GError **error)
{
    g_autofree char *path = g_build_filename(directory, name, NULL);

    return vs_file_remove(path, VS_FILE_OUTLIVES_BOOT, error);
}

static bool
write_file(const char *directory, const char *boot_id, const char *text, GError **error)
{
    g_autofree char *path = g_build_filename(directory, FILE_NAME, NULL);
    g_autoptr(json_object) object = vs_json_parse_object(text, error);

    if (!object)
        return false;
    vs_json_set_string(object, "boot_id", boot_id);
    return vs_file_replace(path, vs_json_line(object), VS_FILE_OUTLIVES_BOOT, error);
}

bool
vs_host_stops_file_save(const char *directory, const char *boot_id, const char *text,
                        GError **error)
{
    return (text ? write_file(directory, boot_id, text, error)
                 : remove_file(directory, FILE_NAME, error)) &&
           remove_file(directory, OLD_FILE_NAME, error);
}

static bool
read_file(const char *directory, const char *name, char **ret, GError **error)
{
    g_autofree char *path = g_build_filename(directory, name, NULL);

    return vs_file_read(path, ret, error);
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

static char *
set_aside(const char *directory, const char *name, GError **error)
{
    g_autofree char *path = g_build_filename(directory, name, NULL);

    return vs_file_set_aside(path, error);
}

/* Of an old one nothing is read as long as there is a newer. */
char *
vs_host_stops_file_set_aside(const char *directory, GError **error)
{
    g_autoptr(GError) problem = NULL;
    char *aside = set_aside(directory, FILE_NAME, &problem);

    if (aside || !problem)
        return aside ? aside : set_aside(directory, OLD_FILE_NAME, error);
    g_propagate_error(error, g_steal_pointer(&problem));
    return NULL;
}
