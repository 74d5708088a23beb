/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* What can be done to a guest on the way down. Those up to leave are the ladder's steps, in the
 * words of the configuration; resume and wake are done by themselves to a guest that is to be
 * asked, start when the host is up again. */
typedef enum VsMethod {
    VS_METHOD_AGENT,        /* ask the guest agent to power off */
    VS_METHOD_POWER_BUTTON, /* press the power button */
    VS_METHOD_INITCTL,      /* ask a container's init to power off, by its initctl pipe */
    VS_METHOD_SIGNAL,       /* send SIGTERM to a container's init */
    VS_METHOD_PARAVIRT,     /* ask the guest by the hypervisor's own channel */
    VS_METHOD_SAVE,         /* write its memory to disk, and end it: libvirt's managed save */
    VS_METHOD_TERMINATE,    /* send SIGTERM to the hypervisor process, and nothing harder */
    VS_METHOD_DESTROY,      /* end the hypervisor process */
    VS_METHOD_LEAVE,        /* do nothing more: never force this guest */
    VS_METHOD_RESUME,       /* let a paused guest run */
    VS_METHOD_ABORT_SAVE,   /* cut off a save that is under way */
    VS_METHOD_WAKE,         /* wake one that its own system suspended */
    VS_METHOD_ABORT_JOB,    /* have libvirt abort the job that holds a guest */
    VS_METHOD_START,        /* start a guest again that was off */
    VS_METHOD_SET_CLOCK,    /* have the agent of a guest that was started again set its clock */
    VS_N_METHODS
} VsMethod;

/* Whether a ladder can have it, and where. */
typedef enum VsMethodPlace {
    VS_PLACE_NONE, /* it is no step */
    VS_PLACE_ANY,
    VS_PLACE_END, /* it ends the ladder, and so takes no span */
} VsMethodPlace;

/* How a guest goes off by it. */
typedef enum VsMethodEffect {
    VS_EFFECT_NONE,
    VS_EFFECT_ASKS, /* the guest powers off, if it does as it is asked */
    VS_EFFECT_SAVES,
    VS_EFFECT_ENDS, /* it is cut off, if its process minds the signal */
    VS_EFFECT_FORCES,
} VsMethodEffect;

/* What the guest has to be for it. */
typedef enum VsMethodNeed {
    VS_NEED_NOTHING,
    VS_NEED_WHOLE, /* running, or paused */
    VS_NEED_RUNNING,
} VsMethodNeed;

/* Through what the guest hears of it. */
typedef enum VsMethodWay {
    VS_WAY_NONE,
    VS_WAY_AGENT, /* the guest agent's channel */
    VS_WAY_ACPI,
    VS_WAY_INIT,       /* its init, which the host sees: a container's */
    VS_WAY_HYPERVISOR, /* the hypervisor's own channel */
} VsMethodWay;

/* Whose workers make the call. */
typedef enum VsMethodWorkers {
    VS_WORKERS_QUICK,
    VS_WORKERS_PATIENT, /* it may take long */
    VS_WORKERS_FORCE,   /* nothing that hangs may hold it up */
} VsMethodWorkers;

/* All that is known of a method beside how it is done, which virt/calls.c knows. */
typedef struct VsMethodInfo {
    const char *name;  /* in the configuration, in records and on the bus */
    const char *title; /* N_(): what it is called in a sentence */
    const char *doing; /* N_(): what a guest's line says of it now; NULL: it is no step */
    VsMethodPlace place;
    VsMethodEffect effect;
    VsMethodNeed need;
    VsMethodWay way;
    VsMethodWorkers workers;
    bool presses; /* it is done by presses: takes press= and gap= */
    int64_t span; /* µs: what a step has that names no span of its own */
} VsMethodInfo;

const VsMethodInfo *vs_method_info(VsMethod method);

/* "agent", "power-button", ... */
const char *vs_method_name(VsMethod method);

/* Finds the method of that name; false where there is none. */
bool vs_method_find(const char *name, VsMethod *ret);

/* The same among the ladder's steps only. */
bool vs_method_parse(const char *name, VsMethod *ret);

/* The names of the steps, "agent, power-button, ..."; with @presses, of those that take press= and
 * gap=. The caller owns it. */
char *vs_method_list(bool presses);
