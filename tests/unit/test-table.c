/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/table.h"
#include "vs-test.h"

static const VsColumn columns[] = {{"NAME", false, 4}, {"ID", true, 0}, {"URI", false, 6}};

static VsTable *
make_table(void)
{
    VsTable *table = vs_table_new(columns, G_N_ELEMENTS(columns));

    vs_table_add(table, "web1", VS_COLOUR_BOLD);
    vs_table_add(table, "7", VS_COLOUR_NONE);
    vs_table_add(table, "qemu:///system", VS_COLOUR_NONE);
    vs_table_add(table, "a-database", VS_COLOUR_BOLD);
    vs_table_add(table, NULL, VS_COLOUR_NONE);
    vs_table_add(table, "lxc:///system", VS_COLOUR_NONE);
    return table;
}

static void
check(size_t width, bool head, const char *expected)
{
    g_autoptr(VsTable) table = make_table();
    g_autofree char *text = vs_table_format(table, width, head);

    g_assert_cmpstr(text, ==, expected);
}

static void
test_wide(void)
{
    check(0, true,
          "NAME        ID  URI\n"
          "web1         7  qemu:///system\n"
          "a-database   -  lxc:///system\n");
    check(30, true,
          "NAME        ID  URI\n"
          "web1         7  qemu:///system\n"
          "a-database   -  lxc:///system\n");
    check(0, false,
          "web1        7  qemu:///system\n"
          "a-database  -  lxc:///system\n");
}

/* Where that isn't enough, the last columns are left out. */
static void
test_too_narrow(void)
{
    check(14, true,
          "NAME        ID\n"
          "web1         7\n"
          "a-database   -\n");
    check(4, false,
          "web1\n"
          "a-d…\n");
    check(1, false,
          "web1\n"
          "a-d…\n");
}

/* The widest gives first, and none more than it may. */
static void
test_narrow(void)
{
    check(26, true,
          "NAME        ID  URI\n"
          "web1         7  qemu:///s…\n"
          "a-database   -  lxc:///sy…\n");
    check(16, true,
          "NAME  ID  URI\n"
          "web1   7  qemu:…\n"
          "a-d…   -  lxc:/…\n");
}

/* A title stays whole: the column is left out before. */
static void
test_title(void)
{
    static const VsColumn titled[] = {{"DOMAIN", false, 8, 9}, {"WAITS FOR", false, 8, 3}};
    g_autoptr(VsTable) table = vs_table_new(titled, G_N_ELEMENTS(titled));
    g_autofree char *fits = NULL, *narrow = NULL;

    vs_table_add(table, "web-1", VS_COLOUR_NONE);
    vs_table_add(table, NULL, VS_COLOUR_NONE);
    fits = vs_table_format(table, 17, true);
    g_assert_cmpstr(fits, ==, "DOMAIN  WAITS FOR\nweb-1   -\n");
    narrow = vs_table_format(table, 16, true);
    g_assert_cmpstr(narrow, ==, "DOMAIN\nweb-1\n");
}

/* The least worth goes first, an empty one is worth half; what has a brief form is shown so before
 * that, and what may not be cut is whole. */
static void
test_worth(void)
{
    static const VsColumn worths[] = {
        {"TIME", false, 0, 6}, {"SURE", false, 0, 1}, {"OUTCOME", false, 0, 7},
        {"BY", false, 0, 5},   {"WHY", false, 5, 3},  {"NOTE", false, 0, 4},
    };
    static const struct {
        size_t width;
        const char *expected;
    } cases[] = {
        {0, "10:00:00  very  forced  root, ctl  because of it  -\n"},
        {46, "10:00:00  very  forced  root, ctl  because…  -\n"},
        {38, "10:00:00  very  forced  root  beca…  -\n"},
        {35, "10:00  very  forced  root  beca…  -\n"},
        {30, "10:00  forced  root  becau…  -\n"},
        {27, "10:00  forced  root  becau…\n"},
        {25, "10:00:00  forced  root\n"},
        {20, "10:00  forced  root\n"},
        {16, "10:00:00  forced\n"},
        {9, "forced\n"},
        {3, "forced\n"},
    };
    g_autoptr(VsTable) table = vs_table_new(worths, G_N_ELEMENTS(worths));

    vs_table_add_brief(table, "10:00:00", "10:00", VS_COLOUR_NONE);
    vs_table_add(table, "very", VS_COLOUR_NONE);
    vs_table_add(table, "forced", VS_COLOUR_NONE);
    vs_table_add_brief(table, "root, ctl", "root", VS_COLOUR_NONE);
    vs_table_add(table, "because of it", VS_COLOUR_NONE);
    vs_table_add(table, NULL, VS_COLOUR_NONE);
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = vs_table_format(table, cases[i].width, false);

        g_assert_cmpstr(text, ==, cases[i].expected);
    }
}

/* A row that comes later stands under the head as the others do. */
static void
test_last(void)
{
    g_autoptr(VsTable) table = make_table();
    g_autofree char *text = NULL, *again = NULL;

    vs_table_add(table, "db1", VS_COLOUR_NONE);
    vs_table_add(table, "3", VS_COLOUR_NONE);
    vs_table_add(table, "test:///", VS_COLOUR_NONE);
    text = vs_table_format_last(table, 0);
    g_assert_cmpstr(text, ==, "db1          3  test:///\n");
    vs_table_keep_last(table, 1);
    again = vs_table_format(table, 0, false);
    g_assert_cmpstr(again, ==, "db1  3  test:///\n");
}

static void
test_hostile(void)
{
    g_autoptr(VsTable) table = vs_table_new(columns, G_N_ELEMENTS(columns));
    g_autofree char *text = NULL;

    vs_table_add(table, "a\nb\033[31m", VS_COLOUR_NONE);
    vs_table_add(table, "", VS_COLOUR_NONE);
    vs_table_add(table, "数据库", VS_COLOUR_NONE);
    text = vs_table_format(table, 0, false);
    g_assert_cmpstr(text, ==, "a\\x0ab\\x1b[31m  -  数据库\n");
}

/* Names twice as wide as their characters line up all the same. */
static void
test_columns(void)
{
    g_autoptr(VsTable) table = vs_table_new(columns, G_N_ELEMENTS(columns));
    g_autofree char *text = NULL;

    for (int i = 0; i < 2; i++) {
        vs_table_add(table, i == 0 ? "数据库" : "web", VS_COLOUR_NONE);
        vs_table_add(table, "1", VS_COLOUR_NONE);
        vs_table_add(table, "x", VS_COLOUR_NONE);
    }
    text = vs_table_format(table, 0, false);
    g_assert_cmpstr(text, ==, "数据库  1  x\nweb     1  x\n");
}

int
main(int argc, char **argv)
{
    g_setenv("NO_COLOR", "1", TRUE);
    vs_test_init(&argc, &argv);
    g_test_add_func("/table/wide", test_wide);
    g_test_add_func("/table/narrow", test_narrow);
    g_test_add_func("/table/too-narrow", test_too_narrow);
    g_test_add_func("/table/title", test_title);
    g_test_add_func("/table/worth", test_worth);
    g_test_add_func("/table/last", test_last);
    g_test_add_func("/table/hostile", test_hostile);
    g_test_add_func("/table/columns", test_columns);
    return g_test_run();
}
