/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/conf-type.h"

#include <string.h>

#include "core/conf-value.h"
#include "core/conf-words.h"
#include "core/domain.h"
#include "core/ladder.h"
#include "core/match.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"

#define GROUP '@'

typedef struct Type {
    bool (*parse)(const VsConfKey *key, void *member, const char *value, GError **error);
    char *(*print)(const VsConfKey *key, const void *member);
} Type;

static bool
parse_bool(const VsConfKey *key, void *member, const char *value, GError **error)
{
    return vs_conf_value_bool(value, member, error);
}

static char *
print_bool(const VsConfKey *key, const void *member)
{
    return g_strdup(*(const bool *)member ? "yes" : "no");
}

static bool
parse_word(const VsConfKey *key, void *member, const char *value, GError **error)
{
    return vs_conf_value_word(value, key->words, member, error);
}

static char *
print_word(const VsConfKey *key, const void *member)
{
    return g_strdup(key->words[*(const unsigned *)member]);
}

static bool
parse_either(const VsConfKey *key, void *member, const char *value, GError **error)
{
    unsigned word;

    if (!vs_conf_value_word(value, key->words, &word, error))
        return false;
    *(bool *)member = word == 0;
    return true;
}

static char *
print_either(const VsConfKey *key, const void *member)
{
    return g_strdup(key->words[*(const bool *)member ? 0 : 1]);
}

static bool
parse_number(const VsConfKey *key, void *member, const char *value, GError **error)
{
    return vs_conf_value_number(value, key->min, key->max, member, error);
}

static char *
print_number(const VsConfKey *key, const void *member)
{
    return g_strdup_printf("%d", *(const int *)member);
}

static bool
parse_span(const VsConfKey *key, void *member, const char *value, GError **error)
{
    if (*value)
        return vs_conf_value_span(value, member, error);
    *(int64_t *)member = VS_CONF_SPAN_UNSAID;
    return true;
}

static char *
print_span(const VsConfKey *key, const void *member)
{
    int64_t span = *(const int64_t *)member;

    if (span == VS_CONF_SPAN_UNSAID)
        return g_strdup("");
    return span > 0 ? vs_span_format(span, false) : g_strdup("0");
}

static bool
parse_size(const VsConfKey *key, void *member, const char *value, GError **error)
{
    return vs_conf_value_size(value, member, error);
}

static char *
print_size(const VsConfKey *key, const void *member)
{
    static const char *const suffixes[] = {"", "K", "M", "G"};
    size_t bytes = *(const size_t *)member;
    unsigned i = 0;

    while (bytes > 0 && bytes % 1024 == 0 && i + 1 < G_N_ELEMENTS(suffixes)) {
        bytes /= 1024;
        i++;
    }
    return g_strdup_printf("%zu%s", bytes, suffixes[i]);
}

static bool
parse_ladder(const VsConfKey *key, void *member, const char *value, GError **error)
{
    if (*value)
        return vs_ladder_parse(value, member, error);
    *(VsLadder *)member = (VsLadder){0}; /* that of the guest's driver */
    return true;
}

static char *
print_ladder(const VsConfKey *key, const void *member)
{
    return vs_ladder_format(member);
}

static bool
check_uri(const char *word, GError **error)
{
    if (vs_domain_uri_looks_right(word))
        return true;
    return vs_conf_value_fail(
        word, _("libvirt URIs with spaces between them, such as qemu:///system lxc:///"), error);
}

static bool
check_group(const char *word, GError **error)
{
    if (*word && !strpbrk(word, "@*?"))
        return true;
    return vs_conf_value_fail(word, _("names of groups, without @, * and ?"), error);
}

static bool
check_target(const char *word, GError **error)
{
    bool is_group = *word == GROUP;

    if (is_group ? word[1] && !strpbrk(word + 1, "@*?") : vs_match_check(word, NULL))
        return true;
    return vs_conf_value_fail(
        word, _("names, globs and UUIDs of guests, title:GLOB, tag:WORD, uri:GLOB, and @GROUP"),
        error);
}

/* @list with @more behind it, which it takes over. */
static char **
join(char **list, char **more)
{
    unsigned n = list ? g_strv_length(list) : 0, n_more = g_strv_length(more);

    list = g_renew(char *, list, n + n_more + 1);
    memcpy(list + n, more, (n_more + 1) * sizeof(char *));
    g_free(more);
    return list;
}

