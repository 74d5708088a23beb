/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/store.h"

/* The steps of a ladder as they are taken: what a guest is asked, or has done to it. */

/* Takes the step that the stop stands at, or the first behind it that can work; where there is none
 * the stop ends. */
void vs_steps_take(VsEngine *engine, VsGuest *guest);

/* Lets a paused guest run, or wakes one that sleeps, so that it can be asked. */
void vs_steps_resume(VsEngine *engine, VsGuest *guest);

/* Makes the call that waited for its intent to be kept. */
void vs_steps_make_call(VsEngine *engine, VsGuest *guest);

/* Makes the phase's call once more; presses once more. */
void vs_steps_call_again(VsEngine *engine, VsGuest *guest);
void vs_steps_press_again(VsEngine *engine, VsGuest *guest);

/* µs that the step which the stop stands at has: what one before it did not need of the time for
 * all is this one's. */
int64_t vs_steps_span(const VsEngine *engine, const VsStop *stop);

/* The step is over, with that result in the record: the next one's turn has come, if the guest can
 * be asked now. A destroy has none after it, and the stop ends. */
void vs_steps_next(VsEngine *engine, VsGuest *guest, const char *result);

/* The same of one that did not work, and the log tells why; or the log alone. @why may hold
 * anything, @message is printable. */
void vs_steps_failed(VsEngine *engine, VsGuest *guest, const char *why);
void vs_steps_note_failed(VsEngine *engine, VsGuest *guest, const char *message);
