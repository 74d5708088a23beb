/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "played-units.h"

/* A systemd on a socket of its own, in the test's main loop: it says in which state it is, and what
 * its units are. */

typedef struct FakeSystemd FakeSystemd;

/* Listens at @path. */
FakeSystemd *fake_systemd_new(const char *path);
void fake_systemd_free(FakeSystemd *systemd);

/* What it says; NULL: it doesn't answer. */
void fake_systemd_set_state(FakeSystemd *systemd, const char *state);

/* Whether anybody asked. */
bool fake_systemd_was_asked(const FakeSystemd *systemd);

/* Ends with one without a name. Stays the caller's. */
void fake_systemd_set_units(FakeSystemd *systemd, PlayedUnit *units);
