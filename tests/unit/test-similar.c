/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "util/similar.h"
#include "vs-test.h"

static const char *const names[] = {"stop", "stop-all", "status", "list", "history", "web1", NULL};

static void
test_similar(void)
{
    static const struct {
        const char *word, *meant;
    } cases[] = {
        {"stpo", "stop"},    {"stp", "stop"},        {"stopp", "stop"}, {"STOP", "stop"},
        {"hist", "history"}, {"stat", "status"},     {"lits", "list"},  {"stopall", "stop-all"},
        {"wbe1", "web1"},    {"frob", NULL},         {"st", NULL},      {"w", NULL},
        {"", NULL},          {"\xff\xfe\xfd", NULL},
    };
    g_autofree char *endless = g_strnfill(100000, 's');

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_cmpstr(vs_similar_find(cases[i].word, names), ==, cases[i].meant);
    g_assert_null(vs_similar_find(endless, names));
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/similar/find", test_similar);
    return g_test_run();
}
