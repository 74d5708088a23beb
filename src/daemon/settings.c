/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/settings.h"

#include "bus/tell.h"
#include "conf/conf-format.h"
#include "conf/conf-load.h"
#include "core/driver.h"
#include "daemon/log.h"
#include "util/i18n.h"

void
vs_settings_say_warnings(const VsConf *conf)
{
    for (unsigned i = 0; i < conf->warnings->len; i++)
        vs_log(LOG_WARNING, "%s", (const char *)conf->warnings->pdata[i]);
}

VsAgentCall
vs_settings_agent_call(const VsConf *conf)
{
    return conf->agent_command ? VS_AGENT_CALL_COMMAND : VS_AGENT_CALL_SHUTDOWN;
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

void
vs_settings_tell(VsManager *manager)
{
    tell_policy(manager);
    tell_config(manager);
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
vs_settings_reload(VsManager *manager, GError **error)
{
    g_autoptr(GError) why = NULL;
    VsConf *conf = vs_conf_load(manager->conf->scope, &why);

    vs_bus_tell_config_error(manager->bus, why ? why->message : NULL);
    if (!conf) {
        g_propagate_error(error, g_steal_pointer(&why));
        return false;
    }
    vs_settings_say_warnings(conf);
    say_uris_stay(manager, conf);
    vs_policy_clear(&manager->policy);
    vs_policy_copy(&manager->policy, &conf->policy);
    vs_engine_set_policy(manager->engine, &manager->policy);
    vs_engine_set_hooks(manager->engine, vs_hook_runner_find(manager->hooks, manager->conf->scope));
    vs_virt_set_agent_call(manager->virt, vs_settings_agent_call(conf));
    vs_conf_free(manager->conf);
    manager->conf = conf;
    vs_settings_tell(manager);
    vs_log(LOG_INFO, _("The configuration is read again"));
    return true;
}
