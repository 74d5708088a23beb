/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/stop-wait.h"

#include <errno.h>
#include <signal.h>
#include <time.h>

#include "client/manager.h"
#include "client/signals.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/span.h"

/* How long a daemon that went away has to come back: it takes its stops over then. */
#define RETURN_TIMEOUT (60 * VS_USEC_PER_SEC)

struct VsStopWait {
    VsClient *client;
    const VsRequest *request;
    VsStopWaitOps ops;
    void *userdata;
    sd_event *event;
    VsStopList *list;
    sd_event_source *return_timer, *ticker;
    bool deaf; /* the daemon, or the bus, is away: what happens isn't heard */

    /* A person is asked for one password at a time. Both of VsWaited. */
    VsWaited *asked; /* somebody may be asked for this one now; NULL: for none */
    GQueue unasked;  /* those that wait for its answer */

    VsWhole whole;
    bool stopping_all; /* the stop of all guests goes on: who joins it is waited for, too */

    bool ended; /* the waiting is, with @result */
    int result;
};

const GPtrArray *
vs_stop_wait_list(const VsStopWait *wait)
{
    return wait->list->all;
}

const VsWhole *
vs_stop_wait_whole(const VsStopWait *wait)
{
    return &wait->whole;
}

bool
vs_stop_wait_is_over(const VsStopWait *wait)
{
    return wait->list->n_open == 0 && !wait->stopping_all;
}

VsExit
vs_stop_wait_status(const VsStopWait *wait)
{
    return vs_stop_list_status(wait->list);
}

static void
end(VsStopWait *wait, int result)
{
    wait->ended = true;
    wait->result = result;
}

void
vs_stop_wait_leave(VsStopWait *wait)
{
    end(wait, VS_STOP_WAIT_LEFT);
}

void
vs_stop_wait_set_stopping_all(VsStopWait *wait, bool stopping_all)
{
    wait->stopping_all = stopping_all;
}

/* Nobody answers: whoever sees to it begins anew. */
static void
look_or_leave(VsStopWait *wait, VsWaited *waited)
{
    if (!vs_stop_list_look(wait->list, waited, NULL))
        vs_stop_wait_leave(wait);
}

static void ask(VsWaited *waited);

/* It was answered. Without a daemon the next ones are as it is: asked when that is back. */
static void
ask_next(VsStopWait *wait, const VsWaited *answered)
{
    VsWaited *next;

    if (wait->asked != answered)
        return;
    wait->asked = NULL;
    while (!wait->asked && (next = g_queue_pop_head(&wait->unasked))) {
        next->again = wait->deaf;
        if (!next->over && !next->again)
            ask(next);
    }
}

/* The answer to a Stop(). */
static int
on_reply(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    VsWaited *waited = userdata;
    VsStopWait *wait = waited->owner;
    g_autoptr(GError) error = NULL;
    const char *path;

    if (sd_bus_message_is_method_error(message, SD_BUS_ERROR_NO_REPLY) && wait->deaf)
        waited->again = true;
    else if (sd_bus_message_is_method_error(message, NULL))
        vs_stop_list_fail(wait->list, waited,
                          vs_client_error(wait->client, sd_bus_message_get_error(message), 0));
    else if (!vs_client_check(sd_bus_message_read(message, "o", &path), &error))
        vs_stop_list_fail(wait->list, waited, g_steal_pointer(&error));
    else if (!vs_stop_list_take(wait->list, waited, path, NULL))
        vs_stop_wait_leave(wait);
    ask_next(wait, waited);
    return 0;
}

static int
send_stop(VsStopWait *wait, VsWaited *waited)
{
    g_autoptr(sd_bus_message) call =
        vs_request_new_stop(wait->client, wait->request, waited->argument);
    int r;

    if (!call)
        return -ENOMEM;
    r = sd_bus_call_async(wait->client->bus, NULL, call, on_reply, waited,
                          (uint64_t)vs_client_timeout_of(wait->client, call));
    if (r >= 0 && sd_bus_message_get_allow_interactive_authorization(call) > 0)
        wait->asked = waited;
    return r;
}

static void
ask(VsWaited *waited)
{
    VsStopWait *wait = waited->owner;
    int r;

    if (wait->asked) {
        g_queue_push_tail(&wait->unasked, waited);
        return;
    }
    r = send_stop(wait, waited);
    if (r < 0)
        vs_stop_list_fail(wait->list, waited, vs_client_error(wait->client, NULL, r));
}

void
vs_stop_wait_add(VsStopWait *wait, const char *argument)
{
    VsWaited *waited = vs_stop_list_append(wait->list, argument, NULL);

    waited->owner = wait;
    ask(waited);
}

/* Who is started, or found, while all are stopped joins them. */
static void
on_stop_added(const char *id, const char *domain_path, const char *name, void *userdata)
{
    VsStopWait *wait = userdata;
    g_autofree char *path = vs_objects_stop_path(id);

    if (!wait->stopping_all || vs_stop_list_find(wait->list, id))
        return;
    if (!vs_stop_list_take(wait->list, vs_stop_list_append(wait->list, NULL, name), path, NULL))
        vs_stop_wait_leave(wait);
}

