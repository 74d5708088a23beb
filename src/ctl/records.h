/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ctl/client.h"
#include "util/json.h"

/* The newest @limit records (0: all) of @ctl's uri, oldest first, of json_object; the caller owns
 * the array, which owns what is in it. @domain: as it was typed, NULL for all; one that has no
 * record and isn't there either is an error. */
GPtrArray *vs_records_get(VsCtl *ctl, const char *domain, unsigned limit, GError **error);

/* The same, but for nothing else known of @domain than its name or UUID as the records have it. */
GPtrArray *vs_records_query(VsCtl *ctl, const char *domain, unsigned limit, GError **error);

/* The id of the stop that the record's request asked for; NULL: none. */
const char *vs_record_stop(json_object *record);
