/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "ctl-run.h"
#include "ctl/command-line.h"
#include "ctl/options.h"
#include "vs-test.h"

#define MAX_WORDS 6

static const struct {
    const char *words[MAX_WORDS];
    const char *what, *allowed; /* both must be said */
} bad[] = {
    {{"frob"}, "“frob”", "stop, list, status"},
    {{"hist"}, "did you mean “history”?", "stop, list, status"},
    {{"shutdown", "web1"}, "did you mean “stop”?", "stop, list, status"},
    {{"stpo", "--frob", "web1"}, "did you mean “stop”?", "stop, list, status"},
    {{"help", "frob"}, "“frob”", "stop, list, status"},
    {{"help", "stop", "list"}, "“list”", "virtstopctl help"},
    {{"stop"}, "stop: an argument is missing", "virtstopctl stop [OPTIONS...] DOMAIN..."},
    {{"list", "web1"}, "“web1”", "virtstopctl list [OPTIONS...]"},
    {{"extend", "web1", "60s", "more"}, "“more”", "DOMAIN|--all|--stop=ID [SPAN]"},
    {{"extend"}, "extend: Name one domain", "or --all, or --stop=ID"},
    {{"extend", "--all", "web1", "60s"}, "extend: Name one domain", "or --all"},
    {{"extend", "--all", "--stop=1f0c"}, "extend: Name one domain", "or --stop=ID"},
    {{"extend", "--all", "--stop=1f0c", "60s"}, "extend: Name one domain", "or --stop=ID"},
    {{"extend", "--all", "web1"}, "“web1”", "ms, s, min"},
    {{"extend", "--all", "--uri=qemu:///system"}, "--uri is not allowed with --all", "leave one"},
    {{"list", "--frob"}, "“--frob”", "--no-legend"},
    {{"list", "-x"}, "“-x”", "--no-legend"},
    {{"list", "--no"}, "“--no”", "--no-pager, --no-legend"},
    {{"stop", "--reson=ups", "web1"}, "did you mean --reason?", "“stop” takes --no-wait, --ladder"},
    {{"list", "--connect", "qemu:///system"}, "did you mean --uri?", "“list” takes"},
    {{"-x"}, "“-x”", "“list” takes"},
    {{"cancel", "--json=short", "web1"}, "--json is not allowed with “cancel”", "watch, stop-all"},
    {{"why", "--no-legend", "web1"}, "--no-legend is not allowed with “why”", "“list, history"},
    {{"check-config", "-H", "there"}, "--host is not allowed with “check-config”", "nothing"},
    {{"replay", "--user", "trace"}, "--user is not allowed with “replay”", "nothing"},
    {{"stop", "-n3", "web1"}, "--limit is not allowed with “stop”", "“history” only"},
    {{"list", "--name", "--json=short"}, "--name is not allowed with --json", "list"},
    {{"list", "--running", "--inactive"}, "--running is not allowed with --inactive", "list"},
    {{"list", "-c", "somewhere"}, "“somewhere”", "qemu:///system"},
    {{"history", "-n"}, "--limit needs a value", "--limit=N"},
    {{"list", "--no-pager=yes"}, "--no-pager", "takes no value"},
    {{"list", "--json=loud"}, "“loud”", "short, pretty and off"},
    {{"list", "--uri=somewhere"}, "“somewhere”", "qemu:///system"},
    {{"list", "--uri="}, "--uri=", "not empty"},
    {{"restore", "--uri=qemu:///system"}, "--uri is not allowed with “restore”", "it goes with"},
    {{"cancel", "--stop=-1"}, "--stop=: “-1” names no stop in flight", "its id"},
    {{"extend", "--stop=-1", "60s"}, "--stop=: “-1” names no stop in flight", "its id"},
    {{"why", "--stop=1f0c", "web1"}, "--stop is not allowed", "“blame, plot, cancel, extend” only"},
    {{"cancel", "--all", "--uri=qemu:///system"}, "--uri is not allowed with --all", "leave one"},
    {{"plot", "--plan", "--uri=qemu:///system"}, "--uri is not allowed with --plan", "leave one"},
    {{"list", "-H", "-oProxyCommand=true"}, "-oProxyCommand", "[USER@]HOST"},
    {{"list", "--budget=5min"},
     "--budget is not allowed with “list”",
     "“stop, stop-all, plan, plot” only"},
    {{"--limit=3", "stop", "web1"}, "--limit is not allowed with “stop”", "“history” only"},
    {{"stop", "web1", "--foreign"}, "--foreign is not allowed with “stop”", "“replay” only"},
    {{"stop", "--budget=soon", "web1"}, "“soon”", "ms, s, min"},
    {{"stop", "--budget=0", "web1"}, "“0”", "above 0"},
    {{"stop", "--budget=infinity", "web1"}, "“infinity”", "finite"},
    {{"stop", "--budget=-5", "web1"}, "“-5”", "ms, s, min"},
    {{"stop", "--ladder=agent:60s rope", "web1"}, "“rope”", "power-button"},
    {{"stop", "--ladder=", "web1"}, "--ladder=", "not empty"},
    {{"stop", "--reason=\xff", "web1"}, "\\xff", "UTF-8"},
    {{"stop", ""}, "“”", "not empty"},
    {{"stop", "web\xff"}, "“web\\xff”", "UTF-8"},
    {{"history", "-n", "-1"}, "“-1”", "0 (all)"},
    {{"history", "-n", "4294967296"}, "“4294967296”", "0 (all)"},
    {{"history", "-n", "1e3"}, "“1e3”", "0 (all)"},
    {{"extend", "web1", "soon"}, "“soon”", "ms, s, min"},
    {{"extend", "web1", "0"}, "“0”", "above 0"},
};

