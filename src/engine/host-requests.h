/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/store.h"

/* What somebody asks of all guests, or of a part of them. */

/* Begin, or join the host stop that is in flight; false with @error where the request is bad. */
bool vs_host_requests_begin(VsEngine *engine, const VsEvent *event, GError **error);
bool vs_host_requests_extend(VsEngine *engine, const VsEvent *event, GError **error);

/* The host goes down, or no longer does. */
void vs_host_requests_set_shutdown(VsEngine *engine, bool active);

/* All stops in flight are called off, those of host stops with them; @of_shutdown: only what the
 * host's going down has asked for. */
void vs_host_requests_cancel(VsEngine *engine, const VsRequester *by, bool of_shutdown);

/* One host stop, and the stops of its guests; false with @error where there is no such one. */
bool vs_host_requests_cancel_one(VsEngine *engine, const VsEvent *event, GError **error);
