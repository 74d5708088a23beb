/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <time.h>

#include "ctl/records.h"
#include "ctl/stop-wait-private.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/span.h"

/* How long a daemon that went away has to come back: it takes its stops over then. */
#define RETURN_TIMEOUT (60 * VS_USEC_PER_SEC)

/* How long the rest of the news of a stop that is over may take. */
#define GRACE (3 * VS_USEC_PER_SEC)

/* How far back a stop's record is looked for. */
#define SEARCH_LIMIT 1000

static VsWaited *
find(const VsStopWait *wait, const char *id)
{
    for (unsigned i = 0; i < wait->list->len; i++) {
        VsWaited *waited = g_ptr_array_index(wait->list, i);
        if (!waited->twin && g_strcmp0(waited->id, id) == 0)
            return waited;
    }
    return NULL;
}

void
vs_stop_news_check(VsStopWait *wait)
{
    if (!wait->running)
        return;
    for (unsigned i = 0; i < wait->list->len; i++)
        if (!((VsWaited *)g_ptr_array_index(wait->list, i))->over)
            return;
    sd_event_exit(wait->event, 0);
}

static void
finish(VsWaited *waited)
{
    waited->over = true;
    waited->grace = sd_event_source_unref(waited->grace);
    if (!waited->twin)
        waited->wait->ops.over(waited, waited->wait->userdata);
    vs_stop_news_check(waited->wait);
}

void
vs_stop_news_fail(VsWaited *waited, GError *error)
{
    if (waited->over)
        g_error_free(error);
    else {
        waited->error = error;
        finish(waited);
    }
}

static bool
has_record(const char *outcome)
{
    return g_str_equal(outcome, "clean") || g_str_equal(outcome, "forced") ||
           g_str_equal(outcome, "halted");
}

/* Looks in the records for how a stop came out of which we have missed the end; false where that
 * isn't known (yet). */
static bool
look_up(VsWaited *waited, GError **error)
{
    g_autoptr(GPtrArray) records = vs_records_query(waited->wait->ctl, NULL, SEARCH_LIMIT, error);

    for (unsigned i = records ? records->len : 0; i > 0 && !waited->record; i--) {
        json_object *record = g_ptr_array_index(records, i - 1);
        if (g_strcmp0(vs_record_stop(record), waited->id) == 0)
            waited->record = json_object_get(record);
    }
    if (waited->record && !waited->outcome)
        waited->outcome =
            g_strdup(vs_json_string(vs_json_object(waited->record, "request"), "outcome", NULL));
    if (waited->outcome)
        finish(waited);
    return waited->over;
}

static void give_grace(VsWaited *waited);
static bool take_up(VsWaited *waited, GError **error);

/* No more news came. A daemon that has only just come back may have been too busy to answer: then
 * it is asked once more where the stop stands. */
static void
settle(VsWaited *waited)
{
    g_autoptr(GError) error = NULL;

    if (look_up(waited, NULL) || take_up(waited, &error))
        return;
    if (look_up(waited, NULL))
        return; /* it ended between the two questions */
    if (g_error_matches(error, VS_ERROR, VS_ERROR_NO_STOP)) {
        g_clear_error(&error);
        error = g_error_new_literal(VS_ERROR, VS_ERROR_FAILED,
                                    _("The stop is over, and how it came out isn't recorded"));
    }
    vs_stop_news_fail(waited, g_steal_pointer(&error));
}

static int
on_grace_over(sd_event_source *source, uint64_t usec, void *userdata)
{
    VsWaited *waited = userdata;

    waited->grace = sd_event_source_unref(waited->grace);
    /* While the daemon is away again, its return is waited for. */
    if (!waited->over && !waited->wait->return_timer)
        settle(waited);
    return 0;
}

/* The rest of the news should be on its way. */
static void
give_grace(VsWaited *waited)
{
    if (waited->grace)
        return;
    if (sd_event_add_time(waited->wait->event, &waited->grace, CLOCK_MONOTONIC,
                          g_get_monotonic_time() + GRACE, 0, on_grace_over, waited) < 0)
        settle(waited);
}

static void
check_over(VsWaited *waited)
{
    if (waited->over || !waited->outcome)
        return;
    if (waited->record || !has_record(waited->outcome))
        finish(waited);
    else
        give_grace(waited);
}

static void
set_name(VsWaited *waited, const char *name)
{
    if (!waited->name && name && *name)
        waited->name = g_strdup(name);
}

/* Reads where the stop stands. */
static bool
look(VsWaited *waited, const char *path, GError **error)
{
    VsStopWait *wait = waited->wait;
    g_autoptr(sd_bus_message) reply = vs_client_get_all(wait->ctl, path, VS_BUS_STOP, error);

    if (!reply || !vs_client_check(vs_stop_object_read(&waited->stop, reply), error))
        return false;
    set_name(waited, waited->stop.domain_name);
    wait->ops.changed(waited, wait->userdata);
    return true;
}

/* Waits on for a stop that the daemon still has. */
static bool
take_up(VsWaited *waited, GError **error)
{
    VsCtl *ctl = waited->wait->ctl;
    g_autoptr(sd_bus_message) call = vs_client_new_call(ctl, "GetStop");
    g_autoptr(sd_bus_message) reply = NULL;
    const char *path;

    if (call && sd_bus_message_append(call, "s", waited->id) < 0)
        g_clear_pointer(&call, sd_bus_message_unref);
    reply = vs_client_send(ctl, call, error);
    return reply && vs_client_check(sd_bus_message_read(reply, "o", &path), error) &&
           look(waited, path, error);
}

