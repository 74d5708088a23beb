/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-bus.h>

/* Takes the value of @name, a variant, out of @message, be it one that @object wants or not. A
 * negative errno where it can't be read. */
typedef int (*VsPropertyReader)(void *object, const char *name, sd_bus_message *message);

/* Gives @read each property of the a{sv} that comes next in @message: all of an object's, or those
 * that changed. A negative errno where it can't be read. */
int vs_properties_read(sd_bus_message *message, VsPropertyReader read, void *object);