/* Each says what is wrong and what is allowed, before it so much as looks for a bus. */
static void
test_bad(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_auto(CtlRun) run = {0};

        ctl_run(&run, bad[i].words);
        assert_ctl(&run, 2, bad[i].what);
        assert_ctl(&run, 2, bad[i].allowed);
        g_assert_cmpstr(run.out->str, ==, "");
    }
}

static void
test_help(void)
{
    static const char *const words[] = {"--help", NULL};
    g_auto(CtlRun) run = {0};

    ctl_run(&run, words);
    for (const VsVerb *verb = vs_verbs; verb->name; verb++)
        assert_ctl(&run, 0, verb->help);
    for (const VsOption *option = vs_options; option->name; option++)
        assert_ctl(&run, 0, option->help);
    g_assert_cmpstr(run.err->str, ==, "");
}

/* A verb's help has its own options, and no other's. */
static void
test_verb_help(void)
{
    static const char *const words[] = {"history", "-h", NULL};
    g_auto(CtlRun) run = {0};

    ctl_run(&run, words);
    assert_ctl(&run, 0, "virtstopctl history [OPTIONS...] [DOMAIN...]");
    assert_ctl(&run, 0, "--limit");
    assert_ctl(&run, 0, "--json");
    g_assert_null(strstr(run.out->str, "--budget"));
    g_assert_null(strstr(run.out->str, "A SPAN is"));
}

/* Nor what means nothing for it, or is refused there. */
static void
test_verb_help_bare(void)
{
    static const char *const words[] = {"cancel", "--help", NULL};
    static const char *const others[] = {"--json", "--no-pager", "--no-legend", "of list", "-1"};
    g_auto(CtlRun) run = {0};

    ctl_run(&run, words);
    assert_ctl(&run, 0, "A DOMAIN is a name");
    assert_ctl(&run, 0, "--stop=ID ");
    for (unsigned i = 0; i < G_N_ELEMENTS(others); i++)
        g_assert_null(strstr(run.out->str, others[i]));
}

/* "help" is a verb, too, and says the same. */
static void
test_help_verb(void)
{
    static const char *const pairs[][2][4] = {
        {{"help"}, {"--help"}},
        {{"help", "history"}, {"history", "--help"}},
        {{"help", "stop-all"}, {"stop-all", "-h"}},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(pairs); i++) {
        g_auto(CtlRun) run = {0}, other = {0};

        ctl_run(&run, pairs[i][0]);
        ctl_run(&other, pairs[i][1]);
        assert_ctl(&run, 0, "virtstopctl");
        g_assert_cmpstr(run.out->str, ==, other.out->str);
    }
}

/* What ssh says is what one has to know, and not that a service may not run. */
static void
test_bad_host(void)
{
    static const char *const words[] = {"-H", "nowhere", "list", NULL};
    const char *dir = vs_test_dir();
    g_autofree char *ssh = g_build_filename(dir, "ssh", NULL);
    g_autofree char *path = g_strconcat(dir, ":", g_getenv("PATH"), NULL);
    g_auto(CtlRun) run = {0};

    g_assert_true(g_file_set_contents(
        ssh, "#!/bin/sh\necho 'ssh: Could not resolve hostname nowhere' >&2\nexit 255\n", -1,
        NULL));
    g_assert_cmpint(g_chmod(ssh, 0755), ==, 0);
    g_setenv("PATH", path, TRUE);
    ctl_run(&run, words);
    assert_ctl(&run, 1, "ssh: Could not resolve hostname nowhere\n");
    assert_ctl(&run, 1, "Can't connect to the host “nowhere” over ssh");
    g_assert_null(strstr(run.err->str, "virtstopd.service"));
}

