/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/conf-file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/conf-value.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/text.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"
#define STANDARD_INPUT  "/dev/stdin"

/* A place in the text, moved from line to line. */
typedef struct Reader {
    char *path; /* printable */
    char *next; /* NULL behind the last line */
    unsigned line;
    char *section; /* NULL before the first header */
    VsConfSink sink;
    void *userdata;
} Reader;

static bool
fail_io(const char *path, int code, GError **error)
{
    g_autofree char *quoted = vs_text_quoted(path);

    g_set_error(error, VS_ERROR, VS_ERROR_IO, _("Can't read %s: %s"), quoted, g_strerror(code));
    return false;
}

/* All of @fd, or what is just too much of it. An errno, or 0. */
static int
read_all(int fd, GString *text)
{
    char buffer[4096];
    ssize_t n;

    do {
        n = read(fd, buffer, sizeof buffer);
        if (n > 0)
            g_string_append_len(text, buffer, n);
    } while ((n > 0 && text->len <= VS_CONF_FILE_MAX) || (n < 0 && errno == EINTR));
    return n < 0 ? errno : 0;
}

/* Where somebody names the file, it may be a pipe that somebody writes to. Else it may be none: one
 * that nobody writes to would keep the daemon for ever, so it is opened without blocking, which for
 * a file means nothing. Standard input is taken as it is: a socket can't be opened by its path, nor
 * what another user has opened. */
static int
open_text(const char *path, bool named)
{
    if (named && strcmp(path, STANDARD_INPUT) == 0)
        return fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
    return open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | (named ? 0 : O_NONBLOCK));
}

/* 0, or the errno of what can't be read as text. A link to /dev/null is how systemd's configuration
 * is masked: it reads as empty. */
static int
check_kind(int fd, bool named)
{
    struct stat st;

    if (fstat(fd, &st) < 0)
        return errno;
    if (S_ISREG(st.st_mode) || S_ISCHR(st.st_mode))
        return 0;
    if (named && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode)))
        return 0;
    return S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
}

static bool
load_text(const char *path, bool must_exist, GString *text, GError **error)
{
    int fd = open_text(path, must_exist), problem;

    if (fd < 0)
        return errno == ENOENT && !must_exist ? true : fail_io(path, errno, error);

    problem = check_kind(fd, must_exist);
    if (problem == 0)
        problem = read_all(fd, text);
    close(fd);
    if (problem != 0)
        return fail_io(path, problem, error);
    if (text->len > VS_CONF_FILE_MAX) {
        g_autofree char *quoted = vs_text_quoted(path);

        g_set_error(error, VS_ERROR, VS_ERROR_INVALID, _("%s is too large (allowed: %d bytes)"),
                    quoted, VS_CONF_FILE_MAX);
        return false;
    }
    return true;
}

static unsigned
count_lines(const char *text, size_t len)
{
    unsigned lines = 1;

    for (size_t i = 0; i < len; i++)
        if (text[i] == '\n')
            lines++;
    return lines;
}

static bool
check_encoding(const Reader *reader, const GString *text, GError **error)
{
    const char *end;

    if (g_utf8_validate(text->str, (gssize)text->len, &end))
        return true;

    size_t good = (size_t)(end - text->str);
    g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                text->str[good] == '\0' ? _("%s:%u: a NUL byte (allowed: text in UTF-8)")
                                        : _("%s:%u: not UTF-8 (allowed: text in UTF-8)"),
                reader->path, count_lines(text->str, good));
    return false;
}

/* The next line without its end; NULL where there is none. */
static char *
take_line(Reader *reader)
{
    char *line = reader->next, *end;

    if (!line || !*line)
        return NULL;
    end = strchr(line, '\n');
    reader->next = end ? end + 1 : NULL;
    reader->line++;
    if (end)
        *end = '\0';
    if (g_str_has_suffix(line, "\r"))
        line[strlen(line) - 1] = '\0';
    return line;
}

static bool
is_comment(const char *line)
{
    line += strspn(line, " \t");
    return *line == '#' || *line == ';';
}

/* Cuts the backslash that joins the next line to @line; two of them are one that stands for itself.
 */
static bool
cut_continuation(GString *line)
{
    size_t backslashes = 0;

    while (backslashes < line->len && line->str[line->len - backslashes - 1] == '\\')
        backslashes++;
    if (backslashes % 2 == 0)
        return false;
    g_string_truncate(line, line->len - 1);
    return true;
}

/* The next line that is no comment, with those that continue it; comments between them don't end
 * it. NULL at the end of the file. */
static char *
take_logical_line(Reader *reader, unsigned *ret_line)
{
    GString *whole = NULL;
    char *line;

    while ((line = take_line(reader))) {
        if (is_comment(line))
            continue;
        if (!whole) {
            whole = g_string_new(NULL);
            *ret_line = reader->line;
        }
        g_string_append(whole, line);
        if (!cut_continuation(whole))
            break;
        g_string_append_c(whole, ' ');
    }
    return whole ? g_strstrip(g_string_free(whole, FALSE)) : NULL;
}

static bool
fail_syntax(const Reader *reader, unsigned line, const char *text, const char *allowed,
            GError **error)
{
    g_autofree char *quoted = vs_text_quoted(text);

    g_set_error(error, VS_ERROR, VS_ERROR_INVALID, _("%s:%u: can't make sense of %s (allowed: %s)"),
                reader->path, line, quoted, allowed);
    vs_conf_value_hint_comment(text, error);
    return false;
}

static bool
parse_header(Reader *reader, unsigned line, const char *text, GError **error)
{
    size_t len = strlen(text);

    if (len < 3 || text[len - 1] != ']')
        return fail_syntax(reader, line, text, _("a section, such as [Default]"), error);

    g_free(reader->section);
    reader->section = g_strstrip(g_strndup(text + 1, len - 2));

    VsConfEntry entry = {.path = reader->path, .line = line, .section = reader->section};
    return reader->sink(&entry, reader->userdata, error);
}

static bool
parse_assignment(Reader *reader, unsigned line, char *text, GError **error)
{
    char *equals = strchr(text, '=');

    if (!equals || equals == text)
        return fail_syntax(reader, line, text, _("Key=value, [Section], or # before a comment"),
                           error);
    if (!reader->section)
        return fail_syntax(reader, line, text, _("assignments behind a section, such as [Default]"),
                           error);
    *equals = '\0';

    VsConfEntry entry = {.path = reader->path,
                         .line = line,
                         .section = reader->section,
                         .key = g_strchomp(text),
                         .value = g_strchug(equals + 1)};
    return reader->sink(&entry, reader->userdata, error);
}

static bool
parse_text(Reader *reader, GError **error)
{
    bool ok = true;

    while (ok) {
        unsigned line;
        g_autofree char *text = take_logical_line(reader, &line);

        if (!text)
            break;
        if (*text == '[')
            ok = parse_header(reader, line, text, error);
        else if (*text)
            ok = parse_assignment(reader, line, text, error);
    }
    return ok;
}

bool
vs_conf_file_read(const char *path, bool must_exist, VsConfSink sink, void *userdata,
                  GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autofree char *printable = vs_text_printable(path);
    Reader reader = {.path = printable, .sink = sink, .userdata = userdata};

    if (!load_text(path, must_exist, text, error) || !check_encoding(&reader, text, error))
        return false;

    reader.next = text->str;
    if (g_str_has_prefix(reader.next, BYTE_ORDER_MARK))
        reader.next += strlen(BYTE_ORDER_MARK);

    bool ok = parse_text(&reader, error);
    g_free(reader.section);
    return ok;
}
