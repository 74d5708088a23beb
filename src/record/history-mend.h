/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "record/history-store.h"

/* Mends what a crash left behind the last newline of @fd. */
bool vs_history_mend(const VsHistory *history, int fd, bool *ret_torn, GError **error);
