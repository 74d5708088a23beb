/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/manager.h"

#include <sys/random.h>

#include "conf/conf-load.h"
#include "daemon/settings.h"
#include "daemon/distinct.h"
#include "daemon/manager-bus.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/span.h"
#include "work/timer.h"

/* How long the hooks that run as the daemon ends may take. */
#define FAREWELL (5 * VS_USEC_PER_SEC)

static bool
on_take_over(const VsEvent *event, GError **error, void *userdata)
{
    return vs_conduct(userdata, event, NULL, error);
}

static gboolean
on_timer(void *userdata)
{
    VsEvent event = {.type = VS_EVENT_TIMER};

    vs_conduct(userdata, &event, NULL, NULL);
    return G_SOURCE_CONTINUE;
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

VsManager *
vs_manager_new(VsScope scope, char **uris, GError **error)
{
    g_autoptr(VsManager) manager = g_new0(VsManager, 1);
    VsBusConfig bus_config = {0};

    manager->conf = vs_conf_load(scope, error);
    if (!manager->conf)
        return NULL;
    vs_policy_copy(&manager->policy, &manager->conf->policy);
    vs_settings_say_warnings(manager->conf);
    manager->uris_given = uris != NULL;
    manager->uris_asked = g_strdupv(uris ? uris : manager->conf->uris);
    manager->uris = vs_distinct_uris(manager->uris_asked);
    manager->state_directory = vs_scope_directory(scope, VS_SCOPE_STATE);
    manager->hooks = vs_hook_runner_new(vs_conduct_event, manager);
    manager->habits = vs_habits_new(manager->state_directory, vs_conduct_event, manager);
    manager->candidates = vs_candidates_new(NULL, vs_conduct_event, manager);
    manager->recorder = vs_recorder_open(manager->conf, vs_conduct_event, manager, error);
    if (!manager->recorder || !make_engine(manager, error))
        return NULL;

    bus_config.scope = scope;
    bus_config.uris = (const char *const *)manager->uris;
    manager->bus = vs_bus_new(&bus_config, manager->engine, &vs_manager_bus_ops, manager);
    vs_settings_tell(manager);
    manager->virt = vs_virt_new((const char *const *)manager->uris,
                                vs_settings_agent_call(manager->conf), vs_conduct_event, manager);
    manager->host_ends = vs_host_ends_new(vs_conduct_event, manager);
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
        vs_engine_watch(manager->engine, *uri, vs_conduct_now());
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

    vs_conduct(manager, &event, NULL, NULL);
}
