/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/conf-keys.h"

#include "conf/conf-daemon.h"

#include <string.h>

#include "conf-fixture.h"
#include "conf/conf-format.h"
#include "vs-test.h"

/* What the tables of keys say, and what people are told of them. */

#define DEFAULT_URI "qemu:///system"

static char *
read_source(const char *dir, const char *name)
{
    const char *top = g_getenv("top_srcdir") ? g_getenv("top_srcdir") : ".";
    g_autofree char *path = g_build_filename(top, dir, name, NULL);

    return vs_test_read(path);
}

/* @text from @from, which must be there, up to before the next @to, or all of the rest. The caller
 * owns it. */
static char *
cut(const char *text, const char *from, const char *to)
{
    const char *begin = strstr(text, from), *end;

    g_assert_nonnull(begin);
    begin += strlen(from);
    end = strstr(begin, to);
    return end ? g_strndup(begin, (gsize)(end - begin)) : g_strdup(begin);
}

static const char *
default_of(const VsConfKey *key)
{
    return key->type == VS_CONF_URIS ? DEFAULT_URI : key->fallback;
}

static void
assert_says(const char *paragraph, const char *format, const char *what)
{
    g_autofree char *text = g_strdup_printf(format, what);

    vs_test_note(text);
    g_assert_nonnull(strstr(paragraph, text));
}

/* Its default, and what is allowed. */
static void
check_paragraph(const VsConfKey *key, const char *paragraph)
{
    g_autofree char *min = g_strdup_printf("%d", key->min), *max = g_strdup_printf("%d", key->max);

    if (key->type == VS_CONF_LADDER)
        assert_says(paragraph, "``%s``", VS_LADDER_DEFAULT); /* its driver's */
    else if (*default_of(key))
        assert_says(paragraph, "``%s``", default_of(key));
    else
        assert_says(paragraph, "Default: %s", "empty");
    for (const char *const *word = key->words; *word; word++)
        assert_says(paragraph, "``%s``", *word);
    if (key->type == VS_CONF_NUMBER) {
        assert_says(paragraph, "from %s ", min);
        assert_says(paragraph, " to %s", max);
    }
    if (key->type == VS_CONF_SPAN)
        assert_says(paragraph, "``%s``", "365d");
}

static void
check_manual(const VsConfKey *keys, const char *manual, const char *header)
{
    g_autofree char *part = cut(manual, header, "\n====");

    for (; keys->name; keys++) {
        g_autofree char *term = g_strdup_printf("\n*%s=*\n", keys->name), *paragraph = NULL;

        vs_test_note(keys->name);
        paragraph = cut(part, term, "\n*");
        check_paragraph(keys, paragraph);
    }
}

static void
test_manual(void)
{
    g_autofree char *manual = read_source("man", "virtstop.conf.5.rst");
    g_autofree char *guest =
        cut(manual, "\n[GUEST GLOB] OPTIONS\n====================\n", "\n====");

    check_manual(vs_conf_daemon_keys, manual, "\n[DAEMON] OPTIONS\n================\n");
    check_manual(vs_conf_policy_keys, manual, "\n[DEFAULT] OPTIONS\n=================\n");
    for (const VsConfKey *key = vs_conf_policy_keys; key->name; key++)
        assert_says(guest, "*%s=*", key->name);
    for (const VsConfKey *key = vs_conf_guest_keys; key->name; key++)
        assert_says(guest, "*%s=*", key->name);
}

/* Each with its default, in the tables' order. */
static void
check_shipped(const VsConfKey *keys, const char *text, const char *section)
{
    g_autofree char *part = cut(text, section, "\n\n");
    g_autoptr(GString) expected = g_string_new(NULL);

    for (; keys->name; keys++)
        g_string_append_printf(expected, "\n#%s=%s", keys->name, default_of(keys));
    g_assert_cmpstr(part, ==, expected->str);
}

static void
test_shipped(void)
{
    g_autofree char *text = read_source("data", "virtstop.conf");

    check_shipped(vs_conf_daemon_keys, text, "\n[Daemon]");
    check_shipped(vs_conf_policy_keys, text, "\n[Default]");
}

/* What check-config prints of each key is read back as it was. */
static void
test_round_trip(void)
{
    g_autoptr(VsConf) conf = vs_test_conf_load_text(
        "[Daemon]\nUris=lxc:/// xen:///\nAgentCall=shutdown\nBudget=90\nMaxParallel=7\n"
        "StartDelay=1500ms\nPersistentOnly=on\nBypassCache=1\nSyncTime=y\nHookTimeout="
        "90\nHistoryMaxSize=3072\n"
        "HistoryMaxFiles=0\n"
        "[Default]\nLadder=agent save leave\nPaused=leave\nAsleep=save\nJobs=abort\nRetries=7\n"
        "ProgressGrace=7\nPriority=-3\nOnBoot=ignore\nStartDelay=90\n"
        "Restart=on-failure\nStartLimitBurst=3\nStartLimitInterval=90\nOwner=nova\n");
    g_autofree char *once = vs_conf_format(conf), *twice = NULL;
    g_autoptr(VsConf) again = vs_test_conf_load_text(once);

    twice = vs_conf_format(again);
    g_assert_cmpstr(twice, ==, once);
    g_assert_cmpstr(
        once, ==,
        "[Daemon]\nUris=lxc:/// xen:///\nAgentCall=shutdown\nBudget=1min 30s\n"
        "MaxParallel=7\nStartDelay=1s 500ms\nPersistentOnly=yes\nBypassCache=yes\n"
        "SyncTime=yes\nHookTimeout=1min 30s\nHistoryMaxSize=3K\nHistoryMaxFiles=0\n"
        "\n[Default]\nLadder=agent:1min save:5min leave\nPaused=leave\nAsleep=save\nJobs=abort\n"
        "Retries=7\nProgressGrace=7s\nPriority=-3\n"
        "OnBoot=ignore\nStartDelay=1min 30s\nRestart=on-failure\nStartLimitBurst=3\n"
        "StartLimitInterval=1min 30s\nOwner=nova\n");
}

/* A line that is refused leaves nothing behind: the URIs before the bad one, neither. */
static void
test_all_or_nothing(void)
{
    for (const VsConfKey *key = vs_conf_daemon_keys; key->name; key++) {
        g_autoptr(VsConf) conf = vs_conf_new();
        g_autofree char *before = NULL, *after = NULL;
        g_autoptr(GError) error = NULL;

        vs_test_note(key->name);
        vs_conf_type_reset(vs_conf_daemon_keys, conf);
        before = vs_conf_format(conf);
        g_assert_false(vs_conf_type_set(key, conf, "lxc:/// \x1b?", &error));
        g_assert_nonnull(error);
        g_assert_null(strchr(error->message, '\x1b'));
        after = vs_conf_format(conf);
        g_assert_cmpstr(after, ==, before);
    }
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/conf-keys/manual", test_manual);
    g_test_add_func("/conf-keys/shipped", test_shipped);
    g_test_add_func("/conf-keys/round-trip", test_round_trip);
    g_test_add_func("/conf-keys/all-or-nothing", test_all_or_nothing);
    return g_test_run();
}
