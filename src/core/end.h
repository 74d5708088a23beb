/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/driver.h"
#include "core/qemu-log.h"
#include "core/run.h"

/* How libvirt says that the run ended, whichever way it was learned. */
typedef enum VsEnd {
    VS_END_UNKNOWN,
    VS_END_SHUTDOWN, /* the process ended as if it had shut down: by itself, or by a polite signal
                      */
    VS_END_DESTROYED,
    VS_END_CRASHED,  /* libvirt ended it for a crash of the guest's system */
    VS_END_DIED,     /* the process ended without a word */
    VS_END_LOST,     /* libvirt came back, and it was no more */
    VS_END_GIVEN_UP, /* libvirt came back, could not take the guest over, and ended it */
    VS_END_MIGRATED,
    VS_END_SAVED,
    VS_END_START_FAILED,
    VS_END_FROM_SNAPSHOT,
} VsEnd;

VsEnd vs_end_of(const VsRun *run, const VsQemuLog *log);

/* Whether libvirt did it itself, with a guest that ran: it knows best. */
bool vs_end_is_libvirts_own(VsEnd end);
