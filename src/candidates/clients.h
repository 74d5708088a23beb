/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "util/json.h"

/* Who is connected to those daemons of libvirt (URIs of libvirt-admin, NULL-terminated), may do
 * more than read, and isn't @self: {"at": monotonic µs of when that was so, "candidates": as
 * vs_candidates_read() has it, whoever connected last first}. A daemon that can't be asked has
 * nobody. The caller owns the result. */
json_object *vs_clients_list(char *const *uris, int self);
