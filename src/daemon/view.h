/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/policy.h"
#include "engine/engine.h"
#include "rehearsal/simulation.h"
#include "util/scope.h"

/* What questions are answered from, on another thread: a copy of what the daemon knew when it began
 * with the answer. */
typedef struct VsView {
    VsScope scope;
    char *directory;       /* the records' */
    VsPolicy policy;       /* cleared where there are no guests */
    bool hooks;            /* programs in hooks.d are run, */
    GPtrArray *hook_paths; /* ... char *: these; NULL: left out with the guests */
    GArray *guests; /* of VsPlanGuest, those that run, their past not told yet; NULL: left out */
} VsView;

/* On the main thread. @policy should have an index: it is shared. */
VsView *vs_view_new(VsScope scope, const char *directory, const VsEngine *engine,
                    const VsPolicy *policy, const GPtrArray *hook_paths, bool guests);

/* On any thread. */
void vs_view_free(VsView *view);
