/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "record/history-store.h"

/* One daemon a state directory: takes the lock of @history->directory_fd, and keeps it open in
 * @history->lock_fd. The file is the daemon's user's alone, for whoever can open a file can lock
 * it; one that others could have opened, as an older version made it, is replaced by another,
 * whoever holds it but a virtstopd. False with @error where another has it. */
bool vs_history_lock(VsHistory *history, GError **error);
