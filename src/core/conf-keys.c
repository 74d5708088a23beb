/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/conf-keys.h"

#define POLICY(member) offsetof(VsGuestPolicy, member)
#define GUEST(member)  offsetof(VsSection, member)

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
    {"StartDelay", VS_CONF_SPAN, POLICY(start_delay), "", .bit = VS_POLICY_START_DELAY},
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
G_STATIC_ASSERT(VS_START_DELAY_UNSAID == VS_CONF_SPAN_UNSAID);
G_STATIC_ASSERT(VS_RESTART_NO == 0 && VS_RESTART_ALWAYS == 2);

const VsConfKey *
vs_conf_key_find(const char *name)
{
    const VsConfKey *key = vs_conf_type_find(vs_conf_guest_keys, name);

    return key ? key : vs_conf_type_find(vs_conf_policy_keys, name);
}

bool
vs_conf_key_set(const VsConfKey *key, VsSection *section, const char *value, GError **error)
{
    if (key->bit == 0)
        return vs_conf_type_set(key, section, value, error);
    if (!*value) {
        section->says &= ~key->bit;
        return true;
    }
    if (!vs_conf_type_set(key, &section->policy, value, error))
        return false;
    section->says |= key->bit;
    return true;
}

bool
vs_conf_key_is_said(const VsConfKey *key, const VsSection *section)
{
    return key->bit != 0 ? section->says & key->bit : *vs_conf_type_list(key, section) != NULL;
}

char *
vs_conf_key_print(const VsConfKey *key, const VsSection *section)
{
    return vs_conf_type_print(key, key->bit != 0 ? (const void *)&section->policy : section);
}
