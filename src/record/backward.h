/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* No line of ours is longer; what is, is no record, and is passed over. */
#define VS_LINE_MAX ((size_t)16 * 1024 * 1024)

/* Reads a file's lines from its end backwards, no more of it than is asked for. What stands behind
 * the last newline is being written, or torn, and is passed over. */
typedef struct VsBackward {
    int fd;       /* borrowed */
    off_t start;  /* where in the file the buffer begins; what is before isn't read yet */
    char *buffer; /* with room for a NUL behind @end */
    size_t capacity;
    size_t end;     /* what is behind this was handed out */
    size_t scanned; /* so much before @end holds no newline */
    off_t line;     /* where in the file the line begins that was handed out last */
    bool drop;      /* the line that ends at @end isn't wanted: torn, or too long */
    bool done;
} VsBackward;

/* False with errno set where @fd can't tell its size. */
bool vs_backward_init(VsBackward *backward, int fd);

/* The same from @end on, where a line begins: what is before that. */
void vs_backward_init_at(VsBackward *backward, int fd, off_t end);

void vs_backward_clear(VsBackward *backward);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VsBackward, vs_backward_clear)

/* The last newline of @text, or NULL. */
char *vs_last_newline(char *text, size_t len);

/* 1 and the next line towards the beginning, ended by a NUL, good until the next call; 0 where
 * there are no more; a negative errno. A line that holds a NUL is shorter as text than @ret_len, if
 * not NULL, says. */
int vs_backward_next(VsBackward *backward, const char **ret_line, size_t *ret_len);
