/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/conf-guest.h"

#include <string.h>

#include "core/conf-keys.h"
#include "core/conf-words.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/text.h"

#define NAME  "Guest"
#define GROUP '@'

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
    if (!vs_match_check(glob, error)) {
        g_prefix_error(error, "%s: ", where);
        return false;
    }
    g_ptr_array_add(conf->policy.sections, vs_section_new(glob, where));
    return true;
}

VsSection *
vs_conf_guest_last(const VsConf *conf)
{
    return conf->policy.sections->pdata[conf->policy.sections->len - 1];
}

static void
check_words(VsConf *conf, GHashTable *groups, const VsSection *section, const VsConfKey *key)
{
    for (char **word = vs_conf_type_list(key, section); *word; word++) {
        if (**word != GROUP || g_hash_table_contains(groups, *word + 1))
            continue;

        g_autofree char *quoted = vs_text_quoted(*word);
        g_ptr_array_add(conf->warnings,
                        g_strdup_printf(_("%s: %s=: %s has no guests: no section has such a "
                                          "Group="),
                                        section->where, key->name, quoted));
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
        for (const VsConfKey *key = vs_conf_guest_keys; key->name; key++)
            if (key->type == VS_CONF_TARGETS)
                check_words(conf, groups, sections->pdata[i], key);
}

/* As it is where that is as one would write it, else in quotes. */
static void
append_glob(GString *text, const char *glob)
{
    g_autofree char *printable = vs_text_printable(glob), *quoted = vs_conf_words_quote(glob);
    bool plain = strcmp(printable, glob) == 0 && !strchr(" \t\"'", *glob) &&
                 !g_ascii_isspace(glob[strlen(glob) - 1]);

    g_string_append(text, plain ? glob : quoted);
}

void
vs_conf_guest_append(GString *text, const VsSection *section)
{
    g_string_append_printf(text, "\n# %s\n[" NAME " ", section->where);
    append_glob(text, section->glob);
    g_string_append(text, "]\n");
    for (const VsConfKey *key = vs_conf_policy_keys; key->name; key++)
        if (section->says & key->bit)
            vs_conf_type_append(text, key, &section->policy);
    for (const VsConfKey *key = vs_conf_guest_keys; key->name; key++)
        if (*vs_conf_type_list(key, section))
            vs_conf_type_append(text, key, section);
}
