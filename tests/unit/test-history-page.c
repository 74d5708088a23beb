/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <string.h>

#include "record/history-page.h"
#include "record/history-store.h"
#include "record/history-walk.h"
#include "record/history.h"
#include "util/error.h"
#include "util/json.h"
#include "util/wallclock.h"
#include "vs-test.h"

/* The history in pages: nothing twice, nothing left out, and none of them is long. */

#define UUID_1  "0a1b2c3d-0000-4000-8000-00000000000a"
#define STOP_1  "0a1b2c3d-0000-4000-8000-0000000000f1"
#define STOP_2  "0a1b2c3d-0000-4000-8000-0000000000f2"
#define HOST_1  "0a1b2c3d-0000-4000-8000-0000000000e1"
#define KIB     1024
#define MIB     (1024 * KIB)
#define AT(sec) (INT64_C(1800000000000000) + (sec)*G_USEC_PER_SEC)

static VsHistory *
open_history(const char *directory, size_t max_size, unsigned max_files)
{
    g_autoptr(GError) error = NULL;
    VsHistory *history = vs_history_open(directory, max_size, max_files, NULL, &error);

    g_assert_no_error(error);
    return history;
}

/* A record of that number, stopped at that second, some @size bytes long. */
static char *
make_line(unsigned number, size_t size)
{
    g_autofree char *id = g_strdup_printf("%u", number), *filler = g_strnfill(size, 'x');
    g_autofree char *time = vs_wallclock_format(AT(number));
    g_autoptr(json_object) record = json_object_new_object();
    json_object *domain = json_object_new_object();

    vs_json_set_string(record, "id", id);
    vs_json_set_string(record, "time", time);
    vs_json_set_string(record, "uri", number % 2 ? "qemu:///one" : "qemu:///two");
    vs_json_set_string(domain, "name", number % 3 ? "web1" : "db1");
    vs_json_set_string(domain, "uuid", UUID_1);
    vs_json_set(record, "domain", domain);
    vs_json_set_string(record, "filler", filler);
    return g_strdup(vs_json_line(record));
}

static void
append(VsHistory *history, const char *line)
{
    g_autoptr(GError) error = NULL;

    vs_history_append(history, line, &error);
    g_assert_no_error(error);
}

static void
append_numbers(VsHistory *history, unsigned from, unsigned to, size_t size)
{
    for (unsigned i = from; i <= to; i++) {
        g_autofree char *line = make_line(i, size);

        append(history, line);
    }
}

/* Many at once: the history itself syncs each. */
static void
write_numbers(const char *directory, const char *name, unsigned from, unsigned to, size_t size)
{
    g_autofree char *path = g_build_filename(directory, name, NULL);
    g_autoptr(GString) text = g_string_new(NULL);

    for (unsigned i = from; i <= to; i++) {
        g_autofree char *line = make_line(i, size);

        g_string_append(text, line);
        g_string_append_c(text, '\n');
    }
    g_assert_true(g_file_set_contents(path, text->str, (gssize)text->len, NULL));
}

static unsigned
number_of(const char *line)
{
    g_autoptr(json_object) record = vs_json_parse_object(line, NULL);

    return (unsigned)atoi(vs_json_string(record, "id", "0"));
}

/* The next page of @query, whose mark it moves on; 0 pages are left when it is NULL then. */
static GPtrArray *
next_page(VsHistory *history, VsRecordQuery *query, char **mark)
{
    g_autoptr(GError) error = NULL;
    char *next = NULL;
    GPtrArray *page;

    query->after = *mark;
    page = vs_history_page(history->directory, query, &next, &error);
    g_assert_no_error(error);
    g_free(*mark);
    *mark = *next ? next : NULL;
    if (!*mark)
        g_free(next);
    return page;
}

/* All pages: what they hold has these numbers, from the newest to the oldest, and each page the
 * oldest first. Returns how many there were. */
static unsigned
assert_all(VsHistory *history, VsRecordQuery query, unsigned newest, unsigned oldest)
{
    g_autofree char *mark = NULL;
    unsigned n_pages = 0, expected = newest;

    do {
        g_autoptr(GPtrArray) page = next_page(history, &query, &mark);
        size_t size = 0;

        for (unsigned i = page->len; i > 0; i--, expected--) {
            g_assert_cmpuint(number_of(page->pdata[i - 1]), ==, expected);
            size += strlen(page->pdata[i - 1]) + 1;
        }
        g_assert_cmpuint(page->len, <=, 1000);
        g_assert_true(size <= MIB || page->len == 1);
        n_pages++;
    } while (mark);
    g_assert_cmpuint(expected, ==, oldest - 1);
    return n_pages;
}

