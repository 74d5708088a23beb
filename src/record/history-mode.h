/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "record/history-store.h"

/* Takes from others what an older version gave them: of the file, and of those beside it that have
 * its records (rotated ones, and what was torn). Where that can't be done it is said. */
void vs_history_close_to_others(const VsHistory *history);
