/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/domain.h"
#include "core/habit.h"
#include "core/host-end.h"
#include "core/host-kind.h"
#include "core/labels.h"
#include "core/method.h"
#include "core/part.h"
#include "core/process-end.h"
#include "util/json.h"

/* Everything that happens, as the engine is told of it. */

/* Both clocks at the moment of a step. Deadlines are on the monotonic one, what people read is on
 * the real one. µs. */
typedef struct VsTime {
    int64_t mono;
    int64_t real;
} VsTime;

typedef enum VsEventType {
    VS_EVENT_TIMER,      /* nothing but that time has passed */
    VS_EVENT_CONNECTION, /* uri, connection: libvirt came or went */
    VS_EVENT_LISTED,     /* uri, listed: the answer to VS_ACTION_LIST */
    VS_EVENT_LOOKED_UP,  /* domain, looked_up: the answer to VS_ACTION_LOOK_UP */
    VS_EVENT_INQUIRE,    /* inquire: somebody names a domain that isn't known to run; answered by
                            VS_ACTION_INQUIRED */
    VS_EVENT_FOUND,      /* domain, found: the answer to VS_ACTION_FIND */
    VS_EVENT_DESCRIBED,  /* domain, described: the answer to VS_ACTION_DESCRIBE */
    VS_EVENT_JOB,        /* domain, job: the answer to VS_ACTION_ASK_JOB */
    VS_EVENT_STATS,      /* domain, stats: the answer to VS_ACTION_ASK_STATS */
    VS_EVENT_LABELLED,   /* domain, labelled: what its XML says of its policy is this now */
    VS_EVENT_METADATA,   /* domain: its title, description or metadata are others now */
    VS_EVENT_LIFECYCLE,  /* domain, lifecycle */
    VS_EVENT_REBOOT,     /* domain */
    VS_EVENT_WATCHDOG,   /* domain, watchdog */
    VS_EVENT_AGENT,      /* domain, agent */
    VS_EVENT_QMP,        /* domain, qmp */
    VS_EVENT_LOG,        /* domain, log: the answer to VS_ACTION_READ_LOG */
    VS_EVENT_PAST,       /* domain, past: the answer to VS_ACTION_READ_PAST */
    VS_EVENT_WATCHED,    /* domain: its hypervisor process is watched, as VS_ACTION_WATCH asked; of
                            its end VS_EVENT_PROCESS will tell */
    VS_EVENT_PROCESS,    /* domain, process: its hypervisor process ended */
    VS_EVENT_HABIT,      /* domain, habit: the answer to VS_ACTION_ASK_HABIT */
    VS_EVENT_CANDIDATES, /* domain, candidates: the answer to VS_ACTION_ASK_CANDIDATES */
    VS_EVENT_REPLY,      /* domain, reply: the answer to VS_ACTION_CALL */
    VS_EVENT_CALL_HELD,  /* domain, held: a VS_ACTION_CALL can't be made yet, or is made now */
    VS_EVENT_WRITTEN,    /* domain (NULL: the host stops), written: the answer to VS_ACTION_SAVE or
                            VS_ACTION_KEEP_HOST_STOPS */
    VS_EVENT_RECORDED,   /* domain, recorded: the answer to VS_ACTION_RECORD */
    VS_EVENT_HOOKED,     /* domain, hooked: the answer to VS_ACTION_HOOK */
    VS_EVENT_REQUESTED,  /* domain, requested: a recorded trace says that we made that call */
    VS_EVENT_STOP,       /* domain, stop: somebody asks for a stop */
    VS_EVENT_CANCEL,     /* domain, by: a stop is called off */
    VS_EVENT_ESCALATE,   /* domain, by: go to the next step now */
    VS_EVENT_EXTEND,     /* domain, extend: more time for the step */
    VS_EVENT_TAKE_OVER,  /* domain, take_over: what a daemon before us left behind */
    VS_EVENT_HOST_SHUTDOWN, /* host_shutdown: the host goes down, or no longer does */
    VS_EVENT_STOP_ALL,      /* stop_all: somebody asks for all guests to go down, in their order */
    VS_EVENT_CANCEL_ALL,    /* by: all stops in flight are called off, the host's with them */
    VS_EVENT_EXTEND_ALL,    /* extend: more time for the stop of all guests */
    VS_EVENT_RESTORE,       /* start again what ran before the last stop of all guests */
    VS_EVENT_TAKE_OVER_HOST_STOPS, /* host_stops: what a daemon before us left of those; behind all
                                      VS_EVENT_TAKE_OVER */
    VS_EVENT_TAKE_OVER_NOTED, /* noted: ... of the guests that were noted to run; the last of them
                               */
    VS_EVENT_NOTED,           /* noted_kept: the answer to VS_ACTION_KEEP_NOTED */
    VS_EVENT_BOOT_ENDED,      /* boot_ended: the answer to VS_ACTION_ASK_BOOT */
    VS_EVENT_FAREWELL,        /* this daemon ends, in order */
} VsEventType;

