/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libvirt/libvirt.h>

/* How a connection to libvirt is opened, be it for events or for calls. */

/* Opens @uri for changes; may block for long. NULL: libvirt's last error says why. */
virConnectPtr vs_virt_connection_open(const char *uri);
