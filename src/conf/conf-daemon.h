/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "conf/conf-key.h"
#include "conf/conf.h"

/* The keys of [Daemon]. */

VsConfKnown vs_conf_daemon_knows(const char *name);

/* Gives every key its default. */
void vs_conf_daemon_reset(VsConf *conf);

/* Sets a key that is known; an empty value is the default. */
bool vs_conf_daemon_set(VsConf *conf, const char *name, const char *value, GError **error);

/* The lines of all keys, with what is in force. */
void vs_conf_daemon_append(GString *text, const VsConf *conf);
