/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record/backward.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK ((size_t)64 * 1024)

char *
vs_last_newline(char *text, size_t len)
{
    return memrchr(text, '\n', len);
}

static void
make_room(VsBackward *backward, size_t more)
{
    size_t need = backward->end + more + 1;

    if (backward->capacity < need) {
        backward->capacity = need;
        backward->buffer = g_realloc(backward->buffer, need);
    }
    if (backward->end > 0)
        memmove(backward->buffer + more, backward->buffer, backward->end);
}

void
vs_backward_init_at(VsBackward *backward, int fd, off_t end)
{
    *backward = (VsBackward){.fd = fd, .start = end, .drop = true};
    make_room(backward, 0);
}

bool
vs_backward_init(VsBackward *backward, int fd)
{
    struct stat st;

    if (fstat(fd, &st) < 0)
        return false;
    vs_backward_init_at(backward, fd, st.st_size);
    return true;
}

void
vs_backward_clear(VsBackward *backward)
{
    g_clear_pointer(&backward->buffer, g_free);
}

/* 0 or a negative errno. */
static int
read_all(int fd, char *to, size_t len, off_t offset)
{
    while (len > 0) {
        ssize_t n = pread(fd, to, len, offset);

        if (n < 0 && errno != EINTR)
            return -errno;
        if (n == 0)
            return -EIO; /* somebody cut the file under our hands */
        if (n > 0) {
            to += n;
            offset += n;
            len -= (size_t)n;
        }
    }
    return 0;
}

/* Puts what stands before the buffer in front of it: a block, or as much again as there is of a
 * long line, so that its bytes are moved but a few times. */
static int
read_more(VsBackward *backward)
{
    if (backward->end > VS_LINE_MAX) {
        backward->end = 0;
        backward->drop = true;
    }

    size_t more = MAX(BLOCK, backward->end);
    if (backward->start < (off_t)more)
        more = (size_t)backward->start;
    make_room(backward, more);

    int r = read_all(backward->fd, backward->buffer, more, backward->start - (off_t)more);
    if (r < 0)
        return r;
    backward->start -= (off_t)more;
    backward->scanned = backward->end;
    backward->end += more;
    return 0;
}

/* The line that ends at @end, without its newline, if all of it has been read. */
static bool
take_line(VsBackward *backward, const char **ret_line, size_t *ret_len)
{
    char *newline = vs_last_newline(backward->buffer, backward->end - backward->scanned);

    if (!newline && backward->start > 0)
        return false;

    size_t begin = newline ? (size_t)(newline - backward->buffer) + 1 : 0;
    backward->buffer[backward->end] = '\0';
    *ret_line = backward->buffer + begin;
    *ret_len = backward->end - begin;
    backward->line = backward->start + (off_t)begin;
    backward->end = newline ? begin - 1 : 0;
    backward->scanned = 0;
    backward->done = !newline;
    return true;
}

int
vs_backward_next(VsBackward *backward, const char **ret_line, size_t *ret_len)
{
    const char *line;
    size_t len;

    while (!backward->done) {
        if (!take_line(backward, &line, &len)) {
            int r = read_more(backward);
            if (r < 0)
                return r;
            continue;
        }
        if (backward->drop || len > VS_LINE_MAX) {
            backward->drop = false;
            continue;
        }
        *ret_line = line;
        if (ret_len)
            *ret_len = len;
        return 1;
    }
    return 0;
}
