/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "conf/conf-file.h"
#include "conf/conf.h"

/* The sections and their keys: which there are, and whose they are to read. */

typedef enum VsConfKnown {
    VS_CONF_UNKNOWN,
    VS_CONF_LATER, /* it has a meaning, but not yet in this version */
    VS_CONF_KNOWN,
} VsConfKnown;

/* Gives every key its default. */
void vs_conf_key_reset_all(VsConf *conf);

/* Puts @entry into the configuration: a key that isn't known becomes a warning, a value that isn't
 * allowed an error. An empty value is the default. */
bool vs_conf_key_apply(VsConf *conf, const VsConfEntry *entry, GError **error);
