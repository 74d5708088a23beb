/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "work/clerk.h"

typedef struct VsTaskGiven {
    VsClerk *clerk;
    VsTask run;
    VsTask done;
    void *data;
    GDestroyNotify destroy;
} VsTaskGiven;

struct VsClerk {
    gint refs; /* the thread has one, and each task that is told of */
    VsThreads *threads;
    char *name;
    bool closed; /* the main thread's alone */

    pthread_mutex_t lock; /* of all that follows */
    pthread_cond_t ran;
    GQueue waiting; /* of VsTaskGiven */
    unsigned n_left;
    bool has_thread;
};

VsClerk *
vs_clerk_new(VsThreads *threads, const char *name)
{
    VsClerk *clerk = g_new0(VsClerk, 1);

    clerk->refs = 1;
    clerk->threads = vs_threads_ref(threads);
    clerk->name = g_strdup(name);
    pthread_mutex_init(&clerk->lock, NULL);
    vs_threads_condition(&clerk->ran);
    return clerk;
}

static void
clerk_unref(VsClerk *clerk)
{
    if (!g_atomic_int_dec_and_test(&clerk->refs))
        return;
    pthread_cond_destroy(&clerk->ran);
    pthread_mutex_destroy(&clerk->lock);
    vs_threads_unref(clerk->threads);
    g_free(clerk->name);
    g_free(clerk);
}

static void
task_free(void *data)
{
    VsTaskGiven *task = data;

    task->destroy(task->data);
    clerk_unref(task->clerk);
    g_free(task);
}

static void
tell_done(void *data)
{
    const VsTaskGiven *task = data;

    if (task->done && !task->clerk->closed)
        task->done(task->data);
}

static void
run_task(VsClerk *clerk, VsTaskGiven *task)
{
    task->run(task->data);
    pthread_mutex_lock(&clerk->lock);
    clerk->n_left--;
    pthread_cond_broadcast(&clerk->ran);
    pthread_mutex_unlock(&clerk->lock);
    vs_threads_post(clerk->threads, tell_done, task, task_free);
}

/* NULL: there is nothing to do, and the thread ends. */
static VsTaskGiven *
take_task(VsClerk *clerk)
{
    VsTaskGiven *task;

    pthread_mutex_lock(&clerk->lock);
    task = g_queue_pop_head(&clerk->waiting);
    clerk->has_thread = task != NULL;
    pthread_mutex_unlock(&clerk->lock);
    return task;
}

static void
work(void *data)
{
    VsClerk *clerk = data;
    VsTaskGiven *task;

    while ((task = take_task(clerk)))
        run_task(clerk, task);
    clerk_unref(clerk);
}

/* Whether a thread is to be started for it. */
static bool
put(VsClerk *clerk, VsTaskGiven *task)
{
    bool first;

    pthread_mutex_lock(&clerk->lock);
    g_queue_push_tail(&clerk->waiting, task);
    clerk->n_left++;
    first = !clerk->has_thread;
    clerk->has_thread = true;
    pthread_mutex_unlock(&clerk->lock);
    return first;
}

void
vs_clerk_give(VsClerk *clerk, VsTask run, VsTask done, void *data, GDestroyNotify destroy)
{
    VsTaskGiven *task = g_new(VsTaskGiven, 1);

    g_atomic_int_inc(&clerk->refs);
    *task =
        (VsTaskGiven){.clerk = clerk, .run = run, .done = done, .data = data, .destroy = destroy};
    if (!put(clerk, task))
        return;
    g_atomic_int_inc(&clerk->refs);
    if (!vs_threads_start(clerk->threads, clerk->name, work, clerk))
        work(clerk);
}

unsigned
vs_clerk_n_left(VsClerk *clerk)
{
    unsigned n;

    pthread_mutex_lock(&clerk->lock);
    n = clerk->n_left;
    pthread_mutex_unlock(&clerk->lock);
    return n;
}

bool
vs_clerk_wait(VsClerk *clerk, int64_t timeout)
{
    struct timespec deadline = vs_threads_deadline(timeout);
    bool all;

    pthread_mutex_lock(&clerk->lock);
    while (clerk->n_left > 0 && pthread_cond_timedwait(&clerk->ran, &clerk->lock, &deadline) == 0)
        ;
    all = clerk->n_left == 0;
    pthread_mutex_unlock(&clerk->lock);
    return all;
}

void
vs_clerk_free(VsClerk *clerk)
{
    GQueue waiting;

    clerk->closed = true;
    pthread_mutex_lock(&clerk->lock);
    waiting = clerk->waiting;
    g_queue_init(&clerk->waiting);
    clerk->n_left -= waiting.length;
    pthread_mutex_unlock(&clerk->lock);
    g_queue_clear_full(&waiting, task_free);
    clerk_unref(clerk);
}
