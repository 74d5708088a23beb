/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/hook.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "ctl/client.h"
#include "ctl/describe.h"
#include "ctl/output.h"
#include "ctl/stop-all.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"

#define DAEMON SBINDIR "/virtstopd"

/* How much time is asked for with every sign of life, and how often people at the console get one.
 */
#define EXTENSION (30 * VS_USEC_PER_SEC)
#define SAY_EVERY 10 /* ticks of a second */

/* How long a virtstopd that went away may take to come back before we run one; how long ours may
 * take to serve, and to end. */
#define RETURN_TICKS 2
#define START_SPAN   (20 * VS_USEC_PER_SEC)
#define END_SPAN     (5 * VS_USEC_PER_SEC)

#define MAX_NAMED 3

typedef struct Hook {
    VsCtl *ctl;
    VsStopView *view;
    VsStopWaitOps view_ops;
    const GPtrArray *list; /* of VsWaited */
    unsigned ticks;
    unsigned away; /* ticks since virtstopd went away; 0: it is there */
    pid_t daemon;  /* ours; 0: none */
} Hook;

static bool
host_goes_down(void)
{
    g_auto(sd_bus_error) error = SD_BUS_ERROR_NULL;
    sd_bus *bus = NULL;
    char *state = NULL;
    bool down = false;

    /* Not at the system bus: that one may be on its way out. */
    if (sd_bus_new(&bus) >= 0 && sd_bus_set_address(bus, "unix:path=/run/systemd/private") >= 0 &&
        sd_bus_start(bus) >= 0 &&
        sd_bus_get_property_string(bus, "org.freedesktop.systemd1", "/org/freedesktop/systemd1",
                                   "org.freedesktop.systemd1.Manager", "SystemState", &error,
                                   &state) >= 0)
        down = g_str_equal(state, "stopping");
    free(state);
    sd_bus_close_unref(bus);
    return down;
}

static void
run_daemon(Hook *hook)
{
    if (hook->daemon > 0)
        return;
    vs_output_complain("%s", _("virtstopd isn't there: one is started to stop the guests."));
    hook->daemon = fork();
    if (hook->daemon == 0) {
        sigset_t none;

        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        unsetenv("NOTIFY_SOCKET"); /* it is no service of its own */
        execl(DAEMON, DAEMON, NULL);
        _exit(127);
    }
}

static void
end_daemon(Hook *hook)
{
    int64_t until = g_get_monotonic_time() + END_SPAN;

    if (hook->daemon <= 0)
        return;
    kill(hook->daemon, SIGTERM);
    while (waitpid(hook->daemon, NULL, WNOHANG) == 0 && g_get_monotonic_time() < until)
        g_usleep(50 * 1000);
    hook->daemon = 0;
}

/* "web1 (pressed the power button, 34s left), db1 (...) and 4 more" */
static char *
describe(const Hook *hook, unsigned *ret_left)
{
    GString *text = g_string_new(NULL);
    unsigned named = 0;

    *ret_left = 0;
    for (unsigned i = 0; i < hook->list->len; i++) {
        const VsWaited *waited = g_ptr_array_index(hook->list, i);
        g_autofree char *name = vs_text_printable(waited->name);
        g_autofree char *progress = NULL;

        if (waited->over)
            continue;
        (*ret_left)++;
        if (named == MAX_NAMED || g_strcmp0(waited->stop.phase, "queued") == 0)
            continue;
        progress = vs_describe_progress(hook->ctl, &waited->stop);
        g_string_append_printf(text, "%s%s (%s)", named++ ? ", " : "", name, progress);
    }
    return g_string_free(text, FALSE);
}

static void
on_tick(void *userdata)
{
    Hook *hook = userdata;
    unsigned left;
    g_autofree char *text = describe(hook, &left);

    sd_notifyf(0, "EXTEND_TIMEOUT_USEC=%lld\nSTATUS=%u: %s", (long long)EXTENSION, left, text);
    if (left > 0 && ++hook->ticks % SAY_EVERY == 0) {
        vs_output_printf(_("Waiting for %u guests: %s\n"), left, text);
        fflush(stdout);
    }
    if (hook->away > 0 && ++hook->away > RETURN_TICKS)
        run_daemon(hook);
}

static void
on_changed(const VsWaited *waited, void *userdata)
{
    Hook *hook = userdata;

    hook->view_ops.changed(waited, hook->view);
}

static void
on_over(const VsWaited *waited, void *userdata)
{
    Hook *hook = userdata;

    hook->view_ops.over(waited, hook->view);
}

static void
on_say(const char *text, void *userdata)
{
    Hook *hook = userdata;

    hook->view_ops.say(text, hook->view);
}

static void
on_daemon(bool there, void *userdata)
{
    Hook *hook = userdata;

    hook->away = there ? 0 : 1;
}

/* Until the daemon that we started answers. */
static bool
await_daemon(Hook *hook, GError **error)
{
    int64_t until = g_get_monotonic_time() + START_SPAN;

    run_daemon(hook);
    for (;;) {
        g_clear_error(error);
        if (vs_client_open(hook->ctl, error))
            return true;
        if (g_get_monotonic_time() > until)
            return false;
        vs_client_close(hook->ctl);
        sd_notifyf(0, "EXTEND_TIMEOUT_USEC=%lld", (long long)EXTENSION);
        g_usleep(200 * 1000);
    }
}

static VsExit
stop_all(Hook *hook)
{
    VsStopWaitOps ops = {.changed = on_changed,
                         .over = on_over,
                         .tick = on_tick,
                         .say = on_say,
                         .daemon = on_daemon};
    g_autoptr(VsStopWait) wait = NULL;
    g_autoptr(GError) error = NULL;

    if (!vs_client_open(hook->ctl, &error)) {
        vs_client_close(hook->ctl);
        if (!await_daemon(hook, &error))
            return vs_output_fail(NULL, error);
    }
    wait = vs_stop_wait_new(hook->ctl, &ops, hook, &error);
    if (!wait)
        return vs_output_fail(NULL, error);
    hook->list = vs_stop_wait_list(wait);
    vs_stop_view_set_list(hook->view, hook->list);
    if (!vs_stop_all_ask(hook->ctl, wait, &error))
        return vs_output_fail(NULL, error);
    on_tick(hook);
    return vs_stop_all_wait(hook->ctl, wait, hook->view);
}

VsExit
vs_hook_run(VsCtl *ctl)
{
    g_autoptr(VsStopView) view = NULL;
    Hook hook = {.ctl = ctl};
    VsExit status;

    if (!host_goes_down()) {
        vs_output_text(_("The host isn't going down: no guest is touched.\n"));
        return VS_EXIT_OK;
    }
    view = vs_stop_view_new(ctl);
    hook.view = view;
    hook.view_ops = vs_stop_view_ops(view);
    status = stop_all(&hook);
    end_daemon(&hook);
    return status;
}
