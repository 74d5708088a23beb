/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/engine.h"

/* A little world of libvirts and guests in which everything happens by a seeded chance: what they
 * do, what of it is told, how late, and what gets lost. It knows the truth, and holds the engine to
 * it. */

#define N_HOSTS  2
#define N_GUESTS 5
#define SEC      INT64_C(1000000)
#define MSEC     INT64_C(1000)

/* How a run really ended: what a record that is certain has to say. */
typedef enum Truth {
    TRUTH_NONE,
    TRUTH_DOWN,
    TRUTH_DESTROYED,
    TRUTH_SIGNAL,
    TRUTH_DIED,
    TRUTH_SAVED
} Truth;

typedef struct SimRun {
    int id; /* of the domain: no two runs have the same */
    bool ended;
    bool kept;      /* it is in the run state: it can't be missed any more */
    Truth truth;    /* what began its end, */
    Truth word;     /* and what libvirt says */
    bool signalled; /* from outside, whatever had begun before */
    unsigned n_records;

    /* As far as it was told to the engine. */
    int64_t told_down, told_off; /* when; 0: it wasn't */
    int64_t reaped;              /* when libvirt's signal was logged; 0: it wasn't */

    /* Until when a request of the engine's, or a press that it was told of, explains a power-off.
     */
    int64_t agent_until, button_until;
    bool of_all; /* it was asked as one of all: then until that is over, whatever its step had */
} SimRun;

typedef struct SimHost {
    char *uri;
    bool up;             /* connected */
    unsigned generation; /* of the connection */
    int64_t last_delivery;
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
    struct SimStop *stop;
} SimGuest;

/* A stop that was granted. */
typedef struct SimStop {
    VsUuid id;
    VsLadder ladder;
    int64_t asked;
    int64_t extended;
    int64_t resumed; /* when it was let run for it, 0: it wasn't */
    bool finished;
    bool destroy_called;
    bool no_agent, no_button, hurried; /* why a step may have been shorter than its span, */
    bool of_all;                       /* ... as may one that shares the budget of all */
    SimRun *timed_out; /* the run whose requests it took back at its end, and what stood before */
    int64_t agent_before, button_before;
    uint64_t waiting[VS_N_METHODS]; /* the number of the call that isn't answered, by method */
} SimStop;

typedef struct World {
    GRand *chance;
    VsEngine *engine;
    uint8_t seed[16];
    unsigned epoch; /* how many engines there were before */
    VsTime now;
    VsPolicy policy;
    SimHost hosts[N_HOSTS];
    SimGuest guests[N_GUESTS];
    GPtrArray *messages; /* of Message: on their way */
    uint64_t order;
    int last_id;
    char *kept[N_GUESTS]; /* the run state */
    int kept_id[N_GUESTS];
    GHashTable *recorded;   /* the ids of all records */
    GPtrArray *stops;       /* of SimStop: all there ever were */
    VsLadder wanted;        /* by the stop that is being asked for */
    VsLadder wanted_of_all; /* ... and by that of all guests */
    SimRun *forgetting;     /* the run whose requests are being forgotten, and what stood before */
    SimRun before;
    int crash_after; /* actions; -1: the daemon isn't about to die */
    GString *story;  /* for whoever has to find out why it failed */
    GString *deeds;  /* a line for each action that others notice; NULL: nobody wants them */
} World;

/* random-world.c: the world itself */
World *world_new(unsigned seed);
void world_free(World *world);
void world_tell(World *world, const char *format, ...) G_GNUC_PRINTF(2, 3);
void world_fail(World *world, const char *format, ...) G_GNUC_PRINTF(2, 3) G_GNUC_NORETURN;
bool world_chance(World *world, int percent);
int64_t world_span(World *world); /* from nothing to hours */
void world_happen(World *world);  /* something */
void world_pass(World *world, int64_t span);
void world_settle(World *world); /* everything is told and over */

/* random-guest.c: what guests do */
SimRun *sim_run(const SimGuest *guest); /* NULL: off */
bool sim_is_on(const SimGuest *guest);
void sim_boot(World *world, SimGuest *guest);
void sim_down(World *world, SimGuest *guest);
void sim_end(World *world, SimGuest *guest, Truth truth);
void sim_reset(World *world, SimGuest *guest);
void sim_pause(World *world, SimGuest *guest, bool pause);
void sim_press(World *world, SimGuest *guest);
void sim_agent(World *world, SimGuest *guest, bool connected);

/* random-libvirt.c: what libvirt does and says, and how it gets through */
void sim_open(World *world, SimHost *host);
void sim_close(World *world, SimHost *host);
void sim_carry_out(World *world, const VsAction *action);
int64_t sim_next(const World *world); /* when the next message is due */
void sim_deliver(World *world);       /* it */
void sim_message_free(void *message);

/* random-engine.c: the daemon around the engine */
bool world_step(World *world, const VsEvent *event);
void world_restart(World *world);

/* random-deeds.c: what the engine had done, to compare two of its versions */
void note_action(World *world, const VsAction *action);
char *world_deeds(const World *world); /* all of it in one line */

/* random-phases.c: how stops stand, over all worlds */
void phases_note(const World *world);
void phases_say(void);

/* random-check.c: what the engine is held to */
SimGuest *world_guest(World *world, const VsDomainId *domain);
SimRun *world_run(World *world, SimGuest *guest, int id);
void note_asked(World *world, const VsAction *call);
void check_order(World *world, const VsActions *actions, unsigned i);
void check_call(World *world, const VsAction *action);
void check_record(World *world, const VsAction *action);
void check_added(World *world, const VsAction *action);
void check_finished(World *world, const VsAction *action);
void check_end(World *world);
