/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record/history-rotate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util/i18n.h"

char *
vs_history_rotated_name(const char *file, unsigned number)
{
    return g_strdup_printf("%s.%u", file, number);
}

/* "stops.jsonl.12" is 12; 0: the name is no rotated file's. */
static unsigned
rotated_number(const char *file, const char *name)
{
    size_t prefix = strlen(file) + 1;
    guint64 number;

    if (!g_str_has_prefix(name, file) || name[prefix - 1] != '.' || name[prefix] == '0' ||
        !g_ascii_string_to_unsigned(name + prefix, 10, 1, G_MAXINT, &number, NULL))
        return 0;
    return (unsigned)number;
}

static int
compare_numbers(const void *a, const void *b)
{
    unsigned left = *(const unsigned *)a, right = *(const unsigned *)b;

    return (left > right) - (left < right);
}

GArray *
vs_history_rotated(const char *directory, const char *file, GError **error)
{
    g_autoptr(GDir) names = g_dir_open(directory, 0, error);
    const char *name;

    if (!names)
        return NULL;
    GArray *numbers = g_array_new(FALSE, FALSE, sizeof(unsigned));
    while ((name = g_dir_read_name(names))) {
        unsigned number = rotated_number(file, name);

        if (number > 0)
            g_array_append_val(numbers, number);
    }
    g_array_sort(numbers, compare_numbers);
    return numbers;
}

/* The lowest number that no file has: the row's end, or what an interrupted rotation left open. */
static unsigned
first_free(const GArray *numbers)
{
    unsigned i = 0;

    while (i < numbers->len && g_array_index(numbers, unsigned, i) == i + 1)
        i++;
    return i + 1;
}

static bool
move(const VsHistory *history, const char *from, const char *to, GError **error)
{
    if (renameat(history->directory_fd, from, history->directory_fd, to) < 0)
        return vs_history_fail(history, from, _("Can't rename %s: %s"), errno, error);
    return true;
}

/* What is beyond the number that is kept: the configuration may have asked for more before. */
static void
remove_oldest(const VsHistory *history, const GArray *numbers)
{
    for (unsigned i = 0; i < numbers->len; i++) {
        unsigned number = g_array_index(numbers, unsigned, i);
        g_autofree char *name = vs_history_rotated_name(history->file, number);

        if (number > history->max_files)
            unlinkat(history->directory_fd, name, 0);
    }
}

bool
vs_history_rotate(const VsHistory *history, GError **error)
{
    g_autoptr(GArray) numbers = vs_history_rotated(history->directory, history->file, error);

    if (!numbers)
        return false;

    /* From the old end: each rename has its target free, but for the oldest, which is what goes. */
    for (unsigned to = MIN(first_free(numbers), history->max_files); to > 1; to--) {
        g_autofree char *old = vs_history_rotated_name(history->file, to - 1);
        g_autofree char *new = vs_history_rotated_name(history->file, to);

        if (!move(history, old, new, error))
            return false;
    }
    g_autofree char *newest = vs_history_rotated_name(history->file, 1);
    if (!move(history, history->file, newest, error))
        return false;

    remove_oldest(history, numbers);
    return true;
}
