/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>

#include "rehearsal/replay.h"
#include "util/json.h"
#include "vs-test.h"

/* Every recorded trace, and every one of our own, read twice: its requests as this daemon's, and as
 * somebody else's. tests/traces/README.md and tests/traces/own/README.md say what a header holds.
 */

typedef struct Reading {
    char *path;
    bool foreign;
} Reading;

static void
reading_free(void *data)
{
    Reading *reading = data;

    g_free(reading->path);
    g_free(reading);
}

static VsTrace *
load(const char *path)
{
    g_autofree char *text = vs_test_read(path);
    g_autoptr(GError) error = NULL;
    VsTrace *trace = vs_trace_parse(path, text, &error);

    g_assert_no_error(error);
    return trace;
}

/* The records that there should be, oldest first: none, one, or those of "records". The header's
 * "foreign" stands in for "truth" where somebody else's requests lead to something else. The caller
 * frees the array, not what it holds. */
static GPtrArray *
expected(const VsTrace *trace, bool foreign)
{
    json_object *header = vs_trace_header(trace);
    json_object *truth = foreign ? vs_json_object(header, "foreign") : NULL;
    GPtrArray *ret = g_ptr_array_new();
    json_object *several;

    if (!truth)
        truth = vs_json_object(header, "truth");
    g_assert_nonnull(truth);
    several = vs_json_array(truth, "records");
    for (size_t i = 0; several && i < json_object_array_length(several); i++)
        g_ptr_array_add(ret, json_object_array_get_idx(several, i));
    if (!several && vs_json_string(truth, "cause", NULL))
        g_ptr_array_add(ret, truth);
    return ret;
}

/* An agent request by somebody else leaves no sign. */
static const char *
expected_cause(json_object *truth, bool foreign)
{
    const char *cause = vs_json_string(truth, "seen", vs_json_string(truth, "cause", NULL));

    return foreign && g_str_equal(cause, "guest-agent") ? "guest-initiated" : cause;
}

static void
check_confidence(json_object *truth, bool foreign, const char *cause, const char *confidence)
{
    const char *said = vs_json_string(truth, "confidence", NULL);
    bool hidden = !g_str_equal(cause, vs_json_string(truth, "cause", ""));

    if (g_str_equal(cause, "unknown"))
        g_assert_cmpstr(confidence, ==, "unknown");
    else if (!hidden && said)
        g_assert_cmpstr(confidence, ==, said);
    else if (hidden || g_str_equal(cause, "crashed"))
        g_assert_cmpstr(confidence, ==, "likely");
    else
        g_assert_cmpstr(confidence, !=, "unknown");
}

/* Null, true and false as they stand: of the truth, and where only another cause can be known, of
 * that. */
static void
check_clean(json_object *truth, const char *cause, json_object *record)
{
    json_object *clean = NULL, *should = NULL;
    VsCause known;

    g_assert_true(vs_cause_parse(cause, &known));
    g_assert_true(json_object_object_get_ex(record, "clean", &clean));
    if (!vs_json_string(truth, "seen", NULL) &&
        json_object_object_get_ex(truth, "clean", &should)) {
        g_assert_cmpstr(json_object_to_json_string(clean), ==, json_object_to_json_string(should));
        return;
    }
    g_assert_cmpstr(json_object_to_json_string(clean), ==,
                    vs_cause_clean(known) == VS_CLEAN_UNKNOWN ? "null"
                    : vs_cause_clean(known) == VS_CLEAN_YES   ? "true"
                                                              : "false");
}

/* The sender of the first signal that isn't libvirt's own, read here in another way than the engine
 * does. */
static bool
outside_signal(json_object *record, int *ret_pid, char **ret_comm)
{
    json_object *evidence = vs_json_array(record, "evidence");

    for (size_t i = 0; i < json_object_array_length(evidence); i++) {
        json_object *item = json_object_array_get_idx(evidence, i);
        const char *line = vs_json_string(item, "line", "");
        g_autoptr(GRegex) regex =
            g_regex_new("terminating on signal \\d+ from pid (\\d+) \\((.*)\\)$", 0, 0, NULL);
        g_autoptr(GMatchInfo) match = NULL;
        g_autofree char *pid = NULL, *comm = NULL;

        if (!g_regex_match(regex, line, 0, &match))
            continue;
        pid = g_match_info_fetch(match, 1);
        comm = g_match_info_fetch(match, 2);
        if (g_str_has_suffix(comm, "libvirtd") || g_str_has_suffix(comm, "virtqemud"))
            continue;
        *ret_pid = atoi(pid);
        *ret_comm = g_steal_pointer(&comm);
        return true;
    }
    return false;
}

