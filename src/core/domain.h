/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include "core/owner.h"
#include "util/uuid.h"

/* A domain as libvirt tells of it. The numbers are libvirt's own, stable in its ABI; src/virt
 * asserts that they are the same, so that core needs no libvirt header. */

typedef enum VsDomainState {
    VS_STATE_NOSTATE,
    VS_STATE_RUNNING,
    VS_STATE_BLOCKED,
    VS_STATE_PAUSED,
    VS_STATE_SHUTDOWN, /* being shut down */
    VS_STATE_SHUTOFF,
    VS_STATE_CRASHED,
    VS_STATE_PMSUSPENDED,
    VS_STATE_GONE, /* not libvirt's: there is no such domain any more */
} VsDomainState;

/* The reasons of VS_STATE_PAUSED. */
typedef enum VsPausedReason {
    VS_PAUSED_UNKNOWN,
    VS_PAUSED_BY_USER,
    VS_PAUSED_MIGRATION,
    VS_PAUSED_TO_SAVE,
    VS_PAUSED_DUMP,
    VS_PAUSED_IOERROR,
    VS_PAUSED_WATCHDOG,
    VS_PAUSED_FROM_SNAPSHOT,
    VS_PAUSED_SHUTTING_DOWN,
    VS_PAUSED_SNAPSHOT,
    VS_PAUSED_CRASHED,
    VS_PAUSED_STARTING_UP,
    VS_PAUSED_POSTCOPY,
    VS_PAUSED_POSTCOPY_FAILED,
} VsPausedReason;

/* The reasons of VS_STATE_SHUTOFF. */
typedef enum VsShutoffReason {
    VS_SHUTOFF_UNKNOWN,
    VS_SHUTOFF_SHUTDOWN,
    VS_SHUTOFF_DESTROYED,
    VS_SHUTOFF_CRASHED,
    VS_SHUTOFF_MIGRATED,
    VS_SHUTOFF_SAVED,
    VS_SHUTOFF_FAILED,
    VS_SHUTOFF_FROM_SNAPSHOT,
    VS_SHUTOFF_DAEMON,
} VsShutoffReason;

typedef enum VsAgentState {
    VS_AGENT_UNKNOWN,
    VS_AGENT_NONE, /* no agent channel in the domain's XML */
    VS_AGENT_DISCONNECTED,
    VS_AGENT_CONNECTED, /* the port is open; more is not known */
} VsAgentState;

/* What libvirt makes of a guest that powered itself off. */
typedef enum VsOnPoweroff {
    VS_ON_POWEROFF_UNKNOWN,
    VS_ON_POWEROFF_DESTROY,
    VS_ON_POWEROFF_RESTART,
    VS_ON_POWEROFF_PRESERVE,
    VS_ON_POWEROFF_RENAME_RESTART,
} VsOnPoweroff;

/* Whether that may be a libvirt URI: DRIVER[+TRANSPORT]://REST, on one line, of what can be seen.
 * The rest is libvirt's to judge. */
bool vs_domain_uri_looks_right(const char *uri);

/* Whether that libvirt runs on this host. */
bool vs_domain_uri_is_local(const char *uri);

const char *vs_domain_state_name(VsDomainState state); /* "running", "shut off", ... */
const char *vs_agent_state_name(VsAgentState state);   /* "connected", ... */
VsAgentState vs_agent_state_parse(const char *name);   /* VS_AGENT_UNKNOWN: no such name */

/* "destroy", "restart", ...; "": unknown. */
const char *vs_on_poweroff_name(VsOnPoweroff action);
VsOnPoweroff vs_on_poweroff_parse(const char *name);

/* Whether a guest in that state has a hypervisor process. */
bool vs_domain_state_is_active(VsDomainState state);

/* Who a domain is. (uri, uuid) is the key; the name can change, the id is new with each start. */
typedef struct VsDomainId {
    char *uri;
    VsUuid uuid;
    char *name;
    int id; /* -1 where it doesn't run */
} VsDomainId;

void vs_domain_id_copy(VsDomainId *to, const VsDomainId *from);
void vs_domain_id_clear(VsDomainId *domain);

/* Whether it is the same domain, under whatever name. */
bool vs_domain_id_equal(const VsDomainId *one, const VsDomainId *other);

/* (uri, uuid) in one string, for a hash table; the caller owns it. */
char *vs_domain_key(const char *uri, const char *uuid);

/* What of an active domain only its XML tells, for which libvirt may have to wait for the guest.
 * All zeros: not known. */
typedef struct VsDescription {
    VsAgentState agent;
    bool no_acpi; /* known to have none, so that no power button reaches it */
    VsOnPoweroff on_poweroff;
    VsOwner owner;      /* as far as it was found, see there */
    bool stays_crashed; /* known to be left as it is by libvirt when it panicked: on_crash=preserve
                         */
    bool halt_shows; /* of x86, and known to have no KVM: a system that only idles takes some time,
                        one that halted none */
} VsDescription;

/* What a list or a look-up says of one domain: nothing that libvirt may have to ask the guest for.
 */
typedef struct VsDomainInfo {
    VsDomainId domain;
    VsDomainState state;
    int reason;
    bool persistent;
    bool described; /* there is nothing to be asked for: this is the description, as its driver has
                       it for all its domains */
    VsDescription description;
} VsDomainInfo;

void vs_domain_info_clear(VsDomainInfo *info);
