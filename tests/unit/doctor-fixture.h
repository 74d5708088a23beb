/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ctl-fixture.h"
#include "played-systemd.h"

/* doctor on a host whose files and systemd are the test's; what virtstopd finds is in the fixture.
 */

/* A root with nothing in it but @text in @name of @dir; NULL: nothing. */
void doctor_make_root(const char *dir, const char *name, const char *text);

/* To its end, for the guests of TEST_URI. */
void doctor_run(BusFixture *fixture, CtlRun *run, const char *option);

/* A test that begins with a systemd as it is where all is right. */
void doctor_add(const char *path, void (*test)(void));
