/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* The types that keys have: each reads a value into a member of a structure, and writes it as one
 * would. */

typedef enum VsConfType {
    VS_CONF_BOOL,    /* bool */
    VS_CONF_EITHER,  /* bool: true for the first of two words */
    VS_CONF_WORD,    /* an enum, in the order of the words */
    VS_CONF_NUMBER,  /* int or unsigned, from min to max */
    VS_CONF_SPAN,    /* int64_t, µs; without a default an empty value is VS_CONF_SPAN_UNSAID */
    VS_CONF_SIZE,    /* size_t, bytes */
    VS_CONF_LADDER,  /* VsLadder */
    VS_CONF_URIS,    /* char **: these three add up over several lines, and an empty value empties
                        what was said before; NULL is empty, too */
    VS_CONF_GROUPS,  /* char **: names of groups */
    VS_CONF_TARGETS, /* char **: names and globs of guests, and @GROUP */
} VsConfType;

#define VS_CONF_SPAN_UNSAID (-1)

typedef struct VsConfKey {
    const char *name; /* NULL behind the last key of a table */
    VsConfType type;
    size_t offset;        /* of its member, in the structure that the table is about */
    const char *fallback; /* its default, as one would write it */
    int min, max;
    const char *words[8]; /* that are allowed, then NULL */
    unsigned bit;         /* that says in VsSection that it was set; 0: it needs none */
} VsConfKey;

/* Sets the member of @base; an empty value is the default. Where it isn't allowed, @base is as it
 * was, and the error names the value and what is allowed. */
bool vs_conf_type_set(const VsConfKey *key, void *base, const char *value, GError **error);

/* The value that @base has, as one would write it; the caller owns it. */
char *vs_conf_type_print(const VsConfKey *key, const void *base);

/* "Key=value" and a newline, with what @base has. */
void vs_conf_type_append(GString *text, const VsConfKey *key, const void *base);

/* The words of a key that is a list; never NULL once it was set. */
char **vs_conf_type_list(const VsConfKey *key, const void *base);

/* NULL where @keys has none of that name. */
const VsConfKey *vs_conf_type_find(const VsConfKey *keys, const char *name);

/* Gives each of @keys its default. */
void vs_conf_type_reset(const VsConfKey *keys, void *base);
