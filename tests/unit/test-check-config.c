/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include <unistd.h>

#include "ctl-run.h"
#include "vs-test.h"

/* virtstopctl check-config, which runs the virtstopd that lies beside it. */

static void
check(CtlRun *run, const char *file)
{
    const char *const words[] = {"check-config", file, NULL};

    ctl_run(run, words);
}

static void
test_good(void)
{
    g_autofree char *path = vs_test_write(vs_test_dir(), "own.conf",
                                          "[Daemon]\nUris=test:///default\nBudget=300\nFoo=1\n"
                                          "[Guest web-*]\nBefore=\"my vm\"\n");
    g_autofree char *warning = g_strdup_printf("%s:4: unknown key “Foo=”", path);
    g_autofree char *section = g_strdup_printf("# %s:5\n[Guest web-*]\nBefore=\"my vm\"\n", path);
    g_auto(CtlRun) run = {0};

    check(&run, path);
    assert_ctl(&run, 0, "[Daemon]\nUris=test:///default\n");
    g_assert_nonnull(strstr(run.out->str, "\nBudget=5min\nMaxParallel=0\n"));
    g_assert_nonnull(strstr(run.out->str, "\n[Default]\nLadder=\n"));
    g_assert_true(g_str_has_suffix(run.out->str, section));
    g_assert_true(g_str_has_prefix(run.err->str, warning));
}

/* A step that can work for no guest that its section may be about. */
static void
test_drivers(void)
{
    static const struct {
        const char *text, *says; /* NULL: nothing is wrong */
    } cases[] = {
        {"[Daemon]\nUris=lxc:///system\n[Default]\nLadder=signal:5s power-button destroy\n",
         "[Default]: Ladder=: libvirt's driver at lxc:///system has no step “power-button” "
         "(allowed "
         "at lxc:///system: initctl, signal, destroy, leave)\n"},
        {"[Daemon]\nUris=lxc:///system qemu:///system\n[Default]\nLadder=power-button destroy\n",
         NULL},
        {"[Daemon]\nUris=lxc:///system qemu:///system\n[Default]\nLadder=paravirt destroy\n",
         "has no step “paravirt”"},
        {"[Daemon]\nUris=lxc:///system\n", NULL},
        {"[Guest web]\nLadder=signal destroy\n", ":1: [Guest web]: Ladder=: libvirt's driver at "},
        {"[Daemon]\nUris=foo:///bar\n[Default]\nLadder=agent terminate destroy\n", NULL},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = vs_test_write(vs_test_dir(), "own.conf", cases[i].text);
        g_auto(CtlRun) run = {0};

        vs_test_note(cases[i].text);
        check(&run, path);
        g_assert_cmpint(run.status, ==, cases[i].says ? 1 : 0);
        if (cases[i].says)
            g_assert_nonnull(strstr(run.err->str, cases[i].says));
    }
}

static void
test_bad(void)
{
    g_autofree char *path = vs_test_write(vs_test_dir(), "own.conf", "[Guest a]\nPriority=high\n");
    g_autofree char *why = g_strdup_printf(
        "%s:2: Priority=: “high” (allowed: a number from -1000000 to 1000000)\n", path);
    g_auto(CtlRun) run = {0}, missing = {0};

    check(&run, path);
    g_assert_cmpint(run.status, ==, 1);
    g_assert_cmpstr(run.err->str, ==, why);
    g_assert_cmpstr(run.out->str, ==, "");

    g_assert_cmpint(unlink(path), ==, 0);
    check(&missing, path);
    assert_ctl(&missing, 1, "No such file or directory");
}

/* A configuration that another program makes, before it is installed. */
static void
test_pipe(void)
{
    const char *builddir = g_getenv("top_builddir") ? g_getenv("top_builddir") : ".";
    g_autofree char *line =
        g_strdup_printf("printf '[Default]\\nPriority=%%s\\n' 20 | %s/virtstopctl check-config "
                        "/dev/stdin; printf '[Default]\\nPriority=x' | %s/virtstopctl "
                        "check-config /dev/stdin",
                        builddir, builddir);
    const char *argv[] = {"/bin/sh", "-c", line, NULL};
    g_autofree char *out = NULL, *err = NULL;
    int status;

    g_assert_true(
        g_spawn_sync(NULL, (char **)argv, NULL, 0, NULL, NULL, &out, &err, &status, NULL));
    g_assert_nonnull(strstr(out, "\nPriority=20\n"));
    g_assert_true(g_str_has_prefix(err, "/dev/stdin:2: Priority=: “x” (allowed: "));
}

/* Without a FILE those that the daemon would read. */
static void
test_usual_files(void)
{
    g_auto(CtlRun) run = {0};

    g_setenv("CONFIGURATION_DIRECTORY", vs_test_dir(), TRUE);
    g_free(vs_test_write(g_getenv("CONFIGURATION_DIRECTORY"), "virtstop.conf",
                         "[Daemon]\nMaxParallel=7\n"));
    check(&run, NULL);
    assert_ctl(&run, 0, "\nMaxParallel=7\n");
    g_assert_cmpstr(run.err->str, ==, "");
}

static void
test_usage(void)
{
    static const char *const other_host[] = {"-H", "other", "check-config", NULL};
    static const char *const like_an_option[] = {"check-config", "--", "--version", NULL};
    static const char *const two[] = {"check-config", "a", "b", NULL};
    g_auto(CtlRun) remote = {0}, option = {0}, more = {0};

    ctl_run(&remote, other_host);
    assert_ctl(&remote, 2, "--host is not allowed");
    ctl_run(&option, like_an_option);
    assert_ctl(&option, 1, "“--version”: No such file or directory");
    ctl_run(&more, two);
    assert_ctl(&more, 2, "“b”");
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/check-config/good", test_good);
    g_test_add_func("/check-config/drivers", test_drivers);
    g_test_add_func("/check-config/bad", test_bad);
    g_test_add_func("/check-config/pipe", test_pipe);
    g_test_add_func("/check-config/usual-files", test_usual_files);
    g_test_add_func("/check-config/usage", test_usage);
    return g_test_run();
}
