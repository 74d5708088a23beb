/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hook/system.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "client/manager.h"
#include "core/host-kind.h"
#include "util/span.h"

#define SYSTEMD         "org.freedesktop.systemd1"
#define SYSTEMD_PATH    "/org/freedesktop/systemd1"
#define SYSTEMD_MANAGER "org.freedesktop.systemd1.Manager"

#define LOGIND         "org.freedesktop.login1"
#define LOGIND_PATH    "/org/freedesktop/login1"
#define LOGIND_MANAGER "org.freedesktop.login1.Manager"

/* Between two questions to a systemd that doesn't answer. */
#define PAUSE (VS_USEC_PER_SEC)

static int
open_systemd(const VsClient *client, const VsHookSetup *setup, sd_bus **ret)
{
    int r;

    vs_client_before_call(client);
    if ((r = sd_bus_new(ret)) < 0 || (r = sd_bus_set_address(*ret, setup->systemd)) < 0 ||
        (r = sd_bus_set_method_call_timeout(*ret, (uint64_t)setup->call)) < 0 ||
        (r = sd_bus_start(*ret)) < 0)
        return r;
    return vs_client_await_ready(*ret, setup->call);
}

sd_bus *
vs_hook_open_systemd(const VsClient *client, const VsHookSetup *setup)
{
    sd_bus *systemd = NULL;

    if (open_systemd(client, setup, &systemd) < 0)
        systemd = sd_bus_close_unref(systemd);
    return systemd;
}

/* A negative errno where it doesn't say. */
static int
ask_systemd(const VsClient *client, const VsHookSetup *setup, VsHostState *ret)
{
    g_auto(sd_bus_error) error = SD_BUS_ERROR_NULL;
    sd_bus *systemd = NULL;
    char *state = NULL;
    int r = open_systemd(client, setup, &systemd);

    if (r >= 0) {
        vs_client_before_call(client);
        r = sd_bus_get_property_string(systemd, SYSTEMD, SYSTEMD_PATH, SYSTEMD_MANAGER,
                                       "SystemState", &error, &state);
    }
    if (r >= 0)
        *ret = g_str_equal(state, "stopping") ? VS_HOST_GOES_DOWN : VS_HOST_STAYS;
    free(state);
    sd_bus_close_unref(systemd);
    return r;
}

/* It hears only of shutdowns that go through it: no proof that the host stays. */
static bool
logind_says_so(VsClient *client)
{
    g_auto(sd_bus_error) error = SD_BUS_ERROR_NULL;
    int says = 0;

    vs_client_before_call(client);
    return sd_bus_get_property_trivial(client->bus, LOGIND, LOGIND_PATH, LOGIND_MANAGER,
                                       "PreparingForShutdown", &error, 'b', &says) >= 0 &&
           says;
}

static bool
virtstopd_says_so(VsClient *client)
{
    g_auto(VsManagerObject) manager = {0};

    return vs_manager_object_get(client, &manager, NULL) && manager.host_shutdown;
}

VsHostState
vs_hook_ask_host(VsClient *client, const VsHookSetup *setup)
{
    int64_t until = g_get_monotonic_time() + setup->ask;
    VsHostState state = VS_HOST_NOT_KNOWN;
    int r;

    /* Who may not ask it once may not ask it ever. */
    while ((r = ask_systemd(client, setup, &state)) < 0 && r != -EACCES && r != -EPERM &&
           g_get_monotonic_time() < until)
        g_usleep(PAUSE);
    if (r >= 0)
        return state;
    if (vs_client_open(client, NULL) && (logind_says_so(client) || virtstopd_says_so(client)))
        state = VS_HOST_GOES_DOWN;
    vs_client_close(client);
    return state;
}

/* Of the targets that end a host. */
static VsHostKind
kind_of_unit(const char *unit)
{
    g_autofree char *name = g_strndup(unit, strcspn(unit, "."));
    VsHostKind kind;

    if (g_str_has_suffix(unit, ".target") && vs_host_kind_parse(name, &kind, NULL))
        return kind;
    return VS_HOST_KIND_UNKNOWN;
}

/* (id, unit, type, state, the job's path, the unit's) */
static VsHostKind
read_jobs(sd_bus_message *reply)
{
    VsHostKind kind = VS_HOST_KIND_UNKNOWN;
    const char *unit, *type;

    if (sd_bus_message_enter_container(reply, 'a', "(usssoo)") < 0)
        return kind;
    while (kind == VS_HOST_KIND_UNKNOWN &&
           sd_bus_message_read(reply, "(usssoo)", NULL, &unit, &type, NULL, NULL, NULL) > 0)
        if (g_str_equal(type, "start"))
            kind = kind_of_unit(unit);
    return kind;
}

const char *
vs_hook_ask_kind(const VsClient *client, const VsHookSetup *setup)
{
    sd_bus *systemd = vs_hook_open_systemd(client, setup);
    g_autoptr(sd_bus_message) reply = NULL;
    VsHostKind kind = VS_HOST_KIND_UNKNOWN;

    if (!systemd)
        return NULL;
    vs_client_before_call(client);
    if (sd_bus_call_method(systemd, SYSTEMD, SYSTEMD_PATH, SYSTEMD_MANAGER, "ListJobs", NULL,
                           &reply, "") >= 0)
        kind = read_jobs(reply);
    sd_bus_close_unref(systemd);
    return vs_host_kind_name(kind);
}
