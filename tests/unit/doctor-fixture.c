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
    g_setenv("CONFIGURATION_DIRECTORY", root, TRUE);
}

void
doctor_run(BusFixture *fixture, CtlRun *run, const char *option)
{
    const char *const words[] = {"doctor", "--uri", TEST_URI, option, NULL};

    g_assert_true(ctl_start(run, words, -1));
    ctl_await_end(fixture, run);
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
