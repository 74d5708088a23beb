/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine-lab.h"
#include "vs-test.h"

/* What may have been done to a guest when nobody listened. */

/* Without an agent, whom somebody else can ask without a sign. */
static void
run_guest(Lab *lab)
{
    lab->guest.description.agent = VS_AGENT_NONE;
    lab_run_guest(lab);
}

/* Somebody may have pressed before we were back: who powers off then did so of itself, likely. */
static void
test_gap(Lab *lab, const void *data)
{
    run_guest(lab);
    lab_close(lab);
    lab_pass(lab, 10 * SEC);
    lab_open(lab);
    lab_pass(lab, SEC);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY);
}

/* ... also where it was this daemon that was away. */
static void
test_restart(Lab *lab, const void *data)
{
    run_guest(lab);
    lab_restart(lab, 5 * SEC);
    lab_open(lab);
    lab_pass(lab, 599 * SEC);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY);
}

/* ... and of a run that we never saw before. */
static void
test_started_while_away(Lab *lab, const void *data)
{
    lab_connect(lab);
    lab_close(lab);
    run_guest(lab);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY);
}

/* After ten minutes nobody's press explains anything. */
static void
test_long_after_deaf(Lab *lab, const void *data)
{
    run_guest(lab);
    lab_close(lab);
    lab_pass(lab, 10 * SEC);
    lab_open(lab);
    lab_pass(lab, 600 * SEC);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_CERTAIN);
}

/* A run that began while we listened was never out of our sight. */
static void
test_started_since(Lab *lab, const void *data)
{
    lab->guest.description.agent = VS_AGENT_NONE;
    lab_connect(lab);
    lab_close(lab);
    lab_open(lab);
    lab_boot(lab);
    lab_pass(lab, 20 * SEC);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_CERTAIN);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    lab_add("/engine/deaf/gap", test_gap);
    lab_add("/engine/deaf/restart", test_restart);
    lab_add("/engine/deaf/started-while-away", test_started_while_away);
    lab_add("/engine/deaf/long-after", test_long_after_deaf);
    lab_add("/engine/deaf/started-since", test_started_since);
    return g_test_run();
}
