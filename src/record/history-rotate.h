/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "record/history-store.h"

/* The numbers of the rotated ones of @file that there are in @directory, ascending, as unsigned. */
GArray *vs_history_rotated(const char *directory, const char *file, GError **error);
char *vs_history_rotated_name(const char *file, unsigned number);

/* Moves the file and the rotated ones on by one. A crash, or an error, at any point of it loses
 * nothing, and the next rotation puts it right. */
bool vs_history_rotate(const VsHistory *history, GError **error);
