/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include "ctl/table.h"
#include "util/json.h"

/* Stop records as rows of a table. What is missing in one, or of another type, is left out. */

/* As history's columns are. @local: its uids are this host's. */
void vs_record_row_history(VsTable *table, json_object *record, bool local);

/* As history --requests' columns are. */
void vs_record_row_request(VsTable *table, json_object *request, bool local);

/* As blame's columns are; and for g_ptr_array_sort(), the slowest first. */
void vs_record_row_blame(VsTable *table, json_object *record, bool waits);
int vs_record_row_compare_slowness(const void *a, const void *b);
