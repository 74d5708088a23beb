/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/run.h"

/* A run as text, for a daemon that comes after this one. What is ours is written by name, what is
 * libvirt's by libvirt's number, which never changes. */

/* The caller owns it. */
json_object *vs_run_to_json(const VsRun *run);

/* NULL with @error where it isn't one; a name that isn't known is named. @schema: 1 (numbers for
 * what is ours) or 2. */
VsRun *vs_run_from_json(json_object *object, int64_t schema, GError **error);
