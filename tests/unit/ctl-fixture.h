/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus-fixture.h"
#include "ctl-run.h"

/* The service on a bus of its own, and virtstopctl as its client. */

/* As bus_fixture_set_up(), and the name is there, for a client that doesn't wait for it. */
bool ctl_fixture_set_up(BusFixture *fixture);

/* Serve until then; they fail the test when nothing happens for long. */
void ctl_await(BusFixture *fixture, const CtlRun *run, const char *part);
void ctl_await_end(BusFixture *fixture, const CtlRun *run);
