/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/client.h"

/* Says which of libvirt's connections are not there, so that what is missing is missed. False where
 * @client's uri isn't watched at all. */
bool vs_absent_tell(VsClient *client, GError **error);
