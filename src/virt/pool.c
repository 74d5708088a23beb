/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "virt/pool.h"

#include <libvirt/virterror.h>

#include "util/i18n.h"
#include "util/span.h"
#include "virt/connection.h"

/* How long a thread waits for more work. */
#define LINGER (30 * VS_USEC_PER_SEC)

/* One connection of a pool, and the threads that call on it. */
typedef struct VsLine {
    pthread_mutex_t lock; /* of the connection, also while it is being opened */
    virConnectPtr connection;
    unsigned n_threads; /* under the pool's lock */
} VsLine;

struct VsPool {
    gint refs;
    VsThreads *threads;
    VsPoolSize size;
    char *uri;
    VsLine lines[VS_POOL_MAX_CONNECTIONS];

    pthread_mutex_t lock; /* of all that follows */
    pthread_cond_t wake;
    GQueue waiting; /* of VsJob */
    GQueue running;
    unsigned n_idle;
    unsigned n_fresh; /* threads that were started and have not looked for a job yet */
    bool retired;
};

typedef struct VsWorker {
    VsPool *pool;
    VsLine *line;
    bool fresh;
} VsWorker;

VsPool *
vs_pool_new(VsThreads *threads, const VsPoolSize *size, const char *uri)
{
    VsPool *pool = g_new0(VsPool, 1);

    g_assert(size->calls <= VS_POOL_MAX_CALLS && size->connections <= VS_POOL_MAX_CONNECTIONS);
    pool->refs = 1;
    pool->threads = vs_threads_ref(threads);
    pool->size = *size;
    pool->uri = g_strdup(uri);
    pthread_mutex_init(&pool->lock, NULL);
    vs_threads_condition(&pool->wake);
    for (unsigned i = 0; i < size->connections; i++)
        pthread_mutex_init(&pool->lines[i].lock, NULL);
    return pool;
}

void
vs_pool_unref(VsPool *pool)
{
    if (!g_atomic_int_dec_and_test(&pool->refs))
        return;
    for (unsigned i = 0; i < pool->size.connections; i++)
        pthread_mutex_destroy(&pool->lines[i].lock);
    pthread_cond_destroy(&pool->wake);
    pthread_mutex_destroy(&pool->lock);
    vs_threads_unref(pool->threads);
    g_free(pool->uri);
    g_free(pool);
}

/* A reference to the line's connection, which is opened where it isn't there or no longer works. */
static virConnectPtr
borrow_connection(VsPool *pool, VsLine *line, VsResult *result)
{
    virConnectPtr connection;

    pthread_mutex_lock(&line->lock);
    if (line->connection && virConnectIsAlive(line->connection) != 1) {
        virConnectClose(line->connection);
        line->connection = NULL;
    }
    if (!line->connection)
        line->connection = vs_virt_connection_open(pool->uri);
    connection = line->connection;
    if (connection)
        virConnectRef(connection);
    else
        vs_result_fail(result, virGetLastErrorCode(), g_strdup(virGetLastErrorMessage()));
    pthread_mutex_unlock(&line->lock);
    result->lost = !connection;
    return connection;
}

static void
close_connection(VsLine *line)
{
    pthread_mutex_lock(&line->lock);
    if (line->connection)
        virConnectClose(line->connection);
    line->connection = NULL;
    pthread_mutex_unlock(&line->lock);
}

static void
run_job(VsPool *pool, VsLine *line, VsJob *job)
{
    virConnectPtr connection = NULL;

    if (pool->uri) {
        connection = borrow_connection(pool, line, &job->result);
        if (!connection)
            return;
    }
    job->run(job, connection, &job->result);
    if (connection)
        virConnectClose(connection);
    /* One that leads through virtproxyd counts as alive after that, too. */
    if (connection && job->result.lost)
        close_connection(line);
}

static void
deliver_job(void *data)
{
    VsJob *job = data;

    vs_job_answer(job, &job->result);
}

static void
tell_waits(void *data)
{
    vs_job_tell_held(data, true);
}

static void
tell_begins(void *data)
{
    vs_job_tell_held(data, false);
}

static void
post(VsPool *pool, VsTask task, VsJob *job)
{
    vs_threads_post(pool->threads, task, vs_job_ref(job), (GDestroyNotify)vs_job_unref);
}

/* The next job, which then counts as running; or NULL: the thread is to end, and no longer counts.
 */
static VsJob *
take_job(VsWorker *worker)
{
    struct timespec deadline = vs_threads_deadline(LINGER);
    VsPool *pool = worker->pool;
    VsJob *job;
    int timed_out = 0;

    pthread_mutex_lock(&pool->lock);
    if (worker->fresh)
        pool->n_fresh--;
    worker->fresh = false;
    while (!pool->retired && g_queue_is_empty(&pool->waiting) && timed_out == 0) {
        pool->n_idle++;
        timed_out = pthread_cond_timedwait(&pool->wake, &pool->lock, &deadline);
        pool->n_idle--;
    }
    job = g_queue_pop_head(&pool->waiting);
    if (job)
        g_queue_push_tail(&pool->running, job);
    else
        worker->line->n_threads--;
    if (job && job->waits)
        post(pool, tell_begins, job);
    pthread_mutex_unlock(&pool->lock);
    return job;
}

