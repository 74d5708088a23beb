/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <time.h>

#include "client/manager.h"
#include "client/records.h"
#include "client/stop-wait-private.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/span.h"

/* How long a daemon that went away has to come back: it takes its stops over then. */
#define RETURN_TIMEOUT (60 * VS_USEC_PER_SEC)

VsWaited *
vs_stop_news_find(const VsStopWait *wait, const char *id)
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
    if (wait->running && vs_stop_wait_is_over(wait))
        vs_stop_wait_end(wait, 0);
}

void
vs_stop_news_finish(VsWaited *waited)
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
        vs_stop_news_finish(waited);
    }
}

static bool
has_record(const char *outcome)
{
    return g_str_equal(outcome, "clean") || g_str_equal(outcome, "forced") ||
           g_str_equal(outcome, "halted");
}

static void
check_over(VsWaited *waited)
{
    if (waited->over || !waited->outcome)
        return;
    if (waited->record || !has_record(waited->outcome))
        vs_stop_news_finish(waited);
    else
        vs_stop_catch_up_later(waited);
}

static void
set_name(VsWaited *waited, const char *name)
{
    if (!waited->name && name && *name)
        waited->name = g_strdup(name);
}

bool
vs_stop_news_look(VsWaited *waited, const char *path, GError **error)
{
    VsStopWait *wait = waited->wait;
    g_autoptr(sd_bus_message) reply = vs_client_get_all(wait->client, path, VS_BUS_STOP, error);

    if (!reply || !vs_client_check(vs_stop_object_read(&waited->stop, reply), error))
        return false;
    set_name(waited, waited->stop.domain_name);
    wait->ops.changed(waited, wait->userdata);
    return true;
}

void
vs_stop_news_take(VsWaited *waited, const char *path)
{
    VsStopWait *wait = waited->wait;
    g_autofree char *id = vs_objects_stop_id(path);
    json_object *record;

    if (!id) {
        vs_client_check(-EBADMSG, &waited->error);
        vs_stop_news_finish(waited);
        return;
    }
    waited->twin = vs_stop_news_find(wait, id) != NULL;
    waited->id = g_steal_pointer(&id);
    if (waited->twin) {
        vs_stop_news_finish(waited);
        return;
    }
    waited->outcome = g_strdup(g_hash_table_lookup(wait->outcomes, waited->id));
    record = g_hash_table_lookup(wait->records, waited->id);
    if (record)
        waited->record = json_object_get(record);
    check_over(waited);
    /* One that is over already has no object: then its end is on its way. */
    if (!waited->outcome && !vs_stop_news_look(waited, path, NULL))
        vs_stop_catch_up_later(waited);
}

int
vs_stop_news_reply(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    VsWaited *waited = userdata;
    VsStopWait *wait = waited->wait;
    const char *path;

    wait->unanswered--;
    if (sd_bus_message_is_method_error(message, SD_BUS_ERROR_NO_REPLY) && wait->deaf)
        waited->again = true;
    else if (sd_bus_message_is_method_error(message, NULL))
        vs_stop_news_fail(waited, vs_client_error(sd_bus_message_get_error(message), 0));
    else if (!vs_client_check(sd_bus_message_read(message, "o", &path), &waited->error))
        vs_stop_news_finish(waited);
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
    VsStopWait *wait = userdata;
    VsWaited *waited = vs_stop_news_find(wait, id);

    if (waited) {
        set_name(waited, name);
    } else if (wait->stopping_all) {
        /* Who is started, or found, while all are stopped joins them. */
        waited = vs_stop_wait_append(wait, name);
        waited->id = g_strdup(id);
        vs_stop_catch_up(waited);
    }
}

static void
on_stop_changed(const char *id, sd_bus_message *changed, void *userdata)
{
    VsWaited *waited = vs_stop_news_find(userdata, id);

    if (waited && !waited->over && vs_stop_object_read(&waited->stop, changed) >= 0)
        waited->wait->ops.changed(waited, waited->wait->userdata);
}

static void
on_stop_finished(const char *id, const char *name, const char *outcome, void *userdata)
{
    VsStopWait *wait = userdata;
    VsWaited *waited = vs_stop_news_find(wait, id);

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
    VsWaited *waited = id ? vs_stop_news_find(wait, id) : NULL;

    if (waited && !waited->over && !waited->record) {
        waited->record = json_object_get(record);
        check_over(waited);
    } else if (id && !waited && wait->unanswered > 0) {
        g_hash_table_insert(wait->records, g_strdup(id), json_object_get(record));
    }
}

static void
on_manager_changed(sd_bus_message *changed, void *userdata)
{
    VsStopWait *wait = userdata;
    g_auto(VsManagerObject) manager = {.stopping_all = wait->stopping_all};

    if (wait->round > 0 && vs_manager_object_read(&manager, changed) >= 0)
        vs_stop_wait_set_stopping_all(wait, manager.stopping_all);
}

void
vs_stop_news_fail_all(VsStopWait *wait, const char *message)
{
    wait->stopping_all = false; /* as far as we shall know */
    for (unsigned i = 0; i < wait->list->len; i++) {
        VsWaited *waited = g_ptr_array_index(wait->list, i);
        if (!waited->over)
            vs_stop_news_fail(waited,
                              g_error_new_literal(VS_ERROR, VS_ERROR_NOT_CONNECTED, message));
    }
    vs_stop_news_check(wait);
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
    g_auto(VsManagerObject) manager = {0};

    wait->return_timer = sd_event_source_unref(wait->return_timer);
    wait->deaf = false;
    wait->ops.daemon(true, wait->userdata);
    vs_stop_catch_up_all(wait);
    if (wait->stopping_all && vs_manager_object_get(wait->client, &manager, NULL))
        vs_stop_wait_set_stopping_all(wait, manager.stopping_all);
}

static void
on_daemon(bool there, void *userdata)
{
    VsStopWait *wait = userdata;

    if (there && wait->return_timer)
        on_return(wait);
    if (there || wait->return_timer)
        return;
    wait->deaf = true;
    if (wait->ops.leaves) {
        vs_stop_wait_leave(wait);
        return;
    }
    wait->ops.daemon(false, wait->userdata);
    if (sd_event_add_time(wait->event, &wait->return_timer, CLOCK_MONOTONIC,
                          g_get_monotonic_time() + RETURN_TIMEOUT, 0, on_no_return, wait) < 0)
        on_no_return(NULL, 0, wait);
}

static void
on_bus_lost(void *userdata)
{
    VsStopWait *wait = userdata;

    wait->deaf = true;
    if (wait->ops.leaves)
        vs_stop_wait_leave(wait);
    else
        vs_stop_news_fail_all(
            wait,
            _("The connection to the bus broke: the stop goes on, but is no longer waited for"));
}

const VsSignals vs_stop_news = {
    .stop_added = on_stop_added,
    .stop_changed = on_stop_changed,
    .stop_finished = on_stop_finished,
    .stop_recorded = on_stop_recorded,
    .manager_changed = on_manager_changed,
    .daemon = on_daemon,
    .bus_lost = on_bus_lost,
};
