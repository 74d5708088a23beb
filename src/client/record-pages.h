/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/record-query.h"
#include "client/client.h"

/* A page of the stop records, as virtstopd gives it. */
typedef struct VsRecordPage {
    GPtrArray *lines; /* of char *, the oldest first */
    char *mark;       /* of what is older; NULL: nothing is */
} VsRecordPage;

void vs_record_page_clear(VsRecordPage *page);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VsRecordPage, vs_record_page_clear)

/* Asks for the page of @query. An older virtstopd gives all that it has at once, and no more than a
 * message can hold: where that may have been cut, it is said. */
bool vs_record_page_get(VsClient *client, const VsRecordQuery *query, VsRecordPage *ret,
                        GError **error);
