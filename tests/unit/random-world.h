/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <setjmp.h>
#include <stdio.h>

#include "engine/engine.h"
#include "util/json.h"

/* A little world of libvirts and guests in which everything happens by a seeded chance: what they
 * do, what of it is told, how late, and what gets lost. It knows the truth, and holds the engine to
 * it. */

#define N_HOSTS  2
#define N_GUESTS 5
#define SEC      INT64_C(1000000)
#define MSEC     INT64_C(1000)

/* What a world may know beyond what all of them do. Without any it is what it always was, draw by
 * draw, so that two versions of the engine can be compared by it. */
typedef enum Kind {
    KIND_LATE = 1 << 0,   /* events are held up, lists and look-ups aren't; transient guests */
    KIND_PAUSES = 1 << 1, /* others pause and resume guests in the middle of a stop; saves fail */
    KIND_ENDS = 1 << 2,   /* panics, watchdogs, the monitor's quit, migrations */
    KIND_RAN = 1 << 3,    /* what is to be started again is held against what ran, and is started */
    KIND_REACH = 1 << 4,  /* only checked: a step that never reached libvirt wasn't taken */
    KIND_FORCED = 1 << 5, /* only checked: "forced" is said only where the guest was cut off */
    KIND_WAIT = 1 << 6,   /* only checked: a run found gone is waited for, until LATE_MOST */
    KIND_DISK = 1 << 7,   /* the disk is slow now and then, or says no */
    KIND_HOOKS = 1 << 8,  /* there are hooks, which take as long as they like */
    KIND_PROCESS = 1 << 9, /* the kernel tells how hypervisor processes end */
    KIND_HABITS = 1 << 10, /* as hosts are: see random-habits.c */
    KIND_PARTS = 1 << 11,  /* stops of a part of the guests, some of which only their XML names */
    KIND_ALL = (1 << 12) - 1
} Kind;

/* How a run really ended: what a record that is certain has to say. */
typedef enum Truth {
    TRUTH_NONE,
    TRUTH_DOWN,
    TRUTH_DESTROYED,
    TRUTH_SIGNAL,
    TRUTH_DIED,
    TRUTH_SAVED,
    TRUTH_PANIC,
    TRUTH_WATCHDOG,
    TRUTH_QUIT,
    TRUTH_MIGRATED,
    TRUTH_REBOOT,
    TRUTH_OOM,
    TRUTH_REVERTED,
    TRUTH_NO_START,
} Truth;

/* Why a guest goes down. FOR_OTHERS: somebody else asked its agent, which nobody can see. */
typedef enum Why { OF_ITSELF, FOR_AGENT, FOR_BUTTON, FOR_OTHERS } Why;

typedef struct SimRun {
    int id; /* of the domain: no two runs have the same */
    bool ended;
    bool migrates;       /* it began as one that is migrated here */
    bool kept;           /* it is in the run state: it can't be missed any more */
    Truth truth;         /* what began its end, */
    Truth word;          /* and what libvirt says */
    bool signalled;      /* from outside, whatever had begun before */
    Truth death;         /* DIED: how: by a SIGNAL, for want of memory, or of itself */
    unsigned watched_in; /* its process is, by the daemon of that epoch; 0: it isn't */
    VsProcessEnd end;
    unsigned told_end_in; /* that was told to the daemon of that epoch; 0: it wasn't */
    unsigned n_records;
    bool unknown; /* ... which says so */

    /* As far as it was told to the engine. */
    int64_t told_down, told_off; /* when; 0: it wasn't */
    int64_t reaped;              /* when libvirt's signal was logged; 0: it wasn't */

    /* Until when a request of the engine's, or a press that it was told of, explains a power-off.
     */
    int64_t agent_until, button_until;
    int64_t asked_at; /* by the engine, last */
    bool of_all; /* it was asked as one of all: then until that is over, whatever its step had */

    /* The other way round: until when it explains one for certain. */
    int64_t agent_least, button_least;
    bool asked_button;                 /* by the engine */
    Why why;                           /* it went down */
    bool is_down;                      /* its system, which may be begun anew yet, */
    bool was_down;                     /* ... as it was before */
    int64_t heard_agent, heard_button; /* when its system last heard that; 0: it didn't */
    int64_t down_at;
    unsigned n_resets;   /* by habit what was asked before doesn't outlive one */
    unsigned n_attempts; /* that were told: after it rebooted, another one each */
    bool told_reset;     /* and no RESUME since */
    bool told_anew; /* and it began anew since it was told to be down, though we were ending it */

    unsigned heard_since; /* the connection's generation when it began; 0: libvirt was away */
    bool heard;           /* its STOPPED came over the same one */
    unsigned known_in;    /* the connection's generation in which it was told to be alive */
    uint64_t ended_order; /* what was made after that knows */
    int64_t found_off;    /* when a list or a look-up told that first */
} SimRun;

