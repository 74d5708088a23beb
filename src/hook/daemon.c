/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hook/daemon.h"

#include <signal.h>
#include <sys/wait.h>

#include "hook/user.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/span.h"
#include "words/complain.h"

/* One that answered, and lived for so long, did not end for what it found here. */
#define LONG_LIFE (60 * VS_USEC_PER_SEC)

/* So often it is run again at once, for each time there is less that may be in its way; and so
 * often at all. */
#define AT_ONCE      4
#define MAX_FAILURES 12

/* How often it is looked whether another one that lives is back on the bus, or gone, and for how
 * long. Two of them would stop the same guests, each in its own order. */
#define LOCKED_PAUSE (VS_USEC_PER_SEC / 2)
#define LOCKED_SPAN  (20 * VS_USEC_PER_SEC)

/* What a look at the configuration may take. */
#define CHECK_SPAN (5 * VS_USEC_PER_SEC)

#define EMPTY "empty" /* of scratch */

/* In the order in which virtstopd may do without the usual ones: what it keeps of the stops in
 * flight is the last to be given up. */
static const struct {
    const char *variable, *name;
} directories[] = {
    {"STATE_DIRECTORY", "state"},
    {"RUNTIME_DIRECTORY", "run"},
};

static bool
conf_is_right(const VsHookDaemon *daemon)
{
    const char *const argv[] = {daemon->setup->virtstopd, "--check-config",
                                vs_scope_info(daemon->setup->scope)->option, NULL};

    return vs_hook_child_try(argv, CHECK_SPAN);
}

static void
do_without_conf(VsHookDaemon *daemon)
{
    daemon->without_conf = true;
    vs_complain("%s", _("virtstopd can't start with its configuration: the guests are "
                        "stopped by the built-in defaults. The journal says which file is "
                        "wrong."));
}

static bool
has_own_user(const VsHookDaemon *daemon)
{
    return !daemon->as_root && vs_hook_user_find(daemon->setup).other;
}

static void
do_as_root(VsHookDaemon *daemon)
{
    vs_complain("%s", _("virtstopd can't start as its own user: it is run as root."));
    daemon->as_root = true;
}

static void
do_without_directory(VsHookDaemon *daemon)
{
    vs_complain(_("virtstopd can't start with its usual %s: one in %s stands in for it."),
                directories[daemon->n_elsewhere].variable, daemon->setup->scratch);
    daemon->n_elsewhere++;
}

/* It ended before it answered: for one of these, most likely. */
static void
do_with_less(VsHookDaemon *daemon)
{
    if (!daemon->without_conf && !conf_is_right(daemon))
        do_without_conf(daemon);
    else if (has_own_user(daemon))
        do_as_root(daemon);
    else if (daemon->n_elsewhere < G_N_ELEMENTS(directories))
        do_without_directory(daemon);
    else if (!daemon->without_conf)
        do_without_conf(daemon);
}

static bool
was_ended(int status)
{
    return WIFSIGNALED(status) && (WTERMSIG(status) == SIGKILL || WTERMSIG(status) == SIGTERM);
}

/* What it looks for is there, but another one has it. */
static bool
is_locked_out(VsHookDaemon *daemon, int64_t now)
{
    int status = daemon->child.status;

    if (daemon->answered || !WIFEXITED(status) || WEXITSTATUS(status) != VS_EXIT_LOCKED)
        return false;
    if (daemon->locked_since == 0)
        daemon->locked_since = now;
    return now - daemon->locked_since < LOCKED_SPAN;
}

/* @by_itself: not by us. */
static void
note_failure(VsHookDaemon *daemon, bool by_itself)
{
    int64_t now = g_get_monotonic_time();
    bool was_well = daemon->answered && now - daemon->child.since >= LONG_LIFE;

    if (by_itself && is_locked_out(daemon, now)) {
        daemon->next = now + LOCKED_PAUSE;
        return;
    }
    daemon->n_failed = was_well ? 1 : daemon->n_failed + 1;
    daemon->next = now;
    if (daemon->n_failed > AT_ONCE)
        daemon->next += (daemon->n_failed - AT_ONCE) * VS_USEC_PER_SEC;
    /* What somebody ended did not fail for what it found. */
    if (!daemon->answered && !(by_itself && was_ended(daemon->child.status)))
        do_with_less(daemon);
}

