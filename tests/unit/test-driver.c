/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/driver.h"

#include <string.h>

#include "core/labels.h"
#include "vs-test.h"

static bool
has(const char *uri, VsMethod method)
{
    return vs_driver_has(vs_driver_of(uri), method);
}

static void
test_uris(void)
{
    g_assert_true(has("qemu:///system", VS_METHOD_AGENT));
    g_assert_true(has("qemu+ssh://root@host/system", VS_METHOD_AGENT));
    g_assert_true(has("QEMU:///session", VS_METHOD_TERMINATE));
    g_assert_false(has("qemux:///system", VS_METHOD_AGENT));
    g_assert_false(has("lxc:///", VS_METHOD_AGENT));
    g_assert_false(has("lxc:///system", VS_METHOD_POWER_BUTTON));
    g_assert_false(has("lxc+unix:///system", VS_METHOD_SAVE));
    g_assert_true(has("lxc:///system", VS_METHOD_SIGNAL));
    g_assert_true(has("test+unix:///default", VS_METHOD_POWER_BUTTON));
    g_assert_true(has("xen:///system", VS_METHOD_PARAVIRT));
    g_assert_false(has("xen:///system", VS_METHOD_TERMINATE));
    g_assert_cmpstr(vs_driver_of("xen+ssh://host/")->name, ==, "libxl");
    g_assert_cmpstr(vs_driver_of("")->name, ==, "other");
}

/* Each row has what every guest needs, and a ladder that works there and ends. */
static void
test_rows(void)
{
    const VsDriver *driver;

    for (unsigned i = 0; (driver = vs_driver_at(i)); i++) {
        VsLadder ladder;

        vs_test_note(driver->name);
        g_assert_true(vs_driver_has(driver, VS_METHOD_DESTROY));
        g_assert_true(vs_driver_has(driver, VS_METHOD_LEAVE));
        g_assert_true(vs_driver_has(driver, VS_METHOD_RESUME));
        g_assert_true(vs_driver_has(driver, VS_METHOD_START));
        vs_driver_ladder(driver, &ladder);
        g_assert_null(vs_driver_refuses(driver, &ladder));
        g_assert_true(vs_ladder_forces(&ladder));
        g_assert_cmpint(driver->down, >=, VS_CONFIDENCE_LIKELY);
        g_assert_true((driver->scheme == NULL) == (vs_driver_at(i + 1) == NULL));
        /* Any end alike, and then none can be told to have been in order. */
        if (driver->down == VS_CONFIDENCE_CERTAIN)
            g_assert_true(vs_driver_tells(driver, VS_TELLS_SHUTDOWN | VS_TELLS_ORDER));
    }
}

/* How each tells of its guests. */
static void
test_facts(void)
{
    static const struct {
        const char *name;
        bool ids_grow, new_id, fails_first, plain_shutdown;
    } facts[] = {
        {"qemu", .ids_grow = true},
        {"lxc", .new_id = true, .fails_first = true},
        {"libxl", .ids_grow = true},
        {"ch"},
        {"bhyve", .plain_shutdown = true},
        {"test", .ids_grow = true, .plain_shutdown = true},
        {"other"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(facts); i++) {
        const VsDriver *driver = vs_driver_at(i);

        g_assert_nonnull(driver);
        g_assert_cmpstr(driver->name, ==, facts[i].name);
        g_assert_cmpint(driver->ids_grow, ==, facts[i].ids_grow);
        g_assert_cmpint(driver->new_id, ==, facts[i].new_id);
        g_assert_cmpint(driver->fails_first, ==, facts[i].fails_first);
        g_assert_cmpint(driver->plain_shutdown, ==, facts[i].plain_shutdown);
    }
    g_assert_null(vs_driver_at(G_N_ELEMENTS(facts)));
}

static void
test_refuses(void)
{
    const VsDriver *lxc = vs_driver_of("lxc:///system");
    g_autofree char *steps = vs_driver_steps(lxc),
                    *of_qemu = vs_driver_steps(vs_driver_of("qemu:///system"));
    VsLadder ladder;

    g_assert_cmpstr(steps, ==, "initctl, signal, destroy, leave");
    g_assert_cmpstr(of_qemu, ==, "agent, power-button, save, terminate, destroy, leave");
    g_assert_true(vs_ladder_parse("signal power-button:5s destroy", &ladder, NULL));
    g_assert_true(vs_driver_refuses(lxc, &ladder) == &ladder.steps[1]);
    g_assert_true(vs_ladder_parse("signal leave", &ladder, NULL));
    g_assert_null(vs_driver_refuses(lxc, &ladder));
}

static char *
ladder_of(const VsPolicy *policy, const char *name, const char *uri)
{
    VsDomainId domain = {.name = (char *)name, .uri = (char *)uri};
    VsGuestPolicy own;

    vs_labels_resolve(policy, &domain, NULL, &own);
    return vs_ladder_format(&own.ladder);
}

static void
expect_ladder(const VsPolicy *policy, const char *name, const char *uri, const char *expected)
{
    g_autofree char *ladder = ladder_of(policy, name, uri);

    g_assert_cmpstr(ladder, ==, expected);
}

/* Of a driver only where nobody says another. */
static void
test_default(void)
{
    VsSection *section = vs_section_new("web-*", "a:1");
    VsPolicy policy;

    vs_policy_init(&policy);
    expect_ladder(&policy, "web-1", "lxc:///system", "initctl:15s signal:1min destroy");
    expect_ladder(&policy, "web-1", "qemu:///system", "agent:1min power-button:2min destroy");
    expect_ladder(&policy, "web-1", "xen:///", "power-button:1min paravirt:2min destroy");
    g_assert_true(vs_ladder_parse("signal:5s leave", &section->policy.ladder, NULL));
    section->says = VS_POLICY_LADDER;
    g_ptr_array_add(policy.sections, section);
    expect_ladder(&policy, "web-1", "lxc:///system", "signal:5s leave");
    expect_ladder(&policy, "db", "lxc:///system", "initctl:15s signal:1min destroy");
    g_assert_true(vs_ladder_parse("signal:7s destroy", &policy.all.ladder, NULL));
    expect_ladder(&policy, "db", "lxc:///system", "signal:7s destroy");
    /* A section that takes it back. */
    section->policy.ladder = (VsLadder){0};
    expect_ladder(&policy, "web-1", "lxc:///system", "initctl:15s signal:1min destroy");
    vs_policy_clear(&policy);
}

/* The manual has the table. */
static void
test_manual(void)
{
    const char *top = g_getenv("top_srcdir") ? g_getenv("top_srcdir") : ".";
    g_autofree char *path = g_build_filename(top, "man", "virtstop.conf.5.rst", NULL);
    g_autofree char *manual = vs_test_read(path);
    const VsDriver *driver;

    for (unsigned i = 0; (driver = vs_driver_at(i)) && driver->scheme; i++) {
        vs_test_note(driver->name);
        g_assert_nonnull(strstr(manual, driver->name));
        g_assert_nonnull(strstr(manual, driver->ladder));
    }
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/driver/uris", test_uris);
    g_test_add_func("/driver/rows", test_rows);
    g_test_add_func("/driver/facts", test_facts);
    g_test_add_func("/driver/refuses", test_refuses);
    g_test_add_func("/driver/default", test_default);
    g_test_add_func("/driver/manual", test_manual);
    return g_test_run();
}
