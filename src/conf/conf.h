/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/policy.h"

/* The configuration: virtstop.conf and the drop-ins in virtstop.conf.d, in systemd's manner. */

typedef struct VsConf {
    char **uris;         /* [Daemon] Uris=, default qemu:///system */
    bool agent_command;  /* [Daemon] AgentCall=command (default) or shutdown */
    size_t history_size; /* [Daemon] HistoryMaxSize=, bytes of one stops.jsonl, default 16M, 0: no
                            limit */
    unsigned history_files; /* [Daemon] HistoryMaxFiles=, old ones kept, default 4 */
    VsPolicy policy;        /* [Default], the [Guest GLOB]s, and what [Daemon] says of them all */
    GPtrArray *warnings;    /* char *: what was ignored, with file and line */
} VsConf;

/* Reads, each over the one before: VENDORCONFDIR/virtstop.conf, SYSCONFDIR/virtstop/virtstop.conf,
 * then the drop-ins of both virtstop.conf.d/ merged by file name (the same name in SYSCONFDIR wins,
 * a link to /dev/null masks). $CONFIGURATION_DIRECTORY, where it is another than
 * SYSCONFDIR/virtstop, stands for it (and the vendor's files are not read then). Files that are
 * missing are no error; a bad value is: it names file, line and what is allowed. */
VsConf *vs_conf_load(GError **error);

/* The same with @dirs (NULL-terminated) for those two: the main file of each, then the drop-ins of
 * all. */
VsConf *vs_conf_load_dirs(const char *const *dirs, GError **error);

/* Reads @path alone, over the defaults: for check-config and tests. */
VsConf *vs_conf_load_file(const char *path, GError **error);

/* What is in force, as a file would say it: every key of [Daemon] and [Default], and of each [Guest
 * GLOB] what it says, with where it stands. Printable; the caller owns it. */
char *vs_conf_format(const VsConf *conf);

void vs_conf_free(VsConf *conf);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VsConf, vs_conf_free)
