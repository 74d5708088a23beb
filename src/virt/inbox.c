/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "virt/inbox.h"

struct VsInbox {
    gint refs; /* libvirt holds one for each registration */
    VsThreads *threads;
    char *uri;

    /* Of the main thread's alone. */
    bool closed;
    VsVirtSink heard; /* NULL: nobody listens yet */
    VsHungUp hung_up;
    void *userdata;
    GQueue kept;  /* of VsNews */
    char *broken; /* why, where that came before anybody listened */
};

/* An event, or why the connection broke. A copy. */
typedef struct VsNews {
    VsInbox *inbox; /* while it is on its way to the main thread */
    VsEvent event;
    VsDomainId domain;
    char *qmp_event;
    char *qmp_details;
    char *broken; /* or NULL */
} VsNews;

VsInbox *
vs_inbox_new(VsThreads *threads, const char *uri)
{
    VsInbox *inbox = g_new0(VsInbox, 1);

    inbox->refs = 1;
    inbox->threads = vs_threads_ref(threads);
    inbox->uri = g_strdup(uri);
    return inbox;
}

VsInbox *
vs_inbox_ref(VsInbox *inbox)
{
    g_atomic_int_inc(&inbox->refs);
    return inbox;
}

static void
news_free(VsNews *news)
{
    vs_domain_id_clear(&news->domain);
    g_free(news->qmp_event);
    g_free(news->qmp_details);
    g_free(news->broken);
    g_free(news);
}

void
vs_inbox_unref(void *data)
{
    VsInbox *inbox = data;

    if (!g_atomic_int_dec_and_test(&inbox->refs))
        return;
    g_queue_clear_full(&inbox->kept, (GDestroyNotify)news_free);
    vs_threads_unref(inbox->threads);
    g_free(inbox->broken);
    g_free(inbox->uri);
    g_free(inbox);
}

const char *
vs_inbox_uri(const VsInbox *inbox)
{
    return inbox->uri;
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

/* Takes over @news. The inbox stays for as long as it is under way. */
static void
post_free(void *data)
{
    VsNews *news = data;

    vs_inbox_unref(news->inbox);
    news_free(news);
}

static void
post(VsInbox *inbox, VsTask deliver, VsNews *news)
{
    news->inbox = vs_inbox_ref(inbox);
    vs_threads_post(inbox->threads, deliver, news, post_free);
}

/* On the main thread. */
static void
take(VsInbox *inbox, const VsEvent *event)
{
    if (inbox->closed)
        return;
    if (inbox->heard)
        inbox->heard(event, inbox->userdata);
    else
        g_queue_push_tail(&inbox->kept, news_copy(event));
}

static void
deliver_event(void *data)
{
    const VsNews *news = data;

    take(news->inbox, &news->event);
}

/* libvirt's events come from the main loop, but it doesn't promise so. */
void
vs_inbox_tell(VsInbox *inbox, const VsEvent *event)
{
    if (vs_threads_is_main(inbox->threads))
        take(inbox, event);
    else
        post(inbox, deliver_event, news_copy(event));
}

static void
deliver_break(void *data)
{
    const VsNews *news = data;
    VsInbox *inbox = news->inbox;

    if (inbox->closed)
        return;
    if (inbox->hung_up)
        inbox->hung_up(news->broken, inbox->userdata);
    else if (!inbox->broken)
        inbox->broken = g_strdup(news->broken);
}

void
vs_inbox_tell_broken(VsInbox *inbox, const char *why)
{
    VsNews *news = g_new0(VsNews, 1);

    news->broken = g_strdup(why);
    post(inbox, deliver_break, news);
}

void
vs_inbox_listen(VsInbox *inbox, VsVirtSink heard, VsHungUp hung_up, void *userdata)
{
    VsNews *news;

    inbox->heard = heard;
    inbox->hung_up = hung_up;
    inbox->userdata = userdata;
    vs_inbox_ref(inbox); /* @heard may close it */
    while (!inbox->closed && (news = g_queue_pop_head(&inbox->kept))) {
        heard(&news->event, userdata);
        news_free(news);
    }
    if (inbox->broken)
        vs_inbox_tell_broken(inbox, inbox->broken);
    vs_inbox_unref(inbox);
}

void
vs_inbox_close(VsInbox *inbox)
{
    inbox->closed = true;
}
