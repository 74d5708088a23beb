/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record/writer.h"

#include "util/i18n.h"
#include "util/span.h"
#include "work/clerk.h"

/* Between two tries to write what couldn't be written. */
#define RETRY_SECONDS 5

/* What takes longer is told. */
#define SLOW (1 * VS_USEC_PER_SEC)

typedef struct Job {
    gint refs;        /* the writer has one, and the clerk */
    VsWriter *writer; /* the main thread's alone: it may be gone */
    const VsWriterOps *ops;
    char *key; /* or NULL */
    void *thing;

    /* Of the try that is under way, or was last. */
    VsWritten written;
    GError *error;
} Job;

struct VsWriter {
    VsClerk *clerk;
    const VsWriterOps *ops;
    void *userdata;
    bool begun;
    GQueue waiting;     /* of Job */
    GQueue failed;      /* of Job with keys: they hold up nobody */
    GHashTable *by_key; /* key -> Job of either */
    Job *under_way;
    int64_t since;  /* monotonic µs: it is */
    char *why;      /* what couldn't be written last, couldn't for that; NULL: nothing failed */
    bool paused;    /* the first that waits without a key is to be tried again */
    unsigned retry; /* GLib source */
};

static void
job_unref(void *data)
{
    Job *job = data;

    if (!g_atomic_int_dec_and_test(&job->refs))
        return;
    job->ops->free_thing(job->thing);
    g_clear_error(&job->error);
    g_free(job->key);
    g_free(job);
}

VsWriter *
vs_writer_new(VsThreads *threads, const char *name, const VsWriterOps *ops, void *userdata)
{
    VsWriter *writer = g_new0(VsWriter, 1);

    writer->clerk = vs_clerk_new(threads, name);
    writer->ops = ops;
    writer->userdata = userdata;
    g_queue_init(&writer->waiting);
    g_queue_init(&writer->failed);
    writer->by_key = g_hash_table_new(g_str_hash, g_str_equal);
    return writer;
}

void
vs_writer_free(VsWriter *writer)
{
    if (writer->retry > 0)
        g_source_remove(writer->retry);
    vs_clerk_free(writer->clerk);
    g_queue_clear_full(&writer->waiting, job_unref);
    g_queue_clear_full(&writer->failed, job_unref);
    g_hash_table_unref(writer->by_key);
    g_free(writer->why);
    g_free(writer);
}

static void
write_thing(void *data)
{
    Job *job = data;

    g_clear_error(&job->error);
    job->written = job->ops->write(job->thing, &job->error);
}

static void give_next(VsWriter *writer);

static void
put_back(VsWriter *writer, Job *job)
{
    g_atomic_int_inc(&job->refs);
    if (!job->key) {
        g_queue_push_head(&writer->waiting, job);
        writer->paused = true;
    } else if (!g_hash_table_contains(writer->by_key, job->key)) {
        g_queue_push_tail(&writer->failed, job);
        g_hash_table_insert(writer->by_key, job->key, job);
    } else {
        job_unref(job); /* there is a newer one */
    }
}

static gboolean
try_again(void *userdata)
{
    VsWriter *writer = userdata;
    Job *job;

    while ((job = g_queue_pop_tail(&writer->failed)))
        g_queue_push_head(&writer->waiting, job);
    writer->paused = false;
    writer->retry = 0;
    give_next(writer);
    return G_SOURCE_REMOVE;
}

static void
note(VsWriter *writer, const Job *job)
{
    if (job->written != VS_WRITTEN_NOT_YET) {
        if (!writer->paused && writer->failed.length == 0)
            g_clear_pointer(&writer->why, g_free);
        return;
    }
    g_free(writer->why);
    writer->why = g_strdup(job->error->message);
    if (writer->retry == 0)
        writer->retry = g_timeout_add_seconds(RETRY_SECONDS, try_again, writer);
}

/* On the main thread. */
static void
tell_written(void *data)
{
    Job *job = data;
    VsWriter *writer = job->writer;

    writer->under_way = NULL;
    note(writer, job);
    if (job->written == VS_WRITTEN_NOT_YET)
        put_back(writer, job);
    if (job->ops->told)
        job->ops->told(job->thing, job->written, job->error, writer->userdata);
    give_next(writer);
}

static void
give(VsWriter *writer, Job *job)
{
    writer->under_way = job;
    writer->since = g_get_monotonic_time();
    vs_clerk_give(writer->clerk, write_thing, tell_written, job, job_unref);
}

/* NULL: there is none. */
static Job *
take_first(VsWriter *writer)
{
    GList *item = writer->waiting.head;
    Job *job;

    while (item && writer->paused && !((Job *)item->data)->key)
        item = item->next;
    if (!item)
        return NULL;
    job = item->data;
    g_queue_delete_link(&writer->waiting, item);
    if (job->key)
        g_hash_table_remove(writer->by_key, job->key);
    return job;
}

static void
give_next(VsWriter *writer)
{
    Job *job;

    if (!writer->begun || writer->under_way || !(job = take_first(writer)))
        return;
    give(writer, job);
}

void
vs_writer_begin(VsWriter *writer)
{
    writer->begun = true;
    give_next(writer);
}

/* What waits under that key is of no use any more. */
static void
drop(VsWriter *writer, const char *key)
{
    Job *job = g_hash_table_lookup(writer->by_key, key);

    if (!job)
        return;
    g_hash_table_remove(writer->by_key, key);
    if (!g_queue_remove(&writer->waiting, job))
        g_queue_remove(&writer->failed, job);
    job_unref(job);
}

void
vs_writer_give(VsWriter *writer, const char *key, void *thing)
{
    Job *job = g_new0(Job, 1);

    *job = (Job){
        .refs = 1, .writer = writer, .ops = writer->ops, .key = g_strdup(key), .thing = thing};
    if (key) {
        drop(writer, key);
        g_hash_table_insert(writer->by_key, job->key, job);
    }
    g_queue_push_tail(&writer->waiting, job);
    give_next(writer);
}

unsigned
vs_writer_n_left(const VsWriter *writer)
{
    return (writer->under_way ? 1 : 0) + writer->waiting.length + writer->failed.length;
}

void
vs_writer_visit(VsWriter *writer, void (*visit)(void *thing, void *userdata), void *userdata)
{
    if (writer->under_way)
        visit(writer->under_way->thing, userdata);
    for (GList *item = writer->failed.head; item; item = item->next)
        visit(((Job *)item->data)->thing, userdata);
    for (GList *item = writer->waiting.head; item; item = item->next)
        visit(((Job *)item->data)->thing, userdata);
}

char *
vs_writer_trouble(const VsWriter *writer)
{
    int64_t waited = writer->under_way ? g_get_monotonic_time() - writer->since : 0;
    g_autofree char *span = vs_span_say(waited);

    if (waited >= SLOW)
        return g_strdup_printf(_("no answer for %s"), span);
    return g_strdup(writer->why);
}

bool
vs_writer_finish(VsWriter *writer, int64_t timeout)
{
    Job *job;

    while ((job = g_queue_pop_head(&writer->failed)))
        g_queue_push_head(&writer->waiting, job);
    writer->paused = false;
    while ((job = take_first(writer)))
        vs_clerk_give(writer->clerk, write_thing, NULL, job, job_unref);
    return vs_clerk_wait(writer->clerk, timeout);
}
