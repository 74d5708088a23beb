/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/labels.h"

#include <string.h>

#include "core/conf-keys.h"
#include "util/error.h"
#include "vs-test.h"

#define UUID "6695eb01-f6a4-8304-79aa-97f2502e193f"

static void
check_words(char *const *words, const char *expected)
{
    g_autofree char *text = g_strjoinv("|", (char **)words);

    g_assert_cmpstr(text, ==, expected);
}

static void
test_tags(void)
{
    const char *const said[] = {"Tags=\"two words\" db", NULL};
    g_autoptr(VsLabels) labels =
        vs_labels_new(NULL, "A title", "for production: db,\n\tweb; db.", said);

    check_words(labels->tags, "db|for|production|two words|web");
    g_assert_cmpstr(labels->title, ==, "A title");
    g_assert_null(labels->complaint);
}

static void
test_match(void)
{
    static const char *const tags[] = {"db", "prod", NULL};
    static const VsWho who = {"web-1", UUID, "qemu:///system", "The Database", tags};
    static const struct {
        const char *word;
        bool is_meant;
    } cases[] = {
        {"web-1", true},
        {"web-*", true},
        {"name:web-1", true},
        {UUID, true},
        {"6695EB01-F6A4-8304-79AA-97F2502E193F", true},
        {"uuid:" UUID, true},
        {"name:" UUID, false},
        {"6695eb01-f6a4-8304-79aa-97f2502e193e", false},
        {"title:The Database", true},
        {"title:*base", true},
        {"title:the*", false},
        {"The Database", false},
        {"tag:db", true},
        {"tag:pr?d", true},
        {"tag:d", false},
        {"uri:qemu:///*", true},
        {"uri:qemu:///session", false},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        VsMatch match;

        vs_test_note(cases[i].word);
        g_assert_true(vs_match_check(cases[i].word, NULL));
        vs_match_init(&match, cases[i].word);
        g_assert_cmpint(vs_match_who(&match, &who), ==, cases[i].is_meant);
        g_assert_false(vs_match_who(&match, &(VsWho){0}));
        vs_match_clear(&match);
    }
    g_assert_false(vs_match_check("tag:", NULL));
    g_assert_false(vs_match_check("uuid:web", NULL));
}

/* Nothing of a policy with a bad value counts, and what was good before stays. */
static void
test_refused(void)
{
    const char *const good[] = {"Priority=5", "Tags=a", NULL};
    const char *const bad[] = {"Tags=b", "Priority=much", NULL};
    g_autoptr(VsLabels) before = vs_labels_new(NULL, "", "x", good),
                        now = vs_labels_new(NULL, "T", "y", bad);
    g_autoptr(VsLabels) follows = vs_labels_follow(now, before);
    g_autoptr(VsLabels) first = vs_labels_follow(now, NULL);

    g_assert_true(now->refused);
    g_assert_cmpstr(now->complaint, ==,
                    "Priority=: “much” (allowed: a number from -1000000 to 1000000)");
    check_words(first->said, "");
    check_words(first->tags, "y");
    g_assert_null(first->own);
    g_assert_cmpstr(follows->title, ==, "T");
    check_words(follows->tags, "a|y");
    check_words(follows->said, "Priority=5|Tags=a");
    g_assert_cmpint(follows->own->policy.priority, ==, 5);
    g_assert_true(follows->refused);
    g_assert_cmpstr(follows->complaint, ==, now->complaint);
    g_assert_false(vs_labels_equal(follows, before));
}

/* Another version may know it. */
static void
test_unknown_key(void)
{
    const char *const said[] = {"Priority=5", "Colour=blue", NULL};
    g_autoptr(VsLabels) labels = vs_labels_new(NULL, "", "", said);
    g_autoptr(GError) error = NULL;

    g_assert_false(labels->refused);
    g_assert_true(g_str_has_prefix(labels->complaint, "unknown key “Colour” (allowed: Tags, "));
    for (const VsConfKey *key = vs_conf_policy_keys; key->name; key++)
        g_assert_nonnull(strstr(labels->complaint, key->name));
    for (const VsConfKey *key = vs_conf_guest_keys; key->name; key++)
        g_assert_nonnull(strstr(labels->complaint, key->name));
    g_assert_cmpint(labels->own->policy.priority, ==, 5);
    g_assert_false(vs_labels_check(NULL, said, &error));
    g_assert_error(error, VS_ERROR, VS_ERROR_INVALID);
}