static void
test_empty(void)
{
    const char *directory = vs_test_dir();
    g_autoptr(VsHistory) history = open_history(directory, 0, 0);

    g_assert_cmpuint(assert_all(history, (VsRecordQuery){0}, 0, 1), ==, 1);
}

static void
test_count(void)
{
    const char *directory = vs_test_dir();

    write_numbers(directory, "stops.jsonl.2", 1, 700, 1);
    write_numbers(directory, "stops.jsonl.1", 701, 1400, 1);
    write_numbers(directory, "stops.jsonl", 1401, 2500, 1);
    g_autoptr(VsHistory) history = open_history(directory, 0, 0);
    g_assert_cmpuint(assert_all(history, (VsRecordQuery){0}, 2500, 1), ==, 3);
    g_assert_cmpuint(assert_all(history, (VsRecordQuery){.limit = 5000}, 2500, 1), ==, 3);
    g_assert_cmpuint(assert_all(history, (VsRecordQuery){.limit = 500}, 2500, 1), >=, 5);
}

static void
test_size(void)
{
    const char *directory = vs_test_dir();

    write_numbers(directory, "stops.jsonl.1", 1, 10, 300 * KIB);
    write_numbers(directory, "stops.jsonl", 11, 13, 3 * MIB);
    g_autoptr(VsHistory) history = open_history(directory, 0, 0);
    g_assert_cmpuint(assert_all(history, (VsRecordQuery){0}, 13, 1), ==, 3 + 4);
}

/* What isn't wanted costs work, too: then a page is short, and leads on all the same. */
static void
test_work(void)
{
    VsRecordQuery query = {.domain = "the-first"};
    const char *directory = vs_test_dir();
    g_autofree char *mark = NULL;
    unsigned n_empty = 0;

    write_numbers(directory, "stops.jsonl", 2, 400, 50 * KIB);
    g_autofree char *path = g_build_filename(directory, "stops.jsonl.1", NULL);
    g_file_set_contents(path, "{\"id\":\"1\",\"domain\":{\"name\":\"the-first\"}}\n", -1, NULL);
    g_autoptr(VsHistory) history = open_history(directory, 0, 0);
    for (;;) {
        g_autoptr(GPtrArray) page = next_page(history, &query, &mark);

        if (page->len > 0) {
            g_assert_cmpuint(number_of(page->pdata[0]), ==, 1);
            break;
        }
        g_assert_nonnull(mark);
        n_empty++;
    }
    g_assert_null(mark);
    g_assert_cmpuint(n_empty, >=, 4); /* of 20 MiB */
}

/* The numbers of one page, "3 4 5". */
static void
assert_page(VsHistory *history, VsRecordQuery query, const char *expected)
{
    g_autoptr(GString) numbers = g_string_new(NULL);
    g_autofree char *mark = NULL;
    g_autoptr(GPtrArray) page = next_page(history, &query, &mark);

    for (unsigned i = 0; i < page->len; i++)
        g_string_append_printf(numbers, "%s%u", i > 0 ? " " : "", number_of(page->pdata[i]));
    g_assert_cmpstr(numbers->str, ==, expected);
}

static void
test_filters(void)
{
    const char *directory = vs_test_dir();
    g_autoptr(VsHistory) history = open_history(directory, 0, 0);

    append_numbers(history, 1, 6, 1);
    append(history, "{\"id\":\"7\",\"cause\":\"destroyed\",\"domain\":{\"name\":\"power-button\"},"
                    "\"request\":{\"stop\":\"" STOP_1 "\"},\"host_stop\":{\"id\":\"" HOST_1 "\"}}");
    append(history, "{\"id\":\"8\",\"cause\":\"power-button\",\"request\":{\"stop\":\"" STOP_2
                    "\"},\"host_stop\":{\"id\":\"" HOST_1 "\"}}");
    assert_page(history, (VsRecordQuery){.uri = "qemu:///two"}, "2 4 6");
    assert_page(history, (VsRecordQuery){.domain = "db1"}, "3 6");
    assert_page(history, (VsRecordQuery){.domain = "0A1B2C3D-0000-4000-8000-00000000000A"},
                "1 2 3 4 5 6");
    assert_page(history, (VsRecordQuery){.stop = STOP_1}, "7");
    assert_page(history, (VsRecordQuery){.stop = "0A1B2C3D-0000-4000-8000-0000000000F2"}, "8");
    assert_page(history, (VsRecordQuery){.host_stop = HOST_1}, "7 8");
    assert_page(history, (VsRecordQuery){.host_stop = STOP_1}, "");
    assert_page(history, (VsRecordQuery){.cause = "power-button"}, "8");
    assert_page(history, (VsRecordQuery){.since = AT(3)}, "3 4 5 6");
    assert_page(history, (VsRecordQuery){.until = AT(3)}, "1 2 3");
    assert_page(history, (VsRecordQuery){.since = AT(2), .until = AT(4) - 1}, "2 3");
    assert_page(history, (VsRecordQuery){.uri = "qemu:///two", .domain = "web1", .since = AT(3)},
                "4");
    assert_page(history, (VsRecordQuery){.uri = "qemu:///two", .limit = 2}, "4 6");
}

