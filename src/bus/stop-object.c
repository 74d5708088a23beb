/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/stop-object.h"

#include "bus/asker.h"
#include "bus/errors.h"
#include "bus/message.h"
#include "bus/path.h"
#include "bus/request-one.h"
#include "bus/stops.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"

static const VsStop *
stop_of(const void *userdata)
{
    return vs_bus_stop_of(userdata);
}

static int
refuse_over(const VsBusStop *stop, sd_bus_message *message)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *name = vs_text_quoted(stop->domain_name);

    g_set_error(&error, VS_ERROR, VS_ERROR_NO_STOP, _("This stop of %s is over (%s)"), name,
                vs_outcome_name(stop->outcome));
    return vs_bus_error_reply(message, error);
}

/* Another stop of the same guest may be in flight, when this one is over. */
static int
steer(sd_bus_message *message, VsEventType type, const VsBusStop *stop)
{
    if (stop->over)
        return refuse_over(stop, message);
    return vs_bus_request(vs_bus_of(sd_bus_message_get_bus(message)), message, type, stop->guest);
}

static int
method_cancel(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    return steer(message, VS_EVENT_CANCEL, userdata);
}

static int
method_escalate(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    return steer(message, VS_EVENT_ESCALATE, userdata);
}

static int
method_extend(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    return steer(message, VS_EVENT_EXTEND, userdata);
}

static int
get_id(sd_bus *connection, const char *path, const char *interface, const char *property,
       sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    return sd_bus_message_append(reply, "s", stop_of(userdata)->id.text);
}

static int
get_domain(sd_bus *connection, const char *path, const char *interface, const char *property,
           sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    const VsBusStop *stop = userdata;

    return sd_bus_message_append(reply, "o", stop->domain_path);
}

static int
get_domain_name(sd_bus *connection, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    const VsBusStop *stop = userdata;

    return vs_bus_append_text(reply, stop->over ? stop->domain_name : stop->guest->domain.name);
}

static int
get_ladder(sd_bus *connection, const char *path, const char *interface, const char *property,
           sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    g_autofree char *ladder = vs_ladder_format(&stop_of(userdata)->ladder);

    return sd_bus_message_append(reply, "s", ladder);
}

static int
get_step(sd_bus *connection, const char *path, const char *interface, const char *property,
         sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    return sd_bus_message_append(reply, "s", vs_bus_step_name(stop_of(userdata)));
}

static int
get_step_index(sd_bus *connection, const char *path, const char *interface, const char *property,
               sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    return sd_bus_message_append(reply, "u", (uint32_t)stop_of(userdata)->step);
}

static int
get_phase(sd_bus *connection, const char *path, const char *interface, const char *property,
          sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    const VsBusStop *stop = userdata;

    return sd_bus_message_append(
        reply, "s", stop->over ? "over" : vs_stop_phase_name(vs_stop_phase(stop_of(stop))));
}

static int
get_deadline(sd_bus *connection, const char *path, const char *interface, const char *property,
             sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    const VsBusStop *stop = userdata;

    return sd_bus_message_append(
        reply, "t", vs_bus_usec(stop->over ? VS_USEC_INFINITY : stop_of(stop)->deadline));
}

static int
get_requested(sd_bus *connection, const char *path, const char *interface, const char *property,
              sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    return sd_bus_message_append(reply, "t", (uint64_t)stop_of(userdata)->asked_real);
}

static VsBusAsker
asker_of(const VsStop *stop)
{
    return (VsBusAsker){.by = stop->by_known ? &stop->by : NULL, .reason = stop->reason};
}

static int
get_asker(sd_bus *connection, const char *path, const char *interface, const char *property,
          sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    VsBusAsker asker = asker_of(stop_of(userdata));
    VsBusAsker told = vs_bus_asker_for(vs_bus_of(connection), reply, &asker);

    return vs_bus_asker_append(reply, property, &told);
}

static int
append_taken(sd_bus_message *reply, const VsStepTaken *taken)
{
    g_autofree char *result = vs_bus_text(taken->result);

    return sd_bus_message_append(reply, "(stxs)", vs_method_name(taken->method),
                                 (uint64_t)taken->started, taken->took, result);
}

