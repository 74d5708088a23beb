/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl-fixture.h"

#include "bus-client.h"

static bool
is_served(BusFixture *fixture)
{
    g_autoptr(sd_bus_message) reply = bus_fixture_manager(fixture, "ListStops", NULL);

    return !sd_bus_message_is_method_error(reply, NULL);
}

bool
ctl_fixture_set_up(BusFixture *fixture)
{
    if (!bus_fixture_set_up(fixture))
        return false;
    while (!is_served(fixture))
        ;
    return true;
}

void
ctl_await(BusFixture *fixture, const CtlRun *run, const char *part)
{
    while (!ctl_said(run, part))
        bus_fixture_turn(fixture);
}

void
ctl_await_end(BusFixture *fixture, const CtlRun *run)
{
    while (!ctl_has_ended(run))
        bus_fixture_turn(fixture);
}
