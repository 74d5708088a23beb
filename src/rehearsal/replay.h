/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "core/record.h"
#include "rehearsal/trace.h"

/* A trace, run through the engine on a simulated clock. */

/* The records that the daemon would have written, in their order (of VsRecord; the caller owns the
 * array and what it holds). @foreign: the trace's requests were somebody else's. */
GPtrArray *vs_trace_replay(const VsTrace *trace, bool foreign);
