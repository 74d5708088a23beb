/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "words/story-candidates.h"

#include "util/i18n.h"
#include "util/text.h"
#include "words/joints.h"
#include "words/story-request.h"

/* So many are named: who has to look further has the record. */
#define MAX_NAMED 3

/* "root (virsh, pid 4711, session-3.scope)"; of one on another host "alice at 192.0.2.7:40312". */
static char *
tell_one(json_object *one, bool local)
{
    const char *raw_address = vs_json_string(one, "address", NULL);
    g_autofree char *address = vs_text_printable(raw_address);
    g_autofree char *user = vs_text_printable(vs_json_string(one, "user", NULL));

    if (!raw_address)
        return vs_story_requester(one, local);
    return g_strdup_printf(_("%s at %s"), *user ? user : _("somebody"), address);
}

/* "a, b or c". */
static char *
tell_list(json_object *list, unsigned n, bool local)
{
    GString *text = g_string_new(NULL);

    for (unsigned i = 0; i < n; i++) {
        g_autofree char *one = tell_one(json_object_array_get_idx(list, i), local);

        if (i > 0)
            g_string_append(text, i + 1 == n ? _(" or ") : vs_joint_names());
        g_string_append(text, one);
    }
    return g_string_free(text, FALSE);
}

void
vs_story_append_candidates(GString *story, json_object *record, bool local)
{
    json_object *list = vs_json_array(record, "candidates");
    size_t n = list ? json_object_array_length(list) : 0;
    g_autofree char *named = n > 0 ? tell_list(list, MIN(n, MAX_NAMED), local) : NULL;

    if (n == 0)
        return;
    if (n == 1)
        g_string_append_printf(story,
                               _("Who asked libvirt for that isn't known; it may have been %s, "
                                 "connected to it at that moment.\n"),
                               named);
    else if (n <= MAX_NAMED)
        g_string_append_printf(story,
                               _("Who asked libvirt for that isn't known; it may have been %s: all "
                                 "were connected to it at that moment.\n"),
                               named);
    else
        g_string_append_printf(
            story,
            ngettext("Who asked libvirt for that isn't known; it may have been %s, or %d more: all "
                     "were connected to it at that moment.\n",
                     "Who asked libvirt for that isn't known; it may have been %s, or one of %d "
                     "more: all were connected to it at that moment.\n",
                     n - MAX_NAMED),
            named, (int)(n - MAX_NAMED));
}
