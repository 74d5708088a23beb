/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/record-query.h"
#include "client/client.h"
#include "util/json.h"

/* The stop records that virtstopd has, asked for in pages: however many there are, no more than
 * some MiB of them are held at a time. What can't be read is said, and passed over. */

/* Called with each record; false: no more are wanted. */
typedef bool (*VsRecordFunc)(json_object *record, void *userdata);

/* Calls @func with all that @query asks for, the newest first. */
bool vs_records_newest_first(VsClient *client, const VsRecordQuery *query, VsRecordFunc func,
                             void *userdata, GError **error);

/* The same, the oldest first. Where there is more than can be held, it is asked for once more. */
bool vs_records_oldest_first(VsClient *client, const VsRecordQuery *query, VsRecordFunc func,
                             void *userdata, GError **error);

/* The newest record of those that @query asks for; NULL with @error, or without where there is
 * none. The caller owns it. */
json_object *vs_records_last(VsClient *client, const VsRecordQuery *query, GError **error);

/* The record of that stop, where it is one of the newest; NULL: it isn't, or @error. The caller
 * owns it. */
json_object *vs_records_of_stop(VsClient *client, const char *stop, GError **error);

/* @record, which a signal or a property told, as far as we may see it: asks for the rest. The
 * caller owns it. */
json_object *vs_record_whole(VsClient *client, json_object *record);

/* What the records know the domain by that was typed: what was typed, or the UUID where that is the
 * id of one that runs. NULL for NULL. The caller owns it. */
char *vs_records_domain(VsClient *client, const char *typed);

/* The id of the stop that the record's request asked for; NULL: none. */
const char *vs_record_stop(json_object *record);
