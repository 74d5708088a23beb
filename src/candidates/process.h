/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "util/json.h"

/* What the system knows of a process on this host: sets "comm", "unit" and "login_uid" of @client,
 * as far as they are known. A process may call itself anything. */
void vs_process_describe(int pid, json_object *client);
