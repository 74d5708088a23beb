/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#include "record/history-store.h"
#include "record/history.h"
#include "record/history-query.h"
#include "util/error.h"
#include "util/json.h"
#include "vs-test.h"

/* What is found again, in one file and across the rotated ones. */

#define UUID_1 "0a1b2c3d-0000-4000-8000-000000000001"
#define UUID_2 "0a1b2c3d-0000-4000-8000-000000000002"

static VsHistory *
open_history(const char *directory, size_t max_size, unsigned max_files)
{
    g_autoptr(GError) error = NULL;
    VsHistory *history = vs_history_open(directory, max_size, max_files, NULL, &error);

    g_assert_no_error(error);
    return history;
}

static char *
make_line(const char *id, const char *name, const char *uuid)
{
    g_autoptr(json_object) record = json_object_new_object();
    json_object *domain = json_object_new_object();

    vs_json_set_string(record, "id", id);
    vs_json_set_string(domain, "name", name);
    vs_json_set_string(domain, "uuid", uuid);
    vs_json_set(record, "domain", domain);
    return g_strdup(vs_json_line(record));
}

static void
append(VsHistory *history, const char *id, const char *name, const char *uuid)
{
    g_autofree char *line = make_line(id, name, uuid);
    g_autoptr(GError) error = NULL;

    vs_history_append(history, line, &error);
    g_assert_no_error(error);
}

/* The ids of what a query finds, "3 4 5". */
static void
assert_found(VsHistory *history, const VsHistoryQuery *query, const char *expected)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) found = vs_history_query(history->directory, query, &error);
    g_autoptr(GString) ids = g_string_new(NULL);

    g_assert_no_error(error);
    for (unsigned i = 0; i < found->len; i++) {
        g_autoptr(json_object) record = vs_json_parse_object(found->pdata[i], &error);

        g_assert_no_error(error);
        g_string_append_printf(ids, "%s%s", i > 0 ? " " : "", vs_json_string(record, "id", "?"));
    }
    g_assert_cmpstr(ids->str, ==, expected);
}

static void
assert_query(VsHistory *history, const char *domain, unsigned limit, const char *expected)
{
    assert_found(history, &(VsHistoryQuery){.domain = domain, .limit = limit}, expected);
}

static void
test_empty(void)
{
    const char *directory = vs_test_dir();
    g_autoptr(VsHistory) history = open_history(directory, 0, 0);

    assert_query(history, NULL, 0, "");
    assert_query(history, "web1", 20, "");
    g_assert_false(vs_history_has(history, "1"));
}

static void
test_limit(void)
{
    const char *directory = vs_test_dir();
    g_autoptr(VsHistory) history = open_history(directory, 0, 0);

    append(history, "1", "web1", UUID_1);
    append(history, "2", "web2", UUID_2);
    append(history, "3", "web1", UUID_1);
    assert_query(history, NULL, 0, "1 2 3");
    assert_query(history, NULL, 1, "3");
    assert_query(history, NULL, 2, "2 3");
    assert_query(history, NULL, 3, "1 2 3");
    assert_query(history, NULL, 4, "1 2 3");
}

/* Under the name that it has now, and with what it did under another. */
static void
test_renamed(void)
{
    const char *directory = vs_test_dir();
    g_autoptr(VsHistory) history = open_history(directory, 0, 0);
    VsHistoryQuery query = {.domain = "now", .uuid = UUID_1};

    append(history, "1", "before", UUID_1);
    append(history, "2", "now", UUID_2);
    append(history, "3", "now", UUID_1);
    append(history, "4", "other", UUID_2);
    assert_found(history, &query, "1 2 3");
    query.uuid = NULL;
    assert_found(history, &query, "2 3");
}

