/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/match.h"

#include <string.h>

#include "util/error.h"
#include "util/i18n.h"
#include "util/text.h"
#include "util/uuid.h"

static const char *const prefixes[VS_N_MATCH_KINDS] = {
    [VS_MATCH_NAME] = "name:", [VS_MATCH_UUID] = "uuid:", [VS_MATCH_TITLE] = "title:",
    [VS_MATCH_TAG] = "tag:",   [VS_MATCH_URI] = "uri:",
};

/* The kind, and what stands behind the words that say so. */
static VsMatchKind
split(const char *word, const char **ret_text)
{
    for (VsMatchKind kind = 0; kind < VS_N_MATCH_KINDS; kind++) {
        if (g_str_has_prefix(word, prefixes[kind])) {
            *ret_text = word + strlen(prefixes[kind]);
            return kind;
        }
    }
    *ret_text = word;
    return vs_uuid_is_valid(word) ? VS_MATCH_UUID : VS_MATCH_NAME;
}

bool
vs_match_check(const char *word, GError **error)
{
    const char *text;
    VsMatchKind kind = split(word, &text);
    g_autofree char *quoted = vs_text_quoted(word);

    if (*text && (kind != VS_MATCH_UUID || vs_uuid_is_valid(text)))
        return true;
    g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                /* TRANSLATORS: a word of the configuration; what is in capitals is for a value. */
                _("%s means no guest (allowed: a name or a glob such as web-*, a UUID, title:GLOB, "
                  "tag:WORD, uri:GLOB, and name:GLOB)"),
                quoted);
    return false;
}

void
vs_match_init(VsMatch *match, const char *word)
{
    const char *text;

    match->kind = split(word, &text);
    match->text = match->kind == VS_MATCH_UUID ? g_ascii_strdown(text, -1) : g_strdup(text);
    match->pattern = strpbrk(match->text, "*?") ? g_pattern_spec_new(match->text) : NULL;
}

void
vs_match_clear(VsMatch *match)
{
    g_clear_pointer(&match->text, g_free);
    g_clear_pointer(&match->pattern, g_pattern_spec_free);
}

bool
vs_match_text(const VsMatch *match, const char *text)
{
    return match->pattern ? g_pattern_match_string(match->pattern, text)
                          : g_str_equal(match->text, text);
}

const char *
vs_who_word(const VsWho *who, VsMatchKind kind, unsigned i)
{
    const char *const words[VS_N_MATCH_KINDS] = {
        [VS_MATCH_NAME] = who->name,
        [VS_MATCH_UUID] = who->uuid,
        [VS_MATCH_TITLE] = who->title,
        [VS_MATCH_URI] = who->uri,
    };

    if (kind == VS_MATCH_TAG)
        return who->tags ? who->tags[i] : NULL;
    return i == 0 ? words[kind] : NULL;
}

bool
vs_match_who(const VsMatch *match, const VsWho *who)
{
    const char *word;

    for (unsigned i = 0; (word = vs_who_word(who, match->kind, i)); i++)
        if (vs_match_text(match, word))
            return true;
    return false;
}
