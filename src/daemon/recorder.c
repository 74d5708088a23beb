/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/recorder.h"

#include <string.h>

#include "daemon/directories.h"
#include "daemon/log.h"
#include "record/boot.h"
#include "record/history.h"
#include "record/history-query.h"
#include "record/host-stops.h"
#include "record/journal.h"
#include "record/run-files.h"
#include "util/error.h"
#include "util/file.h"
#include "util/i18n.h"
#include "util/json.h"
#include "util/text.h"

/* Between two tries to write what couldn't be written. */
#define RETRY_SECONDS 5

/* A record that isn't on disk yet. */
typedef struct Unwritten {
    VsDomainId domain;
    char *line;
    bool forget; /* what is kept of the run may go once the line is written */
} Unwritten;

struct VsRecorder {
    char *boot_id;
    VsHistory *history;
    VsRunFiles *run_files;
    GQueue unwritten;
    unsigned retry; /* GLib source */
    bool taking_over;
    char **held; /* host stops' text that waits for the end of that; NULL: none does */
};

static void
held_free(char **held)
{
    g_free(*held);
    g_free(held);
}

static void
unwritten_free(void *data)
{
    Unwritten *unwritten = data;

    vs_domain_id_clear(&unwritten->domain);
    g_free(unwritten->line);
    g_free(unwritten);
}

static void
warn(const char *message, void *userdata)
{
    vs_log(LOG_WARNING, "%s", message);
}

/* Each file says itself of which boot it is; where an older version wrote it, the mark of the
 * directory does. */
static bool
drop_other_boot(VsRecorder *recorder, bool marked, GError **error)
{
    g_autoptr(GPtrArray) entries = vs_run_files_load(recorder->run_files, warn, NULL, error);

    if (!entries)
        return false;
    for (unsigned i = 0; i < entries->len; i++) {
        const VsRunFile *entry = entries->pdata[i];
        g_autofree char *name = vs_text_quoted(entry->domain.name);

        if (entry->boot_id ? g_str_equal(entry->boot_id, recorder->boot_id) : marked)
            continue;
        vs_log(LOG_WARNING,
               _("What was kept of %s is from another boot of this host, and is dropped"), name);
        if (!vs_run_files_forget(recorder->run_files, &entry->domain, error))
            return false;
    }
    return true;
}

static bool
open_run_files(VsRecorder *recorder, GError **error)
{
    g_autofree char *runtime = vs_directories_runtime();
    g_autofree char *directory = g_build_filename(runtime, "guests", NULL);

    g_autoptr(GError) problem = NULL;
    bool marked;

    if (!vs_file_make_directory(runtime, 0755, error))
        return false;
    recorder->run_files = vs_run_files_open(directory, recorder->boot_id, error);
    if (!recorder->run_files)
        return false;
    marked = vs_boot_is_marked(runtime, recorder->boot_id, &problem);
    if (problem)
        vs_log(LOG_WARNING, _("%s, and is set aside"), problem->message);
    return drop_other_boot(recorder, marked, error) &&
           (marked || vs_boot_mark(runtime, recorder->boot_id, error));
}

static bool
open_history(VsRecorder *recorder, const VsConf *conf, GError **error)
{
    g_autofree char *state = vs_directories_state();
    bool torn = false;

    recorder->history =
        vs_history_open(state, conf->history_size, conf->history_files, &torn, error);
    if (torn)
        vs_log(LOG_WARNING, _("The last line of %s/stops.jsonl was torn, and is mended"), state);
    return recorder->history != NULL;
}

VsRecorder *
vs_recorder_open(const VsConf *conf, GError **error)
{
    g_autoptr(VsRecorder) recorder = g_new0(VsRecorder, 1);

    recorder->boot_id = vs_boot_id();
    g_queue_init(&recorder->unwritten);
    if (!open_history(recorder, conf, error) || !open_run_files(recorder, error))
        return NULL;
    return g_steal_pointer(&recorder);
}

void
vs_recorder_free(VsRecorder *recorder)
{
    if (recorder->retry > 0)
        g_source_remove(recorder->retry);
    g_queue_clear_full(&recorder->unwritten, unwritten_free);
    g_clear_pointer(&recorder->history, vs_history_free);
    g_clear_pointer(&recorder->run_files, vs_run_files_free);
    g_free(recorder->boot_id);
    g_free(recorder);
}

/* The record's id is its run's, so a record that was written just before the daemon ended isn't
 * again. */
static bool
is_recorded(VsRecorder *recorder, const char *text)
{
    g_autoptr(json_object) object = vs_json_parse_object(text, NULL);
    const char *id = vs_json_string(vs_json_object(object, "run"), "id", NULL);

    return id && vs_history_has(recorder->history, id);
}

static void
set_aside_host_stops(const char *directory, const char *why)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *aside = vs_host_stops_file_set_aside(directory, &error);
    g_autofree char *quoted = vs_text_quoted(aside);

    if (aside)
        vs_log(LOG_ERR, _("%s; it is set aside as %s"), why, quoted);
    else
        vs_log(LOG_ERR, _("%s; it can't be set aside: %s"), why, error ? error->message : "");
}

/* What the engine wants kept meanwhile waits until it is known whether it takes what is kept. */
static void
take_over_host_stops(VsRecorder *recorder, const VsEvent *event, VsRecorderTakeOver take_over,
                     void *userdata)
{
    g_autofree char *directory = vs_directories_state();
    g_autoptr(GError) error = NULL;

    if (!take_over(event, &error, userdata))
        set_aside_host_stops(directory, error->message);
}

