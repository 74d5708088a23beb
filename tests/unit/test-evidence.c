/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/evidence.h"

#include <string.h>

#include "core/run-text.h"
#include "core/run.h"
#include "util/text.h"
#include "vs-test.h"

static json_object *
new_item(const char *source, const char *event, const char *data)
{
    json_object *item = vs_evidence_new(0, source);

    vs_json_set_string(item, "event", event);
    vs_json_set_string(item, "data", data);
    return item;
}

static unsigned
add(json_object *list, const char *source, const char *event, const char *data)
{
    unsigned dropped = vs_evidence_add(list, new_item(source, event, data));

    g_assert_cmpuint(strlen(vs_json_line(list)), <=, VS_EVIDENCE_MAX_LIST + 2);
    g_assert_cmpuint(json_object_array_length(list), <=, VS_EVIDENCE_MAX_ITEMS);
    return dropped;
}

static json_object *
last_of(json_object *list)
{
    return json_object_array_get_idx(list, json_object_array_length(list) - 1);
}

static unsigned
count(json_object *list, const char *event)
{
    unsigned n = 0;

    for (size_t i = 0; i < json_object_array_length(list); i++)
        n += g_str_equal(vs_json_string(json_object_array_get_idx(list, i), "event", ""), event);
    return n;
}

/* Whatever it is made of, an item is cut to what it may have, is JSON, and says that it was cut. */
static void
assert_cut(const char *data)
{
    g_autoptr(json_object) list = json_object_new_array(), again = NULL;
    const char *kept;

    add(list, "qmp", "GUEST_PANICKED", data);
    g_assert_cmpuint(strlen(vs_json_line(last_of(list))), <=, VS_EVIDENCE_MAX_ITEM);
    again = vs_json_parse_object(vs_json_line(last_of(list)), NULL);
    g_assert_nonnull(again);
    g_assert_true(vs_json_bool(again, "cut", false));
    g_assert_cmpstr(vs_json_string(again, "event", ""), ==, "GUEST_PANICKED");
    kept = vs_json_string(again, "data", "");
    g_assert_true(g_str_has_suffix(kept, VS_TEXT_CUT));
    g_assert_cmpuint(strlen(kept), >, VS_EVIDENCE_MAX_ITEM / 16);
}

/* As @n_quotes, which take two bytes each in a line, and letters behind them are kept. */
static json_object *
kept_of(unsigned n_quotes, unsigned n_letters)
{
    g_autofree char *quotes = g_strnfill(n_quotes, '"'), *letters = g_strnfill(n_letters, 'a');
    g_autofree char *data = g_strconcat(quotes, letters, NULL);
    g_autoptr(json_object) list = json_object_new_array();

    add(list, "qmp", "GUEST_PANICKED", data);
    return json_object_get(last_of(list));
}

static void
expect_kept(unsigned n_quotes, unsigned n_letters, bool cut)
{
    g_autoptr(json_object) item = kept_of(n_quotes, n_letters);

    g_assert_cmpuint(strlen(vs_json_line(item)), ==, VS_EVIDENCE_MAX_ITEM);
    g_assert_cmpint(vs_json_bool(item, "cut", false), ==, cut);
}

/* It may have all that is allowed, whole or cut. */
static void
test_full(void)
{
    g_autoptr(json_object) empty = kept_of(0, 0), cut = kept_of(0, VS_EVIDENCE_MAX_ITEM),
                           over = NULL;
    unsigned room = VS_EVIDENCE_MAX_ITEM - (unsigned)strlen(vs_json_line(empty));

    expect_kept(0, room, false);
    over = kept_of(0, room + 1);
    g_assert_true(vs_json_bool(over, "cut", false));
    room = VS_EVIDENCE_MAX_ITEM - (unsigned)strlen(vs_json_line(cut));
    expect_kept(room, VS_EVIDENCE_MAX_ITEM, true);
}

static void
test_cut(void)
{
    g_autofree char *plain = g_strnfill(3 * 1024 * 1024, 'a'),
                    *control = g_strnfill(1024 * 1024, '\x01'), *quotes = g_strnfill(8000, '"');
    g_autoptr(GString) wide = g_string_new(NULL);

    while (wide->len < 9000)
        g_string_append(wide, "a€𝄞");
    assert_cut(plain);
    assert_cut(control);
    assert_cut(quotes);
    assert_cut(wide->str);
    assert_cut(wide->str + 1);
}

/* Of an object not a member is known any more; it is the start of its text. */
static void
test_cut_object(void)
{
    g_autoptr(json_object) list = json_object_new_array();
    g_autofree char *long_text = g_strnfill(5000, 'x');
    json_object *item = vs_evidence_new(0, "qmp"), *data = json_object_new_object();

    vs_json_set_string(data, "reason", "guest-shutdown");
    vs_json_set_string(data, "more", long_text);
    vs_json_set(item, "data", data);
    vs_evidence_add(list, item);
    g_assert_true(g_str_has_prefix(vs_json_string(last_of(list), "data", ""),
                                   "{\"reason\":\"guest-shutdown\",\"more\":\"xxx"));
}

/* A state file of somebody else's may hold any object. */
static void
test_cut_anything(void)
{
    g_autoptr(json_object) list = json_object_new_array();
    json_object *item = json_object_new_object();

    for (int i = 0; i < 2000; i++) {
        g_autofree char *key = g_strdup_printf("key %d", i);

        vs_json_set_int(item, key, i);
    }
    vs_evidence_add(list, item);
    g_assert_cmpstr(vs_json_line(list), ==, "[{\"cut\":true}]");
}

