/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/store.h"

/* The steps of a ladder as they are taken: what a guest is asked, or has done to it. */

/* Takes the step that the stop stands at, or the first behind it that can work; where there is none
 * the stop ends. */
void vs_steps_take(VsEngine *engine, VsGuest *guest);

/* Lets a paused guest run, so that it can be asked. */
void vs_steps_resume(VsEngine *engine, VsGuest *guest);

/* Makes the phase's call once more; presses once more. */
void vs_steps_call_again(VsEngine *engine, VsGuest *guest);
void vs_steps_press_again(VsEngine *engine, VsGuest *guest);

/* µs that the step which the stop stands at has: what one before it did not need of the time for
 * all is this one's. */
int64_t vs_steps_span(const VsEngine *engine, const VsStop *stop);
