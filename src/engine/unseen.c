/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/unseen.h"

#include "core/cause.h"
#include "engine/picture.h"

void
vs_unseen_ask(VsEngine *engine, const VsConnection *connection, const VsGuest *guest)
{
    if (connection->unseen.who != VS_AWAY_NOBODY)
        vs_engine_do(engine, VS_ACTION_READ_PAST, guest)->at = connection->unseen.since;
}

static void
witness(VsRun *run, int64_t real, const char *line)
{
    json_object *item = vs_evidence_new(real, "qemu-log");

    vs_json_set_string(item, "line", line);
    vs_run_witness(run, item);
}

/* All that is known of it is what the log says. */
static VsRun *
make_run(VsEngine *engine, const VsLoggedRun *logged, const VsQemuLog *log)
{
    VsRun *run = vs_run_new(vs_engine_new_id(engine), logged->begun);

    run->phase = VS_RUN_RECORDING;
    run->state = VS_STATE_SHUTOFF;
    run->ended_real = logged->ended;
    run->ended_mono = engine->now.mono;
    vs_run_gap(run, MAX(engine->now.mono - (engine->now.real - logged->begun), 1));
    witness(run, engine->now.real, logged->start);
    for (unsigned i = 0; i < log->lines->len; i++)
        witness(run, engine->now.real, log->lines->pdata[i]);
    return run;
}

static void
record_run(VsEngine *engine, VsGuest *guest, char *const *lines, const VsLoggedRun *logged)
{
    const VsConnection *connection = vs_engine_connection_of(engine, guest);
    VsRecord *record = g_new0(VsRecord, 1);
    VsQemuLog log;
    VsRun *run;

    vs_domain_id_copy(&record->domain, &guest->domain);
    record->domain.id = logged->id;
    vs_qemu_log_read(&log, lines, &record->domain, logged->begun);
    run = make_run(engine, logged, &log);
    vs_cause_judge(run, vs_driver_of(guest->domain.uri), &log, &record->verdict);
    record->id = run->id;
    record->time = logged->ended;
    record->owner = vs_engine_owner_of(engine, guest);
    record->window = (VsWindow){logged->begun, record->time, connection->unseen.who};
    record->evidence = json_object_get(run->evidence);
    vs_engine_do(engine, VS_ACTION_RECORD, guest)->record = record;
    vs_engine_do(engine, VS_ACTION_RECORDED, guest)->id = run->id;
    vs_qemu_log_clear(&log);
    vs_run_free(run);
}

void
vs_unseen_record(VsEngine *engine, VsGuest *guest, char *const *lines, int64_t since)
{
    const VsConnection *connection = vs_engine_connection_of(engine, guest);
    VsLoggedRun logged = {.begun = since};

    if (!lines || !connection || connection->unseen.who == VS_AWAY_NOBODY)
        return;
    while (vs_qemu_log_find_run(lines, &guest->domain, logged.begun, &logged))
        if (logged.ended < connection->unseen_until) /* else it is told of, as any other */
            record_run(engine, guest, lines, &logged);
}

void
vs_unseen_take(VsEngine *engine, const VsEvent *event)
{
    VsGuest *guest = vs_engine_get(engine, event->domain);

    if (guest)
        vs_unseen_record(engine, guest, event->past.lines, event->past.since);
}
