/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

/* Which stop records are asked for: those to which all of it applies. What is NULL or 0 excludes
 * none. */
typedef struct VsRecordQuery {
    const char *uri;
    const char *domain;    /* its name or UUID */
    const char *stop;      /* the id of the stop that it was asked by */
    const char *host_stop; /* the id of the stop of all guests that it belongs to */
    const char *cause;     /* by its name */
    int64_t since, until;  /* realtime µs; both are still in it */
    unsigned limit;        /* so many, and the newest of them */
    const char *after;     /* the mark of a page: only what is older than that page */
} VsRecordQuery;
