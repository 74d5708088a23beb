/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "virt/link.h"

#include "util/i18n.h"
#include "util/span.h"

/* Milliseconds. */
#define BACK_OFF_MIN 200
#define BACK_OFF_MAX 10000

/* A connection that lasted so long had been opened in earnest. */
#define STABLE_AFTER VS_USEC_PER_SEC

/* virConnectOpen() can hang for as long as it likes: after so many seconds another attempt is made
 * beside it, but never more than some at once. */
#define PATIENCE     30
#define MAX_ATTEMPTS 3

/* As many reasons are remembered, so that none is told again and again. */
#define MAX_TOLD 16

/* One try to connect, on a thread of its own. */
typedef struct VsAttempt {
    VsLink *link; /* for the main thread */
    VsThreads *threads;
    char *uri;
    VsListener *listener; /* NULL: it failed */
    GError *error;
} VsAttempt;

struct VsLink {
    VsThreads *threads;
    char *uri;
    VsLinkCallbacks callbacks;
    void *userdata;

    VsListener *listener; /* NULL: not connected */
    int64_t since;        /* monotonic µs */

    VsAttempt *newest; /* the attempt that is waited for; others may be under way still */
    unsigned n_attempts;
    guint patience; /* timers, 0: none */
    guint retry;
    guint back_off; /* ms */
    char *why;
    GHashTable *told; /* reasons, since it was last open */
};

static void start_attempt(VsLink *link);

VsLink *
vs_link_new(VsThreads *threads, const char *uri, const VsLinkCallbacks *callbacks, void *userdata)
{
    VsLink *link = g_new0(VsLink, 1);

    link->threads = vs_threads_ref(threads);
    link->uri = g_strdup(uri);
    link->callbacks = *callbacks;
    link->userdata = userdata;
    link->back_off = BACK_OFF_MIN;
    link->why = g_strdup(_("not connected yet"));
    link->told = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return link;
}

static void
clear_timer(guint *timer)
{
    if (*timer)
        g_source_remove(*timer);
    *timer = 0;
}

void
vs_link_free(VsLink *link)
{
    clear_timer(&link->patience);
    clear_timer(&link->retry);
    if (link->listener)
        vs_listener_close(link->listener);
    vs_threads_unref(link->threads);
    g_hash_table_unref(link->told);
    g_free(link->why);
    g_free(link->uri);
    g_free(link);
}

const char *
vs_link_why_closed(const VsLink *link)
{
    return link->listener ? NULL : link->why;
}

static void
tell_closed(VsLink *link, const char *why)
{
    g_free(link->why);
    link->why = g_strdup(why);
    if (g_hash_table_size(link->told) < MAX_TOLD && g_hash_table_add(link->told, g_strdup(why)))
        link->callbacks.closed(link->why, link->userdata);
}

static gboolean
on_retry(void *data)
{
    VsLink *link = data;

    link->retry = 0;
    start_attempt(link);
    return G_SOURCE_REMOVE;
}

static void
retry_later(VsLink *link)
{
    if (link->retry || link->newest || link->listener)
        return;
    link->retry = g_timeout_add(link->back_off, on_retry, link);
    link->back_off = MIN(link->back_off * 2, BACK_OFF_MAX);
}

static void
hang_up(VsLink *link, const char *why)
{
    VsListener *listener = g_steal_pointer(&link->listener);

    vs_listener_close(listener);
    /* One that takes connections only to drop them is worth no haste. */
    if (g_get_monotonic_time() - link->since > STABLE_AFTER)
        link->back_off = BACK_OFF_MIN;
    tell_closed(link, why);
    retry_later(link);
}

void
vs_link_break(VsLink *link, const char *why)
{
    if (link->listener)
        hang_up(link, why);
}

static void
on_heard(const VsEvent *event, void *userdata)
{
    VsLink *link = userdata;

    link->callbacks.heard(event, link->userdata);
}

static void
on_hung_up(const char *why, void *userdata)
{
    hang_up(userdata, why);
}

static void
adopt(VsLink *link, VsListener *listener)
{
    clear_timer(&link->patience);
    clear_timer(&link->retry);
    link->newest = NULL;
    link->listener = listener;
    link->since = g_get_monotonic_time();
    g_hash_table_remove_all(link->told);
    link->callbacks.opened(vs_listener_stops_guests(listener), link->userdata);
    /* What happened since the registration comes behind the news that there is a connection. */
    if (link->listener == listener)
        vs_listener_listen(listener, on_heard, on_hung_up, link);
}

static void
attempt_free(VsAttempt *attempt)
{
    if (attempt->listener && vs_threads_is_main(attempt->threads))
        vs_listener_close(attempt->listener);
    else if (attempt->listener)
        vs_listener_discard(attempt->listener);
    g_clear_error(&attempt->error);
    vs_threads_unref(attempt->threads);
    g_free(attempt->uri);
    g_free(attempt);
}

static void
attempt_done(void *data)
{
    VsAttempt *attempt = data;
    VsLink *link = attempt->link;

    link->n_attempts--;
    if (attempt == link->newest) {
        link->newest = NULL;
        clear_timer(&link->patience);
    }
    if (attempt->listener && !link->listener)
        adopt(link, g_steal_pointer(&attempt->listener));
    else if (attempt->error && !link->listener)
        tell_closed(link, attempt->error->message);
    retry_later(link);
}

static void
attempt_run(void *data)
{
    VsAttempt *attempt = data;

    attempt->listener = vs_listener_open(attempt->threads, attempt->uri, &attempt->error);
    vs_threads_post(attempt->threads, attempt_done, attempt, (GDestroyNotify)attempt_free);
}

static gboolean
on_patience(void *data)
{
    VsLink *link = data;
    g_autofree char *why = g_strdup_printf(_("libvirt has not answered for %d s"), PATIENCE);

    link->patience = 0;
    link->newest = NULL;
    tell_closed(link, why);
    retry_later(link);
    return G_SOURCE_REMOVE;
}

static void
start_attempt(VsLink *link)
{
    VsAttempt *attempt;

    if (link->n_attempts == MAX_ATTEMPTS)
        return; /* whichever ends first goes on */
    attempt = g_new0(VsAttempt, 1);
    attempt->link = link;
    attempt->threads = vs_threads_ref(link->threads);
    attempt->uri = g_strdup(link->uri);
    if (!vs_threads_start(link->threads, "virt-connect", attempt_run, attempt)) {
        attempt_free(attempt);
        tell_closed(link, _("the system has no thread left"));
        retry_later(link);
        return;
    }
    link->n_attempts++;
    link->newest = attempt;
    link->patience = g_timeout_add_seconds(PATIENCE, on_patience, link);
}

void
vs_link_start(VsLink *link)
{
    if (!link->listener && !link->n_attempts && !link->retry)
        start_attempt(link);
}