/* What isn't a record doesn't hold the page up. */
static void
test_torn(void)
{
    const char *directory = vs_test_dir();
    g_autofree char *path = g_build_filename(directory, "stops.jsonl.1", NULL);
    g_autoptr(VsHistory) history = open_history(directory, 0, 0);

    g_file_set_contents(path, "{\"id\":\"1\"}\n\n{\"id\":\n{\"id\":\"2\"}\n{\"id\":\"9", -1, NULL);
    g_assert_cmpuint(assert_all(history, (VsRecordQuery){.limit = 1}, 2, 1), >=, 2);
}

/* Between two pages stops are recorded, and the files rotate. */
static void
test_rotated_meanwhile(void)
{
    const char *directory = vs_test_dir();
    g_autofree char *line = make_line(10, 100), *mark = NULL;
    g_autoptr(VsHistory) history = open_history(directory, 3 * (strlen(line) + 1), 20);
    VsRecordQuery query = {.limit = 1};
    unsigned newest = 40, expected = 40;

    append_numbers(history, 10, newest, 100);
    do {
        g_autoptr(GPtrArray) page = next_page(history, &query, &mark);

        if (page->len > 0)
            g_assert_cmpuint(number_of(page->pdata[0]), ==, expected--);
        if (newest < 60)
            append_numbers(history, newest + 1, newest + 2, 100);
        newest += 2;
        if (expected % 4 == 0) { /* a new start of the daemon changes nothing */
            g_clear_pointer(&history, vs_history_free);
            history = open_history(directory, 3 * (strlen(line) + 1), 20);
        }
    } while (mark);
    g_assert_cmpuint(expected, ==, 9);
}

static void
assert_fails(VsHistory *history, const char *mark, int code, const char *part)
{
    VsRecordQuery query = {.after = mark};
    g_autoptr(GError) error = NULL;
    char *next = NULL;

    g_assert_null(vs_history_page(history->directory, &query, &next, &error));
    g_assert_error(error, VS_ERROR, code);
    if (!strstr(error->message, part))
        g_error("no “%s” in: %s", part, error->message);
    g_assert_null(next);
}

/* Where the mark's file is gone, nothing is silently left out or told again. */
static void
test_rotated_away(void)
{
    const char *directory = vs_test_dir();
    g_autofree char *line = make_line(10, 100), *mark = NULL;
    g_autoptr(VsHistory) history = open_history(directory, 3 * (strlen(line) + 1), 2);
    VsRecordQuery query = {.limit = 4};

    append_numbers(history, 10, 18, 100);
    g_ptr_array_unref(next_page(history, &query, &mark));
    append_numbers(history, 19, 30, 100);
    assert_fails(history, mark, VS_ERROR_MARK_GONE, mark);
    assert_fails(history, mark, VS_ERROR_MARK_GONE, "rotated away");
}

/* The same file, or one that got its inode, with something else at the place. */
static void
test_changed(void)
{
    const char *directory = vs_test_dir();
    g_autofree char *mark = NULL;
    g_autofree char *path = g_build_filename(directory, "stops.jsonl", NULL);
    g_autoptr(VsHistory) history = open_history(directory, 0, 0);
    VsRecordQuery query = {.limit = 2};

    append_numbers(history, 10, 15, 100);
    g_ptr_array_unref(next_page(history, &query, &mark));
    FILE *file = g_fopen(path, "w"); /* keeps the inode */
    for (unsigned i = 20; i < 26; i++) {
        g_autofree char *line = make_line(i, 100);

        fprintf(file, "%s\n", line);
    }
    g_assert_cmpint(fclose(file), ==, 0);
    assert_fails(history, mark, VS_ERROR_MARK_GONE, mark);
    file = g_fopen(path, "w");
    g_assert_cmpint(fclose(file), ==, 0);
    assert_fails(history, mark, VS_ERROR_MARK_GONE, mark);
}

