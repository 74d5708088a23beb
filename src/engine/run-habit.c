/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/run-habit.h"

#include "core/who-asked.h"
#include "util/span.h"

void
vs_run_habit_ask(VsEngine *engine, VsGuest *guest)
{
    VsRun *run = guest->run;

    if (engine->simulated || run->habit_asked || !vs_who_asked_by_habit(run))
        return;
    run->habit_asked = true;
    vs_engine_do(engine, VS_ACTION_ASK_HABIT, guest);
}

bool
vs_run_habit_is_awaited(const VsRun *run)
{
    return run->habit_asked && !run->habit_known;
}

void
vs_run_habit_take(VsEngine *engine, const VsEvent *event)
{
    VsGuest *guest = vs_engine_get(engine, event->domain);
    json_object *item, *took;

    if (!guest || !guest->run || !vs_run_habit_is_awaited(guest->run))
        return;
    guest->run->habit_known = true;
    guest->run->habit = event->habit;
    if (event->habit.n == 0)
        return;
    item = vs_evidence_new(engine->now.real, "habit");
    took = json_object_new_array();
    for (unsigned i = 0; i < event->habit.n; i++)
        json_object_array_add(took, json_object_new_int64(event->habit.took[i] / VS_USEC_PER_MSEC));
    vs_json_set_string(item, "event", "took before");
    vs_json_set(item, "ms", took);
    vs_run_witness(guest->run, item);
}
