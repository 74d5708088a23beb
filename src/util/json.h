/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <json.h>
#include <stdbool.h>
#include <stdint.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(json_object, json_object_put)

/* Parses all of @text as one JSON object; anything else is an error that says where it broke. The
 * caller owns the result. */
json_object *vs_json_parse_object(const char *text, GError **error);

/* One line, no spaces, slashes as they are. Belongs to @object, until it is changed or freed. */
const char *vs_json_line(json_object *object);

/* @json, a text of JSON, with what is unsafe on a terminal escaped, as its strings can have it;
 * line feeds between them stay. The caller owns it. */
char *vs_json_visible(const char *json);

/* @key's value where it is of that type, else the fallback (or false). Nothing is converted, but
 * for vs_json_msec(): milliseconds, which become µs. One that no clock could have measured, or less
 * than none, becomes the nearest that one could, so that sums of some of them stay numbers. */
const char *vs_json_string(json_object *object, const char *key, const char *fallback);
bool vs_json_int(json_object *object, const char *key, int64_t *ret);
bool vs_json_msec(json_object *object, const char *key, int64_t *ret_usec);
bool vs_json_bool(json_object *object, const char *key, bool fallback);
json_object *vs_json_object(json_object *object, const char *key);
json_object *vs_json_array(json_object *object, const char *key);

/* Whether @key's value is of that type, or there is none (or null): else somebody else wrote it. */
bool vs_json_fits(json_object *object, const char *key, json_type type);

/* Sets @key. vs_json_set() takes over @value; the string that is NULL, and text that is not UTF-8,
 * become null and text with U+FFFD. */
void vs_json_set(json_object *object, const char *key, json_object *value);
void vs_json_set_string(json_object *object, const char *key, const char *value);
void vs_json_set_int(json_object *object, const char *key, int64_t value);
void vs_json_set_bool(json_object *object, const char *key, bool value);

/* Finds @key's text among the @n @words; false with an error that names both where it isn't
 * there. */
bool vs_json_word(json_object *object, const char *key, const char *const *words, unsigned n,
                  int *ret, GError **error);
