/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/run-candidates.h"

#include "core/candidates.h"

static bool
is_ours(const VsGuest *guest)
{
    const VsStepTaken *last = guest->stop ? vs_stop_last_taken(guest->stop) : NULL;

    return guest->run->destroy_called || guest->run->terminated ||
           (last && last->method == VS_METHOD_SAVE);
}

/* As the host goes down its guests are ended by many. A daemon that stood still hears of a signal
 * when whoever sent it may be gone. */
void
vs_run_candidates_ask(VsEngine *engine, VsGuest *guest)
{
    VsRun *run = guest->run;

    if (engine->simulated || engine->host_shutdown || vs_engine_listens(engine) ||
        run->candidates_asked > 0 || is_ours(guest) || !vs_domain_uri_is_local(guest->domain.uri))
        return;
    run->candidates_asked = engine->now.mono;
    vs_engine_do(engine, VS_ACTION_ASK_CANDIDATES, guest);
}

static bool
is_of_run(const VsEngine *engine, const VsGuest *guest, const VsEvent *event)
{
    const VsRun *run = guest ? guest->run : NULL;
    bool asked = run && (engine->simulated || run->candidates_asked > 0);

    return asked && run->phase != VS_RUN_RECORDING && run->candidates_at == 0 &&
           (guest->domain.id < 0 || event->domain->id < 0 || guest->domain.id == event->domain->id);
}

void
vs_run_candidates_take(VsEngine *engine, const VsEvent *event)
{
    VsGuest *guest = vs_engine_get(engine, event->domain);
    VsRun *run;

    if (!is_of_run(engine, guest, event))
        return;
    run = guest->run;
    run->candidates_at = MAX(event->candidates.at, 1);
    run->candidates = vs_candidates_read(event->candidates.list);
    vs_engine_unsaved(engine, guest);
}

/* Only where it can be used: what libvirt did itself, for somebody. */
bool
vs_run_candidates_are_awaited(const VsRun *run)
{
    return run->candidates_asked > 0 && run->candidates_at == 0 &&
           run->stopped >= VS_STOPPED_DESTROYED && run->stopped != VS_STOPPED_FAILED;
}

/* Monotonic µs: until then whoever asked waited. What libvirt tells may come to us late, and its
 * answer to them doesn't; but before that it writes into the log, of a destroy when the process has
 * ended, of a save before that. */
static int64_t
waited_until(const VsRun *run, const VsQemuLog *log)
{
    int64_t logged = run->ended_mono - (run->ended_real - log->reason_at);

    return log->reason_at > 0 && logged > run->candidates_asked ? MIN(logged, run->ended_mono)
                                                                : run->ended_mono;
}

json_object *
vs_run_candidates_tell(const VsGuest *guest, const VsVerdict *verdict, const VsQemuLog *log)
{
    const VsRun *run = guest->run;

    if (is_ours(guest) || run->candidates_at > waited_until(run, log))
        return NULL;
    switch (verdict->cause) {
    case VS_CAUSE_DESTROYED:
    case VS_CAUSE_SAVED:
    case VS_CAUSE_MIGRATED:
    case VS_CAUSE_SNAPSHOT_REVERTED:
        return json_object_get(run->candidates);
    default:
        return NULL;
    }
}
