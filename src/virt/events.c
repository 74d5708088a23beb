/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "virt/events.h"

#include <libvirt/libvirt-qemu.h>
#include <libvirt/virterror.h>
#include <string.h>

#include "core/event.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/span.h"

/* Those that say something of a guest's end, or that there is none. */
static const char *const qmp_events[] = {
    "SHUTDOWN",
    "POWERDOWN",
    "RESET",
    "STOP",
    "RESUME",
    "GUEST_PANICKED",
    "GUEST_CRASHLOADED",
    "WATCHDOG",
    "SUSPEND",
    "SUSPEND_DISK",
    "WAKEUP",
    "MIGRATION",
    "MIGRATION_PASS",
    "VSERPORT_CHANGE",
    "DUMP_COMPLETED",
    "BLOCK_IO_ERROR",
    NULL,
};

/* Local calls, all of them: a call of libvirtd in a callback would hold up every other event. */
static void
tell(VsInbox *inbox, virDomainPtr domain, VsEvent *event)
{
    VsDomainId id = {
        .uri = (char *)vs_inbox_uri(inbox),
        .name = (char *)virDomainGetName(domain),
        .id = (int)virDomainGetID(domain),
    };

    if (!id.name || virDomainGetUUIDString(domain, id.uuid.text) < 0)
        return;
    event->domain = &id;
    vs_inbox_tell(inbox, event);
}

static int
on_lifecycle(virConnectPtr connection, virDomainPtr domain, int type, int detail, void *inbox)
{
    VsEvent event = {
        .type = VS_EVENT_LIFECYCLE,
        .lifecycle = {.type = type, .detail = detail},
    };

    tell(inbox, domain, &event);
    return 0;
}

static void
on_reboot(virConnectPtr connection, virDomainPtr domain, void *inbox)
{
    VsEvent event = {.type = VS_EVENT_REBOOT};

    tell(inbox, domain, &event);
}

static void
on_watchdog(virConnectPtr connection, virDomainPtr domain, int action, void *inbox)
{
    VsEvent event = {.type = VS_EVENT_WATCHDOG, .watchdog.action = action};

    tell(inbox, domain, &event);
}

static VsAgentState
agent_state(int state)
{
    switch (state) {
    case VIR_CONNECT_DOMAIN_EVENT_AGENT_LIFECYCLE_STATE_CONNECTED:
        return VS_AGENT_CONNECTED;
    case VIR_CONNECT_DOMAIN_EVENT_AGENT_LIFECYCLE_STATE_DISCONNECTED:
        return VS_AGENT_DISCONNECTED;
    default:
        return VS_AGENT_UNKNOWN;
    }
}

static const char *
agent_reason(int reason)
{
    switch (reason) {
    case VIR_CONNECT_DOMAIN_EVENT_AGENT_LIFECYCLE_REASON_DOMAIN_STARTED:
        return "domain started";
    case VIR_CONNECT_DOMAIN_EVENT_AGENT_LIFECYCLE_REASON_CHANNEL:
        return "channel";
    default:
        return NULL;
    }
}

static void
on_agent(virConnectPtr connection, virDomainPtr domain, int state, int reason, void *inbox)
{
    VsEvent event = {
        .type = VS_EVENT_AGENT,
        .agent = {.state = agent_state(state), .reason = agent_reason(reason)},
    };

    tell(inbox, domain, &event);
}

static void
on_metadata(virConnectPtr connection, virDomainPtr domain, int type, const char *namespace,
            void *inbox)
{
    VsEvent event = {.type = VS_EVENT_METADATA};

    if (type != VIR_DOMAIN_METADATA_ELEMENT || g_strcmp0(namespace, VS_METADATA_NAMESPACE) == 0)
        tell(inbox, domain, &event);
}

