/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libvirt/libvirt.h>
#include <stdbool.h>

/* Whether the libvirt behind @connection, which is @uri's, stops guests itself when the host goes
 * down (11.2 and later), as its qemu.conf has it. Blocks. False where that isn't known. */
bool vs_auto_shutdown_is_on(virConnectPtr connection, const char *uri);
