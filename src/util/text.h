/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* Domain names, reasons and commands are data that somebody else chose. */

/* What moves a terminal's cursor, ends its line or turns the direction of writing: control
 * characters (C0, DEL, C1), line and paragraph separators, bidi controls. */
bool vs_text_is_unsafe(gunichar c);

/* A copy of @text that is safe to print on a terminal, on one line: what is unsafe and bytes that
 * are not UTF-8 become \xNN or \u{N} escapes, a backslash becomes two. NULL gives "". The caller
 * owns the result. */
char *vs_text_printable(const char *text);

/* As vs_text_printable(), for the inside of a sentence: “text” in quotes. */
char *vs_text_quoted(const char *text);

/* What a cut text ends in. */
#define VS_TEXT_CUT "…"

/* A copy of @text that is UTF-8 and no longer than @max bytes, with VS_TEXT_CUT at its end where
 * more is missing. Of a text of megabytes no more is read than that. The caller owns the result. */
char *vs_text_cut(const char *text, size_t max);

/* The terminal columns that printable @text takes (wide characters two, combining none). */
size_t vs_text_columns(const char *text);

/* A copy of printable @text cut or padded with spaces to exactly @columns terminal columns; a cut
 * text ends in "…". */
char *vs_text_fit(const char *text, size_t columns);
