/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine-lab.h"
#include "util/json.h"
#include "vs-test.h"

/* What an end came about in: told in its record, and kept through a restart of the daemon. */

#define NO_ROOM                                                                                    \
    "{\"node-name\":\"libvirt-1-format\",\"reason\":\"No space left on device\","                  \
    "\"operation\":\"write\",\"action\":\"stop\"}"

static json_object *
io_error(Lab *lab)
{
    return vs_json_object(lab_last_record(lab)->circumstances, "io_error");
}

static int64_t
paused_ms(Lab *lab)
{
    int64_t ms = -1;

    vs_json_int(io_error(lab), "paused_ms", &ms);
    return ms;
}

static void
test_io_error(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_pass(lab, 20 * SEC);
    lab_qmp(lab, "BLOCK_IO_ERROR", NO_ROOM);
    lab->guest.state = VS_STATE_PAUSED;
    lab->guest.reason = VS_PAUSED_IOERROR;
    lab_lifecycle(lab, VS_LIFECYCLE_SUSPENDED, VS_SUSPENDED_IOERROR);
    lab_pass(lab, 30 * SEC);
    lab_restart(lab, 10 * SEC);
    lab_connect(lab);
    lab_pass(lab, 20 * SEC);
    lab_be_destroyed(lab);
    lab_expect_record(lab, VS_CAUSE_DESTROYED, VS_CONFIDENCE_CERTAIN);
    g_assert_cmpint(paused_ms(lab), >=, 60000);
    g_assert_cmpstr(vs_json_string(io_error(lab), "reason", NULL), ==, "No space left on device");
}

/* A policy of "report" pauses nobody, and who was let run and stays so isn't paused. */
static void
test_io_error_over(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_qmp(lab, "BLOCK_IO_ERROR",
            "{\"reason\":\"No space left on device\",\"action\":\"report\"}");
    lab_pass(lab, 20 * SEC);
    lab_lifecycle(lab, VS_LIFECYCLE_SUSPENDED, VS_SUSPENDED_IOERROR);
    lab_pass(lab, 20 * SEC);
    lab_lifecycle(lab, VS_LIFECYCLE_RESUMED, 0);
    lab_pass(lab, 90 * SEC);
    lab_be_destroyed(lab);
    lab_expect_record(lab, VS_CAUSE_DESTROYED, VS_CONFIDENCE_CERTAIN);
    g_assert_null(lab_last_record(lab)->circumstances);
}

/* Long after that it happens again: since then. */
static void
test_io_error_anew(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_qmp(lab, "BLOCK_IO_ERROR", NO_ROOM);
    lab_pass(lab, 20 * SEC);
    lab_lifecycle(lab, VS_LIFECYCLE_RESUMED, 0);
    lab_qmp(lab, "RESUME", NULL);
    lab_pass(lab, 90 * SEC);
    lab_lifecycle(lab, VS_LIFECYCLE_SUSPENDED, VS_SUSPENDED_IOERROR);
    lab_pass(lab, 5 * SEC);
    lab_be_destroyed(lab);
    lab_expect_record(lab, VS_CAUSE_DESTROYED, VS_CONFIDENCE_CERTAIN);
    g_assert_cmpint(paused_ms(lab), ==, 5000);
    g_assert_null(vs_json_string(io_error(lab), "reason", NULL));
}

/* It was paused when it was first seen. */
static void
test_io_error_found(Lab *lab, const void *data)
{
    lab->guest.domain.id = 1;
    lab->guest.state = VS_STATE_PAUSED;
    lab->guest.reason = VS_PAUSED_IOERROR;
    lab_connect(lab);
    lab_pass(lab, 30 * SEC);
    lab_be_destroyed(lab);
    g_assert_cmpint(paused_ms(lab), >=, 30000);
}

static void
test_hibernated(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_qmp(lab, "SUSPEND_DISK", NULL);
    lab_restart(lab, 1 * SEC);
    lab_connect(lab);
    lab_be_gone(lab, VS_STATE_SHUTOFF, VS_SHUTOFF_SHUTDOWN);
    lab_answer_list(lab, lab->last_serial);
    lab_pass(lab, 70 * SEC);
    g_assert_true(vs_json_bool(lab_last_record(lab)->circumstances, "hibernated", false));
    lab_boot(lab);
    lab_power_off(lab);
    g_assert_null(lab_last_record(lab)->circumstances);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    lab_add("/engine/circumstances/io-error", test_io_error);
    lab_add("/engine/circumstances/io-error-over", test_io_error_over);
    lab_add("/engine/circumstances/io-error-anew", test_io_error_anew);
    lab_add("/engine/circumstances/io-error-found", test_io_error_found);
    lab_add("/engine/circumstances/hibernated", test_hibernated);
    return g_test_run();
}
