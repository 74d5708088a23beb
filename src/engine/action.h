/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/domain.h"
#include "core/method.h"
#include "core/record.h"
#include "core/request-record.h"
#include "engine/stop.h"

/* Everything to be done, as the engine says it. A list of actions is carried out in its order. An
 * intent (VS_ACTION_SAVE) stands in an earlier list than the call (VS_ACTION_CALL) that it is
 * about, which waits until that is written. */

typedef enum VsActionType {
    VS_ACTION_LIST,    /* uri, serial: list all domains; answered by VS_EVENT_LISTED */
    VS_ACTION_LOOK_UP, /* domain, serial: look at one; answered by VS_EVENT_LOOKED_UP */
    VS_ACTION_FIND,    /* domain, serial: look for what has domain's name as its name, UUID or id at
                          domain's uri; answered by VS_EVENT_FOUND */
    VS_ACTION_INQUIRED,  /* call, text: that VS_EVENT_INQUIRE is answered, and what it asked for is
                            known; text: why it isn't, or NULL */
    VS_ACTION_DESCRIBE,  /* domain, serial: read its XML, for which libvirt may have to wait for the
                            guest; answered, it may be never, by VS_EVENT_DESCRIBED */
    VS_ACTION_ASK_JOB,   /* domain, serial: which job holds it; answered, it may be never, by
                            VS_EVENT_JOB */
    VS_ACTION_ASK_STATS, /* domain: what its CPUs and disks have done; answered, it may be never, by
                           VS_EVENT_STATS */
    VS_ACTION_CALL,      /* domain, call, method: do it to the guest; answered by VS_EVENT_REPLY */
    VS_ACTION_WITHDRAW,  /* domain, call: don't make that call any more, if it wasn't made yet */
    VS_ACTION_WATCH,     /* domain, at: watch its hypervisor process, which was there at that time
                            (monotonic µs); answered, where that can be done, by VS_EVENT_WATCHED,
                            and later by VS_EVENT_PROCESS */
    VS_ACTION_READ_LOG,  /* domain: read the hypervisor's log; answered by VS_EVENT_LOG */
    VS_ACTION_READ_PAST, /* domain, at: the same, of what was logged since then (realtime µs), if
                            anything was; answered, if so, by VS_EVENT_PAST */
    VS_ACTION_ASK_HABIT, /* domain: how long it took before, when it was asked to go down; answered,
                            it may be never, by VS_EVENT_HABIT */
    VS_ACTION_ASK_CANDIDATES, /* domain: who is connected to its libvirt, and may have asked for its
                                 end; answered, it may be never, by VS_EVENT_CANDIDATES */
    VS_ACTION_SAVE,     /* domain, serial, text: keep this for a restart of the daemon; answered by
                           VS_EVENT_WRITTEN */
    VS_ACTION_FORGET,   /* domain: what was kept is no longer needed */
    VS_ACTION_RECORD,   /* domain, record: write this stop down; answered by VS_EVENT_RECORDED */
    VS_ACTION_RECORDED, /* domain, id: that record is on disk, or was waited for: it is told of */
    VS_ACTION_HOOK,     /* domain, hook, text, span, stop if it is about one, id if it tells of that
                           record: run the programs for that; answered by VS_EVENT_HOOKED */
    VS_ACTION_GUEST_CHANGED,   /* domain: the picture of the guest changed (or it is new) */
    VS_ACTION_GUEST_REMOVED,   /* domain: libvirt no longer has it */
    VS_ACTION_STOP_ADDED,      /* domain, stop: a stop is in flight */
    VS_ACTION_STOP_CHANGED,    /* domain, stop: its step, deadline or host stop changed */
    VS_ACTION_STOP_FINISHED,   /* domain, stop, outcome, finished: it is over */
    VS_ACTION_KEEP_HOST_STOPS, /* serial, text: the host stops, to outlive this boot; NULL: none any
                                  more; answered by VS_EVENT_WRITTEN */
    VS_ACTION_KEEP_NOTED, /* text: which guests run, to outlive this boot; NULL: none; answered by
                             VS_EVENT_NOTED */
    VS_ACTION_ASK_BOOT, /* text, ids: how the host's boot of that id ended, and whether the journal
                           has a record of those; answered, it may be never, by
                           VS_EVENT_BOOT_ENDED */
    VS_ACTION_RECOVER,  /* domain, id, text: write down this record, which the journal has already;
                           answered by VS_EVENT_RECORDED */
    VS_ACTION_LOG_REQUEST, /* domain, request: what became of one that stopped nobody */
    VS_ACTION_NOTE,        /* text, level, domain if it is about one: for the daemon's own log */
} VsActionType;

typedef struct VsAction {
    VsActionType type;
    VsDomainId domain;
    uint64_t serial;    /* LIST, LOOK_UP, FIND, DESCRIBE, ASK_JOB, SAVE, KEEP_HOST_STOPS */
    uint64_t call;      /* CALL, WITHDRAW; INQUIRED: its number */
    VsMethod method;    /* CALL, WITHDRAW */
    bool bypass_cache;  /* CALL of save or start: past the host's file cache */
    bool clears_reboot; /* CALL of the agent: by the libvirt call that has a reboot that is pending
                           forgotten, which would make one of the power-off */
    bool drops_save;    /* CALL of destroy: what a save has left is removed behind it */
    VsUuid stop;
    VsUuid id;    /* RECORDED, RECOVER, HOOK: the record's */
    VsHook hook;  /* HOOK */
    int64_t at;   /* WATCH, READ_PAST */
    int64_t span; /* HOOK: µs: what takes longer is killed */
    VsOutcome outcome;
    int level;  /* NOTE: syslog's */
    char *text; /* SAVE, KEEP_HOST_STOPS, KEEP_NOTED, HOOK: one line of JSON; NOTE, INQUIRED: a
                   sentence; ASK_BOOT: the id; RECOVER: the record's line */
    char **ids; /* ASK_BOOT: of its runs, ended by NULL */
    VsRecord *record;
    VsRequestRecord *request;
    VsStop *finished; /* STOP_FINISHED: as it was at its end; who carries this out may take it */
} VsAction;

typedef GPtrArray VsActions; /* of VsAction, which it owns */

VsActions *vs_actions_new(void);

/* Adds an action about @domain (or NULL), to be filled in by the caller. */
VsAction *vs_actions_add(VsActions *actions, VsActionType type, const VsDomainId *domain);
