/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-bus.h>

#include "bus/bus.h"

/* What the files of this room share: the service's state, and the words for speaking on the bus. */

#define VS_BUS_NAME              "org.virtstop1"
#define VS_BUS_ROOT              "/org/virtstop1"
#define VS_BUS_MANAGER_INTERFACE "org.virtstop1.Manager"
#define VS_BUS_DOMAIN_INTERFACE  "org.virtstop1.Domain"
#define VS_BUS_STOP_INTERFACE    "org.virtstop1.Stop"

G_DEFINE_AUTOPTR_CLEANUP_FUNC(sd_bus_creds, sd_bus_creds_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(sd_bus_message, sd_bus_message_unref)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(sd_bus_error, sd_bus_error_free)

struct VsBus {
    const VsEngine *engine;
    VsBusOps ops;
    void *userdata;

    char **uris;
    char *ladder;
    bool host_shutdown; /* as logind last said */
    bool stopping_all;  /* as was told last */
    int inhibitor;      /* logind's, while it is held; -1 */
    bool not_awaited;   /* logind gave none, and that was said */

    GSource *source; /* owns the sd-event */
    sd_event *event;
    sd_bus *connection; /* NULL: none */
    bool named;         /* org.virtstop1 is ours on it */
    bool started;       /* vs_bus_start() is over: what goes wrong is ours to say */
    char *trouble;      /* why it isn't; NULL: nothing is known to be wrong */
    guint retry;        /* the GLib source that tries again, 0: none */
    unsigned delay;     /* ms, of the last try; 0: none yet */

    GHashTable *uri_by_hash; /* see path.h */
    GHashTable *domains;     /* the paths of the domains that the bus was told of */
    GHashTable *stops;       /* and of the stops, each with its domain's path */
    GPtrArray *held;         /* what is to be told after a reply; NULL: nothing is held back */
};

/* The bus, inside the handler of an object that was found: its userdata is the guest. */
VsBus *vs_bus_of(sd_bus *connection);

/* A copy of @text that may go out; NULL gives "". The bus cuts off whoever sends it anything but
 * UTF-8. */
char *vs_bus_text(const char *text);

/* libvirt's and our "never" is INT64_MAX, D-Bus APIs say UINT64_MAX. */
uint64_t vs_bus_usec(int64_t usec);
