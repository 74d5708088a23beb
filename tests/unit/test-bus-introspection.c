/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "bus-client.h"
#include "vs-test.h"

/* Whether the service is what data/org.virtstop1.xml says. */

typedef struct Outline {
    GString *path; /* "org.virtstop1.Stop/Extend" */
    GPtrArray *lines;
    unsigned n_args;  /* of the method or signal, so far: their order matters */
    const char *only; /* this interface */
} Outline;

static const char *
attribute(const char **names, const char **values, const char *name)
{
    for (; *names; names++, values++) {
        if (g_str_equal(*names, name))
            return *values;
    }
    return "";
}

static void
start_element(GMarkupParseContext *context, const char *element, const char **names,
              const char **values, gpointer userdata, GError **error)
{
    Outline *outline = userdata;

    bool is_arg = g_str_equal(element, "arg");

    g_string_append_printf(outline->path, "/%s", attribute(names, values, "name"));
    if (!strstr(outline->path->str, outline->only))
        return;
    outline->n_args = is_arg ? outline->n_args + 1 : 0;
    g_ptr_array_add(
        outline->lines,
        g_strdup_printf("%s: %s %u %s %s %s %s", outline->path->str, element, outline->n_args,
                        attribute(names, values, "type"), attribute(names, values, "direction"),
                        attribute(names, values, "access"), attribute(names, values, "value")));
}

static void
end_element(GMarkupParseContext *context, const char *element, gpointer userdata, GError **error)
{
    Outline *outline = userdata;

    g_string_truncate(outline->path, strrchr(outline->path->str, '/') - outline->path->str);
}

static int
compare_lines(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* All that @xml says of @interface, sorted: one line each for a method, an argument, ... */
static char *
outline_of(const char *xml, const char *interface)
{
    static const GMarkupParser parser = {.start_element = start_element,
                                         .end_element = end_element};
    g_autofree char *only = g_strconcat("/", interface, NULL);
    Outline outline = {
        .path = g_string_new(NULL),
        .lines = g_ptr_array_new_with_free_func(g_free),
        .only = only,
    };
    GMarkupParseContext *context = g_markup_parse_context_new(&parser, 0, &outline, NULL);
    g_autoptr(GError) error = NULL;
    char *text;

    g_markup_parse_context_parse(context, xml, -1, &error);
    g_assert_no_error(error);
    g_markup_parse_context_free(context);
    g_ptr_array_sort(outline.lines, compare_lines);
    g_ptr_array_add(outline.lines, NULL);
    text = g_strjoinv("\n", (char **)outline.lines->pdata);
    g_ptr_array_unref(outline.lines);
    g_string_free(outline.path, TRUE);
    return text;
}

static void
assert_introspection(BusFixture *fixture, const char *path, const char *interface,
                     const char *written)
{
    g_autoptr(sd_bus_message) reply =
        bus_fixture_call(fixture, path, "org.freedesktop.DBus.Introspectable", "Introspect", NULL);
    g_autofree char *expected = outline_of(written, interface), *answered = NULL;
    const char *xml;

    assert_ok(reply);
    sd_bus_message_read(reply, "s", &xml);
    answered = outline_of(xml, interface);
    g_assert_cmpstr(answered, ==, expected);
    g_assert_nonnull(strstr(expected, "Stop"));
}

static void
test_introspection(void)
{
    g_autofree char *file = NULL, *written = NULL, *stop = NULL, *host_stop = NULL;
    g_autoptr(sd_bus_message) reply = NULL;
    const char *domain;
    BusFixture fixture;

    if (!bus_fixture_set_up(&fixture))
        return;
    file = g_build_filename(g_getenv("top_srcdir") ? g_getenv("top_srcdir") : ".", "data",
                            "org.virtstop1.xml", NULL);
    written = vs_test_read(file);
    reply = bus_fixture_manager(&fixture, "GetDomain", "sa{sv}", "web1", 0);
    assert_ok(reply);
    sd_bus_message_read(reply, "o", &domain);
    stop = bus_fixture_stop(&fixture, "web1");
    assert_introspection(&fixture, "/org/virtstop1", "org.virtstop1.Manager", written);
    assert_introspection(&fixture, domain, "org.virtstop1.Domain", written);
    assert_introspection(&fixture, stop, "org.virtstop1.Stop", written);
    bus_fixture_do(&fixture, "/org/virtstop1", "org.virtstop1.Manager", "StopAll", "a{sv}", 0);
    host_stop = bus_fixture_get_text(&fixture, stop, "org.virtstop1.Stop", "HostStop");
    assert_introspection(&fixture, host_stop, "org.virtstop1.HostStop", written);
    bus_fixture_tear_down(&fixture);
}

/* Quoted as @format has it. */
static void
assert_names(const char *text, const char *format, const char *name)
{
    g_autofree char *quoted = g_strdup_printf(format, name);

    if (!strstr(text, quoted))
        g_error("%s isn't in %s", quoted, text);
}

/* What properties and signals can say stands in the manual page and in the interfaces' file. */
static void
test_documented(void)
{
    const char *top = g_getenv("top_srcdir") ? g_getenv("top_srcdir") : ".";
    g_autofree char *page = g_build_filename(top, "man", "org.virtstop1.5.rst", NULL);
    g_autofree char *file = g_build_filename(top, "data", "org.virtstop1.xml", NULL);
    g_autofree char *manual = vs_test_read(page), *interfaces = vs_test_read(file);

    for (unsigned i = 0; i < VS_N_PHASES; i++) {
        assert_names(manual, "``%s``", vs_stop_phase_name(i));
        assert_names(strstr(interfaces, "<!-- Phase:"), "\"%s\"", vs_stop_phase_name(i));
    }
    assert_names(strstr(manual, "\n``Phase``"), "``%s``", "over");
    assert_names(strstr(interfaces, "<!-- Phase:"), "\"%s\"", "over");
    for (unsigned i = 0; i < VS_N_HOST_STOP_PHASES; i++) {
        assert_names(strstr(manual, "\nHost stop properties"), "``%s``",
                     vs_host_stop_phase_name(i));
        assert_names(strstr(strstr(interfaces, "\"org.virtstop1.HostStop\""), "<!-- Phase:"),
                     "\"%s\"", vs_host_stop_phase_name(i));
    }
    for (unsigned i = 0; i <= VS_METHOD_LEAVE; i++) {
        assert_names(strstr(manual, "\n``Step``"), "``%s``", vs_method_name(i));
        assert_names(strstr(interfaces, "<!-- Step:"), "\"%s\"", vs_method_name(i));
    }
    for (unsigned i = VS_OUTCOME_NONE + 1; i < VS_N_OUTCOMES; i++)
        assert_names(strstr(manual, "**StopFinished**"), "``%s``", vs_outcome_name(i));
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/bus-introspection/interfaces", test_introspection);
    g_test_add_func("/bus-introspection/documented", test_documented);
    return g_test_run();
}
