/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/conf-load.h"

#include <string.h>

#include "conf-fixture.h"
#include "util/span.h"
#include "vs-test.h"

/* The warning number @i ends so; before it stand file and line. */
static void
check_warning(const VsConf *conf, unsigned i, const char *expected)
{
    g_assert_cmpuint(conf->warnings->len, >, i);

    const char *warning = conf->warnings->pdata[i];
    const char *place = strstr(warning, "virtstop.conf:");
    g_assert_nonnull(place);
    g_assert_cmpstr(place, ==, expected);
}

static void
test_defaults(void)
{
    g_autoptr(VsConf) conf = vs_test_conf_load_text("");

    vs_test_conf_check_defaults(conf);
    g_assert_cmpuint(conf->warnings->len, ==, 0);
}

static void
test_every_key(void)
{
    g_autoptr(VsConf) conf =
        vs_test_conf_load_text("[Daemon]\n"
                               "Uris=qemu:///session lxc:///\n"
                               "AgentCall=shutdown\n"
                               "HistoryMaxSize=3M\n"
                               "HistoryMaxFiles=0\n"
                               "Budget=5min\n"
                               "MaxParallel=100000\n"
                               "StartDelay=1500ms\n"
                               "PersistentOnly=yes\n"
                               "BypassCache=on\n"
                               "SyncTime=1\n"
                               "[Default]\n"
                               "Ladder=power-button:5min,press=2,gap=500ms leave\n"
                               "Paused=leave\n"
                               "Priority=12\n"
                               "OnBoot=ignore\n");

    vs_test_conf_check_uris(conf, "qemu:///session lxc:///");
    g_assert_false(conf->agent_command);
    g_assert_cmpuint(conf->history_size, ==, 3 * 1024 * 1024);
    g_assert_cmpuint(conf->history_files, ==, 0);
    vs_test_conf_check_ladder(conf, "power-button:5min,press=2,gap=500ms leave");
    g_assert_cmpint(conf->policy.all.paused, ==, VS_PAUSED_LEAVE);
    g_assert_cmpint(conf->policy.all.priority, ==, 12);
    g_assert_cmpint(conf->policy.all.on_boot, ==, VS_ON_BOOT_IGNORE);
    g_assert_cmpint(conf->policy.budget, ==, 300 * VS_USEC_PER_SEC);
    g_assert_cmpuint(conf->policy.max_parallel, ==, 100000);
    g_assert_cmpint(conf->policy.start_delay, ==, 1500 * VS_USEC_PER_MSEC);
    g_assert_true(conf->policy.persistent_only);
    g_assert_true(conf->policy.bypass_cache);
    g_assert_true(conf->policy.sync_time);
    g_assert_cmpuint(conf->warnings->len, ==, 0);
}

/* What we ship says what holds without it: commented out nothing, and uncommented the same.
 * test-conf-keys.c sees that no key is missing there. */
static void
test_shipped_file(void)
{
    g_autofree char *path = g_build_filename(g_getenv("top_srcdir") ? g_getenv("top_srcdir") : ".",
                                             "data", "virtstop.conf", NULL);
    g_autofree char *text = vs_test_read(path);
    g_autoptr(VsConf) shipped = vs_test_conf_load_text(text);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (char **line = lines; *line; line++)
        if (**line == '#' && g_ascii_isupper((*line)[1]))
            (*line)[0] = ' ';
    g_autofree char *uncommented = g_strjoinv("\n", lines);
    g_autoptr(VsConf) conf = vs_test_conf_load_text(uncommented);

    g_assert_cmpstr(uncommented, !=, text);
    vs_test_conf_check_defaults(shipped);
    vs_test_conf_check_defaults(conf);
    g_assert_cmpuint(shipped->warnings->len + conf->warnings->len, ==, 0);
}

static void
test_last_wins(void)
{
    g_autoptr(VsConf) conf =
        vs_test_conf_load_text("[Default]\nPaused=leave\nPaused=resume\nLadder=leave\n"
                               "[Daemon]\nHistoryMaxFiles=3\n[Default]\nLadder=destroy\n");

    g_assert_cmpint(conf->policy.all.paused, ==, VS_PAUSED_RESUME);
    vs_test_conf_check_ladder(conf, "destroy");
}

