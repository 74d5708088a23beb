/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "random-world.h"

/* What is on its way: from libvirt to the engine, from the engine to libvirt, and what a guest is
 * about to do. */

typedef enum MessageType {
    EVENT_LIFECYCLE,
    EVENT_QMP,
    EVENT_REBOOT,
    EVENT_AGENT,
    ANSWER_LIST,
    ANSWER_LOOK_UP,
    ANSWER_DESCRIPTION,
    ANSWER_LOG,
    ANSWER_CALL,
    ANSWER_HOOK,
    ANSWER_DISK, /* what was to be written is, or isn't */
    MAKE_LIST,   /* libvirt gets the question */
    MAKE_LOOK_UP,
    MAKE_DESCRIPTION,
    MAKE_CALL,
    HOLD_CALL,  /* all who could make it are busy */
    GUEST_DOWN, /* the guest gets there */
    GUEST_GONE,
    EVENT_WATCHDOG,
    GUEST_BOOTS,    /* somebody starts it, */
    GUEST_ENDS,     /* ends it, */
    GUEST_SNAPSHOT, /* pauses it for some time, */
    GUEST_RESUMED,  /* ... lets it run again, */
    GUEST_RESETS,   /* or it goes on with a reset */
    HOST_OPENS,     /* libvirt is there again, */
    HOST_CLOSES,    /* ... or goes away */
    PERSON_ESCALATES,
    EVENT_WATCHED, /* its process is; */
    EVENT_PROCESS, /* ... it ended */
} MessageType;

typedef struct Message {
    int64_t sent, at;
    uint64_t order;
    MessageType type;
    SimGuest *guest; /* or NULL */
    SimHost *host;
    unsigned generation, epoch;
    SimRun *run; /* the guest's last, */
    int id;      /* and the domain's, when it was sent */
    int lifecycle, detail;
    const char *qmp, *data;
    VsAgentState agent;
    VsDomainInfo infos[N_GUESTS];
    unsigned n_infos;
    uint64_t serial, call;
    VsUuid stop; /* of ANSWER_HOOK */
    VsHook hook;
    VsUuid record; /* of ANSWER_DISK, where its serial is 0 */
    VsMethod method;
    bool ok, still_there, held;
    int code;
    int64_t asked;
    VsAgentWoke woke;
    Truth truth;
    Why why;
    unsigned n_resets; /* of its run, when it was sent */
    VsProcessEnd end;
} Message;

/* The caller fills it in; it is the world's. */
Message *message_new(World *world, MessageType type, SimHost *host, SimGuest *guest, int64_t delay);

/* It is about something that happened to a guest, not an answer. */
bool message_is_event(const Message *message);

/* Down the wire, behind all that was sent before. */
Message *message_send(World *world, MessageType type, SimHost *host, SimGuest *guest);

void sim_message_free(void *message);

/* random-libvirt.c: libvirt got the question */
void sim_make_list(World *world, const Message *question);
void sim_make_look_up(World *world, const Message *question);
void sim_make_description(World *world, const Message *question);

/* random-calls.c: ... or was to do something */
void sim_make_call(World *world, const Message *question);
Message *sim_answer_call(World *world, const Message *question, bool ok, int code,
                         int64_t delay);              /* NULL: never */
void sim_not_asked(SimGuest *guest, VsMethod method); /* whatever that explained, it doesn't */

/* random-guest.c: what QEMU and libvirt say of it, where anybody is connected */
void sim_send_qmp(World *world, SimGuest *guest, const char *event, const char *data);
void sim_send_lifecycle(World *world, SimGuest *guest, int type, int detail);
void sim_send_reboot(World *world, SimGuest *guest);
void sim_send_watchdog(World *world, SimGuest *guest, int action);

/* ... the process is gone, and libvirt has a word for it */
void sim_gone(World *world, SimGuest *guest, Truth truth);

/* random-habits.c: its agent is asked */
void sim_agent_by_habit(World *world, const Message *question);
int64_t sim_no_agent_takes(const World *world);          /* µs, until libvirt says so */
void sim_cut_agent(World *world, const SimGuest *guest); /* QEMU ends, and its socket closes */

/* random-process.c: the kernel tells */
void sim_deliver_process(World *world, const Message *message);

/* random-engine.c: the disk answers */
void sim_answer_disk(World *world, const Message *message);

/* random-told.c: what the engine knows from then on, and what that excuses */
void sim_note_told(World *world, const Message *message);
void sim_note_described(World *world, const Message *message);
