/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "bus/message.h"

/* Who calls: the connections that sent us something, and the users behind them. The bus is asked
 * once for each connection, and its answer is never waited for. All on the main thread. */

typedef struct VsBusCallers VsBusCallers;

typedef struct VsBusUser {
    uid_t uid;
    bool trusted;           /* root, or the user that we run as */
    unsigned n_callers;     /* connections that are remembered */
    unsigned n_parked;      /* calls that wait to be let in; */
    size_t parked_size;     /* ... about so many bytes */
    unsigned n_asked;       /* questions that aren't answered yet */
    unsigned n_authorising; /* calls that wait for polkit */
    unsigned n_inquiring;   /* calls that wait until libvirt was asked for their domain */
    int64_t spent_until;    /* CLOCK_MONOTONIC µs: when what was spent on it is paid back */
    int64_t quiet_from;     /* ... when it has been quiet for long enough */
    int64_t served;         /* the turn in which a question of it was last begun */
} VsBusUser;

/* A connection, by its unique name, which no other ever has. */
typedef struct VsBusCaller {
    VsBusCallers *callers;
    char *name;
    VsBusUser *user;    /* NULL: not known yet */
    pid_t pid;          /* 0: not known */
    GQueue parked;      /* what waits to be let in, in order; gate.c's */
    size_t parked_size; /* of those, as far as it was counted for the user */
    unsigned n_asked;   /* questions of it that aren't answered yet: the next call waits for that */
    unsigned n_authorising; /* calls of it that wait for polkit, */
    unsigned n_inquiring;   /* ... and until libvirt was asked for their domain */
    sd_bus_slot *asking;    /* the question who it is; NULL: answered */
    sd_bus_slot *watch;     /* tells when it goes; NULL: nobody needs to know */
    GList in_use;           /* its place among all, the one that was used last first */
    GList waiting;          /* its place among those who have something parked */
} VsBusCaller;

/* What is known of @caller has come: its user; or that stays NULL, for the bus doesn't know it (any
 * more), and it is forgotten after this. */
typedef void (*VsBusCallerKnown)(VsBusCaller *caller, void *userdata);

VsBusCallers *vs_bus_callers_new(VsBusCallerKnown known, void *userdata);
void vs_bus_callers_free(VsBusCallers *callers);

/* Asks on @connection from now on; NULL: on none. All callers are forgotten; who keeps something of
 * theirs drops it before. */
void vs_bus_callers_attach(VsBusCallers *callers, sd_bus *connection);

/* The one of that unique name, who is asked for where that wasn't done yet. NULL where that fails.
 */
VsBusCaller *vs_bus_callers_get(VsBusCallers *callers, const char *name);

void *vs_bus_callers_userdata(const VsBusCallers *callers);

/* Sets VS_ERROR_ACCESS: the bus doesn't know who it is. Returns false. */
bool vs_bus_callers_fail(GError **error);

/* The one of that unique name (or NULL), where it is known who that is. NULL: it isn't, any more.
 */
VsBusCaller *vs_bus_callers_named(VsBusCallers *callers, const char *name);

/* The one who sent @message, likewise. */
VsBusCaller *vs_bus_callers_of(VsBusCallers *callers, sd_bus_message *message);
