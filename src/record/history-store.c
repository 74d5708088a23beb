/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record/history-store.h"

#include <errno.h>
#include <unistd.h>

#include "util/error.h"
#include "util/text.h"

bool
vs_history_fail_in(const char *directory, const char *name, const char *format, int code,
                   GError **error)
{
    g_autofree char *path = g_build_filename(directory, name, NULL);
    g_autofree char *quoted = vs_text_quoted(path);

    g_set_error(error, VS_ERROR, VS_ERROR_IO, format, quoted, g_strerror(code));
    return false;
}

bool
vs_history_fail(const VsHistory *history, const char *name, const char *format, int code,
                GError **error)
{
    return vs_history_fail_in(history->directory, name, format, code, error);
}

int
vs_history_write(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, data, len);

        if (n < 0 && errno != EINTR)
            return errno;
        if (n > 0) {
            data += n;
            len -= (size_t)n;
        }
    }
    return 0;
}
