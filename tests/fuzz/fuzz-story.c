/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"

#include <string.h>

#include "ctl/evidence.h"
#include "ctl/host-stop.h"
#include "ctl/record-row.h"
#include "ctl/timeline-svg.h"
#include "util/text.h"
#include "words/story.h"

/* Any text as stop records, one a line, told to people in all the ways there are: nothing of it
 * reaches the terminal but what can be read there, and a picture is one that can be drawn. */

const char *const vs_fuzz_corpus[] = {"tests/fuzz/corpus/story", NULL};

static const VsColumn columns[] = {
    {"TIME", false, 0},  {"DOMAIN", false, 8},     {"CAUSE", false, 0},
    {"CLEAN", false, 0}, {"CONFIDENCE", false, 0}, {"OUTCOME", false, 0},
    {"BY", false, 8},    {"TOOK", true, 0},        {"REASON", false, 12},
};

/* Takes @text over. */
static void
assert_printable(char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    g_assert_true(g_utf8_validate(text, -1, NULL));
    for (char **line = lines; *line; line++) {
        g_autofree char *printable = vs_text_printable(*line);
        /* All that is left to be escaped is a backslash that was escaped already. */
        g_auto(GStrv) parts = g_strsplit(printable, "\\\\", -1);
        g_autofree char *same = g_strjoinv("\\", parts);

        g_assert_cmpstr(same, ==, *line);
    }
    g_free(text);
}

static void
assert_drawable(const GPtrArray *records)
{
    static const GMarkupParser parser = {0};
    VsTimeline *timeline = vs_timeline_of_records(records);
    g_autofree char *svg = vs_timeline_svg(timeline);
    g_autoptr(GMarkupParseContext) context = g_markup_parse_context_new(&parser, 0, NULL, NULL);
    g_autoptr(GError) error = NULL;

    g_markup_parse_context_parse(context, svg, -1, &error);
    g_assert_no_error(error);
    g_assert_true(g_markup_parse_context_end_parse(context, NULL));
    g_assert_false(g_regex_match_simple("=\"-?(nan|inf)", svg, 0, 0));
    vs_timeline_free(timeline);
}

/* As --json prints it: the same, and nothing for a terminal to obey. */
static void
assert_same_json(json_object *record)
{
    g_autofree char *line = g_strdup(vs_json_line(record)), *visible = vs_json_visible(line);
    g_autoptr(json_object) again = vs_json_parse_object(visible, NULL);

    for (const char *p = visible; *p; p = g_utf8_next_char(p))
        g_assert_false(vs_text_is_unsafe(g_utf8_get_char(p)));
    g_assert_nonnull(again);
    g_assert_cmpstr(vs_json_line(again), ==, line);
}

static void
tell(json_object *record)
{
    assert_same_json(record);
    assert_printable(vs_story_tell(record, false));
    assert_printable(vs_story_short(record));
    assert_printable(vs_evidence_tell(record));
}

static void
tell_all(GPtrArray *records)
{
    g_autoptr(VsTable) history = vs_table_new(columns, G_N_ELEMENTS(columns));
    g_autoptr(VsTable) blame = vs_table_new(columns, 5);

    for (unsigned i = 0; i < records->len; i++) {
        tell(records->pdata[i]);
        vs_record_row_history(history, records->pdata[i], false);
    }
    assert_drawable(records);
    g_ptr_array_sort(records, vs_record_row_compare_slowness);
    for (unsigned i = 0; i < records->len; i++)
        vs_record_row_blame(blame, records->pdata[i], true);
    assert_printable(vs_table_format(history, 0, true));
    assert_printable(vs_table_format(history, 80, true));
    assert_printable(vs_table_format(blame, 80, true));
}

static void
free_record(void *record)
{
    json_object_put(record);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, MIN(size, VS_FUZZ_MAX_SIZE));
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_autoptr(GPtrArray) records = g_ptr_array_new_with_free_func(free_record);

    for (char **line = lines; *line; line++) {
        json_object *record = vs_json_parse_object(*line, NULL);

        if (record)
            g_ptr_array_add(records, record);
    }
    tell_all(records);
    return 0;
}
