/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/conduct.h"

#include "bus/tell.h"
#include "daemon/log.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"

VsTime
vs_conduct_now(void)
{
    return (VsTime){.mono = g_get_monotonic_time(), .real = g_get_real_time()};
}

static void
record(VsManager *manager, const VsAction *action)
{
    g_autofree char *line = vs_recorder_record(manager->recorder, action);
    g_autofree char *name = vs_text_quoted(action->domain.name);

    g_hash_table_insert(manager->untold, g_strdup(action->record->id.text), g_steal_pointer(&line));
    if (vs_log_is_journal())
        return; /* which gets the record itself */
    vs_log(LOG_INFO, _("%s stopped: %s (%s)"), name, vs_cause_name(action->record->verdict.cause),
           vs_confidence_name(action->record->verdict.confidence));
}

static void
tell_record(VsManager *manager, const VsAction *action)
{
    const char *line = g_hash_table_lookup(manager->untold, action->id.text);
    g_autoptr(json_object) record = line ? vs_json_parse_object(line, NULL) : NULL;

    if (!line)
        return;
    vs_bus_tell_record(manager->bus,
                       vs_json_string(vs_json_object(record, "request"), "stop", NULL), line);
    g_hash_table_remove(manager->untold, action->id.text);
}

/* What tells of a record has it with it. */
static void
run_hooks(VsManager *manager, const VsAction *action)
{
    const char *record = g_hash_table_lookup(manager->untold, action->id.text);

    vs_hook_runner_run(manager->hooks, action, record);
}

static void
carry_out(VsManager *manager, VsAction *action)
{
    switch (action->type) {
    case VS_ACTION_LIST:
    case VS_ACTION_LOOK_UP:
    case VS_ACTION_FIND:
    case VS_ACTION_DESCRIBE:
    case VS_ACTION_ASK_JOB:
    case VS_ACTION_ASK_STATS:
    case VS_ACTION_CALL:
    case VS_ACTION_WITHDRAW:
    case VS_ACTION_WATCH:
    case VS_ACTION_READ_LOG:
    case VS_ACTION_READ_PAST:
        vs_virt_carry_out(manager->virt, action);
        break;
    case VS_ACTION_ASK_HABIT:
        vs_habits_ask(manager->habits, action);
        break;
    case VS_ACTION_ASK_CANDIDATES:
        vs_candidates_ask(manager->candidates, action);
        break;
    case VS_ACTION_SAVE:
        vs_recorder_save(manager->recorder, action);
        break;
    case VS_ACTION_FORGET:
        vs_recorder_forget(manager->recorder, action);
        break;
    case VS_ACTION_RECORD:
        record(manager, action);
        break;
    case VS_ACTION_RECORDED:
        tell_record(manager, action);
        break;
    case VS_ACTION_HOOK:
        run_hooks(manager, action);
        break;
    case VS_ACTION_KEEP_HOST_STOPS:
        vs_recorder_keep_host_stops(manager->recorder, action);
        break;
    case VS_ACTION_KEEP_NOTED:
        vs_recorder_keep_noted(manager->recorder, action);
        break;
    case VS_ACTION_ASK_BOOT:
        vs_host_ends_ask(manager->host_ends, action);
        break;
    case VS_ACTION_RECOVER:
        vs_recorder_recover(manager->recorder, action);
        break;
    case VS_ACTION_LOG_REQUEST:
        vs_recorder_log_request(manager->recorder, action);
        break;
    case VS_ACTION_NOTE:
        vs_log(action->level, "%s", action->text);
        break;
    default:
        vs_bus_tell(manager->bus, action);
        break;
    }
}

/* The id of the stop that a request made, joined, or found to be over already. */
static void
find_stop(VsManager *manager, const VsEvent *event, const VsActions *actions, VsUuid *ret)
{
    const VsGuest *guest;

    for (unsigned i = 0; i < actions->len; i++) {
        const VsAction *action = actions->pdata[i];

        if ((action->type == VS_ACTION_STOP_ADDED || action->type == VS_ACTION_STOP_FINISHED) &&
            vs_domain_id_equal(&action->domain, event->domain)) {
            *ret = action->stop;
            return;
        }
    }
    guest = vs_engine_find(manager->engine, event->domain->uri, event->domain->uuid.text);
    if (guest && guest->stop)
        *ret = guest->stop->id;
}

static void
arm_timer(VsManager *manager)
{
    int64_t next = vs_engine_next_timer(manager->engine);

    g_source_set_ready_time(manager->timer, next == VS_USEC_INFINITY ? -1 : next);
}

bool
vs_conduct(VsManager *manager, const VsEvent *event, VsUuid *ret_stop, GError **error)
{
    g_autoptr(GPtrArray) actions = vs_actions_new();
    bool ok = vs_engine_step(manager->engine, event, vs_conduct_now(), actions, error);

    if (ok && ret_stop && event->domain)
        find_stop(manager, event, actions, ret_stop);
    for (unsigned i = 0; i < actions->len; i++)
        carry_out(manager, actions->pdata[i]);
    if (event->type == VS_EVENT_CONNECTION)
        vs_bus_tell_connections(manager->bus);
    vs_bus_tell_host_stops(manager->bus);
    vs_serving_look(manager->serving, event);
    arm_timer(manager);
    return ok;
}

/* From libvirt, and from the disk. */
void
vs_conduct_event(const VsEvent *event, void *userdata)
{
    vs_conduct(userdata, event, NULL, NULL);
}