static int
get_taken(sd_bus *connection, const char *path, const char *interface, const char *property,
          sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    const GPtrArray *taken = stop_of(userdata)->taken;
    int r = sd_bus_message_open_container(reply, SD_BUS_TYPE_ARRAY, "(stxs)");

    for (unsigned i = 0; r >= 0 && i < taken->len; i++)
        r = append_taken(reply, taken->pdata[i]);
    return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int
get_outcome(sd_bus *connection, const char *path, const char *interface, const char *property,
            sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    const VsBusStop *stop = userdata;

    return sd_bus_message_append(reply, "s", stop->over ? vs_outcome_name(stop->outcome) : "");
}

static int
get_record(sd_bus *connection, const char *path, const char *interface, const char *property,
           sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    const VsBusStop *stop = userdata;

    return sd_bus_message_append(reply, "s", stop->over && stop->record ? stop->record : "");
}

static int
get_host_stop(sd_bus *connection, const char *path, const char *interface, const char *property,
              sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    g_autofree char *host_stop = vs_bus_host_stop_path(&stop_of(userdata)->host_stop);

    return sd_bus_message_append(reply, "o", host_stop);
}

static int
reply_request(VsBus *bus, sd_bus_message *message, void *data)
{
    const VsBusStop *stop = vs_bus_stops_read(bus, sd_bus_message_get_path(message));
    VsBusAsker asker = stop ? asker_of(stop_of(stop)) : (VsBusAsker){0};

    return vs_bus_asker_reply(message, stop ? &asker : NULL);
}

static int
method_get_request(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    const VsBusStop *stop = userdata;
    VsBus *bus = vs_bus_of(sd_bus_message_get_bus(message));
    const VsGuest *guest = vs_bus_guest_of_domain_path(bus, stop->domain_path);
    VsBusDeed deed = guest ? vs_bus_deed_to(guest) : (VsBusDeed){.domain = stop->domain_name};
    VsBusAsker asker = asker_of(stop_of(stop));

    return vs_bus_asker_ask(bus, message, &asker, &deed, reply_request);
}

/* What is kept of the guest for a restart; nothing is needed of one that is over. */
static const VsKept *
kept_of(const VsBusStop *stop)
{
    static const VsKept nothing;

    return stop->over ? &nothing : &stop->guest->kept;
}

static int
get_kept(sd_bus *connection, const char *path, const char *interface, const char *property,
         sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    const VsKept *kept = kept_of(userdata);

    return sd_bus_message_append(reply, "b", (int)(kept->answered >= kept->asked && !kept->why));
}

static int
get_unkept(sd_bus *connection, const char *path, const char *interface, const char *property,
           sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    return vs_bus_append_text(reply, stop_of(userdata)->unkept);
}

/* clang-format off */
static const sd_bus_vtable vtable[] = {
    SD_BUS_VTABLE_START(0),

    SD_BUS_METHOD_WITH_ARGS("Cancel", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, method_cancel,
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Escalate", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, method_escalate,
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Extend", SD_BUS_ARGS("t", usec), SD_BUS_NO_RESULT, method_extend,
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_NAMES("GetRequest", NULL, , "a{sv}", SD_BUS_PARAM(request),
                             method_get_request, SD_BUS_VTABLE_UNPRIVILEGED),

    SD_BUS_PROPERTY("Id", "s", get_id, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Domain", "o", get_domain, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("DomainName", "s", get_domain_name, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Ladder", "s", get_ladder, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Step", "s", get_step, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("StepIndex", "u", get_step_index, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Phase", "s", get_phase, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Deadline", "t", get_deadline, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Requested", "t", get_requested, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Reason", "s", get_asker, 0, SD_BUS_VTABLE_PROPERTY_EXPLICIT),
    SD_BUS_PROPERTY("Uid", "u", get_asker, 0, SD_BUS_VTABLE_PROPERTY_EXPLICIT),
    SD_BUS_PROPERTY("User", "s", get_asker, 0, SD_BUS_VTABLE_PROPERTY_EXPLICIT),
    SD_BUS_PROPERTY("LoginUid", "u", get_asker, 0, SD_BUS_VTABLE_PROPERTY_EXPLICIT),
    SD_BUS_PROPERTY("Pid", "u", get_asker, 0, SD_BUS_VTABLE_PROPERTY_EXPLICIT),
    SD_BUS_PROPERTY("Comm", "s", get_asker, 0, SD_BUS_VTABLE_PROPERTY_EXPLICIT),
    SD_BUS_PROPERTY("Unit", "s", get_asker, 0, SD_BUS_VTABLE_PROPERTY_EXPLICIT),
    SD_BUS_PROPERTY("Taken", "a(stxs)", get_taken, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Outcome", "s", get_outcome, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("HostStop", "o", get_host_stop, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Record", "s", get_record, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Kept", "b", get_kept, 0, SD_BUS_VTABLE_PROPERTY_EXPLICIT),
    SD_BUS_PROPERTY("Unkept", "s", get_unkept, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),

    SD_BUS_VTABLE_END,
};
/* clang-format on */

static int
find(sd_bus *connection, const char *path, const char *interface, void *userdata, void **ret_found,
     sd_bus_error *ret_error)
{
    VsBusStop *stop = vs_bus_stops_read(userdata, path);

    if (!stop)
        return 0;
    *ret_found = stop;
    return 1;
}

static int
enumerate(sd_bus *connection, const char *prefix, void *userdata, char ***ret_nodes,
          sd_bus_error *ret_error)
{
    *ret_nodes = vs_bus_stops_paths(userdata);
    return 0;
}

int
vs_bus_publish_stops(VsBus *bus)
{
    int r = sd_bus_add_node_enumerator(bus->connection, NULL, VS_BUS_STOP_PREFIX, enumerate, bus);

    if (r < 0)
        return r;
    return sd_bus_add_fallback_vtable(bus->connection, NULL, VS_BUS_STOP_PREFIX,
                                      VS_BUS_STOP_INTERFACE, vtable, find, bus);
}
