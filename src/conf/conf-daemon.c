/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/conf-daemon.h"

#include "conf/conf.h"

#define DAEMON(member) offsetof(VsConf, member)

const VsConfKey vs_conf_daemon_keys[] = {
    {"Uris", VS_CONF_URIS, DAEMON(uris), ""},
    {"AgentCall", VS_CONF_EITHER, DAEMON(agent_command), "command",
     .words = {"command", "shutdown"}},
    {"Budget", VS_CONF_SPAN, DAEMON(policy.budget), ""},
    {"MaxParallel", VS_CONF_NUMBER, DAEMON(policy.max_parallel), "0", .max = 100000},
    {"StartDelay", VS_CONF_SPAN, DAEMON(policy.start_delay), "0"},
    {"PersistentOnly", VS_CONF_BOOL, DAEMON(policy.persistent_only), "no"},
    {"BypassCache", VS_CONF_BOOL, DAEMON(policy.bypass_cache), "no"},
    {"SyncTime", VS_CONF_BOOL, DAEMON(policy.sync_time), "no"},
    {"HookTimeout", VS_CONF_SPAN, DAEMON(policy.hook_timeout), "10s"},
    {"HistoryMaxSize", VS_CONF_SIZE, DAEMON(history_size), "16M"},
    {"HistoryMaxFiles", VS_CONF_NUMBER, DAEMON(history_files), "4", .max = 1000},
    {NULL},
};