static char *
load_host_stops(VsRecorder *recorder, bool *ret_same_boot)
{
    g_autofree char *directory = vs_directories_state();
    g_autoptr(GError) error = NULL;
    char *text = NULL;

    if (!vs_host_stops_file_load(directory, recorder->boot_id, &text, ret_same_boot, &error))
        set_aside_host_stops(directory, error->message);
    return text;
}

static void
take_over_guest(VsRecorder *recorder, const VsRunFile *entry, VsRecorderTakeOver take_over,
                void *userdata)
{
    VsEvent event = {.type = VS_EVENT_TAKE_OVER, .domain = &entry->domain};
    g_autoptr(GError) error = NULL;

    event.take_over.state = entry->text;
    event.take_over.recorded = is_recorded(recorder, entry->text);
    if (!take_over(&event, &error, userdata))
        vs_run_files_set_aside(recorder->run_files, &entry->domain, error->message, warn, NULL);
}

/* The host stops' text is read before anything that the engine wants written can take its place. */
void
vs_recorder_take_over(VsRecorder *recorder, VsRecorderTakeOver take_over, void *userdata)
{
    VsEvent event = {.type = VS_EVENT_TAKE_OVER_HOST_STOPS};
    g_autofree char *text = load_host_stops(recorder, &event.host_stops.same_boot);
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) entries = vs_run_files_load(recorder->run_files, warn, NULL, &error);

    if (!entries)
        vs_log(LOG_ERR, "%s", error->message);
    recorder->taking_over = true;
    for (unsigned i = 0; entries && i < entries->len; i++)
        take_over_guest(recorder, entries->pdata[i], take_over, userdata);
    event.host_stops.text = text;
    take_over_host_stops(recorder, &event, take_over, userdata);
    recorder->taking_over = false;
    if (recorder->held)
        vs_recorder_keep_host_stops(recorder, *recorder->held);
    g_clear_pointer(&recorder->held, held_free);
}

static Unwritten *
find_unwritten(VsRecorder *recorder, const VsDomainId *domain)
{
    for (GList *item = recorder->unwritten.tail; item; item = item->prev) {
        Unwritten *unwritten = item->data;

        if (vs_domain_id_equal(&unwritten->domain, domain))
            return unwritten;
    }
    return NULL;
}

void
vs_recorder_save(VsRecorder *recorder, const VsAction *action)
{
    Unwritten *unwritten = find_unwritten(recorder, &action->domain);
    g_autoptr(GError) error = NULL;

    if (unwritten)
        unwritten->forget = false;
    if (!vs_run_files_save(recorder->run_files, &action->domain, action->text, &error))
        vs_log(LOG_ERR, "%s", error->message);
}

static void
forget(VsRecorder *recorder, const VsDomainId *domain)
{
    g_autoptr(GError) error = NULL;

    if (!vs_run_files_forget(recorder->run_files, domain, &error))
        vs_log(LOG_ERR, "%s", error->message);
}

void
vs_recorder_forget(VsRecorder *recorder, const VsAction *action)
{
    Unwritten *unwritten = find_unwritten(recorder, &action->domain);

    if (unwritten)
        unwritten->forget = true;
    else
        forget(recorder, &action->domain);
}

static gboolean
write_again(void *userdata)
{
    VsRecorder *recorder = userdata;
    Unwritten *unwritten;

    while ((unwritten = g_queue_peek_head(&recorder->unwritten))) {
        if (!vs_history_append(recorder->history, unwritten->line, NULL))
            return G_SOURCE_CONTINUE;
        g_queue_pop_head(&recorder->unwritten);
        if (unwritten->forget)
            forget(recorder, &unwritten->domain);
        unwritten_free(unwritten);
    }
    vs_log(LOG_NOTICE, _("The records that couldn't be written before are written now"));
    recorder->retry = 0;
    return G_SOURCE_REMOVE;
}

static void
keep_unwritten(VsRecorder *recorder, const VsDomainId *domain, const char *line)
{
    Unwritten *unwritten = g_new0(Unwritten, 1);

    vs_domain_id_copy(&unwritten->domain, domain);
    unwritten->line = g_strdup(line);
    g_queue_push_tail(&recorder->unwritten, unwritten);
    if (recorder->retry == 0)
        recorder->retry = g_timeout_add_seconds(RETRY_SECONDS, write_again, recorder);
}

/* Their order is kept: as long as one waits, those after it wait, too. */
static void
write_line(VsRecorder *recorder, const VsDomainId *domain, const char *line)
{
    g_autoptr(GError) error = NULL;

    if (g_queue_is_empty(&recorder->unwritten) &&
        vs_history_append(recorder->history, line, &error))
        return;
    if (error)
        vs_log(LOG_ERR, _("A record can't be written, and is tried again every %d s: %s"),
               RETRY_SECONDS, error->message);
    keep_unwritten(recorder, domain, line);
}

char *
vs_recorder_record(VsRecorder *recorder, const VsAction *action)
{
    g_autoptr(json_object) object = vs_record_to_json(action->record, recorder->boot_id);
    char *line = g_strdup(vs_json_line(object));

    write_line(recorder, &action->domain, line);
    vs_journal_send_record(action->record, line);
    return line;
}

void
vs_recorder_keep_host_stops(VsRecorder *recorder, const char *text)
{
    g_autofree char *directory = vs_directories_state();
    g_autoptr(GError) error = NULL;

    if (recorder->taking_over) {
        g_clear_pointer(&recorder->held, held_free);
        recorder->held = g_new(char *, 1);
        *recorder->held = g_strdup(text);
        return;
    }
    if (!vs_host_stops_file_save(directory, recorder->boot_id, text, &error))
        vs_log(LOG_ERR, _("Which guests ran can't be kept: %s"), error->message);
}
