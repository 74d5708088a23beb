/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The kinds of values that keys have. Each error names the value and what is allowed; the place is
 * the caller's to put before it. */

bool vs_conf_value_fail(const char *value, const char *allowed, GError **error);

/* Where @text seems to have a comment at its end, adds to @error that there can be none. */
void vs_conf_value_hint_comment(const char *text, GError **error);

/* One of @words, NULL behind the last: its number. */
bool vs_conf_value_word(const char *value, const char *const *words, unsigned *ret, GError **error);

/* yes or no, in systemd's words. */
bool vs_conf_value_bool(const char *value, bool *ret, GError **error);

/* A whole number, no less than @min and no more than @max. */
bool vs_conf_value_number(const char *value, int min, int max, int *ret, GError **error);

/* A time span that has an end, within a year. */
bool vs_conf_value_span(const char *value, int64_t *ret, GError **error);

/* Bytes, with K, M or G behind them. */
bool vs_conf_value_size(const char *value, size_t *ret, GError **error);
