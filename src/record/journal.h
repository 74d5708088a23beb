/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/request-record.h"

/* MESSAGE_ID of a stop record; data/virtstop.catalog explains it. */
#define VS_MESSAGE_STOP_RECORDED "8f1f2a4c0b7e4d6c9a53e1d0c4b7a921"

/* The entry's fields, each "KEY=value". MESSAGE is one sentence that is safe to print; the other
 * values are data as they come, newlines and all. What isn't known is left out. The array owns its
 * strings. */
GPtrArray *vs_journal_fields(const VsRecord *record, const char *line);

/* MESSAGE_ID of a request that stopped nobody, or changed another; in the same catalog. */
#define VS_MESSAGE_REQUEST "fb90d5093958471197255ed07014b729"

/* The same of the line @line of requests.jsonl, which is @request. */
GPtrArray *vs_journal_request_fields(json_object *request, const char *line);

/* Sends them to journald, and waits for it as long as it takes. No journald: no harm. */
void vs_journal_send(const GPtrArray *fields);
