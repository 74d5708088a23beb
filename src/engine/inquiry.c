/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/inquiry.h"

#include "engine/connections.h"
#include "engine/picture.h"
#include "engine/undecided.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"

/* So long libvirt's answer is waited for, and a start. Less than a client waits for ours. */
#define PATIENCE (10 * VS_USEC_PER_SEC)

/* ... and what only guests' XML tells, which mostly takes some milliseconds. */
#define PART_PATIENCE (2 * VS_USEC_PER_SEC)

/* A start that fails is told by no event: libvirt is asked again. */
#define START_PAUSE (250 * VS_USEC_PER_MSEC)

static bool
concerns(const VsInquiry *inquiry, const VsConnection *connection)
{
    return connection->phase != VS_CONNECTION_AWAY &&
           (!inquiry->uri || g_str_equal(inquiry->uri, connection->uri));
}

/* Each libvirt that may have it owes an answer from now on. */
static void
ask(VsEngine *engine, VsInquiry *inquiry)
{
    GHashTableIter iter;
    const VsConnection *connection;

    inquiry->asked = engine->serial;
    inquiry->coming = false;
    g_hash_table_iter_init(&iter, engine->connections);
    while (g_hash_table_iter_next(&iter, NULL, (void **)&connection)) {
        VsDomainId domain = {.uri = connection->uri, .name = inquiry->text, .id = -1};

        if (!concerns(inquiry, connection))
            continue;
        g_ptr_array_add(inquiry->owing, connection->uri);
        vs_actions_add(engine->out, VS_ACTION_FIND, &domain)->serial = engine->serial;
    }
}

bool
vs_inquiry_begin(VsEngine *engine, const VsEvent *event, GError **error)
{
    g_autoptr(VsInquiry) inquiry = g_new0(VsInquiry, 1);

    inquiry->number = event->inquire.number;
    inquiry->owing = g_ptr_array_new();
    if (!event->inquire.text) {
        inquiry->part = vs_part_ref(event->inquire.part);
        inquiry->until = vs_later(engine->now.mono, PART_PATIENCE);
        g_ptr_array_add(engine->inquiries, g_steal_pointer(&inquiry));
        return true;
    }
    inquiry->text = g_strdup(event->inquire.text);
    inquiry->uri = g_strdup(event->inquire.uri);
    inquiry->until = vs_later(engine->now.mono, PATIENCE);
    ask(engine, inquiry);
    if (inquiry->owing->len == 0) {
        g_set_error(error, VS_ERROR, VS_ERROR_NOT_CONNECTED, _("No libvirt is connected"));
        return false;
    }
    g_ptr_array_add(engine->inquiries, g_steal_pointer(&inquiry));
    return true;
}

static bool
is_answer(const VsInquiry *inquiry, const VsEvent *event)
{
    return inquiry->text && inquiry->asked == event->found.serial &&
           g_str_equal(inquiry->text, event->domain->name);
}

/* Its connection's own string stands for each URI, and connections are never freed. */
static void
note_answer(VsEngine *engine, VsInquiry *inquiry, const VsEvent *event, bool coming)
{
    const VsConnection *connection = vs_engine_connection(engine, event->domain->uri);

    if (is_answer(inquiry, event) && g_ptr_array_remove(inquiry->owing, connection->uri)) {
        inquiry->coming |= coming;
        inquiry->again_at = vs_later(engine->now.mono, START_PAUSE);
    }
}

void
vs_inquiry_take(VsEngine *engine, const VsEvent *event)
{
    bool coming = false;

    for (unsigned i = 0; i < event->found.n_domains; i++)
        coming |= vs_connections_found(engine, &event->found.domains[i], event->found.serial);
    for (unsigned i = 0; i < engine->inquiries->len; i++)
        note_answer(engine, engine->inquiries->pdata[i], event, coming);
}

/* From a libvirt that went away no answer comes. */
static void
drop_lost(VsEngine *engine, VsInquiry *inquiry)
{
    for (unsigned i = inquiry->owing->len; i-- > 0;)
        if (!vs_engine_is_connected(engine, inquiry->owing->pdata[i]))
            g_ptr_array_remove_index_fast(inquiry->owing, i);
}

/* Whether it runs, as far as is known; also where it isn't the only one. */
static bool
is_found(const VsEngine *engine, const VsInquiry *inquiry)
{
    g_autoptr(GError) why = NULL;
    const VsGuest *guest = vs_engine_resolve(engine, inquiry->text, inquiry->uri, &why);

    return guest ? vs_guest_can_be_stopped(guest)
                 : g_error_matches(why, VS_ERROR, VS_ERROR_AMBIGUOUS);
}

static char *
say_why_not(const VsInquiry *inquiry)
{
    g_autofree char *name = vs_text_quoted(inquiry->text);

    if (inquiry->owing->len > 0)
        return g_strdup_printf(_("libvirt at %s doesn't answer whether %s runs"),
                               (const char *)inquiry->owing->pdata[0], name);
    if (inquiry->coming)
        return g_strdup_printf(_("%s is only being started: it can be stopped when it runs"), name);
    return NULL;
}

static bool
is_over(VsEngine *engine, VsInquiry *inquiry)
{
    if (!inquiry->text)
        return engine->now.mono >= inquiry->until || !vs_undecided_any(engine, inquiry->part);
    drop_lost(engine, inquiry);
    return engine->now.mono >= inquiry->until || (inquiry->owing->len == 0 && !inquiry->coming) ||
           is_found(engine, inquiry);
}

static void
end(VsEngine *engine, const VsInquiry *inquiry)
{
    VsAction *action = vs_engine_do(engine, VS_ACTION_INQUIRED, NULL);

    action->call = inquiry->number;
    if (inquiry->text && !is_found(engine, inquiry))
        action->text = say_why_not(inquiry);
}

void
vs_inquiries_move(VsEngine *engine)
{
    for (unsigned i = engine->inquiries->len; i-- > 0;) {
        VsInquiry *inquiry = engine->inquiries->pdata[i];

        if (is_over(engine, inquiry)) {
            end(engine, inquiry);
            g_ptr_array_remove_index(engine->inquiries, i);
        } else if (inquiry->text && inquiry->owing->len == 0 &&
                   engine->now.mono >= inquiry->again_at) {
            ask(engine, inquiry);
        }
    }
}

int64_t
vs_inquiries_next_timer(const VsEngine *engine)
{
    int64_t next = VS_USEC_INFINITY;

    for (unsigned i = 0; i < engine->inquiries->len; i++) {
        const VsInquiry *inquiry = engine->inquiries->pdata[i];

        next = MIN(next, inquiry->until);
        if (inquiry->text && inquiry->owing->len == 0)
            next = MIN(next, inquiry->again_at);
    }
    return next;
}
