/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record/boot.h"

#include <stdlib.h>
#include <string.h>
#include <systemd/sd-id128.h>
#include <time.h>
#include <unistd.h>

#include "util/file.h"
#include "util/span.h"

#define FILE_NAME "boot_id"

char *
vs_boot_id(void)
{
    char *text = NULL;

    if (!g_file_get_contents("/proc/sys/kernel/random/boot_id", &text, NULL, NULL))
        return g_strdup("unknown");
    return g_strstrip(text);
}

/* Ticks since the kernel came up: the 22nd field of its line, of which the second may hold blanks
 * and ends with the last parenthesis. Negative: not known. */
static int64_t
start_of_init(void)
{
    g_autofree char *text = NULL;
    g_auto(GStrv) fields = NULL;
    const char *rest;

    if (!g_file_get_contents("/proc/1/stat", &text, NULL, NULL) || !(rest = strrchr(text, ')')))
        return -1;
    fields = g_strsplit(rest, " ", 0);
    return g_strv_length(fields) > 20 ? g_ascii_strtoll(fields[20], NULL, 10) : -1;
}

int64_t
vs_boot_began(void)
{
    int64_t ticks = start_of_init(), per_second = sysconf(_SC_CLK_TCK);
    struct timespec up;

    if (ticks < 0 || per_second <= 0 || clock_gettime(CLOCK_BOOTTIME, &up) < 0)
        return 0;
    return g_get_real_time() - up.tv_sec * VS_USEC_PER_SEC - up.tv_nsec / 1000 +
           ticks * VS_USEC_PER_SEC / per_second;
}

char *
vs_boot_machine_id(void)
{
    char text[SD_ID128_STRING_MAX];
    sd_id128_t id;

    return sd_id128_get_machine(&id) < 0 ? NULL : g_strdup(sd_id128_to_string(id, text));
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
