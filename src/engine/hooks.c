/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/hooks.h"

#include "engine/stop-text.h"
#include "util/span.h"
#include "util/wallclock.h"

#define HOOK_SCHEMA 1

/* How long they wait until what is kept says that they ran. */
#define INTENT_SPAN (2 * VS_USEC_PER_SEC)

/* Who runs them kills them in time, and says so: only then nobody waits for that any more. */
#define ANSWER_SPAN (1 * VS_USEC_PER_SEC)

static bool
are_run(const VsEngine *engine)
{
    return engine->has_hooks && engine->policy.hook_timeout > 0;
}

/* In a plan they take their time, and nobody is told of anything. */
static bool
are_told(const VsEngine *engine)
{
    return are_run(engine) && !engine->simulated;
}

static json_object *
guest_json(const VsGuest *guest)
{
    json_object *object = json_object_new_object();

    vs_json_set_string(object, "uri", guest->domain.uri);
    vs_json_set_string(object, "name", guest->domain.name);
    vs_json_set_string(object, "uuid", guest->domain.uuid.text);
    vs_json_set_int(object, "id", guest->domain.id);
    return object;
}

static json_object *
stop_json(const VsStop *stop)
{
    g_autofree char *ladder = vs_ladder_format(&stop->ladder);
    json_object *object = vs_stop_request(stop, stop->outcome);

    vs_json_set_string(object, "ladder", ladder);
    if (vs_stop_is_of_host_stop(stop))
        vs_json_set_string(object, "host_stop", stop->host_stop.text);
    return object;
}

/* What they read. The caller may add to it. */
static json_object *
to_json(const VsEngine *engine, const VsGuest *guest, VsHook hook)
{
    json_object *object = json_object_new_object();
    g_autofree char *time = vs_wallclock_format(engine->now.real);

    vs_json_set_int(object, "schema", HOOK_SCHEMA);
    vs_json_set_string(object, "event", vs_hook_name(hook));
    vs_json_set_string(object, "time", time);
    vs_json_set_bool(object, "host_shutdown", engine->host_shutdown);
    vs_json_set(object, "guest", guest_json(guest));
    vs_json_set(object, "stop", guest->stop ? stop_json(guest->stop) : NULL);
    return object;
}

static VsAction *
tell(VsEngine *engine, const VsGuest *guest, VsHook hook, json_object *text)
{
    VsAction *action = vs_engine_do(engine, VS_ACTION_HOOK, guest);

    action->hook = hook;
    action->span = engine->policy.hook_timeout;
    action->text = g_strdup(vs_json_line(text));
    if (guest->stop)
        action->stop = guest->stop->id;
    json_object_put(text);
    return action;
}

static void
witness(VsEngine *engine, VsGuest *guest, VsHook hook, const char *program, const char *why)
{
    json_object *item = vs_evidence_new(engine->now.real, "hook");

    vs_json_set_string(item, "event", vs_hook_name(hook));
    if (program)
        vs_json_set_string(item, "program", program);
    vs_json_set_string(item, "result", why);
    vs_run_witness(guest->run, item);
    vs_engine_unsaved(engine, guest);
}

bool
vs_hooks_are_wanted(const VsEngine *engine, const VsStop *stop)
{
    return are_run(engine) && stop->preparation == VS_PREPARATION_NONE && stop->taken->len == 0;
}

void
vs_hooks_begin(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;

    vs_stop_set_phase(stop, VS_PHASE_PREPARING, engine->now);
    stop->preparation = VS_PREPARATION_INTENT;
    stop->prepared_by = engine->serial;
    stop->deadline = vs_later(engine->now.mono, INTENT_SPAN);
    vs_engine_stop_changed(engine, guest);
}

