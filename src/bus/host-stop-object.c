/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/host-stop-object.h"

#include "bus/asker.h"
#include "bus/host-stops.h"
#include "bus/message.h"
#include "bus/path.h"
#include "engine/ran.h"

static int
get_id(sd_bus *connection, const char *path, const char *interface, const char *property,
       sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    const VsHostStop *host_stop = userdata;

    return sd_bus_message_append(reply, "s", host_stop->id.text);
}

static int
append_words(sd_bus_message *reply, const VsPart *part, VsPartKind kind)
{
    const GPtrArray *words = vs_part_words(part, kind);
    int r;

    if (words->len == 0)
        return 0;
    if ((r = sd_bus_message_open_container(reply, 'e', "sas")) < 0 ||
        (r = sd_bus_message_append(reply, "s", vs_part_kind_name(kind))) < 0 ||
        (r = sd_bus_message_open_container(reply, 'a', "s")) < 0)
        return r;
    for (unsigned i = 0; i < words->len && r >= 0; i++)
        r = vs_bus_append_text(reply, words->pdata[i]);
    if (r < 0 || (r = sd_bus_message_close_container(reply)) < 0)
        return r;
    return sd_bus_message_close_container(reply);
}

/* Empty where it is about all. */
static int
get_part(sd_bus *connection, const char *path, const char *interface, const char *property,
         sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    const VsHostStop *host_stop = userdata;
    int r = sd_bus_message_open_container(reply, 'a', "{sas}");

    for (VsPartKind kind = 0; r >= 0 && host_stop->part && kind < VS_N_PART_KINDS; kind++)
        r = append_words(reply, host_stop->part, kind);
    return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int
get_shutdown(sd_bus *connection, const char *path, const char *interface, const char *property,
             sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    const VsHostStop *host_stop = userdata;

    return sd_bus_message_append(reply, "b", (int)host_stop->shutdown);
}

/* Empty where that isn't known. */
static int
get_kind(sd_bus *connection, const char *path, const char *interface, const char *property,
         sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    const VsHostStop *host_stop = userdata;

    return vs_bus_append_text(reply, vs_host_kind_name(host_stop->kind));
}

static int
get_phase(sd_bus *connection, const char *path, const char *interface, const char *property,
          sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    const VsHostStop *host_stop = userdata;

    return sd_bus_message_append(reply, "s", vs_host_stop_phase_name(host_stop->phase));
}

static int
get_deadline(sd_bus *connection, const char *path, const char *interface, const char *property,
             sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    return sd_bus_message_append(reply, "t", vs_bus_usec(vs_bus_host_stop_deadline(userdata)));
}

static int
get_limited(sd_bus *connection, const char *path, const char *interface, const char *property,
            sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    const VsHostStop *host_stop = userdata;

    return sd_bus_message_append(reply, "b", (int)host_stop->limited);
}

static int
get_requested(sd_bus *connection, const char *path, const char *interface, const char *property,
              sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    const VsHostStop *host_stop = userdata;

    return sd_bus_message_append(reply, "t", (uint64_t)host_stop->asked_real);
}

static VsBusAsker
asker_of(const VsHostStop *host_stop)
{
    return (VsBusAsker){.by = host_stop->by_known ? &host_stop->by : NULL,
                        .reason = host_stop->reason};
}

static int
get_asker(sd_bus *connection, const char *path, const char *interface, const char *property,
          sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    VsBusAsker asker = asker_of(userdata);
    VsBusAsker told = vs_bus_asker_for(vs_bus_of(connection), reply, &asker);

    return vs_bus_asker_append(reply, property, &told);
}

static int
reply_request(VsBus *bus, sd_bus_message *message, void *data)
{
    const VsHostStop *host_stop = vs_bus_host_stops_find(bus, sd_bus_message_get_path(message));
    VsBusAsker asker = host_stop ? asker_of(host_stop) : (VsBusAsker){0};

    return vs_bus_asker_reply(message, host_stop ? &asker : NULL);
}

static int
method_get_request(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    VsBusAsker asker = asker_of(userdata);

    return vs_bus_asker_ask(vs_bus_of(sd_bus_message_get_bus(message)), message, &asker,
                            &(VsBusDeed){0}, reply_request);
}

static int
get_ladder(sd_bus *connection, const char *path, const char *interface, const char *property,
           sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    const VsHostStop *host_stop = userdata;
    g_autofree char *ladder = host_stop->has_ladder ? vs_ladder_format(&host_stop->ladder) : NULL;

    return sd_bus_message_append(reply, "s", ladder ? ladder : "");
}

static bool
is_to_be_started(const VsEngine *engine, const VsRan *ran)
{
    VsGuestPolicy policy;

    vs_engine_policy_for_ran(engine, ran, &policy);
    return policy.on_boot != VS_ON_BOOT_IGNORE;
}

/* In the order in which they would be started again. */
static int
get_ran(sd_bus *connection, const char *path, const char *interface, const char *property,
        sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    const VsHostStop *host_stop = userdata;
    const GPtrArray *const lists[] = {host_stop->ran, host_stop->failed};
    const VsEngine *engine = vs_bus_of(connection)->engine;
    int r = sd_bus_message_open_container(reply, 'a', "(ss)");

    for (unsigned i = 0; i < G_N_ELEMENTS(lists); i++)
        for (unsigned j = 0; r >= 0 && j < lists[i]->len; j++) {
            const VsRan *ran = lists[i]->pdata[j];
            g_autofree char *name = vs_bus_text(ran->domain.name);

            if (is_to_be_started(engine, ran))
                r = sd_bus_message_append(reply, "(ss)", name, ran->domain.uri);
        }
    return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int
get_stops(sd_bus *connection, const char *path, const char *interface, const char *property,
          sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    g_auto(GStrv) stops = vs_bus_host_stop_stops(vs_bus_of(connection), userdata);

    return vs_bus_append_paths(reply, stops);
}

/* clang-format off */
static const sd_bus_vtable vtable[] = {
    SD_BUS_VTABLE_START(0),

    SD_BUS_METHOD_WITH_NAMES("GetRequest", NULL, , "a{sv}", SD_BUS_PARAM(request),
                             method_get_request, SD_BUS_VTABLE_UNPRIVILEGED),

    SD_BUS_PROPERTY("Id", "s", get_id, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Part", "a{sas}", get_part, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Shutdown", "b", get_shutdown, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Kind", "s", get_kind, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Phase", "s", get_phase, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Deadline", "t", get_deadline, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Limited", "b", get_limited, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Requested", "t", get_requested, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Reason", "s", get_asker, 0, SD_BUS_VTABLE_PROPERTY_EXPLICIT),
    SD_BUS_PROPERTY("Uid", "u", get_asker, 0, SD_BUS_VTABLE_PROPERTY_EXPLICIT),
    SD_BUS_PROPERTY("User", "s", get_asker, 0, SD_BUS_VTABLE_PROPERTY_EXPLICIT),
    SD_BUS_PROPERTY("LoginUid", "u", get_asker, 0, SD_BUS_VTABLE_PROPERTY_EXPLICIT),
    SD_BUS_PROPERTY("Pid", "u", get_asker, 0, SD_BUS_VTABLE_PROPERTY_EXPLICIT),
    SD_BUS_PROPERTY("Comm", "s", get_asker, 0, SD_BUS_VTABLE_PROPERTY_EXPLICIT),
    SD_BUS_PROPERTY("Unit", "s", get_asker, 0, SD_BUS_VTABLE_PROPERTY_EXPLICIT),
    SD_BUS_PROPERTY("Ladder", "s", get_ladder, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Ran", "a(ss)", get_ran, 0, SD_BUS_VTABLE_PROPERTY_EXPLICIT),
    /* There can be thousands: who wants to know them asks. */
    SD_BUS_PROPERTY("Stops", "ao", get_stops, 0, SD_BUS_VTABLE_PROPERTY_EMITS_INVALIDATION),

    SD_BUS_VTABLE_END,
};
/* clang-format on */

static int
find(sd_bus *connection, const char *path, const char *interface, void *userdata, void **ret_found,
     sd_bus_error *ret_error)
{
    const VsHostStop *host_stop = vs_bus_host_stops_find(userdata, path);

    if (!host_stop)
        return 0;
    *ret_found = (void *)host_stop;
    return 1;
}

static int
enumerate(sd_bus *connection, const char *prefix, void *userdata, char ***ret_nodes,
          sd_bus_error *ret_error)
{
    *ret_nodes = vs_bus_host_stops_paths(userdata);
    return 0;
}

int
vs_bus_publish_host_stops(VsBus *bus)
{
    int r =
        sd_bus_add_node_enumerator(bus->connection, NULL, VS_BUS_HOST_STOP_PREFIX, enumerate, bus);

    if (r < 0)
        return r;
    return sd_bus_add_fallback_vtable(bus->connection, NULL, VS_BUS_HOST_STOP_PREFIX,
                                      VS_BUS_HOST_STOP_INTERFACE, vtable, find, bus);
}
