/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/domain.h"
#include "engine/guest.h"

/* What things are called on the bus. */

#define VS_BUS_NAME                "org.virtstop1"
#define VS_BUS_ROOT                "/org/virtstop1"
#define VS_BUS_MANAGER_INTERFACE   "org.virtstop1.Manager"
#define VS_BUS_DOMAIN_INTERFACE    "org.virtstop1.Domain"
#define VS_BUS_STOP_INTERFACE      "org.virtstop1.Stop"
#define VS_BUS_HOST_STOP_INTERFACE "org.virtstop1.HostStop"

/* Object paths. A stop's is made of its id, and so is a host stop's. A domain's is made of its UUID
 * and, because two connections can have a domain of the same UUID, of the first 8 hex digits of the
 * SHA-256 of its URI:
 *
 *     /org/virtstop1/stop/8c5a3a2e_2d7f_4e43_9a35_0d5a2f1c4b6e
 *     /org/virtstop1/host_stop/0b1d6f0e_7c52_4f0a_8a1e_93c1d5f2e7a4
 *     /org/virtstop1/domain/5a7b4a7c_9d0b_4b1e_8d2f_6b1f0f9f3c11_1f2e3d4c
 */

#define VS_BUS_DOMAIN_PREFIX    "/org/virtstop1/domain"
#define VS_BUS_STOP_PREFIX      "/org/virtstop1/stop"
#define VS_BUS_HOST_STOP_PREFIX "/org/virtstop1/host_stop"
#define VS_BUS_NO_PATH          "/" /* D-Bus has no path for "none" */

/* The caller owns these. */
char *vs_bus_domain_path(const VsDomainId *domain);
char *vs_bus_stop_path(const VsUuid *stop);
char *vs_bus_guest_stop_path(const VsGuest *guest);   /* "/" where no stop is in flight */
char *vs_bus_host_stop_path(const VsUuid *host_stop); /* "/" where the id is empty */

/* What a URI is in a domain's path. */
#define VS_BUS_HASH_LEN 8
void vs_bus_hash_uri(const char *uri, char ret_hash[VS_BUS_HASH_LEN + 1]);

/* Where @path is a domain's: the hash at its end, which is a part of @path, and the UUID; else
 * NULL. */
const char *vs_bus_split_domain_path(const char *path, VsUuid *ret_uuid);
