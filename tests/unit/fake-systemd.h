/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

/* A systemd on a socket of its own, in the test's main loop: it says in which state it is, and of
 * three units whether they are there. */

typedef struct FakeSystemd FakeSystemd;

typedef struct FakeUnit {
    const char *name;   /* "libvirtd.service" */
    const char *active; /* "inactive", ...; of others it says that they aren't found */
    unsigned ended;     /* when it was active last */
} FakeUnit;

/* Listens at @path. */
FakeSystemd *fake_systemd_new(const char *path);
void fake_systemd_free(FakeSystemd *systemd);

/* What it says; NULL: it doesn't answer. */
void fake_systemd_set_state(FakeSystemd *systemd, const char *state);

/* Whether anybody asked. */
bool fake_systemd_was_asked(const FakeSystemd *systemd);

/* Ends with one without a name. Stays the caller's. */
void fake_systemd_set_units(FakeSystemd *systemd, const FakeUnit *units);
