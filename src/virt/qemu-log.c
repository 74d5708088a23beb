/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "virt/qemu-log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/error.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"
#include "virt/cluster.h"
#include "virt/place.h"

#define MAX_TAIL  ((off_t)256 * 1024)
#define MAX_LINES 200

#define STARTING ": starting up"

static const char *const telling[] = {
    "terminating on signal",
    "shutting down, reason=",
    STARTING,
};

static bool
fail(const char *format, const char *path, int code, GError **error)
{
    g_autofree char *quoted = vs_text_quoted(path);

    g_set_error(error, VS_ERROR, VS_ERROR_IO, format, quoted, g_strerror(code));
    return false;
}

/* A log is a plain file: neither a link to something else nor a pipe that blocks. */
static int
open_log(const char *path, off_t *ret_size, GError **error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    struct stat status;

    if (fd < 0) {
        fail(_("the log %s can't be opened: %s"), path, errno, error);
        return -1;
    }
    if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode)) {
        g_autofree char *quoted = vs_text_quoted(path);

        g_set_error(error, VS_ERROR, VS_ERROR_IO, _("the log %s is no plain file"), quoted);
        close(fd);
        return -1;
    }
    *ret_size = status.st_size;
    return fd;
}

/* @ret_whole: nothing of the file stands before what is read. */
static bool
read_tail(const char *path, char **ret_text, bool *ret_whole, GError **error)
{
    off_t size;
    int fd = open_log(path, &size, error);
    off_t offset;
    gsize wanted, got = 0;
    g_autofree char *text = NULL;

    if (fd < 0)
        return false;
    offset = MAX(size - MAX_TAIL, 0);
    wanted = (gsize)(size - offset);
    text = g_malloc(wanted + 1);
    while (got < wanted) {
        ssize_t n = pread(fd, text + got, wanted - got, offset + (off_t)got);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            int code = errno;

            close(fd);
            return fail(_("the log %s can't be read: %s"), path, code, error);
        }
        if (n == 0)
            break;
        got += (gsize)n;
    }
    close(fd);
    *ret_whole = offset == 0;
    *ret_text = g_utf8_make_valid(text, (gssize)got);
    if (offset > 0 && strchr(*ret_text, '\n')) {
        /* The first line is only a part of one. */
        char *behind = strchr(*ret_text, '\n') + 1;

        memmove(*ret_text, behind, strlen(behind) + 1);
    }
    return true;
}

static bool
is_telling(const char *line)
{
    for (gsize i = 0; i < G_N_ELEMENTS(telling); i++)
        if (strstr(line, telling[i]))
            return true;
    return false;
}

/* Of the command line that stands behind a start, a line an argument, each but the last with a
 * backslash: whose it is. The first that names the domain's directory is libvirt's own; in others
 * anybody may have put what looks like it. */
typedef struct Command {
    bool is; /* we are in one */
    bool has_id, has_uuid;
} Command;

static bool
tells_whose(Command *command, const char *line)
{
    bool has_uuid = command->is && !command->has_uuid && g_str_has_prefix(line, "-uuid ");
    bool has_id = command->is && !command->has_id && strstr(line, "/domain-");

    command->has_uuid |= has_uuid;
    command->has_id |= has_id;
    command->is &= !*line || g_str_has_suffix(line, "\\"); /* nothing stands behind the last line */
    return has_uuid || has_id;
}

static void
pick_lines(const char *text, Command *command, GPtrArray *picked)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (char **line = lines; *line; line++) {
        if (tells_whose(command, *line) || is_telling(*line))
            g_ptr_array_add(picked, vs_text_cut(*line, VS_EVENT_MAX_TEXT));
        if (strstr(*line, STARTING))
            *command = (Command){.is = true};
    }
}

/* A log that was rotated goes on from the one before it: there a run may have begun, or ended. */
char **
vs_qemu_log_tail(const char *path, GError **error)
{
    g_autofree char *text = NULL;
    g_autofree char *rotated_path = g_strconcat(path, ".0", NULL);
    g_autofree char *rotated = NULL;
    g_autoptr(GPtrArray) picked = g_ptr_array_new_with_free_func(g_free);
    Command command = {0};
    bool whole, rotated_whole;

    if (!read_tail(path, &text, &whole, error))
        return NULL;
    if (whole && read_tail(rotated_path, &rotated, &rotated_whole, NULL))
        pick_lines(rotated, &command, picked);
    pick_lines(text, &command, picked);
    if (picked->len > MAX_LINES)
        g_ptr_array_remove_range(picked, 0, picked->len - MAX_LINES);
    g_ptr_array_add(picked, NULL);
    return (char **)g_ptr_array_free(g_steal_pointer(&picked), FALSE);
}

void
vs_qemu_log_run(const VsJob *job, virConnectPtr connection, VsResult *result)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = vs_place_log_file(&job->domain, &error);

    result->in_cluster = vs_cluster_has(&job->domain);
    if (path)
        result->lines = vs_qemu_log_tail(path, &error);
    result->ok = result->lines != NULL;
    if (!result->ok)
        vs_result_fail(result, 0, g_strdup(error->message));
}

static bool
was_written_since(const char *path, int64_t since)
{
    struct stat status;

    return lstat(path, &status) == 0 && status.st_mtim.tv_sec >= since / VS_USEC_PER_SEC;
}

void
vs_qemu_log_run_past(const VsJob *job, virConnectPtr connection, VsResult *result)
{
    g_autofree char *path = vs_place_log_file(&job->domain, NULL);

    if (path && was_written_since(path, job->at))
        result->lines = vs_qemu_log_tail(path, NULL);
    result->ok = true;
}
