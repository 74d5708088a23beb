/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/qemu-log.h"

#include <stdlib.h>
#include <string.h>

#include "core/event.h"
#include "util/span.h"
#include "util/text.h"
#include "util/wallclock.h"

/* libvirt's daemons, as /proc/PID/cmdline may call them. */
static const char *const libvirt_names[] = {"libvirtd", "virtqemud", "lt-libvirtd", "lt-virtqemud"};

/* libvirt may tell so late that a run began, and one that is found may be ending: so much older
 * than that its lines may be. */
#define LATE_SPAN (10 * VS_USEC_PER_SEC)

/* The log, while it is read. */
typedef struct Reader {
    VsQemuLog *log;
    const VsDomainId *domain;
    int64_t alive_at;

    /* Of the command line that the lines in hand begin with. */
    bool headed; /* they do begin with one */
    char *uuid;  /* or NULL */
    int id;      /* -1: it doesn't say */
} Reader;

/* Other lines begin, or what was read belongs to nobody. */
static void
log_reset(VsQemuLog *log)
{
    log->outside = log->libvirt = log->libvirt_last = false;
    log->signal = log->pid = 0;
    log->libvirt_at = log->reason_at = 0;
    g_clear_pointer(&log->comm, g_free);
    g_clear_pointer(&log->reason, g_free);
    g_ptr_array_set_size(log->lines, 0);
}

static void
begin_run(Reader *reader)
{
    log_reset(reader->log);
    reader->headed = true;
    reader->id = -1;
    g_clear_pointer(&reader->uuid, g_free);
}

static bool
is_libvirt(const char *command)
{
    const char *slash = strrchr(command, '/');
    const char *base = slash ? slash + 1 : command;

    for (size_t i = 0; i < G_N_ELEMENTS(libvirt_names); i++) {
        if (g_str_equal(base, libvirt_names[i]))
            return true;
    }
    return false;
}

/* A number and what stands behind it; false where there is none. */
static bool
take_number(const char **text, const char *behind, int *ret)
{
    char *end;
    long number;

    if (!g_ascii_isdigit(**text))
        return false;
    number = strtol(*text, &end, 10);
    if (number > G_MAXINT || !g_str_has_prefix(end, behind))
        return false;
    *ret = number;
    *text = end + strlen(behind);
    return true;
}

/* " (/usr/bin/python3)", or the start of that where the line was cut; NULL where there is none. */
static char *
take_command(const char *text)
{
    size_t length = strlen(text);

    if (length <= 3 || !g_str_has_prefix(text, " ("))
        return NULL;
    if (text[length - 1] == ')')
        return g_strndup(text + 2, length - 3);
    return g_str_has_suffix(text, VS_TEXT_CUT) ? g_strdup(text + 2) : NULL;
}

/* "... terminating on signal 15 from pid 4614 (/usr/bin/python3)" */
static bool
read_terminating(VsQemuLog *log, int64_t time, const char *rest)
{
    static const char marker[] = "terminating on signal ";
    const char *text = g_strrstr(rest, marker);
    g_autofree char *command = NULL;
    int signal, pid;

    if (!text)
        return false;
    text += strlen(marker);
    if (!take_number(&text, " from pid ", &signal) || !take_number(&text, "", &pid))
        return false;
    command = take_command(text);

    if (command && is_libvirt(command)) {
        if (!log->libvirt)
            log->libvirt_at = time;
        log->libvirt = true;
        log->libvirt_last = log->reason != NULL;
    } else if (!log->outside) {
        log->outside = true;
        log->signal = signal;
        log->pid = pid;
        if (command && !strstr(command, "unknown process"))
            log->comm = vs_text_cut(command, VS_EVENT_MAX_COMM);
    }
    return true;
}

/* ": shutting down, reason=crashed" */
static bool
read_reason(VsQemuLog *log, int64_t time, const char *rest)
{
    static const char marker[] = ": shutting down, reason=";

    if (!g_str_has_prefix(rest, marker))
        return false;
    g_free(log->reason);
    log->reason = g_strstrip(g_strdup(rest + strlen(marker)));
    log->reason_at = time;
    return true;
}

/* "-uuid 11111111-2222-4333-8444-555555555501 \" */
static void
read_uuid(Reader *reader, const char *line)
{
    static const char marker[] = "-uuid ";

    if (!reader->uuid && g_str_has_prefix(line, marker))
        reader->uuid = g_strndup(line + strlen(marker), VS_UUID_LEN);
}