/* libvirt's numbers, as in domain.h. */
typedef enum VsLifecycle {
    VS_LIFECYCLE_DEFINED,
    VS_LIFECYCLE_UNDEFINED,
    VS_LIFECYCLE_STARTED,
    VS_LIFECYCLE_SUSPENDED,
    VS_LIFECYCLE_RESUMED,
    VS_LIFECYCLE_STOPPED,
    VS_LIFECYCLE_SHUTDOWN,
    VS_LIFECYCLE_PMSUSPENDED,
    VS_LIFECYCLE_CRASHED,
} VsLifecycle;

typedef enum VsStoppedDetail {
    VS_STOPPED_SHUTDOWN,
    VS_STOPPED_DESTROYED,
    VS_STOPPED_CRASHED,
    VS_STOPPED_MIGRATED,
    VS_STOPPED_SAVED,
    VS_STOPPED_FAILED,
    VS_STOPPED_FROM_SNAPSHOT,
    VS_STOPPED_RECREATED, /* by libvirt 11.6 and later: a reboot, for which its process is another
                           */
} VsStoppedDetail;

typedef enum VsShutdownDetail {
    VS_SHUTDOWN_FINISHED, /* before libvirt 3.4, or not known */
    VS_SHUTDOWN_GUEST,
    VS_SHUTDOWN_HOST,
} VsShutdownDetail;

/* Of SUSPENDED, by libvirt 11.10 and later: it has powered off, and its process is kept for a
 * backup.
 */
#define VS_SUSPENDED_GUEST_SHUTDOWN 9
/* Of SUSPENDED, those that say why. */
typedef enum VsSuspendedDetail {
    VS_SUSPENDED_IOERROR = 2,
    VS_SUSPENDED_WATCHDOG = 3,
    VS_SUSPENDED_POSTCOPY = 7,
    VS_SUSPENDED_POSTCOPY_FAILED = 8,
} VsSuspendedDetail;

/* Of RESUMED; the second is libvirt's since 8.5. */
#define VS_RESUMED_POSTCOPY        3
#define VS_RESUMED_POSTCOPY_FAILED 4

/* Of PMSUSPENDED. */
#define VS_PMSUSPENDED_DISK 1

/* Of STARTED: its system begins anew; a guest that was suspended goes on. Others go on, too, as it
 * was migrated here, was saved, or is reverted to a snapshot. */
#define VS_STARTED_BOOTED 0
#define VS_STARTED_WAKEUP 4

typedef enum VsCrashedDetail {
    VS_CRASHED_PANICKED,
    VS_CRASHED_CRASHLOADED,
} VsCrashedDetail;

typedef enum VsWatchdogAction {
    VS_WATCHDOG_NONE,
    VS_WATCHDOG_PAUSE,
    VS_WATCHDOG_RESET,
    VS_WATCHDOG_POWEROFF,
    VS_WATCHDOG_SHUTDOWN,
    VS_WATCHDOG_DEBUG,
    VS_WATCHDOG_INJECTNMI,
} VsWatchdogAction;

/* What an administrator's own programs are told of: virtstop-hooks(5). */
typedef enum VsHook {
    VS_HOOK_STOP_REQUESTED, /* a stop was asked for; its first step waits for them */
    VS_HOOK_STEP,           /* a step is taken */
    VS_HOOK_FORCED,         /* we ended it by force */
    VS_HOOK_STOPPED,        /* a record was made */
    VS_N_HOOKS
} VsHook;

const char *vs_hook_name(VsHook hook); /* "stop-requested", ... */

/* One of those programs, and what went wrong with it. */
typedef struct VsHookFailure {
    char *program; /* its file's name */
    char *why;     /* "exit status 1" */
} VsHookFailure;

/* The words of the traces: "stopped", "destroyed", "poweroff". Numbers that a newer libvirt has and
 * we don't give "unknown"; words that are not known give false. */
const char *vs_lifecycle_name(int type);
const char *vs_lifecycle_detail_name(int type, int detail);
const char *vs_watchdog_name(int action);
bool vs_lifecycle_parse(const char *name, int *ret);
bool vs_lifecycle_detail_parse(int type, const char *name, int *ret);
bool vs_watchdog_parse(const char *name, int *ret);

/* What a job does (virDomainJobOperation), as far as a guest can be held by it. */
typedef enum VsJobOperation {
    VS_JOB_NONE = -1, /* no job; or that isn't known */
    VS_JOB_UNKNOWN = 0,
    VS_JOB_SAVE = 2,
    VS_JOB_MIGRATION_OUT = 5,
    VS_JOB_SNAPSHOT = 6,
    VS_JOB_DUMP = 8,
    VS_JOB_BACKUP = 9,
} VsJobOperation;

