/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hook/hook.h"

#include <systemd/sd-daemon.h>

#include "client/manager.h"
#include "client/stop-all.h"
#include "hook/bus.h"
#include "hook/daemon.h"
#include "hook/libvirt.h"
#include "hook/list.h"
#include "hook/say.h"
#include "hook/system.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/span.h"
#include "words/complain.h"
#include "words/waited.h"
#include "words/whole.h"

/* What is asked for with every sign of life: more than any call, or some in a row, may take. */
#define EXTENSION (120 * VS_USEC_PER_SEC)

/* How often people at the console get one, ticks of a second. */
#define SAY_EVERY 10

/* Between two looks for virtstopd's name; between two requests that failed. */
#define POLL  (200 * VS_USEC_PER_MSEC)
#define RETRY (VS_USEC_PER_SEC)

/* How often StopAll() is asked, and how often without a pause. */
#define MAX_ASKED 100
#define QUICKLY   3

/* As far as a stop's ladder is believed, where nobody tells how it goes. */
#define MAX_SILENCE (30 * 60 * VS_USEC_PER_SEC)

typedef struct Hook {
    VsClient client;
    VsRequest request;
    const VsHookSetup *setup;
    VsTold *told_of_stops;
    VsHookConsole console;
    VsStopWait *wait;
    VsHookBus bus;
    VsHookDaemon daemon;
    VsHookLibvirt *libvirt;
    sd_bus_slot *pulse; /* a question whether virtstopd lives, not answered yet */
    unsigned ticks;
    unsigned n_asked;     /* StopAll(), with success */
    bool asked;           /* ... of the one that is on the bus now */
    GError *refusal;      /* it is no use to ask again */
    unsigned told;        /* which VsError was complained of since it went well last, a bit each */
    int64_t answered;     /* monotonic µs: when virtstopd did last, or we began */
    int64_t silent_since; /* ... when it didn't first; 0: it does */
    int64_t gone_since;   /* ... when it lost its name; 0: it has it */
    int64_t idle_since;   /* ... when the last guest was off, and it goes on; 0: it doesn't */
} Hook;

static void
extend(void)
{
    sd_notifyf(0, "EXTEND_TIMEOUT_USEC=%lld", (long long)EXTENSION);
}

static void
note_answer(Hook *hook)
{
    hook->answered = g_get_monotonic_time();
    hook->silent_since = 0;
    vs_hook_daemon_answered(&hook->daemon);
}

static void
note_silence(Hook *hook)
{
    if (hook->silent_since == 0)
        hook->silent_since = g_get_monotonic_time() - hook->setup->call;
}

static bool
hangs(const Hook *hook)
{
    return hook->silent_since > 0 &&
           g_get_monotonic_time() - hook->silent_since >= hook->setup->hang;
}

static void
tell(Hook *hook)
{
    unsigned left;
    g_autofree char *guests = vs_hook_describe(&hook->client, vs_stop_wait_list(hook->wait), &left);
    const char *text = hook->asked ? guests : _("virtstopd doesn't answer");

    if (left > 0 || !hook->asked)
        hook->idle_since = 0;
    else if (hook->idle_since == 0)
        hook->idle_since = g_get_monotonic_time();
    sd_notifyf(0, "STATUS=%u: %s", left, text);
    if (left > 0 && ++hook->ticks % SAY_EVERY == 0) {
        g_autofree char *whole = vs_whole_progress(vs_stop_wait_whole(hook->wait), &hook->client,
                                                   vs_stop_wait_list(hook->wait));
        g_autofree char *line = g_strdup_printf("%s: %s\n", whole, text);
        vs_hook_say_step(&hook->console, line);
    }
}

static int
on_pulse(sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    g_auto(VsManagerObject) manager = {0};
    Hook *hook = userdata;

    hook->pulse = sd_bus_slot_unref(hook->pulse);
    if (sd_bus_message_is_method_error(reply, NULL) ||
        vs_manager_object_read(&manager, reply) < 0) {
        note_silence(hook);
        return 0;
    }
    note_answer(hook);
    vs_stop_wait_set_stopping_all(hook->wait, manager.stopping_all);
    vs_hook_libvirt_tend(hook->libvirt, manager.away, manager.open);
    if (vs_hook_libvirt_is_barred(hook->libvirt))
        vs_hook_daemon_raise(&hook->daemon, &hook->client);
    return 0;
}

static void
feel_pulse(Hook *hook)
{
    g_autoptr(sd_bus_message) call =
        vs_client_new_get_all(&hook->client, VS_BUS_PATH, VS_BUS_MANAGER);

    if (call && sd_bus_message_set_auto_start(call, false) >= 0)
        sd_bus_call_async(hook->client.bus, &hook->pulse, call, on_pulse, hook,
                          (uint64_t)hook->setup->call);
}

static bool
idles(const Hook *hook)
{
    return hook->idle_since > 0 &&
           g_get_monotonic_time() - hook->idle_since >= hook->setup->silence;
}