static void
test_version(void)
{
    static const char *const words[] = {"list", "--version", NULL};
    g_auto(CtlRun) run = {0};

    ctl_run(&run, words);
    assert_ctl(&run, 0, PACKAGE_VERSION);
}

static void
test_no_bus(void)
{
    static const char *const words[] = {"list", NULL}, *const nothing[] = {NULL};
    g_autofree char *address = g_strdup_printf("unix:path=%s/nothing", vs_test_dir());
    g_auto(CtlRun) run = {0}, bare = {0};

    g_setenv("DBUS_SYSTEM_BUS_ADDRESS", address, TRUE);
    ctl_run(&run, words);
    assert_ctl(&run, 1, "virtstopd isn't on the bus");
    assert_ctl(&run, 1, address);
    assert_ctl(&run, 1, "is virtstopd.service running?");
    ctl_run(&bare, nothing);
    g_assert_cmpstr(bare.err->str, ==, run.err->str); /* it is list, too */
}

/* A user's session is where its user is, and root's is the host's. */
static void
test_user(void)
{
    static const char *const elsewhere[] = {"--user", "-H", "there", "list", NULL};
    g_auto(CtlRun) run = {0};

    g_setenv("XDG_RUNTIME_DIR", vs_test_dir(), TRUE);
    ctl_run(&run, elsewhere);
    assert_ctl(&run, 2, geteuid() == 0 ? "--user is not for root" : "--user is not allowed with");
}

/* A domain may be called like an option. */
static void
test_double_dash(void)
{
    char *argv[] = {(char *)"virtstopctl", (char *)"stop", (char *)"a", (char *)"--no-wait",
                    (char *)"--",          (char *)"--b",  NULL};
    VsCtl ctl = {0};
    VsCommandLine line;

    g_assert_true(vs_command_line_parse(&ctl, G_N_ELEMENTS(argv) - 1, argv, &line, NULL));
    g_assert_cmpstr(line.verb->name, ==, "stop");
    g_assert_cmpint(line.n_args, ==, 2);
    g_assert_cmpstr(line.args[0], ==, "a");
    g_assert_cmpstr(line.args[1], ==, "--b");
    g_assert_true(ctl.no_wait);
}

static void
test_values(void)
{
    char *argv[] = {(char *)"virtstopctl",
                    (char *)"--json=pretty",
                    (char *)"stop",
                    (char *)"web1",
                    (char *)"--budget",
                    (char *)"1min 30s",
                    (char *)"--ladder=agent:5s leave",
                    (char *)"--reason=a b",
                    (char *)"-H",
                    (char *)"root@host",
                    NULL};
    VsCtl ctl = {0};
    VsCommandLine line;

    g_assert_true(vs_command_line_parse(&ctl, G_N_ELEMENTS(argv) - 1, argv, &line, NULL));
    g_assert_cmpint(line.n_args, ==, 1);
    g_assert_cmpint(ctl.json, ==, VS_JSON_PRETTY);
    g_assert_cmpint(ctl.request.budget, ==, 90 * G_USEC_PER_SEC);
    g_assert_cmpstr(ctl.request.ladder, ==, "agent:5s leave");
    g_assert_cmpstr(ctl.request.reason, ==, "a b");
    g_assert_cmpstr(ctl.client.host, ==, "root@host");
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/options/bad", test_bad);
    g_test_add_func("/options/help", test_help);
    g_test_add_func("/options/verb-help", test_verb_help);
    g_test_add_func("/options/verb-help-bare", test_verb_help_bare);
    g_test_add_func("/options/help-verb", test_help_verb);
    g_test_add_func("/options/bad-host", test_bad_host);
    g_test_add_func("/options/version", test_version);
    g_test_add_func("/options/no-bus", test_no_bus);
    g_test_add_func("/options/values", test_values);
    g_test_add_func("/options/double-dash", test_double_dash);
    g_test_add_func("/options/user", test_user);
    return g_test_run();
}
