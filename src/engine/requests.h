/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/store.h"

/* What people ask for: a stop, to call it off, to hurry it, to give it more time. Facts only: the
 * stops move for them afterwards. False with @error where the request is bad: nothing has changed
 * then. */

bool vs_requests_stop(VsEngine *engine, const VsEvent *event, GError **error);
bool vs_requests_cancel(VsEngine *engine, const VsEvent *event, GError **error);
bool vs_requests_escalate(VsEngine *engine, const VsEvent *event, GError **error);
bool vs_requests_extend(VsEngine *engine, const VsEvent *event, GError **error);

/* The parts of a VS_EVENT_STOP_ALL and a VS_EVENT_EXTEND_ALL that somebody may have got wrong.
 * @ret_ladder is set where the request names one. */
bool vs_requests_check_all(const VsEvent *event, VsLadder *ret_ladder, GError **error);
bool vs_requests_check_extension(int64_t span, GError **error);

/* A stop of its own for @guest, which waits for its turn in @host_stop. */
void vs_requests_queue(VsEngine *engine, VsGuest *guest, const VsHostStop *host_stop);

/* The guest's stop, which can be steered, is called off. */
void vs_requests_call_off(VsEngine *engine, VsGuest *guest, const VsRequester *by);

/* A reason or a command is for people to read: valid, and not too long. NULL where it is empty. */
char *vs_requests_bounded(const char *text);
