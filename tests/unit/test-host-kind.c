/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/host-kind.h"
#include "vs-test.h"

/* How a host goes down: what is taken from people and from logind, and what a record may say. */

static void
test_parse(void)
{
    static const char *const refused[] = {"by-hand", "shutdown", "Poweroff", ""};

    for (VsHostKind kind = VS_HOST_KIND_POWEROFF; kind < VS_N_HOST_KINDS; kind++) {
        g_autoptr(GError) error = NULL;
        VsHostKind parsed;
        bool taken = vs_host_kind_parse(vs_host_kind_name(kind), &parsed, &error);

        g_assert_no_error(error);
        g_assert_true(taken);
        g_assert_cmpint(parsed, ==, kind);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(refused); i++) {
        g_autoptr(GError) error = NULL;
        VsHostKind parsed;

        vs_test_note(refused[i]);
        g_assert_false(vs_host_kind_parse(refused[i], &parsed, &error));
        g_assert_nonnull(error);
        g_assert_nonnull(strstr(error->message, refused[i]));
        g_assert_nonnull(strstr(error->message, "soft-reboot"));
    }
}

/* A record may say that it was stopped by hand, too. */
static void
test_find(void)
{
    VsHostKind kind;

    g_assert_true(vs_host_kind_find("by-hand", &kind));
    g_assert_cmpstr(vs_host_kind_name(kind), ==, "by-hand");
    g_assert_false(vs_host_kind_find("shutdown", &kind));
    g_assert_false(vs_host_kind_find("", &kind));
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/host-kind/parse", test_parse);
    g_test_add_func("/host-kind/find", test_find);
    return g_test_run();
}
