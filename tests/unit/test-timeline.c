/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/timeline-svg.h"

#include <string.h>

#include "ctl/host-stop.h"
#include "ctl/plan-text.h"
#include "vs-test.h"

/* The last host stop out of the records, what is drawn of it, and a plan in words. */

#define STEP(method, started, took, result)                                                        \
    "{\"method\":\"" method "\",\"started\":\"2026-11-23T02:" started "Z\",\"took_ms\":" took      \
    ",\"result\":\"" result "\"}"

static void
free_record(gpointer data)
{
    json_object_put(data);
}

static GPtrArray *
new_records(void)
{
    return g_ptr_array_new_with_free_func(free_record);
}

/* @time: minutes and seconds; @steps: JSON, or NULL for no request. */
static void
add(GPtrArray *records, const char *name, const char *time, int took_ms, bool host_shutdown,
    const char *boot_id, const char *steps)
{
    json_object *record = json_object_new_object(), *domain = json_object_new_object();
    g_autofree char *whole = g_strdup_printf("2026-11-23T02:%sZ", time);
    g_autofree char *request =
        g_strdup_printf("{\"outcome\":\"clean\",\"steps\":[%s]}", steps ? steps : "");

    vs_json_set_string(domain, "name", name);
    vs_json_set_string(domain, "uuid", name);
    vs_json_set_string(record, "time", whole);
    vs_json_set_string(record, "uri", "qemu:///one");
    vs_json_set_string(record, "boot_id", boot_id);
    vs_json_set_string(record, "cause", "guest-agent");
    vs_json_set_bool(record, "clean", true);
    vs_json_set(record, "domain", domain);
    vs_json_set_bool(record, "host_shutdown", host_shutdown);
    vs_json_set_int(record, "took_ms", took_ms);
    vs_json_set(record, "request", steps ? vs_json_parse_object(request, NULL) : NULL);
    g_ptr_array_add(records, record);
}

static char *
names_of(const GPtrArray *records)
{
    GString *names = g_string_new(NULL);

    for (unsigned i = 0; records && i < records->len; i++)
        g_string_append_printf(
            names, "%s%s", i > 0 ? " " : "",
            vs_json_string(vs_json_object(g_ptr_array_index(records, i), "domain"), "name", ""));
    return g_string_free(names, FALSE);
}

static void
assert_host_stop(const GPtrArray *records, const char *expected)
{
    g_autoptr(GPtrArray) found = vs_host_stop_of(records);
    g_autofree char *names = names_of(found);

    g_assert_cmpstr(names, ==, expected);
}

static void
test_host_stop(void)
{
    g_autoptr(GPtrArray) records = new_records();

    assert_host_stop(records, "");
    add(records, "a", "01:00.000000", 1000, false, "x", NULL);
    assert_host_stop(records, "");
    add(records, "b", "02:00.000000", 1000, true, "x", NULL);
    add(records, "c", "02:01.000000", 1000, true, "y", NULL);
    assert_host_stop(records, "c");
    /* What stopped by itself meanwhile, or since, is no part of it, and doesn't end it. */
    add(records, "d", "02:01.500000", 500, false, "y", NULL);
    add(records, "b", "02:02.000000", 2000, true, "y", NULL);
    add(records, "c", "05:00.000000", 1000, false, "y", NULL);
    assert_host_stop(records, "c b");
    /* A second stop of the same boot: the first was called off. */
    add(records, "e", "06:00.000000", 1000, true, "y", NULL);
    assert_host_stop(records, "e");
    add(records, "f", "07:30.000000", 45000, true, "y", NULL);
    assert_host_stop(records, "e f");
    add(records, "e", "07:31.000000", 1000, true, "y", NULL);
    assert_host_stop(records, "f e");
}

static void
on_element(GMarkupParseContext *context, const char *element, const char **names,
           const char **values, gpointer userdata, GError **error)
{
    GString *seen = userdata;

    if (g_str_equal(element, "rect") && g_str_equal(names[0], "class"))
        g_string_append_printf(seen, "%s@%s+%s ", values[0], values[1], values[3]);
}

static void
on_text(GMarkupParseContext *context, const char *text, gsize len, gpointer userdata,
        GError **error)
{
    GString *seen = userdata;

    if (g_str_equal(g_markup_parse_context_get_element(context), "text"))
        g_string_append_printf(seen, "[%.*s] ", (int)len, text);
}

