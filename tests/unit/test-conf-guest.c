/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/conf-format.h"
#include "conf/conf-load.h"

#include <string.h>
#include <sys/stat.h>

#include "conf-fixture.h"
#include "core/origin.h"
#include "util/error.h"
#include "util/span.h"
#include "vs-test.h"

/* A guest of that name. */
#define NAMED(guest) (&(VsWho){.name = (guest), .uri = "qemu:///system"})

static const VsSection *
section(const VsConf *conf, unsigned i)
{
    g_assert_cmpuint(i, <, conf->policy.sections->len);
    return conf->policy.sections->pdata[i];
}

static void
check_words(char **words, const char *expected)
{
    g_autofree char *text = g_strjoinv("|", words);

    g_assert_cmpstr(text, ==, expected);
}

static void
check_ladder(const VsGuestPolicy *policy, const char *expected)
{
    g_autofree char *text = vs_ladder_format(&policy->ladder);

    g_assert_cmpstr(text, ==, expected);
}

static void
test_every_key(void)
{
    g_autoptr(VsConf) conf =
        vs_test_conf_load_text("[Guest web-*]\n"
                               "Ladder=power-button:5min,press=2,gap=500ms leave\n"
                               "Paused=leave\n"
                               "Priority=-1000000\n"
                               "OnBoot=ignore\n"
                               "Before=db-* @storage\n"
                               "After=lb1\n"
                               "Group=front storage\n");
    const VsSection *web = section(conf, 0);

    g_assert_cmpuint(conf->warnings->len, ==, 0);
    g_assert_cmpstr(web->glob, ==, "web-*");
    g_assert_cmpuint(web->says, ==,
                     VS_POLICY_LADDER | VS_POLICY_PAUSED | VS_POLICY_PRIORITY | VS_POLICY_ON_BOOT);
    check_ladder(&web->policy, "power-button:5min,press=2,gap=500ms leave");
    g_assert_cmpint(web->policy.paused, ==, VS_PAUSED_LEAVE);
    g_assert_cmpint(web->policy.priority, ==, -1000000);
    g_assert_cmpint(web->policy.on_boot, ==, VS_ON_BOOT_IGNORE);
    check_words(web->before, "db-*|@storage");
    check_words(web->after, "lb1");
    check_words(web->groups, "front|storage");
    vs_test_conf_check_defaults(conf);
}

/* A section that says nothing leaves all to [Default]. */
static void
test_says_nothing(void)
{
    g_autoptr(VsConf) conf = vs_test_conf_load_text("[Guest web-*]\n[Default]\nPriority=7\n");
    VsGuestPolicy policy;

    g_assert_cmpuint(section(conf, 0)->says, ==, 0);
    check_words(section(conf, 0)->before, "");
    vs_policy_resolve(&conf->policy, NAMED("web-1"), NULL, &policy);
    g_assert_cmpint(policy.priority, ==, 7);
    g_assert_cmpint(policy.on_boot, ==, VS_ON_BOOT_START);
}

static void
test_last_match_wins(void)
{
    g_autoptr(VsConf) conf = vs_test_conf_load_text("[Guest *]\nPriority=1\nPaused=leave\n"
                                                    "[Default]\nOnBoot=ignore\n"
                                                    "[Guest web-*]\nPriority=2\n"
                                                    "[Guest web-1]\nLadder=leave\n"
                                                    "[Guest web-*]\nPriority=3\n");
    VsGuestPolicy policy;

    g_assert_cmpuint(conf->policy.sections->len, ==, 4);
    vs_policy_resolve(&conf->policy, NAMED("web-1"), NULL, &policy);
    g_assert_cmpint(policy.priority, ==, 3);
    g_assert_cmpint(policy.paused, ==, VS_PAUSED_LEAVE);
    g_assert_cmpint(policy.on_boot, ==, VS_ON_BOOT_IGNORE);
    check_ladder(&policy, "leave");
    vs_policy_resolve(&conf->policy, NAMED("db"), NULL, &policy);
    g_assert_cmpint(policy.priority, ==, 1);
    check_ladder(&policy, "agent:1min power-button:2min destroy");
}

