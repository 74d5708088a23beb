/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/domain.h"
#include "core/ladder.h"
#include "core/match.h"
#include "core/owner.h"

/* How guests are stopped where the request doesn't say: what holds for all of them, and what a
 * [Guest GLOB] section says of some. */

#define VS_RETRIES_DEFAULT              2
#define VS_PROGRESS_GRACE_DEFAULT       (INT64_C(60) * 1000 * 1000)
#define VS_HOOK_TIMEOUT_DEFAULT         (INT64_C(10) * 1000 * 1000)
#define VS_START_LIMIT_BURST_DEFAULT    5
#define VS_START_DELAY_UNSAID           (-1) /* [Daemon]'s holds */
#define VS_START_LIMIT_INTERVAL_DEFAULT (INT64_C(600) * 1000 * 1000)

/* What happens to a guest that ran when the host went down, when it comes up again. */
typedef enum VsOnBoot { VS_ON_BOOT_START, VS_ON_BOOT_IGNORE } VsOnBoot;

/* What is done with a guest that is paused when it is to be asked. */
typedef enum VsPaused {
    VS_PAUSED_RESUME,
    VS_PAUSED_SAVE,
    VS_PAUSED_DESTROY,
    VS_PAUSED_LEAVE
} VsPaused;

/* ... with one that sleeps (suspended by its own system). */
typedef enum VsAsleep {
    VS_ASLEEP_WAKE,
    VS_ASLEEP_SAVE,
    VS_ASLEEP_DESTROY,
    VS_ASLEEP_LEAVE
} VsAsleep;

/* ... with a job (migration, dump, backup) that holds it. */
typedef enum VsJobs { VS_JOBS_WAIT, VS_JOBS_ABORT, VS_JOBS_LEAVE } VsJobs;

/* Whether one that ended without being asked is started again. */
typedef enum VsRestartWhen {
    VS_RESTART_NO,
    VS_RESTART_ON_FAILURE,
    VS_RESTART_ALWAYS
} VsRestartWhen;

/* What a section, or [Default], can say of a guest. */
typedef struct VsGuestPolicy {
    VsLadder ladder; /* without a step: that of its driver, until it is resolved */
    VsPaused paused;
    VsAsleep asleep;
    VsJobs jobs;
    unsigned retries;       /* how often one that rebooted instead is asked again */
    int64_t progress_grace; /* µs: that much more time at most for one that still writes */
    int priority;           /* of a higher one each goes down before any of a lower */
    VsOnBoot on_boot;
    int64_t start_delay; /* µs until the next guest is started again after this one; that of all may
                            be unsaid, until it is resolved */
    VsRestartWhen restart;
    unsigned start_limit_burst;   /* so many restarts at most ... */
    int64_t start_limit_interval; /* ... in that time (µs); 0: no limit */
    VsOwnerSaid owner;
} VsGuestPolicy;

typedef enum VsPolicyKey {
    VS_POLICY_LADDER = 1 << 0,
    VS_POLICY_PAUSED = 1 << 1,
    VS_POLICY_PRIORITY = 1 << 2,
    VS_POLICY_ON_BOOT = 1 << 3,
    VS_POLICY_ASLEEP = 1 << 4,
    VS_POLICY_JOBS = 1 << 5,
    VS_POLICY_RETRIES = 1 << 6,
    VS_POLICY_PROGRESS_GRACE = 1 << 7,
    VS_POLICY_RESTART = 1 << 8,
    VS_POLICY_START_LIMIT_BURST = 1 << 9,
    VS_POLICY_START_LIMIT_INTERVAL = 1 << 10,
    VS_POLICY_OWNER = 1 << 11,
    VS_POLICY_START_DELAY = 1 << 12,
} VsPolicyKey;

/* A [Guest ...], or what a domain's own metadata says. Of several sections that match a guest, the
 * last one that says something wins, key by key, and its own metadata over all of them; groups,
 * before and after are collected from all. */
typedef struct VsSection {
    char *glob;    /* as it is written */
    VsMatch match; /* what that means */
    char *where;   /* FILE:LINE of its header, for messages */
    unsigned says; /* VsPolicyKey's: which members of @policy it sets */
    VsGuestPolicy policy;
    GHashTable *places; /* key -> FILE:LINE where it was said last; NULL: nowhere */
    char **groups;      /* Group=: names; none of these three is NULL */
    char **before;      /* Before=: names, globs and the like, or @GROUP: off before any of those is
                           asked */
    char **after;       /* After=: the same the other way round */
} VsSection;

VsSection *vs_section_new(const char *glob, const char *where);
void vs_section_free(VsSection *section);

/* Which sections may be about a guest, found without a look at each. */
typedef struct VsPolicyIndex VsPolicyIndex;

typedef struct VsPolicy {
    VsGuestPolicy all;  /* [Default] */
    GHashTable *places; /* of what [Default] says, as a section has it */
    GPtrArray
        *sections; /* of VsSection, in the order of the files; not changed once it is shared */
    VsPolicyIndex *index;  /* of the sections; made by the first vs_policy_copy() */
    int64_t budget;        /* µs for all guests of the host; 0: what the longest path takes */
    unsigned max_parallel; /* guests that are asked at once; 0: no limit */
    int64_t start_delay;   /* what a guest's is where nobody else says one; [Daemon]'s, as ... */
    GHashTable *daemon_places; /* ... where that and its other keys were said; NULL: nowhere */
    bool persistent_only;      /* transient guests are left alone when the host goes down */
    bool bypass_cache;         /* a save goes past the host's file cache */
    int64_t hook_timeout;      /* µs: that long programs in hooks.d may take; 0: none is run */
    bool sync_time;            /* the clock of a guest that is started again is set, by its agent */
} VsPolicy;

/* What each key has where nobody says anything; no sections. */
void vs_policy_init(VsPolicy *policy);

/* Notes in @places (NULL: it is made) that @key was said there; NULL: it isn't any more. */
void vs_policy_note_place(GHashTable **places, const char *key, const char *where);

/* Where @key was said; NULL: nowhere. */
const char *vs_policy_place(GHashTable *places, const char *key);

/* @to shares the sections. */
void vs_policy_copy(VsPolicy *to, const VsPolicy *from);
void vs_policy_clear(VsPolicy *policy);

/* Whether @section is about that guest. */
bool vs_section_matches(const VsSection *section, const VsWho *who);

/* The numbers of the sections that are about that guest, of unsigned, ascending. The caller owns
 * the array. */
GArray *vs_policy_match(const VsPolicy *policy, const VsWho *who);

/* What holds for a guest that no section and no metadata is about, but for its driver's ladder. */
void vs_policy_of_all(const VsPolicy *policy, VsGuestPolicy *ret);

/* What holds for that guest: @ret's ladder has a step. @own: what its metadata says, or NULL. */
void vs_policy_resolve(const VsPolicy *policy, const VsWho *who, const VsSection *own,
                       VsGuestPolicy *ret);
