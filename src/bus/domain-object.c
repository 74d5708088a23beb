/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/domain-object.h"

#include <stdlib.h>

#include "bus/message.h"
#include "bus/path.h"
#include "bus/request-one.h"

static int
method_stop(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    VsBus *bus = vs_bus_of(sd_bus_message_get_bus(message));

    return vs_bus_request(bus, message, VS_EVENT_STOP, userdata);
}

static int
get_uri(sd_bus *connection, const char *path, const char *interface, const char *property,
        sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    const VsGuest *guest = userdata;
    g_autofree char *uri = vs_bus_text(guest->domain.uri);

    return sd_bus_message_append(reply, "s", uri);
}

static int
get_name(sd_bus *connection, const char *path, const char *interface, const char *property,
         sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    const VsGuest *guest = userdata;
    g_autofree char *name = vs_bus_text(guest->domain.name);

    return sd_bus_message_append(reply, "s", name);
}

static int
get_uuid(sd_bus *connection, const char *path, const char *interface, const char *property,
         sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    const VsGuest *guest = userdata;

    return sd_bus_message_append(reply, "s", guest->domain.uuid.text);
}

static int
get_id(sd_bus *connection, const char *path, const char *interface, const char *property,
       sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    const VsGuest *guest = userdata;

    return sd_bus_message_append(reply, "i", (int32_t)guest->domain.id);
}

static int
get_state(sd_bus *connection, const char *path, const char *interface, const char *property,
          sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    const VsGuest *guest = userdata;

    return sd_bus_message_append(reply, "s", vs_domain_state_name(guest->state));
}

static int
get_agent(sd_bus *connection, const char *path, const char *interface, const char *property,
          sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    const VsGuest *guest = userdata;

    return sd_bus_message_append(reply, "s", vs_agent_state_name(guest->description.agent));
}

static int
get_persistent(sd_bus *connection, const char *path, const char *interface, const char *property,
               sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    const VsGuest *guest = userdata;

    return sd_bus_message_append(reply, "b", (int)guest->persistent);
}

static int
get_acpi(sd_bus *connection, const char *path, const char *interface, const char *property,
         sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    const VsGuest *guest = userdata;

    return sd_bus_message_append(reply, "b", (int)!guest->description.no_acpi);
}

static int
get_on_poweroff(sd_bus *connection, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    const VsGuest *guest = userdata;

    return sd_bus_message_append(reply, "s", vs_on_poweroff_name(guest->description.on_poweroff));
}

static int
get_xml_error(sd_bus *connection, const char *path, const char *interface, const char *property,
              sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    const char *why = vs_guest_why_unknown(userdata);
    g_autofree char *text = why ? vs_bus_text(why) : NULL;

    return sd_bus_message_append(reply, "s", text ? text : "");
}

static int
get_policy_error(sd_bus *connection, const char *path, const char *interface, const char *property,
                 sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    const VsGuest *guest = userdata;

    return vs_bus_append_text(reply, guest->labels ? guest->labels->complaint : NULL);
}

static int
get_ladder(sd_bus *connection, const char *path, const char *interface, const char *property,
           sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    g_autofree char *ladder = NULL;
    VsGuestPolicy policy;

    vs_engine_policy_for(vs_bus_of(connection)->engine, userdata, &policy);
    ladder = vs_ladder_format(&policy.ladder);
    return sd_bus_message_append(reply, "s", ladder);
}

static int
get_owner(sd_bus *connection, const char *path, const char *interface, const char *property,
          sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    VsOwner owner = vs_engine_owner_of(vs_bus_of(connection)->engine, userdata);

    return sd_bus_message_append(reply, "s", owner == VS_OWNER_NONE ? "" : vs_owner_name(owner));
}

static int
get_restart(sd_bus *connection, const char *path, const char *interface, const char *property,
            sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    VsGuestPolicy policy;

    vs_engine_policy_for(vs_bus_of(connection)->engine, userdata, &policy);
    return sd_bus_message_append(reply, "s", vs_revival_when_name(policy.restart));
}

static int
get_restart_state(sd_bus *connection, const char *path, const char *interface, const char *property,
                  sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    const VsGuest *guest = userdata;

    return sd_bus_message_append(reply, "s", vs_revival_phase_name(guest->revival.phase));
}

static int
get_restarts(sd_bus *connection, const char *path, const char *interface, const char *property,
             sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    const VsGuest *guest = userdata;

    return sd_bus_message_append(reply, "u", (uint32_t)guest->revival.n);
}

static int
get_stop(sd_bus *connection, const char *path, const char *interface, const char *property,
         sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    g_autofree char *stop_path = vs_bus_guest_stop_path(userdata);

    return sd_bus_message_append(reply, "o", stop_path);
}

/* clang-format off */
static const sd_bus_vtable vtable[] = {
    SD_BUS_VTABLE_START(0),

    SD_BUS_METHOD_WITH_ARGS("Stop", SD_BUS_ARGS("a{sv}", options), SD_BUS_RESULT("o", stop),
                            method_stop, SD_BUS_VTABLE_UNPRIVILEGED),

    SD_BUS_PROPERTY("Uri", "s", get_uri, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Name", "s", get_name, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("UUID", "s", get_uuid, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Id", "i", get_id, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("State", "s", get_state, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Agent", "s", get_agent, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Persistent", "b", get_persistent, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Acpi", "b", get_acpi, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("OnPoweroff", "s", get_on_poweroff, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("XmlError", "s", get_xml_error, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("PolicyError", "s", get_policy_error, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Ladder", "s", get_ladder, 0, 0),
    SD_BUS_PROPERTY("Owner", "s", get_owner, 0, 0),
    SD_BUS_PROPERTY("Restart", "s", get_restart, 0, 0),
    SD_BUS_PROPERTY("RestartState", "s", get_restart_state, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Restarts", "u", get_restarts, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Stop", "o", get_stop, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),

    SD_BUS_VTABLE_END,
};
/* clang-format on */

static int
find(sd_bus *connection, const char *path, const char *interface, void *userdata, void **ret_found,
     sd_bus_error *ret_error)
{
    const VsGuest *guest = vs_bus_guest_of_domain_path(userdata, path);

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

    for (unsigned i = 0; i < guests->len; i++) {
        const VsGuest *guest = guests->pdata[i];
        nodes[i] = vs_bus_domain_path(&guest->domain);
    }
    *ret_nodes = nodes;
    return 0;
}

int
vs_bus_publish_domains(VsBus *bus)
{
    int r = sd_bus_add_node_enumerator(bus->connection, NULL, VS_BUS_DOMAIN_PREFIX, enumerate, bus);

    if (r < 0)
        return r;
    return sd_bus_add_fallback_vtable(bus->connection, NULL, VS_BUS_DOMAIN_PREFIX,
                                      VS_BUS_DOMAIN_INTERFACE, vtable, find, bus);
}