static void
test_where(void)
{
    g_autofree char *file = g_build_filename(vs_test_dir(), "virtstop.conf", NULL);
    g_autoptr(GError) error = NULL;

    g_assert_true(
        g_file_set_contents(file, "[Guest a]\n\n# b\n[Guest b \\\n c]\nPriority=1\n", -1, NULL));
    g_autoptr(VsConf) conf = vs_conf_load_file(VS_SCOPE_SYSTEM, file, &error);
    g_assert_no_error(error);

    g_autofree char *first = g_strconcat(file, ":1", NULL), *second = g_strconcat(file, ":4", NULL);
    g_assert_cmpstr(section(conf, 0)->where, ==, first);
    g_assert_cmpstr(section(conf, 1)->where, ==, second);
}

static void
check_before(const char *value, const char *expected)
{
    g_autofree char *text = g_strdup_printf("[Guest x]\nBefore=%s\n", value);
    g_autoptr(VsConf) conf = vs_test_conf_load_text(text);

    vs_test_note(value);
    check_words(section(conf, 0)->before, expected);
}

static void
test_quoting(void)
{
    check_before("a b\t c", "a|b|c");
    check_before("\"my vm\" b", "my vm|b");
    check_before("'my \"own\" vm' \"bob's\"", "my \"own\" vm|bob's");
    check_before("my\\ vm a\\\\b \\\"x bob\\'s", "my vm|a\\b|\"x|bob's");
    check_before("\"a \\\" b\" web\" \"1", "a \" b|web 1");
    check_before("a#b 名前", "a#b|名前");
}

static void
test_bad_quoting(void)
{
    static const char *const bad[] = {"\"my vm", "my vm'", "a\\b", "\"a\\", "a 'b\\'"};

    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *text = g_strdup_printf("[Guest x]\nAfter=%s\n", bad[i]);
        g_autofree char *why = vs_test_conf_refuse(text);

        vs_test_note(bad[i]);
        g_assert_true(g_str_has_prefix(why, ":2: After=: “"));
        g_assert_nonnull(strstr(why, "(allowed: words with spaces between them, \"my vm\""));
    }
}

/* They would else be names, and nobody would wait for those he thinks of. */
static void
test_comment_in_list(void)
{
    static const char *const keys[] = {"Before", "After", "Group"};

    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        for (size_t j = 0; j < 2; j++) {
            const char *comment = j == 0 ? "# all of them" : ";all of them";
            g_autofree char *text = g_strdup_printf("[Guest x]\n%s=db  %s\n", keys[i], comment);
            g_autofree char *expected =
                g_strdup_printf(":2: %s=: “%s” (allowed: words with spaces between them, in quotes "
                                "where one begins with # or ;); a comment has to stand on a line "
                                "of its own",
                                keys[i], comment);

            vs_test_conf_check_refused(text, expected);
        }
    }
    check_before("a '#b' \";c\" d#e", "a|#b|;c|d#e");
}

static void
test_glob(void)
{
    static const struct {
        const char *header, *glob;
    } good[] = {
        {"[Guest web-*]", "web-*"},
        {"[ Guest \t web ]", "web"},
        {"[Guest my vm]", "my vm"},
        {"[Guest \"my vm\"]", "my vm"},
        {"[Guest ' x']", " x"},
        {"[Guest a[1]]", "a[1]"},
        {"[Guest bob's vm]", "bob's vm"},
        {"[Guest a\\b]", "a\\b"},
        {"[Guest \"\\\"x\\\"\"]", "\"x\""},
        {"[Guest @x]", "@x"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
        g_autoptr(VsConf) conf = vs_test_conf_load_text(good[i].header);

        vs_test_note(good[i].header);
        g_assert_cmpstr(section(conf, 0)->glob, ==, good[i].glob);
        g_assert_cmpuint(conf->warnings->len, ==, 0);
    }
}

static void
test_bad_glob(void)
{
    static const char *const bad[] = {"Guest", "Guest \"\"", "Guest \"a", "Guest \"a\" b"};

    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *text =
            g_strdup_printf("[Guest x]\nPriority=1\n\n[%s]\nPriority=2\n", bad[i]);
        g_autofree char *expected =
            g_strdup_printf(":4: section [%s] names no guests (allowed: [Guest GLOB], such as "
                            "[Guest web-*] or [Guest \"my vm\"])",
                            bad[i]);

        vs_test_conf_check_refused(text, expected);
    }
}

