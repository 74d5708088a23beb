/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus-other.h"

#include <grp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bus-client.h"

/* The exit status of one who can't be tried here. */
#define SKIPPED 77

#define MAX_FDS 1024

/* An ordinary user's connection to the bus; NULL: it can't be tried here. */
static sd_bus *
connect_as(uid_t uid)
{
    sd_bus *bus;

    /* The connections of the test are its own: one that it closes is closed. */
    for (int fd = STDERR_FILENO + 1; fd < MAX_FDS; fd++)
        close(fd);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (setgroups(0, NULL) < 0 || setresgid(uid, uid, uid) < 0 || setresuid(uid, uid, uid) < 0 ||
        sd_bus_open_system(&bus) < 0)
        return NULL;
    return bus;
}

bool
bus_other_set_up(BusFixture *fixture)
{
    if (getuid() == 0)
        return bus_fixture_set_up(fixture);
    g_test_skip("only root can become somebody else");
    return false;
}

static void
on_exit_status(GPid pid, int status, gpointer userdata)
{
    BusOther *other = userdata;

    other->status = status;
}

void
bus_other_begin(BusOther *other, uid_t uid, BusOtherRun run)
{
    *other = (BusOther){.pid = fork(), .status = -1};
    g_assert_cmpint(other->pid, >=, 0);
    if (other->pid == 0) {
        sd_bus *bus = connect_as(uid);

        _exit(bus ? run(bus) : SKIPPED);
    }
    g_child_watch_add(other->pid, on_exit_status, other);
}

void
bus_other_end(BusFixture *fixture, BusOther *other)
{
    while (other->status == -1)
        bus_fixture_turn(fixture);
    g_assert_true(WIFEXITED(other->status));
    if (WEXITSTATUS(other->status) == SKIPPED)
        g_test_skip("nobody can't reach the bus, its directory is closed to them");
    else
        g_assert_cmpint(WEXITSTATUS(other->status), ==, 0);
}

void
bus_other_run_as(BusFixture *fixture, uid_t uid, BusOtherRun run)
{
    BusOther other;

    bus_other_begin(&other, uid, run);
    bus_other_end(fixture, &other);
}

void
bus_other_kill(BusFixture *fixture, BusOther *other)
{
    kill(other->pid, SIGKILL);
    while (other->status == -1)
        bus_fixture_turn(fixture);
}
