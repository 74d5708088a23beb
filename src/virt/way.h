/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The way to the system's libvirt for a virtstopd that isn't root. libvirt asks polkit, over the
 * bus, about whoever isn't, and neither may be there any more when the host goes down. So
 * virtstop-libvirt@.socket listens in a place of ours, for virtstopd's user alone, and hands on to
 * libvirt, as root, what comes in there. */

#define VS_WAY_DIRECTORY "/run/virtstop-libvirt"

/* The path of the socket that leads to libvirt's own @name ("libvirt-sock"). The caller owns it.
 * NULL: there is none, libvirt's isn't there, or we are root, who needs none. */
char *vs_way_to(const char *name);
