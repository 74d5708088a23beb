/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/store.h"

/* What keeps a guest from being asked just now, and what its policy says of that: it is paused, or
 * sleeps. Only looks; engine/steps.c and engine/detour.c act. */

/* What is done about it. */
typedef enum VsRemedy {
    VS_REMEDY_NONE,   /* nothing keeps it */
    VS_REMEDY_WAIT,   /* libvirt, or who asked it to, ends that by itself */
    VS_REMEDY_RESUME, /* it is let run */
    VS_REMEDY_WAKE,
    VS_REMEDY_SAVE,    /* it is saved as it is */
    VS_REMEDY_DESTROY, /* it is ended at once */
    VS_REMEDY_LEAVE,   /* it stays as it is, and is not ended */
} VsRemedy;

VsRemedy vs_obstacle_remedy(const VsEngine *engine, const VsGuest *guest);

/* Whether this stop had the guest saved: a save that holds it still is stuck, and isn't waited for.
 */
bool vs_obstacle_was_saving(const VsStop *stop);

/* In a few words; NULL: nothing does. */
const char *vs_obstacle_words(const VsGuest *guest);

/* Whether it isn't known yet what it is, and is to be asked for, or is about to be told; and when
 * that is given up (monotonic µs). */
bool vs_obstacle_is_unclear(const VsGuest *guest, int64_t *ret_until);

/* Whether it matters to the step that @stop stands at: that asks the guest, or is its end behind
 * others that do. A ladder that is nothing but its end is done as it is. */
bool vs_obstacle_matters(const VsStop *stop);

/* Whether that was tried to be done away with in vain since the guest is in that state. */
bool vs_obstacle_was_tried(const VsGuest *guest);

/* Whether a step that asks is to be broken off for it, and when (monotonic µs; VS_USEC_INFINITY:
 * it is waited for). A pause that somebody else ends within moments is nothing. @ends: the step's
 * deadline. */
bool vs_obstacle_interrupts(const VsEngine *engine, const VsGuest *guest, int64_t ends,
                            int64_t *ret_at);

/* Puts a save into the stop's own ladder, at the step that it stands at; what ends the ladder
 * comes behind that. False: it stands right behind one. */
bool vs_obstacle_put_save(VsStop *stop);