static void
test_domain(void)
{
    const char *directory = vs_test_dir();
    g_autoptr(VsHistory) history = open_history(directory, 0, 0);

    append(history, "1", "web1", UUID_1);
    append(history, "2", "web2", UUID_2);
    append(history, "3", "web", UUID_2);
    append(history, "web1", UUID_1 "x", UUID_2); /* the words are there, in other places */
    append(history, "5", "web1", UUID_1);
    assert_query(history, "web1", 0, "1 5");
    assert_query(history, "web1", 1, "5");
    assert_query(history, "web", 0, "3");
    assert_query(history, "WEB1", 0, "");
    assert_query(history, UUID_1, 0, "1 5");
    assert_query(history, "0A1B2C3D-0000-4000-8000-000000000001", 0, "1 5");
    assert_query(history, "domain", 0, "");
    assert_query(history, "", 0, "");
}

/* Names are data. JSON may write them otherwise than they are. */
static void
test_odd_names(void)
{
    static const char *const names[] = {
        "../../etc/x", "two\nlines", "quo\"te", "back\\slash",    "\033[31mred",
        "größe",       "网页",       "a b",     "{\"id\":\"1\"}",
    };
    const char *directory = vs_test_dir();
    g_autoptr(VsHistory) history = open_history(directory, 0, 0);

    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        char id[4];

        g_snprintf(id, sizeof id, "%u", i);
        append(history, id, names[i], UUID_1);
        assert_query(history, names[i], 0, id);
    }
}

/* What another program wrote into the file hides nothing of ours. */
static void
test_foreign_lines(void)
{
    static const char text[] =
        "\n{\"id\":\"1\"}\nno JSON\n[1]\n\0\0\0\n{\"id\":\"zero\"}\0\n"
        "{\"id\":\"2\",\"domain\":\"web1\"}\n\xff\n{\"id\":\"3\"}\n{\"id\":\"4\"}";
    const char *directory = vs_test_dir();
    g_autofree char *path = g_build_filename(directory, "stops.jsonl", NULL);
    g_autoptr(VsHistory) history = open_history(directory, 0, 0);

    /* The last line is just being written. */
    g_assert_true(g_file_set_contents(path, text, sizeof text - 1, NULL));
    assert_query(history, NULL, 0, "1 2 3");
    assert_query(history, NULL, 2, "2 3");
    assert_query(history, "web1", 0, "");
    g_assert_true(vs_history_has(history, "3"));
    g_assert_false(vs_history_has(history, "4"));
}

/* Lines around the size of the blocks that are read. */
static void
test_long_lines(void)
{
    static const int sizes[] = {65534, 65535, 65536, 65537, 131072, 1000000, 1, 3000000};
    const char *directory = vs_test_dir();
    g_autoptr(VsHistory) history = open_history(directory, 0, 0);

    for (unsigned i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autofree char *name = g_strnfill((gsize)sizes[i], 'n');
        char id[4];

        g_snprintf(id, sizeof id, "%u", i);
        append(history, id, name, UUID_1);
        assert_query(history, name, 0, id);
    }
    assert_query(history, NULL, 0, "0 1 2 3 4 5 6 7");
    assert_query(history, NULL, 3, "5 6 7");
}

/* A line of a size that no record has is passed over, even if it is JSON, and what is before it is
 * found. */
static void
test_endless_line(void)
{
    static const int sizes[] = {17 * 1024 * 1024, 40 * 1024 * 1024};

    for (unsigned i = 0; i < G_N_ELEMENTS(sizes); i++) {
        const char *directory = vs_test_dir();
        g_autofree char *path = g_build_filename(directory, "stops.jsonl", NULL);
        g_autoptr(VsHistory) history = open_history(directory, 0, 0);
        FILE *file = fopen(path, "a");

        g_assert_nonnull(file);
        fprintf(file, "{\"id\":\"1\"}\n{\"id\":\"2\"}%*s\n{\"id\":\"3\"}\n", sizes[i], "");
        g_assert_cmpint(fclose(file), ==, 0);
        assert_query(history, NULL, 0, "1 3");
    }
}

/* The number behind @key in a file of /proc/self; 0: the kernel doesn't tell. */
static unsigned long long
ask_kernel(const char *name, const char *key)
{
    g_autofree char *path = g_build_filename("/proc/self", name, NULL);
    g_autofree char *text = NULL;
    char *found;

    if (!g_file_get_contents(path, &text, NULL, NULL) || !(found = strstr(text, key)))
        return 0;
    return g_ascii_strtoull(found + strlen(key), NULL, 10);
}

