/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/lists.h"

#include "bus/asker.h"
#include "bus/message.h"
#include "bus/path.h"
#include "bus/stops.h"

static int
append_domain(sd_bus_message *reply, const VsGuest *guest)
{
    g_autofree char *path = vs_bus_domain_path(&guest->domain);
    g_autofree char *stop_path = vs_bus_guest_stop_path(guest);
    g_autofree char *uri = vs_bus_text(guest->domain.uri);
    g_autofree char *name = vs_bus_text(guest->domain.name);

    return sd_bus_message_append(reply, "(ossssiso)", path, uri, guest->domain.uuid.text, name,
                                 vs_domain_state_name(guest->state), (int32_t)guest->domain.id,
                                 vs_agent_state_name(guest->description.agent), stop_path);
}

static int
append_owner(sd_bus_message *reply, const VsGuest *guest)
{
    VsBus *bus = vs_bus_of(sd_bus_message_get_bus(reply));
    VsOwner owner = vs_engine_owner_of(bus->engine, guest);
    g_autofree char *path = NULL;

    if (owner == VS_OWNER_NONE)
        return 0;
    path = vs_bus_domain_path(&guest->domain);
    return sd_bus_message_append(reply, "(os)", path, vs_owner_name(owner));
}

static int
append_stop(sd_bus_message *reply, const VsGuest *guest)
{
    const VsStop *stop = guest->stop;
    g_autofree char *path = NULL, *domain_path = NULL, *name = NULL, *reason = NULL;
    VsBusAsker asker;

    if (!stop)
        return 0;
    asker = (VsBusAsker){.by = stop->by_known ? &stop->by : NULL, .reason = stop->reason};
    asker = vs_bus_asker_for(vs_bus_of(sd_bus_message_get_bus(reply)), reply, &asker);
    path = vs_bus_stop_path(&stop->id);
    domain_path = vs_bus_domain_path(&guest->domain);
    name = vs_bus_text(guest->domain.name);
    reason = vs_bus_text(asker.reason);
    return sd_bus_message_append(reply, "(osossstus)", path, stop->id.text, domain_path, name,
                                 vs_bus_step_name(stop), vs_stop_phase_name(vs_stop_phase(stop)),
                                 vs_bus_usec(stop->deadline), asker.by ? asker.by->uid : UINT32_MAX,
                                 reason);
}

static int
reply_list(VsBus *bus, sd_bus_message *message, const char *contents,
           int (*append)(sd_bus_message *reply, const VsGuest *guest))
{
    g_autoptr(GPtrArray) guests = vs_engine_guests(bus->engine);
    g_autoptr(sd_bus_message) reply = NULL;
    int r;

    if ((r = sd_bus_message_new_method_return(message, &reply)) < 0 ||
        (r = sd_bus_message_open_container(reply, SD_BUS_TYPE_ARRAY, contents)) < 0)
        return r;
    for (unsigned i = 0; i < guests->len; i++) {
        if ((r = append(reply, guests->pdata[i])) < 0)
            return r;
    }
    if ((r = sd_bus_message_close_container(reply)) < 0)
        return r;
    return sd_bus_send(bus->connection, reply, NULL);
}

int
vs_bus_list_domains(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    return reply_list(userdata, message, "(ossssiso)", append_domain);
}

int
vs_bus_list_owners(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    return reply_list(userdata, message, "(os)", append_owner);
}

int
vs_bus_list_stops(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    return reply_list(userdata, message, "(osossstus)", append_stop);
}
