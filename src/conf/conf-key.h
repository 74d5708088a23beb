/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "conf/conf-file.h"
#include "conf/conf.h"

/* The keys: what there is, what it means, what it is where nobody says. */

/* Gives every key its default. */
void vs_conf_key_reset_all(VsConf *conf);

/* Puts @entry into the configuration: a key that isn't known becomes a warning, a value that isn't
 * allowed an error. An empty value is the default. */
bool vs_conf_key_apply(VsConf *conf, const VsConfEntry *entry, GError **error);
