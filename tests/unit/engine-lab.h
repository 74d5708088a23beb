/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/engine.h"

/* An engine in a laboratory: a clock that stands until it is told to go, a libvirt that knows one
 * guest and answers lists, look-ups and log requests at once, and a note of everything that the
 * engine wanted done. */

#define LAB_URI   "qemu:///system"
#define LAB_UUID  "11111111-2222-4333-8444-555555555501"
#define LAB_OTHER "11111111-2222-4333-8444-555555555502"
#define SEC       INT64_C(1000000)

typedef struct Lab {
    VsPolicy policy;
    VsEngine *engine;
    uint8_t seed[16];
    VsTime now;

    /* What libvirt would say of the guest. */
    VsDomainInfo guest;
    bool connected;
    char **log;       /* NULL-terminated, or NULL; belongs to the test */
    VsLabels *labels; /* what its XML says of its policy: nothing */
    VsHabit habit;    /* what its records tell of how long it takes: nothing */
    bool habit_hangs; /* nobody answers VS_ACTION_ASK_HABIT */
    const char
        *candidates; /* who is connected to libvirt: a JSON array; NULL: nobody, or not known */
    bool candidates_hang; /* nobody answers VS_ACTION_ASK_CANDIDATES */
    bool agent_hangs;     /* what it was asked isn't answered as the guest goes down */
    bool hung;            /* the guest's QEMU hangs: nobody answers VS_ACTION_DESCRIBE */
    bool mute; /* libvirt answers nothing by itself; what it was asked is in last_question */
    VsActionType last_question;
    uint64_t last_serial, last_description, last_job_question;

    /* VS_ACTION_FIND and VS_ACTION_INQUIRED; tests answer the first. */
    unsigned n_finds, n_inquired;
    uint64_t find; /* serial of the last one */
    char *why_not; /* of the last one */

    /* Else what is kept is on disk at once. */
    bool disk_hangs;
    bool host_stops_hang;   /* only the disk where host stops are kept */
    VsUuid recorded;        /* the last record */
    const char *disk_fails; /* for that reason; NULL: it doesn't */

    /* VS_ACTION_KEEP_NOTED, from when the engine was told what was noted before. */
    bool noted_hangs;
    char *noted; /* NULL: nothing */
    unsigned n_noted;
    char *asked_boot; /* VS_ACTION_ASK_BOOT, which tests answer */
    char *recovered;  /* VS_ACTION_RECOVER: the last one's line */

    /* What the engine wanted, and no test has looked at yet. */
    GPtrArray *calls;      /* of VsAction */
    GPtrArray *hooks;      /* of VsAction */
    GPtrArray *records;    /* of VsRecord */
    GPtrArray *notes;      /* of char * */
    VsOutcome outcome;     /* of the stop that finished last */
    unsigned n_candidates; /* VS_ACTION_ASK_CANDIDATES */
    unsigned n_finished, n_added, n_changed, n_removed, n_logs, n_saved, n_described;
    char *saved; /* what a restart would find; NULL: nothing */
} Lab;

void lab_set_up(Lab *lab, const void *ladder); /* NULL: the default one */
void lab_tear_down(Lab *lab, const void *data);

#define lab_add(name, test) g_test_add(name, Lab, NULL, lab_set_up, test, lab_tear_down)

/* Takes one event, checks that what is to be done stands in the right order, and does it. */
bool lab_step(Lab *lab, const VsEvent *event, GError **error);

/* Lets time pass; the engine gets its timer whenever it asked for it. */
void lab_pass(Lab *lab, int64_t span);

/* As lab_pass(), and nothing is asked of the guest meanwhile. */
void lab_pass_quietly(Lab *lab, int64_t span);

/* libvirt. */
void lab_connect(Lab *lab); /* and settles, where the guest runs already */
void lab_open(Lab *lab);
void lab_close(Lab *lab);
void lab_answer_list(Lab *lab, uint64_t serial);
void lab_answer_look_up(Lab *lab, uint64_t serial);
void lab_answer_log(Lab *lab);
void lab_answer_habit(Lab *lab);
void lab_answer_candidates(Lab *lab);
void lab_answer_description(Lab *lab, uint64_t serial);
void lab_refuse_description(Lab *lab, uint64_t serial);
void lab_lifecycle(Lab *lab, int type, int detail);
void lab_qmp(Lab *lab, const char *event, const char *details);
void lab_watchdog(Lab *lab, VsWatchdogAction action);
void lab_agent(Lab *lab, VsAgentState state);

/* The guest. */
void lab_run_guest(Lab *lab); /* connects to a libvirt where it runs */
void lab_boot(Lab *lab);      /* it starts, with a new id */
void lab_pause(Lab *lab, bool pause);
void lab_reset(Lab *lab);     /* it reboots */
void lab_go_down(Lab *lab);   /* its system powers off; its process is still there */
void lab_be_reaped(Lab *lab); /* ... and is gone: STOPPED/SHUTDOWN */
void lab_power_off(Lab *lab); /* both */
void lab_be_destroyed(Lab *lab);
void lab_be_gone(Lab *lab, VsDomainState state, int reason); /* without a word */

/* Requests. */
void lab_stop(Lab *lab, const char *ladder); /* NULL: as configured */
bool lab_request(Lab *lab, VsEventType type, GError **error);
bool lab_extend(Lab *lab, int64_t span, GError **error);

/* One call, and no other, was made since the test last looked; its number. */
uint64_t lab_expect_call(Lab *lab, VsMethod method);
void lab_expect_no_call(Lab *lab);
void lab_reply_ok(Lab *lab, uint64_t call);
void lab_be_pressed(Lab *lab, uint64_t call); /* the same of a press, which QEMU tells of, too */
void lab_reply_error(Lab *lab, uint64_t call, int code, int64_t took);
void lab_reply_lost(Lab *lab, uint64_t call);

/* Programs were to be run for that event, and no other; and they are done, one with a failure
 * unless
 * @why is NULL. */
void lab_expect_hook(Lab *lab, VsHook hook);
void lab_expect_no_hook(Lab *lab);
void lab_answer_hook(Lab *lab, VsHook hook, const char *why);

/* One record, and no other, was written. */
void lab_expect_record(Lab *lab, VsCause cause, VsConfidence confidence);
void lab_expect_no_record(Lab *lab);
const VsRecord *lab_last_record(Lab *lab);

/* The stop is over with that outcome, and @steps is what its steps came to: "agent=deadline
 * destroy=forced". */
void lab_expect_finished(Lab *lab, VsOutcome outcome, const char *steps);
void lab_expect_in_flight(Lab *lab);

/* One of the notes so far has @part in it. */
void lab_expect_note(Lab *lab, const char *part);

const VsGuest *lab_guest(Lab *lab); /* as the engine sees it; NULL: it doesn't */

/* The daemon is killed, and started again some time later; libvirt is not connected then. */
void lab_restart(Lab *lab, int64_t pause);
