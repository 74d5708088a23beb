/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/conf-words.h"

#include <stdbool.h>
#include <string.h>

#include "core/conf-value.h"
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

/* A character as vs_text_printable() writes it: the hexadecimal number that begins at @p, and what
 * is behind it; 0: none that text can have. */
static gunichar
take_number(const char *p, unsigned max_digits, const char **ret_end)
{
    gunichar number = 0;
    unsigned n = 0;

    for (; n < max_digits && g_ascii_isxdigit(p[n]); n++)
        number = number * 16 + (gunichar)g_ascii_xdigit_value(p[n]);
    *ret_end = p + n;
    return n > 0 && g_unichar_validate(number) ? number : 0;
}

/* Appends what the escape behind a backslash, at @p, stands for; NULL where it is none, else what
 * is behind it. */
static const char *
take_escape(const char *p, GString *word)
{
    gunichar c = 0;

    if (is_in(*p, ESCAPED)) {
        g_string_append_c(word, *p);
        return p + 1;
    }
    if (*p == 'x') {
        c = take_number(p + 1, 2, &p);
        c = c < 0x80 ? c : 0; /* a part of a character is none */
    } else if (g_str_has_prefix(p, "u{")) {
        c = take_number(p + 2, 6, &p);
        c = *p++ == '}' ? c : 0;
    }
    if (c == 0)
        return NULL;
    g_string_append_unichar(word, c);
    return p;
}

/* Appends what is up to the space behind the word at @p; NULL where it has no right end. */
static const char *
take_word(const char *p, GString *word)
{
    char quote = '\0';

    while (*p && (quote != '\0' || !is_in(*p, SPACES))) {
        if (*p == '\\') {
            p = take_escape(p + 1, word);
            if (!p)
                return NULL;
            continue;
        }
        if (quote != '\0' && *p == quote)
            quote = '\0';
        else if (quote == '\0' && is_in(*p, QUOTES))
            quote = *p;
        else
            g_string_append_c(word, *p);
        p++;
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
                                 "in it, \\\\, \\\" and \\' for a backslash and quotes, \\x1b "
                                 "or \\u{202e} for what can't be seen"),
                               error);
            return NULL;
        }
        p += strspn(p, SPACES);
    }
    g_ptr_array_add(words, NULL);
    g_ptr_array_set_free_func(words, NULL);
    return (char **)g_ptr_array_free(g_steal_pointer(&words), FALSE);
}

char *
vs_conf_words_quote(const char *word)
{
    /* It has the backslashes doubled already, and what can't be seen as take_escape() reads it. */
    g_autofree char *printable = vs_text_printable(word);
    GString *text = g_string_new("\"");

    for (const char *p = printable; *p; p++) {
        if (*p == '"')
            g_string_append_c(text, '\\');
        g_string_append_c(text, *p);
    }
    g_string_append_c(text, '"');
    return g_string_free(text, FALSE);
}

static char *
format_word(const char *word)
{
    bool quoted = is_in(*word, COMMENT) || !*word || strpbrk(word, SPACES QUOTES);

    return quoted ? vs_conf_words_quote(word) : vs_text_printable(word);
}

char *
vs_conf_words_format(const char *const *words)
{
    GString *text = g_string_new(NULL);

    for (; *words; words++) {
        g_autofree char *word = format_word(*words);

        if (text->len > 0)
            g_string_append_c(text, ' ');
        g_string_append(text, word);
    }
    return g_string_free(text, FALSE);
}