static void
test_empty_is_default(void)
{
    g_autoptr(VsConf) conf =
        vs_test_conf_load_text("[Daemon]\nAgentCall=shutdown\nAgentCall=\n"
                               "HistoryMaxSize=1\nHistoryMaxSize=\nUris=lxc:///\nUris=\n"
                               "HistoryMaxFiles=1\nHistoryMaxFiles=\nBudget=5min\nBudget=\n"
                               "MaxParallel=2\nMaxParallel=\nStartDelay=1\nStartDelay=\n"
                               "PersistentOnly=yes\nPersistentOnly=\nBypassCache=yes\n"
                               "BypassCache=\nSyncTime=yes\nSyncTime=\n"
                               "[Default]\nLadder=leave\nLadder=\nPaused=leave\nPaused=\n"
                               "Priority=9\nPriority=\nOnBoot=ignore\nOnBoot=\n");

    vs_test_conf_check_defaults(conf);
}

static void
test_uris(void)
{
    g_autoptr(VsConf) list =
        vs_test_conf_load_text("[Daemon]\nUris=test:///default\n"
                               "Uris=  qemu+ssh://root@host.example:22/system?no_verify=1\t"
                               "test:///default\nUris=xen:///\nUris=xen:///\n");
    g_autoptr(VsConf) reset =
        vs_test_conf_load_text("[Daemon]\nUris=test:///default\nUris=\nUris=xen:///\n");

    vs_test_conf_check_uris(
        list, "test:///default qemu+ssh://root@host.example:22/system?no_verify=1 xen:///");
    vs_test_conf_check_uris(reset, "xen:///");
}

static void
test_bad_uri(void)
{
    static const char *const bad[] = {"qemu",   "qemu:/system", "://x",          "qemu://",
                                      "1a://x", "qe mu:///x",   "qemu:///a\x1b", "/system"};

    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *text = g_strdup_printf("[Daemon]\nUris=test:///default %s\n", bad[i]);
        g_autofree char *why = vs_test_conf_refuse(text);

        g_assert_true(g_str_has_prefix(why, ":2: Uris=: “"));
        g_assert_null(strchr(why, '\x1b'));
    }
    vs_test_conf_check_refused(
        "[Daemon]\nUris=qemu\n",
        ":2: Uris=: “qemu” (allowed: libvirt URIs with spaces between them, such as "
        "qemu:///system lxc:///)");
}

static void
check_size(const char *value, size_t expected)
{
    g_autofree char *text = g_strdup_printf("[Daemon]\nHistoryMaxSize=%s\n", value);
    g_autoptr(VsConf) conf = vs_test_conf_load_text(text);

    g_assert_cmpuint(conf->history_size, ==, expected);
}

static void
test_size(void)
{
    static const char *const bad[] = {
        "M",  "-1",  "1.5M", "1 M", "1T", "1MB", "0x10", "99999999999999999999", "99999999999G",
        "+1", "many"};

    check_size("0", 0);
    check_size("1000", 1000);
    check_size("1K", 1024);
    check_size("2M", 2 * 1024 * 1024);
    check_size("1G", 1024 * 1024 * 1024);
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *text = g_strdup_printf("[Daemon]\nHistoryMaxSize=%s\n", bad[i]);
        g_autofree char *expected = g_strdup_printf(":2: HistoryMaxSize=: “%s” (allowed: bytes, or "
                                                    "with K, M or G behind the number; 0 for no "
                                                    "limit)",
                                                    bad[i]);

        vs_test_conf_check_refused(text, expected);
    }
}

static void
test_bad_value(void)
{
    vs_test_conf_check_refused("[Daemon]\n\nAgentCall=Command\n",
                               ":3: AgentCall=: “Command” (allowed: command, shutdown)");
    vs_test_conf_check_refused("[Default]\nPaused=yes\n",
                               ":2: Paused=: “yes” (allowed: resume, save, destroy, leave)");
    vs_test_conf_check_refused("[Daemon]\nHistoryMaxFiles=1001\n",
                               ":2: HistoryMaxFiles=: “1001” (allowed: a number from 0 to 1000)");
    vs_test_conf_check_refused("[Daemon]\nHistoryMaxFiles=-1\n",
                               ":2: HistoryMaxFiles=: “-1” (allowed: a number from 0 to 1000)");
    vs_test_conf_check_refused("[Daemon]\nMaxParallel=100001\n",
                               ":2: MaxParallel=: “100001” (allowed: a number from 0 to 100000)");
    vs_test_conf_check_refused(
        "[Daemon]\nBudget=infinity\n",
        ":2: Budget=: “infinity” (allowed: a time span up to 365d, such as 5min)");
    vs_test_conf_check_refused("[Daemon]\nSyncTime=maybe\n",
                               ":2: SyncTime=: “maybe” (allowed: yes, true, on, 1, no, false, "
                               "off, 0)");
    vs_test_conf_check_refused("[Default]\nOnBoot=stop\n",
                               ":2: OnBoot=: “stop” (allowed: start, ignore)");
}

