/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record/boot.h"

#include "util/file.h"

#define FILE_NAME "boot_id"

char *
vs_boot_id(void)
{
    char *text = NULL;

    if (!g_file_get_contents("/proc/sys/kernel/random/boot_id", &text, NULL, NULL))
        return g_strdup("unknown");
    return g_strstrip(text);
}

static char *
path_in(const char *directory)
{
    return g_build_filename(directory, FILE_NAME, NULL);
}

bool
vs_boot_is_marked(const char *directory, const char *boot_id, GError **error)
{
    g_autofree char *path = path_in(directory);
    g_autofree char *text = NULL;

    return vs_file_read(path, &text, error) && text && g_str_equal(g_strstrip(text), boot_id);
}

bool
vs_boot_mark(const char *directory, const char *boot_id, GError **error)
{
    g_autofree char *path = path_in(directory);
    g_autofree char *text = NULL;
    g_autofree char *aside = vs_file_read(path, &text, NULL) ? NULL : vs_file_set_aside(path, NULL);

    return vs_file_replace(path, boot_id, VS_FILE_OUTLIVES_US, error);
}
