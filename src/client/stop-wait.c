/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/stop-wait.h"

#include <errno.h>
#include <signal.h>
#include <time.h>

#include "client/stop-wait-private.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/span.h"

static void
waited_free(gpointer data)
{
    VsWaited *waited = data;

    g_free(waited->id);
    g_free(waited->name);
    vs_stop_object_clear(&waited->stop);
    g_free(waited->outcome);
    json_object_put(waited->record);
    g_clear_error(&waited->error);
    sd_event_source_unref(waited->grace);
    g_free(waited);
}

static void
free_record(gpointer data)
{
    json_object_put(data);
}

const GPtrArray *
vs_stop_wait_list(const VsStopWait *wait)
{
    return wait->list;
}

static int
on_tick(sd_event_source *source, uint64_t usec, void *userdata)
{
    VsStopWait *wait = userdata;

    wait->ops.tick(wait->userdata);
    /* What a call that blocked has cost isn't made up for. */
    sd_event_source_set_time(source, MAX(usec, (uint64_t)g_get_monotonic_time()) + VS_USEC_PER_SEC);
    return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int
on_signal(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
    vs_stop_wait_end(userdata, (int)info->ssi_signo);
    return 0;
}

static int
prepare(VsStopWait *wait)
{
    sigset_t mask;
    int r;

    sigemptyset(&mask);
    sigaddset(&mask, SIGINT);
    sigaddset(&mask, SIGTERM);
    sigprocmask(SIG_BLOCK, &mask, NULL);
    if ((r = sd_event_new(&wait->event)) < 0 ||
        (r = sd_event_add_signal(wait->event, NULL, SIGINT, on_signal, wait)) < 0 ||
        (r = sd_event_add_signal(wait->event, NULL, SIGTERM, on_signal, wait)) < 0)
        return r;
    if (!wait->ops.tick)
        return 0;
    return sd_event_add_time(wait->event, &wait->ticker, CLOCK_MONOTONIC,
                             g_get_monotonic_time() + VS_USEC_PER_SEC, 0, on_tick, wait);
}

static bool
check(int r, GError **error)
{
    if (r >= 0)
        return true;
    g_set_error(error, VS_ERROR, VS_ERROR_FAILED, _("Can't wait for stops: %s"), g_strerror(-r));
    return false;
}

bool
vs_stop_wait_attach(VsStopWait *wait, GError **error)
{
    return check(sd_bus_attach_event(wait->client->bus, wait->event, SD_EVENT_PRIORITY_NORMAL),
                 error) &&
           vs_signals_listen(wait->client, &vs_stop_news, wait, error);
}

void
vs_stop_wait_detach(VsStopWait *wait)
{
    wait->deaf = true;
    if (wait->client->bus)
        sd_bus_detach_event(wait->client->bus);
}

VsStopWait *
vs_stop_wait_new(VsClient *client, const VsRequest *request, const VsStopWaitOps *ops,
                 void *userdata, GError **error)
{
    g_autoptr(VsStopWait) wait = g_new0(VsStopWait, 1);

    wait->client = client;
    wait->request = request;
    wait->ops = *ops;
    wait->userdata = userdata;
    wait->list = g_ptr_array_new_with_free_func(waited_free);
    wait->outcomes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    wait->records = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_record);
    if (!check(prepare(wait), error) || (client->bus && !vs_stop_wait_attach(wait, error)))
        return NULL;
    return g_steal_pointer(&wait);
}

void
vs_stop_wait_ask(VsWaited *waited)
{
    VsClient *client = waited->wait->client;
    g_autoptr(sd_bus_message) call =
        vs_request_new_stop(client, waited->wait->request, waited->argument);
    int r = -ENOMEM;

    if (call)
        r = sd_bus_call_async(client->bus, NULL, call, vs_stop_news_reply, waited,
                              (uint64_t)vs_client_timeout(client));
    if (r < 0)
        vs_stop_news_fail(waited, vs_client_error(NULL, r));
    else
        waited->wait->unanswered++;
}

void
vs_stop_wait_add(VsStopWait *wait, const char *argument)
{
    VsWaited *waited = g_new0(VsWaited, 1);

    waited->argument = argument;
    waited->wait = wait;
    g_ptr_array_add(wait->list, waited);
    vs_stop_wait_ask(waited);
}