static void
test_memory(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    g_test_skip("the sanitizer's own memory can't be told from ours");
#else
    const char *directory = vs_test_dir();
    g_autofree char *path = g_build_filename(directory, "stops.jsonl", NULL);
    g_autoptr(VsHistory) history = open_history(directory, 0, 0);
    FILE *file = fopen(path, "r+");

    /* A hole in the file, 256 MiB of NUL bytes. */
    g_assert_nonnull(file);
    fputs("{\"id\":\"1\"}\n", file);
    g_assert_cmpint(fseek(file, 256 * 1024 * 1024, SEEK_SET), ==, 0);
    fputs("\n{\"id\":\"3\"}\n", file);
    g_assert_cmpint(fclose(file), ==, 0);

    unsigned long long before = ask_kernel("status", "VmHWM:");
    assert_query(history, NULL, 0, "1 3");
    unsigned long long after = ask_kernel("status", "VmHWM:");
    if (before == 0)
        g_test_skip("/proc/self/status doesn't tell how much memory was needed");
    else
        g_assert_cmpuint(after - before, <, 128 * 1024);
#endif
}

static void
test_last_20_of_100000(void)
{
    const char *directory = vs_test_dir();
    g_autofree char *path = g_build_filename(directory, "stops.jsonl", NULL);
    FILE *file = fopen(path, "w");

    for (int i = 1; i <= 100000; i++)
        fprintf(file, "{\"id\":\"%d\",\"domain\":{\"name\":\"web%d\",\"uuid\":\"" UUID_1 "\"}}\n",
                i, i % 10);
    g_assert_cmpint(fclose(file), ==, 0);

    g_autoptr(VsHistory) history = open_history(directory, 0, 0);
    unsigned long long before = ask_kernel("io", "rchar:");
    assert_query(history, NULL, 20,
                 "99981 99982 99983 99984 99985 99986 99987 99988 99989 99990 "
                 "99991 99992 99993 99994 99995 99996 99997 99998 99999 100000");
    assert_query(history, "web7", 3, "99977 99987 99997");
    unsigned long long after = ask_kernel("io", "rchar:");

    assert_query(history, "web1", 1, "99991");
    g_assert_false(vs_history_has(history, "1")); /* long past the last 1 MiB */
    g_assert_true(vs_history_has(history, "99000"));
    if (before == 0)
        g_test_skip("/proc/self/io doesn't tell how much is read");
    else
        g_assert_cmpuint(after - before, <, 2 * 65536 + 4096);
}

static unsigned
count_rotated(const char *directory)
{
    unsigned n = 0;

    for (unsigned i = 1; i < 100; i++) {
        g_autofree char *path = g_strdup_printf("%s/stops.jsonl.%u", directory, i);

        n += g_file_test(path, G_FILE_TEST_EXISTS) ? 1 : 0;
    }
    return n;
}

static void
test_rotated(void)
{
    const char *directory = vs_test_dir();
    g_autofree char *line = make_line("1", "web1", UUID_1);
    size_t two = 2 * (strlen(line) + 1);
    g_autoptr(VsHistory) history = open_history(directory, two, 3);

    for (char id[2] = "1"; id[0] <= '7'; id[0]++)
        append(history, id, id[0] % 2 ? "web1" : "web2", UUID_1);
    g_assert_cmpuint(count_rotated(directory), ==, 3);
    assert_query(history, NULL, 0, "1 2 3 4 5 6 7");
    assert_query(history, NULL, 1, "7");
    assert_query(history, NULL, 4, "4 5 6 7");
    assert_query(history, "web1", 3, "3 5 7");
    g_assert_true(vs_history_has(history, "1"));

    /* The oldest goes; fewer are to be kept after a new start. */
    append(history, "8", "web2", UUID_1);
    append(history, "9", "web1", UUID_1);
    assert_query(history, NULL, 0, "3 4 5 6 7 8 9");
    g_clear_pointer(&history, vs_history_free);
    history = open_history(directory, two, 1);
    assert_query(history, NULL, 0, "3 4 5 6 7 8 9");
    append(history, "a", "web1", UUID_1);
    append(history, "b", "web1", UUID_1);
    assert_query(history, NULL, 0, "9 a b");
}

