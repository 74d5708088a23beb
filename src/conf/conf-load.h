/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "conf/conf.h"

/* Where the configuration of @scope lies, NULL-terminated: what a later one has hides the same name
 * in one before. The caller owns it. */
char **vs_conf_dirs(VsScope scope);

/* Reads, each over the one before: VENDORCONFDIR/virtstop.conf, SYSCONFDIR/virtstop/virtstop.conf,
 * then the drop-ins of both virtstop.conf.d/ merged by file name (the same name in SYSCONFDIR wins,
 * a link to /dev/null masks). $CONFIGURATION_DIRECTORY, where it is another than
 * SYSCONFDIR/virtstop, stands for it (and the vendor's files are not read then). Of a user only
 * $XDG_CONFIG_HOME/virtstop is read, or what stands for it. Files that are missing are no error; a
 * bad value is: it names file, line and what is allowed. */
VsConf *vs_conf_load(VsScope scope, GError **error);

/* The same with @dirs (NULL-terminated) for those two: the main file of each, then the drop-ins of
 * all. */
VsConf *vs_conf_load_dirs(VsScope scope, const char *const *dirs, GError **error);

/* Reads @path alone, over the defaults: for check-config and tests. */
VsConf *vs_conf_load_file(VsScope scope, const char *path, GError **error);
