/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/stop-object.h"

#include "bus/lists.h"
#include "bus/message.h"
#include "bus/path.h"
#include "bus/request-one.h"

static const VsStop *
stop_of(void *userdata)
{
    const VsGuest *guest = userdata;

    return guest->stop;
}

static int
append_text(sd_bus_message *reply, const char *text)
{
    g_autofree char *valid = vs_bus_text(text);

    return sd_bus_message_append(reply, "s", valid);
}

static int
method_cancel(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    return vs_bus_request(vs_bus_of(sd_bus_message_get_bus(message)), message, VS_EVENT_CANCEL,
                          userdata);
}

static int
method_escalate(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    return vs_bus_request(vs_bus_of(sd_bus_message_get_bus(message)), message, VS_EVENT_ESCALATE,
                          userdata);
}

static int
method_extend(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    return vs_bus_request(vs_bus_of(sd_bus_message_get_bus(message)), message, VS_EVENT_EXTEND,
                          userdata);
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
    const VsGuest *guest = userdata;
    g_autofree char *domain_path = vs_bus_domain_path(&guest->domain);

    return sd_bus_message_append(reply, "o", domain_path);
}

static int
get_domain_name(sd_bus *connection, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    const VsGuest *guest = userdata;

    return append_text(reply, guest->domain.name);
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
    return sd_bus_message_append(reply, "s", vs_stop_phase_name(vs_stop_phase(stop_of(userdata))));
}

static int
get_deadline(sd_bus *connection, const char *path, const char *interface, const char *property,
             sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    return sd_bus_message_append(reply, "t", vs_bus_usec(stop_of(userdata)->deadline));
}

static int
get_requested(sd_bus *connection, const char *path, const char *interface, const char *property,
              sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    return sd_bus_message_append(reply, "t", (uint64_t)stop_of(userdata)->asked_real);
}

static int
get_reason(sd_bus *connection, const char *path, const char *interface, const char *property,
           sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    return append_text(reply, stop_of(userdata)->reason);
}

static int
get_uid(sd_bus *connection, const char *path, const char *interface, const char *property,
        sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    return sd_bus_message_append(reply, "u", vs_bus_uid(stop_of(userdata)));
}

static int
get_pid(sd_bus *connection, const char *path, const char *interface, const char *property,
        sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    return sd_bus_message_append(reply, "u", (uint32_t)stop_of(userdata)->by.pid);
}

static int
get_comm(sd_bus *connection, const char *path, const char *interface, const char *property,
         sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    return append_text(reply, stop_of(userdata)->by.comm);
}

static int
get_unit(sd_bus *connection, const char *path, const char *interface, const char *property,
         sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    return append_text(reply, stop_of(userdata)->by.unit);
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

/* clang-format off */
static const sd_bus_vtable vtable[] = {
    SD_BUS_VTABLE_START(0),

    SD_BUS_METHOD_WITH_ARGS("Cancel", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, method_cancel,
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Escalate", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, method_escalate,
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Extend", SD_BUS_ARGS("t", usec), SD_BUS_NO_RESULT, method_extend,
                            SD_BUS_VTABLE_UNPRIVILEGED),

    SD_BUS_PROPERTY("Id", "s", get_id, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Domain", "o", get_domain, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("DomainName", "s", get_domain_name, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Ladder", "s", get_ladder, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Step", "s", get_step, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("StepIndex", "u", get_step_index, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Phase", "s", get_phase, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Deadline", "t", get_deadline, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Requested", "t", get_requested, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Reason", "s", get_reason, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Uid", "u", get_uid, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Pid", "u", get_pid, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Comm", "s", get_comm, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Unit", "s", get_unit, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Taken", "a(stxs)", get_taken, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),

    SD_BUS_VTABLE_END,
};
/* clang-format on */

static int
find(sd_bus *connection, const char *path, const char *interface, void *userdata, void **ret_found,
     sd_bus_error *ret_error)
{
    const VsGuest *guest = vs_bus_guest_of_stop_path(userdata, path);

    if (!guest)
        return 0;
    *ret_found = (void *)guest;
    return 1;
}

static int
enumerate(sd_bus *connection, const char *prefix, void *userdata, char ***ret_nodes,
          sd_bus_error *ret_error)
{
    VsBus *bus = userdata;
    g_autoptr(GPtrArray) guests = vs_engine_guests(bus->engine);
    char **nodes =
        g_new0(char *, guests->len + 1); /* sd-bus frees it all by free(), as GLib does */
    unsigned n = 0;

    for (unsigned i = 0; i < guests->len; i++) {
        const VsGuest *guest = guests->pdata[i];
        if (guest->stop)
            nodes[n++] = vs_bus_stop_path(&guest->stop->id);
    }
    *ret_nodes = nodes;
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
