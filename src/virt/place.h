/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "core/domain.h"

/* Where libvirt's QEMU driver keeps its files, by the URI. */

/* Whether it is the host's own, not a user's. */
bool vs_place_is_system(const char *uri);

/* The name of the libvirt that @uri reaches, as far as its form says: the same for two URIs that
 * reach the same one, such as qemu:///session and qemu:///system for root. The caller owns it. */
char *vs_place_of(const char *uri);

/* What is opened to reach the libvirt at @uri: @uri itself, or what leads there by vs_way_to(). The
 * caller owns it. */
char *vs_place_way(const char *uri);

/* The path of the domain's pid file, of its log. An error where there is none, or where it is isn't
 * known: another driver, another host, a socket of somebody else's, a name that can't be a file's.
 * The caller owns the result. */
char *vs_place_pid_file(const VsDomainId *domain, GError **error);
char *vs_place_log_file(const VsDomainId *domain, GError **error);

/* The URIs by which libvirt-admin reaches the daemons of the libvirt at @uri: the one that serves
 * it, and the one that leads there. Only of such as run: to ask another would start it. The caller
 * owns the result, which is empty where there is none. */
char **vs_place_admin_uris(const char *uri);