typedef struct SimHost {
    char *uri;
    bool up;             /* connected */
    unsigned generation; /* of the connection */
    int64_t up_since;    /* it, or the daemon that has it */
    int64_t gap_since;   /* 0: it never was away; outages close to each other are one */
    uint64_t list;       /* the list that was asked for last: others are passed over */
    int64_t last_delivery;
    int64_t last_answer; /* where events may be held up: answers have an order of their own, */
    int64_t held_until;  /* ... and all events come at once then */
} SimHost;

typedef struct SimGuest {
    SimHost *host;
    VsDomainId domain; /* id: -1 while it is off */
    VsDomainState state;
    int reason;
    VsAgentState agent;
    GPtrArray *runs; /* of SimRun; the last one is alive while the guest is on */
    GPtrArray *log;  /* of char * */
    bool told_off, told_down, told_paused, told_no_agent;
    uint64_t asked_description; /* serial of the last question about this run; 0: none */
    uint64_t told_step;         /* of this engine's: the one in which an event last told of it */
    uint64_t told_order;        /* of the newest that was told of it: what is older says no more */
    bool transient;
    VsLabels *labels; /* what its XML says, where there are parts; NULL: nobody reads that */
    Why going_down;   /* as soon as it runs again; OF_ITSELF: it isn't */
    bool is_deaf;     /* by habit: it obeys nobody, */
    int64_t takes;    /* ... or takes about so long over it; 0: it has no habits */
    struct SimStop *stop;
    VsUuid marked;   /* its stop after the last step, */
    int phase, call; /* ... and how that stood */

    /* Of what is to be started again. */
    int64_t told_on; /* since when it runs, as far as was told; 0: it doesn't */
    bool must_run;   /* it ran when all were stopped, or joined them, */
    bool had_to_run; /* ... before the step that is being taken */
    bool runs_again; /* since the restore began: it need not be started any more */
} SimGuest;

/* A stop that was granted. */
typedef struct SimStop {
    VsUuid id;
    VsLadder ladder;
    int64_t asked;
    int64_t budget; /* for the whole of it; 0: none */
    int64_t extended;
    int64_t resumed; /* when it was let run for it, 0: it wasn't */
    bool finished;
    int64_t finished_at;
    bool destroy_called;
    bool no_agent, no_button, hurried; /* why a step may have been shorter than its span, */
    bool of_all;                       /* ... as may one that shares the budget of all */
    SimRun *timed_out; /* the run whose requests it took back at its end, and what stood before */
    int64_t agent_before, button_before;
    uint64_t waiting[VS_N_METHODS]; /* the number of the call that isn't answered, by method, */
    int64_t waiting_since;          /* ... and when the last was made; 0: none is waited for */

    int64_t first_call[VS_N_METHODS]; /* 0: there was none */
    unsigned called_in[VS_N_METHODS]; /* the connection's generation: one may be on its way */
    bool reached[VS_N_METHODS];       /* libvirt got one */
    bool held[VS_N_METHODS];          /* one had to wait */
    unsigned n_presses;
    bool press_told;      /* the last is done, whatever becomes of its answer */
    bool disturbed;       /* why there may be less of them than the ladder says, */
    unsigned heard_since; /* ... as where the connection isn't that of the beginning */
} SimStop;

typedef struct World {
    unsigned number, kinds;
    GRand *chance;
    GRand *beside; /* for what is to change nothing else of a world: descriptions */
    VsEngine *engine;
    uint8_t seed[16];
    unsigned epoch; /* how many engines there were before */
    VsTime now;
    VsPolicy policy;
    SimHost hosts[N_HOSTS];
    SimGuest guests[N_GUESTS];
    GPtrArray *messages; /* of Message: on their way */
    uint64_t order;
    uint64_t steps; /* of this engine */
    int last_id;
    char *kept[N_GUESTS]; /* the run state */
    int kept_id[N_GUESTS];
    GHashTable *recorded;   /* the ids of all records */
    GHashTable *prepared;   /* the ids of all stops whose first step waited for hooks */
    GPtrArray *stops;       /* of SimStop: all there ever were */
    VsLadder wanted;        /* by the stop that is being asked for */
    int64_t wanted_budget;  /* ... for all of that; 0: none */
    VsLadder wanted_of_all; /* ... and by that of all guests */
    SimRun *forgetting;     /* the run whose requests are being forgotten, and what stood before */
    SimRun before;
    bool settles;         /* all comes to an end: what is closed is opened again */
    int crash_after;      /* actions; -1: the daemon isn't about to die */
    const VsEvent *event; /* that is being taken */
    char *ran;            /* the last VS_ACTION_KEEP_HOST_STOPS */
    uint64_t starting;    /* the number of the start that isn't answered; 0: none */
    int64_t
        called_off; /* when the last stop of all was, in this life of the daemon; 0: it wasn't */
    bool was_restoring;
    bool by_shutdown;       /* the last stop of all is of a host that goes down */
    bool was_stopping;      /* all, before this step */
    bool adds_up;           /* a stop of all adds to what ran before, instead of beginning anew */
    GString *story;         /* for whoever has to find out why it failed */
    int traced, traced_run; /* which guest, and which of its runs, from 1 on; 0: none */
    json_object *trace;     /* what was heard of that; NULL: nobody wants it, */
    char *history;          /* ... and, once that has its record, both: see random-trace.c */
    int trace_method;       /* of the last call in it; -1: it isn't there */
    jmp_buf *rescue;        /* where it goes on when it fails; NULL: it ends the program */
    char *complaint;        /* why it failed */
    GString *deeds;         /* a line for each action that others notice; NULL: nobody wants them */
} World;

