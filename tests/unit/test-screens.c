/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "doctor-fixture.h"
#include "vs-test.h"

/* What virtstopctl shows on terminals of three widths, of what tests/screens holds, compared with
 * the golden screens there. VS_SCREENS_RENEW=1 writes those anew. */

static const unsigned short widths[] = {60, 80, 200};

static const VsFinding found[] = {
    {VS_FINDING_NO_AGENT_CHANNEL, {.uri = (char *)TEST_URI, .name = (char *)"db1"}},
    {VS_FINDING_NO_AGENT_CHANNEL, {.uri = (char *)TEST_URI, .name = (char *)"db2"}},
    {VS_FINDING_NO_ACPI, {.uri = (char *)TEST_URI, .name = (char *)"db1"}},
    {VS_FINDING_DEADLINE_TOO_SHORT,
     {.uri = (char *)TEST_URI, .name = (char *)"web1"},
     .took = 181 * G_USEC_PER_SEC,
     .given = 180 * G_USEC_PER_SEC},
};

static char *
screens_path(const char *name)
{
    const char *srcdir = g_getenv("top_srcdir") ? g_getenv("top_srcdir") : ".";

    return g_build_filename(srcdir, "tests/screens", name, NULL);
}

static char *
read_screens_file(const char *name)
{
    g_autofree char *path = screens_path(name);
    g_autoptr(GError) error = NULL;
    char *text = NULL;

    g_file_get_contents(path, &text, NULL, &error);
    g_assert_no_error(error);
    return text;
}

static void
add_records(BusFixture *fixture)
{
    g_autofree char *text = read_screens_file("stops.jsonl");
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (char **line = lines; *line; line++)
        if (**line)
            g_ptr_array_add(fixture->records, g_strdup(*line));
}

static char *
replace(const char *text, const char *what, const char *by)
{
    g_auto(GStrv) parts = g_strsplit(text, what, -1);

    return g_strjoinv(by, parts);
}

/* What both a terminal and the messages show, without what is another each time. */
static char *
screen_of(const CtlRun *run)
{
    g_autofree char *both = g_strconcat(run->out->str, run->err->str, NULL);
    g_autofree char *lines = replace(both, "\r\n", "\n");

    return replace(lines, g_getenv("CONFIGURATION_DIRECTORY"), "/etc/virtstop");
}

static void
compare(const char *name, const char *screen)
{
    g_autofree char *path = screens_path(name), *golden = NULL;
    g_autoptr(GError) error = NULL;

    if (g_getenv("VS_SCREENS_RENEW")) {
        g_file_set_contents(path, screen, -1, &error);
        g_assert_no_error(error);
        return;
    }
    golden = read_screens_file(name);
    if (!g_str_equal(screen, golden))
        g_error("%s is another now; VS_SCREENS_RENEW=1 tests/unit/test-screens writes the screens "
                "anew:\n%s",
                name, screen);
}

static void
show(BusFixture *fixture, const char *const *words, unsigned short width)
{
    g_auto(CtlRun) run = {0};
    g_autofree char *name = g_strdup_printf("%s-%u.txt", words[0], width), *screen = NULL;

    ctl_start_on_terminal(&run, words, width);
    ctl_await_end(fixture, &run);
    screen = screen_of(&run);
    compare(name, screen);
}

static void
check(const void *data)
{
    const char *const *words = data;
    g_autofree char *plan = read_screens_file("plan.json");
    BusFixture fixture;

    if (!ctl_fixture_set_up(&fixture))
        return;
    played_systemd_reset();
    doctor_make_root("etc", "", NULL);
    played_systemd_start(&fixture);
    add_records(&fixture);
    fixture.plan = g_strchomp(plan);
    fixture.findings = found;
    fixture.n_findings = G_N_ELEMENTS(found);
    g_setenv("NO_COLOR", "1", TRUE);
    for (unsigned i = 0; i < G_N_ELEMENTS(widths); i++)
        show(&fixture, words, widths[i]);
    bus_fixture_tear_down(&fixture);
}

int
main(int argc, char **argv)
{
    static const char *const uri = "--uri=" TEST_URI;
    static const char *const list[] = {"list", uri, NULL};
    static const char *const status[] = {"status", "web1", "db1", NULL};
    static const char *const history[] = {"history", NULL}, *const why[] = {"why", "web1", NULL};
    static const char *const plan[] = {"plan", NULL}, *const blame[] = {"blame", NULL};
    static const char *const plot[] = {"plot", NULL}, *const doctor[] = {"doctor", uri, NULL};
    const char *const *const verbs[] = {list, status, history, why, plan, blame, plot, doctor};

    g_setenv("TZ", "UTC", TRUE);
    vs_test_init(&argc, &argv);
    for (unsigned i = 0; i < G_N_ELEMENTS(verbs); i++) {
        g_autofree char *path = g_strconcat("/screens/", verbs[i][0], NULL);

        g_test_add_data_func(path, verbs[i], check);
    }
    return g_test_run();
}
