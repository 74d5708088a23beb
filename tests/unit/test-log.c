/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/log.h"
#include "vs-test.h"

/* What ends the process at once is said before: no thread comes to it afterwards. */
static void
test_fatal(void)
{
    if (g_test_subprocess()) {
        vs_log_adopt_glib();
        vs_log_begin();
        for (int i = 0; i < 500; i++)
            vs_log(LOG_INFO, "%01000d", i);
        g_error("no memory");
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_failed();
    g_test_trap_assert_stderr("*no memory*");
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/log/fatal", test_fatal);
    return g_test_run();
}