/* Somebody who knows other files writes them there. */
static void
test_comment_behind_value(void)
{
    static const char *const lines[] = {
        "[Daemon]\nBudget=5min   # for all guests", "[Daemon]\nMaxParallel=3 ; at once",
        "[Daemon]\nSyncTime=yes\t# by the agent",   "[Daemon]\nUris=qemu:///system # the host's",
        "[Default]\nLadder=agent leave # never",    "[Default]\nPaused=#leave",
        "[Daemon]\n[Guest web-*] # these",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
        g_autofree char *why = vs_test_conf_refuse(lines[i]);

        vs_test_note(why);
        g_assert_true(g_str_has_prefix(why, ":2: "));
        g_assert_true(g_str_has_suffix(why, "); a comment has to stand on a line of its own"));
    }
}

/* In systemd's words. */
static void
test_bool(void)
{
    static const struct {
        const char *word;
        bool value;
    } good[] = {
        {"yes", true},  {"no", false}, {"true", true}, {"false", false}, {"on", true},
        {"off", false}, {"1", true},   {"0", false},   {"Yes", true},    {"NO", false},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
        g_autofree char *text = g_strdup_printf("[Daemon]\nBypassCache=%s\nBypassCache=%s\n",
                                                good[i].value ? "no" : "yes", good[i].word);
        g_autoptr(VsConf) conf = vs_test_conf_load_text(text);

        vs_test_note(good[i].word);
        g_assert_true(conf->policy.bypass_cache == good[i].value);
    }
}

static void
test_bad_span(void)
{
    g_autofree char *budget = vs_test_conf_refuse("[Daemon]\nBudget=5 parsecs\n");
    g_autofree char *delay = vs_test_conf_refuse("[Daemon]\nStartDelay=-1\n");

    g_assert_true(g_str_has_prefix(budget, ":2: Budget=: “5 parsecs” is not a time span: "));
    g_assert_true(g_str_has_prefix(delay, ":2: StartDelay=: “-1” is not a time span: "));
}

/* The ladder's own message, with the place of the line where the value begins. */
static void
test_bad_ladder(void)
{
    g_autofree char *step = vs_test_conf_refuse("[Default]\nLadder=agent:60s \\\n ask-nicely\n");
    g_autofree char *span = vs_test_conf_refuse("[Default]\nLadder=agent:10parsecs\n");

    g_assert_true(g_str_has_prefix(step, ":2: Ladder=: "));
    g_assert_nonnull(strstr(step, "“ask-nicely”"));
    g_assert_nonnull(strstr(step, "power-button"));
    g_assert_true(g_str_has_prefix(span, ":2: Ladder=: "));
    g_assert_nonnull(strstr(span, "unknown unit “parsecs”"));
}

static void
test_unknown(void)
{
    g_autoptr(VsConf) conf =
        vs_test_conf_load_text("[Daemon]\nFoo=1\nuris=x\nX-Mine=1\n[X-Own]\nFoo=1\n"
                               "[Deamon]\nUris=x\nFoo=1\n[Default]\nF\x1boo=1\n");

    vs_test_conf_check_defaults(conf);
    g_assert_cmpuint(conf->warnings->len, ==, 4);
    check_warning(conf, 0, "virtstop.conf:2: unknown key “Foo=” in section [Daemon], ignored");
    check_warning(conf, 1, "virtstop.conf:3: unknown key “uris=” in section [Daemon], ignored");
    check_warning(conf, 2, "virtstop.conf:7: unknown section [Deamon], ignored");
    check_warning(conf, 3,
                  "virtstop.conf:11: unknown key “F\\x1boo=” in section [Default], ignored");
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/conf/defaults", test_defaults);
    g_test_add_func("/conf/every-key", test_every_key);
    g_test_add_func("/conf/shipped-file", test_shipped_file);
    g_test_add_func("/conf/last-wins", test_last_wins);
    g_test_add_func("/conf/empty-is-default", test_empty_is_default);
    g_test_add_func("/conf/uris", test_uris);
    g_test_add_func("/conf/bad-uri", test_bad_uri);
    g_test_add_func("/conf/size", test_size);
    g_test_add_func("/conf/bad-value", test_bad_value);
    g_test_add_func("/conf/comment-behind-value", test_comment_behind_value);
    g_test_add_func("/conf/bool", test_bool);
    g_test_add_func("/conf/bad-span", test_bad_span);
    g_test_add_func("/conf/bad-ladder", test_bad_ladder);
    g_test_add_func("/conf/unknown", test_unknown);
    return g_test_run();
}