/* The rectangles and the texts of @svg, which is XML. */
static char *
outline(const char *svg)
{
    static const GMarkupParser parser = {.start_element = on_element, .text = on_text};
    GString *seen = g_string_new(NULL);
    GMarkupParseContext *context = g_markup_parse_context_new(&parser, 0, seen, NULL);
    g_autoptr(GError) error = NULL;

    g_markup_parse_context_parse(context, svg, -1, &error);
    g_assert_no_error(error);
    g_markup_parse_context_end_parse(context, &error);
    g_assert_no_error(error);
    g_markup_parse_context_free(context);
    return g_string_free(seen, FALSE);
}

static void
assert_has(const char *text, const char *part)
{
    if (!strstr(text, part))
        g_error("“%s” is missing in:\n%s", part, text);
}

/* A second is 100 pixels wide here. */
static void
test_svg(void)
{
    g_autoptr(GPtrArray) records = new_records();
    g_autoptr(VsTimeline) timeline = NULL;
    g_autofree char *svg = NULL, *seen = NULL;

    add(records, "web1", "00:10.000000", 6000, true, "x",
        STEP("agent", "00:04.000000", "4000", "deadline") "," STEP("destroy", "00:08.000000",
                                                                   "2000", "went down"));
    json_object_object_add(g_ptr_array_index(records, 0), "clean", json_object_new_boolean(false));
    add(records, "db1", "00:03.000000", 3000, true, "x",
        STEP("power-button", "00:00.000000", "2500", "went down"));
    timeline = vs_timeline_of_records(records);
    g_assert_cmpstr(timeline->title, ==, "The host going down, 2026-11-23 02:00:00 UTC");
    g_assert_cmpint(timeline->total, ==, 10 * G_USEC_PER_SEC);
    svg = vs_timeline_svg(timeline);
    seen = outline(svg);
    assert_has(seen, "[2 guests: 1 clean, 1 cut off; 10 s] ");
    assert_has(seen, "[0] [1 s] [2 s] ");
    assert_has(seen, "[db1] bar@60.0+300.0 button@60.0+250.0 [3 s, clean] "
                     "[web1] bar@460.0+600.0 agent@460.0+400.0 destroy@860.0+200.0 ");
    assert_has(seen, "[agent] ");
    assert_has(svg, "<title>agent: 4 s, deadline</title>");
    g_assert_null(strstr(seen, "[leave]")); /* only what there is */
}

/* Whatever a guest is called, and what a record holds, it is XML. */
static void
test_hostile(void)
{
    static const char *const names[] = {"<&\"'>]]>", "a\x01\033[31m\x7f",
                                        "\xef\xbf\xbe\xef\xbf\xbf", "\xff\xfe", ""};
    g_autoptr(GPtrArray) records = new_records();
    g_autoptr(VsTimeline) timeline = NULL;
    g_autofree char *svg = NULL, *seen = NULL;

    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++)
        add(records, names[i], "00:00.000000", 0, true, "x",
            STEP("<rope>", "00:01.000000", "-9223372036854775808", "a & b"));
    timeline = vs_timeline_of_records(records);
    svg = vs_timeline_svg(timeline);
    seen = outline(svg);
    assert_has(seen, "[<&\"'>]]>] ");
    assert_has(seen, "[a\\x01\\x1b[31m\\x7f] ");
    g_assert_null(strstr(svg, "\xef\xbf\xbe"));
    g_assert_null(strchr(svg, '\033'));
    g_assert_true(g_utf8_validate(svg, -1, NULL));
}

/* Times in ms, or null. */
#define PLANNED_STEP(method, start, took)                                                          \
    "{\"method\":\"" method "\",\"start_ms\":" start ",\"took_ms\":" took ",\"result\":null}"
#define GUEST(name, waits_for, start, took, slowest, worst, forced, outcome, steps)                \
    "{\"name\":\"" name "\",\"waits_for\":" waits_for ",\"start_ms\":" start ",\"took_ms\":" took  \
    ",\"slowest_ms\":" slowest ",\"worst_ms\":" worst ",\"outcome\":\"" outcome                    \
    "\",\"forced\":" forced ",\"steps\":[" steps "]}"

#define WEB1                                                                                       \
    GUEST("web1", "null", "0", "4000", "9000", "180000", "false", "clean",                         \
          PLANNED_STEP("agent", "0", "4000"))
