/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* What the files of the history share: what is open, and how it is written to. */

#define VS_HISTORY_FILE  "stops.jsonl"
#define VS_REQUESTS_FILE "requests.jsonl"

/* Who may read the history's files: its owner, and the group that an administrator may have given
 * them. What others may know of it virtstopd tells them on the bus. */
#define VS_HISTORY_MODE           0640
#define VS_HISTORY_DIRECTORY_MODE 0750

typedef struct VsHistory VsHistory;

struct VsHistory {
    char *directory;
    const char *file; /* one of those */
    int directory_fd;
    int lock_fd; /* -1: another one's lock holds for it, too */
    int fd;      /* of the file, or -1: it couldn't be opened again */
    size_t max_size;
    unsigned max_files;
    off_t cut; /* a failed write is still to be taken back, to this length; -1: none is */
};

/* Sets @error from an errno. @format has a %s for the file's quoted path and one for the reason.
 * Returns false. */
bool vs_history_fail(const VsHistory *history, const char *name, const char *format, int code,
                     GError **error);

/* The same for who only reads what is in @directory. */
bool vs_history_fail_in(const char *directory, const char *name, const char *format, int code,
                        GError **error);

/* 0 or an errno; one write(2) unless the kernel takes less. */
int vs_history_write(int fd, const char *data, size_t len);
