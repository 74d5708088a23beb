/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "util/json.h"

/* A record's evidence, one line each with its local time; "" where there is none. The caller owns
 * it. */
char *vs_evidence_tell(json_object *record);
