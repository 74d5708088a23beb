/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/circumstances.h"

#include "vs-test.h"

/* What an end came about in, event by event. */

#define SEC  INT64_C(1000000)
#define REAL (INT64_C(1700000000) * SEC)

/* As long after it as @mono says. */
static void
happens(VsCircumstances *facts, int type, int detail, int64_t mono)
{
    vs_circumstances_lifecycle(facts, type, detail, REAL + mono, mono);
}

static void
expect(VsCircumstances *facts, const char *expected)
{
    g_autoptr(json_object) told = vs_circumstances_tell(facts, 1000 * SEC);

    g_assert_cmpstr(told ? vs_json_line(told) : "", ==, expected);
}

/* ... and so after a restart of virtstopd, too. */
static void
expect_kept(VsCircumstances *facts, const char *expected)
{
    g_autoptr(json_object) object = vs_circumstances_to_json(facts);

    expect(facts, expected);
    vs_circumstances_from_json(facts, object);
    expect(facts, expected);
}

#define FAILED "{\"migration\":\"postcopy-failed\"}"

/* A post-copy that failed is so until it is taken up again. */
static void
test_postcopy(void)
{
    VsCircumstances facts = {0};

    expect_kept(&facts, "");
    happens(&facts, VS_LIFECYCLE_SUSPENDED, VS_SUSPENDED_POSTCOPY, SEC);
    expect_kept(&facts, "");
    happens(&facts, VS_LIFECYCLE_SUSPENDED, VS_SUSPENDED_POSTCOPY_FAILED, 2 * SEC);
    expect_kept(&facts, FAILED);
    happens(&facts, VS_LIFECYCLE_SUSPENDED, 0, 3 * SEC);
    happens(&facts, VS_LIFECYCLE_RESUMED, 0, 4 * SEC);
    happens(&facts, VS_LIFECYCLE_RESUMED, VS_RESUMED_POSTCOPY_FAILED, 5 * SEC);
    expect_kept(&facts, FAILED);
    happens(&facts, VS_LIFECYCLE_SUSPENDED, VS_SUSPENDED_POSTCOPY, 6 * SEC);
    expect_kept(&facts, "");
    happens(&facts, VS_LIFECYCLE_RESUMED, VS_RESUMED_POSTCOPY_FAILED, 7 * SEC);
    expect_kept(&facts, FAILED);
    happens(&facts, VS_LIFECYCLE_RESUMED, VS_RESUMED_POSTCOPY, 8 * SEC);
    expect_kept(&facts, "");
    happens(&facts, VS_LIFECYCLE_RESUMED, 0, 9 * SEC);
    expect_kept(&facts, "");
    vs_circumstances_found(&facts, VS_STATE_PAUSED, VS_PAUSED_POSTCOPY_FAILED, REAL, 10 * SEC);
    expect_kept(&facts, FAILED);
    vs_circumstances_clear(&facts);
    expect_kept(&facts, "");
}

static void
test_hibernated(void)
{
    VsCircumstances facts = {0};

    happens(&facts, VS_LIFECYCLE_PMSUSPENDED, !VS_PMSUSPENDED_DISK, SEC);
    expect_kept(&facts, "");
    happens(&facts, VS_LIFECYCLE_PMSUSPENDED, VS_PMSUSPENDED_DISK, SEC);
    expect_kept(&facts, "{\"hibernated\":true}");
    happens(&facts, VS_LIFECYCLE_STARTED, VS_STARTED_BOOTED, SEC);
    happens(&facts, VS_LIFECYCLE_DEFINED, VS_STARTED_WAKEUP, SEC);
    expect_kept(&facts, "{\"hibernated\":true}");
    happens(&facts, VS_LIFECYCLE_STARTED, VS_STARTED_WAKEUP, SEC);
    expect_kept(&facts, "");
    vs_circumstances_hibernates(&facts);
    expect_kept(&facts, "{\"hibernated\":true}");
    vs_circumstances_clear(&facts);
}

