/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "util/json.h"

#include <limits.h>
#include <string.h>

#include "util/error.h"
#include "util/i18n.h"
#include "util/text.h"

/* More than any trace or event has; a bound on what a stranger's text can make us recurse. */
#define MAX_DEPTH 32

G_DEFINE_AUTOPTR_CLEANUP_FUNC(json_tokener, json_tokener_free)

static bool
check_text(const char *text, size_t len, GError **error)
{
    const char *end;

    if (len >= INT_MAX) {
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID, _("Not JSON: %zu bytes are too many"), len);
        return false;
    }
    if (!g_utf8_validate(text, (gssize)len, &end)) {
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID, _("Not JSON: no UTF-8 at byte %zu"),
                    (size_t)(end - text) + 1);
        return false;
    }
    return true;
}

/* json-c 0.18, when strict, takes every byte above ASCII for a control character. */
#define STRICT_IS_BROKEN(version) ((version) >> 8 == 0x0012)

static void
append_escaped(GString *text, gunichar c)
{
    if (c < 0x10000)
        g_string_append_printf(text, "\\u%04x", c);
    else
        g_string_append_printf(text, "\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10),
                               0xdc00 + ((c - 0x10000) & 0x3ff));
}

/* @text, which is UTF-8, with those characters escaped; they stand in its strings only. */
static char *
escape(const char *text, bool (*is_meant)(gunichar c))
{
    GString *escaped = g_string_new(NULL);

    for (const char *p = text; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);

        if (is_meant(c))
            append_escaped(escaped, c);
        else
            g_string_append_unichar(escaped, c);
    }
    return g_string_free(escaped, FALSE);
}

static bool
is_beyond_ascii(gunichar c)
{
    return c >= 0x80;
}

/* Those of C0 that stand in a string are escaped already. */
static bool
is_unsafe(gunichar c)
{
    return c >= 0x7f && vs_text_is_unsafe(c);
}

char *
vs_json_visible(const char *json)
{
    return escape(json, is_unsafe);
}

/* json-c takes NaN and Infinity, and gives them out again, which nobody else reads. */
static bool
check_numbers(const char *text, GError **error)
{
    bool in_string = false;

    for (const char *p = text; *p; p++) {
        if (in_string && *p == '\\' && p[1])
            p++;
        else if (*p == '"')
            in_string = !in_string;
        else if (!in_string && (*p == 'N' || *p == 'I')) {
            g_set_error(error, VS_ERROR, VS_ERROR_INVALID, _("Not JSON at byte %zu: %s"),
                        (size_t)(p - text) + 1, "NaN, Infinity");
            return false;
        }
    }
    return true;
}

json_object *
vs_json_parse_object(const char *text, GError **error)
{
    g_autoptr(json_tokener) tokener = json_tokener_new_ex(MAX_DEPTH);
    g_autofree char *escaped = NULL;
    size_t len = strlen(text);

    if (!check_text(text, len, error) || !check_numbers(text, error))
        return NULL;
    if (STRICT_IS_BROKEN(json_c_version_num())) {
        text = escaped = escape(text, is_beyond_ascii);
        len = strlen(text);
        if (!check_text(text, len, error))
            return NULL;
    }

    /* Strict: no comments, no single quotes, nothing behind the object. */
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
    g_autoptr(json_object) object = json_tokener_parse_ex(tokener, text, (int)len);
    enum json_tokener_error problem = json_tokener_get_error(tokener);

    if (problem == json_tokener_continue) {
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                    _("Not JSON: it ends too early, at byte %zu"), len);
        return NULL;
    }
    if (problem != json_tokener_success) {
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID, _("Not JSON at byte %zu: %s"),
                    json_tokener_get_parse_end(tokener) + 1, json_tokener_error_desc(problem));
        return NULL;
    }
    if (!json_object_is_type(object, json_type_object)) {
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                    _("A JSON object is needed, “{...}”, this is of the type “%s”"),
                    json_type_to_name(json_object_get_type(object)));
        return NULL;
    }
    return g_steal_pointer(&object);
}

const char *
vs_json_line(json_object *object)
{
    return json_object_to_json_string_ext(object,
                                          JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
}

/* @key's value where it is of @type, else NULL. */
static json_object *
get(json_object *object, const char *key, enum json_type type)
{
    json_object *value = NULL;

    if (!json_object_object_get_ex(object, key, &value) || !json_object_is_type(value, type))
        return NULL;
    return value;
}

const char *
vs_json_string(json_object *object, const char *key, const char *fallback)
{
    json_object *value = get(object, key, json_type_string);

    if (!value)
        return fallback;

    /* A NUL inside would show a part as the whole. */
    const char *text = json_object_get_string(value);
    return strlen(text) == (size_t)json_object_get_string_len(value) ? text : fallback;
}

bool
vs_json_int(json_object *object, const char *key, int64_t *ret)
{
    json_object *value = get(object, key, json_type_int);

    /* json-c keeps what is too large for int64_t as unsigned, and would hand out the nearest. */
    if (!value || (json_object_get_int64(value) == INT64_MAX &&
                   json_object_get_uint64(value) > (uint64_t)INT64_MAX))
        return false;
    *ret = json_object_get_int64(value);
    return true;
}

/* A hundred years. */
#define MAX_MSEC (INT64_C(100) * 365 * 24 * 60 * 60 * 1000)

bool
vs_json_msec(json_object *object, const char *key, int64_t *ret_usec)
{
    int64_t ms;

    if (!vs_json_int(object, key, &ms))
        return false;
    *ret_usec = CLAMP(ms, 0, MAX_MSEC) * 1000;
    return true;
}

bool
vs_json_bool(json_object *object, const char *key, bool fallback)
{
    json_object *value = get(object, key, json_type_boolean);

    return value ? json_object_get_boolean(value) : fallback;
}

json_object *
vs_json_object(json_object *object, const char *key)
{
    return get(object, key, json_type_object);
}

json_object *
vs_json_array(json_object *object, const char *key)
{
    return get(object, key, json_type_array);
}

bool
vs_json_fits(json_object *object, const char *key, json_type type)
{
    json_object *value = NULL;

    return !json_object_object_get_ex(object, key, &value) || !value ||
           json_object_is_type(value, type);
}

void
vs_json_set(json_object *object, const char *key, json_object *value)
{
    json_object_object_add(object, key, value);
}

void
vs_json_set_string(json_object *object, const char *key, const char *value)
{
    g_autofree char *valid = value ? g_utf8_make_valid(value, -1) : NULL;

    vs_json_set(object, key, valid ? json_object_new_string(valid) : NULL);
}

void
vs_json_set_int(json_object *object, const char *key, int64_t value)
{
    vs_json_set(object, key, json_object_new_int64(value));
}

void
vs_json_set_bool(json_object *object, const char *key, bool value)
{
    vs_json_set(object, key, json_object_new_boolean(value));
}

bool
vs_json_word(json_object *object, const char *key, const char *const *words, unsigned n, int *ret,
             GError **error)
{
    const char *text = vs_json_string(object, key, "");
    g_autofree char *quoted = NULL;

    for (unsigned i = 0; i < n; i++) {
        if (words[i] && g_str_equal(words[i], text)) {
            *ret = (int)i;
            return true;
        }
    }
    quoted = vs_text_quoted(text);
    g_set_error(error, VS_ERROR, VS_ERROR_INVALID, _("its “%s” is %s, which isn't known here"), key,
                quoted);
    return false;
}
