/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Lists of words in systemd's manner: spaces between them, "quotes" or 'quotes' around what has
 * spaces in it, a backslash before a space, a quote or a backslash that is meant as such, and \xNN
 * or \u{N} for a character that can't be seen, as vs_text_printable() has it. */

/* The words of @value, none for an empty one. NULL where it can't be split, with what is allowed.
 * The caller owns them. */
char **vs_conf_words_parse(const char *value, GError **error);

/* The text that parses to @words again, and can be shown on a terminal. The caller owns it. */
char *vs_conf_words_format(const char *const *words);

/* The same of one word, always in quotes. */
char *vs_conf_words_quote(const char *word);
