/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "util/json.h"

/* Who had a connection to libvirt at the moment when it ended a guest, and so may be the one that
 * asked for that. Nobody tells who it was: libvirt says no more than who is there. */

/* Those of them that connected last; a record has no more. */
#define VS_MAX_CANDIDATES 16

/* What of @list, an array that somebody else made, is such a list: each has "pid" (or "address", of
 * one on another host), and what is known of "uid", "user", "login_uid", "comm", "unit" and
 * "since". Texts are cut to VS_EVENT_MAX_COMM bytes. NULL: nobody. The caller owns the result. */
json_object *vs_candidates_read(json_object *list);
