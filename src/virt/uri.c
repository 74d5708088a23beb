/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "virt/uri.h"

#include "virt/calls.h"
#include "virt/domain-job.h"
#include "virt/domain-stats.h"
#include "virt/domain-xml.h"
#include "virt/link.h"
#include "virt/list.h"
#include "virt/pool.h"
#include "virt/process-end.h"
#include "virt/qemu-log.h"

typedef enum VsPoolKind {
    VS_POOL_STATE,
    VS_POOL_FIND,
    VS_POOL_DESCRIBE,
    VS_POOL_JOB,
    VS_POOL_STATS,
    VS_POOL_LABELS, /* as anybody may ask for them */
    VS_POOL_POLICY, /* ... and as root reads and writes them */
    VS_POOL_PRESS,
    VS_POOL_DESTROY,
    VS_POOL_AGENT,
    VS_N_POOLS
} VsPoolKind;

/* libvirtd has 20 workers for all its clients, and 5 more for the calls that never wait for a
 * guest. One call on a connection: before libvirt 10.0 its client can lose the wake-up of a second
 * one, which then waits for the first one's answer or the next keepalive, 5 s. */
static const VsPoolSize pool_sizes[VS_N_POOLS] = {
    [VS_POOL_STATE] = {.name = "virt-state", .connections = 2, .calls = 1},
    [VS_POOL_FIND] = {.name = "virt-find", .connections = 4, .calls = 1},
    [VS_POOL_DESCRIBE] = {.name = "virt-describe", .connections = 4, .calls = 1},
    [VS_POOL_JOB] = {.name = "virt-job", .connections = 2, .calls = 1},
    [VS_POOL_STATS] = {.name = "virt-stats", .connections = 8, .calls = 1},
    [VS_POOL_LABELS] = {.name = "virt-labels", .connections = 2, .calls = 1},
    [VS_POOL_POLICY] = {.name = "virt-policy", .connections = 4, .calls = 1},
    [VS_POOL_PRESS] = {.name = "virt-press", .connections = 8, .calls = 1},
    [VS_POOL_DESTROY] = {.name = "virt-destroy", .connections = 8, .calls = 1},
    [VS_POOL_AGENT] = {.name = "virt-agent", .connections = 16, .calls = 1},
};

static const VsPoolSize log_pool_size = {.name = "virt-log", .connections = 1, .calls = 2};

struct VsVirtUri {
    VsThreads *threads;
    char *text;
    VsVirtSink sink;
    void *userdata;
    VsLink *link;
    VsPool *pools[VS_N_POOLS]; /* NULL: not connected */
    VsPool *log_pool;          /* libvirt's files are there also while it isn't */
    VsProcesses *processes;
};

static void
retire_pools(VsVirtUri *uri, const char *why)
{
    for (int i = 0; i < VS_N_POOLS; i++) {
        g_autoptr(VsPool) pool = g_steal_pointer(&uri->pools[i]);

        if (pool)
            vs_pool_retire(pool, why);
    }
}

static void
tell_connection(VsVirtUri *uri, bool open, bool stops_guests, const char *why)
{
    VsEvent event = {
        .type = VS_EVENT_CONNECTION,
        .uri = uri->text,
        .connection = {.open = open, .stops_guests = stops_guests, .why = why},
    };

    uri->sink(&event, uri->userdata);
}

static void
on_opened(bool stops_guests, void *userdata)
{
    VsVirtUri *uri = userdata;

    for (int i = 0; i < VS_N_POOLS; i++)
        uri->pools[i] = vs_pool_new(uri->threads, &pool_sizes[i], uri->text);
    tell_connection(uri, true, stops_guests, NULL);
}

/* First that there is no connection, then that its calls are lost: so none is made anew on it. */
static void
on_closed(const char *why, void *userdata)
{
    VsVirtUri *uri = userdata;

    tell_connection(uri, false, false, why);
    retire_pools(uri, why);
}

static void
on_heard(const VsEvent *event, void *userdata)
{
    VsVirtUri *uri = userdata;

    uri->sink(event, uri->userdata);
}

VsVirtUri *
vs_virt_uri_new(VsThreads *threads, const char *text, VsVirtSink sink, void *userdata)
{
    static const VsLinkCallbacks callbacks = {
        .opened = on_opened,
        .closed = on_closed,
        .heard = on_heard,
    };
    VsVirtUri *uri = g_new0(VsVirtUri, 1);

    uri->threads = vs_threads_ref(threads);
    uri->text = g_strdup(text);
    uri->sink = sink;
    uri->userdata = userdata;
    uri->link = vs_link_new(threads, text, &callbacks, uri);
    uri->log_pool = vs_pool_new(threads, &log_pool_size, NULL);
    uri->processes = vs_processes_new(threads, sink, userdata);
    return uri;
}

