/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/store.h"

/* libvirt's answers to our calls: facts only. That something was done proves nothing (only events
 * tell that a guest goes down). */

void vs_replies_reply(VsEngine *engine, const VsEvent *event);

/* What is kept for a restart is on disk, or isn't. */
void vs_replies_written(VsEngine *engine, const VsEvent *event);

/* A call waits for whoever could make it, or is made now. */
void vs_replies_held(VsEngine *engine, const VsEvent *event);

/* Whether the guest agent may have got the request although libvirt has no answer to it: by the
 * error @code, @took µs after it was asked, at @now (monotonic µs). */
VsHeard vs_replies_agent_heard(const VsRun *run, VsAgentWoke woke, int code, int64_t took,
                               int64_t now);

/* The same answer: whether the port may have been closed by a guest that goes down, which will show
 * in moments. */
bool vs_replies_may_have_gone(const VsGuest *guest, int code, int64_t took);
