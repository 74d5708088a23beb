/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/store.h"

/* What ran before a host stop, to be started again after it. */

/* Notes it, before anybody is asked, and whenever somebody joins. One of all takes the place of
 * those before it. */
void vs_host_ran_keep(VsEngine *engine, VsHostStop *host_stop);

/* What is over is over: a host stop that begins later doesn't know what ran before it. */
void vs_host_ran_forget(VsEngine *engine);

/* What a daemon of schema 1 noted was of the host stop that is made of its stops. */
void vs_host_ran_take_over_old(VsEngine *engine, VsHostStop *host_stop);
