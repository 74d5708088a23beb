/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "ctl/output.h"
#include "ctl/verbs.h"
#include "rehearsal/replay.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/text.h"
#include "words/complain.h"

#define MAX_SIZE   (64 * 1024 * 1024)
#define CHUNK_SIZE (64 * 1024)

static bool
set_io_error(const char *name, int code, GError **error)
{
    g_autofree char *quoted = vs_text_quoted(name);

    g_set_error(error, VS_ERROR, VS_ERROR_IO, _("Can't read %s: %s"), quoted, g_strerror(code));
    return false;
}

static bool
set_too_big(const char *name, GError **error)
{
    g_autofree char *quoted = vs_text_quoted(name);

    g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                _("%s is no trace: it is larger than the %d MiB that are allowed"), quoted,
                MAX_SIZE / (1024 * 1024));
    return false;
}

static bool
read_all(int fd, const char *name, GString *text, GError **error)
{
    g_autofree char *chunk = g_malloc(CHUNK_SIZE);

    for (;;) {
        ssize_t n = read(fd, chunk, CHUNK_SIZE);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return set_io_error(name, errno, error);
        if (n == 0)
            return true;
        if (text->len + n > MAX_SIZE)
            return set_too_big(name, error);
        g_string_append_len(text, chunk, n);
    }
}

static bool
check_text(const GString *text, const char *name, GError **error)
{
    g_autofree char *quoted = NULL;

    if (strlen(text->str) == text->len)
        return true;
    quoted = vs_text_quoted(name);
    g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                _("%s is no trace: there is a NUL byte in it, where lines of JSON are allowed"),
                quoted);
    return false;
}

/* All of the file at @path, or of standard input for "-". */
static char *
read_trace(const char *path, GError **error)
{
    bool is_input = g_str_equal(path, "-");
    int fd = is_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    GString *text = g_string_new(NULL);
    bool ok;

    if (fd < 0)
        ok = set_io_error(path, errno, error);
    else
        ok = read_all(fd, path, text, error) && check_text(text, path, error);
    if (fd >= 0 && !is_input)
        close(fd);
    return g_string_free(text, !ok);
}

VsExit
vs_verb_replay(VsCtl *ctl, int n_args, char **args)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = read_trace(args[0], &error);
    g_autoptr(VsTrace) trace = text ? vs_trace_parse(args[0], text, &error) : NULL;
    g_autoptr(GPtrArray) records = NULL;

    if (!trace) {
        /* A bad file is no bad usage. */
        vs_complain_of(NULL, error);
        return VS_EXIT_FAILED;
    }
    records = vs_trace_replay(trace, ctl->foreign);
    for (unsigned i = 0; i < records->len; i++) {
        g_autoptr(json_object) object = vs_record_to_json(g_ptr_array_index(records, i), NULL);
        vs_output_json(ctl, object);
    }
    return VS_EXIT_OK;
}
