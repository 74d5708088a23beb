/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/recorder.h"

#include "daemon/log.h"
#include "daemon/write.h"
#include "record/boot.h"
#include "record/history-query.h"
#include "record/journal.h"
#include "util/i18n.h"
#include "util/json.h"
#include "util/span.h"
#include "util/text.h"

/* What is written when the daemon ends may take so long, and then its journal's entries. */
#define FAREWELL       (5 * VS_USEC_PER_SEC)
#define FAREWELL_ENTRY (1 * VS_USEC_PER_SEC)

/* So many entries wait for a journald that reads nothing; their records don't. */
#define MAX_ENTRIES 10000

#define HOST_STOPS "host stops"
#define NOTED      "noted"

/* Each of the three may hang without the others: two disks, journald. */
struct VsRecorder {
    VsWritePlaces places;
    VsThreads *threads;
    VsWriter *records; /* and the host stops, which lie beside them */
    VsWriter *states;
    VsWriter *journal;
    unsigned n_lost_entries;
    bool said[VS_N_WRITE_TYPES]; /* that such a thing can't be written */
    VsRecorderSink sink;
    void *userdata;
};

static void told(void *write, VsWritten written, const GError *error, void *userdata);

static const VsWriterOps ops = {
    .write = vs_write_carry_out,
    .told = told,
    .free_thing = vs_write_free,
};

/* A stop record is worth more than the word of a request: without them it goes on. */
static void
open_requests(VsRecorder *recorder)
{
    g_autoptr(GError) error = NULL;
    bool torn;

    recorder->places.requests = vs_history_open_requests(recorder->places.history, &torn, &error);
    if (error)
        vs_log(LOG_ERR, _("What becomes of requests isn't kept until virtstopd is restarted: %s"),
               error->message);
}

static bool
open_history(VsRecorder *recorder, const VsConf *conf, GError **error)
{
    const char *state = recorder->places.state_directory;
    bool torn = false;

    recorder->places.history =
        vs_history_open(state, conf->history_size, conf->history_files, &torn, error);
    if (torn)
        vs_log(LOG_WARNING, _("The last line of %s/stops.jsonl was torn, and is mended"), state);
    if (!recorder->places.history)
        return false;
    open_requests(recorder);
    return true;
}

static bool
open_states(VsRecorder *recorder, const VsConf *conf, GError **error)
{
    g_autofree char *runtime = vs_scope_directory(conf->scope, VS_SCOPE_RUNTIME);

    return vs_left_open(&recorder->places, runtime, error);
}

VsRecorder *
vs_recorder_open(const VsConf *conf, VsRecorderSink sink, void *userdata, GError **error)
{
    g_autoptr(VsRecorder) recorder = g_new0(VsRecorder, 1);

    recorder->sink = sink;
    recorder->userdata = userdata;
    recorder->places.boot_id = vs_boot_id();
    recorder->places.state_directory = vs_scope_directory(conf->scope, VS_SCOPE_STATE);
    recorder->threads = vs_threads_new();
    recorder->records = vs_writer_new(recorder->threads, "records", &ops, recorder);
    recorder->states = vs_writer_new(recorder->threads, "run-states", &ops, recorder);
    recorder->journal = vs_writer_new(recorder->threads, "journal", &ops, recorder);
    recorder->places.seen_until = vs_left_last_record(recorder->places.state_directory);
    if (!open_history(recorder, conf, error) || !open_states(recorder, conf, error))
        return NULL;
    return g_steal_pointer(&recorder);
}

static void
give_state(VsRecorder *recorder, VsWrite *write)
{
    g_autofree char *key = vs_domain_key(write->domain.uri, write->domain.uuid.text);

    vs_writer_give(recorder->states, key, write);
}

static void
take_next(void *thing, void *userdata)
{
    VsWrite *write = thing;

    if (!write->next)
        return;
    write->next->id = write->id;
    g_ptr_array_add(userdata, g_steal_pointer(&write->next));
}

/* What waits behind the records may be kept when they are on disk; nobody is told of that any more.
 */
static bool
finish_records(VsRecorder *recorder)
{
    g_autoptr(GPtrArray) nexts = g_ptr_array_new_with_free_func(vs_write_free);
    unsigned n_left = vs_writer_n_left(recorder->records);

    vs_writer_visit(recorder->records, take_next, nexts);
    if (!vs_writer_finish(recorder->records, FAREWELL)) {
        vs_log(LOG_ERR,
               ngettext("%u thing can't be written before the end: the disk doesn't answer",
                        "%u things can't be written before the end: the disk doesn't answer",
                        n_left),
               n_left);
        return false;
    }
    while (nexts->len > 0) {
        VsWrite *next = g_ptr_array_steal_index(nexts, 0);

        if (vs_history_has(recorder->places.history, next->id.text))
            give_state(recorder, next);
        else
            vs_write_free(next);
    }
    return true;
}

