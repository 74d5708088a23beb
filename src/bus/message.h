/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <systemd/sd-bus.h>

/* What goes into messages, and what holds them. */

G_DEFINE_AUTOPTR_CLEANUP_FUNC(sd_bus_creds, sd_bus_creds_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(sd_bus_message, sd_bus_message_unref)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(sd_bus_error, sd_bus_error_free)

/* A copy of @text that may go out, the caller's; NULL gives "". The bus cuts off whoever sends it
 * anything but UTF-8. */
char *vs_bus_text(const char *text);

/* Appends such a copy, and an array of object paths, which NULL ends. Negative errno where that
 * fails. */
int vs_bus_append_text(sd_bus_message *message, const char *text);
int vs_bus_append_paths(sd_bus_message *message, char *const *paths);

/* Whether the bus itself sent @message. A match doesn't see to that: whoever sends us a signal
 * directly may say what only the bus does, and sd-bus takes any unique name for the sender of a
 * match that has another. */
bool vs_bus_is_from_bus(sd_bus_message *message);

/* About how many bytes @message takes, where that is less than @most; else SIZE_MAX, found out
 * cheaply. What was read of it must be read again. */
size_t vs_bus_message_size(sd_bus_message *message, size_t most);

/* libvirt's and our "never" is INT64_MAX, D-Bus APIs say UINT64_MAX. */
uint64_t vs_bus_usec(int64_t usec);
