/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/overtaken.h"

#include "core/cause.h"
#include "core/driver.h"
#include "engine/picture.h"

/* The last run that has its record, where that is of this connection's libvirtd: another counts
 * anew. */
static int
past_id(const VsEngine *engine, const VsGuest *guest)
{
    const VsConnection *connection = vs_engine_connection_of(engine, guest);

    return connection && guest->past_step > connection->opened_step ? guest->past_id : -1;
}

void
vs_overtaken_note(VsEngine *engine, const VsEvent *event)
{
    VsGuest *guest = vs_engine_get(engine, event->domain);

    if (event->type != VS_EVENT_LIFECYCLE || event->lifecycle.type != VS_LIFECYCLE_STARTED)
        return;
    if (!guest || !guest->run || !vs_driver_of(guest->domain.uri)->ids_grow ||
        event->domain->id <= past_id(engine, guest) || event->domain->id == guest->overtaken_id)
        return;
    guest->overtaken_id = event->domain->id;
    guest->overtaken_step = engine->serial;
    guest->overtaken_at = engine->now.real;
}

/* What was told over a connection that broke since is no more to be ended. */
static bool
is_awaited(const VsEngine *engine, const VsGuest *guest)
{
    const VsConnection *connection = vs_engine_connection_of(engine, guest);

    return guest->overtaken_id > 0 && connection && guest->overtaken_step > connection->opened_step;
}

/* What libvirt says that it did itself is certain; what it was told of the guest before that isn't
 * kept, so the rest is likely at best. */
static VsRun *
make_run(VsEngine *engine, const VsGuest *guest, int detail)
{
    VsRun *run = vs_run_new(vs_engine_new_id(engine), guest->overtaken_at);

    run->phase = VS_RUN_RECORDING;
    run->stopped = detail;
    run->ended_real = engine->now.real;
    run->ended_mono = engine->now.mono;
    vs_run_gap(run, engine->now.mono);
    vs_run_witness_lifecycle(run, engine->now.real, VS_LIFECYCLE_STOPPED, detail);
    return run;
}

bool
vs_overtaken_stopped(VsEngine *engine, VsGuest *guest, int detail)
{
    VsRecord *record;
    VsQemuLog log;
    VsRun *run;

    if (!is_awaited(engine, guest))
        return false;
    run = make_run(engine, guest, detail);
    record = g_new0(VsRecord, 1);
    vs_domain_id_copy(&record->domain, &guest->domain);
    record->domain.id = guest->overtaken_id;
    vs_qemu_log_read(&log, NULL, &record->domain, guest->overtaken_at);
    vs_cause_judge(run, vs_driver_of(guest->domain.uri), &log, &record->verdict);
    record->id = run->id;
    record->time = run->ended_real;
    record->owner = vs_engine_owner_of(engine, guest);
    record->evidence = json_object_get(run->evidence);
    vs_engine_do(engine, VS_ACTION_RECORD, guest)->record = record;
    vs_engine_do(engine, VS_ACTION_RECORDED, guest)->id = run->id;
    vs_qemu_log_clear(&log);
    vs_run_free(run);
    guest->overtaken_id = 0;
    return true;
}
