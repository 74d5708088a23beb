/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "conf/conf-format.h"
#include "conf/conf-load.h"
#include "util/span.h"
#include "util/text.h"
#include "vs-test.h"

/* What check-config prints is read back to the same configuration, whatever guests and groups are
 * called. */

#define RUNS 3000

/* What a name may be made of, and what a reader of files may stumble over. */
static const gunichar nasty[] = {
    'a',  'b',    'x',    '1',    ' ',    '\t',   '"',    '\'',    '\\',     '#',    ';',  '=',
    '[',  ']',    '{',    '}',    '-',    '$',    '`',    '%',     ',',      '/',    '\n', '\r',
    '\v', '\f',   0x1b,   0x01,   0x7f,   0x85,   0x9b,   0xa0,    0x200e,   0x2028, 'u',  'n',
    0xe9, 0x202e, 0x2066, 0x3000, 0xfeff, 0x20ac, 0xfffd, 0x1d11e, 0x10ffff, 0x061c,
};

static int
below(GRand *chance, int n)
{
    return g_rand_int_range(chance, 0, n);
}

/* At least one character, of those and of @more. */
static char *
some_name(GRand *chance, const char *more)
{
    GString *name = g_string_new(NULL);
    int n = 1 + below(chance, 8), n_more = (int)strlen(more);

    for (int i = 0; i < n; i++) {
        int which = below(chance, (int)G_N_ELEMENTS(nasty) + n_more);

        if (which < n_more)
            g_string_append_c(name, more[which]);
        else
            g_string_append_unichar(name, nasty[which - n_more]);
    }
    return g_string_free(name, FALSE);
}

/* Those that are called the same here and there would go round in circles. */
static void
fill(char ***list, GRand *chance, const char *more, const char *prefix)
{
    int n = below(chance, 4);

    g_strfreev(*list);
    *list = g_new0(char *, n + 1);
    for (int i = 0; i < n; i++) {
        g_autofree char *name = some_name(chance, more);

        (*list)[i] = g_strdup_printf("%s%s", prefix, name);
    }
}

static void
fill_policy(VsGuestPolicy *policy, GRand *chance)
{
    static const char *const ladders[] = {"agent:1min power-button:2min destroy",
                                          "save:infinity leave", "destroy",
                                          "power-button:90s,press=3,gap=1500us agent:1d leave"};
    bool ok = vs_ladder_parse(ladders[below(chance, G_N_ELEMENTS(ladders))], &policy->ladder, NULL);

    g_assert_true(ok);
    policy->paused = below(chance, 4);
    policy->asleep = below(chance, 4);
    policy->jobs = below(chance, 3);
    policy->retries = below(chance, 5);
    policy->restart = below(chance, 3);
    policy->priority = g_rand_int_range(chance, -1000000, 1000001);
    policy->on_boot = below(chance, 2) ? VS_ON_BOOT_START : VS_ON_BOOT_IGNORE;
    policy->start_delay = below(chance, 3) * VS_USEC_PER_SEC;
}

static VsSection *
some_section(GRand *chance)
{
    g_autofree char *name = some_name(chance, "*?@");
    g_autofree char *glob = g_strdup_printf("%s", name);
    VsSection *section = vs_section_new(glob, "test:1");

    section->says = below(chance, VS_POLICY_START_DELAY << 1);
    fill_policy(&section->policy, chance);
    fill(&section->groups, chance, "", "");
    fill(&section->before, chance, "", "before all ");
    fill(&section->after, chance, "", below(chance, 2) ? "@" : "after all ");
    return section;
}

