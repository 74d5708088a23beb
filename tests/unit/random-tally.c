/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "random-world.h"

/* What was said of all runs, against what really was: causes, by how sure of them the engine was.
 */

#define N_CONFIDENCES (VS_CONFIDENCE_CERTAIN + 1)

static unsigned tally[N_CONFIDENCES][VS_N_CAUSES][VS_N_CAUSES]; /* confidence, said, really */

/* What somebody else asked the agent for leaves no sign, and has no word of its own: by what can be
 * known the guest did that by itself, likely. */
static unsigned n_of_others;

static VsCause
of_why(Why why)
{
    return why == FOR_AGENT    ? VS_CAUSE_GUEST_AGENT
           : why == FOR_BUTTON ? VS_CAUSE_POWER_BUTTON
                               : VS_CAUSE_GUEST_INITIATED;
}

static VsCause
of_truth(Truth truth, Why why)
{
    switch (truth) {
    case TRUTH_DOWN:
        return of_why(why);
    case TRUTH_DESTROYED:
        return VS_CAUSE_DESTROYED;
    case TRUTH_SIGNAL:
        return VS_CAUSE_HOST_SIGNAL;
    case TRUTH_DIED:
        return VS_CAUSE_CRASHED;
    case TRUTH_SAVED:
        return VS_CAUSE_SAVED;
    case TRUTH_PANIC:
        return VS_CAUSE_GUEST_PANIC;
    case TRUTH_WATCHDOG:
        return VS_CAUSE_WATCHDOG;
    case TRUTH_QUIT:
        return VS_CAUSE_MONITOR_QUIT;
    case TRUTH_MIGRATED:
        return VS_CAUSE_MIGRATED;
    case TRUTH_REBOOT:
        return VS_CAUSE_GUEST_REBOOT;
    case TRUTH_OOM:
        return VS_CAUSE_OUT_OF_MEMORY;
    case TRUTH_REVERTED:
        return VS_CAUSE_SNAPSHOT_REVERTED;
    case TRUTH_NO_START:
        return VS_CAUSE_START_FAILED;
    default:
        return VS_CAUSE_UNKNOWN;
    }
}

VsCause
run_really(const SimRun *run)
{
    bool died = run->truth == TRUTH_DIED && run->death != TRUTH_NONE;

    return of_truth(died ? run->death : run->truth, run->why);
}

/* Whoever asked so shortly before it went down may have been why, whatever had begun before: a
 * guest that heard it and is down within seconds is the same to anybody, itself included. So only
 * what its system did hear counts, while it was up, and by the world's own clock: when that was
 * asked, or is told, is no matter, and nothing of what the engine thinks. */
#define MET (10 * SEC)

static bool
met(const SimRun *run, VsCause said)
{
    int64_t heard = said == VS_CAUSE_GUEST_AGENT    ? run->heard_agent
                    : said == VS_CAUSE_POWER_BUTTON ? run->heard_button
                                                    : 0;

    return heard > 0 && run->down_at >= heard && run->down_at - heard < MET;
}

/* Where two ends met both are right; of power-offs it is only what that system was asked. */
static bool
is_right(const SimGuest *guest, const SimRun *run, VsCause said)
{
    Truth truth = check_truth(said);

    if (!check_is_right(guest, run, truth))
        return false;
    return truth != TRUTH_DOWN || said == of_why(run->why) || met(run, said) ||
           (run->was_down && !run->heard && said == VS_CAUSE_GUEST_INITIATED);
}

/* VS_RANDOM_WRONG=1: how each that is wrong is played again. */
static void
tell_wrong(World *world, const SimRun *run, const VsVerdict *verdict)
{
    const char *really = vs_cause_name(run_really(run));
    g_autofree char *kinds = kinds_format(world->kinds);

    world_tell(world, "... really it was %s", really);
    if (g_getenv("VS_RANDOM_WRONG"))
        g_printerr("%s, %s, really %s, run %d: VS_RANDOM_RUNS=1 VS_RANDOM_SEED=%u "
                   "VS_RANDOM_KINDS=%s\n",
                   vs_cause_name(verdict->cause), vs_confidence_name(verdict->confidence), really,
                   run->id, world->number, kinds);
}

void
tally_note(World *world, const SimGuest *guest, const SimRun *run, const VsVerdict *verdict)
{
    bool right = is_right(guest, run, verdict->cause);

    tally[verdict->confidence][verdict->cause][right ? verdict->cause : run_really(run)]++;
    n_of_others += right && run->why == FOR_OTHERS && verdict->cause == VS_CAUSE_GUEST_INITIATED;
    if (!right)
        tell_wrong(world, run, verdict);
}

static unsigned
count(VsConfidence confidence, VsCause said, bool all)
{
    unsigned n = 0;

    for (int really = 0; really < VS_N_CAUSES; really++)
        n += all || really == (int)said ? tally[confidence][said][really] : 0;
    return n;
}

unsigned
tally_count(VsConfidence confidence, bool all)
{
    unsigned n = 0;

    for (int said = 0; said < VS_N_CAUSES; said++)
        n += count(confidence, said, all);
    return n;
}

static void
print_wrong(FILE *file, VsConfidence confidence, VsCause said)
{
    const char *comma = "";

    for (int really = 0; really < VS_N_CAUSES; really++) {
        unsigned n = tally[confidence][said][really];

        if (n == 0 || really == (int)said)
            continue;
        fprintf(file, "%s%s %u", comma, vs_cause_name(really), n);
        comma = ", ";
    }
}

void
tally_print(FILE *file)
{
    fprintf(file, "| said | how sure | runs | right | really |\n| --- | --- | --- | --- | --- |\n");
    for (int confidence = VS_CONFIDENCE_CERTAIN; confidence >= 0; confidence--) {
        for (int said = 0; said < VS_N_CAUSES; said++) {
            unsigned n = count(confidence, said, true);

            if (n == 0)
                continue;
            fprintf(file, "| %s | %s | %u | %u | ", vs_cause_name(said),
                    vs_confidence_name(confidence), n, count(confidence, said, false));
            print_wrong(file, confidence, said);
            fprintf(file, " |\n");
        }
    }
    fprintf(file, "\nOf guest-initiated somebody else had asked the agent of %u.\n", n_of_others);
}
