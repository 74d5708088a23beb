/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdint.h>

#include "util/json.h"

/* A recorded trace, as tests/traces/README.md describes it. */

typedef enum VsTraceSource {
    VS_TRACE_LIBVIRT,
    VS_TRACE_QMP,
    VS_TRACE_CONNECTION,
    VS_TRACE_PROCESS,
    VS_TRACE_CANDIDATES,
    VS_TRACE_REQUEST,
    VS_TRACE_REPLY,
} VsTraceSource;

typedef struct VsTraceLine {
    int64_t t; /* µs since the trace's beginning */
    VsTraceSource source;
    json_object *object;
} VsTraceLine;

typedef struct VsTrace {
    json_object *header;
    GArray *lines;  /* of VsTraceLine: all but the header and the log */
    GPtrArray *log; /* of char *, NULL-terminated */
} VsTrace;

/* Parses @text. The error names @name, the line and what is allowed there. */
VsTrace *vs_trace_parse(const char *name, const char *text, GError **error);
void vs_trace_free(VsTrace *trace);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VsTrace, vs_trace_free)

/* The header line. Belongs to @trace. */
json_object *vs_trace_header(const VsTrace *trace);