/* What a guest's CPUs and disks have done since it was started. */
typedef struct VsStats {
    uint64_t cpu;      /* ns, of all its CPUs */
    uint64_t written;  /* bytes */
    uint64_t writes;   /* requests to write, ... */
    uint64_t requests; /* ... and of any kind */
} VsStats;

/* libvirt's error codes that mean something to the engine (virErrorNumber). */
enum {
    VS_LIBVIRT_INTERNAL_ERROR = 1,
    VS_LIBVIRT_OPERATION_FAILED = 9,
    VS_LIBVIRT_SYSTEM_ERROR = 38,
    VS_LIBVIRT_NO_DOMAIN = 42,
    VS_LIBVIRT_OPERATION_INVALID = 55,
    VS_LIBVIRT_OPERATION_TIMEOUT = 68,
    VS_LIBVIRT_ARGUMENT_UNSUPPORTED = 74,
    VS_LIBVIRT_AGENT_UNRESPONSIVE = 86,
    VS_LIBVIRT_AGENT_COMMAND_TIMEOUT = 112,
    VS_LIBVIRT_AGENT_COMMAND_FAILED = 113,
};

/* What a guest, its QEMU or a killer chose is bounded where it comes in. Bytes: an event's details
 * or a line of a log, what libvirt says of a failure, the name of a process. */
#define VS_EVENT_MAX_TEXT    4096
#define VS_EVENT_MAX_MESSAGE 1024
#define VS_EVENT_MAX_COMM    255

/* Whether a guest's agent was awake as it was asked to stop: it had answered libvirt just before.
 */
typedef enum VsAgentWoke {
    VS_AGENT_WOKE_UNKNOWN, /* who asked it can't tell */
    VS_AGENT_WOKE_NO,      /* it had not, so it wasn't sent the request */
    VS_AGENT_WOKE_YES,
} VsAgentWoke;

/* Who asks for a stop, as the bus knows it. pid is 0, the texts NULL where that isn't known. */
typedef struct VsRequester {
    uint32_t uid;
    bool logged_in;     /* login_uid is known: */
    uint32_t login_uid; /* as whom its human came in, whoever they became since (sudo) */
    int pid;
    char *user; /* the name of uid */
    char *comm;
    char *unit;
} VsRequester;

void vs_requester_copy(VsRequester *to, const VsRequester *from);
void vs_requester_clear(VsRequester *by);

