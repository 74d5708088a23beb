/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "played-units.h"

#include <glib.h>
#include <string.h>

static PlayedUnit nowhere = {.name = NULL};

int
played_units_load(sd_bus_message *call, void *userdata, sd_bus_error *ret_error)
{
    PlayedUnit **units = userdata;
    g_autofree char *path = NULL;
    const char *name;
    int i = 0;

    sd_bus_message_read(call, "s", &name);
    while (*units && (*units)[i].name && !g_str_equal((*units)[i].name, name))
        i++;
    path = g_strdup_printf(PLAYED_SYSTEMD_PATH "/unit/%d", i);
    return sd_bus_reply_method_return(call, "o", path);
}

static int
find_unit(sd_bus *bus, const char *path, const char *interface, void *userdata, void **ret_found,
          sd_bus_error *ret_error)
{
    PlayedUnit **units = userdata;
    int i = path[strlen(path) - 1] - '0';

    *ret_found = *units ? &(*units)[i] : &nowhere;
    return 1;
}

static int
get_text(sd_bus *bus, const char *path, const char *interface, const char *property,
         sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    const PlayedUnit *unit = userdata;
    const char *text = NULL;

    if (g_str_equal(property, "LoadState"))
        text = !unit->name ? "not-found" : unit->load_state ? unit->load_state : "loaded";
    else if (g_str_equal(property, "ActiveState"))
        text = unit->state ? unit->state : "inactive";
    else if (g_str_equal(property, "NotifyAccess"))
        text = unit->notify_access;
    else if (g_str_equal(property, "User"))
        text = unit->user;
    else
        text = unit->file_state;
    return sd_bus_message_append(reply, "s", text);
}

static int
get_usec(sd_bus *bus, const char *path, const char *interface, const char *property,
         sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    const PlayedUnit *unit = userdata;
    uint64_t usec = unit->ended;

    if (g_str_equal(property, "JobTimeoutUSec"))
        usec = unit->job_timeout;
    else if (g_str_equal(property, "TimeoutStopUSec"))
        usec = unit->stop_timeout;
    return sd_bus_message_append(reply, "t", usec);
}

static int
get_private_network(sd_bus *bus, const char *path, const char *interface, const char *property,
                    sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    const PlayedUnit *unit = userdata;

    return sd_bus_message_append(reply, "b", (int)unit->has_private_network);
}

static int
get_exec_stop(sd_bus *bus, const char *path, const char *interface, const char *property,
              sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    const PlayedUnit *unit = userdata;
    const char *what = "/bin/true";

    if (!unit->does_at_stop)
        return sd_bus_message_append(reply, "a(sasbttttuii)", 0);
    return sd_bus_message_append(reply, "a(sasbttttuii)", 1, what, 1, what, 0, UINT64_C(0),
                                 UINT64_C(0), UINT64_C(0), UINT64_C(0), 0U, 0, 0);
}

static const sd_bus_vtable unit_vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_PROPERTY("LoadState", "s", get_text, 0, 0),
    SD_BUS_PROPERTY("ActiveState", "s", get_text, 0, 0),
    SD_BUS_PROPERTY("UnitFileState", "s", get_text, 0, 0),
    SD_BUS_PROPERTY("JobTimeoutUSec", "t", get_usec, 0, 0),
    SD_BUS_PROPERTY("InactiveEnterTimestampMonotonic", "t", get_usec, 0, 0),
    SD_BUS_VTABLE_END,
};
static const sd_bus_vtable service_vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_PROPERTY("TimeoutStopUSec", "t", get_usec, 0, 0),
    SD_BUS_PROPERTY("NotifyAccess", "s", get_text, 0, 0),
    SD_BUS_PROPERTY("User", "s", get_text, 0, 0),
    SD_BUS_PROPERTY("PrivateNetwork", "b", get_private_network, 0, 0),
    SD_BUS_PROPERTY("ExecStop", "a(sasbttttuii)", get_exec_stop, 0, 0),
    SD_BUS_VTABLE_END,
};

void
played_units_publish(sd_bus *bus, PlayedUnit **units)
{
    const char *path = PLAYED_SYSTEMD_PATH "/unit";

    sd_bus_add_fallback_vtable(bus, NULL, path, "org.freedesktop.systemd1.Unit", unit_vtable,
                               find_unit, units);
    sd_bus_add_fallback_vtable(bus, NULL, path, "org.freedesktop.systemd1.Service", service_vtable,
                               find_unit, units);
}
