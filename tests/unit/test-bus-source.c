/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "bus/bus.h"
#include "bus/source.h"
#include "vs-test.h"

/* sd-event inside GLib's main loop. */

#define TIMEOUT 30 /* s */

static gboolean
on_timeout(gpointer userdata)
{
    g_error("nothing happened for %d s", TIMEOUT);
    return G_SOURCE_REMOVE;
}

typedef struct Overtaken {
    GMainLoop *loop;
    sd_event *event;
    bool set;
} Overtaken;

static int
on_sd_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
    Overtaken *test = userdata;

    g_main_loop_quit(test->loop);
    return 0;
}

/* GLib has prepared our source, but not checked it: this one comes first. */
static gboolean
on_urgent(gpointer userdata)
{
    Overtaken *test = userdata;

    g_assert_cmpint(sd_event_get_state(test->event), ==, SD_EVENT_ARMED);
    if (!test->set)
        sd_event_add_time_relative(test->event, NULL, CLOCK_MONOTONIC, 1000, 1, on_sd_timer, test);
    test->set = true;
    return G_SOURCE_CONTINUE;
}

static void
test_overtaken(void)
{
    Overtaken test = {.loop = g_main_loop_new(NULL, FALSE)};
    guint timeout = g_timeout_add_seconds(TIMEOUT, on_timeout, NULL);
    guint urgent = g_timeout_add_full(G_PRIORITY_HIGH, 10, on_urgent, &test, NULL);
    GSource *source;

    g_assert_cmpint(sd_event_new(&test.event), >=, 0);
    source = vs_bus_source_new(test.event);
    g_source_attach(source, NULL);
    g_main_loop_run(test.loop);

    g_source_remove(urgent);
    g_source_remove(timeout);
    g_source_destroy(source);
    g_source_unref(source);
    sd_event_unref(test.event);
    g_main_loop_unref(test.loop);
}

/* --- the service manager's watchdog --- */

static int
listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    g_assert_cmpint(bind(fd, (struct sockaddr *)&address, sizeof address), ==, 0);
    return fd;
}

static gboolean
on_ping(int fd, GIOCondition condition, gpointer userdata)
{
    char text[64] = "";

    g_assert_cmpint(recv(fd, text, sizeof text - 1, 0), >, 0);
    g_assert_cmpstr(text, ==, "WATCHDOG=1");
    ++*(unsigned *)userdata;
    return G_SOURCE_CONTINUE;
}

static bool
no_request(const VsEvent *event, VsUuid *ret_stop, GError **error, void *userdata)
{
    return true;
}

/* Fed by the main loop, whatever the bus does: here there is none. */
static void
test_watchdog(void)
{
    static const char *const no_uris[] = {NULL};
    static const uint8_t seed[16] = "";
    g_autofree char *path = g_build_filename(vs_test_dir(), "notify", NULL);
    g_autofree char *pid = g_strdup_printf("%d", (int)getpid());
    VsBusConfig config = {.uris = no_uris};
    VsBusOps ops = {.request = no_request};
    g_autoptr(VsEngine) engine = NULL;
    g_autoptr(VsBus) bus = NULL;
    unsigned n_pings = 0;
    int fd = listen_at(path);
    guint source = g_unix_fd_add(fd, G_IO_IN, on_ping, &n_pings);
    guint timeout = g_timeout_add_seconds(TIMEOUT, on_timeout, NULL);
    VsPolicy policy;

    g_setenv("NOTIFY_SOCKET", path, TRUE);
    g_setenv("WATCHDOG_USEC", "50000", TRUE);
    g_setenv("WATCHDOG_PID", pid, TRUE);
    vs_policy_init(&policy);
    engine = vs_engine_new(seed, &policy);
    vs_policy_clear(&policy);
    bus = vs_bus_new(&config, engine, &ops, NULL);
    while (n_pings < 4)
        g_main_context_iteration(NULL, TRUE);
    g_source_remove(source);
    g_source_remove(timeout);
    close(fd);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/bus-source/overtaken", test_overtaken);
    g_test_add_func("/bus-source/watchdog", test_watchdog);
    return g_test_run();
}
