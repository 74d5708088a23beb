/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/conf-guest.h"

#include <stddef.h>
#include <string.h>

#include "conf/conf-policy.h"
#include "conf/conf-value.h"
#include "conf/conf-words.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/text.h"

#define NAME  "Guest"
#define GROUP '@'

typedef struct List {
    const char *name;
    size_t offset; /* of its char ** in VsSection */
    bool (*check)(const char *word, GError **error);
} List;

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
    bool ok = *word == GROUP ? word[1] && !strpbrk(word + 1, "@*?") : *word != '\0';

    if (ok)
        return true;
    return vs_conf_value_fail(word, _("names and globs of guests, and @GROUP"), error);
}

static const List lists[] = {
    {"Group", offsetof(VsSection, groups), check_group},
    {"Before", offsetof(VsSection, before), check_target},
    {"After", offsetof(VsSection, after), check_target},
};

static const List *
find_list(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++)
        if (strcmp(lists[i].name, name) == 0)
            return &lists[i];
    return NULL;
}

static char ***
member(const List *list, const VsSection *section)
{
    return (char ***)((char *)section + list->offset);
}

bool
vs_conf_guest_is_section(const char *section)
{
    return g_str_has_prefix(section, NAME) && strchr(" \t", section[strlen(NAME)]);
}

/* What stands behind “Guest”: a glob as it is, or in quotes, as one may write it in Before=. */
static char *
parse_glob(const char *text)
{
    text += strspn(text, " \t");
    if (*text != '"' && *text != '\'')
        return g_strdup(text);

    g_auto(GStrv) words = vs_conf_words_parse(text, NULL);
    return g_strdup(words && g_strv_length(words) == 1 ? words[0] : "");
}

bool
vs_conf_guest_begin(VsConf *conf, const VsConfEntry *entry, GError **error)
{
    g_autofree char *glob = parse_glob(entry->section + strlen(NAME));
    g_autofree char *where = g_strdup_printf("%s:%u", entry->path, entry->line);
    g_autofree char *printable = vs_text_printable(entry->section);

    if (!*glob) {
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                    _("%s: section [%s] names no guests (allowed: [Guest GLOB], such as "
                      "[Guest web-*] or [Guest \"my vm\"])"),
                    where, printable);
        return false;
    }
    g_ptr_array_add(conf->policy.sections, vs_section_new(glob, where));
    return true;
}

VsConfKnown
vs_conf_guest_knows(const char *name)
{
    return find_list(name) ? VS_CONF_KNOWN : vs_conf_policy_knows(name);
}

static bool
set_policy(VsSection *section, const VsConfPolicyKey *key, const char *value, GError **error)
{
    if (!*value) {
        section->says &= ~(unsigned)key->bit;
        return true;
    }
    if (!key->parse(&section->policy, value, error))
        return false;
    section->says |= key->bit;
    return true;
}

static char **
join(char **first, char **second)
{
    unsigned n_first = g_strv_length(first), n_second = g_strv_length(second);

    first = g_renew(char *, first, n_first + n_second + 1);
    memcpy(first + n_first, second, (n_second + 1) * sizeof(char *));
    g_free(second);
    return first;
}

static bool
add_words(char ***to, const List *list, const char *value, GError **error)
{
    g_auto(GStrv) words = vs_conf_words_parse(value, error);

    if (!words)
        return false;
    for (char **word = words; *word; word++)
        if (!list->check(*word, error))
            return false;
    if (!*words) {
        g_strfreev(*to);
        *to = g_steal_pointer(&words);
    } else
        *to = join(*to, g_steal_pointer(&words));
    return true;
}

bool
vs_conf_guest_set(VsConf *conf, const char *name, const char *value, GError **error)
{
    VsSection *section = conf->policy.sections->pdata[conf->policy.sections->len - 1];
    const List *list = find_list(name);

    if (list)
        return add_words(member(list, section), list, value, error);
    return set_policy(section, vs_conf_policy_find(name), value, error);
}

static void
check_words(VsConf *conf, GHashTable *groups, const VsSection *section, const List *list)
{
    for (char **word = *member(list, section); *word; word++) {
        if (**word != GROUP || g_hash_table_contains(groups, *word + 1))
            continue;

        g_autofree char *quoted = vs_text_quoted(*word);
        g_ptr_array_add(conf->warnings,
                        g_strdup_printf(_("%s: %s=: %s has no guests: no section has such a "
                                          "Group="),
                                        section->where, list->name, quoted));
    }
}

void
vs_conf_guest_check_groups(VsConf *conf)
{
    const GPtrArray *sections = conf->policy.sections;
    g_autoptr(GHashTable) groups = g_hash_table_new(g_str_hash, g_str_equal);

    for (unsigned i = 0; i < sections->len; i++) {
        const VsSection *section = sections->pdata[i];

        for (char **group = section->groups; *group; group++)
            g_hash_table_add(groups, *group);
    }
    for (unsigned i = 0; i < sections->len; i++)
        for (size_t j = 0; j < G_N_ELEMENTS(lists); j++)
            if (lists[j].check == check_target)
                check_words(conf, groups, sections->pdata[i], &lists[j]);
}

/* As it is where that is as one would write it, else in quotes. */
static void
append_glob(GString *text, const char *glob)
{
    const char *const words[] = {glob, NULL};
    g_autofree char *printable = vs_text_printable(glob), *word = vs_conf_words_format(words);
    bool plain = strcmp(printable, glob) == 0 && !strchr(" \t\"'", *glob) &&
                 !g_ascii_isspace(glob[strlen(glob) - 1]);

    g_string_append(text, plain ? glob : word);
}

void
vs_conf_guest_append(GString *text, const VsSection *section)
{
    g_string_append_printf(text, "\n# %s\n[" NAME " ", section->where);
    append_glob(text, section->glob);
    g_string_append(text, "]\n");
    vs_conf_policy_append(text, &section->policy, section->says);
    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++) {
        const char *const *words = (const char *const *)*member(&lists[i], section);
        g_autofree char *line = vs_conf_words_format(words);

        if (*words)
            g_string_append_printf(text, "%s=%s\n", lists[i].name, line);
    }
}
