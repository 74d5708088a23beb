/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "util/qemu-conf.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* libvirt's own has 40 KiB, most of it comments. */
#define MAX_SIZE ((size_t)1024 * 1024)

static const char *const keys[VS_QEMU_CONF_AUTO_SHUTDOWNS] = {
    "auto_shutdown_try_save",
    "auto_shutdown_try_shutdown",
    "auto_shutdown_poweroff",
};

static char *
read_file(int fd)
{
    g_autofree char *text = g_malloc(MAX_SIZE + 1);
    size_t size = 0;
    ssize_t n = 1;

    while (n > 0 && size < MAX_SIZE) {
        n = read(fd, text + size, MAX_SIZE - size);
        size += n > 0 ? (size_t)n : 0;
    }
    text[size] = '\0';
    return n < 0 ? NULL : g_strdup(text);
}

char *
vs_qemu_conf_read(const char *path)
{
    int place = open(path, O_PATH | O_CLOEXEC), fd = -1;
    g_autofree char *found = g_strdup_printf("/proc/self/fd/%d", place);
    struct stat status;
    char *text = NULL;

    /* What it is is looked at before it is opened. */
    if (place >= 0 && fstat(place, &status) == 0 && S_ISREG(status.st_mode))
        fd = open(found, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd >= 0) {
        text = read_file(fd);
        close(fd);
    }
    if (place >= 0)
        close(place);
    return text;
}

/* The value that the line gives to one of those keys, @ret_key; NULL: it doesn't. The caller owns
 * it. */
static char *
value_in(const char *line, unsigned *ret_key)
{
    g_auto(GStrv) parts = g_strsplit(line, "=", 2);

    if (!parts[0] || !parts[1])
        return NULL;
    g_strstrip(parts[0]);
    for (unsigned i = 0; i < G_N_ELEMENTS(keys); i++)
        if (g_str_equal(parts[0], keys[i])) {
            *ret_key = i;
            return g_strdup(g_strstrip(g_strdelimit(parts[1], "\"'", ' ')));
        }
    return NULL;
}

GPtrArray *
vs_qemu_conf_auto_shutdown(const char *text, unsigned *ret_n_none)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    GPtrArray *set = g_ptr_array_new_with_free_func(g_free);
    unsigned none = 0;

    for (char **line = lines; *line; line++) {
        g_autofree char *uncommented = g_strndup(*line, strcspn(*line, "#"));
        unsigned key = 0;
        g_autofree char *value = value_in(uncommented, &key);

        if (!value || *value == '\0')
            continue;
        if (g_str_equal(value, "none"))
            none |= 1u << key;
        else
            g_ptr_array_add(set, g_strdup(g_strstrip(uncommented)));
    }
    *ret_n_none = (unsigned)__builtin_popcount(none);
    return set;
}
