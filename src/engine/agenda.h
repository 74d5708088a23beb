/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdint.h>

#include "engine/guest.h"

/* The guests that wait for a time, the next one first: a heap. */

typedef struct VsAgenda {
    GPtrArray *guests; /* of VsGuest, whose @due they are ordered by */
} VsAgenda;

void vs_agenda_init(VsAgenda *agenda);
void vs_agenda_clear(VsAgenda *agenda);

/* Enters @guest, or moves it, to wait for @due (monotonic µs). */
void vs_agenda_set(VsAgenda *agenda, VsGuest *guest, int64_t due);
void vs_agenda_remove(VsAgenda *agenda, VsGuest *guest); /* also where it isn't there */

/* NULL where nobody waits. */
VsGuest *vs_agenda_first(const VsAgenda *agenda);
