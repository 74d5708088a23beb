/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/part-check.h"

#include <string.h>

#include "engine/store.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/text.h"

static bool
all_are_known(const VsEngine *engine)
{
    GHashTableIter iter;
    VsConnection *connection;

    g_hash_table_iter_init(&iter, engine->connections);
    while (g_hash_table_iter_next(&iter, NULL, (void **)&connection))
        if (!connection->was_listed)
            return false;
    return true;
}

/* @ret_unread: there is one of whom nobody has read what its XML says. */
static bool
means_anybody(const VsEngine *engine, const VsPart *part, VsPartKind kind, unsigned i,
              bool *ret_unread)
{
    GHashTableIter iter;
    VsGuest *guest;

    *ret_unread = false;
    g_hash_table_iter_init(&iter, engine->guests);
    while (g_hash_table_iter_next(&iter, NULL, (void **)&guest)) {
        if (vs_part_word_means(part, kind, i, &engine->policy, &guest->domain, guest->labels))
            return true;
        *ret_unread |= !guest->labels;
    }
    return false;
}

static void
add_names(GHashTable *names, char *const *groups)
{
    for (; *groups; groups++)
        g_hash_table_add(names, *groups);
}

/* All groups that are said anywhere: a set. */
static GHashTable *
known_groups(const VsEngine *engine)
{
    GHashTable *names = g_hash_table_new(g_str_hash, g_str_equal);
    GHashTableIter iter;
    VsGuest *guest;

    for (unsigned i = 0; i < engine->policy.sections->len; i++)
        add_names(names, ((const VsSection *)engine->policy.sections->pdata[i])->groups);
    g_hash_table_iter_init(&iter, engine->guests);
    while (g_hash_table_iter_next(&iter, NULL, (void **)&guest))
        if (guest->labels && guest->labels->own)
            add_names(names, guest->labels->own->groups);
    return names;
}

/* "a, b", or "none" */
static char *
list_names(GHashTable *names)
{
    GList *sorted = g_list_sort(g_hash_table_get_keys(names), (GCompareFunc)strcmp);
    GString *text = g_string_new(NULL);
    g_autofree char *printable = NULL;

    for (const GList *link = sorted; link; link = link->next)
        g_string_append_printf(text, "%s%s", text->len > 0 ? ", " : "", (const char *)link->data);
    g_list_free(sorted);
    printable = vs_text_printable(text->str);
    g_string_free(text, TRUE);
    return g_strdup(*printable ? printable : _("none"));
}

static bool
check_group(const VsEngine *engine, const VsPart *part, unsigned i, bool sure, GError **error)
{
    const char *group = vs_part_words(part, VS_PART_GROUP)->pdata[i];
    g_autoptr(GHashTable) names = known_groups(engine);
    g_autofree char *quoted = vs_text_quoted(group), *list = NULL;

    if (!sure || g_hash_table_contains(names, group))
        return true;
    list = list_names(names);
    g_set_error(error, VS_ERROR, VS_ERROR_INVALID, _("There is no group %s (there are: %s)"),
                quoted, list);
    return false;
}

static bool
check_uri(const VsEngine *engine, const VsPart *part, unsigned i, GError **error)
{
    const char *uri = vs_part_words(part, VS_PART_URI)->pdata[i];
    g_autofree char *quoted = vs_text_quoted(uri), *list = NULL;

    if (strpbrk(uri, "*?") || g_hash_table_contains(engine->connections, uri))
        return true;
    list = list_names(engine->connections);
    g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                _("virtstopd watches no libvirt at %s (it does at: %s)"), quoted, list);
    return false;
}

static bool
check_domain(const VsPart *part, unsigned i, bool sure, GError **error)
{
    const char *word = vs_part_words(part, VS_PART_DOMAIN)->pdata[i];
    g_autofree char *quoted = vs_text_quoted(word);

    if (!sure || strpbrk(word, "*?") || g_str_has_prefix(word, "tag:"))
        return true;
    g_set_error(error, VS_ERROR, VS_ERROR_NO_SUCH_DOMAIN, _("There is no domain %s"), quoted);
    return false;
}

/* Whether it means whoever it does by the guests' XML alone. */
static bool
is_of_labels(const VsPart *part, VsPartKind kind, unsigned i)
{
    return kind == VS_PART_GROUP || g_str_has_prefix(vs_part_words(part, kind)->pdata[i], "title:");
}

static bool
check_word(const VsEngine *engine, const VsPart *part, VsPartKind kind, unsigned i, GError **error)
{
    bool unread, sure;

    if (kind == VS_PART_PRIORITY)
        return true;
    if (kind == VS_PART_URI)
        return check_uri(engine, part, i, error);
    if (means_anybody(engine, part, kind, i, &unread))
        return true;
    sure = all_are_known(engine) && !(unread && is_of_labels(part, kind, i));
    return kind == VS_PART_GROUP ? check_group(engine, part, i, sure, error)
                                 : check_domain(part, i, sure, error);
}

bool
vs_part_check(const VsEngine *engine, const VsPart *part, GError **error)
{
    for (VsPartKind kind = 0; part && kind < VS_N_PART_KINDS; kind++)
        for (unsigned i = 0; i < vs_part_words(part, kind)->len; i++)
            if (!check_word(engine, part, kind, i, error))
                return false;
    return true;
}
