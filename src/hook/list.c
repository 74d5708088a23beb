/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hook/list.h"

#include "core/ladder.h"
#include "util/text.h"
#include "words/describe.h"

#define MAX_NAMED 3

/* "web1 (pressed the power button, 34s left), db1 (...)" */
char *
vs_hook_describe(const VsClient *client, const GPtrArray *list, unsigned *ret_left)
{
    GString *text = g_string_new(NULL);
    unsigned named = 0;

    *ret_left = 0;
    for (unsigned i = 0; i < list->len; i++) {
        const VsWaited *waited = g_ptr_array_index(list, i);
        g_autofree char *name = vs_text_printable(waited->name);
        g_autofree char *progress = NULL;

        if (waited->over)
            continue;
        (*ret_left)++;
        if (named == MAX_NAMED || g_strcmp0(waited->stop.phase, "queued") == 0)
            continue;
        progress = vs_describe_progress(client, &waited->stop);
        g_string_append_printf(text, "%s%s (%s)", named++ ? ", " : "", name, progress);
    }
    return g_string_free(text, FALSE);
}

int64_t
vs_hook_longest(const GPtrArray *list)
{
    int64_t longest = 0;

    for (unsigned i = 0; i < list->len; i++) {
        const VsWaited *waited = g_ptr_array_index(list, i);
        VsLadder ladder;

        if (!waited->over && waited->stop.ladder &&
            vs_ladder_parse(waited->stop.ladder, &ladder, NULL))
            longest = MAX(longest, vs_ladder_total(&ladder));
    }
    return longest;
}
