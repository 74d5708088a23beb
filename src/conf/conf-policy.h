/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "conf/conf-key.h"
#include "core/policy.h"

/* The keys that [Default] and [Guest GLOB] share: one guest's policy. */

typedef struct VsConfPolicyKey {
    const char *name;
    VsPolicyKey bit;
    bool (*parse)(VsGuestPolicy *policy, const char *value, GError **error); /* NULL: for later */
    const char *fallback; /* its default, as one would write it */
} VsConfPolicyKey;

/* NULL where there is none of that name. */
const VsConfPolicyKey *vs_conf_policy_find(const char *name);

VsConfKnown vs_conf_policy_knows(const char *name);

/* Gives every key its default. */
void vs_conf_policy_reset(VsGuestPolicy *policy);

/* Sets a key of [Default] that is known; an empty value is the default. */
bool vs_conf_policy_set(VsGuestPolicy *policy, const char *name, const char *value, GError **error);

/* The lines that say of @policy what is in @says. */
void vs_conf_policy_append(GString *text, const VsGuestPolicy *policy, unsigned says);
