/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/policy.h"
#include "util/scope.h"

/* The configuration: virtstop.conf and the drop-ins in virtstop.conf.d, in systemd's manner. */

typedef struct VsConf {
    VsScope scope;       /* whom it is for */
    char **uris;         /* [Daemon] Uris=, default qemu:///system, of a user qemu:///session */
    bool agent_command;  /* [Daemon] AgentCall=command (default) or shutdown */
    size_t history_size; /* [Daemon] HistoryMaxSize=, bytes of one stops.jsonl, default 16M, 0: no
                            limit */
    unsigned history_files; /* [Daemon] HistoryMaxFiles=, old ones kept, default 4 */
    VsPolicy policy;        /* [Default], the [Guest GLOB]s, and what [Daemon] says of them all */
    GPtrArray *warnings;    /* char *: what was ignored, with file and line */
} VsConf;

/* With no policy but the built-in one; vs_conf_load() reads the rest. */
VsConf *vs_conf_new(void);
void vs_conf_free(VsConf *conf);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VsConf, vs_conf_free)