static VsConf *
some_conf(GRand *chance)
{
    VsConf *conf = vs_conf_new();
    static const int64_t spans[] = {0,
                                    1,
                                    999,
                                    5 * VS_USEC_PER_SEC,
                                    86400 * VS_USEC_PER_SEC,
                                    365 * 86400 * VS_USEC_PER_SEC,
                                    1234567890123};
    static const size_t sizes[] = {0, 1, 1024, 1025, 16 << 20, (size_t)1 << 40, SIZE_MAX};

    conf->uris = g_strsplit("qemu:///system lxc:/// qemu+ssh://h\xc3\xa9/system?a=b#c;d", " ", -1);
    conf->agent_command = below(chance, 2);
    conf->history_size = sizes[below(chance, G_N_ELEMENTS(sizes))];
    conf->history_files = below(chance, 1001);
    fill_policy(&conf->policy.all, chance);
    if (below(chance, 2))
        conf->policy.all.start_delay = VS_START_DELAY_UNSAID;
    conf->policy.budget = spans[below(chance, G_N_ELEMENTS(spans))];
    conf->policy.start_delay = spans[below(chance, G_N_ELEMENTS(spans))];
    conf->policy.max_parallel = below(chance, 100001);
    conf->policy.persistent_only = below(chance, 2);
    conf->policy.bypass_cache = below(chance, 2);
    conf->policy.sync_time = below(chance, 2);
    conf->policy.hook_timeout = spans[below(chance, G_N_ELEMENTS(spans))];
    for (int n = below(chance, 4); n > 0; n--)
        g_ptr_array_add(conf->policy.sections, some_section(chance));
    return conf;
}

static void
assert_same_list(char *const *one, char *const *other)
{
    g_assert_true(g_strv_equal((const char *const *)one, (const char *const *)other));
}

static void
assert_same_section(const VsSection *one, const VsSection *other)
{
    g_assert_cmpstr(one->glob, ==, other->glob);
    g_assert_cmpuint(one->says, ==, other->says);
    assert_same_list(one->groups, other->groups);
    assert_same_list(one->before, other->before);
    assert_same_list(one->after, other->after);
}

/* It can be shown on a terminal, line by line. */
static void
assert_visible(const char *text)
{
    for (const char *p = text; *p; p = g_utf8_next_char(p))
        if (*p != '\n' && *p != '\\') {
            g_autofree char *one = g_strndup(p, g_utf8_next_char(p) - p);
            g_autofree char *printable = vs_text_printable(one);

            g_assert_cmpstr(printable, ==, one);
        }
}

/* But for the comments, which say where each section came from. */
static char *
without_comments(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    GString *rest = g_string_new(NULL);

    for (char **line = lines; *line; line++)
        if (**line != '#')
            g_string_append_printf(rest, "%s\n", *line);
    return g_string_free(rest, FALSE);
}

static void
check(unsigned seed)
{
    GRand *chance = g_rand_new_with_seed(seed);
    g_autoptr(VsConf) conf = some_conf(chance), again = NULL;
    g_autofree char *text = vs_conf_format(conf), *text_again = NULL, *one = NULL, *other = NULL;
    g_autofree char *path = vs_test_write(vs_test_dir(), "round.conf", text);
    g_autoptr(GError) error = NULL;

    g_rand_free(chance);
    vs_test_note(text);
    assert_visible(text);
    again = vs_conf_load_file(VS_SCOPE_SYSTEM, path, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(again->policy.sections->len, ==, conf->policy.sections->len);
    for (unsigned i = 0; i < conf->policy.sections->len; i++)
        assert_same_section(again->policy.sections->pdata[i], conf->policy.sections->pdata[i]);
    assert_same_list(again->uris, conf->uris);
    g_assert_cmpuint(again->history_size, ==, conf->history_size);
    g_assert_cmpint(again->policy.budget, ==, conf->policy.budget);
    g_assert_cmpint(again->policy.start_delay, ==, conf->policy.start_delay);
    g_assert_cmpint(again->policy.hook_timeout, ==, conf->policy.hook_timeout);
    text_again = vs_conf_format(again);
    one = without_comments(text);
    other = without_comments(text_again);
    g_assert_cmpstr(one, ==, other);
}

static void
test_random(void)
{
    for (unsigned seed = 0; seed < RUNS; seed++)
        check(seed);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/conf/round/random", test_random);
    return g_test_run();
}
