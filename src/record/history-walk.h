/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include "record/backward.h"

/* The lines of all files of a history from the newest on, one after the other, through the rotated
 * files as far as needed. It only reads, and needs nothing of who writes: that may append, and
 * rotate the files, meanwhile. No line comes twice or is left out by that, but for what is rotated
 * away. */
typedef struct VsHistoryWalk {
    const char *directory; /* borrowed */
    const char *file;      /* which history; borrowed */
    char *name;            /* of the file that is being read; NULL: none is yet */
    int fd;                /* of that, -1: none */
    uint64_t inode;        /* of that */
    bool begun;            /* a line of it was given */
    VsBackward lines;
} VsHistoryWalk;

/* @file: VS_HISTORY_FILE or VS_REQUESTS_FILE. */
void vs_history_walk_init(VsHistoryWalk *walk, const char *directory, const char *file);
void vs_history_walk_clear(VsHistoryWalk *walk);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VsHistoryWalk, vs_history_walk_clear)

/* Goes to the line that begins at @offset of the file with that inode, whatever its name is now:
 * the next line is the one before that. 1; 0 where there is no such file; -1 with @error.
 * @ret_head: what stands there, at most @size bytes of it, ended by a NUL. */
int vs_history_walk_seek(VsHistoryWalk *walk, uint64_t inode, off_t offset, size_t size,
                         char *ret_head, GError **error);

/* 1 and the next line towards the oldest, as vs_backward_next() has it; 0 where there are no more;
 * -1 with @error. */
int vs_history_walk_next(VsHistoryWalk *walk, const char **ret_line, size_t *ret_len,
                         GError **error);