void
vs_stop_news_take(VsWaited *waited, const char *path)
{
    VsStopWait *wait = waited->wait;
    g_autofree char *id = vs_objects_stop_id(path);
    json_object *record;

    if (!id) {
        vs_client_check(-EBADMSG, &waited->error);
        finish(waited);
        return;
    }
    waited->twin = find(wait, id) != NULL;
    waited->id = g_steal_pointer(&id);
    if (waited->twin) {
        finish(waited);
        return;
    }
    waited->outcome = g_strdup(g_hash_table_lookup(wait->outcomes, waited->id));
    record = g_hash_table_lookup(wait->records, waited->id);
    if (record)
        waited->record = json_object_get(record);
    check_over(waited);
    /* One that is over already has no object: then its end is on its way. */
    if (!waited->outcome && !look(waited, path, NULL))
        give_grace(waited);
}

int
vs_stop_news_reply(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    VsWaited *waited = userdata;
    VsStopWait *wait = waited->wait;
    const char *path;

    wait->unanswered--;
    if (sd_bus_message_is_method_error(message, SD_BUS_ERROR_NO_REPLY) && wait->return_timer)
        waited->again = true;
    else if (sd_bus_message_is_method_error(message, NULL))
        vs_stop_news_fail(waited, vs_client_error(sd_bus_message_get_error(message), 0));
    else if (!vs_client_check(sd_bus_message_read(message, "o", &path), &waited->error))
        finish(waited);
    else
        vs_stop_news_take(waited, path);
    if (wait->unanswered == 0) {
        g_hash_table_remove_all(wait->outcomes);
        g_hash_table_remove_all(wait->records);
    }
    return 0;
}

static void
on_stop_added(const char *id, const char *domain_path, const char *name, void *userdata)
{
    VsWaited *waited = find(userdata, id);

    if (waited)
        set_name(waited, name);
}

static void
on_stop_changed(const char *id, sd_bus_message *changed, void *userdata)
{
    VsWaited *waited = find(userdata, id);

    if (waited && !waited->over && vs_stop_object_read(&waited->stop, changed) >= 0)
        waited->wait->ops.changed(waited, waited->wait->userdata);
}

static void
on_stop_finished(const char *id, const char *name, const char *outcome, void *userdata)
{
    VsStopWait *wait = userdata;
    VsWaited *waited = find(wait, id);

    if (waited && !waited->over) {
        set_name(waited, name);
        g_free(waited->outcome);
        waited->outcome = g_strdup(outcome);
        check_over(waited);
    } else if (!waited && wait->unanswered > 0) {
        g_hash_table_insert(wait->outcomes, g_strdup(id), g_strdup(outcome));
    }
}

static void
on_stop_recorded(json_object *record, void *userdata)
{
    VsStopWait *wait = userdata;
    const char *id = vs_record_stop(record);
    VsWaited *waited = id ? find(wait, id) : NULL;

    if (waited && !waited->over && !waited->record) {
        waited->record = json_object_get(record);
        check_over(waited);
    } else if (id && !waited && wait->unanswered > 0) {
        g_hash_table_insert(wait->records, g_strdup(id), json_object_get(record));
    }
}

void
vs_stop_news_fail_all(VsStopWait *wait, const char *message)
{
    for (unsigned i = 0; i < wait->list->len; i++) {
        VsWaited *waited = g_ptr_array_index(wait->list, i);
        if (!waited->over)
            vs_stop_news_fail(waited,
                              g_error_new_literal(VS_ERROR, VS_ERROR_NOT_CONNECTED, message));
    }
}

static int
on_no_return(sd_event_source *source, uint64_t usec, void *userdata)
{
    vs_stop_news_fail_all(
        userdata, _("virtstopd did not come back within 60 s: is virtstopd.service running? "
                    "It goes on with the stop when it is"));
    return 0;
}

static void
on_return(VsStopWait *wait)
{
    wait->return_timer = sd_event_source_unref(wait->return_timer);
    wait->ops.say(_("virtstopd is back."), wait->userdata);
    for (unsigned i = 0; i < wait->list->len; i++) {
        VsWaited *waited = g_ptr_array_index(wait->list, i);
        if (waited->over)
            continue;
        if (waited->again)
            vs_stop_wait_ask(waited); /* joins the stop, if it was begun */
        else if (waited->id && !take_up(waited, NULL) && !look_up(waited, NULL))
            give_grace(waited);
        waited->again = false;
    }
}

static void
on_daemon(bool there, void *userdata)
{
    VsStopWait *wait = userdata;

    if (wait->ops.daemon)
        wait->ops.daemon(there, wait->userdata);
    if (there && wait->return_timer)
        on_return(wait);
    if (there || wait->return_timer)
        return;
    wait->ops.say(_("virtstopd went away: waiting for it to come back and go on."), wait->userdata);
    if (sd_event_add_time(wait->event, &wait->return_timer, CLOCK_MONOTONIC,
                          g_get_monotonic_time() + RETURN_TIMEOUT, 0, on_no_return, wait) < 0)
        on_no_return(NULL, 0, wait);
}

static void
on_bus_lost(void *userdata)
{
    vs_stop_news_fail_all(
        userdata,
        _("The connection to the bus broke: the stop goes on, but is no longer waited for"));
}

const VsSignals vs_stop_news = {
    .stop_added = on_stop_added,
    .stop_changed = on_stop_changed,
    .stop_finished = on_stop_finished,
    .stop_recorded = on_stop_recorded,
    .daemon = on_daemon,
    .bus_lost = on_bus_lost,
};
