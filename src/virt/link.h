/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "virt/listener.h"

/* The event connection to one URI, which comes back whenever it breaks. All on the main thread. */

typedef struct VsLink VsLink;

typedef struct VsLinkCallbacks {
    /* @stops_guests: that libvirt does so itself when the host goes down. */
    void (*opened)(bool stops_guests, void *userdata);
    void (*closed)(const char *why, void *userdata); /* or it could not be opened: once a reason */
    VsVirtSink heard;                                /* only between the two */
} VsLinkCallbacks;

VsLink *vs_link_new(VsThreads *threads, const char *uri, const VsLinkCallbacks *callbacks,
                    void *userdata);
void vs_link_free(VsLink *link);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VsLink, vs_link_free)

void vs_link_start(VsLink *link);

/* NULL: it is open, else the last reason why not. */
const char *vs_link_why_closed(const VsLink *link);

/* The connection turned out to be of no use: closes it, and opens another. */
void vs_link_break(VsLink *link, const char *why);
