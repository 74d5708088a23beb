/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/manager-object.h"

#include "config.h"

#include "bus/access.h"
#include "bus/check.h"
#include "bus/errors.h"
#include "bus/host-stops.h"
#include "bus/lists.h"
#include "bus/message.h"
#include "bus/path.h"
#include "bus/plan.h"
#include "bus/policy.h"
#include "bus/records.h"
#include "bus/request-all.h"
#include "bus/request-one.h"
#include "bus/stops.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/text.h"

static int
method_stop(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    return vs_bus_request(userdata, message, VS_EVENT_STOP, NULL);
}

static int
method_cancel(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    return vs_bus_request(userdata, message, VS_EVENT_CANCEL, NULL);
}

static int
method_escalate(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    return vs_bus_request(userdata, message, VS_EVENT_ESCALATE, NULL);
}

static int
method_extend(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    return vs_bus_request(userdata, message, VS_EVENT_EXTEND, NULL);
}

static int
method_get_domain(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = NULL;
    VsBus *bus = userdata;
    VsBusOptions options;
    const VsGuest *guest;
    const char *text;
    int r = sd_bus_message_read_basic(message, SD_BUS_TYPE_STRING, &text);

    if (r < 0)
        return r;
    guest = vs_bus_read_domain(bus, message, text, 0, &options, &error);
    if (!guest)
        return vs_bus_error_set(ret_error, error);

    path = vs_bus_domain_path(&guest->domain);
    return sd_bus_reply_method_return(message, "o", path);
}

static int
stop_not_found(const char *id, sd_bus_error *ret_error)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *quoted = vs_text_quoted(id);

    if (vs_uuid_is_valid(id))
        g_set_error(&error, VS_ERROR, VS_ERROR_NO_STOP, _("No stop %s is in flight"), quoted);
    else
        g_set_error(&error, VS_ERROR, VS_ERROR_INVALID,
                    _("%s is no id of a stop (allowed: a UUID, as Stop's property Id has it)"),
                    quoted);
    return vs_bus_error_set(ret_error, error);
}

static int
method_get_stop(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    g_autofree char *path = NULL;
    VsBus *bus = userdata;
    const VsGuest *guest;
    const char *id;
    int r = sd_bus_message_read_basic(message, SD_BUS_TYPE_STRING, &id);

    if (r < 0)
        return r;
    guest = vs_uuid_is_valid(id) ? vs_engine_find_stop(bus->engine, id) : NULL;
    if (!guest)
        return stop_not_found(id, ret_error);

    path = vs_bus_guest_stop_path(guest);
    return sd_bus_reply_method_return(message, "o", path);
}

static int
reload(VsBus *bus, sd_bus_message *message, void *data)
{
    g_autoptr(GError) error = NULL;

    if (!bus->ops.reload(&error, bus->userdata))
        return vs_bus_error_reply(message, error);
    return sd_bus_reply_method_return(message, NULL);
}

static int
method_reload(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    return vs_bus_access_ask(userdata, message, &(VsBusDeed){0}, reload, NULL, NULL);
}

static int
get_version(sd_bus *connection, const char *path, const char *interface, const char *property,
            sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    return sd_bus_message_append(reply, "s", PACKAGE_VERSION);
}

static int
get_uris(sd_bus *connection, const char *path, const char *interface, const char *property,
         sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    VsBus *bus = userdata;

    return sd_bus_message_append_strv(reply, bus->uris);
}

