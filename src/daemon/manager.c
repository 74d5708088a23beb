/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/manager.h"

#include <sys/random.h>

#include "bus/bus.h"
#include "bus/tell.h"
#include "core/driver.h"
#include "conf/conf-format.h"
#include "conf/conf-load.h"
#include "core/origin.h"
#include "engine/engine.h"
#include "daemon/answers.h"
#include "daemon/candidates.h"
#include "daemon/distinct.h"
#include "daemon/habits.h"
#include "daemon/hook-runner.h"
#include "daemon/host-end.h"
#include "daemon/labelling.h"
#include "daemon/log.h"
#include "daemon/recorder.h"
#include "daemon/serving.h"
#include "daemon/view.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"
#include "virt/cluster.h"
#include "virt/virt.h"
#include "work/timer.h"

/* How long the hooks that run as the daemon ends may take. */
#define FAREWELL (5 * VS_USEC_PER_SEC)

struct VsManager {
    VsConf *conf;
    VsPolicy policy;   /* of that, with an index */
    char **uris;       /* each reaches another libvirt */
    char **uris_asked; /* as they were configured when this began */
    bool uris_given;
    char *state_directory;
    VsEngine *engine;
    VsRecorder *recorder;
    VsHostEnds *host_ends;
    VsHookRunner *hooks;
    VsHabits *habits;
    VsCandidates *candidates;
    VsVirt *virt;
    VsBus *bus;
    GSource *timer;     /* the engine's */
    GHashTable *untold; /* records' ids -> their lines, until they are on disk */
    VsServing *serving;
};

static VsTime
time_now(void)
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

