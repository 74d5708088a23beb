/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/properties.h"

int
vs_properties_read(sd_bus_message *message, VsPropertyReader read, void *object)
{
    const char *name;
    int r = sd_bus_message_enter_container(message, 'a', "{sv}");

    if (r < 0)
        return r;
    while ((r = sd_bus_message_enter_container(message, 'e', "sv")) > 0) {
        if ((r = sd_bus_message_read(message, "s", &name)) < 0 ||
            (r = read(object, name, message)) < 0 ||
            (r = sd_bus_message_exit_container(message)) < 0)
            return r;
    }
    return r < 0 ? r : sd_bus_message_exit_container(message);
}
