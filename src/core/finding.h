/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/domain.h"

/* What will go wrong when guests are stopped, as data: who shows it has the words. */

typedef enum VsFindingLevel {
    VS_FINDING_ERROR,     /* guests will be cut off, or stopped twice */
    VS_FINDING_WARNING,   /* they may be */
    VS_FINDING_HINT,      /* it could be better */
    VS_FINDING_UNCHECKED, /* not known: what would have told isn't there */
    VS_N_FINDING_LEVELS
} VsFindingLevel;

typedef enum VsFindingKind {
    VS_FINDING_NOT_CONNECTED,       /* libvirt at the URI: nothing there can be stopped */
    VS_FINDING_AGENT_NOT_CONNECTED, /* its ladder asks an agent that isn't there; */
    VS_FINDING_NO_AGENT_CHANNEL,    /* ... for which it has no channel */
    VS_FINDING_STEP_NOT_THERE,      /* @message is a step of its ladder that its driver hasn't */
    VS_FINDING_NO_ACPI,             /* its ladder begins with a button that it won't notice */
    VS_FINDING_ON_POWEROFF,         /* it would start again when it powers off */
    VS_FINDING_DEADLINE_TOO_SHORT,  /* it once took longer than its ladder gives it; */
    VS_FINDING_BUDGET_TOO_SHORT,    /* ... than all guests together have */
    VS_FINDING_CUT_SHORT,           /* a stop of all, as it is planned, leaves it too little */
    VS_FINDING_NOT_DESCRIBED,       /* what its XML says isn't known: libvirt doesn't tell */
    VS_FINDING_OWNED,               /* somebody manages it beside libvirt; */
    VS_FINDING_OWNERS,              /* ... and of these there are several on this host */
    VS_FINDING_POLICY,              /* the policy in its metadata is wrong */
    VS_FINDING_HOOK,                /* @message: a program in hooks.d is not run, and why */
    VS_FINDING_HOOK_UNREAD,         /* @message: one came or went since they were looked for */
    VS_FINDING_RECORDS,             /* how long the guests took before can't be read */
    VS_N_FINDING_KINDS
} VsFindingKind;

typedef struct VsFinding {
    VsFindingKind kind;
    VsDomainId domain; /* its uri and name are NULL where none is meant */
    int64_t took;      /* µs: what it once took, or mostly takes; */
    int64_t given;     /* ... and what it has. Both 0 where that isn't the point */
    VsOnPoweroff on_poweroff;
    char *message; /* why something isn't known, or what is wrong; who owns it; which step is
                      meant; or NULL */
} VsFinding;

/* @domain (or NULL) is copied. The caller owns it. */
VsFinding *vs_finding_new(VsFindingKind kind, const VsDomainId *domain);
void vs_finding_free(VsFinding *finding);

VsFindingLevel vs_finding_level(VsFindingKind kind);

/* "no-acpi", "error", ... */
const char *vs_finding_kind_name(VsFindingKind kind);
const char *vs_finding_level_name(VsFindingLevel level);
bool vs_finding_kind_parse(const char *name, VsFindingKind *ret);
