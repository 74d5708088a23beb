/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/client.h"

/* What isn't on disk, or with journald, though it should be. */
typedef struct VsUnwritten {
    char *what; /* "records", "run-states", "journal" */
    uint32_t n;
    char *why;
} VsUnwritten;

/* What virtstopd says of itself, as far as it was read. */
typedef struct VsManagerObject {
    GPtrArray *away;  /* of char *: the URIs where libvirt isn't connected; NULL: not told */
    GPtrArray *open;  /* likewise: where it is */
    int stopping_all; /* all guests are being stopped; a daemon that doesn't tell: 0 */
    int host_shutdown;
    char *config_digest;  /* SHA-256 of what is in force; "", NULL: not known */
    char *config_error;   /* why the configuration on disk isn't in force; "", NULL: it is, or not
                             told */
    GPtrArray *unwritten; /* of VsUnwritten; NULL: not told */
} VsManagerObject;

void vs_manager_object_clear(VsManagerObject *manager);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VsManagerObject, vs_manager_object_clear)

/* Reads the a{sv} that comes next into what is there already: all properties, or those that
 * changed. A negative errno where it can't be read. */
int vs_manager_object_read(VsManagerObject *manager, sd_bus_message *message);

/* Asks for all. */
bool vs_manager_object_get(VsClient *client, VsManagerObject *ret, GError **error);
