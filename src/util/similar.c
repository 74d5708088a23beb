/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "util/similar.h"

#include <glib.h>
#include <stdbool.h>
#include <string.h>

/* Nobody mistypes a longer one so that it could still be told what was meant. */
#define MAX_LENGTH 64

/* So few letters at the beginning mean nothing. */
#define MIN_PREFIX 2

static unsigned
least(unsigned a, unsigned b, unsigned c)
{
    return MIN(MIN(a, b), c);
}

/* How many slips lie between the two, both in lower case and no longer than MAX_LENGTH. */
static unsigned
count_slips(const char *a, const char *b)
{
    unsigned rows[3][MAX_LENGTH + 1], n = strlen(b);

    for (unsigned j = 0; j <= n; j++)
        rows[0][j] = j;
    for (unsigned i = 1; a[i - 1]; i++) {
        unsigned *row = rows[i % 3], *above = rows[(i - 1) % 3], *before = rows[(i + 1) % 3];

        row[0] = i;
        for (unsigned j = 1; j <= n; j++) {
            bool same = a[i - 1] == b[j - 1];
            row[j] = least(above[j] + 1, row[j - 1] + 1, above[j - 1] + (same ? 0 : 1));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = MIN(row[j], before[j - 2] + 1);
        }
    }
    return rows[strlen(a) % 3][n];
}

/* A short word has no room for many. */
static unsigned
bearable_slips(size_t length)
{
    return length < 3 ? 0 : length < 6 ? 1 : 2;
}

static const char *
find_begun(const char *word, const char *const *names)
{
    const char *found = NULL;

    for (; strlen(word) >= MIN_PREFIX && *names; names++) {
        if (!g_str_has_prefix(*names, word))
            continue;
        if (found)
            return NULL;
        found = *names;
    }
    return found;
}

const char *
vs_similar_find(const char *word, const char *const *names)
{
    g_autofree char *wanted = g_ascii_strdown(word, -1);
    unsigned bound = bearable_slips(strlen(wanted)) + 1;
    const char *found = find_begun(wanted, names);

    if (found || strlen(wanted) > MAX_LENGTH)
        return found;
    for (const char *const *name = names; *name; name++) {
        g_autofree char *lower = g_ascii_strdown(*name, -1);
        unsigned slips = strlen(lower) <= MAX_LENGTH ? count_slips(wanted, lower) : bound;

        if (slips >= bound)
            continue;
        bound = slips;
        found = *name;
    }
    return found;
}
