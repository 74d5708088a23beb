/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fake-systemd.h"

#include <errno.h>
#include <glib-unix.h>
#include <glib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include "bus/source.h"

struct FakeSystemd {
    PlayedUnit *units; /* first, for played_units_load() */
    const char *state;
    sd_event *event;
    GSource *source;
    GPtrArray *clients; /* of sd_bus */
    int socket;
    guint accepting;
    bool asked;
};

static int
get_state(sd_bus *bus, const char *path, const char *interface, const char *property,
          sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    const FakeSystemd *systemd = userdata;

    return sd_bus_message_append(reply, "s", systemd->state);
}

/* Among others, and one that isn't the way down. */
static int
list_jobs(sd_bus_message *call, void *userdata, sd_bus_error *ret_error)
{
    static const char *const jobs[][2] = {
        {"virtstop-guests.service", "stop"},
        {"poweroff.target", "stop"},
        {"reboot.target", "start"},
    };
    sd_bus_message *reply = NULL;
    int r;

    sd_bus_message_new_method_return(call, &reply);
    sd_bus_message_open_container(reply, 'a', "(usssoo)");
    for (unsigned i = 0; i < G_N_ELEMENTS(jobs); i++)
        sd_bus_message_append(reply, "(usssoo)", i, jobs[i][0], jobs[i][1], "waiting", "/j", "/u");
    sd_bus_message_close_container(reply);
    r = sd_bus_send(NULL, reply, NULL);
    sd_bus_message_unref(reply);
    return r;
}

static const sd_bus_vtable manager_vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("LoadUnit", "s", "o", played_units_load, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("ListJobs", "", "a(usssoo)", list_jobs, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_PROPERTY("SystemState", "s", get_state, 0, 0),
    SD_BUS_VTABLE_END,
};
static void
serve(FakeSystemd *systemd, int fd)
{
    sd_bus *bus;

    g_assert_cmpint(sd_bus_new(&bus), >=, 0);
    g_assert_cmpint(sd_bus_set_fd(bus, fd, fd), >=, 0);
    g_assert_cmpint(sd_bus_set_server(bus, 1, SD_ID128_NULL), >=, 0);
    g_assert_cmpint(sd_bus_set_anonymous(bus, 1), >=, 0);
    sd_bus_add_object_vtable(bus, NULL, PLAYED_SYSTEMD_PATH, "org.freedesktop.systemd1.Manager",
                             manager_vtable, systemd);
    played_units_publish(bus, &systemd->units);
    g_assert_cmpint(sd_bus_start(bus), >=, 0);
    g_assert_cmpint(sd_bus_attach_event(bus, systemd->event, SD_EVENT_PRIORITY_NORMAL), >=, 0);
    g_ptr_array_add(systemd->clients, bus);
}

static gboolean
on_connection(int listening, GIOCondition condition, gpointer userdata)
{
    FakeSystemd *systemd = userdata;
    int fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    systemd->asked = true;
    if (fd >= 0 && systemd->state)
        serve(systemd, fd);
    /* Else whoever is there waits for an answer in vain: it stays open till the end. */
    return G_SOURCE_CONTINUE;
}

static void
free_client(gpointer bus)
{
    sd_bus_detach_event(bus);
    sd_bus_close_unref(bus);
}

FakeSystemd *
fake_systemd_new(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    FakeSystemd *systemd = g_new0(FakeSystemd, 1);

    g_assert_cmpuint(strlen(path), <, sizeof address.sun_path);
    strcpy(address.sun_path, path);
    unlink(path);
    systemd->socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(bind(systemd->socket, (struct sockaddr *)&address, sizeof address), ==, 0);
    g_assert_cmpint(listen(systemd->socket, 16), ==, 0);
    g_assert_cmpint(sd_event_new(&systemd->event), >=, 0);
    systemd->source = vs_bus_source_new(systemd->event);
    g_source_attach(systemd->source, NULL);
    systemd->clients = g_ptr_array_new_with_free_func(free_client);
    systemd->accepting = g_unix_fd_add(systemd->socket, G_IO_IN, on_connection, systemd);
    return systemd;
}

void
fake_systemd_free(FakeSystemd *systemd)
{
    g_source_remove(systemd->accepting);
    close(systemd->socket);
    g_ptr_array_unref(systemd->clients);
    g_source_destroy(systemd->source);
    g_source_unref(systemd->source);
    sd_event_unref(systemd->event);
    g_free(systemd);
}

void
fake_systemd_set_state(FakeSystemd *systemd, const char *state)
{
    systemd->state = state;
}

bool
fake_systemd_was_asked(const FakeSystemd *systemd)
{
    return systemd->asked;
}

void
fake_systemd_set_units(FakeSystemd *systemd, PlayedUnit *units)
{
    systemd->units = units;
}
