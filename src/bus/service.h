/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-bus.h>

#include "bus/ops.h"
#include "engine/engine.h"
#include "util/scope.h"

/* The service's state, which all the files above share, and what it finds in the engine's picture.
 */

/* What the name org.virtstop1 is to us. The bus takes what we send in its order: from the moment we
 * ask on, what we tell comes from the name's owner, if we get it. */
typedef enum VsBusName {
    VS_BUS_NAME_NONE,
    VS_BUS_NAME_ASKED,
    VS_BUS_NAME_OURS,
} VsBusName;

typedef struct VsBusGate VsBusGate;
typedef struct VsBusQuestions VsBusQuestions;
typedef struct VsBusPolkit VsBusPolkit;
typedef struct VsBusUserNames VsBusUserNames;
typedef struct VsBusInquiries VsBusInquiries;
typedef struct VsBusTold VsBusTold;

struct VsBus {
    VsScope scope;
    const VsEngine *engine;
    VsBusOps ops;
    void *userdata;

    char **uris;
    char *ladder;
    bool host_shutdown;         /* as logind last said */
    VsHostKind host_kind;       /* ... and how, where it tells that */
    bool stopping_all;          /* as was told last */
    int inhibitor;              /* logind's, while it is held; -1 */
    char *logind;               /* its unique name, where it is believed; NULL: none is */
    char *logind_asked;         /* the one whose user is asked for, */
    sd_bus_slot *logind_asking; /* ... by this; NULL: there is none */
    bool not_awaited;           /* logind gave none, and that was said */

    GSource *source; /* owns the sd-event */
    sd_event *event;
    sd_bus *connection; /* the one that is called; NULL: none */
    sd_bus *own;        /* the one on which we ask others, which nobody calls; NULL: none */
    sd_bus *system;     /* where logind is: that, or for a user one of its own, NULL: none */
    VsBusName name;     /* on the former */
    bool started;       /* vs_bus_start() is over: what goes wrong is ours to say */
    char *trouble;      /* why it isn't; NULL: nothing is known to be wrong */
    guint retry;        /* the GLib source that tries again, 0: none */
    unsigned delay;     /* ms, of the last try; 0: none yet */

    VsBusGate *gate;            /* see gate.h */
    int64_t spent_until;        /* for all who aren't trusted, as VsBusUser has it */
    VsBusQuestions *questions;  /* see questions.h */
    VsBusPolkit *polkit;        /* see polkit.h */
    VsBusUserNames *user_names; /* see user-names.h */
    VsBusInquiries *inquiries;  /* see inquiry.h */

    GHashTable *uri_by_hash; /* see path.h */
    GHashTable *domains;     /* the paths of the domains that the bus was told of */
    GPtrArray *held;         /* what is to be told after a reply; NULL: nothing is held back */

    GPtrArray *host_stops; /* as the bus was told of them last; see host-stops.h */

    GPtrArray *policy_waiting; /* see policy.h */
    char *config_digest;       /* of the one that is; NULL: not known */
    char *config_error;        /* why the configuration on disk isn't in force; NULL: it is */

    VsBusTold *told; /* see told.h */

    GHashTable *stops;   /* by path, those in flight and those that are over; see stops.h */
    GQueue over;         /* ... the latter, the oldest first */
    size_t over_size;    /* ... what they take, bytes */
    int64_t over_span;   /* µs for which each stays */
    GSource *over_timer; /* for the oldest of them */
};

/* The bus, inside the handler of an object that was found: its userdata is the guest, or the
 * stop. */
VsBus *vs_bus_of(sd_bus *connection);

/* Whether anybody can hear what we tell. */
bool vs_bus_is_heard(const VsBus *bus);

/* Keeps @uri, so that paths with its hash are found. */
void vs_bus_learn_uri(VsBus *bus, const char *uri);

/* The guest that a domain's @path stands for, NULL where there is none. */
const VsGuest *vs_bus_guest_of_domain_path(VsBus *bus, const char *path);
