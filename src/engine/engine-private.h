/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/agenda.h"
#include "engine/engine.h"
#include "schedule/schedule.h"

/* The engine's parts, a file each: watch (what libvirt and QEMU say of a guest), hosts (connections
 * and lists), requests (what people ask for), descent (a stop's way down), ask (its
 * steps), answer (what libvirt
 * answers to its calls), end (a run's record), keep (what survives the daemon), host-stop and
 * host-turn (all guests, in their order), restore (start them again). */

typedef struct VsConnection {
    char *uri;
    bool connected;
    bool listed;        /* since it was connected, */
    bool settled;       /* ... and again when libvirt had had time to look for itself */
    int64_t settled_at; /* monotonic µs: ... which it last had then */
    bool was_listed;    /* ever */
    int64_t since;      /* monotonic µs: it is to be watched since then */
    int64_t opened_at;  /* monotonic µs */
    uint64_t list;      /* serial of the list that was asked for last */
    unsigned n_lists;
    int64_t next_list; /* monotonic µs, VS_USEC_INFINITY: none */
} VsConnection;

/* The stop of all guests. */
typedef struct VsHostStop {
    VsSchedule *schedule; /* NULL: taken over from a daemon before us, made when libvirt is there */
    GPtrArray *guests;    /* VsGuest, by its number in the schedule; NULL: done */
    int64_t deadline;     /* monotonic µs; VS_USEC_INFINITY: no limit */
    int64_t last_call_at; /* monotonic µs: from then on there is time for a destroy only */
    bool limited;         /* the deadline comes from a budget, not from what takes part */
    bool shutdown;        /* the host itself goes down */
    bool newcomers;       /* guests run that may have no part yet */
    bool last_call;       /* the budget is all but over, nobody waits for a turn any more */
    bool given_up;        /* ... and over: nothing is waited for any more */

    /* How it was asked for, for those who join. */
    bool has_ladder; /* else each has its own */
    VsLadder ladder;
    bool by_known;
    VsRequester by;
    char *reason; /* or NULL */
} VsHostStop;

typedef struct VsRestore VsRestore;

struct VsEngine {
    uint8_t seed[16];
    uint64_t n_ids;
    uint64_t serial; /* counts the steps */
    uint64_t n_calls;
    VsPolicy policy;
    bool host_shutdown;
    bool simulated;          /* nothing is kept for a restart */
    VsHostStop *host_stop;   /* NULL: none */
    VsRestore *restore;      /* NULL: none */
    GPtrArray *ran;          /* as in engine/ran.h: what ran before the last host stop; or NULL */
    int64_t ran_until;       /* monotonic µs: a host stop before that adds to it */
    GHashTable *connections; /* uri -> VsConnection */
    GHashTable *guests;      /* "UUID URI" -> VsGuest */
    GHashTable
        *removed;    /* the same keys, of guests that are gone -> serial of the step they went in */
    VsAgenda agenda; /* guests that may want a timer: with a stop, or an end without a record */

    /* Of the step that is being taken. */
    VsTime now;
    VsActions *out;
    VsActions *calls; /* to be put behind all others */
    GPtrArray *touched;
};

/* engine.c */
VsUuid vs_engine_new_id(VsEngine *engine);
VsAction *vs_engine_do(VsEngine *engine, VsActionType type, const VsGuest *guest);
void vs_engine_note(VsEngine *engine, const VsGuest *guest, int level, const char *format, ...)
    G_GNUC_PRINTF(4, 5);
VsGuest *vs_engine_get(VsEngine *engine, const VsDomainId *domain);
VsGuest *vs_engine_add(VsEngine *engine, const VsDomainId *domain);
bool vs_engine_was_removed(const VsEngine *engine, const VsDomainId *domain, uint64_t since);
VsConnection *vs_engine_connection(VsEngine *engine, const char *uri);
void vs_engine_unsaved(VsEngine *engine, VsGuest *guest); /* its run or stop changed */
void vs_engine_changed(VsEngine *engine, VsGuest *guest); /* the picture of it changed */
void vs_engine_set_state(VsEngine *engine, VsGuest *guest, VsDomainState state);
int64_t vs_later(int64_t time, int64_t span); /* never beyond VS_USEC_INFINITY */

/* guest-events.c */
void vs_guest_events_begin_run(VsEngine *engine, VsGuest *guest);
void vs_guest_events_new_attempt(VsEngine *engine, VsGuest *guest);
void vs_guest_events_qmp(VsEngine *engine, const VsEvent *event);
void vs_guest_events_lifecycle(VsEngine *engine, const VsEvent *event);
void vs_guest_events_reboot(VsEngine *engine, const VsEvent *event);
void vs_guest_events_watchdog(VsEngine *engine, const VsEvent *event);
void vs_guest_events_agent(VsEngine *engine, const VsEvent *event);

/* connections.c */
void vs_connections_connection(VsEngine *engine, const VsEvent *event);
void vs_connections_listed(VsEngine *engine, const VsEvent *event);
void vs_connections_looked_up(VsEngine *engine, const VsEvent *event);
void vs_connections_timer(VsEngine *engine);
bool vs_connections_can_act(const VsEngine *engine, const VsGuest *guest);
int64_t vs_connections_settled_at(const VsEngine *engine, const VsGuest *guest);
int64_t vs_connections_settled_since(const VsEngine *engine,
                                     const VsGuest *guest); /* monotonic µs */
void vs_connections_look_up(VsEngine *engine, VsGuest *guest);