static void
on_qmp(virConnectPtr connection, virDomainPtr domain, const char *name, long long seconds,
       unsigned int micros, const char *details, void *inbox)
{
    VsEvent event = {.type = VS_EVENT_QMP, .qmp = {.event = name, .details = details}};
    g_autofree char *start = NULL;

    if (!g_strv_contains(qmp_events, name))
        return;
    /* So much that it shows that it is too much. */
    if (details && strnlen(details, VS_EVENT_MAX_TEXT + 1) > VS_EVENT_MAX_TEXT)
        event.qmp.details = start = g_strndup(details, VS_EVENT_MAX_TEXT + 1);
    if (seconds > 0 && seconds < G_MAXINT64 / VS_USEC_PER_SEC - 1 && micros < VS_USEC_PER_SEC)
        event.qmp.time = seconds * VS_USEC_PER_SEC + micros;
    tell(inbox, domain, &event);
}

static const struct {
    int kind;
    virConnectDomainEventGenericCallback callback;
} kinds[VS_EVENTS_KINDS] = {
    {VIR_DOMAIN_EVENT_ID_LIFECYCLE, VIR_DOMAIN_EVENT_CALLBACK(on_lifecycle)},
    {VIR_DOMAIN_EVENT_ID_REBOOT, VIR_DOMAIN_EVENT_CALLBACK(on_reboot)},
    {VIR_DOMAIN_EVENT_ID_WATCHDOG, VIR_DOMAIN_EVENT_CALLBACK(on_watchdog)},
    {VIR_DOMAIN_EVENT_ID_AGENT_LIFECYCLE, VIR_DOMAIN_EVENT_CALLBACK(on_agent)},
    {VIR_DOMAIN_EVENT_ID_METADATA_CHANGE, VIR_DOMAIN_EVENT_CALLBACK(on_metadata)},
};

/* A driver without events of that kind is no reason to do without the others. */
static bool
check(int registration, VsInbox *inbox, GError **error)
{
    if (registration >= 0)
        return true;
    /* libvirt lets go of the opaque pointer only where it had taken it. */
    vs_inbox_unref(inbox);
    if (virGetLastErrorCode() == VIR_ERR_NO_SUPPORT)
        return true;
    g_set_error_literal(error, VS_ERROR, VS_ERROR_NOT_CONNECTED, virGetLastErrorMessage());
    return false;
}

static bool
register_kind(virConnectPtr connection, VsInbox *inbox, int i, VsRegistrations *registrations,
              GError **error)
{
    registrations->events[i] = virConnectDomainEventRegisterAny(
        connection, NULL, kinds[i].kind, kinds[i].callback, vs_inbox_ref(inbox), vs_inbox_unref);
    return check(registrations->events[i], inbox, error);
}

/* Without raw events, where the driver has none or they are forbidden, less is certain: no more. */
static bool
register_qmp(virConnectPtr connection, VsInbox *inbox, VsRegistrations *registrations,
             GError **error)
{
    g_autoptr(GError) problem = NULL;

    registrations->qmp = virConnectDomainQemuMonitorEventRegister(
        connection, NULL, NULL, on_qmp, vs_inbox_ref(inbox), vs_inbox_unref, 0);
    if (check(registrations->qmp, inbox, &problem))
        return true;
    if (virConnectIsAlive(connection) != 1) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return false;
    }
    g_message(_("%s: going on without QEMU's own events: %s"), vs_inbox_uri(inbox),
              problem->message);
    return true;
}

bool
vs_events_register(virConnectPtr connection, VsInbox *inbox, VsRegistrations *registrations,
                   GError **error)
{
    for (int i = 0; i < VS_EVENTS_KINDS; i++)
        if (!register_kind(connection, inbox, i, registrations, error))
            return false;
    return register_qmp(connection, inbox, registrations, error);
}

void
vs_events_deregister(virConnectPtr connection, const VsRegistrations *registrations)
{
    for (int i = 0; i < VS_EVENTS_KINDS; i++)
        if (registrations->events[i] >= 0)
            virConnectDomainEventDeregisterAny(connection, registrations->events[i]);
    if (registrations->qmp >= 0)
        virConnectDomainQemuMonitorEventDeregister(connection, registrations->qmp);
}