static void
test_too_long(void)
{
    g_autofree char *groups = g_strnfill(VS_LABELS_MAX_SAID, 'g');
    g_autofree char *assignment = g_strconcat("Group=", groups, NULL);
    const char *const said[] = {assignment, NULL};
    g_autoptr(VsLabels) labels = vs_labels_new(NULL, "", "", said);

    g_assert_true(labels->refused);
    g_assert_nonnull(strstr(labels->complaint, "too long (allowed: 16384)"));
    check_words(labels->written, "");
}

/* All together, with an end each. */
static void
test_full(void)
{
    g_autofree char *half = g_strnfill(VS_LABELS_MAX_SAID / 2 - (unsigned)strlen("Tags=") - 1, 't');
    g_autofree char *one = g_strconcat("Tags=", half, NULL), *more = g_strconcat(one, "t", NULL);
    const char *const full[] = {one, one, NULL}, *const over[] = {one, more, NULL};
    g_autoptr(VsLabels) labels = vs_labels_new(NULL, "", "", full),
                        refused = vs_labels_new(NULL, "", "", over);

    g_assert_false(labels->refused);
    check_words(labels->tags, half);
    g_assert_cmpuint(g_strv_length(labels->written), ==, 2);
    g_assert_true(refused->refused);
    g_assert_cmpuint(g_strv_length(refused->written), ==, 1);
}

/* Of what is too long only that is kept which is allowed to be. */
static void
test_too_long_kept(void)
{
    g_autofree char *tags = g_strnfill(VS_LABELS_MAX_SAID, 't');
    g_autofree char *assignment = g_strconcat("Tags=", tags, NULL);
    const char *const said[] = {"Priority=5", assignment, "Paused=leave", NULL};
    const char *const good[] = {"Priority=6", NULL};
    g_autoptr(VsLabels) now = vs_labels_new(NULL, "", "", said),
                        before = vs_labels_new(NULL, "", "", good);
    g_autoptr(VsLabels) labels = vs_labels_follow(now, before);

    check_words(now->written, "Priority=5|Paused=leave");
    check_words(labels->written, "Priority=5|Paused=leave");
    check_words(labels->said, "Priority=6");
}

/* As it is kept for a restart. */
static void
test_json(void)
{
    const char *const good[] = {"Ladder=leave", "Tags=a", NULL}, *const bad[] = {"Paused=no", NULL};
    g_autoptr(VsLabels) before = vs_labels_new(NULL, "T", "x y", good),
                        now = vs_labels_new(NULL, "U", "", bad);
    g_autoptr(VsLabels) follows = vs_labels_follow(now, before), again = NULL;
    json_object *object = vs_labels_to_json(follows);

    again = vs_labels_from_json(object);
    g_assert_true(vs_labels_equal(again, follows));
    g_assert_cmpint(again->own->says, ==, VS_POLICY_LADDER);
    json_object_put(object);
    g_assert_null(vs_labels_from_json(NULL));
}

/* A file of our own that somebody damaged is no reason to die. */
static void
test_bad_json(void)
{
    static const char *const texts[] = {
        "{}",
        "{\"title\": 3, \"tags\": {}, \"policy\": \"x\"}",
        "{\"tags\": [1, null, \"\", \"a\"], \"policy\": [\"Priority\", \"=\", [], \"Priority=x\"]}",
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(texts); i++) {
        json_object *object = vs_json_parse_object(texts[i], NULL);
        g_autoptr(VsLabels) labels = vs_labels_from_json(object);

        vs_test_note(texts[i]);
        g_assert_cmpstr(labels->title, ==, "");
        g_assert_null(labels->own);
        json_object_put(object);
    }
}

/* Metadata, then the last section that says something, then [Default]. */
static void
test_resolve(void)
{
    const char *const said[] = {"Priority=5", NULL};
    g_autoptr(VsLabels) labels = vs_labels_new(NULL, "", "db", said);
    VsDomainId domain = {.uri = (char *)"test:///default", .name = (char *)"a", .uuid = {UUID}};
    VsSection *tagged = vs_section_new("tag:db", ""), *named = vs_section_new("a", "");
    VsPolicy policy, indexed;
    VsGuestPolicy plain, quick;

    vs_policy_init(&policy);
    tagged->says = VS_POLICY_PRIORITY | VS_POLICY_PAUSED;
    tagged->policy = (VsGuestPolicy){.priority = 9, .paused = VS_PAUSED_LEAVE};
    named->says = VS_POLICY_ON_BOOT;
    named->policy.on_boot = VS_ON_BOOT_IGNORE;
    g_ptr_array_add(policy.sections, named);
    g_ptr_array_add(policy.sections, tagged);
    vs_policy_copy(&indexed, &policy);
    vs_labels_resolve(&policy, &domain, labels, &plain);
    vs_labels_resolve(&indexed, &domain, labels, &quick);
    for (unsigned i = 0; i < 2; i++) {
        const VsGuestPolicy *own = i == 0 ? &plain : &quick;

        g_assert_cmpint(own->priority, ==, 5);
        g_assert_cmpint(own->paused, ==, VS_PAUSED_LEAVE);
        g_assert_cmpint(own->on_boot, ==, VS_ON_BOOT_IGNORE);
    }
    vs_policy_clear(&indexed);
    vs_policy_clear(&policy);
}

