/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "util/json.h"

/* Who was away, so that nobody saw what a guest did then. */

typedef enum VsAway {
    VS_AWAY_NOBODY,
    VS_AWAY_LIBVIRT,
    VS_AWAY_VIRTSTOPD, /* whoever else was, too */
    VS_N_AWAY
} VsAway;

typedef struct VsAbsence {
    VsAway who;
    int64_t since; /* realtime µs: until then it was seen; of NOBODY 0 */
} VsAbsence;

/* When a guest was off that nobody saw end: not before, and not later. */
typedef struct VsWindow {
    int64_t from;  /* realtime µs; 0: there is none, that is known */
    int64_t until; /* realtime µs; 0: not known, for the host's clock was set meanwhile */
    VsAway away;   /* that is why; NOBODY: the host itself failed */
} VsWindow;

const char *vs_away_name(VsAway who);

/* One that goes on began when it did. @since 0: that isn't known, and nothing is noted. */
void vs_absence_begin(VsAbsence *absence, VsAway who, int64_t since);

/* ... in which a guest ended that was found off at @until (realtime µs). */
VsWindow vs_absence_window(const VsAbsence *absence, int64_t until);

/* As a run's state keeps it; NULL: nobody is away. The caller owns the result. */
json_object *vs_absence_to_json(const VsAbsence *absence);
VsAbsence vs_absence_from_json(json_object *object);
