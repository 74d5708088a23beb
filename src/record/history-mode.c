/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record/history-mode.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "record/history-rotate.h"
#include "util/i18n.h"

/* Only a regular file is ours: whoever put a link there meant another one. */
static void
close_one(const VsHistory *history, const char *name)
{
    g_autoptr(GError) error = NULL;
    struct stat st;

    if (fstatat(history->directory_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
        !S_ISREG(st.st_mode) || (st.st_mode & 07) == 0 ||
        fchmodat(history->directory_fd, name, st.st_mode & 07770, 0) == 0)
        return;
    vs_history_fail(history, name, _("Can't keep %s from others' eyes: %s"), errno, &error);
    g_warning("%s", error->message);
}

void
vs_history_close_to_others(const VsHistory *history)
{
    g_autoptr(GArray) numbers = vs_history_rotated(history->directory, history->file, NULL);
    g_autofree char *torn = g_strconcat(history->file, ".torn", NULL);

    close_one(history, history->file);
    close_one(history, torn);
    for (unsigned i = 0; numbers && i < numbers->len; i++) {
        g_autofree char *name =
            vs_history_rotated_name(history->file, g_array_index(numbers, unsigned, i));

        close_one(history, name);
    }
}
