/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/lists.h"

#include <string.h>

#include "bus/message.h"
#include "bus/path.h"
#include "bus/stops.h"

/* D-Bus itself allows arrays of 64 MiB, but dbus-daemon cuts off a system service that sends a
 * message of more than 32 MiB. */
#define MAX_HISTORY (16 * 1024 * 1024)

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
append_stop(sd_bus_message *reply, const VsGuest *guest)
{
    const VsStop *stop = guest->stop;
    g_autofree char *path = NULL, *domain_path = NULL, *name = NULL, *reason = NULL;

    if (!stop)
        return 0;
    path = vs_bus_stop_path(&stop->id);
    domain_path = vs_bus_domain_path(&guest->domain);
    name = vs_bus_text(guest->domain.name);
    reason = vs_bus_text(stop->reason);
    return sd_bus_message_append(reply, "(osossstus)", path, stop->id.text, domain_path, name,
                                 vs_bus_step_name(stop), vs_stop_phase_name(vs_stop_phase(stop)),
                                 vs_bus_usec(stop->deadline), vs_bus_uid(stop), reason);
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
vs_bus_list_stops(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    return reply_list(userdata, message, "(osossstus)", append_stop);
}

/* What a string takes in an array: its length, itself, a NUL, and padding. */
static size_t
size_in_array(const char *text)
{
    return sizeof(uint32_t) + strlen(text) + 1 + sizeof(uint32_t) - 1;
}

/* The newest first. */
static GPtrArray *
newest_that_fit(const GPtrArray *lines)
{
    GPtrArray *newest = g_ptr_array_new_with_free_func(g_free);
    size_t size = 0;

    for (unsigned i = lines->len; i > 0; i--) {
        char *line = vs_bus_text(lines->pdata[i - 1]);

        g_ptr_array_add(newest, line);
        size += size_in_array(line);
        if (size > MAX_HISTORY) {
            g_ptr_array_set_size(newest, (int)newest->len - 1);
            break;
        }
    }
    return newest;
}

int
vs_bus_reply_history(sd_bus_message *message, const GPtrArray *lines)
{
    g_autoptr(GPtrArray) newest = newest_that_fit(lines);
    g_autoptr(sd_bus_message) reply = NULL;
    int r;

    if ((r = sd_bus_message_new_method_return(message, &reply)) < 0 ||
        (r = sd_bus_message_open_container(reply, SD_BUS_TYPE_ARRAY, "s")) < 0)
        return r;
    for (unsigned i = newest->len; i > 0; i--) {
        if ((r = sd_bus_message_append(reply, "s", newest->pdata[i - 1])) < 0)
            return r;
    }
    if ((r = sd_bus_message_close_container(reply)) < 0)
        return r;
    return sd_bus_send(NULL, reply, NULL);
}
