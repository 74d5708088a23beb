/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/stop-end.h"

#include "engine/request-log.h"
#include "engine/save.h"
#include "engine/stop-text.h"

void
vs_stop_take_back(VsGuest *guest)
{
    const VsCall *call = &guest->stop->call;

    if (vs_method_info(call->method)->presses && guest->stop->presses > 1)
        return; /* those before it did get there */
    /* Of one that is repeated, the one that was lost may have got through. */
    vs_run_take_back(guest->run, call->method, call->repeated);
}

void
vs_stop_drop_call(VsEngine *engine, VsGuest *guest)
{
    VsCall *call = &guest->stop->call;
    VsAction *action;

    vs_save_abandon(engine, guest);
    if (call->state == VS_CALL_HELD) {
        action = vs_engine_do(engine, VS_ACTION_WITHDRAW, guest);
        action->call = call->id;
        action->method = call->method;
    }
    if ((call->state == VS_CALL_HELD || call->state == VS_CALL_INTENT) && guest->run)
        vs_stop_take_back(guest);
    vs_call_clear(call);
}

/* Of a host stop, whom it could not stop: it is not asked again while the host goes down. */
static bool
is_left(const VsStop *stop, VsOutcome outcome)
{
    return vs_stop_is_of_host_stop(stop) &&
           (outcome == VS_OUTCOME_TIMED_OUT || outcome == VS_OUTCOME_CANCELLED ||
            outcome == VS_OUTCOME_FAILED);
}

void
vs_stop_end(VsEngine *engine, VsGuest *guest, VsOutcome outcome)
{
    VsStop *stop = guest->stop;
    VsAction *action = vs_engine_do_stop(engine, VS_ACTION_STOP_FINISHED, guest);

    action->outcome = outcome;
    vs_stop_drop_call(engine, guest);
    guest->left = is_left(stop, outcome);
    vs_stop_end_step(stop, vs_outcome_name(outcome), engine->now);
    if (guest->run && !vs_run_is_over(guest->run)) {
        g_clear_pointer(&guest->run->past_request, json_object_put);
        guest->run->past_request = vs_stop_request(stop, outcome);
        vs_request_log_over(engine, guest, stop, outcome);
    }
    action->finished = g_steal_pointer(&guest->stop);
    vs_engine_unsaved(engine, guest);
    vs_engine_changed(engine, guest);
}
