/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/logind.h"

#include <fcntl.h>
#include <unistd.h>

#include "bus/message.h"
#include "bus/signals.h"
#include "util/i18n.h"
#include "util/span.h"

#define LOGIND_NAME      "org.freedesktop.login1"
#define LOGIND_PATH      "/org/freedesktop/login1"
#define LOGIND_INTERFACE "org.freedesktop.login1.Manager"

#define HOOK_PATH      "/org/freedesktop/systemd1/unit/virtstop_2dguests_2eservice"
#define UNIT_INTERFACE "org.freedesktop.systemd1.Unit"

/* logind asks polkit about whoever isn't root, which may have to be started first, in the middle of
 * a boot. Nothing waits for the answer. */
#define INHIBIT_SPAN (120 * VS_USEC_PER_SEC)

/* logind waits for whoever holds a delay inhibitor, 5 s by default: that much earlier the guests
 * begin to go down than by the hook's unit alone, which waits for the rest. */
static void
let_go(VsBus *bus)
{
    if (bus->inhibitor >= 0)
        close(bus->inhibitor);
    bus->inhibitor = -1;
}

/* The hook's unit does without, but later: said once, until it is mended. */
static void
note_refusal(VsBus *bus, const sd_bus_error *error)
{
    if (!bus->not_awaited)
        g_message(_("systemd-logind won't wait for the guests when the host goes down: %s"),
                  error->message);
    bus->not_awaited = true;
}

static int
on_inhibited(sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    const sd_bus_error *error = sd_bus_message_get_error(reply);
    VsBus *bus = userdata;
    int fd;

    if (error)
        note_refusal(bus, error);
    if (error || sd_bus_message_read(reply, "h", &fd) < 0)
        return 0;
    let_go(bus);
    bus->inhibitor = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (bus->not_awaited)
        g_message(_("systemd-logind waits for the guests now when the host goes down"));
    bus->not_awaited = false;
    return 0;
}

static int
inhibit(VsBus *bus)
{
    g_autoptr(sd_bus_message) message = NULL;
    int r;

    if ((r = sd_bus_message_new_method_call(bus->system, &message, LOGIND_NAME, LOGIND_PATH,
                                            LOGIND_INTERFACE, "Inhibit")) < 0 ||
        (r = sd_bus_message_set_auto_start(message, false)) < 0 ||
        (r = sd_bus_message_append(message, "ssss", "shutdown", "virtstop",
                                   _("Virtual machines are stopped"), "delay")) < 0)
        return r;
    return sd_bus_call_async(bus->system, NULL, message, on_inhibited, bus, INHIBIT_SPAN);
}

static void
stop_all(VsBus *bus)
{
    VsRequester by = {.comm = (char *)"systemd-logind", .unit = (char *)"systemd-logind.service"};
    VsEvent event = {.type = VS_EVENT_STOP_ALL};
    g_autoptr(GError) error = NULL;

    event.stop_all.shutdown = event.stop_all.early = true;
    event.stop_all.kind = bus->host_kind;
    event.stop_all.reason = _("the host goes down");
    event.stop_all.by = &by;
    if (!bus->ops.request(&event, NULL, &error, bus->userdata))
        g_message("%s", error->message);
}

/* Only where the hook is in use: else it is somebody else's to stop the guests. */
static int
on_hook_state(sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    VsBus *bus = userdata;
    const char *state = "";

    if (!sd_bus_message_is_method_error(reply, NULL))
        sd_bus_message_read(reply, "v", "s", &state);
    if (bus->host_shutdown && g_str_equal(state, "active"))
        stop_all(bus);
    vs_bus_logind_check(bus);
    return 0;
}

static void
ask_for_hook(VsBus *bus)
{
    int r = sd_bus_call_method_async(bus->own, NULL, "org.freedesktop.systemd1", HOOK_PATH,
                                     "org.freedesktop.DBus.Properties", "Get", on_hook_state, bus,
                                     "ss", UNIT_INTERFACE, "ActiveState");
    if (r < 0)
        let_go(bus);
}

