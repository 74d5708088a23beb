/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/client.h"
#include "core/record-query.h"

/* Reads a page of the records from virtstopd's files, where it isn't there to be asked: @client's
 * read_page. Who may read those may. */
GPtrArray *vs_records_file_page(const VsClient *client, const VsRecordQuery *query, char **ret_mark,
                                GError **error);