static void
test_rotated_line_too_long(void)
{
    const char *directory = vs_test_dir();
    g_autoptr(VsHistory) history = open_history(directory, 10, 5);

    append(history, "1", "web1", UUID_1);
    append(history, "2", "web1", UUID_1);
    g_assert_cmpuint(count_rotated(directory), ==, 1);
    assert_query(history, NULL, 0, "1 2");
}

/* What a crash between any two renames leaves: the row has a hole, and nothing is lost by it. */
static void
check_hole(int hole)
{
    static const char *const names[] = {"stops.jsonl", "stops.jsonl.1", "stops.jsonl.2",
                                        "stops.jsonl.3", "stops.jsonl.4"};
    const char *directory = vs_test_dir();
    g_autoptr(GString) ids = g_string_new(NULL);

    for (int i = G_N_ELEMENTS(names) - 1; i >= 0; i--) {
        g_autofree char *text = g_strdup_printf("{\"id\":\"%d\"}\n", i);

        if (i != hole) {
            g_free(vs_test_write(directory, names[i], text));
            g_string_append_printf(ids, "%d ", i);
        }
    }
    g_autoptr(VsHistory) history = open_history(directory, 15, 4);
    g_string_truncate(ids, ids->len - 1);
    assert_query(history, NULL, 0, ids->str);

    /* What comes next fills the hole, and so drops nothing. */
    append(history, "x", "web1", UUID_1);
    g_string_append(ids, " x");
    assert_query(history, NULL, 0, ids->str);
}

static void
test_rotation_interrupted(void)
{
    for (int hole = 0; hole <= 4; hole++)
        check_hole(hole);
}

/* A name that is taken by a directory: the record is more than the rotation. */
static void
test_rotation_impossible(void)
{
    const char *directory = vs_test_dir();
    g_autofree char *in_the_way = g_build_filename(directory, "stops.jsonl.1", "x", NULL);
    g_autoptr(VsHistory) history = open_history(directory, 10, 1);

    append(history, "1", "web1", UUID_1);
    g_assert_cmpint(g_mkdir_with_parents(in_the_way, 0755), ==, 0);
    g_test_expect_message(NULL, G_LOG_LEVEL_WARNING, "*rename*stops.jsonl*");
    append(history, "2", "web1", UUID_1);
    g_test_assert_expected_messages();
    assert_query(history, NULL, 2, "1 2");
}

static void
test_unreadable(void)
{
    const char *directory = vs_test_dir();
    g_autofree char *in_the_way = g_build_filename(directory, "stops.jsonl.1", NULL);
    g_autoptr(VsHistory) history = open_history(directory, 0, 0);
    g_autoptr(GError) error = NULL;
    VsHistoryQuery query = {0};

    g_assert_cmpint(g_mkdir(in_the_way, 0755), ==, 0);
    g_assert_null(vs_history_query(history->directory, &query, &error));
    g_assert_error(error, VS_ERROR, VS_ERROR_IO);
    g_assert_nonnull(strstr(error->message, in_the_way));
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/history-query/empty", test_empty);
    g_test_add_func("/history-query/limit", test_limit);
    g_test_add_func("/history-query/domain", test_domain);
    g_test_add_func("/history-query/renamed", test_renamed);
    g_test_add_func("/history-query/odd-names", test_odd_names);
    g_test_add_func("/history-query/foreign-lines", test_foreign_lines);
    g_test_add_func("/history-query/long-lines", test_long_lines);
    g_test_add_func("/history-query/endless-line", test_endless_line);
    g_test_add_func("/history-query/memory", test_memory);
    g_test_add_func("/history-query/last-20-of-100000", test_last_20_of_100000);
    g_test_add_func("/history-query/rotated", test_rotated);
    g_test_add_func("/history-query/rotated/line-too-long", test_rotated_line_too_long);
    g_test_add_func("/history-query/rotated/interrupted", test_rotation_interrupted);
    g_test_add_func("/history-query/rotated/impossible", test_rotation_impossible);
    g_test_add_func("/history-query/unreadable", test_unreadable);
    return g_test_run();
}