void
vs_bus_logind_check(VsBus *bus)
{
    if (bus->host_shutdown && !vs_engine_is_stopping_all(bus->engine))
        let_go(bus);
}

static void
forget_logind(VsBus *bus)
{
    g_clear_pointer(&bus->logind, g_free);
    g_clear_pointer(&bus->logind_asked, g_free);
    bus->logind_asking = sd_bus_slot_unref(bus->logind_asking);
}

void
vs_bus_unwatch_logind(VsBus *bus)
{
    let_go(bus);
    forget_logind(bus);
}

/* A session's libvirt saves its guests itself at the same signal (to 11.2 always, later by its
 * configuration): a guest that is pressed meanwhile would be saved as it goes down. So a user's
 * guests are left to that, and to the hook. */
static bool
begins_early(const VsBus *bus)
{
    return bus->scope == VS_SCOPE_SYSTEM;
}

static void
set_host_shutdown(VsBus *bus, bool active)
{
    VsEvent event = {.type = VS_EVENT_HOST_SHUTDOWN, .host_shutdown.active = active};
    g_autoptr(GError) error = NULL;

    if (active == bus->host_shutdown)
        return;
    bus->host_shutdown = active;
    if (!bus->ops.request(&event, NULL, &error, bus->userdata))
        g_message("%s", error->message);
    vs_bus_tell_property(bus, "HostShutdown");
    if (!begins_early(bus))
        return;
    if (active)
        ask_for_hook(bus);
    else
        inhibit(bus);
}

static int
on_preparing_for_shutdown(sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    int active;

    if (sd_bus_message_is_method_error(reply, NULL))
        return 0;
    if (sd_bus_message_read(reply, "v", "b", &active) >= 0)
        set_host_shutdown(userdata, active);
    return 0;
}

/* The signal may have been sent before we were there. */
static int
ask(VsBus *bus)
{
    g_autoptr(sd_bus_message) message = NULL;
    int r;

    if ((r = sd_bus_message_new_method_call(bus->system, &message, LOGIND_NAME, LOGIND_PATH,
                                            "org.freedesktop.DBus.Properties", "Get")) < 0 ||
        (r = sd_bus_message_set_auto_start(message, false)) < 0 ||
        (r = sd_bus_message_append(message, "ss", LOGIND_INTERFACE, "PreparingForShutdown")) < 0)
        return r;
    return sd_bus_call_async(bus->system, NULL, message, on_preparing_for_shutdown, bus, 0);
}

static int
inhibit_and_ask(VsBus *bus)
{
    int r = begins_early(bus) ? inhibit(bus) : 0;

    return r < 0 ? r : ask(bus);
}

static int
on_logind_user(sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    VsBus *bus = userdata;
    uint32_t uid;

    bus->logind_asking = sd_bus_slot_unref(bus->logind_asking);
    if (sd_bus_message_is_method_error(reply, NULL) || sd_bus_message_read(reply, "u", &uid) < 0 ||
        (uid != 0 && uid != geteuid()))
        return 0;
    bus->logind = g_steal_pointer(&bus->logind_asked);
    return ask(bus); /* what it said before we believed it */
}

