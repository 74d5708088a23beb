/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Whom virtstopd works for: the host, or one user (--user), whose guests are those of his own
 * libvirt session. All that is another for the one than for the other in more than one room stands
 * in this table. */

typedef enum VsScope { VS_SCOPE_SYSTEM, VS_SCOPE_USER } VsScope;

typedef enum VsScopeDirectory {
    VS_SCOPE_CONFIGURATION,
    VS_SCOPE_STATE,
    VS_SCOPE_RUNTIME,
} VsScopeDirectory;

typedef struct VsScopeInfo {
    const char *option;    /* that the programs of virtstop take; NULL: none */
    const char *ctl;       /* how virtstopctl is called, and ... */
    const char *systemctl; /* ... systemctl */
    const char *uri;       /* of the libvirt that is watched where nobody says another */
    int64_t budget; /* µs for all guests where nobody says another; 0: as long as it takes */
    const char *bus_variable; /* where the environment has the address of its bus */
    const char *bus_name;     /* N_(): that, in the middle of a sentence */
    const char *service_hint; /* N_(): what to ask where virtstopd isn't on that */
} VsScopeInfo;

const VsScopeInfo *vs_scope_info(VsScope scope);

/* Whether this process can work for that one: root has no session of its own in libvirt, and a user
 * needs a runtime directory. The error says what to do. */
bool vs_scope_check(VsScope scope, GError **error);

/* The usual address of its bus, whatever the environment says; its directory: the usual one, and
 * the one in use, which the environment may name. The caller owns them. */
char *vs_scope_usual_bus(VsScope scope);
char *vs_scope_usual_directory(VsScope scope, VsScopeDirectory which);
char *vs_scope_directory(VsScope scope, VsScopeDirectory which);