static int
get_connections(sd_bus *connection, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    VsBus *bus = userdata;
    int r = sd_bus_message_open_container(reply, SD_BUS_TYPE_ARRAY, "(sb)");

    for (char **uri = bus->uris; r >= 0 && *uri; uri++)
        r = sd_bus_message_append(reply, "(sb)", *uri,
                                  (int)vs_engine_is_connected(bus->engine, *uri));
    return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int
get_ladder(sd_bus *connection, const char *path, const char *interface, const char *property,
           sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    VsBus *bus = userdata;

    return sd_bus_message_append(reply, "s", bus->ladder);
}

static int
get_config_error(sd_bus *connection, const char *path, const char *interface, const char *property,
                 sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    VsBus *bus = userdata;

    return vs_bus_append_text(reply, bus->config_error);
}

static int
get_config_digest(sd_bus *connection, const char *path, const char *interface, const char *property,
                  sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    VsBus *bus = userdata;

    return vs_bus_append_text(reply, bus->config_digest);
}

static int
get_stops_in_flight(sd_bus *connection, const char *path, const char *interface,
                    const char *property, sd_bus_message *reply, void *userdata,
                    sd_bus_error *ret_error)
{
    VsBus *bus = userdata;

    return sd_bus_message_append(reply, "u", (uint32_t)vs_bus_stops_in_flight(bus));
}

static int
get_host_shutdown(sd_bus *connection, const char *path, const char *interface, const char *property,
                  sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    VsBus *bus = userdata;

    return sd_bus_message_append(reply, "b", (int)bus->host_shutdown);
}

static int
get_stopping_all(sd_bus *connection, const char *path, const char *interface, const char *property,
                 sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    VsBus *bus = userdata;

    return sd_bus_message_append(reply, "b", (int)vs_engine_is_stopping_all(bus->engine));
}

static int
get_host_stops(sd_bus *connection, const char *path, const char *interface, const char *property,
               sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    g_auto(GStrv) paths = vs_bus_host_stops_paths(userdata);

    return vs_bus_append_paths(reply, paths);
}

static int
append_unwritten(const char *what, unsigned n, const char *why, void *reply)
{
    g_autofree char *text = vs_bus_text(why);

    return sd_bus_message_append(reply, "(sus)", what, (uint32_t)n, text);
}

static int
get_unwritten(sd_bus *connection, const char *path, const char *interface, const char *property,
              sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    VsBus *bus = userdata;
    int r = sd_bus_message_open_container(reply, SD_BUS_TYPE_ARRAY, "(sus)");

    if (r >= 0 && bus->ops.unwritten)
        r = bus->ops.unwritten(append_unwritten, reply, bus->userdata);
    return r < 0 ? r : sd_bus_message_close_container(reply);
}

/* clang-format off */
static const sd_bus_vtable vtable[] = {
    SD_BUS_VTABLE_START(0),

    SD_BUS_METHOD_WITH_ARGS("Stop", SD_BUS_ARGS("s", domain, "a{sv}", options),
                            SD_BUS_RESULT("o", stop), method_stop, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Cancel", SD_BUS_ARGS("s", domain, "a{sv}", options),
                            SD_BUS_NO_RESULT, method_cancel, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Escalate", SD_BUS_ARGS("s", domain, "a{sv}", options),
                            SD_BUS_NO_RESULT, method_escalate, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Extend", SD_BUS_ARGS("s", domain, "t", usec, "a{sv}", options),
                            SD_BUS_NO_RESULT, method_extend, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("StopAll", SD_BUS_ARGS("a{sv}", options),
                            SD_BUS_RESULT("a(so)", stops), vs_bus_stop_all,
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("CancelAll", SD_BUS_ARGS("a{sv}", options), SD_BUS_NO_RESULT,
                            vs_bus_cancel_all, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("ExtendAll", SD_BUS_ARGS("t", usec, "a{sv}", options),
                            SD_BUS_NO_RESULT, vs_bus_extend_all, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Plan", SD_BUS_ARGS("a{sv}", options), SD_BUS_RESULT("s", plan),
                            vs_bus_plan, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Check", SD_BUS_ARGS("a{sv}", options),
                            SD_BUS_RESULT("aa{sv}", findings), vs_bus_check,
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("GetPolicy", SD_BUS_ARGS("s", domain, "a{sv}", options),
                            SD_BUS_RESULT("a(ssss)", policy, "a{sv}", labels), vs_bus_get_policy,
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("SetPolicy",
                            SD_BUS_ARGS("s", domain, "a{ss}", changes, "a{sv}", options),
                            SD_BUS_NO_RESULT, vs_bus_set_policy, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Restore", SD_BUS_ARGS("a{sv}", options), SD_BUS_NO_RESULT,
                            vs_bus_restore, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("GetDomain", SD_BUS_ARGS("s", domain, "a{sv}", options),
                            SD_BUS_RESULT("o", path), method_get_domain, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("GetStop", SD_BUS_ARGS("s", id),
                            SD_BUS_RESULT("o", path), method_get_stop, SD_BUS_VTABLE_UNPRIVILEGED),
    /* SD_BUS_NO_ARGS takes its name away from the result before systemd 248. */
    SD_BUS_METHOD_WITH_NAMES("ListDomains", NULL, , "a(ossssiso)", SD_BUS_PARAM(domains),
                             vs_bus_list_domains, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_NAMES("ListOwners", NULL, , "a(os)", SD_BUS_PARAM(owners),
                             vs_bus_list_owners, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_NAMES("ListStops", NULL, , "a(osossstus)", SD_BUS_PARAM(stops),
                             vs_bus_list_stops, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("GetHistory", SD_BUS_ARGS("s", domain, "u", limit),
                            SD_BUS_RESULT("as", records), vs_bus_get_history,
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("ListRecords", SD_BUS_ARGS("a{sv}", options),
                            SD_BUS_RESULT("as", records, "s", mark), vs_bus_list_records,
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Reload", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, method_reload,
                            SD_BUS_VTABLE_UNPRIVILEGED),

    SD_BUS_SIGNAL_WITH_ARGS("StopAdded", SD_BUS_ARGS("s", id, "o", stop, "o", domain, "s", name), 0),
    SD_BUS_SIGNAL_WITH_ARGS("StopFinished",
                            SD_BUS_ARGS("s", id, "o", stop, "o", domain, "s", name, "s", outcome), 0),
    SD_BUS_SIGNAL_WITH_ARGS("StopRecorded", SD_BUS_ARGS("s", record), 0),
    SD_BUS_SIGNAL_WITH_ARGS("StopDisclosed", SD_BUS_ARGS("s", record), 0),

    SD_BUS_PROPERTY("Version", "s", get_version, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Uris", "as", get_uris, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Connections", "a(sb)", get_connections, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Ladder", "s", get_ladder, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("ConfigDigest", "s", get_config_digest, 0, 0),
    SD_BUS_PROPERTY("ConfigError", "s", get_config_error, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("StopsInFlight", "u", get_stops_in_flight, 0,
                    SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("StoppingAll", "b", get_stopping_all, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("HostStops", "ao", get_host_stops, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("HostShutdown", "b", get_host_shutdown, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Unwritten", "a(sus)", get_unwritten, 0, 0),

    SD_BUS_VTABLE_END,
};
/* clang-format on */

int
vs_bus_publish_manager(VsBus *bus)
{
    int r = sd_bus_add_object_manager(bus->connection, NULL, VS_BUS_ROOT);

    if (r < 0)
        return r;
    return sd_bus_add_object_vtable(bus->connection, NULL, VS_BUS_ROOT, VS_BUS_MANAGER_INTERFACE,
                                    vtable, bus);
}