/* The caller owns it: the variables that it gets besides ours. */
static GPtrArray *
make_environment(const VsHookDaemon *daemon, const VsHookUser *user)
{
    GPtrArray *environment = g_ptr_array_new_with_free_func(g_free);
    const char *scratch = daemon->setup->scratch;
    g_autofree char *empty = g_build_filename(scratch, EMPTY, NULL);

    if (daemon->without_conf && vs_hook_user_make_directory(user, empty))
        g_ptr_array_add(environment, g_strconcat("CONFIGURATION_DIRECTORY=", empty, NULL));
    for (unsigned i = 0; i < daemon->n_elsewhere; i++) {
        g_autofree char *path = g_build_filename(scratch, directories[i].name, NULL);

        vs_hook_user_make_directory(user, path);
        g_ptr_array_add(environment, g_strdup_printf("%s=%s", directories[i].variable, path));
    }
    g_ptr_array_add(environment, NULL);
    return environment;
}

static void
run(VsHookDaemon *daemon)
{
    VsHookUser user = daemon->as_root ? (VsHookUser){0} : vs_hook_user_find(daemon->setup);
    const char *option = vs_scope_info(daemon->setup->scope)->option;
    g_autoptr(GPtrArray) environment = make_environment(daemon, &user);
    g_autoptr(GPtrArray) argv = g_ptr_array_new_with_free_func(g_free);

    vs_hook_user_add_words(&user, argv);
    g_ptr_array_add(argv, g_strdup(daemon->setup->virtstopd));
    g_ptr_array_add(argv, g_strdup(option));
    g_ptr_array_add(argv, NULL);
    if (daemon->n_failed > 0)
        vs_complain("%s", _("virtstopd has ended: it is run again to stop the guests."));
    else
        vs_complain("%s", _("virtstopd isn't there: one is started to stop the guests."));
    daemon->answered = false;
    vs_hook_child_run(&daemon->child, (const char *const *)argv->pdata,
                      (const char *const *)environment->pdata);
}

void
vs_hook_daemon_tend(VsHookDaemon *daemon)
{
    bool was_run = daemon->child.pid > 0, by_itself = true;
    int64_t now = g_get_monotonic_time();

    if (vs_hook_child_runs(&daemon->child)) {
        /* One that has answered looks for the bus again by itself. */
        if (daemon->answered || now - daemon->child.since < daemon->setup->start)
            return;
        vs_hook_child_kill(&daemon->child);
        by_itself = false;
    }
    if (was_run)
        note_failure(daemon, by_itself);
    if (now >= daemon->next && !vs_hook_daemon_is_hopeless(daemon))
        run(daemon);
}

void
vs_hook_daemon_answered(VsHookDaemon *daemon)
{
    daemon->answered = true;
    daemon->locked_since = 0;
}

/* Of the one that has the name on the bus; false: nobody has it. */
static bool
find_holder(VsClient *client, pid_t *ret_pid, uid_t *ret_uid)
{
    sd_bus_creds *creds = NULL;
    bool found;

    vs_client_before_call(client);
    found = sd_bus_get_name_creds(client->bus, VS_BUS_NAME, SD_BUS_CREDS_PID | SD_BUS_CREDS_EUID,
                                  &creds) >= 0 &&
            sd_bus_creds_get_pid(creds, ret_pid) >= 0 && *ret_pid > 1 &&
            sd_bus_creds_get_euid(creds, ret_uid) >= 0;
    sd_bus_creds_unref(creds);
    return found;
}

/* Its name can't be had before it is gone, and nobody else ends it now. What it was about is on
 * disk, and the next one goes on with it. */
void
vs_hook_daemon_kill_hung(VsClient *client)
{
    pid_t pid;
    uid_t uid;

    if (!find_holder(client, &pid, &uid))
        return;
    vs_complain(_("virtstopd (pid %d) doesn't answer: it is killed."), (int)pid);
    kill(pid, SIGKILL);
}

void
vs_hook_daemon_raise(VsHookDaemon *daemon, VsClient *client)
{
    pid_t pid;
    uid_t uid;

    if (!has_own_user(daemon) || !find_holder(client, &pid, &uid) || uid == 0)
        return;
    vs_complain("%s", _("virtstopd can't reach libvirt as its own user: it is run as root."));
    daemon->as_root = true;
    kill(pid, SIGKILL);
}

bool
vs_hook_daemon_is_hopeless(const VsHookDaemon *daemon)
{
    return daemon->n_failed >= MAX_FAILURES;
}
