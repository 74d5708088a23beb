/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Which stop records are asked for: those to which all of it applies. What is NULL or 0 excludes
 * none. */
typedef struct VsRecordQuery {
    bool requests; /* not the stops, but what became of requests that stopped nobody */
    const char *uri;
    const char *domain;    /* its name or UUID */
    const char *uuid;      /* where @domain is the name of one that is there: its UUID, for it may
                              have had another name */
    const char *id;        /* the record's own */
    const char *stop;      /* the id of the stop that it was asked by */
    const char *host_stop; /* the id of the stop of all guests that it belongs to */
    const char *cause;     /* by its name; or several, with commas between them */
    const char *outcome;   /* of the request, likewise */
    bool unclean;          /* only those that were cut off */
    int64_t since, until;  /* realtime µs; both are still in it */
    unsigned limit;        /* so many, and the newest of them */
    size_t max_size;       /* so many bytes of them in a page; 0: as many as it holds */
    const char *after;     /* the mark of a page: only what is older than that page */
    bool is_public;        /* no more is wanted than polkit needn't be asked about */
} VsRecordQuery;

/* Tells which lines of the history are records that a query asks for. */
typedef struct VsRecordMatch {
    const VsRecordQuery *query; /* borrowed */
    char *uuid; /* of the domain that is asked for, in lower case; NULL: not known */
    char *id, *stop, *host_stop; /* in lower case */
    char **causes, **outcomes;   /* NULL: any */
    char *name_text, *uuid_text; /* as a line of the domain has them; NULL: any */
} VsRecordMatch;

void vs_record_match_init(VsRecordMatch *match, const VsRecordQuery *query);
void vs_record_match_clear(VsRecordMatch *match);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VsRecordMatch, vs_record_match_clear)

/* @line is ended by a NUL; one that holds another, or is no JSON, is no record. @query's limit,
 * after and is_public are others' affair. */
bool vs_record_match_line(const VsRecordMatch *match, const char *line, size_t len);
