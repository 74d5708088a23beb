/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/absence.h"

#include "vs-test.h"

/* Who was away, and the window that a record tells of it. */

#define WENT  INT64_C(1000)
#define FOUND INT64_C(5000)

static void
expect_nothing(VsWindow window)
{
    g_assert_cmpint(window.from, ==, 0);
    g_assert_cmpint(window.until, ==, 0);
    g_assert_cmpint(window.away, ==, VS_AWAY_NOBODY);
}

static void
test_window(void)
{
    VsAbsence absence = {0};
    VsWindow window;

    expect_nothing(vs_absence_window(&absence, FOUND));
    vs_absence_begin(&absence, VS_AWAY_LIBVIRT, WENT);
    window = vs_absence_window(&absence, FOUND);
    g_assert_cmpint(window.from, ==, WENT);
    g_assert_cmpint(window.until, ==, FOUND);
    g_assert_cmpint(window.away, ==, VS_AWAY_LIBVIRT);
    window = vs_absence_window(&absence, WENT);
    g_assert_cmpint(window.from, ==, WENT);

    /* The host's clock was set back: no guest ends before it was seen. */
    expect_nothing(vs_absence_window(&absence, WENT - 1));
}

/* One that goes on began when it did, and virtstopd counts for more than libvirt. */
static void
test_goes_on(void)
{
    VsAbsence absence = {0};

    vs_absence_begin(&absence, VS_AWAY_LIBVIRT, 0);
    g_assert_cmpint(absence.who, ==, VS_AWAY_NOBODY);
    vs_absence_begin(&absence, VS_AWAY_LIBVIRT, WENT);
    vs_absence_begin(&absence, VS_AWAY_VIRTSTOPD, WENT + 1);
    g_assert_cmpint(absence.who, ==, VS_AWAY_VIRTSTOPD);
    g_assert_cmpint(absence.since, ==, WENT);
    vs_absence_begin(&absence, VS_AWAY_LIBVIRT, WENT + 2);
    g_assert_cmpint(absence.who, ==, VS_AWAY_VIRTSTOPD);
    g_assert_cmpint(absence.since, ==, WENT);
}

static VsAbsence
from_text(const char *text)
{
    g_autoptr(json_object) object = vs_json_parse_object(text, NULL);

    return vs_absence_from_json(object);
}

static void
test_kept(void)
{
    VsAbsence absence = {0}, again;
    json_object *object = vs_absence_to_json(&absence);

    g_assert_null(object);
    absence = (VsAbsence){VS_AWAY_VIRTSTOPD, 1};
    object = vs_absence_to_json(&absence);
    again = vs_absence_from_json(object);
    json_object_put(object);
    g_assert_cmpint(again.who, ==, VS_AWAY_VIRTSTOPD);
    g_assert_cmpint(again.since, ==, 1);
}

/* A state file from elsewhere: who is away without a time, or at no time, is nobody. */
static void
test_bad(void)
{
    static const char *const texts[] = {
        "{}",
        "{\"who\":\"libvirt\"}",
        "{\"who\":\"libvirt\",\"since\":0}",
        "{\"who\":\"libvirt\",\"since\":-5}",
        "{\"who\":\"nobody\",\"since\":5}",
        "{\"who\":\"the cat\",\"since\":5}",
        "{\"who\":1,\"since\":5}",
        "{\"since\":5}",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        VsAbsence absence = from_text(texts[i]);

        g_assert_cmpint(absence.who, ==, VS_AWAY_NOBODY);
        g_assert_cmpint(absence.since, ==, 0);
    }
    g_assert_cmpint(vs_absence_from_json(NULL).who, ==, VS_AWAY_NOBODY);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/absence/window", test_window);
    g_test_add_func("/absence/goes-on", test_goes_on);
    g_test_add_func("/absence/kept", test_kept);
    g_test_add_func("/absence/bad", test_bad);
    return g_test_run();
}
