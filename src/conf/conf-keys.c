/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/conf-keys.h"

#include "conf/conf.h"
#include "core/policy.h"

#define DAEMON(member) offsetof(VsConf, member)
#define POLICY(member) offsetof(VsGuestPolicy, member)
#define GUEST(member)  offsetof(VsSection, member)

const VsConfKey vs_conf_daemon_keys[] = {
    {"Uris", VS_CONF_URIS, DAEMON(uris), ""},
    {"AgentCall", VS_CONF_EITHER, DAEMON(agent_command), "command",
     .words = {"command", "shutdown"}},
    {"Budget", VS_CONF_SPAN, DAEMON(policy.budget), "0"},
    {"MaxParallel", VS_CONF_NUMBER, DAEMON(policy.max_parallel), "0", .max = 100000},
    {"StartDelay", VS_CONF_SPAN, DAEMON(policy.start_delay), "0"},
    {"PersistentOnly", VS_CONF_BOOL, DAEMON(policy.persistent_only), "no"},
    {"BypassCache", VS_CONF_BOOL, DAEMON(policy.bypass_cache), "no"},
    {"SyncTime", VS_CONF_BOOL, DAEMON(policy.sync_time), "no"},
    {"HistoryMaxSize", VS_CONF_SIZE, DAEMON(history_size), "16M"},
    {"HistoryMaxFiles", VS_CONF_NUMBER, DAEMON(history_files), "4", .max = 1000},
    {NULL},
};

const VsConfKey vs_conf_policy_keys[] = {
    {"Ladder", VS_CONF_LADDER, POLICY(ladder), "", .bit = VS_POLICY_LADDER},
    {"Paused", VS_CONF_WORD, POLICY(paused), "resume",
     .words = {"resume", "save", "destroy", "leave"}, .bit = VS_POLICY_PAUSED},
    {"Asleep", VS_CONF_WORD, POLICY(asleep), "wake", .words = {"wake", "save", "destroy", "leave"},
     .bit = VS_POLICY_ASLEEP},
    {"Jobs", VS_CONF_WORD, POLICY(jobs), "wait", .words = {"wait", "abort", "leave"},
     .bit = VS_POLICY_JOBS},
    {"Retries", VS_CONF_NUMBER, POLICY(retries), "2", .max = 1000, .bit = VS_POLICY_RETRIES},
    {"ProgressGrace", VS_CONF_SPAN, POLICY(progress_grace), "1min",
     .bit = VS_POLICY_PROGRESS_GRACE},
    {"Priority", VS_CONF_NUMBER, POLICY(priority), "0", .min = -1000000, .max = 1000000,
     .bit = VS_POLICY_PRIORITY},
    {"OnBoot", VS_CONF_WORD, POLICY(on_boot), "start", .words = {"start", "ignore"},
     .bit = VS_POLICY_ON_BOOT},
    {"Restart", VS_CONF_WORD, POLICY(restart), "no", .words = {"no", "on-failure", "always"},
     .bit = VS_POLICY_RESTART},
    {"StartLimitBurst", VS_CONF_NUMBER, POLICY(start_limit_burst), "5", .max = 100000,
     .bit = VS_POLICY_START_LIMIT_BURST},
    {"StartLimitInterval", VS_CONF_SPAN, POLICY(start_limit_interval), "10min",
     .bit = VS_POLICY_START_LIMIT_INTERVAL},
    {"Owner", VS_CONF_WORD, POLICY(owner), "auto",
     .words = {"auto", "none", "pacemaker", "nova", "ovirt", "kubevirt", "cloudstack"},
     .bit = VS_POLICY_OWNER},
    {NULL},
};

const VsConfKey vs_conf_guest_keys[] = {
    {"Group", VS_CONF_GROUPS, GUEST(groups), ""},
    {"Before", VS_CONF_TARGETS, GUEST(before), ""},
    {"After", VS_CONF_TARGETS, GUEST(after), ""},
    {NULL},
};

/* As VS_CONF_WORD reads it. */
G_STATIC_ASSERT(sizeof(VsOnBoot) == sizeof(unsigned));
G_STATIC_ASSERT(VS_ON_BOOT_START == 0 && VS_ON_BOOT_IGNORE == 1);
G_STATIC_ASSERT(VS_PAUSED_RESUME == 0 && VS_PAUSED_LEAVE == 3);
G_STATIC_ASSERT(VS_ASLEEP_WAKE == 0 && VS_ASLEEP_LEAVE == 3);
G_STATIC_ASSERT(VS_JOBS_WAIT == 0 && VS_JOBS_LEAVE == 2);
G_STATIC_ASSERT(VS_OWNER_SAID_AUTO == 0 && VS_OWNER_SAID_NONE == 1);
G_STATIC_ASSERT(VS_OWNER_NONE == 0 && VS_OWNER_PACEMAKER == 1 && VS_OWNER_CLOUDSTACK == 5);
G_STATIC_ASSERT(VS_RESTART_NO == 0 && VS_RESTART_ALWAYS == 2);
