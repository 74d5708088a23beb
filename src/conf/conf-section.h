/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "conf/conf-file.h"
#include "conf/conf.h"

/* The sections: which there are, and whose keys they have. */

/* Gives every key its default. */
void vs_conf_section_reset_all(VsConf *conf);

/* Puts @entry into the configuration: a key that isn't known becomes a warning, a value that isn't
 * allowed an error. An empty value is the default. */
bool vs_conf_section_apply(VsConf *conf, const VsConfEntry *entry, GError **error);
