/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "conf/conf-file.h"
#include "core/conf-type.h"
#include "conf/conf.h"

/* The [Guest GLOB] sections. Each header makes a new one, also with a glob that was there before.
 */

/* Whether that is a [Guest GLOB], or would be one but for its glob. */
bool vs_conf_guest_is_section(const char *section);

/* Begins the section whose header @entry is; the error names file and line. */
bool vs_conf_guest_begin(VsConf *conf, const VsConfEntry *entry, GError **error);

/* The section that was begun last. */
VsSection *vs_conf_guest_last(const VsConf *conf);

/* Adds a warning for each @GROUP that no guest can be in. */
void vs_conf_guest_check_groups(VsConf *conf);

/* The section as it would be written, with where it stands. */
void vs_conf_guest_append(GString *text, const VsSection *section);
