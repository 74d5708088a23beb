/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "virt/virt.h"

#include <libvirt-glib/libvirt-glib.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <string.h>

#include "util/error.h"
#include "util/span.h"
#include "virt/metadata.h"
#include "virt/uri.h"

/* How long a call that is under way may keep us from leaving. */
#define FAREWELL (900 * VS_USEC_PER_MSEC)

struct VsVirt {
    VsThreads *threads;
    VsVirtSink sink;
    void *userdata;
    VsAgentCall agent_call;
    GPtrArray *uris;     /* of VsVirtUri */
    GHashTable *writing; /* the key of each domain that is being written to: a GQueue of the VsJobs
                            that wait for that */
};

/* libvirt would print each error to stderr. */
static void
keep_quiet(void *userdata, virErrorPtr error)
{
}

void
vs_virt_init(void)
{
    gvir_event_register();
    virSetErrorFunc(NULL, keep_quiet);
    virInitialize();
}

static VsError
error_of(const VsResult *result)
{
    if (result->lost)
        return VS_ERROR_NOT_CONNECTED;
    if (result->code == VIR_ERR_NO_DOMAIN)
        return VS_ERROR_NO_SUCH_DOMAIN;
    return result->code == VIR_ERR_INVALID_ARG ? VS_ERROR_INVALID : VS_ERROR_FAILED;
}

static VsVirtUri *
find_uri(const VsVirt *virt, const char *text)
{
    for (guint i = 0; i < virt->uris->len; i++)
        if (strcmp(vs_virt_uri_text(virt->uris->pdata[i]), text) == 0)
            return virt->uris->pdata[i];
    return NULL;
}

/* The engine may remember guests of a URI that is no longer configured: nothing connects to it, but
 * its calls are answered and its logs are read. */
static VsVirtUri *
require_uri(VsVirt *virt, const char *text)
{
    VsVirtUri *uri = find_uri(virt, text);

    if (!uri) {
        uri = vs_virt_uri_new(virt->threads, text, virt->sink, virt->userdata);
        g_ptr_array_add(virt->uris, uri);
    }
    return uri;
}

static void
free_waiting(void *waiting)
{
    g_queue_free_full(waiting, (GDestroyNotify)vs_job_unref);
}

VsVirt *
vs_virt_new(const char *const *uris, VsAgentCall agent_call, VsVirtSink sink, void *userdata)
{
    VsVirt *virt = g_new0(VsVirt, 1);

    virt->threads = vs_threads_new();
    virt->sink = sink;
    virt->userdata = userdata;
    virt->agent_call = agent_call;
    virt->uris = g_ptr_array_new_with_free_func((GDestroyNotify)vs_virt_uri_free);
    virt->writing = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_waiting);
    for (; *uris; uris++)
        require_uri(virt, *uris);
    return virt;
}

void
vs_virt_start(VsVirt *virt)
{
    for (guint i = 0; i < virt->uris->len; i++)
        vs_virt_uri_start(virt->uris->pdata[i]);
}

void
vs_virt_set_agent_call(VsVirt *virt, VsAgentCall agent_call)
{
    virt->agent_call = agent_call;
}

void
vs_virt_carry_out(VsVirt *virt, const VsAction *action)
{
    vs_virt_uri_carry_out(require_uri(virt, action->domain.uri), action, virt->agent_call);
}

typedef struct Asked {
    VsVirt *virt;
    VsVirtLabelled answer;
    void *to;
} Asked;

static char *
key_of(const VsJob *job)
{
    return vs_domain_key(job->domain.uri, job->domain.uuid.text);
}

/* What one writes is what the other one read, and changed: so one after the other. */
static void
write_in_turn(VsVirt *virt, VsJob *job)
{
    g_autofree char *key = key_of(job);
    GQueue *waiting = g_hash_table_lookup(virt->writing, key);

    if (waiting) {
        g_queue_push_tail(waiting, vs_job_ref(job));
        return;
    }
    g_hash_table_insert(virt->writing, g_steal_pointer(&key), g_queue_new());
    vs_virt_uri_ask_labels(require_uri(virt, job->domain.uri), true, job);
}

static void
write_next(VsVirt *virt, const VsJob *done)
{
    g_autofree char *key = key_of(done);
    g_autoptr(VsJob) next = g_queue_pop_head(g_hash_table_lookup(virt->writing, key));

    if (next)
        vs_virt_uri_ask_labels(require_uri(virt, next->domain.uri), true, next);
    else
        g_hash_table_remove(virt->writing, key);
}

static void
answer_labels(const VsJob *job, const VsResult *result, void *userdata)
{
    const Asked *asked = userdata;
    g_autoptr(GError) error = NULL;

    if (!result->labels)
        g_set_error_literal(&error, VS_ERROR, error_of(result),
                            result->message ? result->message : "");
    if (job->changes)
        write_next(asked->virt, job);
    asked->answer(&job->domain, result->labels, error, asked->to);
}

static VsJob *
job_new(VsVirt *virt, const VsDomainId *domain, VsJobRun run, VsVirtLabelled answer, void *to)
{
    VsAction action = {.type = VS_ACTION_DESCRIBE, .domain = *domain};
    Asked *asked = g_new(Asked, 1);
    VsJob *job = vs_job_new(&action, run, answer_labels, asked);

    *asked = (Asked){virt, answer, to};
    job->own = asked;
    return job;
}

void
vs_virt_read_labels(VsVirt *virt, const VsDomainId *domain, bool first, VsVirtLabelled answer,
                    void *to)
{
    g_autoptr(VsJob) job = job_new(virt, domain, vs_metadata_read_run, answer, to);

    vs_virt_uri_ask_labels(require_uri(virt, domain->uri), first, job);
}

void
vs_virt_write_labels(VsVirt *virt, const VsDomainId *domain, char *const *changes, bool replace,
                     VsVirtLabelled answer, void *to)
{
    g_autoptr(VsJob) job = job_new(virt, domain, vs_metadata_write_run, answer, to);

    job->changes = g_strdupv((char **)changes);
    job->replace = replace;
    write_in_turn(virt, job);
}

void
vs_virt_free(VsVirt *virt)
{
    vs_threads_close(virt->threads);
    g_ptr_array_unref(virt->uris);
    g_hash_table_unref(virt->writing);
    vs_threads_wait(virt->threads, FAREWELL);
    vs_threads_unref(virt->threads);
    g_free(virt);
}
