/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "core/ladder.h"
#include "core/verdict.h"

/* libvirt's drivers: what each can do to a guest, what it tells of one, and how far that can be
 * believed. From libvirt's sources; qemu, lxc and test were tried. */

/* What it tells. */
typedef enum VsDriverTells {
    VS_TELLS_QMP = 1 << 0,      /* QEMU's own events, and its log */
    VS_TELLS_SHUTDOWN = 1 << 1, /* SHUTDOWN, as the system is down: by the guest, or by the host */
    VS_TELLS_REBOOT = 1 << 2,   /* REBOOT */
    VS_TELLS_PANIC = 1 << 3,    /* STOPPED/CRASHED means that the system panicked, nothing else */
    VS_TELLS_ORDER = 1 << 4,    /* STOPPED/SHUTDOWN means that the system came down in order; else
                                   any end of it is told so */
} VsDriverTells;

typedef struct VsDriver {
    const char *name;    /* qemu: what the manual and messages call it */
    const char *scheme;  /* as its URIs begin; NULL: whatever the others don't have */
    unsigned methods;    /* what it can do: a bit (1 << VsMethod) each */
    unsigned tells;      /* VsDriverTells */
    VsConfidence down;   /* at most, that a guest powered off */
    bool ids_grow;       /* as long as its daemon lives; else they are pids */
    bool new_id;         /* a guest that reboots has another id then, which its REBOOT has, too */
    bool fails_first;    /* a destroy may be told as STOPPED/FAILED, and then as such */
    bool plain_shutdown; /* its only request is virDomainShutdownFlags() without a flag */
    const char *ladder;  /* where nobody says one */
} VsDriver;

/* The driver of that URI, "qemu+ssh://host/system"; never NULL. */
const VsDriver *vs_driver_of(const char *uri);

/* Number @i of the table, from 0 on; NULL behind the last. */
const VsDriver *vs_driver_at(unsigned i);

bool vs_driver_has(const VsDriver *driver, VsMethod method);
bool vs_driver_tells(const VsDriver *driver, VsDriverTells what);

/* Its default ladder. */
void vs_driver_ladder(const VsDriver *driver, VsLadder *ret);

/* The first step of @ladder that can't work there; NULL: there is none. */
const VsStep *vs_driver_refuses(const VsDriver *driver, const VsLadder *ladder);

/* The names of the steps that can work there, "initctl, signal, ...". The caller owns it. */
char *vs_driver_steps(const VsDriver *driver);