static void
check_signal(json_object *truth, const char *cause, json_object *record)
{
    const char *should = vs_json_string(truth, "signal", NULL);
    json_object *killer = vs_json_object(record, "killer");
    g_autofree char *comm = NULL;
    int64_t named = 0;
    int pid = 0;

    if (!g_str_equal(cause, "host-signal") && !vs_json_string(truth, "confidence", NULL))
        should = NULL; /* nothing in the trace tells it */
    g_assert_cmpstr(vs_json_string(record, "signal", NULL), ==, should);
    if (!g_str_equal(cause, "host-signal")) {
        g_assert_null(killer);
        return;
    }
    if (!outside_signal(record, &pid, &comm)) {
        g_assert_null(killer);
        return;
    }
    g_assert_nonnull(killer);
    g_assert_true(vs_json_int(killer, "pid", &named));
    g_assert_cmpint(named, ==, pid);
    if (g_str_equal(comm, "<unknown process>"))
        g_assert_null(vs_json_string(killer, "comm", NULL));
    else
        g_assert_cmpstr(vs_json_string(killer, "comm", NULL), ==, comm);
}

/* Whose doing it was: what the daemon asked for itself stands in the record. */
static void
check_request(json_object *truth, bool foreign, json_object *record)
{
    json_object *request = vs_json_object(record, "request");
    const char *outcome = vs_json_string(truth, "outcome", NULL);

    if (foreign || !outcome) {
        g_assert_true(!request || !foreign);
        return;
    }
    g_assert_nonnull(request);
    g_assert_cmpstr(vs_json_string(request, "outcome", NULL), ==, outcome);
}

/* What it came about in, where the truth has it; else there is none. */
static void
check_told(json_object *truth, json_object *record)
{
    static const char *const keys[] = {"hibernated", "io_error", "migration", "candidates"};
    json_object *told = vs_json_object(truth, "told");

    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        json_object *should = NULL, *value = NULL;

        json_object_object_get_ex(told, keys[i], &should);
        json_object_object_get_ex(record, keys[i], &value);
        g_assert_cmpstr(value ? vs_json_line(value) : NULL, ==,
                        should ? vs_json_line(should) : NULL);
    }
}

static void
check_record(json_object *truth, bool foreign, const VsRecord *record)
{
    g_autoptr(json_object) object = vs_record_to_json(record, "boot");
    const char *cause = expected_cause(truth, foreign);

    g_test_message("%s", vs_json_line(object));
    g_assert_cmpstr(vs_json_string(object, "cause", NULL), ==, cause);
    check_clean(truth, cause, object);
    check_confidence(truth, foreign, cause, vs_json_string(object, "confidence", NULL));
    check_signal(truth, cause, object);
    check_request(truth, foreign, object);
    check_told(truth, object);
    g_assert_cmpuint(json_object_array_length(vs_json_array(object, "evidence")), >, 0);
}

static void
test_reading(const void *data)
{
    const Reading *reading = data;
    g_autoptr(VsTrace) trace = load(reading->path);
    g_autoptr(GPtrArray) truths = expected(trace, reading->foreign);
    g_autoptr(GPtrArray) records = vs_trace_replay(trace, reading->foreign);

    g_assert_cmpuint(records->len, ==, truths->len);
    for (unsigned i = 0; i < records->len; i++)
        check_record(truths->pdata[i], reading->foreign, records->pdata[i]);
}

static void
add_reading(const char *dir, const char *file, bool foreign)
{
    Reading *reading = g_new0(Reading, 1);
    g_autofree char *set = g_path_get_basename(dir);
    g_autofree char *scenario = g_strndup(file, strlen(file) - strlen(".jsonl"));
    g_autofree char *name =
        g_strdup_printf("/golden/%s/%s/%s", set, scenario, foreign ? "foreign" : "own");

    reading->path = g_build_filename(dir, file, NULL);
    reading->foreign = foreign;
    g_test_add_data_func_full(name, reading, test_reading, reading_free);
}

static unsigned
add_directory(const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *file;
    unsigned n = 0;

    while (dir && (file = g_dir_read_name(dir))) {
        if (!g_str_has_suffix(file, ".jsonl"))
            continue;
        add_reading(path, file, false);
        add_reading(path, file, true);
        n++;
    }
    return n;
}

/* What isn't there can't fail: that would be a poor reason to pass. */
static void
test_enough(const void *n_files)
{
    g_assert_cmpuint(GPOINTER_TO_UINT(n_files), >=, 130);
}

int
main(int argc, char **argv)
{
    const char *top = g_getenv("top_srcdir");
    g_autofree char *traces = g_build_filename(top ? top : ".", "tests", "traces", NULL);
    g_autoptr(GDir) dir = NULL;
    const char *set;
    unsigned n = 0;

    vs_test_init(&argc, &argv);
    dir = g_dir_open(traces, 0, NULL);
    while (dir && (set = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(traces, set, NULL);

        n += add_directory(path);
    }
    g_test_add_data_func("/golden/enough", GUINT_TO_POINTER(n), test_enough);
    return g_test_run();
}
