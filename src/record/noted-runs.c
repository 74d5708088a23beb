/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record/noted-runs.h"

#include <string.h>
#include <sys/stat.h>

#include "record/boot.h"
#include "util/error.h"
#include "util/file.h"
#include "util/i18n.h"
#include "util/json.h"
#include "util/span.h"

#define FILE_NAME "running-guests.json"

static char *
path_in(const char *directory)
{
    return g_build_filename(directory, FILE_NAME, NULL);
}

/* Behind its opening brace: there may be megabytes of it. */
static char *
with_origin(const char *text, const char *boot_id)
{
    g_autofree char *machine = vs_boot_machine_id();
    g_autoptr(json_object) object = json_object_new_object();
    g_autofree char *origin = NULL;

    vs_json_set_string(object, "boot_id", boot_id);
    vs_json_set_string(object, "machine_id", machine);
    origin = g_strdup(vs_json_line(object));
    origin[strlen(origin) - 1] = ',';
    return g_strconcat(origin, text + 1, NULL);
}

bool
vs_noted_runs_save(const char *directory, const char *boot_id, const char *text, GError **error)
{
    g_autofree char *path = path_in(directory);
    g_autofree char *whole = text ? with_origin(text, boot_id) : NULL;

    return text ? vs_file_replace(path, whole, VS_FILE_OUTLIVES_BOOT, error)
                : vs_file_remove(path, VS_FILE_OUTLIVES_BOOT, error);
}

static bool
is_of_other_machine(json_object *object)
{
    g_autofree char *machine = vs_boot_machine_id();
    const char *kept = vs_json_string(object, "machine_id", NULL);

    return machine && kept && !g_str_equal(machine, kept);
}

bool
vs_noted_runs_load(const char *directory, const char *boot_id, char **ret, bool *ret_same_boot,
                   GError **error)
{
    g_autofree char *path = path_in(directory), *text = NULL;
    g_autoptr(json_object) object = NULL;

    *ret = NULL;
    *ret_same_boot = false;
    if (!vs_file_read(path, &text, error))
        return false;
    object = text ? vs_json_parse_object(text, NULL) : NULL;
    if (object && is_of_other_machine(object)) {
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                    _("%s was written on another machine, and nothing is made of it"), path);
        return false;
    }
    *ret_same_boot = object && g_str_equal(vs_json_string(object, "boot_id", ""), boot_id);
    *ret = g_steal_pointer(&text);
    return true;
}

char *
vs_noted_runs_set_aside(const char *directory, GError **error)
{
    g_autofree char *path = path_in(directory);

    return vs_file_set_aside(path, error);
}

int64_t
vs_noted_runs_changed_at(const char *directory)
{
    g_autofree char *path = path_in(directory);
    struct stat st;

    return lstat(path, &st) < 0 ? 0
                                : st.st_ctim.tv_sec * VS_USEC_PER_SEC + st.st_ctim.tv_nsec / 1000;
}
