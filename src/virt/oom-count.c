/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "virt/oom-count.h"

#include <stdint.h>
#include <string.h>

/* Of one group. */
typedef struct Level {
    char *path;
    int64_t n;
} Level;

struct VsOomCount {
    GArray *levels; /* its group, and those above that count for it, too */
    Level host;     /* all of this host's, wherever a process was moved since */
};

static void
level_clear(void *data)
{
    g_free(((Level *)data)->path);
}

/* "oom_kill 3", a line of memory.events and memory.oom_control alike; -1: there is none. */
static int64_t
read_count(const char *path)
{
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;

    if (!g_file_get_contents(path, &text, NULL, NULL))
        return -1;
    lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        if (g_str_has_prefix(*line, "oom_kill "))
            return g_ascii_strtoll(*line + strlen("oom_kill "), NULL, 10);
    }
    return -1;
}

static bool
add_level(VsOomCount *count, const char *directory, const char *file)
{
    Level level = {.path = g_build_filename(directory, file, NULL)};

    level.n = read_count(level.path);
    if (level.n < 0) {
        g_free(level.path);
        return false;
    }
    g_array_append_val(count->levels, level);
    return true;
}

/* Whether the line of /proc/PID/cgroup is about that hierarchy: "4:memory:/path", "0::/path". */
static const char *
path_in(const char *line, bool unified)
{
    const char *controllers = strchr(line, ':');
    const char *path = controllers ? strchr(controllers + 1, ':') : NULL;
    g_autofree char *names = NULL;
    g_auto(GStrv) list = NULL;

    if (!path || strstr(path, "/../"))
        return NULL;
    names = g_strndup(controllers + 1, (gsize)(path - controllers - 1));
    if (unified)
        return *names == '\0' && g_str_has_prefix(line, "0:") ? path + 1 : NULL;
    list = g_strsplit(names, ",", -1);
    return g_strv_contains((const char *const *)list, "memory") ? path + 1 : NULL;
}

/* Of version 2: threads have groups without a count of their own; each group counts what was killed
 * in those below it, and outlives them. */
static void
add_unified(VsOomCount *count, const char *root, const char *path)
{
    g_autofree char *directory = g_build_filename(root, path, NULL);

    while (strlen(directory) > strlen(root)) {
        char *up = g_path_get_dirname(directory);

        add_level(count, directory, "memory.events");
        g_free(directory);
        directory = up;
    }
}

static void
add_groups(VsOomCount *count, const char *cgroup, char **lines)
{
    g_autofree char *mark = g_build_filename(cgroup, "cgroup.controllers", NULL);
    g_autofree char *memory = g_build_filename(cgroup, "memory", NULL);
    bool unified = g_file_test(mark, G_FILE_TEST_EXISTS);

    for (char **line = lines; *line; line++) {
        const char *path = path_in(*line, unified);
        g_autofree char *directory = path ? g_build_filename(memory, path, NULL) : NULL;

        if (path && unified)
            add_unified(count, cgroup, path);
        else if (path)
            add_level(count, directory, "memory.oom_control");
    }
}

VsOomCount *
vs_oom_count_new(const char *proc, const char *cgroup, int pid)
{
    VsOomCount *count = g_new0(VsOomCount, 1);
    g_autofree char *path = g_strdup_printf("%s/%d/cgroup", proc, pid);
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;

    count->host.path = g_build_filename(proc, "vmstat", NULL);
    count->host.n = read_count(count->host.path);
    count->levels = g_array_new(FALSE, FALSE, sizeof(Level));
    g_array_set_clear_func(count->levels, level_clear);
    if (!g_file_get_contents(path, &text, NULL, NULL))
        return count;
    lines = g_strsplit(text, "\n", -1);
    add_groups(count, cgroup, lines);
    return count;
}

void
vs_oom_count_free(VsOomCount *count)
{
    g_array_unref(count->levels);
    level_clear(&count->host);
    g_free(count);
}

/* A group goes with its last process, and then those above it have to do: where they counted none
 * there was none, else it may have been anybody's. Somebody may have moved the process to another
 * group since: that there was none is believed only where the host had none at all. */
VsOom
vs_oom_count_look(const VsOomCount *count)
{
    bool none = read_count(count->host.path) == count->host.n;

    for (unsigned i = 0; i < count->levels->len; i++) {
        const Level *level = &g_array_index(count->levels, Level, i);
        int64_t n = read_count(level->path);

        if (n == level->n)
            return none ? VS_OOM_NO : VS_OOM_UNKNOWN;
        if (n >= 0)
            return i == 0 ? VS_OOM_COUNTED : VS_OOM_UNKNOWN;
    }
    return VS_OOM_UNKNOWN;
}
