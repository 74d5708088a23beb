/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "util/scope.h"

#include <string.h>
#include <unistd.h>

#include "util/error.h"
#include "vs-test.h"

/* Where things are, for the host and for a user. */

#define NONE "" /* the variable isn't set */

static void
set(const char *variable, const char *value)
{
    if (*value)
        g_setenv(variable, value, TRUE);
    else
        g_unsetenv(variable);
}

static void
test_directories(void)
{
    static const struct {
        VsScopeDirectory which;
        const char *variable, *own, *xdg_variable, *xdg;
        const char *system, *user;
    } cases[] = {
        {VS_SCOPE_STATE, "STATE_DIRECTORY", NONE, "XDG_STATE_HOME", "/s",
         LOCALSTATEDIR "/lib/virtstop", "/s/virtstop"},
        {VS_SCOPE_STATE, "STATE_DIRECTORY", NONE, "XDG_STATE_HOME", NONE,
         LOCALSTATEDIR "/lib/virtstop", "/home/desk/.local/state/virtstop"},
        {VS_SCOPE_STATE, "STATE_DIRECTORY", NONE, "XDG_STATE_HOME", "not/absolute",
         LOCALSTATEDIR "/lib/virtstop", "/home/desk/.local/state/virtstop"},
        {VS_SCOPE_STATE, "STATE_DIRECTORY", "/own", "XDG_STATE_HOME", "/s", "/own", "/own"},
        {VS_SCOPE_STATE, "STATE_DIRECTORY", "/own:/other", "XDG_STATE_HOME", "/s", "/own", "/own"},
        {VS_SCOPE_CONFIGURATION, "CONFIGURATION_DIRECTORY", NONE, "XDG_CONFIG_HOME", NONE,
         SYSCONFDIR "/virtstop", "/home/desk/.config/virtstop"},
        {VS_SCOPE_CONFIGURATION, "CONFIGURATION_DIRECTORY", "/own", "XDG_CONFIG_HOME", "/c", "/own",
         "/own"},
        {VS_SCOPE_RUNTIME, "RUNTIME_DIRECTORY", NONE, "XDG_RUNTIME_DIR", "/run/user/7",
         "/run/virtstop", "/run/user/7/virtstop"},
        {VS_SCOPE_RUNTIME, "RUNTIME_DIRECTORY", "/own", "XDG_RUNTIME_DIR", "/run/user/7", "/own",
         "/own"},
    };

    g_setenv("HOME", "/home/desk", TRUE);
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *system = NULL, *user = NULL;

        set(cases[i].variable, cases[i].own);
        set(cases[i].xdg_variable, cases[i].xdg);
        system = vs_scope_directory(VS_SCOPE_SYSTEM, cases[i].which);
        user = vs_scope_directory(VS_SCOPE_USER, cases[i].which);
        g_assert_cmpstr(system, ==, cases[i].system);
        g_assert_cmpstr(user, ==, cases[i].user);
    }
}

static void
test_bus(void)
{
    g_autofree char *system = vs_scope_usual_bus(VS_SCOPE_SYSTEM), *user = NULL;

    g_setenv("XDG_RUNTIME_DIR", "/run/user/7", TRUE);
    user = vs_scope_usual_bus(VS_SCOPE_USER);
    g_assert_cmpstr(system, ==, "unix:path=/run/dbus/system_bus_socket");
    g_assert_cmpstr(user, ==, "unix:path=/run/user/7/bus");
}

/* Nobody works for root's session, nor without a runtime directory; anybody may for the host. */
static void
test_check(void)
{
    g_autoptr(GError) error = NULL, unset = NULL;

    g_setenv("XDG_RUNTIME_DIR", "/run/user/7", TRUE);
    g_assert_true(vs_scope_check(VS_SCOPE_SYSTEM, NULL));
    if (geteuid() != 0) {
        g_assert_true(vs_scope_check(VS_SCOPE_USER, &error));
        g_assert_no_error(error);
    } else {
        g_assert_false(vs_scope_check(VS_SCOPE_USER, &error));
        g_assert_error(error, VS_ERROR, VS_ERROR_INVALID);
        g_assert_nonnull(strstr(error->message, "qemu:///system"));
    }
    g_unsetenv("XDG_RUNTIME_DIR");
    g_assert_true(vs_scope_check(VS_SCOPE_SYSTEM, NULL));
    g_assert_false(vs_scope_check(VS_SCOPE_USER, &unset));
    g_assert_error(unset, VS_ERROR, VS_ERROR_INVALID);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/scope/directories", test_directories);
    g_test_add_func("/scope/bus", test_bus);
    g_test_add_func("/scope/check", test_check);
    return g_test_run();
}
