/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/store.h"

/* What ran before a host stop, to be started again after it. */

/* Notes it, before anybody is asked, and whenever somebody joins. One of all takes the place of
 * those before it. */
void vs_host_ran_keep(VsEngine *engine, VsHostStop *host_stop);

/* What is over is over: a host stop that begins later doesn't know what ran before it. */
void vs_host_ran_forget(VsEngine *engine);

/* Whoever of the guests that were touched is none of a host stop's any more is left out: of what
 * one by hand took only that is brought back. */
void vs_host_ran_follow(VsEngine *engine);

/* Monotonic µs: until when a guest that runs may still go down for what it was asked; 0: it runs
 * on.
 */
int64_t vs_host_ran_may_go_down_until(const VsEngine *engine, const VsGuest *guest);

/* Who was taken by several, as his start was under way when the last of them was asked for, is that
 * one's alone to bring back. No start is under way. */
void vs_host_ran_settle(VsEngine *engine);

/* What a daemon of schema 1 noted was of the host stop that is made of its stops. */
void vs_host_ran_take_over_old(VsEngine *engine, VsHostStop *host_stop);
