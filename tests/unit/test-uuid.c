/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "util/uuid.h"

#include <string.h>

#include "vs-test.h"

static const uint8_t seed[16] = "sixteen bytes...";

static void
test_form(void)
{
    for (uint64_t counter = 0; counter < 1000; counter++) {
        VsUuid uuid = vs_uuid_derive(seed, counter);

        g_assert_true(vs_uuid_is_valid(uuid.text));
        g_assert_cmpint(uuid.text[14], ==, '4');
        g_assert_nonnull(strchr("89ab", uuid.text[19]));
    }
}

/* Stops that were saved are found again by their ids: the derivation stays what it is. */
static void
test_same(void)
{
    VsUuid one = vs_uuid_derive(seed, 7), two = vs_uuid_derive(seed, 7);

    g_assert_cmpstr(one.text, ==, two.text);
    g_assert_cmpstr(one.text, ==, "d649ef79-49ef-48bf-9dab-8116d007dc9c");
}

static void
test_different(void)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    uint8_t other_seed[16] = {0};

    for (unsigned bit = 0; bit < 64; bit++) {
        VsUuid one = vs_uuid_derive(seed, UINT64_C(1) << bit);
        VsUuid two = vs_uuid_derive(other_seed, UINT64_C(1) << bit);

        g_assert_true(g_hash_table_add(seen, g_strdup(one.text)));
        g_assert_true(g_hash_table_add(seen, g_strdup(two.text)));
    }
}

static void
test_valid(void)
{
    static const char *const bad[] = {
        "",
        "web1",
        "c7a5fdbd-edaf-4455-8266-f5f9a5a0a86",
        "c7a5fdbd-edaf-4455-8266-f5f9a5a0a86ff",
        "c7a5fdbd-edaf-4455-8266-f5f9a5a0a86g",
        "c7a5fdbdedaf44558266f5f9a5a0a86f",
        "{c7a5fdbd-edaf-4455-8266-f5f9a5a0a86f}",
        "c7a5fdbd-edaf-4455-8266f-5f9a5a0a86f",
        " c7a5fdbd-edaf-4455-8266-f5f9a5a0a86f",
        "c7a5fdbd-edaf-4455-8266-f5f9a5a0a86f\n",
    };

    g_assert_true(vs_uuid_is_valid("c7a5fdbd-edaf-4455-8266-f5f9a5a0a86f"));
    g_assert_true(vs_uuid_is_valid("C7A5FDBD-EDAF-4455-8266-F5F9A5A0A86F"));
    g_assert_true(vs_uuid_is_valid("00000000-0000-0000-0000-000000000000"));
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        vs_test_note(bad[i]);
        g_assert_false(vs_uuid_is_valid(bad[i]));
    }
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/uuid/form", test_form);
    g_test_add_func("/uuid/same", test_same);
    g_test_add_func("/uuid/different", test_different);
    g_test_add_func("/uuid/valid", test_valid);
    return g_test_run();
}
