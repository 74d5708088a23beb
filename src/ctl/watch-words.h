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

/* Whether the guest of a stop that came out so is off, so that a record tells of it, and of more.
 */
bool vs_watch_has_record(const char *outcome);

/* Whether people hear of its state otherwise: that it goes off by its stop, and that it is off by
 * its record. */
bool vs_watch_is_told_otherwise(const VsDomainObject *domain);

/* Whether people want to know of an agent's change; that there is none is no news. */
bool vs_watch_is_agent_news(const char *was, const char *is);