static void
on_tick(void *userdata)
{
    Hook *hook = userdata;

    extend();
    tell(hook);
    if (!hook->asked)
        return;
    if (!hook->pulse)
        feel_pulse(hook);
    if (hangs(hook) || idles(hook) || !sd_bus_is_open(hook->client.bus))
        vs_stop_wait_leave(hook->wait);
}

static void
on_changed(const VsWaited *waited, void *userdata)
{
    Hook *hook = userdata;
    g_autofree char *news = vs_waited_news(waited, hook->told_of_stops);

    vs_hook_say_step(&hook->console, news);
}

/* Of one that is off virtstopd says so, with its record. */
static void
on_over(const VsWaited *waited, void *userdata)
{
    const Hook *hook = userdata;
    g_autofree char *name = vs_waited_name(waited), *end = NULL, *line = NULL;

    if (waited->error) {
        vs_complain_of(name, waited->error);
        return;
    }
    end = vs_waited_end(waited);
    line = g_strdup_printf("%s: %s\n", name, end);
    if (waited->record)
        vs_hook_say_step(&hook->console, line);
    else
        vs_complain("%s: %s", name, end);
}

/* The bus may be what is broken: begins with another connection. */
static void
let_go(Hook *hook)
{
    hook->asked = false;
    hook->pulse = sd_bus_slot_unref(hook->pulse);
    vs_stop_wait_detach(hook->wait);
    vs_client_close(&hook->client);
}

/* Each trouble is told once, as long as it lasts. */
static void
complain(Hook *hook, const GError *error)
{
    unsigned bit = 1U << (unsigned)error->code;

    if (!(hook->told & bit))
        vs_complain_of(NULL, error);
    hook->told |= bit;
}

/* Whether there is a virtstopd, on a bus that can be used; sees to it that there will be. */
static bool
reach(Hook *hook)
{
    g_autoptr(GError) error = NULL;
    int64_t now = g_get_monotonic_time();
    int there;

    if (!hook->client.bus &&
        (!vs_client_open(&hook->client, &error) || !vs_stop_wait_attach(hook->wait, &error))) {
        complain(hook, error);
        let_go(hook);
        vs_hook_bus_tend(&hook->bus, &hook->client, hook->setup);
        return false;
    }
    there = vs_client_daemon_is_there(&hook->client);
    if (there < 0)
        let_go(hook);
    else
        vs_hook_bus_reached(&hook->bus);
    if (there > 0 && hangs(hook))
        vs_hook_daemon_kill_hung(&hook->client);
    else if (there > 0)
        return true;
    hook->silent_since = 0;
    if (there != 0)
        return false;

    if (hook->gone_since == 0)
        hook->gone_since = now;
    if (hook->n_asked == 0 || now - hook->gone_since >= hook->setup->back)
        vs_hook_daemon_tend(&hook->daemon);
    return false;
}

/* Joins the stop that is under way, if any; names those who are in it. */
static bool
ask(Hook *hook)
{
    g_autoptr(GError) error = NULL;

    if (vs_stop_all_ask(&hook->client, &hook->request, hook->wait, NULL, &error)) {
        hook->asked = true;
        hook->n_asked++;
        hook->gone_since = 0;
        hook->told = 0;
        note_answer(hook);
        return true;
    }
    if (hook->request.kind && g_error_matches(error, VS_ERROR, VS_ERROR_INVALID)) {
        hook->request.kind = NULL; /* one of before an update, which doesn't know that option */
        return ask(hook);
    }
    complain(hook, error);
    note_silence(hook);
    if (g_error_matches(error, VS_ERROR, VS_ERROR_INVALID))
        hook->refusal = g_steal_pointer(&error);
    return false;
}

/* As vs_stop_wait_run(): VS_STOP_WAIT_LEFT, it isn't over yet. */
static int
turn(Hook *hook)
{
    int r;

    if (!reach(hook)) {
        r = vs_stop_wait_pause(hook->wait, POLL);
    } else if (!ask(hook)) {
        let_go(hook);
        r = vs_stop_wait_pause(hook->wait, RETRY);
    } else if (vs_stop_wait_is_over(hook->wait)) {
        return 0;
    } else {
        r = vs_stop_wait_run(hook->wait);
        /* But for a shutdown's, each StopAll() asks those anew that were left running. */
        if (r == 0 && !vs_hook_end(hook->setup->scope)->host)
            return 0;
        if (r == VS_STOP_WAIT_LEFT)
            let_go(hook);
        else if (r == 0 && hook->n_asked >= QUICKLY)
            r = vs_stop_wait_pause(hook->wait, RETRY);
    }
    /* Those are over. Who came meanwhile, the next answer tells. */
    return r > 0 ? r : VS_STOP_WAIT_LEFT;
}

/* A virtstopd that we don't hear of may go on all the same, as far as the ladders reach. */
static int64_t
bearable_silence(const Hook *hook)
{
    int64_t longest = vs_hook_longest(vs_stop_wait_list(hook->wait));

    return MAX(hook->setup->silence, MIN(longest, MAX_SILENCE));
}

