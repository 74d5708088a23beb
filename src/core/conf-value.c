/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/conf-value.h"

#include <string.h>

#include "util/error.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"

/* No host waits longer, and sums of some of them stay numbers. */
#define MAX_SPAN (INT64_C(365) * 24 * 60 * 60 * VS_USEC_PER_SEC)

/* Of a value that isn't allowed so many bytes are told. */
#define MAX_TOLD 128

bool
vs_conf_value_fail(const char *value, const char *allowed, GError **error)
{
    g_autofree char *start = strlen(value) > MAX_TOLD ? vs_text_cut(value, MAX_TOLD) : NULL;
    g_autofree char *quoted = vs_text_quoted(start ? start : value);

    /* TRANSLATORS: a value in the configuration, and what it could be instead. */
    g_set_error(error, VS_ERROR, VS_ERROR_INVALID, _("%s (allowed: %s)"), quoted, allowed);
    return false;
}

static bool
has_comment(const char *text)
{
    for (const char *p = text; *p; p++)
        if (strchr("#;", *p) && (p == text || strchr(" \t", p[-1])))
            return true;
    return false;
}

void
vs_conf_value_hint_comment(const char *text, GError **error)
{
    g_autofree char *message = NULL;

    if (!error || !*error || !has_comment(text))
        return;
    message = g_steal_pointer(&(*error)->message);
    (*error)->message =
        g_strdup_printf(_("%s; a comment has to stand on a line of its own"), message);
}

bool
vs_conf_value_word(const char *value, const char *const *words, unsigned *ret, GError **error)
{
    g_autofree char *allowed = g_strjoinv(", ", (char **)words);

    for (unsigned i = 0; words[i]; i++) {
        if (strcmp(value, words[i]) == 0) {
            *ret = i;
            return true;
        }
    }
    return vs_conf_value_fail(value, allowed, error);
}

static bool
is_one_of(const char *value, const char *const *words)
{
    for (; *words; words++)
        if (g_ascii_strcasecmp(value, *words) == 0)
            return true;
    return false;
}

bool
vs_conf_value_bool(const char *value, bool *ret, GError **error)
{
    static const char *const yes[] = {"yes", "true", "on", "1", "y", "t", NULL};
    static const char *const no[] = {"no", "false", "off", "0", "n", "f", NULL};
    bool is_yes = is_one_of(value, yes);

    if (!is_yes && !is_one_of(value, no))
        return vs_conf_value_fail(value, "yes, true, on, 1, no, false, off, 0", error);
    *ret = is_yes;
    return true;
}

bool
vs_conf_value_number(const char *value, int min, int max, int *ret, GError **error)
{
    gint64 number;

    if (!g_ascii_string_to_signed(value, 10, min, max, &number, NULL)) {
        g_autofree char *allowed = g_strdup_printf(_("a number from %d to %d"), min, max);

        return vs_conf_value_fail(value, allowed, error);
    }
    *ret = (int)number;
    return true;
}

bool
vs_conf_value_span(const char *value, int64_t *ret, GError **error)
{
    int64_t span;

    if (!vs_span_parse(value, &span, error))
        return false;
    if (span > MAX_SPAN)
        return vs_conf_value_fail(value, _("a time span up to 365d, such as 5min"), error);
    *ret = span;
    return true;
}

bool
vs_conf_value_size(const char *value, size_t *ret, GError **error)
{
    static const char suffixes[] = "KMG";
    g_autofree char *number = g_strdup(value);
    size_t len = strlen(number);
    const char *suffix = len > 0 ? strchr(suffixes, number[len - 1]) : NULL;
    unsigned shift = 0;
    guint64 bytes;

    if (suffix) {
        shift = 10 * (unsigned)(suffix - suffixes + 1);
        number[len - 1] = '\0';
    }
    if (!g_ascii_string_to_unsigned(number, 10, 0, SIZE_MAX >> shift, &bytes, NULL))
        return vs_conf_value_fail(
            value, _("bytes, or with K, M or G behind the number; 0 for no limit"), error);
    *ret = (size_t)bytes << shift;
    return true;
}