/* requests.c */
bool vs_requests_stop(VsEngine *engine, const VsEvent *event, GError **error);
bool vs_requests_cancel(VsEngine *engine, const VsEvent *event, GError **error);
bool vs_requests_escalate(VsEngine *engine, const VsEvent *event, GError **error);
bool vs_requests_extend(VsEngine *engine, const VsEvent *event, GError **error);
void vs_requests_own_call(VsEngine *engine, const VsEvent *event);
bool vs_requests_check_all(const VsEvent *event, VsLadder *ret_ladder, GError **error);
bool vs_requests_check_extension(int64_t span, GError **error);
void vs_requests_queue(VsEngine *engine, VsGuest *guest, const VsHostStop *host_stop);
/* @of_host: only those that are part of the host's stop. */
void vs_requests_cancel_all(VsEngine *engine, const VsRequester *by, bool of_host);

/* ask.c */
json_object *vs_ask_evidence(VsEngine *engine, const char *source, VsMethod method);
void vs_ask_remember(VsEngine *engine, VsGuest *guest, VsMethod method, int64_t expires);
void vs_ask_changed(VsEngine *engine, VsGuest *guest); /* its stop is another than was told */
void vs_ask_call(VsEngine *engine, VsGuest *guest, VsMethod method);
void vs_ask_no_more(VsEngine *engine, VsGuest *guest); /* its call, if any, is waited for no more */
/* µs that the step has: what a step before it did not need of the host's budget is this one's */
int64_t vs_ask_span(const VsEngine *engine, const VsStop *stop);
/* takes the step that the stop stands at, or the first behind it that can work */
void vs_ask_take_step(VsEngine *engine, VsGuest *guest);
void vs_ask_press_again(VsEngine *engine, VsGuest *guest);

/* descent.c */
void vs_descent_advance(VsEngine *engine, VsGuest *guest);
void vs_descent_next_step(VsEngine *engine, VsGuest *guest, const char *result);
void vs_descent_going_off(VsEngine *engine, VsGuest *guest);
void vs_descent_new_attempt(VsEngine *engine, VsGuest *guest);
void vs_descent_held(VsEngine *engine, const VsEvent *event);
void vs_descent_shorten(VsEngine *engine, VsGuest *guest);
void vs_descent_lengthen(VsEngine *engine, VsGuest *guest, int64_t span);
void vs_descent_to_last_step(VsEngine *engine, VsGuest *guest);
void vs_descent_finish(VsEngine *engine, VsGuest *guest, VsOutcome outcome);
int64_t vs_descent_next_timer(const VsEngine *engine, const VsGuest *guest);

/* replies.c */
void vs_replies_reply(VsEngine *engine, const VsEvent *event);
void vs_replies_agent_settled(VsEngine *engine, VsGuest *guest); /* whether it heard shows now */

/* run-end.c */
void vs_run_end_stopped(VsEngine *engine, VsGuest *guest, int detail);
void vs_run_end_found(VsEngine *engine, VsGuest *guest, VsDomainState state, int reason);
void vs_run_end_hurry(VsEngine *engine, VsGuest *guest); /* the record now, with what there is */
void vs_run_end_timer(VsEngine *engine, VsGuest *guest);
void vs_run_end_log(VsEngine *engine, const VsEvent *event);
void vs_run_end_read_log(VsEngine *engine, VsGuest *guest);

/* host-stop.c */
void vs_host_stop_set_shutdown(VsEngine *engine, bool active);
bool vs_host_stop_begin(VsEngine *engine, const VsEvent *event, GError **error);
bool vs_host_stop_extend(VsEngine *engine, const VsEvent *event, GError **error);
void vs_host_stop_take_over(VsEngine *engine, const VsStop *stop);
void vs_host_stop_newcomer(VsEngine *engine); /* a guest may want to take part */
void vs_host_stop_done(VsEngine *engine, VsGuest *guest, VsOutcome outcome);
void vs_host_stop_advance(VsEngine *engine);
void vs_host_stop_end(VsEngine *engine, bool called_off);
int64_t vs_host_stop_next_timer(const VsEngine *engine);

/* host-turn.c */
void vs_host_turn_share_out(VsEngine *engine, const char *uri);
bool vs_host_turn_allow_again(VsEngine *engine, VsGuest *guest); /* false: it has no share */
void vs_host_turn_extend(VsEngine *engine, int64_t span);
void vs_host_turn_release(VsEngine *engine, VsGuest *guest); /* out of its turn */
void vs_host_turn_advance(VsEngine *engine);
int64_t vs_host_turn_next_timer(const VsEngine *engine);

/* restore.c */
void vs_restore_keep(VsEngine *engine); /* says what is to be started again after a host stop */
void vs_restore_stop_is_over(VsEngine *engine, bool called_off);
bool vs_restore_begin(VsEngine *engine, const VsEvent *event, GError **error);
bool vs_restore_answer(VsEngine *engine, const VsEvent *event); /* whether it was for us */
void vs_restore_set_clock(VsEngine *engine, VsGuest *guest);    /* where it is wanted, and can be */
void vs_restore_advance(VsEngine *engine);
int64_t vs_restore_next_timer(const VsEngine *engine);
void vs_restore_free(VsRestore *restore);

/* run-state.c */
char *vs_engine_state_save(const VsEngine *engine, const VsGuest *guest);
bool vs_engine_state_take_over(VsEngine *engine, const VsEvent *event, GError **error);
