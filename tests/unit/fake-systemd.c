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

#define ROOT "/org/freedesktop/systemd1"

struct FakeSystemd {
    const char *state;
    const FakeUnit *units;
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

static int
on_load_unit(sd_bus_message *call, void *userdata, sd_bus_error *ret_error)
{
    const FakeSystemd *systemd = userdata;
    g_autofree char *path = NULL;
    const char *name;
    int i = 0;

    sd_bus_message_read(call, "s", &name);
    while (systemd->units && systemd->units[i].name && !g_str_equal(systemd->units[i].name, name))
        i++;
    path = g_strdup_printf(ROOT "/unit/%d", i);
    return sd_bus_reply_method_return(call, "o", path);
}

static const FakeUnit *
unit_of(const FakeSystemd *systemd, const char *path)
{
    const FakeUnit *unit = systemd->units;

    return unit && unit[strrchr(path, '/')[1] - '0'].name ? unit + (strrchr(path, '/')[1] - '0')
                                                          : NULL;
}

static int
get_text(sd_bus *bus, const char *path, const char *interface, const char *property,
         sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    const FakeUnit *unit = unit_of(userdata, path);

    if (g_str_equal(property, "LoadState"))
        return sd_bus_message_append(reply, "s", unit ? "loaded" : "not-found");
    if (g_str_equal(property, "ActiveState"))
        return sd_bus_message_append(reply, "s", unit ? unit->active : "inactive");
    return sd_bus_message_append(reply, "s", "");
}

static int
get_time(sd_bus *bus, const char *path, const char *interface, const char *property,
         sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    const FakeUnit *unit = unit_of(userdata, path);

    return sd_bus_message_append(reply, "t", (uint64_t)(unit ? unit->ended : 0));
}

static int
get_exec_stop(sd_bus *bus, const char *path, const char *interface, const char *property,
              sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    return sd_bus_message_append(reply, "a(sasbttttuii)", 0);
}

static const sd_bus_vtable manager_vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("LoadUnit", "s", "o", on_load_unit, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_PROPERTY("SystemState", "s", get_state, 0, 0),
    SD_BUS_VTABLE_END,
};
static const sd_bus_vtable unit_vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_PROPERTY("LoadState", "s", get_text, 0, 0),
    SD_BUS_PROPERTY("ActiveState", "s", get_text, 0, 0),
    SD_BUS_PROPERTY("UnitFileState", "s", get_text, 0, 0),
    SD_BUS_PROPERTY("InactiveEnterTimestampMonotonic", "t", get_time, 0, 0),
    SD_BUS_PROPERTY("JobTimeoutUSec", "t", get_time, 0, 0),
    SD_BUS_VTABLE_END,
};
static const sd_bus_vtable service_vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_PROPERTY("TimeoutStopUSec", "t", get_time, 0, 0),
    SD_BUS_PROPERTY("NotifyAccess", "s", get_text, 0, 0),
    SD_BUS_PROPERTY("ExecStop", "a(sasbttttuii)", get_exec_stop, 0, 0),
    SD_BUS_VTABLE_END,
};

static int
find_unit(sd_bus *bus, const char *path, const char *interface, void *userdata, void **ret_found,
          sd_bus_error *ret_error)
{
    *ret_found = userdata;
    return 1;
}

static void
serve(FakeSystemd *systemd, int fd)
{
    sd_bus *bus;

    g_assert_cmpint(sd_bus_new(&bus), >=, 0);
    g_assert_cmpint(sd_bus_set_fd(bus, fd, fd), >=, 0);
    g_assert_cmpint(sd_bus_set_server(bus, 1, SD_ID128_NULL), >=, 0);
    g_assert_cmpint(sd_bus_set_anonymous(bus, 1), >=, 0);
    sd_bus_add_object_vtable(bus, NULL, ROOT, "org.freedesktop.systemd1.Manager", manager_vtable,
                             systemd);
    sd_bus_add_fallback_vtable(bus, NULL, ROOT "/unit", "org.freedesktop.systemd1.Unit",
                               unit_vtable, find_unit, systemd);
    sd_bus_add_fallback_vtable(bus, NULL, ROOT "/unit", "org.freedesktop.systemd1.Service",
                               service_vtable, find_unit, systemd);
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
fake_systemd_set_units(FakeSystemd *systemd, const FakeUnit *units)
{
    systemd->units = units;
}
