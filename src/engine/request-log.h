/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/store.h"

/* Has it written down what became of a request that stopped nobody, and who changed one that is in
 * flight. */

/* @word: not VS_REQUEST_OVER. @by: or NULL. @span: of an extension, µs. */
void vs_request_log(VsEngine *engine, const VsGuest *guest, VsRequestWord word,
                    const VsRequester *by, int64_t span);

/* @stop comes to @outcome, and its guest isn't off by it: no record tells of it. */
void vs_request_log_over(VsEngine *engine, const VsGuest *guest, const VsStop *stop,
                         VsOutcome outcome);
