/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/policy.h"

#include "core/conf-keys.h"
#include "vs-test.h"

/* A policy's copy, which outlives what it was made of: the daemon reads its files anew. */

static void
count(void *data)
{
    (*(unsigned *)data)++;
}

static GHashTable *
places_new(unsigned *n_freed)
{
    GHashTable *places = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, count);

    g_hash_table_insert(places, (char *)"Paused", n_freed);
    return places;
}

static void
test_copy(void)
{
    unsigned n_freed = 0, n_daemon_freed = 0;
    VsSection *section = vs_section_new("web-*", "a:1");
    VsWho who = {.name = "web-1", .uri = "qemu:///system"};
    VsPolicy policy, copy, again;
    VsGuestPolicy own;

    section->policy.priority = 7;
    section->says = VS_POLICY_PRIORITY;
    vs_policy_init(&policy);
    g_ptr_array_add(policy.sections, section);
    policy.places = places_new(&n_freed);
    policy.daemon_places = places_new(&n_daemon_freed);
    vs_policy_copy(&copy, &policy);
    vs_policy_clear(&policy);
    g_assert_cmpuint(n_freed + n_daemon_freed, ==, 0);
    vs_policy_copy(&again, &copy);
    vs_policy_clear(&copy);
    g_assert_cmpuint(n_freed + n_daemon_freed, ==, 0);

    vs_policy_resolve(&again, &who, NULL, &own);
    g_assert_cmpint(own.priority, ==, 7);
    vs_policy_clear(&again);
    g_assert_cmpuint(n_freed, ==, 1);
    g_assert_cmpuint(n_daemon_freed, ==, 1);
}

/* One without places has none. */
static void
test_copy_bare(void)
{
    VsPolicy policy, copy;

    vs_policy_init(&policy);
    vs_policy_copy(&copy, &policy);
    vs_policy_clear(&policy);
    g_assert_null(vs_policy_place(copy.places, "Paused"));
    vs_policy_clear(&copy);
}

/* The last word on a key, and none where it was taken back. */
static void
test_places(void)
{
    GHashTable *places = NULL;

    vs_policy_note_place(&places, "Paused", "a:1");
    vs_policy_note_place(&places, "Paused", "b:2");
    vs_policy_note_place(&places, "Jobs", "b:3");
    g_assert_cmpstr(vs_policy_place(places, "Paused"), ==, "b:2");
    vs_policy_note_place(&places, "Paused", NULL);
    g_assert_null(vs_policy_place(places, "Paused"));
    g_assert_cmpstr(vs_policy_place(places, "Jobs"), ==, "b:3");
    g_hash_table_unref(places);
}

static void
expect_start_delay(const VsPolicy *policy, const char *expected)
{
    g_autofree char *text = vs_conf_type_print(vs_conf_key_find("StartDelay"), &policy->all);

    g_assert_cmpstr(text, ==, expected);
}

/* A span that nobody said is none, and not 0. */
static void
test_unsaid(void)
{
    VsPolicy policy;

    vs_policy_init(&policy);
    expect_start_delay(&policy, "");
    policy.all.start_delay = 0;
    expect_start_delay(&policy, "0");
    policy.all.start_delay = INT64_C(90) * 1000 * 1000;
    expect_start_delay(&policy, "1min 30s");
    vs_policy_clear(&policy);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/policy/copy", test_copy);
    g_test_add_func("/policy/copy-bare", test_copy_bare);
    g_test_add_func("/policy/places", test_places);
    g_test_add_func("/policy/unsaid", test_unsaid);
    return g_test_run();
}
