/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/stop-wait.h"

#include <errno.h>
#include <signal.h>
#include <time.h>

#include "ctl/stop-wait-private.h"
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
    sd_event_source_set_time(source, usec + VS_USEC_PER_SEC);
    return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int
on_signal(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
    return sd_event_exit(sd_event_source_get_event(source), info->ssi_signo);
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
        (r = sd_event_add_signal(wait->event, NULL, SIGINT, on_signal, NULL)) < 0 ||
        (r = sd_event_add_signal(wait->event, NULL, SIGTERM, on_signal, NULL)) < 0 ||
        (r = sd_bus_attach_event(wait->ctl->bus, wait->event, SD_EVENT_PRIORITY_NORMAL)) < 0)
        return r;
    if (!wait->ops.tick)
        return 0;
    return sd_event_add_time(wait->event, &wait->ticker, CLOCK_MONOTONIC,
                             g_get_monotonic_time() + VS_USEC_PER_SEC, 0, on_tick, wait);
}

VsStopWait *
vs_stop_wait_new(VsCtl *ctl, const VsStopWaitOps *ops, void *userdata, GError **error)
{
    g_autoptr(VsStopWait) wait = g_new0(VsStopWait, 1);
    int r;

    wait->ctl = ctl;
    wait->ops = *ops;
    wait->userdata = userdata;
    wait->list = g_ptr_array_new_with_free_func(waited_free);
    wait->outcomes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    wait->records = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_record);
    r = prepare(wait);
    if (r < 0) {
        g_set_error(error, VS_ERROR, VS_ERROR_FAILED, _("Can't wait for stops: %s"),
                    g_strerror(-r));
        return NULL;
    }
    return vs_signals_listen(ctl, &vs_stop_news, wait, error) ? g_steal_pointer(&wait) : NULL;
}

static int
append_options(const VsCtl *ctl, sd_bus_message *call)
{
    int r = sd_bus_message_open_container(call, 'a', "{sv}");

    if (r >= 0 && ctl->uri)
        r = sd_bus_message_append(call, "{sv}", "uri", "s", ctl->uri);
    if (r >= 0 && ctl->ladder)
        r = sd_bus_message_append(call, "{sv}", "ladder", "s", ctl->ladder);
    if (r >= 0 && ctl->budget > 0)
        r = sd_bus_message_append(call, "{sv}", "budget", "t", (uint64_t)ctl->budget);
    if (r >= 0 && ctl->reason)
        r = sd_bus_message_append(call, "{sv}", "reason", "s", ctl->reason);
    return r < 0 ? r : sd_bus_message_close_container(call);
}

sd_bus_message *
vs_stop_wait_new_call(VsCtl *ctl, const char *domain)
{
    g_autoptr(sd_bus_message) call = vs_client_new_call(ctl, "Stop");

    if (!call || sd_bus_message_append(call, "s", domain) < 0 || append_options(ctl, call) < 0)
        return NULL;
    return g_steal_pointer(&call);
}

void
vs_stop_wait_ask(VsWaited *waited)
{
    VsCtl *ctl = waited->wait->ctl;
    g_autoptr(sd_bus_message) call = vs_stop_wait_new_call(ctl, waited->argument);
    int r = -ENOMEM;

    if (call)
        r = sd_bus_call_async(ctl->bus, NULL, call, vs_stop_news_reply, waited, VS_CLIENT_TIMEOUT);
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

void
vs_stop_wait_adopt(VsStopWait *wait, const char *domain, const char *path)
{
    VsWaited *waited = g_new0(VsWaited, 1);

    waited->name = g_strdup(domain);
    waited->argument = waited->name;
    waited->wait = wait;
    g_ptr_array_add(wait->list, waited);
    vs_stop_news_take(waited, path);
}

void
vs_stop_wait_free(VsStopWait *wait)
{
    sd_bus_detach_event(wait->ctl->bus);
    g_ptr_array_unref(wait->list);
    g_hash_table_unref(wait->outcomes);
    g_hash_table_unref(wait->records);
    sd_event_source_unref(wait->return_timer);
    sd_event_source_unref(wait->ticker);
    sd_event_unref(wait->event);
    g_free(wait);
}

int
vs_stop_wait_run(VsStopWait *wait)
{
    int r;

    wait->running = true;
    vs_stop_news_check(wait);
    r = sd_event_loop(wait->event);
    if (r < 0)
        vs_stop_news_fail_all(wait, g_strerror(-r));
    return MAX(r, 0);
}