#define DB1                                                                                        \
    GUEST("db1", "\"web1\"", "4000", "6000", "40000", "240000", "true", "forced",                  \
          PLANNED_STEP("destroy", "4000", "6000"))
#define PLAN                                                                                       \
    "{\"total_ms\":10000,\"slowest_ms\":40000,\"worst_ms\":240000,\"guests\":[" WEB1 "," DB1 "]}"

static void
assert_plan_text(const char *json, const char *expected)
{
    g_autoptr(json_object) plan = vs_json_parse_object(json, NULL);
    g_autofree char *text = vs_plan_format(plan, 0, true);

    g_assert_cmpstr(text, ==, expected);
}

static void
test_plan_text(void)
{
    g_autoptr(json_object) plan = vs_json_parse_object(PLAN, NULL);
    g_autofree char *bare = vs_plan_format(plan, 0, false);

    assert_plan_text(PLAN, "#  DOMAIN  WAITS FOR  START   END  SLOWEST  AT MOST  OUTCOME\n"
                           "1  web1    -              0   4 s      9 s    3 min  clean\n"
                           "2  db1     web1         4 s  10 s     40 s    4 min  forced\n"
                           "\n2 guests, 1 is forced.\n"
                           "Expected time: 10 s. As slow as each ever was: 40 s. "
                           "At most, if none obeys: 4 min.\n");
    g_assert_true(g_str_has_prefix(bare, "1  web1"));
    g_assert_null(strstr(bare, "guests"));
}

#define KEPT                                                                                       \
    GUEST("kept", "null", "0", "2000", "2000", "2000", "false", "timed-out",                       \
          PLANNED_STEP("power-button", "0", "2000"))
#define ENDLESS                                                                                    \
    GUEST("endless", "null", "1000", "null", "null", "null", "false", "in-flight",                 \
          PLANNED_STEP("power-button", "1000", "null"))
#define BEHIND                                                                                     \
    GUEST("behind", "\"endless\"", "null", "null", "null", "null", "false", "in-flight", "")

static void
test_plan_left(void)
{
    assert_plan_text("{\"total_ms\":2000,\"slowest_ms\":2000,\"worst_ms\":2000,\"guests\":[" KEPT
                     "]}",
                     "#  DOMAIN  WAITS FOR  START  END  SLOWEST  AT MOST  OUTCOME\n"
                     "1  kept    -              0  2 s      2 s      2 s  left running\n"
                     "\n1 guest, 1 is left running.\n"
                     "Expected time: 2 s. As slow as each ever was: 2 s. "
                     "At most, if none obeys: 2 s.\n"
                     "What is left running is cut off if the host itself goes down.\n");
    assert_plan_text("{\"total_ms\":null,\"slowest_ms\":null,\"worst_ms\":null,\"guests\":[" ENDLESS
                     "," BEHIND "]}",
                     "#  DOMAIN   WAITS FOR  START       END   SLOWEST   AT MOST  OUTCOME\n"
                     "1  endless  -            1 s  no limit  no limit  no limit  no end\n"
                     "2  behind   endless        -  no limit  no limit  no limit  no end\n"
                     "\n2 guests.\n"
                     "Expected time: no limit. As slow as each ever was: no limit. "
                     "At most, if none obeys: no limit.\n");
}

/* One that is as slow as it ever was is forced; of another nothing is known but its ladder. */
static void
test_plan_slowest(void)
{
    assert_plan_text(
        "{\"total_ms\":119999,\"slowest_ms\":121000,\"worst_ms\":135000,\"guests\":["
        "{\"name\":\"slow\",\"median_ms\":4000,\"start_ms\":0,\"took_ms\":4000,"
        "\"slowest_ms\":121000,\"worst_ms\":135000,\"outcome\":\"clean\","
        "\"slowest_outcome\":\"forced\"},"
        "{\"name\":\"new\",\"median_ms\":null,\"start_ms\":0,\"took_ms\":119999,"
        "\"slowest_ms\":119999,\"worst_ms\":135000,\"outcome\":\"clean\","
        "\"slowest_outcome\":\"clean\"}]}",
        "#  DOMAIN  WAITS FOR  START    END    SLOWEST     AT MOST  OUTCOME\n"
        "1  slow    -              0    4 s  2 min 1 s  2 min 15 s  clean (slowest: forced)\n"
        "2  new     -              0  2 min      2 min  2 min 15 s  clean\n"
        "\n2 guests, 1 was never seen to go down.\n"
        "Expected time: 2 min. As slow as each ever was: 2 min 1 s, 1 is forced. "
        "At most, if none obeys: 2 min 15 s.\n");
}

