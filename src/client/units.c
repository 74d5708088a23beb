/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/units.h"

#include <stdlib.h>

#include "util/error.h"

#define SYSTEMD         "org.freedesktop.systemd1"
#define SYSTEMD_PATH    "/org/freedesktop/systemd1"
#define SYSTEMD_MANAGER "org.freedesktop.systemd1.Manager"
#define SYSTEMD_UNIT    "org.freedesktop.systemd1.Unit"
#define SYSTEMD_SERVICE "org.freedesktop.systemd1.Service"

void
vs_unit_clear(VsUnit *unit)
{
    g_clear_pointer(&unit->load_state, free);
    g_clear_pointer(&unit->active_state, free);
    g_clear_pointer(&unit->file_state, free);
    g_clear_pointer(&unit->notify_access, free);
}

/* systemd says for itself what is wrong, so unlike vs_client_error() this adds nothing. */
static bool
check(int r, const sd_bus_error *bus_error, GError **error)
{
    if (r >= 0)
        return true;
    g_set_error_literal(error, VS_ERROR, VS_ERROR_FAILED,
                        bus_error->message ? bus_error->message : g_strerror(-r));
    return false;
}

static int
read_unit(sd_bus *bus, const char *path, VsUnit *unit, sd_bus_error *bus_error)
{
    int r = sd_bus_get_property_string(bus, SYSTEMD, path, SYSTEMD_UNIT, "LoadState", bus_error,
                                       &unit->load_state);

    if (r >= 0)
        r = sd_bus_get_property_string(bus, SYSTEMD, path, SYSTEMD_UNIT, "ActiveState", bus_error,
                                       &unit->active_state);
    if (r >= 0)
        r = sd_bus_get_property_string(bus, SYSTEMD, path, SYSTEMD_UNIT, "UnitFileState", bus_error,
                                       &unit->file_state);
    if (r >= 0)
        r = sd_bus_get_property_trivial(bus, SYSTEMD, path, SYSTEMD_UNIT,
                                        "InactiveEnterTimestampMonotonic", bus_error, 't',
                                        &unit->ended);
    if (r >= 0)
        r = sd_bus_get_property_trivial(bus, SYSTEMD, path, SYSTEMD_UNIT, "JobTimeoutUSec",
                                        bus_error, 't', &unit->job_timeout);
    return r;
}

static int
read_exec_stop(sd_bus *bus, const char *path, VsUnit *unit, sd_bus_error *bus_error)
{
    g_autoptr(sd_bus_message) reply = NULL;
    int r = sd_bus_get_property(bus, SYSTEMD, path, SYSTEMD_SERVICE, "ExecStop", bus_error, &reply,
                                "a(sasbttttuii)");

    if (r >= 0)
        r = sd_bus_message_enter_container(reply, 'a', "(sasbttttuii)");
    if (r >= 0)
        r = sd_bus_message_at_end(reply, false);
    if (r >= 0)
        unit->does_at_stop = r == 0;
    return r;
}

static int
read_service(sd_bus *bus, const char *path, VsUnit *unit, sd_bus_error *bus_error)
{
    int r = sd_bus_get_property_trivial(bus, SYSTEMD, path, SYSTEMD_SERVICE, "TimeoutStopUSec",
                                        bus_error, 't', &unit->stop_timeout);

    if (r >= 0)
        r = sd_bus_get_property_string(bus, SYSTEMD, path, SYSTEMD_SERVICE, "NotifyAccess",
                                       bus_error, &unit->notify_access);
    if (r >= 0)
        r = read_exec_stop(bus, path, unit, bus_error);
    return r;
}

/* @ret_path: in @ret_reply. */
static int
load_unit(sd_bus *bus, const char *name, sd_bus_message **ret_reply, const char **ret_path,
          sd_bus_error *bus_error)
{
    int r = sd_bus_call_method(bus, SYSTEMD, SYSTEMD_PATH, SYSTEMD_MANAGER, "LoadUnit", bus_error,
                               ret_reply, "s", name);

    return r < 0 ? r : sd_bus_message_read(*ret_reply, "o", ret_path);
}

void
vs_unit_user_clear(VsUnitUser *user)
{
    g_clear_pointer(&user->name, free);
}

bool
vs_unit_read_user(sd_bus *bus, const char *name, VsUnitUser *ret)
{
    g_autoptr(sd_bus_message) reply = NULL;
    g_autofree char *state = NULL;
    g_auto(VsUnitUser) user = {0};
    const char *path;

    if (load_unit(bus, name, &reply, &path, NULL) < 0 ||
        sd_bus_get_property_string(bus, SYSTEMD, path, SYSTEMD_UNIT, "LoadState", NULL, &state) <
            0 ||
        !g_str_equal(state, "loaded") ||
        sd_bus_get_property_string(bus, SYSTEMD, path, SYSTEMD_SERVICE, "User", NULL, &user.name) <
            0 ||
        sd_bus_get_property_trivial(bus, SYSTEMD, path, SYSTEMD_SERVICE, "PrivateNetwork", NULL,
                                    'b', &user.has_private_network) < 0)
        return false;
    *ret = user;
    user = (VsUnitUser){0};
    return true;
}

bool
vs_unit_user_is_own(const VsUnitUser *user)
{
    return *user->name && !g_str_equal(user->name, "root") && !g_str_equal(user->name, "0");
}

bool
vs_unit_read(sd_bus *bus, const char *name, VsUnit *ret, GError **error)
{
    g_auto(sd_bus_error) bus_error = SD_BUS_ERROR_NULL;
    g_autoptr(sd_bus_message) reply = NULL;
    g_auto(VsUnit) unit = {.job_timeout = UINT64_MAX, .stop_timeout = UINT64_MAX};
    const char *path;
    int r = load_unit(bus, name, &reply, &path, &bus_error);

    if (r >= 0)
        r = read_unit(bus, path, &unit, &bus_error);
    if (r >= 0 && g_str_has_suffix(name, ".service"))
        r = read_service(bus, path, &unit, &bus_error);
    if (!check(r, &bus_error, error))
        return false;
    *ret = unit;
    unit = (VsUnit){0};
    return true;
}

bool
vs_unit_is_down(const VsUnit *unit)
{
    return g_str_equal(unit->active_state, "inactive") || g_str_equal(unit->active_state, "failed");
}

bool
vs_unit_is_enabled(const VsUnit *unit)
{
    static const char *const states[] = {"enabled", "enabled-runtime", "alias", NULL};

    return g_strv_contains(states, unit->file_state);
}