/* Adds the @words to the list; none empties it. */
static bool
add_words(char ***list, char **words, bool (*check)(const char *word, GError **error),
          GError **error)
{
    g_auto(GStrv) taken = words;

    for (char **word = taken; *word; word++)
        if (!check(*word, error))
            return false;
    if (!*taken)
        g_clear_pointer(list, g_strfreev);
    *list = join(*list, g_steal_pointer(&taken));
    return true;
}

/* Those of @value that aren't in @list, and each once. No URI has a space or a quote in it. */
static char **
split_uris(const char *value, char **list)
{
    g_auto(GStrv) words = g_strsplit_set(value, " \t", -1);
    GPtrArray *uris = g_ptr_array_new();

    for (char **word = words; *word; word++) {
        bool known = list && g_strv_contains((const char *const *)list, *word);

        if (**word && !known && !g_ptr_array_find_with_equal_func(uris, *word, g_str_equal, NULL))
            g_ptr_array_add(uris, g_strdup(*word));
    }
    g_ptr_array_add(uris, NULL);
    return (char **)g_ptr_array_free(uris, FALSE);
}

static bool
parse_uris(const VsConfKey *key, void *member, const char *value, GError **error)
{
    char **uris = split_uris(value, *(char ***)member);

    if (*value && !*uris) { /* there is nothing new in them */
        g_strfreev(uris);
        return true;
    }
    return add_words(member, uris, check_uri, error);
}

static char *
print_uris(const VsConfKey *key, const void *member)
{
    return g_strjoinv(" ", *(char **const *)member); /* each looks right, so it can be seen */
}

static bool
parse_groups(const VsConfKey *key, void *member, const char *value, GError **error)
{
    char **words = vs_conf_words_parse(value, error);

    return words && add_words(member, words, check_group, error);
}

static bool
parse_targets(const VsConfKey *key, void *member, const char *value, GError **error)
{
    char **words = vs_conf_words_parse(value, error);

    return words && add_words(member, words, check_target, error);
}

static char *
print_words(const VsConfKey *key, const void *member)
{
    return vs_conf_words_format(*(const char *const *const *)member);
}

static const Type types[] = {
    [VS_CONF_BOOL] = {parse_bool, print_bool},
    [VS_CONF_EITHER] = {parse_either, print_either},
    [VS_CONF_WORD] = {parse_word, print_word},
    [VS_CONF_NUMBER] = {parse_number, print_number},
    [VS_CONF_SPAN] = {parse_span, print_span},
    [VS_CONF_SIZE] = {parse_size, print_size},
    [VS_CONF_LADDER] = {parse_ladder, print_ladder},
    [VS_CONF_URIS] = {parse_uris, print_uris},
    [VS_CONF_GROUPS] = {parse_groups, print_words},
    [VS_CONF_TARGETS] = {parse_targets, print_words},
};

static const void *
member_of(const VsConfKey *key, const void *base)
{
    return (const char *)base + key->offset;
}

bool
vs_conf_type_set(const VsConfKey *key, void *base, const char *value, GError **error)
{
    void *member = (char *)base + key->offset;

    return types[key->type].parse(key, member, *value ? value : key->fallback, error);
}

char *
vs_conf_type_print(const VsConfKey *key, const void *base)
{
    return types[key->type].print(key, member_of(key, base));
}

void
vs_conf_type_append(GString *text, const VsConfKey *key, const void *base)
{
    g_autofree char *value = vs_conf_type_print(key, base);

    g_string_append_printf(text, "%s=%s\n", key->name, value);
}

char **
vs_conf_type_list(const VsConfKey *key, const void *base)
{
    return *(char **const *)member_of(key, base);
}

const VsConfKey *
vs_conf_type_find(const VsConfKey *keys, const char *name)
{
    for (; keys->name; keys++)
        if (strcmp(keys->name, name) == 0)
            return keys;
    return NULL;
}

void
vs_conf_type_reset(const VsConfKey *keys, void *base)
{
    for (; keys->name; keys++) {
        bool ok = vs_conf_type_set(keys, base, "", NULL);

        g_assert(ok);
    }
}
