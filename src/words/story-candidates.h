/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include "util/json.h"

/* The part of a story that says who may have asked libvirt for the end: a few of those who were
 * connected to it, whoever connected last first; nothing where that isn't known. */
void vs_story_append_candidates(GString *story, json_object *record, bool local);
