/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/process.h"

#include "core/driver.h"
#include "engine/run-candidates.h"

/* Whether it tells of the run that is known, and its record isn't made yet. */
static bool
is_of_run(const VsGuest *guest, const VsEvent *event)
{
    return guest && guest->run && guest->run->phase != VS_RUN_RECORDING &&
           (guest->domain.id < 0 || event->domain->id < 0 || guest->domain.id == event->domain->id);
}

void
vs_process_watched(VsEngine *engine, const VsEvent *event)
{
    VsGuest *guest = vs_engine_get(engine, event->domain);

    if (is_of_run(guest, event) && guest->run->watch != VS_PROCESS_ENDED)
        guest->run->watch = VS_PROCESS_WATCHED;
}

static void
witness(VsEngine *engine, VsRun *run, const VsEvent *event)
{
    json_object *item = vs_evidence_new(engine->now.real, "process");

    vs_json_set_string(item, "event", "ended");
    vs_process_end_to_json(&event->process.end, item);
    vs_run_witness(run, item);
    if (event->process.line) {
        item = vs_evidence_new(engine->now.real, "kernel-log");
        vs_json_set_string(item, "line", event->process.line);
        vs_run_witness(run, item);
    }
}

void
vs_process_ended(VsEngine *engine, const VsEvent *event)
{
    VsGuest *guest = vs_engine_get(engine, event->domain);

    if (!is_of_run(guest, event))
        return;
    if (guest->run->phase == VS_RUN_ALIVE && guest->run->shutdown == VS_SHUTDOWN_REASON_NONE)
        vs_run_candidates_ask(engine, guest); /* libvirt will have ended it, for somebody */
    witness(engine, guest->run, event);
    vs_run_process_ended(guest->run, &event->process.end);
    vs_engine_unsaved(engine, guest);
}

/* Of one that a daemon before us left it isn't known yet whether it is still the same run. */
static bool
can_be_watched(const VsGuest *guest)
{
    return !guest->taken_over && guest->domain.id >= 0 &&
           vs_driver_tells(vs_driver_of(guest->domain.uri), VS_TELLS_QMP);
}

void
vs_process_move(VsEngine *engine, VsGuest *guest)
{
    VsRun *run = guest->run;

    if (!run || run->phase != VS_RUN_ALIVE || run->watch != VS_PROCESS_UNWATCHED ||
        !can_be_watched(guest))
        return;
    vs_engine_do(engine, VS_ACTION_WATCH, guest)->at = engine->now.mono;
    run->watch = VS_PROCESS_ASKED_FOR;
}
