/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/policy.h"
#include "engine/action.h"
#include "engine/agenda.h"
#include "engine/guest.h"
#include "engine/host-stop.h"
#include "engine/stop-text.h"

/* All that the engine knows, in one place, and the words in which its parts speak: what comes in
 * changes this, and then the machines look at it. */

/* libvirt at one URI. Each phase holds what the ones before it do. */
typedef enum VsConnectionPhase {
    VS_CONNECTION_AWAY,
    VS_CONNECTION_OPEN,    /* it answers, but which guests it has isn't known yet */
    VS_CONNECTION_LISTED,  /* it was asked for all its guests */
    VS_CONNECTION_SETTLED, /* ... and again when it had had time to look for itself */
} VsConnectionPhase;

typedef struct VsConnection {
    char *uri;
    VsConnectionPhase phase;
    bool stops_guests;     /* it does so itself when the host goes down */
    bool was_listed;       /* ever */
    VsAbsence unseen;      /* before it was opened last: who was away, us or it, since when, */
    int64_t unseen_until;  /* ... and until when (realtime µs) */
    int64_t since;         /* monotonic µs: it is to be watched since then */
    int64_t opened_at;     /* monotonic µs */
    int64_t closed_at;     /* monotonic µs: when it last went away; 0: it never did */
    uint64_t opened_step;  /* the same, by the engine's count of steps */
    int64_t settled_at;    /* monotonic µs: when it last came to be settled */
    uint64_t settled_step; /* the same, by the engine's count of steps */
    int64_t told_at;       /* monotonic µs: when a lifecycle event last came from it */
    int64_t probed_at; /* monotonic µs: it was asked for a sign of life, and gave none since; 0:
                          it owes none */
    int64_t proved_at; /* monotonic µs: when it was asked for the last one that it gave */
    uint64_t list;     /* serial of the list that was asked for last */
    unsigned n_lists;
    bool is_watched;   /* what is noted says that its guests are */
    int64_t next_list; /* monotonic µs, VS_USEC_INFINITY: none */
} VsConnection;

/* The start of what ran before, while there is something under way. */
typedef struct VsRestore {
    unsigned starting; /* which of those that wait, while ... */
    uint64_t call;     /* its start is under way; 0: none is */
    bool answered;     /* ... and was answered, which isn't reckoned with yet: */
    bool ok, lost;     /* ... so */
    char *message;     /* ... or with this */
    int64_t next_at;   /* monotonic µs: not before */
    int64_t wake_at;   /* monotonic µs: then look again, if nothing happens before */
    unsigned n_started;
    bool said_waiting;
} VsRestore;

/* Somebody waits for what libvirt says of a domain, or of those of a part: see inquiry.h. */
typedef struct VsInquiry {
    uint64_t number;  /* by which whoever asks knows it */
    char *text;       /* its name, UUID or id; NULL: somebody waits for who is of ... */
    VsPart *part;     /* ... this */
    char *uri;        /* NULL: any */
    GPtrArray *owing; /* the URIs whose libvirt hasn't answered; each its connection's */
    uint64_t asked;   /* serial of the question */
    bool coming;      /* one that it may mean is being started, or has no run here yet */
    int64_t again_at; /* monotonic µs: then it is asked again, for that */
    int64_t until;    /* monotonic µs: no longer */
} VsInquiry;

void vs_inquiry_free(VsInquiry *inquiry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VsInquiry, vs_inquiry_free)

/* A stop in flight, as it was when it was noted, or what it is a part of changed. */
typedef struct VsNotedStop {
    json_object *request; /* as a record has it, without its steps; NULL: none is in flight */
    int64_t asked_at;     /* realtime µs */
    VsUuid host_stop;     /* what it is a part of, or "" */
    VsHostKind host_kind; /* ... and what that is */
} VsNotedStop;