/* random-kinds.c: words for kinds, "late,ends"; "none", "all", and "seed" for some of them */
unsigned kinds_parse(const char *words, unsigned seed);
char *kinds_format(unsigned kinds);

/* random-world.c: the world itself */
World *world_new(unsigned seed, unsigned kinds);
void world_free(World *world);
void world_tell(World *world, const char *format, ...) G_GNUC_PRINTF(2, 3);
void world_fail(World *world, const char *format, ...) G_GNUC_PRINTF(2, 3) G_GNUC_NORETURN;
bool world_chance(World *world, int percent);
int64_t world_span(World *world); /* from nothing to hours */
void world_happen(World *world);  /* something */
void world_pass(World *world, int64_t span);
void world_settle(World *world); /* everything is told and over */

/* random-life.c: a whole world, and one that fails made short */
#define HAPPENINGS 150

typedef struct Life {
    unsigned seed, kinds;
    bool happens[HAPPENINGS]; /* else it is left out */
    int guest, run;           /* that is traced; 0: none */
} Life;

void life_begin(Life *life, unsigned seed, unsigned kinds);
World *life_live(const Life *life, GString *deeds); /* @deeds is the world's; see its complaint */
void life_shorten(Life *life, const char *complaint);
unsigned life_length(const Life *life);
void life_trace(Life *life, const World *failed); /* the run that it complains of */
char *life_format(const Life *life);              /* which things happen: "3,17" */
void life_parse(Life *life, const char *text);

/* random-guest.c: what guests do */
SimRun *sim_run(const SimGuest *guest); /* NULL: off */
bool sim_is_on(const SimGuest *guest);
void sim_begin_run(World *world, SimGuest *guest); /* of which nothing is told yet */
void sim_boot(World *world, SimGuest *guest);
void sim_down(World *world, SimGuest *guest, Why why);
void sim_end(World *world, SimGuest *guest, Truth truth);
void sim_reset(World *world, SimGuest *guest);
void sim_pause(World *world, SimGuest *guest, bool pause);
void sim_press(World *world, SimGuest *guest);
void sim_agent(World *world, SimGuest *guest, bool connected);

/* random-habits.c: worlds as hosts are */
void sim_open_soon(World *world, SimHost *host);
void sim_get_habits(World *world, SimGuest *guest);
bool sim_obeys(World *world, SimGuest *guest, Why why); /* and will be down in its time */
void sim_agent_of_others(World *world, SimGuest *guest);

/* random-ends.c: the rarer ones */
void sim_panic(World *world, SimGuest *guest);
void sim_watchdog(World *world, SimGuest *guest);
void sim_quit(World *world, SimGuest *guest);
void sim_migrate(World *world, SimGuest *guest);
void sim_reboot_ends(World *world, SimGuest *guest);
void sim_panic_ends(World *world, SimGuest *guest);
void sim_give_up(World *world, SimGuest *guest);
void sim_revert(World *world, SimGuest *guest);
void sim_start_fails(World *world, SimGuest *guest);
void sim_no_room(World *world, SimGuest *guest);
void sim_rotate_log(World *world, SimGuest *guest);

/* random-process.c: how processes end */
void sim_watch(World *world, const VsAction *action);
void sim_process_gone(World *world, SimGuest *guest, SimRun *run, Truth truth);
void check_process(World *world, const SimRun *run, const VsRecord *record);

/* random-late.c: events that are held up */
int64_t sim_delivery(World *world, SimHost *host, bool is_answer, int64_t at);
void sim_unrest(World *world, SimHost *host);
void sim_comes_again(World *world, SimGuest *guest);
void check_stopped(World *world, const SimGuest *guest, const SimRun *run);
void check_heard(World *world, SimRun *run, const VsRecord *record);
SimRun *run_in_its_place(World *world, const SimGuest *guest, SimRun *run);