VsWaited *
vs_stop_wait_append(VsStopWait *wait, const char *domain)
{
    VsWaited *waited = g_new0(VsWaited, 1);

    waited->name = g_strdup(domain);
    waited->argument = waited->name;
    waited->wait = wait;
    waited->round = wait->round;
    g_ptr_array_add(wait->list, waited);
    return waited;
}

static void
adopt(VsStopWait *wait, const char *domain, const char *path)
{
    g_autofree char *id = vs_objects_stop_id(path);
    VsWaited *waited = id ? vs_stop_news_find(wait, id) : NULL;

    if (!waited) {
        vs_stop_news_take(vs_stop_wait_append(wait, domain), path);
        return;
    }
    /* Whoever said that it was over knew less. */
    waited->round = wait->round;
    waited->over = false;
    g_clear_error(&waited->error);
    if (!vs_stop_news_look(waited, path, NULL))
        vs_stop_catch_up_later(waited);
}

int
vs_stop_wait_adopt(VsStopWait *wait, sd_bus_message *answer, bool stopping_all)
{
    const char *domain, *path;
    unsigned n_known = wait->list->len;
    int r = sd_bus_message_enter_container(answer, 'a', "(so)");

    wait->round++;
    wait->deaf = false;
    wait->stopping_all = stopping_all;
    while (r >= 0 && (r = sd_bus_message_read(answer, "(so)", &domain, &path)) > 0)
        adopt(wait, domain, path);
    for (unsigned i = 0; i < n_known; i++) {
        VsWaited *waited = g_ptr_array_index(wait->list, i);
        if (!waited->over && waited->round != wait->round)
            vs_stop_catch_up(waited);
    }
    return r;
}

void
vs_stop_wait_set_stopping_all(VsStopWait *wait, bool stopping_all)
{
    wait->stopping_all = stopping_all;
    vs_stop_news_check(wait);
}

bool
vs_stop_wait_is_over(const VsStopWait *wait)
{
    for (unsigned i = 0; i < wait->list->len; i++)
        if (!((VsWaited *)g_ptr_array_index(wait->list, i))->over)
            return false;
    return !wait->stopping_all;
}

VsExit
vs_waited_exit(const VsWaited *waited)
{
    return waited->error ? vs_exit_of_error(waited->error) : vs_exit_of_outcome(waited->outcome);
}

VsExit
vs_stop_wait_status(const VsStopWait *wait)
{
    VsExit status = VS_EXIT_OK;

    for (unsigned i = 0; i < wait->list->len; i++) {
        const VsWaited *waited = g_ptr_array_index(wait->list, i);
        if (!waited->twin)
            status = vs_exit_worse(status, vs_waited_exit(waited));
    }
    return status;
}

void
vs_stop_wait_free(VsStopWait *wait)
{
    vs_stop_wait_detach(wait);
    g_ptr_array_unref(wait->list);
    g_hash_table_unref(wait->outcomes);
    g_hash_table_unref(wait->records);
    sd_event_source_unref(wait->return_timer);
    sd_event_source_unref(wait->ticker);
    sd_event_unref(wait->event);
    g_free(wait);
}

void
vs_stop_wait_end(VsStopWait *wait, int result)
{
    wait->ended = true;
    wait->result = result;
}

void
vs_stop_wait_leave(VsStopWait *wait)
{
    vs_stop_wait_end(wait, VS_STOP_WAIT_LEFT);
}

int
vs_stop_wait_run(VsStopWait *wait)
{
    int r = 0;

    wait->ended = false;
    wait->running = true;
    vs_stop_news_check(wait);
    while (r >= 0 && !wait->ended)
        r = sd_event_run(wait->event, UINT64_MAX);
    if (r < 0)
        vs_stop_news_fail_all(wait, g_strerror(-r));
    wait->running = false;
    return wait->result;
}

int
vs_stop_wait_pause(VsStopWait *wait, int64_t span)
{
    int64_t until = g_get_monotonic_time() + span, left;
    int r = 0;

    wait->ended = false;
    while (r >= 0 && !wait->ended && (left = until - g_get_monotonic_time()) > 0)
        r = sd_event_run(wait->event, (uint64_t)left);
    return wait->ended ? MAX(wait->result, 0) : 0;
}