/* A run that has begun, and whose record is not on disk. */
typedef struct VsNotedRun {
    VsDomainId domain;
    VsUuid id; /* its record's */
    VsNotedStop stop;
    char *text;           /* all that, as it is written */
    int64_t unwatched_at; /* realtime µs: libvirt was away since then; 0: it wasn't. Of one of this
                             boot its connection tells that */
    bool seen;            /* it is, or was, a run here */
    bool recording;       /* of a boot before: its record is made, and being written */
    char *line;           /* ... its record, where the journal has one already; or NULL */
} VsNotedRun;

/* A boot of the host before this one, and what was noted in it. */
typedef struct VsPastBoot {
    char *id;
    VsLastSeen seen; /* but for what is each run's own */
    VsHostEnd end;
    bool asked;      /* how it ended, ... */
    bool known;      /* ... which is known, or isn't waited for any more */
    int64_t until;   /* monotonic µs: asked: it isn't then */
    GPtrArray *runs; /* of VsNotedRun, by name */
} VsPastBoot;

/* What is noted for the case that the host fails: see noted.h. */
typedef struct VsNotes {
    bool begun;       /* what was kept is taken over, and may be written anew */
    GHashTable *runs; /* of this boot: their ids -> VsNotedRun */
    GPtrArray *past;  /* of VsPastBoot */
    int64_t ended_at; /* realtime µs: this daemon ends; 0: it doesn't */
    bool going_down;  /* as it is written, or about to be */
    bool unsaved;
    int64_t save_at; /* monotonic µs: somebody is to be left out then; 0: nobody is */
    bool writing;    /* what is being written is older */
} VsNotes;

typedef struct VsEngine {
    uint8_t seed[16];
    uint64_t n_ids;
    uint64_t serial; /* counts the steps */
    uint64_t n_calls;
    VsPolicy policy;
    bool host_shutdown; /* the host goes down */
    bool has_hooks;     /* there are programs to be told of what happens */
    bool simulated;     /* nothing is kept for a restart */
    int64_t seen_until; /* realtime µs: the last sign of life of the daemon before us; 0: none */
    bool newcomers;     /* guests run that may have no part in a host stop yet */
    bool kinds_told; /* of guests that have a part it is known only now whether they are persistent
                      */
    GPtrArray *host_stops; /* of VsHostStop, in the order in which they were asked for */
    bool host_stops_unsaved;
    VsKept host_stops_kept;
    /* Something was waited for in vain, and nothing was answered since: it isn't waited for. */
    bool records_hang;    /* a record */
    bool states_hang;     /* what is kept of a guest: */
    bool host_stops_hang; /* ... of host stops, which is another disk */
    VsRestore restore;
    VsNotes notes;
    GPtrArray *inquiries;    /* of VsInquiry */
    GHashTable *connections; /* uri -> VsConnection */
    GHashTable *guests;      /* "UUID URI" -> VsGuest */
    GHashTable
        *removed; /* the same keys, of guests that are gone -> what is known of that, see store.c */
    int64_t listens_until; /* monotonic µs: this daemon was stopped, and until then nothing is done
                              for the time alone; 0: it wasn't */
    VsAgenda agenda; /* guests that may want a timer: with a stop, or an end without a record */

    /* Of the step that is being taken. */
    VsTime now;
    VsActions *out;
    VsActions *calls; /* to be put behind all others */
    GPtrArray *touched;
} VsEngine;

/* Whether it is that long (µs) since something was due that this daemon, or its host, must have
 * stood still. */
bool vs_engine_is_late(int64_t late);

/* Whether what libvirt has told meanwhile is heard first. */
bool vs_engine_listens(const VsEngine *engine);

VsUuid vs_engine_new_id(VsEngine *engine);
VsAction *vs_engine_do(VsEngine *engine, VsActionType type, const VsGuest *guest);
VsAction *vs_engine_do_stop(VsEngine *engine, VsActionType type, const VsGuest *guest);