/* What only begins alike is another section, and its keys are nobody's. */
static void
test_no_guest_section(void)
{
    g_autoptr(VsConf) conf =
        vs_test_conf_load_text("[Guests]\nPriority=1\n[guest x]\nPriority=none\n");

    g_assert_cmpuint(conf->policy.sections->len, ==, 0);
    g_assert_cmpuint(conf->warnings->len, ==, 2);
    g_assert_true(g_str_has_suffix(conf->warnings->pdata[0], ":1: unknown section [Guests], "
                                                             "ignored"));
}

static void
test_lists_add_up(void)
{
    g_autoptr(VsConf) conf =
        vs_test_conf_load_text("[Guest x]\nBefore=a\nBefore=b \"c d\"\nAfter=e\nAfter=\nAfter=f\n"
                               "Group=g\nGroup=\n"
                               "[Guest x]\nBefore=\n");

    check_words(section(conf, 0)->before, "a|b|c d");
    check_words(section(conf, 0)->after, "f");
    check_words(section(conf, 0)->groups, "");
    check_words(section(conf, 1)->before, "");
}

/* Empty takes back what this section said, and only that. */
static void
test_empty_takes_back(void)
{
    g_autoptr(VsConf) conf =
        vs_test_conf_load_text("[Guest x]\nPriority=5\n"
                               "[Guest x]\nPriority=6\nPriority=\nLadder=leave\nLadder=\n"
                               "Paused=leave\nPaused=\nOnBoot=ignore\nOnBoot=\n");
    VsGuestPolicy policy;

    g_assert_cmpuint(section(conf, 1)->says, ==, 0);
    vs_policy_resolve(&conf->policy, NAMED("x"), NULL, &policy);
    g_assert_cmpint(policy.priority, ==, 5);
    check_ladder(&policy, "agent:1min power-button:2min destroy");
}

