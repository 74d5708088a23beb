/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus-fixture.h"

/* A systemd that says of its units what it is told, on the fixture's client's connection. */

#define PLAYED_NEVER      UINT64_MAX
#define PLAYED_SECONDS(n) (UINT64_C(1000000) * (n))

typedef struct PlayedUnit {
    const char *name; /* the object's path ends in its number */
    const char *state, *file_state, *notify_access;
    bool does_at_stop;
    uint64_t stop_timeout, job_timeout; /* µs */
} PlayedUnit;

enum {
    PLAYED_HOOK,
    PLAYED_LIBVIRT_GUESTS,
    PLAYED_POWEROFF,
    PLAYED_REBOOT,
    PLAYED_HALT,
    PLAYED_KEXEC,
    N_PLAYED_UNITS
};
extern PlayedUnit played_units[N_PLAYED_UNITS];

/* As they are where all is right. */
void played_systemd_reset(void);

void played_systemd_start(BusFixture *fixture);
