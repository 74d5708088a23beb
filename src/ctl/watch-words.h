/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/objects.h"
#include "util/json.h"

/* What watch says of a stop: each fact in a line, with who asked and why. @local: its uids are this
 * host's. The caller owns the results. */

/* "a stop was asked for by root (virtstopctl, pid 4711): “kernel update”"; @whole: of several
 * guests together. */
char *vs_watch_added(const VsStopObject *stop, bool whole, bool local);

/* "off after 3.2 s, clean (it obeyed the guest agent); asked for by root: “kernel update”" */
char *vs_watch_recorded(json_object *record, bool local);