/* A step that libvirt's driver hasn't is said, and refused where it would be written. */
static void
test_step_not_there(void)
{
    static const char *const said[] = {"Ladder=signal:30s destroy", "Priority=7", NULL};
    static const char *const uris[] = {"lxc:///system", "esx://host/", NULL};
    g_autoptr(VsLabels) labels = vs_labels_new("qemu:///system", "", "", said);
    g_autoptr(GError) error = NULL;

    g_assert_false(labels->refused);
    g_assert_nonnull(strstr(labels->complaint, "no step “signal” (allowed at qemu:///system: "));
    g_assert_nonnull(strstr(labels->complaint, "power-button"));
    g_assert_cmpint(labels->own->policy.priority, ==, 7);
    g_assert_false(vs_labels_check("qemu:///system", said, &error));
    g_assert_error(error, VS_ERROR, VS_ERROR_INVALID);
    g_assert_nonnull(strstr(error->message, "signal"));
    for (size_t i = 0; i < G_N_ELEMENTS(uris); i++) {
        g_autoptr(VsLabels) fine = vs_labels_new(uris[i], "", "", said);
        g_assert_null(fine->complaint);
    }
}

/* What may not be written says so, by its key. */
static void
test_check(void)
{
    g_autofree char *long_value = g_strnfill(VS_LABELS_MAX_SAID + 1, 'x');
    g_autofree char *much = g_strconcat("Tags=", long_value, NULL);
    g_autofree char *word = g_strnfill(5000, 'x');
    g_autofree char *long_word = g_strconcat("Priority=", word, NULL);
    const struct {
        const char *said, *part, *allowed;
    } cases[] = {
        {"Group=a\nb", "Group=: “a\\x0ab”", "(allowed: text without control characters"},
        {"Tags=a\x1b[2J", "Tags=: “a\\x1b[2J”", "(allowed: text without control characters"},
        {"Before=a\x7f", "Before=: “a\\x7f”", "(allowed: text without control characters"},
        {"Before=\xc2\x85", "Before=: ", "(allowed: text without control characters"},
        {"Group=a\xef\xbf\xbf", "Group=: ", "(allowed: text without control characters"},
        {"Group=a\xff\xfe", "Group=: “a\\xff\\xfe”", "(allowed: text without control characters"},
        {"Ladder=destroy\r", "Ladder=: “destroy\\x0d”",
         "(allowed: text without control characters"},
        {much, "Tags=: a value of 16385 bytes is too long", "(allowed: 16384"},
        {long_word, "Priority=: “xxx", "(allowed: a number from"},
    };
    const char *const fine[] = {"Group=a\\x0ab é", "Tags=a\tb \xe2\x80\x8e", NULL};

    g_assert_true(vs_labels_check(NULL, fine, NULL));
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        const char *const said[] = {"Priority=1", cases[i].said, NULL};
        g_autoptr(GError) error = NULL;

        g_assert_false(vs_labels_check(NULL, said, &error));
        g_assert_error(error, VS_ERROR, VS_ERROR_INVALID);
        if (!strstr(error->message, cases[i].part) || !strstr(error->message, cases[i].allowed))
            g_error("%s", error->message);
        g_assert_cmpuint(strlen(error->message), <, 1000);
        g_assert_true(g_utf8_validate(error->message, -1, NULL));
    }
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/labels/tags", test_tags);
    g_test_add_func("/labels/match", test_match);
    g_test_add_func("/labels/refused", test_refused);
    g_test_add_func("/labels/unknown-key", test_unknown_key);
    g_test_add_func("/labels/too-long", test_too_long);
    g_test_add_func("/labels/full", test_full);
    g_test_add_func("/labels/too-long-kept", test_too_long_kept);
    g_test_add_func("/labels/check", test_check);
    g_test_add_func("/labels/json", test_json);
    g_test_add_func("/labels/bad-json", test_bad_json);
    g_test_add_func("/labels/resolve", test_resolve);
    g_test_add_func("/labels/step-not-there", test_step_not_there);
    return g_test_run();
}