static bool
finish(VsRecorder *recorder)
{
    int64_t end = g_get_monotonic_time() + FAREWELL;
    bool records = finish_records(recorder);
    bool states =
        vs_writer_finish(recorder->states, MAX(end - g_get_monotonic_time(), VS_USEC_PER_SEC));
    bool journal = vs_writer_finish(recorder->journal, FAREWELL_ENTRY);

    return records && states && journal;
}

/* A thread that hangs keeps what it has in its hands. */
void
vs_recorder_free(VsRecorder *recorder)
{
    bool all = finish(recorder);

    vs_threads_close(recorder->threads);
    vs_writer_free(recorder->records);
    vs_writer_free(recorder->states);
    vs_writer_free(recorder->journal);
    vs_threads_unref(recorder->threads);
    if (all) {
        if (recorder->places.run_files)
            vs_run_files_touch(recorder->places.run_files);
        g_clear_pointer(&recorder->places.requests, vs_history_free);
        g_clear_pointer(&recorder->places.history, vs_history_free);
        g_clear_pointer(&recorder->places.run_files, vs_run_files_free);
        g_free(recorder->places.boot_id);
        g_free(recorder->places.state_directory);
        g_free(recorder);
    }
}

void
vs_recorder_take_over(VsRecorder *recorder, VsLeftTakeOver take_over, void *userdata)
{
    vs_left_take_over(&recorder->places, take_over, userdata);
    vs_writer_begin(recorder->records);
    vs_writer_begin(recorder->states);
    vs_writer_begin(recorder->journal);
}

typedef struct Search {
    const VsDomainId *domain;
    VsWrite *found;
} Search;

static void
look_at(void *thing, void *userdata)
{
    VsWrite *write = thing;
    Search *search = userdata;

    if (write->type == VS_WRITE_RECORD && vs_domain_id_equal(&write->domain, search->domain))
        search->found = write;
}

/* The last record of @domain that isn't written yet: as long as that is so, what is kept of its run
 * stays. */
static VsWrite *
find_unwritten(VsRecorder *recorder, const VsDomainId *domain)
{
    Search search = {.domain = domain};

    vs_writer_visit(recorder->records, look_at, &search);
    return search.found;
}

static void
keep(VsRecorder *recorder, const VsAction *action)
{
    VsWrite *write = vs_write_new(VS_WRITE_STATE, &recorder->places, &action->domain, action->text);
    VsWrite *record = find_unwritten(recorder, &action->domain);

    write->serial = action->serial;
    if (!record) {
        give_state(recorder, write);
        return;
    }
    g_clear_pointer(&record->next, vs_write_free);
    record->next = write;
}

void
vs_recorder_save(VsRecorder *recorder, const VsAction *action)
{
    keep(recorder, action);
}

void
vs_recorder_forget(VsRecorder *recorder, const VsAction *action)
{
    keep(recorder, action);
}

/* Takes @fields over. */
static void
send_entry(VsRecorder *recorder, GPtrArray *fields)
{
    VsWrite *entry;

    if (vs_writer_n_left(recorder->journal) >= MAX_ENTRIES) {
        if (recorder->n_lost_entries++ == 0)
            vs_log(LOG_ERR, _("journald takes nothing: entries about stops are lost"));
        g_ptr_array_unref(fields);
        return;
    }
    if (recorder->n_lost_entries > 0)
        vs_log(LOG_NOTICE,
               ngettext("journald takes entries again, %u about a stop was lost",
                        "journald takes entries again, %u about stops were lost",
                        recorder->n_lost_entries),
               recorder->n_lost_entries);
    recorder->n_lost_entries = 0;
    entry = vs_write_new(VS_WRITE_ENTRY, &recorder->places, NULL, NULL);
    entry->fields = fields;
    vs_writer_give(recorder->journal, NULL, entry);
}

char *
vs_recorder_record(VsRecorder *recorder, const VsAction *action)
{
    g_autoptr(json_object) object = vs_record_to_json(action->record, recorder->places.boot_id);
    char *line = g_strdup(vs_json_line(object));
    VsWrite *write = vs_write_new(VS_WRITE_RECORD, &recorder->places, &action->domain, line);

    write->id = action->record->id;
    vs_writer_give(recorder->records, NULL, write);
    send_entry(recorder, vs_journal_fields(action->record, line));
    return line;
}

void
vs_recorder_recover(VsRecorder *recorder, const VsAction *action)
{
    VsWrite *write =
        vs_write_new(VS_WRITE_RECORD, &recorder->places, &action->domain, action->text);

    write->id = action->id;
    vs_writer_give(recorder->records, NULL, write);
}

void
vs_recorder_log_request(VsRecorder *recorder, const VsAction *action)
{
    g_autoptr(json_object) object =
        vs_request_record_to_json(action->request, recorder->places.boot_id);
    const char *line = vs_json_line(object);

    /* By a key of its own: where it can't be written no record waits for that. */
    vs_writer_give(recorder->records, action->request->id.text,
                   vs_write_new(VS_WRITE_REQUEST, &recorder->places, &action->domain, line));
    send_entry(recorder, vs_journal_request_fields(object, line));
}

