/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/client.h"

/* What systemd says of a unit: on the system bus, or on its own socket. */

typedef struct VsUnit {
    char *load_state;      /* "loaded", "not-found", "masked", ... */
    char *active_state;    /* "active", ... */
    char *file_state;      /* "enabled", ...; "" where there is none */
    uint64_t ended;        /* monotonic µs: when it was active last; 0: never in this boot */
    uint64_t job_timeout;  /* µs; UINT64_MAX: none */
    uint64_t stop_timeout; /* of a service, likewise */
    char *notify_access;   /* of a service: "none", "main", "exec" or "all"; else NULL */
    bool does_at_stop;     /* a service that has an ExecStop= */
} VsUnit;

void vs_unit_clear(VsUnit *unit);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VsUnit, vs_unit_clear)

/* False where systemd can't be asked. A unit that there is none of is a unit in load state
 * "not-found". */
bool vs_unit_read(sd_bus *bus, const char *name, VsUnit *ret, GError **error);

/* As whom a service runs, and whether it has a network of its own, which nothing else is in. */
typedef struct VsUnitUser {
    char *name; /* "": root */
    int has_private_network;
} VsUnitUser;

void vs_unit_user_clear(VsUnitUser *user);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VsUnitUser, vs_unit_user_clear)

/* False where systemd can't be asked, or there is no such service. */
bool vs_unit_read_user(sd_bus *bus, const char *name, VsUnitUser *ret);

/* Whether it isn't root. */
bool vs_unit_user_is_own(const VsUnitUser *user);

/* Whether it has ended, or never began, and is not about to change that. */
bool vs_unit_is_down(const VsUnit *unit);

/* Whether it is started at boot, whoever wants it. */
bool vs_unit_is_enabled(const VsUnit *unit);
