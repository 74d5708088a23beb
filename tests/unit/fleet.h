/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/engine.h"
#include "util/span.h"

/* An engine with some guests, for the stop of all of them: a clock that stands until it is told to
 * go, a libvirt that answers lists and log requests at once, and a note of what the engine wanted.
 */

#define URI "qemu:///system"
#define SEC VS_USEC_PER_SEC

typedef struct Fleet {
    VsPolicy policy;
    VsEngine *engine;
    VsTime now;
    GArray *infos;     /* of VsDomainInfo: what libvirt would say of them */
    GPtrArray *said;   /* "web1 power-button", "web1 destroyed (host)", "web1 clean" */
    GHashTable *calls; /* name -> the number of its last call */
    char *kept;        /* the last KEEP_HOST_STOPS */
    char *record;      /* the last record, as a line has it */
    GHashTable *saved; /* name -> the last SAVE */
    char **log;        /* of each guest; NULL: there is none */
    bool disk_hangs;   /* records are never written */
    bool mute;         /* libvirt answers nothing that is asked about its guests */
} Fleet;

/* @names, with blanks: guests that run, with a power button and no agent. */
void fleet_set_up(Fleet *fleet, const char *names);
void fleet_tear_down(Fleet *fleet);

/* Another one. */
VsDomainInfo *fleet_add(Fleet *fleet, const char *name, VsDomainState state);
VsDomainInfo *fleet_info(Fleet *fleet, const char *name);

/* What the configuration says; before fleet_begin(). */
VsSection *fleet_section(Fleet *fleet, const char *glob, const char *before);
void fleet_set_ladder(VsSection *of, const char *text);

/* A new engine, and a libvirt that has been there for some time. */
void fleet_begin(Fleet *fleet);

/* As a new daemon, with what the old one kept; the second without a libvirt. */
void fleet_restart(Fleet *fleet);
void fleet_take_over_host_stops(Fleet *fleet, const char *text, bool same_boot);
void fleet_restart_alone(Fleet *fleet);

/* libvirt comes, 20 s ago; or just now, and has only looked around for itself; or goes. */
void fleet_connect_libvirt(Fleet *fleet);
void fleet_reconnect_libvirt(Fleet *fleet);
void fleet_close_libvirt(Fleet *fleet);

void fleet_step(Fleet *fleet, const VsEvent *event);
bool fleet_try_step(Fleet *fleet, const VsEvent *event, GError **error);

/* Lets time pass; the engine gets its timer whenever it asked for it. */
void fleet_pass(Fleet *fleet, int64_t span);

void fleet_stop_all(Fleet *fleet, int64_t budget, bool shutdown);
void fleet_cancel_all(Fleet *fleet);

/* Of these words (@other: NULL, none); and its stop, by hand. */
VsPart *fleet_part(VsPartKind kind, const char *one, const char *other);
void fleet_stop_part(Fleet *fleet, VsPartKind kind, const char *word, int64_t budget);
void fleet_restore(Fleet *fleet);
void fleet_lifecycle(Fleet *fleet, const char *name, int type, int detail);

/* libvirt's answer to its last call. */
void fleet_reply(Fleet *fleet, const char *name, bool ok);
void fleet_hold(Fleet *fleet, const char *name, bool held); /* it can't be made yet, or is now */
void fleet_reply_refused(Fleet *fleet, const char *name, int code); /* libvirt wasn't asked */
void fleet_reply_lost(Fleet *fleet, const char *name);

/* It goes off, as its last call wanted it; somebody starts it. */
void fleet_go_off(Fleet *fleet, const char *name, bool destroyed);
void fleet_start(Fleet *fleet, const char *name);

/* What was said since it was last asked for, with commas. */
void fleet_expect(Fleet *fleet, const char *wanted);
