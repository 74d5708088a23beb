/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/types.h>

#include "record/history.h"

#define VS_HISTORY_FILE "stops.jsonl"

struct VsHistory {
    char *directory;
    int directory_fd;
    int lock_fd;
    int fd; /* of stops.jsonl, or -1: it couldn't be opened again */
    size_t max_size;
    unsigned max_files;
    off_t cut; /* a failed write is still to be taken back, to this length; -1: none is */
};

/* Sets @error from an errno. @format has a %s for the file's quoted path and one for the reason.
 * Returns false. */
bool vs_history_fail(const VsHistory *history, const char *name, const char *format, int code,
                     GError **error);

/* 0 or an errno; one write(2) unless the kernel takes less. */
int vs_history_write(int fd, const char *data, size_t len);

/* Mends what a crash left behind the last newline of @fd. */
bool vs_history_mend(const VsHistory *history, int fd, bool *ret_torn, GError **error);

/* The numbers of the rotated files that there are, ascending, as unsigned. */
GArray *vs_history_rotated(const VsHistory *history, GError **error);
char *vs_history_rotated_name(unsigned number);

/* Moves stops.jsonl and the rotated ones on by one. A crash, or an error, at any point of it loses
 * nothing, and the next rotation puts it right. */
bool vs_history_rotate(const VsHistory *history, GError **error);