void
vs_hooks_run(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;

    engine->states_hang |= !engine->simulated && guest->kept.answered < stop->prepared_by;
    stop->preparation = VS_PREPARATION_RUNNING;
    stop->deadline = vs_later(vs_later(engine->now.mono, engine->policy.hook_timeout), ANSWER_SPAN);
    if (are_told(engine))
        tell(engine, guest, VS_HOOK_STOP_REQUESTED, to_json(engine, guest, VS_HOOK_STOP_REQUESTED));
    vs_engine_stop_changed(engine, guest);
}

void
vs_hooks_end(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;

    if (stop->preparation == VS_PREPARATION_RUNNING)
        witness(engine, guest, VS_HOOK_STOP_REQUESTED, NULL, "not waited for any longer");
    vs_stop_set_phase(stop, VS_PHASE_WAITING, engine->now);
    vs_engine_stop_changed(engine, guest);
}

int64_t
vs_hooks_due_at(const VsEngine *engine, const VsGuest *guest)
{
    const VsStop *stop = guest->stop;
    bool is_kept =
        guest->kept.answered >= stop->prepared_by || engine->states_hang || engine->simulated;

    if (stop->preparation == VS_PREPARATION_OVER ||
        (stop->preparation == VS_PREPARATION_INTENT && is_kept))
        return 0;
    return stop->deadline;
}

void
vs_hooks_lost(VsEngine *engine, VsGuest *guest)
{
    witness(engine, guest, VS_HOOK_STOP_REQUESTED, NULL, "not known: virtstopd was restarted");
    vs_stop_set_phase(guest->stop, VS_PHASE_WAITING, engine->now);
}

void
vs_hooks_step(VsEngine *engine, VsGuest *guest, int64_t span)
{
    json_object *step, *text;

    if (!are_told(engine))
        return;
    step = json_object_new_object();
    vs_json_set_string(step, "method", vs_method_name(vs_stop_step(guest->stop)->method));
    vs_json_set_int(step, "index", guest->stop->step);
    vs_json_set_int(step, "span_ms", span / 1000);
    text = to_json(engine, guest, VS_HOOK_STEP);
    vs_json_set(text, "step", step);
    tell(engine, guest, VS_HOOK_STEP, text);
}

/* Not by somebody else who was quicker, and not by itself. */
static bool
was_forced_by_us(const VsGuest *guest)
{
    return guest->stop && guest->stop->outcome == VS_OUTCOME_FORCED &&
           (guest->run->destroy_called || guest->run->terminated);
}

void
vs_hooks_ended(VsEngine *engine, VsGuest *guest)
{
    if (!are_told(engine))
        return;
    if (was_forced_by_us(guest))
        tell(engine, guest, VS_HOOK_FORCED, to_json(engine, guest, VS_HOOK_FORCED))->id =
            guest->run->id;
    tell(engine, guest, VS_HOOK_STOPPED, to_json(engine, guest, VS_HOOK_STOPPED))->id =
        guest->run->id;
}

void
vs_hooks_past(VsEngine *engine, const VsDomainId *domain, VsUuid id)
{
    VsGuest past = {.domain = *domain};

    if (are_told(engine))
        tell(engine, &past, VS_HOOK_STOPPED, to_json(engine, &past, VS_HOOK_STOPPED))->id = id;
}

/* What they come to behind the record is too late for it. */
void
vs_hooks_take(VsEngine *engine, const VsEvent *event)
{
    VsGuest *guest = vs_engine_get(engine, event->domain);
    VsStop *stop = guest ? guest->stop : NULL;

    if (!stop || !guest->run || !g_str_equal(stop->id.text, event->hooked.stop.text) ||
        event->hooked.hook >= VS_HOOK_FORCED)
        return;
    for (unsigned i = 0; guest->run->phase < VS_RUN_RECORDING && i < event->hooked.n_failures; i++)
        witness(engine, guest, event->hooked.hook, event->hooked.failures[i].program,
                event->hooked.failures[i].why);
    if (event->hooked.hook == VS_HOOK_STOP_REQUESTED && stop->preparation == VS_PREPARATION_RUNNING)
        stop->preparation = VS_PREPARATION_OVER;
}