static void
test_bad_value(void)
{
    static const struct {
        const char *line, *why;
    } bad[] = {
        {"Priority=1000001", "Priority=: “1000001” (allowed: a number from -1000000 to 1000000)"},
        {"Priority=1.5", "Priority=: “1.5” (allowed: a number from -1000000 to 1000000)"},
        {"Priority=high", "Priority=: “high” (allowed: a number from -1000000 to 1000000)"},
        {"Paused=yes", "Paused=: “yes” (allowed: resume, save, destroy, leave)"},
        {"OnBoot=yes", "OnBoot=: “yes” (allowed: start, ignore)"},
        {"Group=a @b", "Group=: “@b” (allowed: names of groups, without @, * and ?)"},
        {"Group=a*", "Group=: “a*” (allowed: names of groups, without @, * and ?)"},
        {"Group=\"\"", "Group=: “” (allowed: names of groups, without @, * and ?)"},
        {"Before=\"\"", "Before=: “” (allowed: names, globs and UUIDs of guests, title:GLOB, "
                        "tag:WORD, uri:GLOB, and @GROUP)"},
        {"Before=a @", "Before=: “@” (allowed: names, globs and UUIDs of guests, title:GLOB, "
                       "tag:WORD, uri:GLOB, and @GROUP)"},
        {"After=@a*", "After=: “@a*” (allowed: names, globs and UUIDs of guests, title:GLOB, "
                      "tag:WORD, uri:GLOB, and @GROUP)"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *text = g_strdup_printf("[Guest x]\n\n%s\n", bad[i].line);
        g_autofree char *expected = g_strdup_printf(":3: %s", bad[i].why);

        vs_test_conf_check_refused(text, expected);
    }
    g_autofree char *ladder = vs_test_conf_refuse("[Guest x]\nLadder=agent rope\n");
    g_assert_true(g_str_has_prefix(ladder, ":2: Ladder=: Ladder step “rope”: "));
}

static void
check_warning(const VsConf *conf, unsigned i, const char *end)
{
    g_assert_cmpuint(i, <, conf->warnings->len);
    g_assert_cmpstr(strstr(conf->warnings->pdata[i], "virtstop.conf:"), ==, end);
}

static void
test_warnings(void)
{
    g_autoptr(VsConf) conf = vs_test_conf_load_text("[Guest we\x1b-*]\nFoo=1\nX-Mine=1\nBudget=1\n"
                                                    "[Guest b]\nAfter=@there\nBefore=@nobody x\n"
                                                    "[Guest c]\nGroup=there\n");

    g_assert_cmpuint(conf->warnings->len, ==, 3);
    check_warning(conf, 0,
                  "virtstop.conf:2: unknown key “Foo=” in section [Guest we\\x1b-*], ignored");
    check_warning(conf, 1,
                  "virtstop.conf:4: unknown key “Budget=” in section [Guest we\\x1b-*], ignored");
    check_warning(conf, 2,
                  "virtstop.conf:5: Before=: “@nobody” has no guests: no section has such a "
                  "Group=");
}

static void
put(const char *dir, const char *name, const char *text)
{
    g_free(vs_test_write(dir, name, text));
}

/* The order of reading is the order of the sections; a drop-in's own header begins its own. */
static void
test_drop_ins(void)
{
    const char *dir = vs_test_dir();
    const char *const dirs[] = {dir, NULL};
    g_autofree char *drop_ins = g_build_filename(dir, "virtstop.conf.d", NULL);
    g_autoptr(GError) error = NULL;
    VsGuestPolicy policy;

    g_assert_cmpint(mkdir(drop_ins, 0700), ==, 0);
    put(dir, "virtstop.conf", "[Guest web-*]\nPriority=1\nBefore=db\n");
    put(drop_ins, "20-b.conf", "[Guest web-*]\nPriority=20\nBefore=\n");
    put(drop_ins, "10-a.conf", "[Guest web-1]\nPriority=10\nPaused=leave\n");

    g_autoptr(VsConf) conf = vs_conf_load_dirs(VS_SCOPE_SYSTEM, dirs, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(conf->policy.sections->len, ==, 3);
    g_assert_cmpstr(section(conf, 1)->glob, ==, "web-1");
    g_assert_true(g_str_has_suffix(section(conf, 1)->where, "/virtstop.conf.d/10-a.conf:1"));
    g_assert_true(g_str_has_suffix(section(conf, 2)->where, "/virtstop.conf.d/20-b.conf:1"));
    check_words(section(conf, 0)->before, "db");
    vs_policy_resolve(&conf->policy, NAMED("web-1"), NULL, &policy);
    g_assert_cmpint(policy.priority, ==, 20);
    g_assert_cmpint(policy.paused, ==, VS_PAUSED_LEAVE);
}

/* What was good before stays good to its owner when another load fails. */
static void
test_failed_load(void)
{
    const char *dir = vs_test_dir();
    const char *const dirs[] = {dir, NULL};
    g_autofree char *drop_ins = g_build_filename(dir, "virtstop.conf.d", NULL);
    g_autoptr(GError) error = NULL;
    VsPolicy shared;
    VsGuestPolicy policy;

    g_assert_cmpint(mkdir(drop_ins, 0700), ==, 0);
    put(dir, "virtstop.conf", "[Guest a]\nPriority=1\nBefore=b\n");
    g_autoptr(VsConf) good = vs_conf_load_dirs(VS_SCOPE_SYSTEM, dirs, &error);
    g_assert_no_error(error);
    vs_policy_copy(&shared, &good->policy);

    put(drop_ins, "10.conf", "[Guest a]\nPriority=2\nBefore=c\nAfter=d \"e\n");
    g_assert_null(vs_conf_load_dirs(VS_SCOPE_SYSTEM, dirs, &error));
    g_assert_error(error, VS_ERROR, VS_ERROR_INVALID);
    g_assert_nonnull(strstr(error->message, "virtstop.conf.d/10.conf:4: After=: “d \"e”"));
    vs_policy_resolve(&shared, NAMED("a"), NULL, &policy);
    g_assert_cmpint(policy.priority, ==, 1);
    g_assert_cmpuint(shared.sections->len, ==, 1);
    vs_policy_clear(&shared);
}

/* What check-config prints is a configuration that says the same. */
static void
test_format(void)
{
    g_autoptr(VsConf) conf =
        vs_test_conf_load_text("[Daemon]\nUris=test:///default\nAgentCall=shutdown\nBudget=90\n"
                               "MaxParallel=3\nStartDelay=500ms\nPersistentOnly=on\n"
                               "BypassCache=1\nSyncTime=TRUE\nHistoryMaxSize=1000\n"
                               "[Default]\nPriority=4\nOnBoot=ignore\n"
                               "[Guest ' my \"vm\"']\nPriority=-5\nGroup=s t\n"
                               "Before=\"a b\" 'c\"d' e\\\\f bob\\'s '#g' ';'\nAfter=@s\n"
                               "[Guest my vm]\nPaused=leave\nLadder=leave\n"
                               "[Guest none]\n");
    g_autofree char *first = vs_conf_format(conf);
    g_autoptr(VsConf) again = vs_test_conf_load_text(first);
    g_autofree char *second = vs_conf_format(again);
    g_auto(GStrv) first_lines = g_strsplit(first, "\n", -1);
    g_auto(GStrv) second_lines = g_strsplit(second, "\n", -1);

    g_assert_cmpuint(g_strv_length(first_lines), ==, g_strv_length(second_lines));
    for (unsigned i = 0; first_lines[i]; i++)
        if (*first_lines[i] != '#')
            g_assert_cmpstr(first_lines[i], ==, second_lines[i]);
    g_assert_nonnull(strstr(first, "\nBudget=1min 30s\nMaxParallel=3\nStartDelay=500ms\n"
                                   "PersistentOnly=yes\nBypassCache=yes\nSyncTime=yes\n"
                                   "HookTimeout=10s\nHistoryMaxSize=1000\n"));
    g_assert_nonnull(strstr(first, "virtstop.conf:19\n[Guest my vm]\nLadder=leave\n"
                                   "Paused=leave\n"));
    g_assert_cmpstr(section(again, 0)->glob, ==, " my \"vm\"");
    check_words(section(again, 0)->before, "a b|c\"d|e\\f|bob's|#g|;");
}

static void
test_kinds(void)
{
    g_autoptr(VsConf) conf =
        vs_test_conf_load_text("[Guest title:The Database*]\nPriority=3\n"
                               "[Guest 6695EB01-f6a4-8304-79aa-97f2502e193f]\nPriority=4\n"
                               "[Guest \"tag:two words\"]\nBefore=\"title:my db\" tag:x uri:*\n");
    VsWho who = {.name = "The Database", .title = "The Database of X"};
    VsGuestPolicy policy;

    vs_policy_resolve(&conf->policy, &who, NULL, &policy);
    g_assert_cmpint(policy.priority, ==, 3);
    who.uuid = "6695eb01-f6a4-8304-79aa-97f2502e193f";
    vs_policy_resolve(&conf->policy, &who, NULL, &policy);
    g_assert_cmpint(policy.priority, ==, 4);
    check_words(section(conf, 2)->before, "title:my db|tag:x|uri:*");
    vs_test_conf_check_refused("[Guest a]\n[Guest tag:]\n",
                               ":2: “tag:” means no guest (allowed: a name or a glob such as "
                               "web-*, a UUID, title:GLOB, tag:WORD, uri:GLOB, and name:GLOB)");
    vs_test_conf_check_refused("[Guest a]\nBefore=b title:\n",
                               ":2: Before=: “title:” (allowed: names, globs and UUIDs of guests, "
                               "title:GLOB, tag:WORD, uri:GLOB, and @GROUP)");
}

/* Where each value was said last; what is taken back was said nowhere. */
static void
test_places(void)
{
    g_autoptr(VsConf) conf =
        vs_test_conf_load_text("[Guest a]\nPriority=3\nPriority=4\nPaused=leave\nPaused=\n"
                               "[Default]\nPriority=1\nOnBoot=ignore\nOnBoot=\n");
    const VsSection *a = section(conf, 0);

    g_assert_true(g_str_has_suffix(vs_policy_place(a->places, "Priority"), "virtstop.conf:3"));
    g_assert_null(vs_policy_place(a->places, "Paused"));
    g_assert_true(
        g_str_has_suffix(vs_policy_place(conf->policy.places, "Priority"), "virtstop.conf:7"));
    g_assert_null(vs_policy_place(conf->policy.places, "OnBoot"));
    g_assert_null(vs_policy_place(NULL, "OnBoot"));
}

/* Of those who say how long to wait the nearest one is believed, and named. */
static void
test_start_delay(void)
{
    const char *const said[] = {"StartDelay=7s", NULL};
    g_autoptr(VsLabels) labels = vs_labels_new(NULL, "", "", said);
    VsDomainId domain = {.uri = (char *)"test:///default",
                         .name = (char *)"a",
                         .uuid = {"6695eb01-f6a4-8304-79aa-97f2502e193f"}};
    static const struct {
        const char *conf, *value, *origin, *where;
        bool own;
    } cases[] = {
        {"", "0", "built-in", NULL},
        {"[Daemon]\nStartDelay=2\n", "2s", "default", ":2"},
        {"[Default]\nStartDelay=3\n[Daemon]\nStartDelay=2\n", "3s", "default", ":2"},
        {"[Default]\nStartDelay=3\nStartDelay=\n[Daemon]\nStartDelay=2\n", "2s", "default", ":5"},
        {"[Default]\nStartDelay=3\n[Guest a]\nStartDelay=0\n", "0", "section", ":4"},
        {"[Guest a]\nStartDelay=4\n[Guest *]\nStartDelay=\n", "4s", "section", ":2"},
        {"[Guest a]\nStartDelay=4\n", "7s", "metadata", NULL, true},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(VsConf) conf = vs_test_conf_load_text(cases[i].conf);
        g_autoptr(GPtrArray) lines =
            vs_policy_explain(&conf->policy, &domain, cases[i].own ? labels : NULL);
        const VsPolicyLine *line = NULL;

        vs_test_note(cases[i].conf);
        for (unsigned j = 0; j < lines->len; j++)
            if (g_str_equal(((VsPolicyLine *)lines->pdata[j])->key, "StartDelay"))
                line = lines->pdata[j];
        g_assert_nonnull(line);
        g_assert_cmpstr(line->value, ==, cases[i].value);
        g_assert_cmpstr(vs_origin_name(line->origin), ==, cases[i].origin);
        g_assert_true(cases[i].where ? g_str_has_suffix(line->where, cases[i].where)
                                     : !line->where);
    }
}

/* Lists add up: each section that says something of one is named, and no other. */
static void
test_lists_explained(void)
{
    VsDomainId domain = {.uri = (char *)"test:///default",
                         .name = (char *)"a",
                         .uuid = {"6695eb01-f6a4-8304-79aa-97f2502e193f"}};
    g_autoptr(VsConf) conf =
        vs_test_conf_load_text("[Guest a]\nGroup=x\n[Guest *]\nPriority=1\n[Guest a*]\nGroup=y\n");
    g_autoptr(GPtrArray) lines = vs_policy_explain(&conf->policy, &domain, NULL);
    g_autoptr(GString) told = g_string_new(NULL);

    for (unsigned i = 0; i < lines->len; i++) {
        const VsPolicyLine *line = lines->pdata[i];

        if (g_str_equal(line->key, "Group") || g_str_equal(line->key, "Before"))
            g_string_append_printf(told, "%s=%s by %s%s\n", line->key, line->value,
                                   vs_origin_name(line->origin), strrchr(line->where, ':'));
    }
    g_assert_cmpstr(told->str, ==, "Group=x by section:2\nGroup=y by section:6\n");
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/conf-guest/every-key", test_every_key);
    g_test_add_func("/conf-guest/says-nothing", test_says_nothing);
    g_test_add_func("/conf-guest/last-match-wins", test_last_match_wins);
    g_test_add_func("/conf-guest/where", test_where);
    g_test_add_func("/conf-guest/quoting", test_quoting);
    g_test_add_func("/conf-guest/bad-quoting", test_bad_quoting);
    g_test_add_func("/conf-guest/comment-in-list", test_comment_in_list);
    g_test_add_func("/conf-guest/glob", test_glob);
    g_test_add_func("/conf-guest/bad-glob", test_bad_glob);
    g_test_add_func("/conf-guest/no-guest-section", test_no_guest_section);
    g_test_add_func("/conf-guest/lists-add-up", test_lists_add_up);
    g_test_add_func("/conf-guest/empty-takes-back", test_empty_takes_back);
    g_test_add_func("/conf-guest/bad-value", test_bad_value);
    g_test_add_func("/conf-guest/warnings", test_warnings);
    g_test_add_func("/conf-guest/drop-ins", test_drop_ins);
    g_test_add_func("/conf-guest/failed-load", test_failed_load);
    g_test_add_func("/conf-guest/format", test_format);
    g_test_add_func("/conf-guest/kinds", test_kinds);
    g_test_add_func("/conf-guest/places", test_places);
    g_test_add_func("/conf-guest/start-delay", test_start_delay);
    g_test_add_func("/conf-guest/lists-explained", test_lists_explained);
    return g_test_run();
}
