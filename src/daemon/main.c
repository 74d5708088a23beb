/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib-unix.h>
#include <glib.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <systemd/sd-daemon.h>

#include "config.h"
#include "daemon/check-config.h"
#include "daemon/log.h"
#include "daemon/settings.h"
#include "daemon/manager.h"
#include "daemon/options.h"
#include "util/error.h"
#include "util/i18n.h"
#include "virt/virt.h"

/* The exit status for a bad command line, as virtstopctl has it. */
#define EXIT_USAGE 2

static gboolean
on_quit(void *userdata)
{
    g_main_loop_quit(userdata);
    return G_SOURCE_CONTINUE;
}

static gboolean
on_reload(void *userdata)
{
    g_autoptr(GError) error = NULL;

    sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" G_GINT64_FORMAT, g_get_monotonic_time());
    if (!vs_settings_reload(userdata, &error))
        vs_log(LOG_ERR, _("The configuration in force stays: %s"), error->message);
    sd_notify(0, "READY=1");
    return G_SOURCE_CONTINUE;
}

/* Guests, and stops in flight, stay as they are when the daemon ends. */
static void
run(VsManager *manager)
{
    g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
    unsigned sources[] = {
        g_unix_signal_add(SIGTERM, on_quit, loop),
        g_unix_signal_add(SIGINT, on_quit, loop),
        g_unix_signal_add(SIGHUP, on_reload, manager),
    };

    vs_manager_start(manager);
    g_main_loop_run(loop);
    sd_notify(0, "STOPPING=1");
    vs_manager_say_farewell(manager);
    for (size_t i = 0; i < G_N_ELEMENTS(sources); i++)
        g_source_remove(sources[i]);
}

static int
serve(VsDaemonOptions *options)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VsManager) manager = vs_manager_new(options->scope, options->uris, &error);

    vs_daemon_options_clear(options);
    if (!manager) {
        vs_log(LOG_ERR, "%s", error->message);
        return g_error_matches(error, VS_ERROR, VS_ERROR_LOCKED) ? VS_EXIT_LOCKED : EXIT_FAILURE;
    }
    run(manager);
    return EXIT_SUCCESS;
}

int
main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    VsDaemonOptions options = {0};
    int status;

    /* libvirt may write to a connection whose other end has just died. */
    signal(SIGPIPE, SIG_IGN);
    setlocale(LC_ALL, "");
    bindtextdomain(PACKAGE, LOCALEDIR);
    textdomain(PACKAGE);

    if (!vs_daemon_options_parse(&argc, &argv, &options, &error)) {
        fprintf(stderr, "virtstopd: %s\n", error->message);
        return EXIT_USAGE;
    }
    if (options.version) {
        puts(PACKAGE_STRING);
        return EXIT_SUCCESS;
    }
    if (options.check_config) {
        status = vs_check_config(options.scope, options.file);
        vs_daemon_options_clear(&options);
        return status;
    }

    vs_log_adopt_glib();
    vs_log_begin();
    vs_virt_init();
    status = serve(&options);
    vs_log_end();
    return status;
}
