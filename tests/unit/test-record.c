/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/record.h"
#include "vs-test.h"

/* What a record says beside its cause. */

static void
test_initiator(void)
{
    static const struct {
        VsCause cause;
        bool requested, host_shutdown;
        int killer;
        const char *expected;
    } cases[] = {
        {.cause = VS_CAUSE_GUEST_INITIATED, .expected = "guest"},
        {.cause = VS_CAUSE_GUEST_INITIATED, .requested = true, .expected = "guest"},
        {.cause = VS_CAUSE_GUEST_INITIATED, .host_shutdown = true, .expected = "guest"},
        {.cause = VS_CAUSE_GUEST_AGENT, .requested = true, .expected = "operator"},
        {.cause = VS_CAUSE_POWER_BUTTON, .expected = "operator"},
        {.cause = VS_CAUSE_POWER_BUTTON, .host_shutdown = true, .expected = "platform"},
        {.cause = VS_CAUSE_DESTROYED,
         .requested = true,
         .host_shutdown = true,
         .expected = "platform"},
        {.cause = VS_CAUSE_GUEST_REBOOT, .expected = "guest"},
        {.cause = VS_CAUSE_GUEST_REBOOT, .requested = true, .expected = "operator"},
        {.cause = VS_CAUSE_HOST_SIGNAL, .killer = 42, .expected = "operator"},
        {.cause = VS_CAUSE_HOST_SIGNAL, .requested = true, .expected = "operator"},
        {.cause = VS_CAUSE_HOST_SIGNAL, .expected = "unknown"},
        {.cause = VS_CAUSE_HOST_SIGNAL, .host_shutdown = true, .expected = "platform"},
        {.cause = VS_CAUSE_CRASHED, .expected = "platform"},
        {.cause = VS_CAUSE_UNKNOWN, .host_shutdown = true, .expected = "unknown"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(json_object) request = json_object_new_object(), object = NULL;
        VsRecord record = {
            .domain = {.uri = (char *)"qemu:///system", .name = (char *)"web1"},
            .verdict = {.cause = cases[i].cause, .killer_pid = cases[i].killer},
            .request = cases[i].requested ? request : NULL,
            .host_shutdown = cases[i].host_shutdown,
        };

        object = vs_record_to_json(&record, "boot");
        g_assert_cmpstr(vs_json_string(object, "initiator", NULL), ==, cases[i].expected);
    }
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/record/initiator", test_initiator);
    return g_test_run();
}
