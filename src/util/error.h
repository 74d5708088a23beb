/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* The one GError domain of virtstop. A message names what is wrong, where, and what is allowed; the
 * code is for programs: the bus turns it into a D-Bus error name, the client into a status. */
#define VS_ERROR (vs_error_quark())

typedef enum {
    VS_ERROR_FAILED,         /* nothing more precise fits */
    VS_ERROR_INVALID,        /* malformed input: an option, a span, a ladder, a trace line */
    VS_ERROR_NO_SUCH_DOMAIN, /* no domain by that name, UUID or id */
    VS_ERROR_AMBIGUOUS,      /* more than one domain by that name, UUID or id */
    VS_ERROR_NO_STOP,        /* no stop is in flight for that domain */
    VS_ERROR_ACCESS,         /* the caller may not do that */
    VS_ERROR_NOT_CONNECTED,  /* libvirt, or the bus, isn't there */
    VS_ERROR_IO,             /* a file or directory can't be read or written */
    VS_ERROR_MARK_GONE,      /* the records that a page's mark leads to are there no more */
    VS_ERROR_LIMITS,         /* the caller has too much under way */
    VS_ERROR_NO_METHOD,      /* the other side, an older version, doesn't know that call */
    VS_ERROR_NO_OBJECT,      /* the client's: the bus has no object of that path */
    VS_ERROR_NO_ANSWER,      /* the client's: the daemon was asked, and said nothing */
    VS_ERROR_LOCKED,         /* another virtstopd has the stop records, and lives */
} VsError;

/* virtstopd's exit status for VS_ERROR_LOCKED; sysexits' EX_TEMPFAIL. */
#define VS_EXIT_LOCKED 75

GQuark vs_error_quark(void);