void
vs_virt_uri_free(VsVirtUri *uri)
{
    retire_pools(uri, NULL);
    vs_pool_retire(uri->log_pool, NULL);
    vs_pool_unref(uri->log_pool);
    vs_processes_free(uri->processes);
    vs_link_free(uri->link);
    vs_threads_unref(uri->threads);
    g_free(uri->text);
    g_free(uri);
}

const char *
vs_virt_uri_text(const VsVirtUri *uri)
{
    return uri->text;
}

void
vs_virt_uri_start(VsVirtUri *uri)
{
    vs_link_start(uri->link);
}

/* A connection that can't tell of its domains is worth nothing; after the next opening the engine
 * asks again. */
static void
answer_list(const VsJob *job, const VsResult *result, void *userdata)
{
    VsVirtUri *uri = userdata;
    VsEvent event = {.type = VS_EVENT_LISTED, .uri = uri->text};

    if (!result->ok) {
        vs_link_break(uri->link, result->message);
        return;
    }
    event.listed.domains = (const VsDomainInfo *)result->domains->data;
    event.listed.n_domains = result->domains->len;
    event.listed.serial = job->number;
    uri->sink(&event, uri->userdata);
}

static void
answer_look_up(const VsJob *job, const VsResult *result, void *userdata)
{
    VsVirtUri *uri = userdata;
    VsEvent event = {.type = VS_EVENT_LOOKED_UP, .domain = &job->domain};

    if (!result->ok) {
        vs_link_break(uri->link, result->message);
        return;
    }
    event.looked_up.info = (const VsDomainInfo *)result->domains->data;
    event.looked_up.serial = job->number;
    uri->sink(&event, uri->userdata);
}

static void
answer_find(const VsJob *job, const VsResult *result, void *userdata)
{
    VsVirtUri *uri = userdata;
    VsEvent event = {.type = VS_EVENT_FOUND, .domain = &job->domain};

    if (!result->ok) {
        vs_link_break(uri->link, result->message);
        return;
    }
    event.found.domains = (const VsDomainInfo *)result->domains->data;
    event.found.n_domains = result->domains->len;
    event.found.serial = job->number;
    uri->sink(&event, uri->userdata);
}

static void
answer_description(const VsJob *job, const VsResult *result, void *userdata)
{
    VsVirtUri *uri = userdata;
    VsEvent event = {
        .type = VS_EVENT_DESCRIBED,
        .domain = &job->domain,
        .described =
            {
                .description = result->ok ? &result->description : NULL,
                .labels = result->labels,
                .why = result->message,
                .serial = job->number,
            },
    };

    uri->sink(&event, uri->userdata);
}

/* One that fails leaves what is known. */
static void
answer_job(const VsJob *job, const VsResult *result, void *userdata)
{
    VsVirtUri *uri = userdata;
    VsEvent event = {.type = VS_EVENT_JOB, .domain = &job->domain};

    event.job.operation = result->operation;
    event.job.serial = job->number;
    if (result->ok)
        uri->sink(&event, uri->userdata);
}

static void
answer_stats(const VsJob *job, const VsResult *result, void *userdata)
{
    VsVirtUri *uri = userdata;
    VsEvent event = {.type = VS_EVENT_STATS, .domain = &job->domain, .stats = result->stats};

    if (result->ok)
        uri->sink(&event, uri->userdata);
}

static void
answer_call(const VsJob *job, const VsResult *result, void *userdata)
{
    VsVirtUri *uri = userdata;
    VsEvent event = {
        .type = VS_EVENT_REPLY,
        .domain = &job->domain,
        .reply =
            {
                .call = job->number,
                .ok = result->ok,
                .code = result->code,
                .message = result->message,
                .took = result->took,
                .lost = result->lost,
                .still_there = result->still_there,
                .woke = result->woke,
            },
    };

    uri->sink(&event, uri->userdata);
}

static void
tell_held(const VsJob *job, bool held, void *userdata)
{
    VsVirtUri *uri = userdata;
    VsEvent event = {
        .type = VS_EVENT_CALL_HELD,
        .domain = &job->domain,
        .held = {.call = job->number, .held = held},
    };

    uri->sink(&event, uri->userdata);
}

static void
answer_past(const VsJob *job, const VsResult *result, void *userdata)
{
    VsVirtUri *uri = userdata;
    VsEvent event = {.type = VS_EVENT_PAST, .domain = &job->domain};

    if (!result->lines)
        return;
    event.past.lines = result->lines;
    event.past.since = job->at;
    uri->sink(&event, uri->userdata);
}

