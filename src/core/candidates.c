/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/candidates.h"

#include "core/event.h"
#include "util/text.h"

static void
copy_number(json_object *to, json_object *from, const char *key, int64_t least, int64_t most)
{
    int64_t number;

    if (vs_json_int(from, key, &number) && number >= least && number <= most)
        vs_json_set_int(to, key, number);
}

static void
copy_text(json_object *to, json_object *from, const char *key)
{
    const char *text = vs_json_string(from, key, NULL);
    g_autofree char *cut = text ? vs_text_cut(text, VS_EVENT_MAX_COMM) : NULL;

    if (cut)
        vs_json_set_string(to, key, cut);
}

/* NULL: nobody could be found by it. */
static json_object *
read_one(json_object *from)
{
    g_autoptr(json_object) one = json_object_new_object();
    int64_t pid;

    copy_number(one, from, "pid", 1, G_MAXINT);
    copy_number(one, from, "uid", 0, UINT32_MAX);
    copy_text(one, from, "user");
    copy_number(one, from, "login_uid", 0, UINT32_MAX);
    copy_text(one, from, "comm");
    copy_text(one, from, "unit");
    copy_text(one, from, "address");
    copy_text(one, from, "since");
    if (!vs_json_int(one, "pid", &pid) && !vs_json_string(one, "address", NULL))
        return NULL;
    return g_steal_pointer(&one);
}

json_object *
vs_candidates_read(json_object *list)
{
    g_autoptr(json_object) ret = json_object_new_array();
    size_t n = json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;

    for (size_t i = 0; i < n && json_object_array_length(ret) < VS_MAX_CANDIDATES; i++) {
        json_object *item = json_object_array_get_idx(list, i);
        json_object *one = json_object_is_type(item, json_type_object) ? read_one(item) : NULL;

        if (one)
            json_object_array_add(ret, one);
    }
    return json_object_array_length(ret) > 0 ? g_steal_pointer(&ret) : NULL;
}
