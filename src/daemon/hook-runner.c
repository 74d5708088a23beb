/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/hook-runner.h"

#include "conf/conf-load.h"
#include "daemon/hook-files.h"
#include "daemon/hook-program.h"
#include "daemon/log.h"
#include "util/i18n.h"
#include "util/json.h"
#include "util/span.h"
#include "util/text.h"

/* Events whose programs run at the same time, so that a host of thousands isn't flooded. */
#define MAX_RUNNING 200

struct VsHookRunner {
    VsHookSink sink;
    void *userdata;
    GPtrArray *paths; /* char * */
    GQueue jobs;      /* of Job: those that run, and wait, in their order */
    unsigned n_running;
};

/* What an event's programs are to be told, and what became of that. */
typedef struct Job {
    VsHookRunner *runner; /* NULL: it was freed */
    VsDomainId domain;
    char *key; /* of the domain */
    VsHook hook;
    VsUuid stop;
    int64_t span;
    char *text;
    bool running;
    unsigned n_left;  /* programs that run */
    GArray *failures; /* of VsHookFailure */
} Job;

static void
clear_failure(void *data)
{
    VsHookFailure *failure = data;

    g_free(failure->program);
    g_free(failure->why);
}

static void
job_free(void *data)
{
    Job *job = data;

    vs_domain_id_clear(&job->domain);
    g_free(job->key);
    g_free(job->text);
    g_array_unref(job->failures);
    g_free(job);
}

VsHookRunner *
vs_hook_runner_new(VsHookSink sink, void *userdata)
{
    VsHookRunner *runner = g_new0(VsHookRunner, 1);

    runner->sink = sink;
    runner->userdata = userdata;
    runner->paths = g_ptr_array_new_with_free_func(g_free);
    g_queue_init(&runner->jobs);
    return runner;
}

/* A job that runs is freed by its last program. */
static void
let_go(void *data)
{
    Job *job = data;

    job->runner = NULL;
    if (!job->running)
        job_free(job);
}

void
vs_hook_runner_free(VsHookRunner *runner)
{
    if (!g_queue_is_empty(&runner->jobs))
        vs_log(LOG_WARNING,
               ngettext("virtstopd ends before the hooks of %u event have",
                        "virtstopd ends before the hooks of %u events have",
                        g_queue_get_length(&runner->jobs)),
               g_queue_get_length(&runner->jobs));
    g_queue_clear_full(&runner->jobs, let_go);
    g_ptr_array_unref(runner->paths);
    g_free(runner);
}

bool
vs_hook_runner_find(VsHookRunner *runner, VsScope scope)
{
    g_autoptr(GArray) flaws = vs_hook_flaws_new();
    g_auto(GStrv) dirs = vs_conf_dirs(scope);

    g_ptr_array_unref(runner->paths);
    runner->paths = vs_hook_files_list((const char *const *)dirs, flaws);
    for (unsigned i = 0; i < flaws->len; i++) {
        const VsHookFlaw *flaw = &g_array_index(flaws, VsHookFlaw, i);
        g_autofree char *name = vs_text_quoted(flaw->path);

        vs_log(LOG_ERR, _("The hook %s is refused: %s"), name, flaw->why);
    }
    return runner->paths->len > 0;
}

const GPtrArray *
vs_hook_runner_paths(const VsHookRunner *runner)
{
    return runner->paths;
}

static void start_jobs(VsHookRunner *runner);

static void
tell(VsHookRunner *runner, const Job *job)
{
    VsEvent event = {.type = VS_EVENT_HOOKED, .domain = &job->domain};

    event.hooked.hook = job->hook;
    event.hooked.stop = job->stop;
    event.hooked.failures = (const VsHookFailure *)(void *)job->failures->data;
    event.hooked.n_failures = job->failures->len;
    runner->sink(&event, runner->userdata);
}

static void
finish(Job *job)
{
    VsHookRunner *runner = job->runner;

    if (runner) {
        runner->n_running--;
        g_queue_remove(&runner->jobs, job);
        tell(runner, job);
        start_jobs(runner);
    }
    job_free(job);
}

static void
on_ended(VsHookProgram *program, const char *why, void *userdata)
{
    Job *job = userdata;
    g_autofree char *name = vs_text_quoted(vs_hook_program_name(program));
    g_autofree char *domain = vs_text_quoted(job->domain.name);

    if (why) {
        VsHookFailure failure = {g_strdup(vs_hook_program_name(program)), g_strdup(why)};

        vs_log(LOG_WARNING, _("%s: hook %s, at %s: %s"), domain, name, vs_hook_name(job->hook),
               why);
        g_array_append_val(job->failures, failure);
    }
    if (--job->n_left == 0)
        finish(job);
}

/* Where a reload took the last one away, it is answered from the main loop all the same. */
static gboolean
on_nothing(void *userdata)
{
    finish(userdata);
    return G_SOURCE_REMOVE;
}

static void
start_job(VsHookRunner *runner, Job *job)
{
    job->running = true;
    job->n_left = runner->paths->len;
    runner->n_running++;
    for (unsigned i = 0; i < runner->paths->len; i++)
        vs_hook_program_run(runner->paths->pdata[i], vs_hook_name(job->hook), job->text, job->span,
                            on_ended, job);
    if (job->n_left == 0)
        g_idle_add(on_nothing, job);
}

/* The first of each guest. */
static void
start_jobs(VsHookRunner *runner)
{
    g_autoptr(GHashTable) busy = g_hash_table_new(g_str_hash, g_str_equal);

    for (GList *item = runner->jobs.head; item && runner->n_running < MAX_RUNNING;
         item = item->next) {
        Job *job = item->data;

        if (g_hash_table_add(busy, job->key) && !job->running)
            start_job(runner, job);
    }
}

static char *
add_record(const char *text, const char *record)
{
    g_autoptr(json_object) object = vs_json_parse_object(text, NULL);

    vs_json_set(object, "record", vs_json_parse_object(record, NULL));
    return g_strdup(vs_json_line(object));
}

void
vs_hook_runner_run(VsHookRunner *runner, const VsAction *action, const char *record)
{
    Job *job = g_new0(Job, 1);

    job->runner = runner;
    vs_domain_id_copy(&job->domain, &action->domain);
    job->key = vs_domain_key(action->domain.uri, action->domain.uuid.text);
    job->hook = action->hook;
    job->stop = action->stop;
    job->span = action->span;
    job->text = record ? add_record(action->text, record) : g_strdup(action->text);
    job->failures = g_array_new(FALSE, FALSE, sizeof(VsHookFailure));
    g_array_set_clear_func(job->failures, clear_failure);
    g_queue_push_tail(&runner->jobs, job);
    start_jobs(runner);
}

static gboolean
wake_up(void *userdata)
{
    *(bool *)userdata = true;
    return G_SOURCE_CONTINUE;
}

void
vs_hook_runner_drain(VsHookRunner *runner, int64_t span)
{
    bool over = false;
    unsigned source;

    if (g_queue_is_empty(&runner->jobs))
        return;
    source = g_timeout_add((unsigned)(span / VS_USEC_PER_MSEC), wake_up, &over);
    while (!over && !g_queue_is_empty(&runner->jobs))
        g_main_context_iteration(NULL, TRUE);
    g_source_remove(source);
}