/* The members of an event belong to whoever made it; the engine copies what it keeps. */
typedef struct VsEvent {
    VsEventType type;
    const char *uri;          /* CONNECTION, LISTED */
    const VsDomainId *domain; /* all that are about one domain */
    const char *host_stop;    /* CANCEL_ALL, EXTEND_ALL, RESTORE: the id of one, or its beginning;
                                 NULL: all of them */
    union {
        struct {
            bool open;
            bool stops_guests; /* open: libvirt does so itself when the host goes down */
            const char *why;   /* closed: what libvirt says; or NULL */
        } connection;
        struct {
            const VsDomainInfo *domains; /* every domain of the uri, running or not */
            unsigned n_domains;
            uint64_t serial; /* that of the VS_ACTION_LIST it answers */
        } listed;
        struct {
            const VsDomainInfo *info; /* VS_STATE_GONE: there is no such domain any more */
            uint64_t serial;          /* that of the VS_ACTION_LOOK_UP it answers */
        } looked_up;
        struct {
            const char *text; /* a name, UUID or id; NULL: it is asked who is of @part */
            const char *uri;  /* NULL: any */
            const VsPart *part;
            uint64_t number; /* that of its answer */
        } inquire;
        struct {
            const VsDomainInfo
                *domains; /* all that may be meant, at most one by each of the three */
            unsigned n_domains;
            uint64_t serial; /* that of the VS_ACTION_FIND it answers */
        } found;
        struct {
            const VsDescription *description; /* NULL: it could not be read */
            const VsLabels *labels;           /* with it; NULL: not known */
            const char *why;                  /* it couldn't: what libvirt says */
            uint64_t serial;                  /* that of the VS_ACTION_DESCRIBE it answers */
        } described;
        struct {
            int operation; /* VsJobOperation, or newer: of the job that holds it */
            uint64_t serial;
        } job;
        VsStats stats;
        struct {
            const VsLabels *labels;
        } labelled;
        struct {
            int type;   /* VsLifecycle, or newer */
            int detail; /* as that type has them */
        } lifecycle;
        struct {
            int action; /* VsWatchdogAction, or newer */
        } watchdog;
        struct {
            VsAgentState state;
            const char *reason; /* "channel", "domain started", ... or NULL */
        } agent;
        struct {
            const char *event;   /* "SHUTDOWN" */
            const char *details; /* JSON, or NULL; one longer than VS_EVENT_MAX_TEXT is not read,
                                    and its end may be missing */
            int64_t time;        /* realtime µs: when QEMU told it; 0: not known */
        } qmp;
        struct {
            char *const *lines; /* NULL-terminated, oldest first; NULL where there is no log */
            const char *error;  /* why there is none, or NULL */
            bool in_cluster;    /* the guest is known to be a resource of one */
        } log;
        struct {
            char *const *lines; /* as above; never NULL */
            int64_t since;      /* realtime µs: what was asked for */
        } past;
        struct {
            VsProcessEnd end;
            const char *line; /* of the kernel's log, that tells of it; or NULL */
        } process;
        VsHabit habit;
        struct {
            json_object *list; /* as vs_candidates_read() takes it; or NULL: not known */
            int64_t at;        /* monotonic µs: when they were connected */
        } candidates;
        struct {
            uint64_t call; /* that of the VS_ACTION_CALL */
            bool ok;
            int code;            /* not ok: virErrorNumber */
            const char *message; /* not ok: what libvirt says */
            int64_t took;     /* µs that libvirt took, without the wait for a worker; 0: it wasn't
                                 asked, as the run is over */
            bool lost;        /* the connection broke: whether it was done isn't known */
            bool still_there; /* destroy: libvirt says done, yet the process is still there */
            VsAgentWoke woke; /* agent: whether it was awake as it was asked; @took is since then */
        } reply;
        struct {
            uint64_t call; /* that of the VS_ACTION_CALL */
            bool held;     /* all who could make it are busy; else it begins */
        } held;
        struct {
            uint64_t
                serial; /* that of the action, or of one before it whose text this one's replaced */
            const char *why; /* why it is not on disk; NULL: it is */
        } written;
        struct {
            VsUuid id;       /* of the record */
            const char *why; /* why it is not on disk yet; NULL: it is */
        } recorded;
        struct {
            VsHook hook;
            VsUuid stop; /* that it was about; "": none */
            const VsHookFailure *failures;
            unsigned n_failures;
        } hooked;
        struct {
            VsMethod method;
            uint64_t call; /* its answer is a VS_EVENT_REPLY with that number */
        } requested;
        struct {
            const char *ladder; /* NULL: the configured one */
            int64_t budget;     /* µs for the whole ladder; 0: as the ladder says */
            const char *reason; /* what they say why, or NULL */
            const VsRequester *by;
        } stop;
        const VsRequester *by;
        struct {
            int64_t span; /* µs */
            const VsRequester *by;
        } extend;
        struct {
            const char *state;  /* the text of a VS_ACTION_SAVE */
            const char *record; /* that run's record, which is on disk already; NULL: it isn't */
            int64_t seen_until; /* realtime µs: that daemon's last sign of life; 0: there is none */
        } take_over;
        struct {
            bool active;
        } host_shutdown;
        struct {
            const char *ladder;            /* NULL: each guest's own */
            int64_t budget;                /* µs for all of it; 0: as the policy says */
            const char *reason;            /* or NULL */
            bool shutdown;                 /* the host itself goes down */
            VsHostKind kind;               /* ... so; UNKNOWN: not told */
            bool early;                    /* ... and who else manages guests has its turn still */
            const char *const *in_cluster; /* the keys of domains that are resources of one,
                                              NULL-terminated; or NULL */
            const VsRequester *by;
            const VsPart *part; /* whom it is about; NULL: all */
        } stop_all;
        struct {
            const char
                *text;      /* that of the last VS_ACTION_KEEP_HOST_STOPS; NULL: nothing is kept */
            bool same_boot; /* the host has not booted since */
            int64_t seen_until; /* as above: of what is kept of guests, be it nothing */
        } host_stops;
        struct {
            const char *text;   /* that of the last VS_ACTION_KEEP_NOTED; NULL: nothing is kept */
            bool same_boot;     /* the host has not booted since */
            int64_t changed_at; /* realtime µs: its file was last; 0: not known */
            GHashTable *unrecorded; /* the ids of its runs whose record is not on disk, a set */
            GHashTable *latest; /* vs_domain_key() -> int64_t, realtime µs: of the newest record
                                   of other boots than those that are in it, and this one; or
                                   NULL */
        } noted;
        struct {
            const char *why; /* why it is not on disk yet; NULL: it is */
        } noted_kept;
        struct {
            const char *id;
            VsHostEnd end;
            GHashTable *records; /* by their ids: lines that the journal alone has; or NULL */
        } boot_ended;
    };
} VsEvent;
