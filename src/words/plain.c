/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "words/plain.h"

#include <glib.h>
#include <string.h>

static const struct {
    const char *sign, *ascii;
} signs[] = {
    {"“", "\""}, {"”", "\""}, {"„", "\""}, {"‘", "'"}, {"’", "'"},
    {"…", "~"},  {"→", "->"}, {"–", "-"},  {"—", "-"},
};

/* The sign that @at begins with; NULL: none. */
static const char *
ascii_of(const char *at, size_t *ret_len)
{
    for (size_t i = 0; i < G_N_ELEMENTS(signs); i++) {
        *ret_len = strlen(signs[i].sign);
        if (strncmp(at, signs[i].sign, *ret_len) == 0)
            return signs[i].ascii;
    }
    return NULL;
}

char *
vs_plain_text(const char *text)
{
    g_autoptr(GString) plain = g_string_new(NULL);
    size_t len;

    if (g_get_charset(NULL))
        return g_strdup(text);
    for (const char *at = text; *at;) {
        const char *ascii = ascii_of(at, &len);

        g_string_append_len(plain, ascii ? ascii : at, ascii ? (gssize)strlen(ascii) : 1);
        at += ascii ? len : 1;
    }
    return g_strdup(plain->str);
}