static void
expect_pause(VsCircumstances *facts, int64_t since, const char *reason)
{
    g_autofree char *cause = reason ? g_strdup_printf(",\"reason\":\"%s\"", reason) : g_strdup("");
    g_autofree char *text = g_strdup_printf(
        "{\"io_error\":{\"since\":\"2023-11-14T22:13:%02d.000000Z\",\"paused_ms\":%d%s}}",
        20 + (int)(since / SEC), 1000000 - (int)(since / 1000), cause);

    expect_kept(facts, text);
}

/* The first of those that came one soon after the other, and QEMU's first words for it. */
static void
test_io_error(void)
{
    VsCircumstances facts = {0};

    vs_circumstances_io_error(&facts, NULL, REAL + SEC, SEC);
    expect_pause(&facts, SEC, NULL);
    vs_circumstances_io_error(&facts, "No space", REAL + 2 * SEC, 2 * SEC);
    vs_circumstances_io_error(&facts, "Nothing else", REAL + 2 * SEC, 2 * SEC);
    happens(&facts, VS_LIFECYCLE_SUSPENDED, VS_SUSPENDED_IOERROR, 3 * SEC);
    expect_pause(&facts, SEC, "No space");

    /* It is let run, and its disk is no better. */
    happens(&facts, VS_LIFECYCLE_RESUMED, 0, 4 * SEC);
    vs_circumstances_resumed(&facts, 5 * SEC);
    expect_kept(&facts, "");
    vs_circumstances_found(&facts, VS_STATE_PAUSED, VS_PAUSED_IOERROR, REAL + 63 * SEC, 63 * SEC);
    expect_pause(&facts, SEC, "No space");

    /* That was long ago. */
    vs_circumstances_found(&facts, VS_STATE_RUNNING, 0, REAL + 64 * SEC, 64 * SEC);
    vs_circumstances_found(&facts, VS_STATE_PAUSED, 0, REAL + 65 * SEC, 65 * SEC);
    expect_kept(&facts, "");
    happens(&facts, VS_LIFECYCLE_SUSPENDED, VS_SUSPENDED_IOERROR, 124 * SEC);
    g_assert_cmpint(facts.io_since, ==, REAL + 124 * SEC);
    g_assert_null(facts.io_reason);
    vs_circumstances_clear(&facts);
}

/* Of a host that has just booted the clock is at 0, which is a time, too. */
static void
test_boot(void)
{
    VsCircumstances facts = {0};

    vs_circumstances_io_error(&facts, NULL, REAL, 0);
    expect_kept(&facts, "{\"io_error\":{\"since\":\"2023-11-14T22:13:20.000000Z\",\"paused_ms\":"
                        "999999}}");
    vs_circumstances_resumed(&facts, 0);
    expect_kept(&facts, "");
    vs_circumstances_io_error(&facts, NULL, REAL + 5 * SEC, 5 * SEC);
    g_assert_cmpint(facts.io_since, ==, REAL);
    vs_circumstances_clear(&facts);
}

/* A state file from elsewhere. */
static void
test_bad(void)
{
    g_autoptr(json_object) object = vs_json_parse_object(
        "{\"hibernated\":1,\"io_since\":-1,\"io_since_mono\":-1,\"io_over\":-1,\"io_reason\":5}",
        NULL);
    VsCircumstances facts = {.io_reason = g_strdup("No space")};

    vs_circumstances_from_json(&facts, object);
    expect(&facts, "");
    g_assert_null(facts.io_reason);
    g_assert_cmpint(facts.io_since, ==, 0);
    g_assert_cmpint(facts.io_since_mono, ==, 0);
    g_assert_cmpint(facts.io_over, ==, 0);
    vs_circumstances_from_json(&facts, NULL);
    expect(&facts, "");
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/circumstances/postcopy", test_postcopy);
    g_test_add_func("/circumstances/hibernated", test_hibernated);
    g_test_add_func("/circumstances/io-error", test_io_error);
    g_test_add_func("/circumstances/boot", test_boot);
    g_test_add_func("/circumstances/bad", test_bad);
    return g_test_run();
}
