/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/host-end.h"
#include "vs-test.h"

/* What the end of a boot says of a guest that ran in it. Times in their order, but where a clock
 * was set: */
enum { NOTED = 100, AWAY = 200, ENDED = 300, LAST = 400, BACK = 500, FOUND = 520 };

typedef struct Row {
    const char *what;
    VsHostEnd end;
    VsLastSeen seen;
    VsCause cause;
    VsConfidence confidence;
    bool shutdown;
    int64_t from, until;
} Row;

#define BREAKS_OFF .end = {.traced = true, .last = LAST, .back = BACK, .found = FOUND}
#define NO_JOURNAL .end = {.back = BACK, .found = FOUND}
#define GOES_DOWN                                                                                  \
    .end = {.traced = true, .going_down = true, .last = LAST, .back = BACK, .found = FOUND}
#define IN_ORDER                                                                                   \
    .end = {.traced = true,                                                                        \
            .going_down = true,                                                                    \
            .in_order = true,                                                                      \
            .last = LAST,                                                                          \
            .back = BACK,                                                                          \
            .found = FOUND}
#define CERTAIN VS_CAUSE_HOST_FAILURE, VS_CONFIDENCE_CERTAIN
#define LIKELY  VS_CAUSE_HOST_FAILURE, VS_CONFIDENCE_LIKELY
#define UNKNOWN VS_CAUSE_UNKNOWN, VS_CONFIDENCE_UNKNOWN

static const Row rows[] = {
    {"it fails", BREAKS_OFF, .seen = {.noted_at = NOTED}, CERTAIN, false, LAST, BACK},
    {"... and nothing tells how", NO_JOURNAL, .seen = {.noted_at = NOTED}, LIKELY, false, NOTED,
     BACK},
    {"... as it goes down", GOES_DOWN, .seen = {.noted_at = NOTED}, CERTAIN, true, LAST, BACK},
    {"... as it goes down, which nothing else tells", NO_JOURNAL,
     .seen = {.noted_at = NOTED, .going_down = true}, LIKELY, true, NOTED, BACK},
    {"... while libvirt is away", BREAKS_OFF, .seen = {.noted_at = NOTED, .unwatched_at = AWAY},
     LIKELY, false, AWAY, BACK},
    {"... after virtstopd was ended", BREAKS_OFF, .seen = {.noted_at = NOTED, .ended_at = ENDED},
     LIKELY, false, ENDED, BACK},
    {"... and libvirt before that", BREAKS_OFF,
     .seen = {.noted_at = NOTED, .ended_at = ENDED, .unwatched_at = AWAY}, LIKELY, false, AWAY,
     BACK},
    {"virtstopd was ended, and nothing tells of the host", NO_JOURNAL,
     .seen = {.noted_at = NOTED, .ended_at = ENDED}, UNKNOWN, false, ENDED, BACK},
    {"it goes down in order", IN_ORDER,
     .seen = {.noted_at = NOTED, .ended_at = ENDED, .going_down = true}, UNKNOWN, true, ENDED,
     BACK},
    {"... and virtstopd was ended before", IN_ORDER, .seen = {.noted_at = NOTED, .ended_at = ENDED},
     UNKNOWN, true, ENDED, BACK},
    {"... and virtstopd was killed before", IN_ORDER, .seen = {.noted_at = NOTED}, UNKNOWN, true,
     LAST, BACK},
    {"... of which only virtstopd knows", NO_JOURNAL,
     .seen = {.noted_at = NOTED, .ended_at = ENDED, .going_down = true}, UNKNOWN, true, ENDED,
     BACK},
    {"... as far as its journal goes", GOES_DOWN, .seen = {.noted_at = NOTED, .ended_at = ENDED},
     UNKNOWN, true, ENDED, BACK},
    {"it fails, and virtstopd had before, as systemd tells",
     .end = {.traced = true, .unattended_at = 350, .last = LAST, .back = BACK, .found = FOUND},
     .seen = {.noted_at = NOTED}, LIKELY, false, 350, BACK},
    {"it goes down, and virtstopd is killed by systemd",
     .end = {.traced = true,
             .unattended_at = 350,
             .going_down = true,
             .last = LAST,
             .back = BACK,
             .found = FOUND},
     .seen = {.noted_at = NOTED, .going_down = true}, UNKNOWN, true, 350, BACK},
    {"it fails, and what was noted is a copy", BREAKS_OFF,
     .seen = {.noted_at = NOTED, .copied_at = FOUND}, LIKELY, false, NOTED, BACK},
    {"... and nothing tells how it failed", NO_JOURNAL,
     .seen = {.noted_at = NOTED, .copied_at = FOUND}, UNKNOWN, false, NOTED, BACK},
    {"the clock went back while it was off",
     .end = {.traced = true, .last = LAST, .back = 50, .found = 60}, .seen = {.noted_at = NOTED},
     CERTAIN, false, LAST, 0},
    {"... and was set before virtstopd was there",
     .end = {.traced = true, .last = LAST, .back = 50, .found = FOUND}, .seen = {.noted_at = NOTED},
     CERTAIN, false, LAST, FOUND},
    {"the clock was wrong as it was noted", BREAKS_OFF, .seen = {.noted_at = 9000}, CERTAIN, false,
     LAST, BACK},
    {"... and nothing tells how it failed", NO_JOURNAL, .seen = {.noted_at = 9000}, LIKELY, false,
     9000, 0},
};

static void
test_rows(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const Row *row = &rows[i];
        VsWindow window = vs_host_end_window(&row->end, &row->seen);
        VsVerdict verdict;
        bool shutdown;

        vs_host_end_judge(&row->end, &row->seen, &verdict, &shutdown);
        g_test_message("%s", row->what);
        g_assert_cmpstr(vs_cause_name(verdict.cause), ==, vs_cause_name(row->cause));
        g_assert_cmpstr(vs_confidence_name(verdict.confidence), ==,
                        vs_confidence_name(row->confidence));
        g_assert_cmpint(verdict.clean, ==, vs_cause_clean(row->cause));
        g_assert_cmpint(shutdown, ==, row->shutdown);
        g_assert_cmpint(window.from, ==, row->from);
        g_assert_cmpint(window.until, ==, row->until);
    }
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/host-end/rows", test_rows);
    return g_test_run();
}