/* Jobs may have come while the last thread of @line closed its connection: that is no harm, they
 * open it again. */
static void
work(void *data)
{
    g_autofree VsWorker *worker = data;
    VsPool *pool = worker->pool;
    VsLine *line = worker->line;
    VsJob *job;
    bool last;

    while ((job = take_job(worker))) {
        run_job(pool, line, job);
        pthread_mutex_lock(&pool->lock);
        g_queue_remove(&pool->running, job);
        pthread_mutex_unlock(&pool->lock);
        vs_threads_post(pool->threads, deliver_job, job, (GDestroyNotify)vs_job_unref);
    }
    pthread_mutex_lock(&pool->lock);
    last = line->n_threads == 0;
    pthread_mutex_unlock(&pool->lock);
    if (last)
        close_connection(line);
    vs_pool_unref(pool);
}

/* The line with the fewest threads, or NULL where all have as many as they may. */
static VsLine *
pick_line(VsPool *pool)
{
    VsLine *best = &pool->lines[0];

    for (unsigned i = 1; i < pool->size.connections; i++)
        if (pool->lines[i].n_threads < best->n_threads)
            best = &pool->lines[i];
    return best->n_threads < pool->size.calls ? best : NULL;
}

static bool
start_worker(VsPool *pool, VsLine *line)
{
    VsWorker *worker = g_new(VsWorker, 1);

    *worker = (VsWorker){.pool = pool, .line = line, .fresh = true};
    g_atomic_int_inc(&pool->refs);
    line->n_threads++;
    pool->n_fresh++;
    if (vs_threads_start(pool->threads, pool->size.name, work, worker))
        return true;
    line->n_threads--;
    pool->n_fresh--;
    g_atomic_int_add(&pool->refs, -1);
    g_free(worker);
    return false;
}

static bool
has_workers(const VsPool *pool)
{
    for (unsigned i = 0; i < pool->size.connections; i++)
        if (pool->lines[i].n_threads > 0)
            return true;
    return false;
}

void
vs_pool_submit(VsPool *pool, VsJob *job)
{
    VsLine *line = NULL;
    bool refused = false;

    pthread_mutex_lock(&pool->lock);
    if (g_queue_get_length(&pool->waiting) >= pool->n_idle)
        line = pick_line(pool);
    if (line && !start_worker(pool, line))
        refused = !has_workers(pool);
    if (!refused) {
        /* Told under the lock, so that nobody can tell first that it begins. */
        job->waits = g_queue_get_length(&pool->waiting) >= pool->n_idle + pool->n_fresh;
        if (job->waits)
            post(pool, tell_waits, job);
        g_queue_push_tail(&pool->waiting, vs_job_ref(job));
        pthread_cond_signal(&pool->wake);
    }
    pthread_mutex_unlock(&pool->lock);

    if (refused) {
        vs_result_fail(&job->result, 0, g_strdup(_("the system has no thread left")));
        vs_threads_post(pool->threads, deliver_job, vs_job_ref(job), (GDestroyNotify)vs_job_unref);
    }
}

static bool
is_about(GQueue *jobs, const VsUuid *domain)
{
    for (GList *l = jobs->head; l; l = l->next)
        if (g_str_equal(((const VsJob *)l->data)->domain.uuid.text, domain->text))
            return true;
    return false;
}

/* Only the main thread adds a job, so none comes in between. */
void
vs_pool_submit_once(VsPool *pool, VsJob *job)
{
    bool is_asked;

    pthread_mutex_lock(&pool->lock);
    is_asked =
        is_about(&pool->waiting, &job->domain.uuid) || is_about(&pool->running, &job->domain.uuid);
    pthread_mutex_unlock(&pool->lock);
    if (!is_asked)
        vs_pool_submit(pool, job);
}

void
vs_pool_withdraw(VsPool *pool, uint64_t number)
{
    VsJob *withdrawn = NULL;
    GList *l;

    pthread_mutex_lock(&pool->lock);
    for (l = pool->waiting.head; l && ((VsJob *)l->data)->number != number; l = l->next)
        ;
    if (l) {
        withdrawn = l->data;
        g_queue_delete_link(&pool->waiting, l);
    }
    pthread_mutex_unlock(&pool->lock);

    if (!withdrawn)
        return;
    withdrawn->answered = true;
    vs_job_unref(withdrawn);
}

static void
give_up_job(void *data, void *userdata)
{
    VsJob *job = data;
    const char *why = userdata;

    if (why)
        vs_job_answer_lost(job, why);
    else
        job->answered = true;
    vs_job_unref(job);
}

void
vs_pool_retire(VsPool *pool, const char *why)
{
    GQueue jobs = G_QUEUE_INIT;
    VsJob *job;

    pthread_mutex_lock(&pool->lock);
    pool->retired = true;
    for (GList *l = pool->running.head; l; l = l->next)
        g_queue_push_tail(&jobs, vs_job_ref(l->data));
    while ((job = g_queue_pop_head(&pool->waiting)))
        g_queue_push_tail(&jobs, job);
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->lock);

    g_queue_foreach(&jobs, give_up_job, (void *)why);
    g_queue_clear(&jobs);
}
