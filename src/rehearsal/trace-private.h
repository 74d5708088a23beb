/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rehearsal/trace.h"
#include "util/json.h"

typedef enum VsTraceSource {
    VS_TRACE_LIBVIRT,
    VS_TRACE_QMP,
    VS_TRACE_CONNECTION,
    VS_TRACE_REQUEST,
    VS_TRACE_REPLY,
} VsTraceSource;

typedef struct VsTraceLine {
    int64_t t; /* µs since the trace's beginning */
    VsTraceSource source;
    json_object *object;
} VsTraceLine;

struct VsTrace {
    json_object *header;
    GArray *lines;  /* of VsTraceLine: all but the header and the log */
    GPtrArray *log; /* of char *, NULL-terminated */
};
