/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "virt/listener.h"

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include "util/error.h"
#include "util/i18n.h"
#include "virt/auto-shutdown.h"
#include "virt/connection.h"
#include "virt/events.h"

struct VsListener {
    VsThreads *threads;
    VsInbox *inbox;
    virConnectPtr connection;
    VsRegistrations registrations;
    bool stops_guests;
};

static const char *
describe(int reason)
{
    switch (reason) {
    case VIR_CONNECT_CLOSE_REASON_EOF:
        return _("libvirt closed the connection");
    case VIR_CONNECT_CLOSE_REASON_KEEPALIVE:
        return _("libvirt no longer answers");
    default:
        return _("the connection to libvirt broke");
    }
}

/* On any thread, and with a lock of libvirt's held. */
static void
on_close(virConnectPtr connection, int reason, void *inbox)
{
    vs_inbox_tell_broken(inbox, describe(reason));
}

/* The connection may break at any moment from here on: before on_close() is there the registration
 * of the events fails, from then on it is called. */
static bool
connect_inbox(VsListener *listener, GError **error)
{
    if (virConnectRegisterCloseCallback(listener->connection, on_close, listener->inbox, NULL) <
        0) {
        g_set_error_literal(error, VS_ERROR, VS_ERROR_NOT_CONNECTED, virGetLastErrorMessage());
        return false;
    }
    return vs_events_register(listener->connection, listener->inbox, &listener->registrations,
                              error);
}

/* libvirt runs no on_close() any more once it is unregistered, so that needs no reference of its
 * own. */
void
vs_listener_discard(VsListener *listener)
{
    vs_events_deregister(listener->connection, &listener->registrations);
    virConnectUnregisterCloseCallback(listener->connection, on_close);
    virConnectClose(listener->connection);
    vs_inbox_unref(listener->inbox);
    vs_threads_unref(listener->threads);
    g_free(listener);
}

VsListener *
vs_listener_open(VsThreads *threads, const char *uri, GError **error)
{
    virConnectPtr connection = vs_virt_connection_open(uri);
    VsListener *listener;

    if (!connection) {
        g_set_error_literal(error, VS_ERROR, VS_ERROR_NOT_CONNECTED, virGetLastErrorMessage());
        return NULL;
    }
    listener = g_new0(VsListener, 1);
    listener->threads = vs_threads_ref(threads);
    listener->inbox = vs_inbox_new(threads, uri);
    listener->connection = connection;
    listener->registrations = VS_REGISTRATIONS_NONE;
    listener->stops_guests = vs_auto_shutdown_is_on(connection, uri);
    if (connect_inbox(listener, error))
        return listener;
    vs_listener_discard(listener);
    return NULL;
}

bool
vs_listener_stops_guests(const VsListener *listener)
{
    return listener->stops_guests;
}

void
vs_listener_listen(VsListener *listener, VsVirtSink heard, VsHungUp hung_up, void *userdata)
{
    vs_inbox_listen(listener->inbox, heard, hung_up, userdata);
}

static void
discard(void *data)
{
    vs_listener_discard(data);
}

void
vs_listener_close(VsListener *listener)
{
    vs_inbox_close(listener->inbox);
    /* Where there is no thread left, the connection stays: better than a main loop that hangs. */
    vs_threads_start(listener->threads, "virt-close", discard, listener);
}
