/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/types.h>

#include "bus-fixture.h"

/* Other users of the bus than the one that the service runs as: each a process of its own. */

/* Two without rights, whom the bus finds in /etc/passwd: the other one is daemon, or bin. */
#define NOBODY 65534
#define OTHER  1

/* What a user does with a connection of his gives the exit status, which says what went wrong; 0:
 * nothing. */
typedef int (*BusOtherRun)(sd_bus *bus);

typedef struct BusOther {
    pid_t pid;
    int status; /* as of waitpid(); -1: it isn't over */
} BusOther;

/* As bus_fixture_set_up(); skips the test and gives false where this isn't root. */
bool bus_other_set_up(BusFixture *fixture);

/* Begins; waits for its end, while the service serves, and fails the test where it went wrong. The
 * former's @other must live until then. */
void bus_other_begin(BusOther *other, uid_t uid, BusOtherRun run);
void bus_other_end(BusFixture *fixture, BusOther *other);

/* Both. */
void bus_other_run_as(BusFixture *fixture, uid_t uid, BusOtherRun run);

/* SIGKILL. */
void bus_other_kill(BusFixture *fixture, BusOther *other);
