/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus-fixture.h"
#include "played-units.h"

/* A systemd with the units that doctor looks at, on the fixture's client's connection. */

enum {
    PLAYED_HOOK,
    PLAYED_LIBVIRT_GUESTS,
    PLAYED_POWEROFF,
    PLAYED_REBOOT,
    PLAYED_HALT,
    PLAYED_KEXEC,
    PLAYED_VIRTSTOPD,
    PLAYED_LIBVIRTD,
    PLAYED_WAY,
    N_PLAYED_UNITS
};
extern PlayedUnit played_units[N_PLAYED_UNITS + 1];

/* As they are where all is right. */
void played_systemd_reset(void);

void played_systemd_start(BusFixture *fixture);