static bool
is_hopeless(const Hook *hook)
{
    int64_t now = g_get_monotonic_time();

    return hook->refusal || idles(hook) || hook->n_asked >= MAX_ASKED ||
           vs_hook_daemon_is_hopeless(&hook->daemon) ||
           now - hook->answered >= bearable_silence(hook);
}

/* On the console, too: for many a one it is the last that he sees of this boot. */
static void
tell_summary(const Hook *hook)
{
    g_autofree char *summary = vs_whole_summary(vs_stop_wait_whole(hook->wait), &hook->client,
                                                vs_stop_wait_list(hook->wait));

    if (summary) {
        g_autofree char *line = g_strdup_printf("%s\n", summary);
        vs_hook_say(line);
    }
}

/* Those that were stopped as soon as logind said that the host goes down may all be off before us.
 */
static void
tell_none(Hook *hook)
{
    g_autofree char *summary = vs_whole_summary_of_last(&hook->client);
    g_autofree char *line = summary ? g_strdup_printf("%s\n", summary) : NULL;

    vs_hook_say(line ? line : _("No guest runs that is to be stopped.\n"));
}

/* All are over: what can't be reached may still run. */
static VsExit
conclude(Hook *hook)
{
    VsExit status = vs_stop_wait_status(hook->wait);
    bool any = vs_stop_wait_list(hook->wait)->len > 0;
    g_autoptr(GError) error = NULL;
    g_auto(VsManagerObject) manager = {0};

    tell_summary(hook);
    if (!vs_manager_object_get(&hook->client, &manager, &error))
        return any ? status : vs_complain_of(NULL, error);
    vs_complain_of_away(manager.away);
    if (any)
        return status;
    if (manager.away && manager.away->len > 0)
        return VS_EXIT_FAILED;
    tell_none(hook);
    return VS_EXIT_OK;
}

static VsExit
stop_all(Hook *hook)
{
    int r;

    while ((r = turn(hook)) == VS_STOP_WAIT_LEFT) {
        if (!is_hopeless(hook))
            continue;
        vs_complain("%s", _("The guests can't be stopped: what still runs is cut off."));
        return hook->refusal ? vs_exit_of_error(hook->refusal) : VS_EXIT_FAILED;
    }
    if (r == 0)
        return conclude(hook);
    vs_complain("%s", _("No longer waiting: the stops go on."));
    return VS_EXIT_SIGNAL + r;
}

static bool
prepare(Hook *hook)
{
    VsStopWaitOps ops = {
        .list = {.changed = on_changed, .over = on_over, .leaves = true},
        .tick = on_tick,
    };
    g_autoptr(GError) error = NULL;

    hook->told_of_stops = vs_told_new();
    hook->libvirt = vs_hook_libvirt_new(&hook->client, hook->setup);
    hook->answered = g_get_monotonic_time();
    hook->wait = vs_stop_wait_new(&hook->client, &hook->request, &ops, hook, &error);
    if (!hook->wait)
        vs_complain_of(NULL, error);
    return hook->wait != NULL;
}

static void
clear(Hook *hook)
{
    if (hook->wait)
        let_go(hook);
    vs_hook_child_end(&hook->daemon.child);
    g_clear_pointer(&hook->libvirt, vs_hook_libvirt_free);
    g_clear_pointer(&hook->wait, vs_stop_wait_free);
    g_clear_pointer(&hook->told_of_stops, vs_told_free);
    vs_hook_child_end(&hook->bus.child);
    g_clear_error(&hook->refusal);
}

/* Whether the host goes down; @ret_status: what to end with where it doesn't. */
static bool
is_wanted(Hook *hook, VsExit *ret_status)
{
    switch (vs_hook_ask_host(&hook->client, hook->setup)) {
    case VS_HOST_STAYS:
        vs_hook_say(_(vs_hook_end(hook->setup->scope)->stays));
        *ret_status = VS_EXIT_OK;
        return false;
    case VS_HOST_NOT_KNOWN:
        vs_complain("%s", _(vs_hook_end(hook->setup->scope)->not_known));
        *ret_status = VS_EXIT_FAILED;
        return false;
    case VS_HOST_GOES_DOWN:
        break;
    }
    return true;
}

VsExit
vs_hook_run(const VsRequest *request, const VsHookSetup *setup)
{
    Hook hook = {
        .client = {.scope = setup->scope,
                   .call_timeout = setup->call,
                   .before_call = extend,
                   .hurries = true},
        .request = *request,
        .setup = setup,
        .daemon.setup = setup,
        .console = vs_hook_console_open(),
    };
    const VsHookEnd *end = vs_hook_end(setup->scope);
    VsExit status = VS_EXIT_FAILED;

    hook.request.shutdown = end->host;
    if (!hook.request.reason && end->reason)
        hook.request.reason = _(end->reason);
    if (is_wanted(&hook, &status)) {
        if (end->host)
            hook.request.kind = vs_hook_ask_kind(&hook.client, setup);
        if (prepare(&hook))
            status = stop_all(&hook);
        clear(&hook);
    }
    vs_hook_console_close(&hook.console);
    return status;
}
