/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <time.h>

#include "client/records.h"
#include "client/stop-wait-private.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/span.h"

/* What became of stops of which some news was missed: the daemon was away, or the bus was. */

/* How long the rest of the news of a stop that is over may take. */
#define GRACE (3 * VS_USEC_PER_SEC)

/* How often the daemon is asked for a stop in vain. */
#define MAX_TRIES 20

/* Looks in the records for how a stop came out of which we have missed the end; false where that
 * isn't known (yet). */
static bool
look_up(VsWaited *waited)
{
    if (!waited->record)
        waited->record = vs_records_of_stop(waited->wait->client, waited->id);
    if (waited->record && !waited->outcome)
        waited->outcome =
            g_strdup(vs_json_string(vs_json_object(waited->record, "request"), "outcome", NULL));
    if (waited->outcome)
        vs_stop_news_finish(waited);
    return waited->over;
}

/* Waits on for a stop that the daemon still has. */
static bool
take_up(VsWaited *waited, GError **error)
{
    VsClient *client = waited->wait->client;
    g_autoptr(sd_bus_message) call = vs_client_new_call(client, "GetStop");
    g_autoptr(sd_bus_message) reply = NULL;
    const char *path;

    if (call && sd_bus_message_append(call, "s", waited->id) < 0)
        g_clear_pointer(&call, sd_bus_message_unref);
    reply = vs_client_send(client, call, error);
    return reply && vs_client_check(sd_bus_message_read(reply, "o", &path), error) &&
           vs_stop_news_look(waited, path, error);
}

/* No more news came. A daemon that has only just come back may have been too busy to answer: then
 * it is asked once more where the stop stands. */
static void
settle(VsWaited *waited)
{
    g_autoptr(GError) error = NULL;

    if (look_up(waited) || take_up(waited, &error))
        return;
    if (look_up(waited))
        return; /* it ended between the two questions */
    if (g_error_matches(error, VS_ERROR, VS_ERROR_NO_STOP)) {
        g_clear_error(&error);
        error = g_error_new_literal(VS_ERROR, VS_ERROR_FAILED,
                                    _("The stop is over, and how it came out isn't recorded"));
    } else if (waited->wait->ops.leaves && waited->tries++ < MAX_TRIES) {
        vs_stop_catch_up_later(waited); /* the caller sees to it that somebody answers */
        return;
    }
    vs_stop_news_fail(waited, g_steal_pointer(&error));
}

static int
on_grace_over(sd_event_source *source, uint64_t usec, void *userdata)
{
    VsWaited *waited = userdata;

    waited->grace = sd_event_source_unref(waited->grace);
    /* While the daemon is away again, its return is waited for. */
    if (!waited->over && !waited->wait->deaf)
        settle(waited);
    return 0;
}

void
vs_stop_catch_up_later(VsWaited *waited)
{
    if (waited->grace)
        return;
    if (sd_event_add_time(waited->wait->event, &waited->grace, CLOCK_MONOTONIC,
                          g_get_monotonic_time() + GRACE, 0, on_grace_over, waited) < 0)
        settle(waited);
}

void
vs_stop_catch_up(VsWaited *waited)
{
    if (!take_up(waited, NULL) && !look_up(waited))
        vs_stop_catch_up_later(waited);
}

void
vs_stop_catch_up_all(VsStopWait *wait)
{
    for (unsigned i = 0; i < wait->list->len; i++) {
        VsWaited *waited = g_ptr_array_index(wait->list, i);
        if (waited->over)
            continue;
        if (waited->again)
            vs_stop_wait_ask(waited); /* joins the stop, if it was begun */
        else if (waited->id)
            vs_stop_catch_up(waited);
        waited->again = false;
    }
}