static void
test_plan_odd(void)
{
    static const char *const texts[] = {
        "{}", "{\"guests\":[]}", "{\"guests\":[{}]}",
        "{\"total_ms\":-1,\"worst_ms\":9223372036854775807,\"guests\":[7,{\"name\":1,"
        "\"start_ms\":9223372036854775807,\"took_ms\":9223372036854775807,\"steps\":[{},3]}]}"};

    for (unsigned i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(json_object) plan = vs_json_parse_object(texts[i], NULL);
        g_autoptr(VsTimeline) timeline = vs_timeline_of_plan(plan);
        g_autofree char *text = vs_plan_format(plan, 0, true), *svg = vs_timeline_svg(timeline);
        g_autofree char *seen = outline(svg);

        assert_has(text, "no limit");
        assert_has(seen, " guest");
    }
}

static void
test_plan_svg(void)
{
    g_autoptr(json_object) plan = vs_json_parse_object(PLAN, NULL);
    g_autoptr(VsTimeline) timeline = vs_timeline_of_plan(plan);
    g_autofree char *svg = vs_timeline_svg(timeline), *seen = outline(svg);

    assert_has(seen, "[web1] bar@60.0+400.0 agent@60.0+400.0 "
                     "[clean after 4 s; slowest 9 s, at most 3 min] "
                     "[db1] [waits for web1] bar@460.0+600.0 destroy@460.0+600.0 "
                     "[forced after 10 s; slowest 40 s, at most 4 min] ");
    assert_has(seen, "[Plan of a host stop] ");
    assert_has(seen, "[2 guests, 1 is forced. "
                     "Expected time: 10 s. ");
}

/* What has no end is drawn as far as all else, and whose turn never comes behind that. */
static void
test_plan_svg_left(void)
{
    g_autoptr(json_object) plan =
        vs_json_parse_object("{\"guests\":[" KEPT "," ENDLESS "," BEHIND "]}", NULL);
    g_autoptr(VsTimeline) timeline = vs_timeline_of_plan(plan);
    g_autofree char *svg = vs_timeline_svg(timeline), *seen = outline(svg);

    assert_has(seen, "[kept] bar@84.0+1000.0 button@84.0+1000.0 "
                     "[left running after 2 s; slowest 2 s, at most 2 s] "
                     "[endless] bar@584.0+500.0 button@584.0+500.0 [no end] "
                     "[behind] [waits for endless] bar@1084.0+1.0 [no end] ");
    assert_has(svg, "class=\"name left\"");
}

/* Notes have room, however long they are. */
static void
assert_width(size_t note, const char *expected)
{
    g_autoptr(json_object) plan = vs_json_parse_object(PLAN, NULL);
    g_autoptr(VsTimeline) timeline = vs_timeline_of_plan(plan);
    g_autofree char *svg = NULL;

    for (unsigned i = 0; i < timeline->bars->len; i++) {
        VsBar *bar = g_ptr_array_index(timeline->bars, i);

        g_free(bar->note);
        bar->note = g_strnfill(note, 'x');
    }
    svg = vs_timeline_svg(timeline);
    assert_has(svg, expected);
}

static void
test_svg_width(void)
{
    assert_width(3, "width=\"1380.0\"");
    assert_width(100, "width=\"1880.0\"");
}

int
main(int argc, char **argv)
{
    g_setenv("TZ", "UTC", TRUE);
    vs_test_init(&argc, &argv);
    g_test_add_func("/ctl/timeline/host-stop", test_host_stop);
    g_test_add_func("/ctl/timeline/svg", test_svg);
    g_test_add_func("/ctl/timeline/hostile", test_hostile);
    g_test_add_func("/ctl/timeline/plan-text", test_plan_text);
    g_test_add_func("/ctl/timeline/plan-odd", test_plan_odd);
    g_test_add_func("/ctl/timeline/plan-left", test_plan_left);
    g_test_add_func("/ctl/timeline/plan-slowest", test_plan_slowest);
    g_test_add_func("/ctl/timeline/plan-svg", test_plan_svg);
    g_test_add_func("/ctl/timeline/plan-svg-left", test_plan_svg_left);
    g_test_add_func("/ctl/timeline/svg-width", test_svg_width);
    return g_test_run();
}
