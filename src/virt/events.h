/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <libvirt/libvirt.h>
#include <stdbool.h>

#include "virt/inbox.h"

/* The registrations for libvirt's events on a connection, which reach its inbox as core's. */

#define VS_EVENTS_KINDS 5

/* libvirt's ids, -1 where there is none. */
typedef struct VsRegistrations {
    int events[VS_EVENTS_KINDS];
    int qmp;
} VsRegistrations;

#define VS_REGISTRATIONS_NONE ((VsRegistrations){.events = {-1, -1, -1, -1, -1}, .qmp = -1})

/* Has @inbox told of all events of @connection. @registrations holds, also on failure, what is
 * registered. Blocks. */
bool vs_events_register(virConnectPtr connection, VsInbox *inbox, VsRegistrations *registrations,
                        GError **error);
void vs_events_deregister(virConnectPtr connection, const VsRegistrations *registrations);