static void
test_no_mark(void)
{
    static const char *const marks[] = {
        "x",
        "-",
        "1-2",
        "1-2-3",
        "1-2-0123456789abcdef-",
        "-1-2-0123456789abcdef",
        "1--2-0123456789abcdef",
        "11111111111111111-0-0123456789abcdef",
        "0-8000000000000000-0123456789abcdef",
    };
    const char *directory = vs_test_dir();
    g_autoptr(VsHistory) history = open_history(directory, 0, 0);

    for (unsigned i = 0; i < G_N_ELEMENTS(marks); i++)
        assert_fails(history, marks[i], VS_ERROR_INVALID, marks[i]);
    assert_fails(history, "1-7fffffffffffffff-0123456789abcdef", VS_ERROR_MARK_GONE, "7fffff");
}

static void
test_unreadable(void)
{
    const char *directory = vs_test_dir();
    g_autofree char *path = g_build_filename(directory, "stops.jsonl.1", NULL);
    g_autoptr(VsHistory) history = open_history(directory, 0, 0);
    VsRecordQuery query = {0};
    g_autoptr(GError) error = NULL;
    char *mark = NULL;

    append_numbers(history, 1, 3, 1);
    g_assert_cmpint(g_mkdir(path, 0755), ==, 0);
    g_assert_null(vs_history_page(history->directory, &query, &mark, &error));
    g_assert_error(error, VS_ERROR, VS_ERROR_IO);
    g_assert_nonnull(strstr(error->message, "stops.jsonl.1"));
}

/* Who writes rotates the files after every line that is read: each comes once, and none is left
 * out. */
static void
test_rotated_under_the_reader(void)
{
    const char *directory = vs_test_dir();
    g_autofree char *line = make_line(1, 100);
    g_autoptr(VsHistory) history = open_history(directory, 3 * (strlen(line) + 8), 100);
    g_autoptr(GError) error = NULL;
    g_auto(VsHistoryWalk) walk = {.fd = -1};
    unsigned expected = 20, newest = 20;
    const char *found;
    size_t len;

    append_numbers(history, 1, newest, 100);
    vs_history_walk_init(&walk, directory, VS_HISTORY_FILE);
    while (vs_history_walk_next(&walk, &found, &len, &error) > 0) {
        g_assert_cmpuint(number_of(found), ==, expected--);
        append_numbers(history, newest + 1, newest + 5, 100);
        newest += 5;
    }
    g_assert_no_error(error);
    g_assert_cmpuint(expected, ==, 0);
}

/* The rest was rotated away while the newest file was read. */
static void
test_rotated_away_under_the_reader(void)
{
    const char *directory = vs_test_dir();
    g_autofree char *line = make_line(1, 100);
    g_autoptr(VsHistory) history = open_history(directory, 3 * (strlen(line) + 8), 2);
    g_autoptr(GError) error = NULL;
    g_auto(VsHistoryWalk) walk = {.fd = -1};
    unsigned expected = 12;
    const char *found;
    size_t len;

    append_numbers(history, 1, expected, 100);
    vs_history_walk_init(&walk, directory, VS_HISTORY_FILE);
    g_assert_cmpint(vs_history_walk_next(&walk, &found, &len, &error), ==, 1);
    g_assert_cmpuint(number_of(found), ==, expected--);
    append_numbers(history, 13, 60, 100);
    while (vs_history_walk_next(&walk, &found, &len, &error) > 0)
        g_assert_cmpuint(number_of(found), ==, expected--);
    g_assert_no_error(error);
    g_assert_cmpuint(expected, <, 12);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/history-page/empty", test_empty);
    g_test_add_func("/history-page/count", test_count);
    g_test_add_func("/history-page/size", test_size);
    g_test_add_func("/history-page/work", test_work);
    g_test_add_func("/history-page/filters", test_filters);
    g_test_add_func("/history-page/torn", test_torn);
    g_test_add_func("/history-page/rotated-meanwhile", test_rotated_meanwhile);
    g_test_add_func("/history-page/rotated-away", test_rotated_away);
    g_test_add_func("/history-page/rotated-under-the-reader", test_rotated_under_the_reader);
    g_test_add_func("/history-page/rotated-away-under-the-reader",
                    test_rotated_away_under_the_reader);
    g_test_add_func("/history-page/changed", test_changed);
    g_test_add_func("/history-page/no-mark", test_no_mark);
    g_test_add_func("/history-page/unreadable", test_unreadable);
    return g_test_run();
}
