/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/conf-words.h"

#include <stdbool.h>
#include <string.h>

#include "conf/conf-value.h"
#include "util/i18n.h"
#include "util/text.h"

#define SPACES  " \t"
#define QUOTES  "\"'"
#define ESCAPED "\\ \t" QUOTES
#define COMMENT "#;"

static bool
is_in(char c, const char *set)
{
    return c != '\0' && strchr(set, c);
}

/* Appends what is up to the space behind the word at @p; NULL where it has no right end. */
static const char *
take_word(const char *p, GString *word)
{
    char quote = '\0';

    for (; *p && (quote != '\0' || !is_in(*p, SPACES)); p++) {
        if (*p == '\\') {
            if (!is_in(*++p, ESCAPED))
                return NULL;
            g_string_append_c(word, *p);
        } else if (quote != '\0' && *p == quote)
            quote = '\0';
        else if (quote == '\0' && is_in(*p, QUOTES))
            quote = *p;
        else
            g_string_append_c(word, *p);
    }
    return quote == '\0' ? p : NULL;
}

char **
vs_conf_words_parse(const char *value, GError **error)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
    const char *p = value + strspn(value, SPACES);

    while (*p) {
        GString *word;

        if (is_in(*p, COMMENT)) { /* which would else be taken for names */
            vs_conf_value_fail(
                p, _("words with spaces between them, in quotes where one begins with # or ;"),
                error);
            return NULL;
        }
        word = g_string_new(NULL);
        p = take_word(p, word);
        g_ptr_array_add(words, g_string_free(word, FALSE));
        if (!p) {
            vs_conf_value_fail(value,
                               _("words with spaces between them, \"my vm\" for one with a space "
                                 "in it, \\\\, \\\" and \\' for a backslash and quotes"),
                               error);
            return NULL;
        }
        p += strspn(p, SPACES);
    }
    g_ptr_array_add(words, NULL);
    g_ptr_array_set_free_func(words, NULL);
    return (char **)g_ptr_array_free(g_steal_pointer(&words), FALSE);
}

static void
append_word(GString *text, const char *word)
{
    /* It has the backslashes doubled already, which is what a word needs, too. */
    g_autofree char *printable = vs_text_printable(word);
    bool quoted = is_in(*printable, COMMENT) || !*printable || strpbrk(printable, SPACES QUOTES);

    if (quoted)
        g_string_append_c(text, '"');
    for (const char *p = printable; *p; p++) {
        if (*p == '"')
            g_string_append_c(text, '\\');
        g_string_append_c(text, *p);
    }
    if (quoted)
        g_string_append_c(text, '"');
}

char *
vs_conf_words_format(const char *const *words)
{
    GString *text = g_string_new(NULL);

    for (; *words; words++) {
        if (text->len > 0)
            g_string_append_c(text, ' ');
        append_word(text, *words);
    }
    return g_string_free(text, FALSE);
}