static bool
step(VsManager *manager, const VsEvent *event, VsUuid *ret_stop, GError **error)
{
    g_autoptr(GPtrArray) actions = vs_actions_new();
    bool ok = vs_engine_step(manager->engine, event, time_now(), actions, error);

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
static void
on_event(const VsEvent *event, void *userdata)
{
    step(userdata, event, NULL, NULL);
}

static bool
on_take_over(const VsEvent *event, GError **error, void *userdata)
{
    return step(userdata, event, NULL, error);
}

static gboolean
on_timer(void *userdata)
{
    VsEvent event = {.type = VS_EVENT_TIMER};

    step(userdata, &event, NULL, NULL);
    return G_SOURCE_CONTINUE;
}

/* The keys of those that are resources of a cluster now; NULL-terminated. */
static GPtrArray *
list_cluster(const VsManager *manager)
{
    g_autoptr(GPtrArray) guests = vs_engine_guests(manager->engine);
    GPtrArray *keys = g_ptr_array_new_with_free_func(g_free);

    for (unsigned i = 0; i < guests->len; i++) {
        const VsDomainId *domain = &((const VsGuest *)guests->pdata[i])->domain;

        if (vs_cluster_has(domain))
            g_ptr_array_add(keys, vs_domain_key(domain->uri, domain->uuid.text));
    }
    g_ptr_array_add(keys, NULL);
    return keys;
}

static bool
bus_request(const VsEvent *event, VsUuid *ret_stop, GError **error, void *userdata)
{
    g_autoptr(GPtrArray) in_cluster = NULL;
    VsManager *manager = userdata;
    VsEvent with_cluster = *event;

    if (event->type == VS_EVENT_STOP_ALL && event->stop_all.early) {
        in_cluster = list_cluster(manager);
        with_cluster.stop_all.in_cluster = (const char *const *)in_cluster->pdata;
    }
    return step(manager, &with_cluster, ret_stop, error);
}

static bool
bus_reload(GError **error, void *userdata)
{
    return vs_manager_reload(userdata, error);
}

static bool
bus_restore(const char *host_stop, GError **error, void *userdata)
{
    VsEvent event = {.type = VS_EVENT_RESTORE, .host_stop = host_stop};

    return step(userdata, &event, NULL, error);
}

static void *
bus_view(bool guests, void *userdata)
{
    VsManager *manager = userdata;

    return vs_view_new(manager->conf->scope, manager->state_directory, manager->engine,
                       &manager->policy, vs_hook_runner_paths(manager->hooks), guests);
}

static int
bus_unwritten(int (*tell)(const char *what, unsigned n, const char *why, void *to), void *to,
              void *userdata)
{
    VsManager *manager = userdata;

    return vs_recorder_unwritten(manager->recorder, tell, to);
}

static void
bus_read_labels(const VsDomainId *domain, bool trusted, VsBusLabelled answer, void *to,
                void *userdata)
{
    VsManager *manager = userdata;

    VsLabelling labelling = {on_event, manager, answer, to};

    vs_labelling_read(manager->virt, domain, trusted, &labelling);
}

static void
bus_set_policy(const VsDomainId *domain, char *const *changes, bool replace, VsBusLabelled answer,
               void *to, void *userdata)
{
    VsManager *manager = userdata;

    VsLabelling labelling = {on_event, manager, answer, to};

    vs_labelling_write(manager->virt, domain, changes, replace, &labelling);
}

static GPtrArray *
bus_explain(const VsDomainId *domain, const VsLabels *labels, void *userdata)
{
    VsManager *manager = userdata;

    return vs_policy_explain(&manager->policy, domain, labels);
}

static const VsBusOps bus_ops = {
    .unwritten = bus_unwritten,
    .request = bus_request,
    .reload = bus_reload,
    .restore = bus_restore,
    .read_labels = bus_read_labels,
    .set_policy = bus_set_policy,
    .explain = bus_explain,
    .view = bus_view,
    .view_free = vs_answers_view_free,
    .history = vs_answers_history,
    .records = vs_answers_records,
    .plan = vs_answers_plan,
    .check = vs_answers_check,
};

static void
say_warnings(const VsConf *conf)
{
    for (unsigned i = 0; i < conf->warnings->len; i++)
        vs_log(LOG_WARNING, "%s", (const char *)conf->warnings->pdata[i]);
}

static VsAgentCall
agent_call(const VsConf *conf)
{
    return conf->agent_command ? VS_AGENT_CALL_COMMAND : VS_AGENT_CALL_SHUTDOWN;
}

static bool
make_engine(VsManager *manager, GError **error)
{
    uint8_t seed[16];

    if (getrandom(seed, sizeof(seed), 0) != sizeof(seed)) {
        g_set_error(error, VS_ERROR, VS_ERROR_FAILED, _("The kernel gives no random bytes"));
        return false;
    }
    manager->engine = vs_engine_new(seed, &manager->policy);
    vs_engine_set_hooks(manager->engine, vs_hook_runner_find(manager->hooks, manager->conf->scope));
    return true;
}

static void
tell_config(VsManager *manager)
{
    g_autofree char *text = vs_conf_format(manager->conf);

    vs_bus_tell_config(manager->bus, text);
}

static void
tell_policy(VsManager *manager)
{
    VsLadder all = manager->conf->policy.all.ladder;
    g_autofree char *ladder = NULL;

    if (all.n_steps == 0)
        vs_driver_ladder(vs_driver_of(*manager->uris ? *manager->uris : ""), &all);
    ladder = vs_ladder_format(&all);

    vs_bus_tell_policy(manager->bus, ladder);
}

VsManager *
vs_manager_new(VsScope scope, char **uris, GError **error)
{
    g_autoptr(VsManager) manager = g_new0(VsManager, 1);
    VsBusConfig bus_config = {0};

    manager->conf = vs_conf_load(scope, error);
    if (!manager->conf)
        return NULL;
    vs_policy_copy(&manager->policy, &manager->conf->policy);
    say_warnings(manager->conf);
    manager->uris_given = uris != NULL;
    manager->uris_asked = g_strdupv(uris ? uris : manager->conf->uris);
    manager->uris = vs_distinct_uris(manager->uris_asked);
    manager->state_directory = vs_scope_directory(scope, VS_SCOPE_STATE);
    manager->hooks = vs_hook_runner_new(on_event, manager);
    manager->habits = vs_habits_new(manager->state_directory, on_event, manager);
    manager->candidates = vs_candidates_new(NULL, on_event, manager);
    manager->recorder = vs_recorder_open(manager->conf, on_event, manager, error);
    if (!manager->recorder || !make_engine(manager, error))
        return NULL;

    bus_config.scope = scope;
    bus_config.uris = (const char *const *)manager->uris;
    manager->bus = vs_bus_new(&bus_config, manager->engine, &bus_ops, manager);
    tell_policy(manager);
    tell_config(manager);
    manager->virt = vs_virt_new((const char *const *)manager->uris, agent_call(manager->conf),
                                on_event, manager);
    manager->host_ends = vs_host_ends_new(on_event, manager);
    manager->timer = vs_timer_new(on_timer, manager);
    manager->serving = vs_serving_new(manager->bus, manager->engine, manager->recorder,
                                      (const char *const *)manager->uris);
    manager->untold = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return g_steal_pointer(&manager);
}

void
vs_manager_free(VsManager *manager)
{
    if (manager->timer) {
        vs_hook_runner_drain(manager->hooks, FAREWELL);
        g_source_destroy(manager->timer);
        g_source_unref(manager->timer);
    }
    g_clear_pointer(&manager->serving, vs_serving_free);
    g_clear_pointer(&manager->untold, g_hash_table_unref);
    g_clear_pointer(&manager->virt, vs_virt_free);
    g_clear_pointer(&manager->bus, vs_bus_free);
    g_clear_pointer(&manager->host_ends, vs_host_ends_free);
    g_clear_pointer(&manager->candidates, vs_candidates_free);
    g_clear_pointer(&manager->habits, vs_habits_free);
    g_clear_pointer(&manager->recorder, vs_recorder_free);
    g_clear_pointer(&manager->hooks, vs_hook_runner_free);
    g_clear_pointer(&manager->engine, vs_engine_free);
    vs_policy_clear(&manager->policy);
    g_clear_pointer(&manager->conf, vs_conf_free);
    g_free(manager->state_directory);
    g_strfreev(manager->uris);
    g_strfreev(manager->uris_asked);
    g_free(manager);
}

/* What a daemon before us left: the guests' runs and stops, and what it was starting again. */
static void
take_over(VsManager *manager)
{
    for (char **uri = manager->uris; *uri; uri++)
        vs_engine_watch(manager->engine, *uri, time_now());
    vs_recorder_take_over(manager->recorder, on_take_over, manager);
}

void
vs_manager_start(VsManager *manager)
{
    g_source_attach(manager->timer, NULL);
    take_over(manager);
    vs_serving_begin(manager->serving);
    vs_virt_start(manager->virt);
}

void
vs_manager_say_farewell(VsManager *manager)
{
    VsEvent event = {.type = VS_EVENT_FAREWELL};

    step(manager, &event, NULL, NULL);
}

/* Connections are made when the daemon starts. */
static void
say_uris_stay(VsManager *manager, const VsConf *conf)
{
    if (!manager->uris_given &&
        !g_strv_equal((const char *const *)manager->uris_asked, (const char *const *)conf->uris))
        vs_log(LOG_WARNING, _("Uris= changed; that takes effect when virtstopd is restarted"));
}

bool
vs_manager_reload(VsManager *manager, GError **error)
{
    g_autoptr(GError) why = NULL;
    VsConf *conf = vs_conf_load(manager->conf->scope, &why);

    vs_bus_tell_config_error(manager->bus, why ? why->message : NULL);
    if (!conf) {
        g_propagate_error(error, g_steal_pointer(&why));
        return false;
    }
    say_warnings(conf);
    say_uris_stay(manager, conf);
    vs_policy_clear(&manager->policy);
    vs_policy_copy(&manager->policy, &conf->policy);
    vs_engine_set_policy(manager->engine, &manager->policy);
    vs_engine_set_hooks(manager->engine, vs_hook_runner_find(manager->hooks, manager->conf->scope));
    vs_virt_set_agent_call(manager->virt, agent_call(conf));
    vs_conf_free(manager->conf);
    manager->conf = conf;
    tell_policy(manager);
    tell_config(manager);
    vs_log(LOG_INFO, _("The configuration is read again"));
    return true;
}
