/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/records-file.h"

#include <errno.h>
#include <unistd.h>

#include "record/history-page.h"
#include "util/error.h"

/* The files are for their owner and their group: whoever is neither isn't authorised. */
static bool
is_closed(const char *directory)
{
    g_autofree char *file = g_build_filename(directory, "stops.jsonl", NULL);

    return access(file, R_OK) < 0 && errno == EACCES;
}

GPtrArray *
vs_records_file_page(const VsClient *client, const VsRecordQuery *query, char **ret_mark,
                     GError **error)
{
    g_autofree char *directory = vs_scope_directory(client->scope, VS_SCOPE_STATE);
    g_autoptr(GError) why = NULL;
    GPtrArray *lines = vs_history_page(directory, query, ret_mark, &why);

    if (lines)
        return lines;
    if (is_closed(directory))
        why->code = VS_ERROR_ACCESS;
    g_propagate_error(error, g_steal_pointer(&why));
    return NULL;
}