static void
answer_log(const VsJob *job, const VsResult *result, void *userdata)
{
    VsVirtUri *uri = userdata;
    VsEvent event = {
        .type = VS_EVENT_LOG,
        .domain = &job->domain,
        .log =
            {
                .lines = result->lines,
                .error = result->message,
                .in_cluster = result->in_cluster,
            },
    };

    uri->sink(&event, uri->userdata);
}

static VsPoolKind
pool_of(VsMethod method)
{
    static const VsPoolKind pools[] = {
        [VS_WORKERS_QUICK] = VS_POOL_PRESS,
        [VS_WORKERS_PATIENT] = VS_POOL_AGENT,
        [VS_WORKERS_FORCE] = VS_POOL_DESTROY,
    };

    return pools[vs_method_info(method)->workers];
}

/* What can't be asked, for there is no connection. */
typedef struct Lost {
    VsVirtUri *uri;
    VsJob *job;
} Lost;

static void
lost_free(void *data)
{
    Lost *lost = data;

    vs_job_unref(lost->job);
    g_free(lost);
}

static void
deliver_lost(void *data)
{
    const Lost *lost = data;
    const char *why = vs_link_why_closed(lost->uri->link);

    vs_job_answer_lost(lost->job, why ? why : "");
}

static Lost *
lost_new(VsVirtUri *uri, VsJob *job)
{
    Lost *lost = g_new(Lost, 1);

    *lost = (Lost){uri, vs_job_ref(job)};
    return lost;
}

/* Where there is no connection everything is asked for anew when there is one. */
static void
submit_question(VsVirtUri *uri, VsPoolKind kind, VsJob *job)
{
    if (uri->pools[kind])
        vs_pool_submit(uri->pools[kind], job);
}

/* Answered in any case. */
static void
submit_answered(VsVirtUri *uri, VsPool *pool, VsJob *job)
{
    if (pool)
        vs_pool_submit(pool, job);
    else
        vs_threads_post(uri->threads, deliver_lost, lost_new(uri, job), lost_free);
}

void
vs_virt_uri_ask_labels(VsVirtUri *uri, bool first, VsJob *job)
{
    submit_answered(uri, uri->pools[first ? VS_POOL_POLICY : VS_POOL_LABELS], job);
}

void
vs_virt_uri_carry_out(VsVirtUri *uri, const VsAction *action, VsAgentCall agent_call)
{
    g_autoptr(VsJob) job = NULL;

    switch (action->type) {
    case VS_ACTION_LIST:
        job = vs_job_new(action, vs_list_run, answer_list, uri);
        submit_question(uri, VS_POOL_STATE, job);
        break;
    case VS_ACTION_LOOK_UP:
        job = vs_job_new(action, vs_list_look_up, answer_look_up, uri);
        submit_question(uri, VS_POOL_STATE, job);
        break;
    case VS_ACTION_FIND:
        job = vs_job_new(action, vs_list_find, answer_find, uri);
        submit_question(uri, VS_POOL_FIND, job);
        break;
    case VS_ACTION_DESCRIBE:
        job = vs_job_new(action, vs_domain_xml_run, answer_description, uri);
        submit_question(uri, VS_POOL_DESCRIBE, job);
        break;
    case VS_ACTION_ASK_JOB:
        job = vs_job_new(action, vs_domain_job_run, answer_job, uri);
        submit_question(uri, VS_POOL_JOB, job);
        break;
    case VS_ACTION_ASK_STATS:
        job = vs_job_new(action, vs_domain_stats_run, answer_stats, uri);
        if (uri->pools[VS_POOL_STATS])
            vs_pool_submit_once(uri->pools[VS_POOL_STATS], job);
        break;
    case VS_ACTION_CALL:
        job = vs_job_new(action, vs_call_run, answer_call, uri);
        job->agent_call = agent_call;
        job->held = tell_held;
        submit_answered(uri, uri->pools[pool_of(job->method)], job);
        break;
    case VS_ACTION_WITHDRAW:
        if (uri->pools[pool_of(action->method)])
            vs_pool_withdraw(uri->pools[pool_of(action->method)], action->call);
        break;
    case VS_ACTION_WATCH:
        vs_processes_watch(uri->processes, action);
        break;
    case VS_ACTION_READ_LOG:
        job = vs_job_new(action, vs_qemu_log_run, answer_log, uri);
        vs_pool_submit(uri->log_pool, job);
        break;
    case VS_ACTION_READ_PAST:
        job = vs_job_new(action, vs_qemu_log_run_past, answer_past, uri);
        vs_pool_submit(uri->log_pool, job);
        break;
    default:
        g_assert_not_reached();
    }
}