static void
test_whole(void)
{
    g_autoptr(json_object) list = json_object_new_array();
    g_autofree char *data = g_strnfill(3000, 'a');

    g_assert_cmpuint(add(list, "qmp", "SHUTDOWN", data), ==, 0);
    g_assert_cmpstr(vs_json_string(last_of(list), "data", ""), ==, data);
    g_assert_false(vs_json_bool(last_of(list), "cut", false));
}

/* What is told first and last of each kind stays; who repeats himself loses his own words. */
static void
test_flood(void)
{
    g_autoptr(json_object) list = json_object_new_array();
    g_autofree char *big = g_strnfill(1024 * 1024, 'b');
    unsigned dropped = 0;

    add(list, "request", "ours", "first");
    add(list, "qmp", "SHUTDOWN", "first");
    for (int i = 0; i < 1000; i++)
        dropped += add(list, "qmp", "SHUTDOWN", i % 2 ? big : "small");
    for (int i = 0; i < 500; i++)
        dropped += add(list, "qmp", "RESET", big);
    dropped += add(list, "qmp", "SHUTDOWN", "last");
    dropped += add(list, "libvirt", "stopped", "last");
    g_assert_cmpuint(dropped + json_object_array_length(list), ==, 1504);
    g_assert_cmpuint(count(list, "ours"), ==, 1);
    g_assert_cmpuint(count(list, "stopped"), ==, 1);
    g_assert_cmpuint(count(list, "RESET"), >, 2);
    g_assert_cmpstr(vs_json_string(json_object_array_get_idx(list, 1), "data", ""), ==, "first");
    g_assert_cmpstr(
        vs_json_string(json_object_array_get_idx(list, json_object_array_length(list) - 2), "data",
                       ""),
        ==, "last");
}

/* All kinds that QEMU has, and each as long as may be: what is ours stays. */
static void
test_all_kinds(void)
{
    g_autoptr(json_object) list = json_object_new_array();
    g_autofree char *big = g_strnfill(1024 * 1024, 'b');

    add(list, "request", "ours", "first");
    for (int i = 0; i < 1000; i++) {
        g_autofree char *event = g_strdup_printf("EVENT %d", i % 14);

        add(list, "qmp", event, big);
    }
    add(list, "reply", "ours", "last");
    add(list, "libvirt", "stopped", "last");
    g_assert_cmpuint(count(list, "ours"), ==, 2);
    g_assert_cmpuint(count(list, "stopped"), ==, 1);
}

/* ... and what is kept of a run is bounded with it, and is read again as it was. */
static void
test_kept(void)
{
    g_autofree char *big = g_strnfill(3 * 1024 * 1024, '"');
    VsRun *run = vs_run_new((VsUuid){"694d7acf-8340-4861-9f1c-c2fb39234ca0"}, 0), *again;
    g_autoptr(json_object) kept = NULL, kept_again = NULL;

    for (int i = 0; i < 7000; i++)
        vs_run_witness(run, new_item("qmp", i % 1000 ? "STOP" : "RESET", i % 1000 ? "" : big));
    kept = vs_run_to_json(run);
    g_assert_cmpuint(strlen(vs_json_line(kept)), <, 65 * 1024);
    again = vs_run_from_json(kept, 2, NULL);
    g_assert_nonnull(again);
    g_assert_cmpint(run->dropped, ==, 7000 - json_object_array_length(run->evidence));
    g_assert_cmpint(again->dropped, ==, run->dropped);
    kept_again = vs_run_to_json(again);
    g_assert_cmpstr(vs_json_line(kept_again), ==, vs_json_line(kept));
    vs_run_free(again);
    vs_run_free(run);
}

/* One of before, without bounds. */
static void
test_kept_of_old(void)
{
    g_autoptr(json_object) kept = json_object_new_object();
    json_object *evidence = json_object_new_array();
    g_autofree char *big = g_strnfill(1024 * 1024, 'x');
    VsRun *run;

    for (int i = 0; i < 100; i++)
        json_object_array_add(evidence,
                              i % 2 ? json_object_new_int(i) : new_item("qmp", "STOP", big));
    vs_json_set_string(kept, "id", "694d7acf-8340-4861-9f1c-c2fb39234ca0");
    vs_json_set(kept, "evidence", evidence);
    vs_json_set_int(kept, "dropped", -5);
    vs_json_set_string(kept, "shutdown", "none");
    run = vs_run_from_json(kept, 2, NULL);
    g_assert_nonnull(run);
    g_assert_cmpuint(strlen(vs_json_line(run->evidence)), <=, VS_EVIDENCE_MAX_LIST + 2);
    g_assert_cmpint(run->dropped, ==, 50 - json_object_array_length(run->evidence));
    vs_run_free(run);
}

static void
test_requester(void)
{
    g_autofree char *name = g_strnfill(100000, 'n');
    VsRequester from = {.uid = 1000, .pid = 42, .comm = name}, to, again;

    vs_requester_copy(&to, &from);
    vs_requester_copy(&again, &to);
    g_assert_cmpuint(strlen(to.comm), ==, 255);
    g_assert_true(g_str_has_suffix(to.comm, "n" VS_TEXT_CUT));
    g_assert_cmpstr(again.comm, ==, to.comm);
    vs_requester_clear(&to);
    vs_requester_clear(&again);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/evidence/full", test_full);
    g_test_add_func("/evidence/cut", test_cut);
    g_test_add_func("/evidence/cut-object", test_cut_object);
    g_test_add_func("/evidence/cut-anything", test_cut_anything);
    g_test_add_func("/evidence/whole", test_whole);
    g_test_add_func("/evidence/flood", test_flood);
    g_test_add_func("/evidence/all-kinds", test_all_kinds);
    g_test_add_func("/evidence/kept", test_kept);
    g_test_add_func("/evidence/kept-of-old", test_kept_of_old);
    g_test_add_func("/evidence/requester", test_requester);
    return g_test_run();
}