/* "HOME=/var/lib/libvirt/qemu/domain-3-web1 \": the first that has it is libvirt's own. */
static void
read_id(Reader *reader, const char *line)
{
    static const char marker[] = "/domain-";
    const char *text = reader->id < 0 ? strstr(line, marker) : NULL;

    if (!text)
        return;
    text += strlen(marker);
    take_number(&text, "-", &reader->id);
}

/* Of a run before, whose lines stand here because what this one's begin with is missing: the disk
 * was full, or the log was cut. */
static bool
is_too_old(const Reader *reader, int64_t time)
{
    return reader->alive_at > LATE_SPAN && time < reader->alive_at - LATE_SPAN;
}

static void
read_line(Reader *reader, const char *line, int64_t time, const char *rest)
{
    if (!is_too_old(reader, time) &&
        (read_reason(reader->log, time, rest) || read_terminating(reader->log, time, rest)))
        g_ptr_array_add(reader->log->lines, g_strdup(line));
}

static void
read_lines(Reader *reader, char *const *lines)
{
    /* Only what QEMU and libvirt write themselves begins with a time; the command line, which holds
     * names that somebody else chose, doesn't. */
    for (char *const *line = lines; *line; line++) {
        const char *rest;
        int64_t time;

        if (!vs_wallclock_parse(*line, &time, &rest)) {
            read_uuid(reader, *line);
            read_id(reader, *line);
        } else if (!g_str_has_prefix(rest, ": starting up")) {
            read_line(reader, *line, time, rest);
        } else if (reader->alive_at > 0 && time > reader->alive_at) {
            break;
        } else {
            begin_run(reader);
        }
    }
}

static bool
is_of_another(const Reader *reader)
{
    const VsDomainId *domain = reader->domain;

    return reader->headed &&
           ((reader->uuid && g_ascii_strcasecmp(reader->uuid, domain->uuid.text) != 0) ||
            (reader->id >= 0 && domain->id >= 0 && reader->id != domain->id));
}

void
vs_qemu_log_read(VsQemuLog *ret, char *const *lines, const VsDomainId *domain, int64_t alive_at)
{
    Reader reader = {.log = ret, .domain = domain, .alive_at = alive_at, .id = -1};

    *ret = (VsQemuLog){.is = lines != NULL, .lines = g_ptr_array_new_with_free_func(g_free)};
    if (!lines)
        return;
    read_lines(&reader, lines);
    ret->headed = reader.headed;
    if (is_of_another(&reader)) {
        log_reset(ret);
        ret->is = false;
    }
    g_free(reader.uuid);
}

/* The run that began with line @first; false: it isn't @domain's, or isn't over. */
static bool
read_run(char *const *first, const VsDomainId *domain, VsLoggedRun *ret)
{
    VsQemuLog log = {.lines = g_ptr_array_new_with_free_func(g_free)};
    Reader reader = {.log = &log, .domain = domain};
    const char *rest;
    int64_t time;
    bool is;

    begin_run(&reader);
    ret->ended = 0;
    for (char *const *line = first + 1; *line && ret->ended == 0; line++) {
        if (!vs_wallclock_parse(*line, &time, &rest)) {
            read_uuid(&reader, *line);
            read_id(&reader, *line);
        } else if (g_str_has_prefix(rest, ": starting up")) {
            break;
        } else if (read_reason(&log, time, rest)) {
            ret->ended = time;
        }
    }
    is = ret->ended > 0 && reader.uuid && g_strcmp0(log.reason, "failed") != 0 &&
         g_ascii_strcasecmp(reader.uuid, domain->uuid.text) == 0;
    ret->id = reader.id;
    g_free(reader.uuid);
    vs_qemu_log_clear(&log);
    return is;
}

bool
vs_qemu_log_find_run(char *const *lines, const VsDomainId *domain, int64_t since, VsLoggedRun *ret)
{
    for (char *const *line = lines; *line; line++) {
        VsLoggedRun run = {.start = *line};
        const char *rest;

        if (vs_wallclock_parse(*line, &run.begun, &rest) && run.begun > since &&
            g_str_has_prefix(rest, ": starting up") && read_run(line, domain, &run)) {
            *ret = run;
            return true;
        }
    }
    return false;
}

void
vs_qemu_log_clear(VsQemuLog *log)
{
    g_clear_pointer(&log->comm, g_free);
    g_clear_pointer(&log->reason, g_free);
    g_clear_pointer(&log->lines, g_ptr_array_unref);
}
