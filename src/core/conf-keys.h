/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/conf-type.h"
#include "core/policy.h"

/* All keys there are. A new one is a row here, its member in the structure, and its paragraph in
 * virtstop.conf(5); tests/unit/test-conf-keys.c holds the manual and the shipped file to that. */

extern const VsConfKey vs_conf_policy_keys[]; /* [Default] and [Guest GLOB], in VsGuestPolicy */
extern const VsConfKey vs_conf_guest_keys[];  /* [Guest GLOB] only, in VsSection: lists */

/* A key of a section; NULL where there is none of that name. */
const VsConfKey *vs_conf_key_find(const char *name);

/* Sets @key in @section. An empty value takes back what it said. */
bool vs_conf_key_set(const VsConfKey *key, VsSection *section, const char *value, GError **error);

/* Whether @section says anything of @key. */
bool vs_conf_key_is_said(const VsConfKey *key, const VsSection *section);

/* Its value in @section, as one would write it; the caller owns it. */
char *vs_conf_key_print(const VsConfKey *key, const VsSection *section);