/* A call beside the one of the guest's stop: nobody waits for its answer. */
void vs_engine_call_aside(VsEngine *engine, VsGuest *guest, VsMethod method);
void vs_engine_note(VsEngine *engine, const VsGuest *guest, int level, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

VsGuest *vs_engine_get(const VsEngine *engine, const VsDomainId *domain);
VsGuest *vs_engine_add(VsEngine *engine, const VsDomainId *domain);

/* Removes a guest that libvirt no longer has, and remembers that for events that come late. */
void vs_engine_remove(VsEngine *engine, VsGuest *guest);

/* Whether it was removed in a step after @since. */
bool vs_engine_was_removed(const VsEngine *engine, const VsDomainId *domain, uint64_t since);

/* What was removed at @uri is remembered no longer: a connection that opens tells of all anew. */
void vs_engine_forget_removed(VsEngine *engine, const char *uri);

VsConnection *vs_engine_connection(VsEngine *engine, const char *uri); /* made where it is new */
VsConnection *vs_engine_connection_of(const VsEngine *engine, const VsGuest *guest); /* or NULL */

/* It is to be looked at in this step; its run or stop changed, too; the picture of it did. */
void vs_engine_touch(VsEngine *engine, VsGuest *guest);
void vs_engine_unsaved(VsEngine *engine, VsGuest *guest);
void vs_engine_changed(VsEngine *engine, VsGuest *guest);

/* The guest, or its QEMU, has said something. That is kept at once, but for one that says more than
 * anybody has to: then once a second, so that it costs the others nothing. What it said counts at
 * once all the same, and with whatever else is to be kept of it, it is. */
void vs_engine_heard(VsEngine *engine, VsGuest *guest);
void vs_engine_stop_changed(VsEngine *engine, VsGuest *guest); /* its stop is told of anew */

/* ... because of what the guest did, which it may do as often as it likes. */
void vs_engine_stop_followed(VsEngine *engine, VsGuest *guest);
void vs_engine_set_state(VsEngine *engine, VsGuest *guest, VsDomainState state);

/* Who was found to manage it beside libvirt. */
void vs_engine_set_owner(VsEngine *engine, VsGuest *guest, VsOwner owner);

/* Asks libvirt for what it knows. */
void vs_engine_list(VsEngine *engine, VsConnection *connection);
void vs_engine_look_up(VsEngine *engine, VsGuest *guest);

/* The guest's run begins. */
void vs_engine_begin_run(VsEngine *engine, VsGuest *guest);

/* The host stop that @stop names; the one that all guests are part of; NULL: none in flight. */
VsHostStop *vs_engine_host_stop_of(const VsEngine *engine, const VsStop *stop);
VsHostStop *vs_engine_stop_of_all(const VsEngine *engine);

/* Any at all that is in flight. */
VsHostStop *vs_engine_any_host_stop(const VsEngine *engine);

/* Whether somebody who starts @guest now wants just that: all are being stopped by hand. A host
 * that goes down takes it along, and a restore that was still about it is nobody's wish. */
bool vs_engine_is_wanted(const VsEngine *engine, const VsGuest *guest);

/* One that is in that phase; NULL: none is. */
VsHostStop *vs_engine_host_stop_in(const VsEngine *engine, VsHostStopPhase phase);

/* What ran before isn't being started again any more. */
void vs_engine_drop_restore(VsEngine *engine);

/* Monotonic µs: when something may be done to @guest, VS_USEC_INFINITY: not known; and whether that
 * is now. At the end of a host stop's time its destroy needs no list before it: that the run is
 * still the same is seen by its id when the call is made. */
int64_t vs_engine_can_act_at(const VsEngine *engine, const VsGuest *guest);
bool vs_engine_can_act(const VsEngine *engine, const VsGuest *guest);

int64_t vs_later(int64_t time, int64_t span); /* never beyond VS_USEC_INFINITY */
