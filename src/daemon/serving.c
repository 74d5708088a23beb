/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/serving.h"

#include <systemd/sd-daemon.h>

#include "daemon/log.h"
#include "util/i18n.h"

/* How long a libvirt that doesn't answer may keep us from serving. */
#define MAX_SECONDS 5

/* How often it is looked whether all guests' XML is read, ms. */
#define POLL 20

struct VsServing {
    VsBus *bus;
    const VsEngine *engine;
    const VsRecorder *recorder;
    const char *const *uris;
    GHashTable *missing; /* URIs that couldn't be connected to */
    unsigned timeout;    /* GLib source; 0: we serve, or don't begin yet */
    unsigned poll;       /* GLib source, while only the guests' XML is waited for; else 0 */
};

VsServing *
vs_serving_new(VsBus *bus, const VsEngine *engine, const VsRecorder *recorder,
               const char *const *uris)
{
    VsServing *serving = g_new0(VsServing, 1);

    serving->bus = bus;
    serving->engine = engine;
    serving->recorder = recorder;
    serving->uris = uris;
    serving->missing = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return serving;
}

static void
clear_source(unsigned *source)
{
    if (*source > 0)
        g_source_remove(*source);
    *source = 0;
}

void
vs_serving_free(VsServing *serving)
{
    clear_source(&serving->timeout);
    clear_source(&serving->poll);
    g_hash_table_unref(serving->missing);
    g_free(serving);
}

static void
serve(VsServing *serving)
{
    g_autoptr(GError) error = NULL;

    clear_source(&serving->timeout);
    clear_source(&serving->poll);
    if (!vs_bus_start(serving->bus, &error))
        vs_log(LOG_ERR, _("The bus can't be served now, and is tried again: %s"), error->message);
    sd_notify(0, "READY=1");
}

static gboolean
serve_anyway(void *userdata)
{
    VsServing *serving = userdata;

    serving->timeout = 0;
    serve(serving);
    return G_SOURCE_REMOVE;
}

void
vs_serving_begin(VsServing *serving)
{
    serving->timeout = g_timeout_add_seconds(MAX_SECONDS, serve_anyway, serving);
}

/* Who asks for a stop or a plan the moment that we are there means each guest's own policy. */
static gboolean
serve_when_labelled(void *userdata)
{
    VsServing *serving = userdata;

    if (vs_engine_awaits_labels(serving->engine))
        return G_SOURCE_CONTINUE;
    serving->poll = 0;
    serve(serving);
    return G_SOURCE_REMOVE;
}

static bool
knows_all(const VsServing *serving)
{
    for (const char *const *uri = serving->uris; *uri; uri++)
        if (!vs_engine_is_listed(serving->engine, *uri) &&
            !g_hash_table_contains(serving->missing, *uri))
            return false;
    return vs_recorder_has_kept_all(serving->recorder);
}

void
vs_serving_look(VsServing *serving, const VsEvent *event)
{
    if (serving->timeout == 0)
        return;
    if (event->type == VS_EVENT_CONNECTION && !event->connection.open)
        g_hash_table_add(serving->missing, g_strdup(event->uri));
    if (serving->poll == 0 && knows_all(serving) &&
        serve_when_labelled(serving) == G_SOURCE_CONTINUE)
        serving->poll = g_timeout_add(POLL, serve_when_labelled, serving);
}
