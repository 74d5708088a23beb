/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ctl/client.h"

/* What systemd, on the same bus as virtstopd, says of a unit. */

typedef struct VsUnit {
    char *load_state;      /* "loaded", "not-found", "masked", ... */
    char *active_state;    /* "active", ... */
    char *file_state;      /* "enabled", ...; "" where there is none */
    uint64_t job_timeout;  /* µs; UINT64_MAX: none */
    uint64_t stop_timeout; /* of a service, likewise */
    char *notify_access;   /* of a service: "none", "main", "exec" or "all"; else NULL */
    bool does_at_stop;     /* a service that has an ExecStop= */
} VsUnit;

void vs_unit_clear(VsUnit *unit);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VsUnit, vs_unit_clear)

/* False where systemd can't be asked. A unit that there is none of is a unit in load state
 * "not-found". */
bool vs_unit_read(VsCtl *ctl, const char *name, VsUnit *ret, GError **error);

/* Whether it is started at boot, whoever wants it. */
bool vs_unit_is_enabled(const VsUnit *unit);
