/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "played-systemd.h"

#include <string.h>

static const PlayedUnit usual[] = {
    [PLAYED_HOOK] = {"virtstop-guests.service", "active", "enabled", "all", true,
                     PLAYED_SECONDS(90), PLAYED_NEVER},
    [PLAYED_LIBVIRT_GUESTS] = {"libvirt-guests.service", "inactive", "disabled", "none", true,
                               PLAYED_NEVER, PLAYED_NEVER},
    [PLAYED_POWEROFF] = {"poweroff.target", .job_timeout = PLAYED_SECONDS(1800)},
    [PLAYED_REBOOT] = {"reboot.target", .job_timeout = PLAYED_SECONDS(1800)},
    [PLAYED_HALT] = {"halt.target", .job_timeout = PLAYED_NEVER},
    [PLAYED_KEXEC] = {"kexec.target", .job_timeout = PLAYED_NEVER},
};
PlayedUnit played_units[N_PLAYED_UNITS];

void
played_systemd_reset(void)
{
    memcpy(played_units, usual, sizeof usual);
}

static int
on_load_unit(sd_bus_message *call, void *userdata, sd_bus_error *ret_error)
{
    const char *name;

    sd_bus_message_read(call, "s", &name);
    for (unsigned i = 0; i < N_PLAYED_UNITS; i++) {
        g_autofree char *path = g_strdup_printf("/org/freedesktop/systemd1/unit/%u", i);
        if (g_str_equal(played_units[i].name, name))
            return sd_bus_reply_method_return(call, "o", path);
    }
    return sd_bus_reply_method_errorf(call, SD_BUS_ERROR_INVALID_ARGS, "no such unit");
}

static const PlayedUnit *
find_unit(const char *path)
{
    return &played_units[path[strlen(path) - 1] - '0'];
}

static int
get_text(sd_bus *bus, const char *path, const char *interface, const char *property,
         sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    const PlayedUnit *unit = find_unit(path);

    if (g_str_equal(property, "LoadState"))
        return sd_bus_message_append(reply, "s", "loaded");
    if (g_str_equal(property, "ActiveState"))
        return sd_bus_message_append(reply, "s", unit->state);
    if (g_str_equal(property, "NotifyAccess"))
        return sd_bus_message_append(reply, "s", unit->notify_access);
    return sd_bus_message_append(reply, "s", unit->file_state);
}

static int
get_usec(sd_bus *bus, const char *path, const char *interface, const char *property,
         sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    const PlayedUnit *unit = find_unit(path);
    uint64_t usec = 0;

    if (g_str_equal(property, "JobTimeoutUSec"))
        usec = unit->job_timeout;
    else if (g_str_equal(property, "TimeoutStopUSec"))
        usec = unit->stop_timeout;
    return sd_bus_message_append(reply, "t", usec);
}

static int
get_exec_stop(sd_bus *bus, const char *path, const char *interface, const char *property,
              sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    const char *what = "/bin/true";

    if (!find_unit(path)->does_at_stop)
        return sd_bus_message_append(reply, "a(sasbttttuii)", 0);
    return sd_bus_message_append(reply, "a(sasbttttuii)", 1, what, 1, what, 0, UINT64_C(0),
                                 UINT64_C(0), UINT64_C(0), UINT64_C(0), 0U, 0, 0);
}

static const sd_bus_vtable manager[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("LoadUnit", "s", "o", on_load_unit, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END,
};
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
    SD_BUS_PROPERTY("ExecStop", "a(sasbttttuii)", get_exec_stop, 0, 0),
    SD_BUS_VTABLE_END,
};

void
played_systemd_start(BusFixture *fixture)
{
    const char *path = "/org/freedesktop/systemd1";

    sd_bus_add_object_vtable(fixture->client, NULL, path, "org.freedesktop.systemd1.Manager",
                             manager, NULL);
    for (unsigned i = 0; i < N_PLAYED_UNITS; i++) {
        g_autofree char *unit = g_strdup_printf("%s/unit/%u", path, i);
        sd_bus_add_object_vtable(fixture->client, NULL, unit, "org.freedesktop.systemd1.Unit",
                                 unit_vtable, NULL);
        sd_bus_add_object_vtable(fixture->client, NULL, unit, "org.freedesktop.systemd1.Service",
                                 service_vtable, NULL);
    }
    g_assert_cmpint(sd_bus_request_name(fixture->client, "org.freedesktop.systemd1", 0), >=, 0);
}