/* Also of one that we have seen already: that virtstopd told the bus of only when it was over. */
static void
on_stop_changed(const char *id, sd_bus_message *changed, void *userdata)
{
    const VsStopWait *wait = userdata;
    VsWaited *waited = vs_stop_list_find(wait->list, id);

    if (waited && !waited->over && vs_waited_read(waited, changed) >= 0)
        vs_stop_list_show(wait->list, waited);
}

/* Sooner than its record came: there are a great many. */
static void
on_stop_removed(const char *id, void *userdata)
{
    VsStopWait *wait = userdata;
    VsWaited *waited = vs_stop_list_find(wait->list, id);

    if (waited && !waited->over)
        look_or_leave(wait, waited);
}

static void
on_manager_changed(sd_bus_message *changed, void *userdata)
{
    VsStopWait *wait = userdata;
    g_auto(VsManagerObject) manager = {.stopping_all = wait->stopping_all};

    if (wait->list->round > 0 && vs_manager_object_read(&manager, changed) >= 0)
        vs_stop_wait_set_stopping_all(wait, manager.stopping_all);
}

static void
on_host_stop_changed(const char *path, sd_bus_message *changed, void *userdata)
{
    VsStopWait *wait = userdata;

    vs_whole_read_change(&wait->whole, path, changed);
}

static void
fail_all(VsStopWait *wait, const char *message)
{
    wait->stopping_all = false; /* as far as we shall know */
    vs_stop_list_fail_all(wait->list, message);
}

static int
on_no_return(sd_event_source *source, uint64_t usec, void *userdata)
{
    fail_all(userdata, _("virtstopd did not come back within 60 s: is virtstopd.service running? "
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
    for (unsigned i = 0; i < wait->list->all->len; i++) {
        VsWaited *waited = g_ptr_array_index(wait->list->all, i);
        if (waited->again)
            ask(waited); /* joins the stop, if it was begun */
        else if (waited->id && !waited->over)
            look_or_leave(wait, waited);
        waited->again = false;
    }
    if (wait->stopping_all && vs_manager_object_get(wait->client, &manager, NULL))
        vs_stop_wait_set_stopping_all(wait, manager.stopping_all);
}

static void
on_departure(VsStopWait *wait)
{
    wait->deaf = true;
    if (wait->ops.list.leaves) {
        vs_stop_wait_leave(wait);
        return;
    }
    wait->ops.daemon(false, wait->userdata);
    if (sd_event_add_time(wait->event, &wait->return_timer, CLOCK_MONOTONIC,
                          g_get_monotonic_time() + RETURN_TIMEOUT, 0, on_no_return, wait) < 0)
        on_no_return(NULL, 0, wait);
}

static void
on_daemon(bool there, void *userdata)
{
    VsStopWait *wait = userdata;

    if (there && wait->return_timer)
        on_return(wait);
    else if (!there && !wait->return_timer)
        on_departure(wait);
}

static void
on_bus_lost(void *userdata)
{
    VsStopWait *wait = userdata;

    wait->deaf = true;
    if (wait->ops.list.leaves)
        vs_stop_wait_leave(wait);
    else
        fail_all(wait, _("The connection to the bus broke: the stop goes on, but is no longer "
                         "waited for"));
}

static const VsSignals signals = {
    .stop_added = on_stop_added,
    .stop_appeared = on_stop_changed,
    .stop_changed = on_stop_changed,
    .stop_removed = on_stop_removed,
    .manager_changed = on_manager_changed,
    .host_stop_changed = on_host_stop_changed,
    .daemon = on_daemon,
    .bus_lost = on_bus_lost,
};

bool
vs_stop_wait_adopt(VsStopWait *wait, sd_bus_message *answer, bool stopping_all, GError **error)
{
    wait->deaf = false;
    wait->stopping_all = stopping_all;
    if (!vs_stop_list_adopt(wait->list, answer, error))
        return false;
    vs_whole_learn(&wait->whole, wait->client, wait->list->all);
    return true;
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
    end(userdata, (int)info->ssi_signo);
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
           vs_signals_listen(wait->client, &signals, wait, error);
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
    wait->list = vs_stop_list_new(client, &ops->list, userdata);
    g_queue_init(&wait->unasked);
    if (!check(prepare(wait), error) || (client->bus && !vs_stop_wait_attach(wait, error)))
        return NULL;
    return g_steal_pointer(&wait);
}

void
vs_stop_wait_free(VsStopWait *wait)
{
    vs_stop_wait_detach(wait);
    g_queue_clear(&wait->unasked);
    vs_stop_list_free(wait->list);
    vs_whole_clear(&wait->whole);
    sd_event_source_unref(wait->return_timer);
    sd_event_source_unref(wait->ticker);
    sd_event_unref(wait->event);
    g_free(wait);
}

int
vs_stop_wait_run(VsStopWait *wait)
{
    int r = 0;

    wait->ended = false;
    while (r >= 0 && !wait->ended && !vs_stop_wait_is_over(wait))
        r = sd_event_run(wait->event, UINT64_MAX);
    if (r < 0)
        fail_all(wait, g_strerror(-r));
    return wait->ended ? wait->result : 0;
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
