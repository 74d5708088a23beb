/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/stop-wait.h"
#include "ctl/ctl.h"

/* How stops are shown while they are waited for: on a terminal a line each that is drawn again and
 * again, else a line for each change. With JSON one object for each stop that is over. */

typedef struct VsStopView VsStopView;

VsStopView *vs_stop_view_new(VsCtl *ctl);
void vs_stop_view_free(VsStopView *view);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VsStopView, vs_stop_view_free)

/* For a VsStopWait, with the view as its userdata. */
VsStopWaitOps vs_stop_view_ops(const VsStopView *view);

/* Shows what is in @list, of VsWaited, from now on. */
/* Each that goes on by another ladder than the one asked for is told of. */
void vs_stop_view_tell_joined(VsStopView *view);

void vs_stop_view_set_list(VsStopView *view, const GPtrArray *list);

/* Shows no changes for now; and goes on with that, by where the stops stand then. They are parts of
 * @whole, which has a line of its own, and has to outlive the view, as the list has. */
void vs_stop_view_hold(VsStopView *view);
void vs_stop_view_go_on(VsStopView *view, const VsWhole *whole);

/* Waits until all of @wait's stops are over, or a signal comes, which is said with @left, and
 * leaves the terminal in order. What the verb exits with. */
VsExit vs_stop_view_wait(VsStopView *view, VsStopWait *wait, const char *left);
