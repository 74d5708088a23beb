/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "util/text.h"

#include <glib.h>
#include <stdbool.h>
#include <string.h>

bool
vs_text_is_unsafe(gunichar c)
{
    return c < 0x20 || (c >= 0x7f && c <= 0x9f) || /* C0, DEL, C1 */
           c == 0x2028 || c == 0x2029 ||           /* line and paragraph separator */
           c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
           (c >= 0x2066 && c <= 0x2069); /* bidi controls */
}

static void
append_char(GString *out, gunichar c)
{
    if (c == '\\')
        g_string_append(out, "\\\\");
    else if (!vs_text_is_unsafe(c))
        g_string_append_unichar(out, c);
    else if (c < 0x80)
        g_string_append_printf(out, "\\x%02x", c);
    else
        g_string_append_printf(out, "\\u{%x}", c);
}

static void
append_printable(GString *out, const char *text)
{
    while (*text) {
        gunichar c = g_utf8_get_char_validated(text, -1);

        if (c == (gunichar)-1 || c == (gunichar)-2) {
            g_string_append_printf(out, "\\x%02x", (unsigned char)*text);
            text++;
        } else {
            append_char(out, c);
            text = g_utf8_next_char(text);
        }
    }
}

char *
vs_text_printable(const char *text)
{
    GString *out = g_string_new(NULL);

    append_printable(out, text ? text : "");
    return g_string_free(out, FALSE);
}

char *
vs_text_quoted(const char *text)
{
    GString *out = g_string_new("“");

    append_printable(out, text ? text : "");
    g_string_append(out, "”");
    return g_string_free(out, FALSE);
}

/* How much of @text there may be, so that it ends with a whole character. */
static size_t
whole_chars(const char *text, size_t max)
{
    while (max > 0 && ((unsigned char)text[max] & 0xc0) == 0x80)
        max--;
    return max;
}

char *
vs_text_cut(const char *text, size_t max)
{
    g_autofree char *start = g_strndup(text, max + 1);
    g_autofree char *valid = g_utf8_make_valid(start, -1);
    size_t mark = strlen(VS_TEXT_CUT);

    if (strlen(valid) <= max)
        return g_steal_pointer(&valid);
    if (max < mark)
        return g_strdup("");
    valid[whole_chars(valid, max - mark)] = '\0';
    return g_strconcat(valid, VS_TEXT_CUT, NULL);
}

static size_t
char_columns(gunichar c)
{
    if (g_unichar_iszerowidth(c))
        return 0;
    return g_unichar_iswide(c) ? 2 : 1;
}

size_t
vs_text_columns(const char *text)
{
    size_t columns = 0;

    for (; *text; text = g_utf8_next_char(text))
        columns += char_columns(g_utf8_get_char(text));
    return columns;
}

/* Where to cut @text so that it takes @columns at most, and how many it then takes. */
static const char *
find_cut(const char *text, size_t columns, size_t *ret_taken)
{
    size_t taken = 0;

    for (; *text; text = g_utf8_next_char(text)) {
        size_t more = char_columns(g_utf8_get_char(text));

        if (taken + more > columns)
            break;
        taken += more;
    }
    *ret_taken = taken;
    return text;
}

char *
vs_text_fit(const char *text, size_t columns)
{
    GString *out = g_string_new(NULL);
    size_t taken;
    const char *cut = find_cut(text, columns, &taken);

    if (*cut && columns > 0) {
        cut = find_cut(text, columns - 1, &taken);
        g_string_append_len(out, text, cut - text);
        g_string_append(out, VS_TEXT_CUT);
        taken++;
    } else
        g_string_append_len(out, text, cut - text);

    for (; taken < columns; taken++)
        g_string_append_c(out, ' ');
    return g_string_free(out, FALSE);
}
