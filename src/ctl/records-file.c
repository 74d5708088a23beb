/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/records-file.h"

#include "record/history-page.h"

GPtrArray *
vs_records_file_page(const VsClient *client, const VsRecordQuery *query, char **ret_mark,
                     GError **error)
{
    g_autofree char *directory = vs_scope_directory(client->scope, VS_SCOPE_STATE);

    return vs_history_page(directory, query, ret_mark, error);
}
