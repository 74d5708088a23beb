/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus/bus-private.h"
#include "core/domain.h"
#include "engine/guest.h"

/* Object paths. A stop's is made of its id. A domain's is made of its UUID and, because two
 * connections can have a domain of the same UUID, of the first 8 hex digits of the SHA-256 of its
 * URI:
 *
 *     /org/virtstop1/stop/8c5a3a2e_2d7f_4e43_9a35_0d5a2f1c4b6e
 *     /org/virtstop1/domain/5a7b4a7c_9d0b_4b1e_8d2f_6b1f0f9f3c11_1f2e3d4c
 */

#define VS_BUS_DOMAIN_PREFIX "/org/virtstop1/domain"
#define VS_BUS_STOP_PREFIX   "/org/virtstop1/stop"
#define VS_BUS_NO_PATH       "/" /* D-Bus has no path for "none" */

/* The caller owns these. */
char *vs_bus_domain_path(const VsDomainId *domain);
char *vs_bus_stop_path(const VsUuid *stop);
char *vs_bus_guest_stop_path(const VsGuest *guest); /* "/" where no stop is in flight */

/* Keeps @uri, so that paths with its hash are found. */
void vs_bus_learn_uri(VsBus *bus, const char *uri);

/* The guest that @path stands for, NULL where there is none. A stop is found when the bus was told
 * of it. */
const VsGuest *vs_bus_guest_of_domain_path(VsBus *bus, const char *path);
const VsGuest *vs_bus_guest_of_stop_path(VsBus *bus, const char *path);
