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

#define DAEMON          SBINDIR "/virtstopd"
#define SYSTEMD_ADDRESS "unix:path=/run/systemd/private"
#define SYSTEMD_TIMEOUT (5 * VS_USEC_PER_SEC)
#define UNIT            "org.freedesktop.systemd1.Unit"

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

/* libvirt's daemons that a host may have; the first whose unit is there is its own. */
static const char *const libvirt_daemons[] = {"virtqemud", "libvirtd"};

/* How many ticks libvirt may be away, with nobody about to start it, before we do. */
#define LIBVIRT_TICKS 3

typedef struct Hook {
    VsCtl *ctl;
    VsStopView *view;
    VsStopWaitOps view_ops;
    const GPtrArray *list; /* of VsWaited */
    unsigned ticks;
    unsigned away;            /* ticks since virtstopd went away; 0: it is there */
    pid_t daemon;             /* ours; 0: none */
    unsigned without_libvirt; /* ticks */
    pid_t libvirt;            /* ours; 0: none */
} Hook;

/* systemd's own socket, not the system bus: that one may be on its way out. @ret: the caller's. */
static bool
ask_systemd(const char *path, const char *interface, const char *property, char **ret)
{
    g_auto(sd_bus_error) error = SD_BUS_ERROR_NULL;
    sd_bus *bus = NULL;
    bool ok;

    ok = sd_bus_new(&bus) >= 0 && sd_bus_set_address(bus, SYSTEMD_ADDRESS) >= 0 &&
         sd_bus_set_method_call_timeout(bus, SYSTEMD_TIMEOUT) >= 0 && sd_bus_start(bus) >= 0 &&
         sd_bus_get_property_string(bus, "org.freedesktop.systemd1", path, interface, property,
                                    &error, ret) >= 0;
    sd_bus_close_unref(bus);
    return ok;
}

static bool
host_goes_down(void)
{
    g_autofree char *state = NULL;

    return ask_systemd("/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager",
                       "SystemState", &state) &&
           g_str_equal(state, "stopping");
}

/* NULL where it runs, or somebody starts or stops it; else the libvirt daemon that is missing. */
static const char *
missing_libvirt(void)
{
    const char *missing = NULL;

    for (unsigned i = 0; i < G_N_ELEMENTS(libvirt_daemons); i++) {
        g_autofree char *path =
            g_strdup_printf("/org/freedesktop/systemd1/unit/%s_2eservice", libvirt_daemons[i]);
        g_autofree char *load = NULL, *state = NULL;

        if (!ask_systemd(path, UNIT, "LoadState", &load) || !g_str_equal(load, "loaded") ||
            !ask_systemd(path, UNIT, "ActiveState", &state))
            continue;
        if (!g_str_equal(state, "inactive") && !g_str_equal(state, "failed"))
            return NULL;
        missing = libvirt_daemons[i];
    }
    return missing;
}

/* Of a service's own process: it gets no signal masked, and is no service itself. */
static pid_t
spawn(const char *path)
{
    pid_t child = fork();
    sigset_t none;

    if (child != 0)
        return MAX(child, 0);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    unsetenv("NOTIFY_SOCKET");
    execl(path, path, NULL);
    _exit(127);
}

static void
run_daemon(Hook *hook)
{
    if (hook->daemon > 0)
        return;
    vs_output_complain("%s", _("virtstopd isn't there: one is started to stop the guests."));
    hook->daemon = spawn(DAEMON);
}

static bool
is_without_libvirt(const Hook *hook)
{
    for (unsigned i = 0; i < hook->list->len; i++) {
        const VsWaited *waited = g_ptr_array_index(hook->list, i);
        if (!waited->over && g_strcmp0(waited->stop.phase, "waiting") == 0)
            return true;
    }
    return !vs_client_libvirt_is_there(hook->ctl);
}

/* A libvirtd that was stopped while the host goes down (a restart, whose start was called off)
 * isn't started by anybody any more; it leaves with us. */
static void
stand_in_for_libvirt(Hook *hook)
{
    const char *name;
    g_autofree char *path = NULL;

    if (hook->libvirt > 0 || hook->away > 0 || !is_without_libvirt(hook)) {
        hook->without_libvirt = 0;
        return;
    }
    if (++hook->without_libvirt < LIBVIRT_TICKS || !(name = missing_libvirt()))
        return;
    path = g_find_program_in_path(name);
    if (!path)
        return;
    vs_output_complain(_("libvirt isn't there: %s is started to stop the guests."), name);
    hook->libvirt = spawn(path);
}

static void
end(pid_t *child)
{
    int64_t until = g_get_monotonic_time() + END_SPAN;

    if (*child <= 0)
        return;
    kill(*child, SIGTERM);
    while (waitpid(*child, NULL, WNOHANG) == 0 && g_get_monotonic_time() < until)
        g_usleep(50 * 1000);
    *child = 0;
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
    stand_in_for_libvirt(hook);
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
        if (vs_client_open(hook->ctl, error) && vs_client_daemon_is_there(hook->ctl))
            return true;
        if (g_get_monotonic_time() > until) {
            if (error && !*error)
                g_set_error(error, VS_ERROR, VS_ERROR_NOT_CONNECTED,
                            _("The virtstopd that was started doesn't answer"));
            return false;
        }
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

    if (!vs_client_open(hook->ctl, &error))
        return vs_output_fail(NULL, error);
    if (!vs_client_daemon_is_there(hook->ctl)) {
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
    end(&hook.daemon);
    end(&hook.libvirt);
    return status;
}
