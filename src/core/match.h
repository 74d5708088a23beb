/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* Which guests a word means: those of a [Guest ...] section, or of a word of Before= and After=. */

typedef enum VsMatchKind {
    VS_MATCH_NAME,  /* web-*, name:web-* */
    VS_MATCH_UUID,  /* 8f2a6d1e-..., uuid:8f2a6d1e-... */
    VS_MATCH_TITLE, /* title:Database * */
    VS_MATCH_TAG,   /* tag:production: a word of its description, or of its metadata's Tags */
    VS_MATCH_URI,   /* uri:lxc:///system */
    VS_N_MATCH_KINDS
} VsMatchKind;

typedef struct VsMatch {
    VsMatchKind kind;
    char *text;            /* without what says the kind */
    GPatternSpec *pattern; /* NULL: it has no wildcard */
} VsMatch;

/* What is known of a guest. What isn't is NULL, and nothing matches it. Belongs to whoever made it.
 */
typedef struct VsWho {
    const char *name, *uuid, *uri, *title;
    const char *const *tags;
} VsWho;

/* Whether @word can mean anybody; the error says what is allowed. */
bool vs_match_check(const char *word, GError **error);

void vs_match_init(VsMatch *match, const char *word);
void vs_match_clear(VsMatch *match);

/* Whether @text, one of a guest's words of the match's kind, is meant. */
bool vs_match_text(const VsMatch *match, const char *text);

/* Whether that guest is meant. */
bool vs_match_who(const VsMatch *match, const VsWho *who);

/* The guest's word of that kind number @i, from 0 on; NULL behind the last. Only tags may be
 * several. */
const char *vs_who_word(const VsWho *who, VsMatchKind kind, unsigned i);
