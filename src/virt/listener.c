/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "virt/listener.h"

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include "util/error.h"
#include "util/i18n.h"
#include "virt/connection.h"
#include "virt/events.h"

struct VsListener {
    gint refs; /* libvirt holds one for each registration */
    VsThreads *threads;
    char *uri;
    virConnectPtr connection;
    VsRegistrations registrations;

    /* Of the main thread's alone. */
    bool deaf;
    VsHeard heard; /* NULL: nobody listens yet */
    VsHungUp hung_up;
    void *userdata;
    GQueue kept;  /* of VsNews */
    char *broken; /* why, where that came before anybody listened */
};

/* What a listener has been told: an event, or why the connection broke. A copy. */
typedef struct VsNews {
    VsListener *listener;
    VsEvent event;
    VsDomainId domain;
    char *qmp_event;
    char *qmp_details;
    char *broken; /* or NULL */
} VsNews;

VsListener *
vs_listener_ref(VsListener *listener)
{
    g_atomic_int_inc(&listener->refs);
    return listener;
}

static void
news_free(VsNews *news)
{
    vs_domain_id_clear(&news->domain);
    g_free(news->qmp_event);
    g_free(news->qmp_details);
    g_free(news->broken);
    if (news->listener)
        vs_listener_unref(news->listener);
    g_free(news);
}

void
vs_listener_unref(void *data)
{
    VsListener *listener = data;

    if (!g_atomic_int_dec_and_test(&listener->refs))
        return;
    g_queue_clear_full(&listener->kept, (GDestroyNotify)news_free);
    vs_threads_unref(listener->threads);
    g_free(listener->broken);
    g_free(listener->uri);
    g_free(listener);
}

const char *
vs_listener_uri(const VsListener *listener)
{
    return listener->uri;
}

static VsNews *
news_copy(const VsEvent *event)
{
    VsNews *news = g_new0(VsNews, 1);

    news->event = *event;
    vs_domain_id_copy(&news->domain, event->domain);
    news->event.domain = &news->domain;
    if (event->type == VS_EVENT_QMP) {
        news->event.qmp.event = news->qmp_event = g_strdup(event->qmp.event);
        news->event.qmp.details = news->qmp_details = g_strdup(event->qmp.details);
    }
    return news;
}

/* On the main thread. */
static void
take(VsListener *listener, const VsEvent *event)
{
    if (listener->deaf)
        return;
    if (listener->heard)
        listener->heard(event, listener->userdata);
    else
        g_queue_push_tail(&listener->kept, news_copy(event));
}

static void
deliver_event(void *data)
{
    const VsNews *news = data;

    take(news->listener, &news->event);
}

/* libvirt's events come from the main loop, but it doesn't promise so. */
void
vs_listener_tell(VsListener *listener, const VsEvent *event)
{
    VsNews *news;

    if (vs_threads_is_main(listener->threads)) {
        take(listener, event);
        return;
    }
    news = news_copy(event);
    news->listener = vs_listener_ref(listener);
    vs_threads_post(listener->threads, deliver_event, news, (GDestroyNotify)news_free);
}

static void
deliver_break(void *data)
{
    const VsNews *news = data;
    VsListener *listener = news->listener;

    if (listener->deaf)
        return;
    if (listener->hung_up)
        listener->hung_up(news->broken, listener->userdata);
    else if (!listener->broken)
        listener->broken = g_strdup(news->broken);
}

static void
post_break(VsListener *listener, const char *why)
{
    VsNews *news = g_new0(VsNews, 1);

    news->listener = vs_listener_ref(listener);
    news->broken = g_strdup(why);
    vs_threads_post(listener->threads, deliver_break, news, (GDestroyNotify)news_free);
}

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
on_close(virConnectPtr connection, int reason, void *data)
{
    post_break(data, describe(reason));
}

/* The connection may break at any moment from here on: before on_close() is there the registration
 * of the events fails, from then on it is called. */
static bool
connect_listener(VsListener *listener, GError **error)
{
    if (virConnectRegisterCloseCallback(listener->connection, on_close, listener, NULL) < 0) {
        g_set_error_literal(error, VS_ERROR, VS_ERROR_NOT_CONNECTED, virGetLastErrorMessage());
        return false;
    }
    return vs_events_register(listener->connection, listener, &listener->registrations, error);
}

/* libvirt runs no on_close() any more once it is unregistered, so that needs no reference of its
 * own. */
void
vs_listener_discard(VsListener *listener)
{
    vs_events_deregister(listener->connection, &listener->registrations);
    virConnectUnregisterCloseCallback(listener->connection, on_close);
    virConnectClose(listener->connection);
    vs_listener_unref(listener);
}

VsListener *
vs_listener_open(VsThreads *threads, const char *uri, GError **error)
{
    virConnectPtr connection = vs_connection_open(uri);
    VsListener *listener;

    if (!connection) {
        g_set_error_literal(error, VS_ERROR, VS_ERROR_NOT_CONNECTED, virGetLastErrorMessage());
        return NULL;
    }
    listener = g_new0(VsListener, 1);
    listener->refs = 1;
    listener->threads = vs_threads_ref(threads);
    listener->uri = g_strdup(uri);
    listener->connection = connection;
    listener->registrations = VS_REGISTRATIONS_NONE;
    if (connect_listener(listener, error))
        return listener;
    vs_listener_discard(listener);
    return NULL;
}

void
vs_listener_listen(VsListener *listener, VsHeard heard, VsHungUp hung_up, void *userdata)
{
    VsNews *news;

    listener->heard = heard;
    listener->hung_up = hung_up;
    listener->userdata = userdata;
    vs_listener_ref(listener);
    while (!listener->deaf && (news = g_queue_pop_head(&listener->kept))) {
        heard(&news->event, userdata);
        news_free(news);
    }
    if (listener->broken)
        post_break(listener, listener->broken);
    vs_listener_unref(listener);
}

static void
discard(void *data)
{
    vs_listener_discard(data);
}

void
vs_listener_close(VsListener *listener)
{
    listener->deaf = true;
    /* Where there is no thread left, the connection stays: better than a main loop that hangs. */
    vs_threads_start(listener->threads, "virt-close", discard, listener);
}