/* random-pauses.c: pauses by others, and that requests stand through them */
void sim_snapshot(World *world, SimGuest *guest);
void sim_shoot_later(World *world, SimGuest *guest);
void sim_save(World *world, SimGuest *guest, bool works);
void sim_power_cycle(World *world, SimGuest *guest);
void sim_begin_anew(World *world, SimGuest *guest);
void check_request_stands(World *world, const SimRun *run, const VsRecord *record);
void check_reboots(World *world, const SimRun *run, const VsRecord *record);
void check_presses(World *world, const SimGuest *guest, const SimStop *stop);
void check_reached(World *world, const SimGuest *guest, const SimStop *stop);

/* random-ran.c: what is to be started again */
void ran_restore(World *world, const char *named); /* NULL: all */
void ran_wanted(World *world, VsLadder *ret); /* who joins a stop of all that is kept has that */
void ran_keep(World *world, const VsAction *action);
void ran_joined(World *world, SimGuest *guest);
void ran_before_step(World *world);
void ran_check_step(World *world, const VsEvent *event, bool ok);
void ran_check_start(World *world, const SimGuest *guest, const VsAction *call);
void ran_check_end(World *world);

/* random-libvirt.c: what libvirt does and says */
void sim_open(World *world, SimHost *host);
void sim_close(World *world, SimHost *host);
void sim_begin_gap(World *world, SimHost *host); /* it goes away, or the daemon does */
void sim_carry_out(World *world, const VsAction *action);

/* random-deliver.c: how it gets through */
int64_t sim_next(const World *world); /* when the next message is due */
void sim_deliver(World *world);       /* it */

/* random-parts.c: stops of a part */
void parts_set_up(World *world);
void ask_about_part(World *world);
bool parts_are_all_stopped(const World *world); /* a stop of all is in flight */
bool parts_are_stopping(const World *world, const SimGuest *guest);
void parts_ladder(const World *world, const SimGuest *guest, VsLadder *ret);
void parts_check_added(World *world, const SimGuest *guest);
void parts_check_once(World *world);
void parts_forget_ran(World *world); /* as a part is stopped */

/* random-requests.c: what people ask for */
void ask_stop(World *world, SimGuest *guest);
void ask_escalate(World *world, SimGuest *guest);
void ask_more(World *world, SimGuest *guest);
void ask_stop_all(World *world);
void ask_about_all(World *world);

/* random-engine.c: the daemon around the engine */
bool world_step(World *world, const VsEvent *event);
void world_restart(World *world);

/* random-deeds.c: what the engine had done, to compare two of its versions */
void note_action(World *world, const VsAction *action);
char *world_deeds(const World *world); /* all of it in one line */

/* random-trace.c: what was heard of a run, for another judge */
void trace_want(World *world, int guest, int run);    /* before it boots; from 1 on */
void trace_boot(World *world, const SimGuest *guest); /* it does, now */
void trace_print(const World *world, FILE *file);     /* as a golden trace, where there is one */
void trace_event(World *world, const VsEvent *event);
void trace_action(World *world, const VsAction *action);
void trace_restart(World *world);
void trace_clear(World *world);

/* random-tally.c: what was said, against what really was, over all worlds */
VsCause run_really(const SimRun *run);
void tally_note(World *world, const SimGuest *guest, const SimRun *run, const VsVerdict *verdict);
unsigned tally_count(VsConfidence confidence, bool all); /* or those that are right */
void tally_print(FILE *file);

/* random-marks.c: what must have happened sometimes, in some world, or it isn't tested */
void mark(const char *format, ...) G_GNUC_PRINTF(1, 2);
void marks_note_stops(World *world); /* after each step: their phases */
void marks_forget_stops(World *world);
char *marks_missing(bool all); /* also the rare ones; NULL: none is */
void marks_print(FILE *file);  /* all, with how often */

/* random-check.c: what the engine is held to */
SimGuest *world_guest(World *world, const VsDomainId *domain);
SimRun *world_run(World *world, SimGuest *guest, int id);
bool check_is_of_all(const World *world, const SimGuest *guest); /* its stop is part of that */
Truth check_truth(VsCause cause);
bool check_is_right(const SimGuest *guest, const SimRun *run, Truth truth);
void note_asked(World *world, const VsAction *call);
void note_answered(World *world, SimGuest *guest, VsMethod method);
void check_order(World *world, const VsActions *actions, unsigned i);
void check_call(World *world, const VsAction *action);
void check_record(World *world, const VsAction *action);
void check_added(World *world, const VsAction *action);
void check_finished(World *world, const VsAction *action);
void check_end(World *world);