/* @owner: whose the name is now, "" where it is nobody's. Whoever that is has to be trusted. */
static int
meet(VsBus *bus, const char *owner)
{
    forget_logind(bus);
    if (*owner == '\0')
        return 0;
    bus->logind_asked = g_strdup(owner);
    return sd_bus_call_method_async(bus->system, &bus->logind_asking, "org.freedesktop.DBus",
                                    "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                    "GetConnectionUnixUser", on_logind_user, bus, "s", owner);
}

static int
on_known_owner(sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    const char *owner;
    VsBus *bus = userdata;
    int r;

    bus->logind_asking = sd_bus_slot_unref(bus->logind_asking);
    if (sd_bus_message_is_method_error(reply, NULL))
        return 0;
    r = sd_bus_message_read(reply, "s", &owner);
    return r < 0 ? r : meet(bus, owner);
}

/* One question at a time, however many signals make us ask. */
static int
look_for_logind(VsBus *bus)
{
    if (bus->logind_asking)
        return 0;
    return sd_bus_call_method_async(bus->system, &bus->logind_asking, "org.freedesktop.DBus",
                                    "/org/freedesktop/DBus", "org.freedesktop.DBus", "GetNameOwner",
                                    on_known_owner, bus, "s", LOGIND_NAME);
}

/* The bus delivers by the match, but anybody may send a signal straight to us. */
static int
on_prepare_for_shutdown(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    VsBus *bus = userdata;
    int active;
    int r;

    if (!bus->logind)
        return look_for_logind(bus); /* the bus may not have answered when it was asked */
    if (g_strcmp0(sd_bus_message_get_sender(message), bus->logind) != 0)
        return 0;
    if ((r = sd_bus_message_read(message, "b", &active)) < 0)
        return r;
    set_host_shutdown(bus, active);
    return 0;
}

/* logind's own word for it, which has had a hyphen more. */
static void
read_kind(sd_bus_message *message, VsHostKind *ret)
{
    const char *key, *type;

    while (sd_bus_message_enter_container(message, 'e', "sv") > 0) {
        if (sd_bus_message_read(message, "s", &key) < 0)
            return;
        if (!g_str_equal(key, "type"))
            sd_bus_message_skip(message, "v");
        else if (sd_bus_message_read(message, "v", "s", &type) < 0)
            return;
        else if (!vs_host_kind_parse(g_str_equal(type, "power-off") ? "poweroff" : type, ret, NULL))
            *ret = VS_HOST_KIND_UNKNOWN;
        sd_bus_message_exit_container(message);
    }
}

/* Since systemd 255, before the other one. */
static int
on_prepare_with_metadata(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    VsBus *bus = userdata;
    int active = 0;

    if (!bus->logind || g_strcmp0(sd_bus_message_get_sender(message), bus->logind) != 0)
        return 0;
    bus->host_kind = VS_HOST_KIND_UNKNOWN;
    if (sd_bus_message_read(message, "b", &active) >= 0 && active &&
        sd_bus_message_enter_container(message, SD_BUS_TYPE_ARRAY, "{sv}") > 0)
        read_kind(message, &bus->host_kind);
    return 0;
}

/* It came later than we did, or anew: what it was asked before, it may not know. */
static int
on_owner(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    const char *owner;
    int r;

    if (!vs_bus_is_from_bus(message))
        return 0;
    if ((r = sd_bus_message_read(message, "sss", NULL, NULL, &owner)) < 0 ||
        (r = meet(userdata, owner)) < 0)
        return r;
    return *owner == '\0' ? 0 : inhibit_and_ask(userdata);
}

static int
watch(VsBus *bus)
{
    int r;

    if ((r = sd_bus_match_signal_async(bus->system, NULL, LOGIND_NAME, LOGIND_PATH,
                                       LOGIND_INTERFACE, "PrepareForShutdown",
                                       on_prepare_for_shutdown, NULL, bus)) < 0 ||
        (r = sd_bus_match_signal_async(bus->system, NULL, LOGIND_NAME, LOGIND_PATH,
                                       LOGIND_INTERFACE, "PrepareForShutdownWithMetadata",
                                       on_prepare_with_metadata, NULL, bus)) < 0 ||
        (r = sd_bus_add_match_async(bus->system, NULL,
                                    "type='signal',sender='org.freedesktop.DBus',"
                                    "member='NameOwnerChanged',arg0='" LOGIND_NAME "'",
                                    on_owner, NULL, bus)) < 0 ||
        (r = look_for_logind(bus)) < 0)
        return r;
    return inhibit_and_ask(bus);
}

int
vs_bus_watch_logind(VsBus *bus)
{
    int r = bus->system ? watch(bus) : 0;

    /* A user's guests do without, and his bus isn't that one. */
    return bus->scope == VS_SCOPE_USER ? 0 : r;
}
