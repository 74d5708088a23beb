/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/evidence.h"

#include <string.h>

#include "util/text.h"
#include "util/wallclock.h"

/* What an item takes at least: so a list has no more of them than is allowed. */
#define MIN_SIZE (VS_EVIDENCE_MAX_LIST / VS_EVIDENCE_MAX_ITEMS)

/* Hangs on each item of a list. */
typedef struct Mark {
    size_t size;
    unsigned kind; /* those that tell of the same sort of thing have the same */
} Mark;

json_object *
vs_evidence_new(int64_t real, const char *source)
{
    json_object *item = json_object_new_object();
    g_autofree char *time = vs_wallclock_format(real);

    vs_json_set_string(item, "time", time);
    vs_json_set_string(item, "source", source);
    return item;
}

static size_t
length_of(json_object *item)
{
    return strlen(vs_json_line(item));
}

/* As a line has it, but for the quotes of a text. */
static const char *
text_of(json_object *value)
{
    return json_object_is_type(value, json_type_string) ? json_object_get_string(value)
                                                        : vs_json_line(value);
}

/* The key of the longest member; NULL where @item has none. */
static char *
longest_member(json_object *item)
{
    size_t most = 0;
    char *longest = NULL;

    json_object_object_foreach(item, key, value)
    {
        size_t length = value ? strlen(vs_json_line(value)) : 0;

        if (length <= most)
            continue;
        most = length;
        g_free(longest);
        longest = g_strdup(key);
    }
    return longest;
}

static void
cut_longest(json_object *item, size_t keep)
{
    g_autofree char *key = longest_member(item);
    json_object *value = NULL;

    if (!key || !json_object_object_get_ex(item, key, &value))
        return;
    g_autofree char *text = vs_text_cut(text_of(value), keep);
    vs_json_set_string(item, key, text);
}

/* One escape may take six bytes, so what is kept is halved until it fits. A state file from
 * elsewhere may hold an item of any form: nothing is left of one that never fits. */
static json_object *
bound(json_object *item)
{
    json_object *rest;

    if (length_of(item) <= VS_EVIDENCE_MAX_ITEM)
        return item;
    vs_json_set_bool(item, "cut", true);
    for (size_t keep = VS_EVIDENCE_MAX_ITEM * 3 / 4; keep > 16; keep /= 2) {
        cut_longest(item, keep);
        if (length_of(item) <= VS_EVIDENCE_MAX_ITEM)
            return item;
    }
    json_object_put(item);
    rest = json_object_new_object();
    vs_json_set_bool(rest, "cut", true);
    return rest;
}

static unsigned
kind_of(json_object *item)
{
    static const char *const keys[] = {"source", "event", "type", "verb", "method"};
    unsigned kind = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
        kind = kind * 31 + g_str_hash(vs_json_string(item, keys[i], ""));
    return kind;
}

static void
free_mark(json_object *item, void *mark)
{
    g_free(mark);
}

static const Mark *
mark_of(json_object *list, size_t i)
{
    return json_object_get_userdata(json_object_array_get_idx(list, i));
}

static size_t
size_of_kind(json_object *list, unsigned kind)
{
    size_t size = 0;

    for (size_t i = 0; i < json_object_array_length(list); i++) {
        const Mark *mark = mark_of(list, i);

        if (mark->kind == kind)
            size += mark->size;
    }
    return size;
}

/* Of the kind that takes most the oldest, but the first if there is another. */
static size_t
find_victim(json_object *list)
{
    size_t most = 0, first = 0;
    unsigned kind = 0;

    for (size_t i = 0; i < json_object_array_length(list); i++) {
        size_t size = size_of_kind(list, mark_of(list, i)->kind);

        if (size > most) {
            most = size;
            first = i;
            kind = mark_of(list, i)->kind;
        }
    }
    for (size_t i = first + 1; i < json_object_array_length(list); i++)
        if (mark_of(list, i)->kind == kind)
            return i;
    return first;
}

static size_t
size_of_all(json_object *list)
{
    size_t size = 0;

    for (size_t i = 0; i < json_object_array_length(list); i++)
        size += mark_of(list, i)->size;
    return size;
}

unsigned
vs_evidence_add(json_object *list, json_object *item)
{
    Mark *mark = g_new(Mark, 1);
    unsigned dropped = 0;

    item = bound(item);
    *mark = (Mark){.size = MAX(length_of(item) + 1, MIN_SIZE), .kind = kind_of(item)};
    json_object_set_userdata(item, mark, free_mark);
    json_object_array_add(list, item);
    for (; size_of_all(list) > VS_EVIDENCE_MAX_LIST; dropped++)
        json_object_array_del_idx(list, find_victim(list), 1);
    return dropped;
}
