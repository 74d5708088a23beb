/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus/bus.h"
#include "conf/conf.h"
#include "daemon/candidates.h"
#include "daemon/habits.h"
#include "daemon/hook-runner.h"
#include "daemon/host-end.h"
#include "daemon/recorder.h"
#include "daemon/serving.h"
#include "engine/engine.h"
#include "virt/virt.h"

/* What the daemon is made of, and the one way through it: what the adapters hear is fed to the
 * engine, and what that wants done is carried out by them. It decides nothing. */

typedef struct VsManager {
    VsConf *conf;
    VsPolicy policy;   /* of that, with an index */
    char **uris;       /* each reaches another libvirt */
    char **uris_asked; /* as they were configured when this began */
    bool uris_given;
    char *state_directory;
    VsEngine *engine;
    VsRecorder *recorder;
    VsHostEnds *host_ends;
    VsHookRunner *hooks;
    VsHabits *habits;
    VsCandidates *candidates;
    VsVirt *virt;
    VsBus *bus;
    GSource *timer;     /* the engine's */
    GHashTable *untold; /* records' ids -> their lines, until they are on disk */
    VsServing *serving;
} VsManager;

VsTime vs_conduct_now(void);

/* False with @error where the engine refuses @event. @ret_stop: the id of the stop that a request
 * made, joined, or found to be over already; or NULL. */
bool vs_conduct(VsManager *manager, const VsEvent *event, VsUuid *ret_stop, GError **error);

/* The same, for all that tell of events, and whom no refusal concerns. */
void vs_conduct_event(const VsEvent *event, void *userdata);
