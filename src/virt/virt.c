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
    GPtrArray *uris; /* of VsVirtUri */
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

VsVirt *
vs_virt_new(const char *const *uris, VsAgentCall agent_call, VsVirtSink sink, void *userdata)
{
    VsVirt *virt = g_new0(VsVirt, 1);

    virt->threads = vs_threads_new();
    virt->sink = sink;
    virt->userdata = userdata;
    virt->agent_call = agent_call;
    virt->uris = g_ptr_array_new_with_free_func((GDestroyNotify)vs_virt_uri_free);
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
    VsVirtLabelled answer;
    void *to;
} Asked;

static void
answer_labels(const VsJob *job, const VsResult *result, void *userdata)
{
    const Asked *asked = userdata;
    g_autoptr(GError) error = NULL;

    if (!result->labels)
        g_set_error_literal(&error, VS_ERROR, error_of(result),
                            result->message ? result->message : "");
    asked->answer(&job->domain, result->labels, error, asked->to);
}

static void
ask(VsVirt *virt, const VsDomainId *domain, char *const *changes, bool replace,
    VsVirtLabelled answer, void *to)
{
    VsAction action = {.type = VS_ACTION_DESCRIBE, .domain = *domain};
    Asked *asked = g_new(Asked, 1);
    g_autoptr(VsJob) job = NULL;

    *asked = (Asked){answer, to};
    job = vs_job_new(&action, changes ? vs_metadata_write_run : vs_metadata_read_run, answer_labels,
                     asked);
    job->own = asked;
    job->changes = g_strdupv((char **)changes);
    job->replace = replace;
    vs_virt_uri_ask_labels(require_uri(virt, domain->uri), job);
}

void
vs_virt_read_labels(VsVirt *virt, const VsDomainId *domain, VsVirtLabelled answer, void *to)
{
    ask(virt, domain, NULL, false, answer, to);
}

void
vs_virt_write_labels(VsVirt *virt, const VsDomainId *domain, char *const *changes, bool replace,
                     VsVirtLabelled answer, void *to)
{
    ask(virt, domain, changes, replace, answer, to);
}

void
vs_virt_free(VsVirt *virt)
{
    vs_threads_close(virt->threads);
    g_ptr_array_unref(virt->uris);
    vs_threads_wait(virt->threads, FAREWELL);
    vs_threads_unref(virt->threads);
    g_free(virt);
}
