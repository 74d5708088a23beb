/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "doctor-fixture.h"

#include <sys/stat.h>

#include "bus-client.h"
#include "vs-test.h"

void
doctor_make_root(const char *dir, const char *name, const char *text)
{
    const char *root = vs_test_dir();
    g_autofree char *whole = g_build_filename(root, dir, NULL);

    g_assert_cmpint(g_mkdir_with_parents(whole, 0755), ==, 0);
    if (text)
        g_free(vs_test_write(whole, name, text));
    g_setenv("VIRTSTOP_DOCTOR_ROOT", root, TRUE);
}

void
doctor_run(BusFixture *fixture, CtlRun *run, const char *option)
{
    const char *const words[] = {"doctor", "--uri", TEST_URI, option, NULL};

    g_assert_true(ctl_start(run, words, -1));
    ctl_await_end(fixture, run);
}

void
doctor_set_guest(BusFixture *fixture, const char *uuid, const char *name, VsAgentState agent,
                 bool no_acpi, VsOnPoweroff on_poweroff)
{
    VsDomainInfo info = {.state = VS_STATE_RUNNING, .agent = agent, .persistent = true};
    VsEvent event = {.type = VS_EVENT_LOOKED_UP, .domain = &info.domain};

    info.domain = (VsDomainId){
        .uri = (char *)TEST_URI, .name = (char *)name, .id = g_str_equal(name, "web1") ? 1 : 2};
    g_strlcpy(info.domain.uuid.text, uuid, sizeof info.domain.uuid.text);
    info.no_acpi = no_acpi;
    info.on_poweroff = on_poweroff;
    event.looked_up.info = &info;
    event.looked_up.serial = UINT64_MAX;
    g_assert_true(bus_fixture_step(fixture, &event, NULL));
}

void
doctor_cure(BusFixture *fixture)
{
    doctor_set_guest(fixture, DB1_UUID, "db1", VS_AGENT_CONNECTED, false, VS_ON_POWEROFF_DESTROY);
}

static void
run(const void *test)
{
    played_systemd_reset();
    ((void (*)(void))test)();
}

void
doctor_add(const char *path, void (*test)(void))
{
    g_test_add_data_func(path, (const void *)test, run);
}
