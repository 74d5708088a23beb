/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/request-log.h"

#include "engine/stop-text.h"

static VsRequestRecord *
add(VsEngine *engine, const VsGuest *guest, const VsStop *stop, VsOutcome outcome)
{
    VsRequestRecord *record = g_new0(VsRequestRecord, 1);

    record->id = vs_engine_new_id(engine);
    record->time = engine->now.real;
    vs_domain_id_copy(&record->domain, &guest->domain);
    record->outcome = outcome;
    record->request = vs_stop_request(stop, outcome);
    record->host_stop = stop->host_stop;
    vs_engine_do(engine, VS_ACTION_LOG_REQUEST, guest)->request = record;
    return record;
}

void
vs_request_log(VsEngine *engine, const VsGuest *guest, VsRequestWord word, const VsRequester *by,
               int64_t span)
{
    VsRequestRecord *record = add(engine, guest, guest->stop, VS_OUTCOME_NONE);

    record->word = word;
    record->by = by ? vs_requester_to_json(by) : NULL;
    record->span = span;
}

void
vs_request_log_over(VsEngine *engine, const VsGuest *guest, const VsStop *stop, VsOutcome outcome)
{
    VsRequestRecord *record = add(engine, guest, stop, outcome);

    record->word = VS_REQUEST_OVER;
    if (stop->off_by_known)
        record->by = vs_requester_to_json(&stop->off_by);
}
