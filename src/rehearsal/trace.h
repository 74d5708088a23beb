/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "core/record.h"

/* A recorded trace, as tests/traces/README.md describes it, run through the engine on a simulated
 * clock. */

typedef struct VsTrace VsTrace;

/* Parses @text. The error names @name, the line and what is allowed there. */
VsTrace *vs_trace_parse(const char *name, const char *text, GError **error);
void vs_trace_free(VsTrace *trace);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VsTrace, vs_trace_free)

/* The header line. Belongs to @trace. */
json_object *vs_trace_header(const VsTrace *trace);

/* The records that the daemon would have written, in their order (of VsRecord; the caller owns the
 * array and what it holds). @foreign: the trace's requests were somebody else's. */
GPtrArray *vs_trace_replay(const VsTrace *trace, bool foreign);
