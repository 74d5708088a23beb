/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus/service.h"

/* The names of the users who may ask for something, for the records; our own is known early. They
 * are looked up on a thread beside the main one: a directory of users may be far away, and hang. */

void vs_bus_user_names_init(VsBus *bus);
void vs_bus_user_names_clear(VsBus *bus);

/* @uid's name will be wanted: it is trusted, or polkit lets it do something. Some 1,000 are known
 * at most. */
void vs_bus_user_names_learn(VsBus *bus, uid_t uid);

/* Calls @then once, when @uid's name is known, or it is clear that there is none, or that takes too
 * long; never from within the call. NULL, and it isn't called, where there is nothing to wait for.
 * Who waits frees it, in @then at the latest. */
typedef struct VsBusNameWait VsBusNameWait;
VsBusNameWait *vs_bus_user_names_await(VsBus *bus, uid_t uid, void (*then)(void *data), void *data);
void vs_bus_name_wait_free(VsBusNameWait *wait);

/* NULL: it isn't known, or not yet. Lives until the next call of the former. */
const char *vs_bus_user_names_get(const VsBus *bus, uid_t uid);
