/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/client.h"
#include "core/finding.h"

/* What the daemon finds that will go wrong with guests of @client's uri, of VsFinding. What it has
 * no word for here is left out. The caller owns the array, which owns what is in it. */
GPtrArray *vs_check_get(VsClient *client, GError **error);
