/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "util/scope.h"

#include <string.h>
#include <unistd.h>

#include "util/error.h"
#include "util/i18n.h"
#include "util/span.h"

#define NAME        "virtstop"
#define RUNTIME_DIR "XDG_RUNTIME_DIR"

static const VsScopeInfo scopes[] = {
    [VS_SCOPE_SYSTEM] =
        {
            .ctl = "virtstopctl",
            .systemctl = "systemctl",
            .uri = "qemu:///system",
            .bus_variable = "DBUS_SYSTEM_BUS_ADDRESS",
            .bus_name = N_("the system bus"),
            .service_hint = N_("is virtstopd.service running?"),
        },
    [VS_SCOPE_USER] =
        {
            .option = "--user",
            .ctl = "virtstopctl --user",
            .systemctl = "systemctl --user",
            .uri = "qemu:///session",
            /* A user's systemd is killed after 90 s or 120 s, and all it runs with
             * it; nobody can ask for more. */
            .budget = 80 * VS_USEC_PER_SEC,
            .bus_variable = "DBUS_SESSION_BUS_ADDRESS",
            .bus_name = N_("the user's bus"),
            .service_hint = N_("is virtstopd.service of this user running (systemctl --user)?"),
        },
};

/* Of the host, and of a user by the XDG base directories. */
static const struct {
    const char *variable; /* as systemd sets it for a unit, and a test */
    const char *system;
    const char *xdg;
    const char *below_home; /* where that isn't set; NULL: nowhere */
} directories[] = {
    [VS_SCOPE_CONFIGURATION] = {"CONFIGURATION_DIRECTORY", SYSCONFDIR "/" NAME, "XDG_CONFIG_HOME",
                                ".config"},
    [VS_SCOPE_STATE] = {"STATE_DIRECTORY", LOCALSTATEDIR "/lib/" NAME, "XDG_STATE_HOME",
                        ".local/state"},
    [VS_SCOPE_RUNTIME] = {"RUNTIME_DIRECTORY", "/run/" NAME, RUNTIME_DIR, NULL},
};

const VsScopeInfo *
vs_scope_info(VsScope scope)
{
    return &scopes[scope];
}

/* As XDG has it, a path that isn't absolute counts for nothing. */
static const char *
absolute(const char *variable)
{
    const char *path = g_getenv(variable);

    return path && g_path_is_absolute(path) ? path : NULL;
}

bool
vs_scope_check(VsScope scope, GError **error)
{
    if (scope == VS_SCOPE_SYSTEM)
        return true;
    if (geteuid() == 0) {
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                    _("--user is not for root: in libvirt root's qemu:///session is "
                      "qemu:///system, which the virtstopd of the host watches; become the user "
                      "whose guests are meant, or leave --user out"));
        return false;
    }
    if (!absolute(RUNTIME_DIR)) {
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                    _("--user needs %s, the absolute path of the user's runtime directory, which a "
                      "login sets (/run/user/UID)"),
                    RUNTIME_DIR);
        return false;
    }
    return true;
}

char *
vs_scope_usual_bus(VsScope scope)
{
    const char *runtime = absolute(RUNTIME_DIR);

    if (scope == VS_SCOPE_SYSTEM)
        return g_strdup("unix:path=/run/dbus/system_bus_socket");
    return g_strdup_printf("unix:path=%s/bus", runtime ? runtime : g_get_user_runtime_dir());
}

char *
vs_scope_usual_directory(VsScope scope, VsScopeDirectory which)
{
    const char *base = absolute(directories[which].xdg);

    if (scope == VS_SCOPE_SYSTEM)
        return g_strdup(directories[which].system);
    if (base)
        return g_build_filename(base, NAME, NULL);
    if (!directories[which].below_home)
        return g_build_filename(g_get_user_runtime_dir(), NAME, NULL);
    return g_build_filename(g_get_home_dir(), directories[which].below_home, NAME, NULL);
}

/* systemd joins several directories by colons; ours is the first. */
char *
vs_scope_directory(VsScope scope, VsScopeDirectory which)
{
    const char *value = g_getenv(directories[which].variable);

    if (!value || *value == '\0')
        return vs_scope_usual_directory(scope, which);
    return g_strndup(value, strcspn(value, ":"));
}