void
vs_recorder_keep_host_stops(VsRecorder *recorder, const VsAction *action)
{
    VsWrite *write = vs_write_new(VS_WRITE_HOST_STOPS, &recorder->places, NULL, action->text);

    write->serial = action->serial;
    vs_writer_give(recorder->records, HOST_STOPS, write);
}

void
vs_recorder_keep_noted(VsRecorder *recorder, const VsAction *action)
{
    vs_writer_give(recorder->records, NOTED,
                   vs_write_new(VS_WRITE_NOTED, &recorder->places, NULL, action->text));
}

static void
answer(VsRecorder *recorder, const VsWrite *write, const GError *error)
{
    VsEvent event = {.type = VS_EVENT_WRITTEN};
    const char *why = error ? error->message : NULL;

    if (write->type == VS_WRITE_STATE || write->type == VS_WRITE_RECORD)
        event.domain = &write->domain;
    if (write->type == VS_WRITE_NOTED) {
        event.type = VS_EVENT_NOTED;
        event.noted_kept.why = why;
    } else if (write->type == VS_WRITE_RECORD) {
        event.type = VS_EVENT_RECORDED;
        event.recorded.id = write->id;
        event.recorded.why = why;
    } else {
        event.written.serial = write->serial;
        event.written.why = why;
    }
    recorder->sink(&event, recorder->userdata);
}

static const char *const failures[] = {
    [VS_WRITE_STATE] = N_("What is kept of a guest can't be written, and is tried again: %s"),
    [VS_WRITE_HOST_STOPS] = N_("Which guests ran can't be written, and is tried again: %s"),
    [VS_WRITE_NOTED] = N_("Which guests run can't be written, and is tried again: %s"),
    [VS_WRITE_RECORD] = N_("A record can't be written, and is tried again: %s"),
    [VS_WRITE_REQUEST] = N_("What became of a request can't be written, and is tried again: %s"),
    [VS_WRITE_ENTRY] = "%s",
};

static const char *const successes[] = {
    [VS_WRITE_STATE] = N_("What is kept of guests is written again"),
    [VS_WRITE_HOST_STOPS] = N_("Which guests ran is written now"),
    [VS_WRITE_NOTED] = N_("Which guests run is written now"),
    [VS_WRITE_RECORD] = N_("The records that couldn't be written before are written now"),
    [VS_WRITE_REQUEST] = N_("What became of requests is written now"),
    [VS_WRITE_ENTRY] = "",
};

/* What is kept of one guest may fail though that of others doesn't. */
static bool
is_mended(const VsRecorder *recorder, VsWriteType type)
{
    g_autofree char *why = type == VS_WRITE_STATE ? vs_writer_trouble(recorder->states) : NULL;

    return why == NULL;
}

/* Once, however often it is tried, and of however many guests. */
static void
say(VsRecorder *recorder, const VsWrite *write, VsWritten written, const GError *error)
{
    bool *said = &recorder->said[write->type];

    if (written == VS_WRITTEN_NEVER) {
        vs_log(LOG_ERR, "%s", error->message);
    } else if (written == VS_WRITTEN_NOT_YET && !*said) {
        g_autofree char *text = g_strdup_printf(_(failures[write->type]), error->message);

        vs_log(LOG_ERR, "%s", text);
        *said = true;
    } else if (written == VS_WRITTEN && *said && is_mended(recorder, write->type)) {
        vs_log(LOG_NOTICE, "%s", _(successes[write->type]));
        *said = false;
    }
}

static void
told(void *thing, VsWritten written, const GError *error, void *userdata)
{
    VsRecorder *recorder = userdata;
    VsWrite *write = thing;

    say(recorder, write, written, error);
    if (write->next && written != VS_WRITTEN_NOT_YET)
        give_state(recorder, g_steal_pointer(&write->next));
    if (write->type != VS_WRITE_ENTRY && write->type != VS_WRITE_REQUEST)
        answer(recorder, write, error);
}

bool
vs_recorder_has_kept_all(const VsRecorder *recorder)
{
    return vs_writer_n_left(recorder->states) == 0;
}

static void
count_record(void *thing, void *userdata)
{
    const VsWrite *write = thing;
    unsigned *n = userdata;

    *n += write->type == VS_WRITE_RECORD;
}

/* The records among what waits, which is what people look for; else whatever else does. */
static unsigned
n_unwritten(VsWriter *writer)
{
    unsigned n = 0;

    vs_writer_visit(writer, count_record, &n);
    return n > 0 ? n : vs_writer_n_left(writer);
}

int
vs_recorder_unwritten(VsRecorder *recorder,
                      int (*tell)(const char *what, unsigned n, const char *why, void *to),
                      void *to)
{
    const struct {
        const char *what;
        VsWriter *writer;
    } kinds[] = {
        {"records", recorder->records},
        {"run-states", recorder->states},
        {"journal", recorder->journal},
    };
    int r = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(kinds) && r >= 0; i++) {
        g_autofree char *why = vs_writer_trouble(kinds[i].writer);

        if (why)
            r = tell(kinds[i].what, n_unwritten(kinds[i].writer), why, to);
    }
    return r;
}
