/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/message.h"

#include "util/span.h"

char *
vs_bus_text(const char *text)
{
    return g_utf8_make_valid(text ? text : "", -1);
}

int
vs_bus_append_text(sd_bus_message *message, const char *text)
{
    g_autofree char *valid = vs_bus_text(text);

    return sd_bus_message_append(message, "s", valid);
}

int
vs_bus_append_paths(sd_bus_message *message, char *const *paths)
{
    int r = sd_bus_message_open_container(message, SD_BUS_TYPE_ARRAY, "o");

    for (; r >= 0 && *paths; paths++)
        r = sd_bus_message_append(message, "o", *paths);
    return r < 0 ? r : sd_bus_message_close_container(message);
}

uint64_t
vs_bus_usec(int64_t usec)
{
    return usec == VS_USEC_INFINITY ? UINT64_MAX : (uint64_t)usec;
}
