/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/record-query.h"

/* Tells which lines of the history are records that a query asks for. */
typedef struct VsMatch {
    const VsRecordQuery *query; /* borrowed */
    char *uuid;             /* the domain that is asked for, in lower case; NULL: it is no UUID */
    char *stop, *host_stop; /* in lower case */
    bool plain;             /* JSON writes the domain's name as it is */
} VsMatch;

void vs_match_init(VsMatch *match, const VsRecordQuery *query);
void vs_match_clear(VsMatch *match);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VsMatch, vs_match_clear)

/* @line is ended by a NUL; one that holds another, or is no JSON, is no record. @query's limit and
 * after are others' affair. */
bool vs_match_line(const VsMatch *match, const char *line, size_t len);
