/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "virt/job.h"

#include <errno.h>
#include <libvirt/virterror.h>
#include <string.h>

#include "util/i18n.h"
#include "util/text.h"

void
vs_result_clear(VsResult *result)
{
    g_clear_pointer(&result->message, g_free);
    g_clear_pointer(&result->domains, g_array_unref);
    g_clear_pointer(&result->labels, vs_labels_unref);
    g_clear_pointer(&result->lines, g_strfreev);
    g_clear_pointer(&result->process, vs_process_free);
    g_clear_pointer(&result->count, vs_oom_count_free);
    g_clear_pointer(&result->end_line, g_free);
}

void
vs_result_fail(VsResult *result, int code, char *message)
{
    g_free(result->message);
    result->ok = false;
    result->code = code;
    result->message = message;
}

/* Behind virtproxyd it is not our connection that broke but the next one, whose errors are handed
 * on to us, with the errno: it could not be read from or written to. One that could not be made
 * (ECONNREFUSED) may be any other daemon's, virtlogd's. */
static bool
is_of_broken_socket(const virError *error)
{
    return error->domain == VIR_FROM_RPC && error->code == VIR_ERR_SYSTEM_ERROR &&
           (error->int1 == EIO || error->int1 == ECONNRESET || error->int1 == EPIPE);
}

static bool
is_broken(virConnectPtr connection, const virError *error)
{
    if (error->code == VIR_ERR_RPC || is_of_broken_socket(error))
        return true;
    if (error->code == VIR_ERR_INTERNAL_ERROR && error->message &&
        strstr(error->message, "client socket is closed"))
        return true;
    return virConnectIsAlive(connection) != 1;
}

void
vs_result_fail_libvirt(VsResult *result, virConnectPtr connection)
{
    /* The thread's own error is gone with the next libvirt call. */
    virError *error = virSaveLastError();

    if (error && error->message) {
        vs_result_fail(result, error->code, vs_text_cut(error->message, VS_EVENT_MAX_MESSAGE));
        result->lost = is_broken(connection, error);
    } else {
        vs_result_fail(result, VIR_ERR_INTERNAL_ERROR, g_strdup(_("unknown error")));
    }
    virFreeError(error);
}

VsJob *
vs_job_new(const VsAction *action, VsJobRun run, VsJobAnswer answer, void *userdata)
{
    VsJob *job = g_new0(VsJob, 1);

    job->refs = 1;
    vs_domain_id_copy(&job->domain, &action->domain);
    job->number = action->type == VS_ACTION_CALL ? action->call : action->serial;
    job->at = action->at;
    job->method = action->method;
    job->bypass_cache = action->bypass_cache;
    job->clears_reboot = action->clears_reboot;
    job->drops_save = action->drops_save;
    job->run = run;
    job->answer = answer;
    job->userdata = userdata;
    return job;
}

VsJob *
vs_job_ref(VsJob *job)
{
    g_atomic_int_inc(&job->refs);
    return job;
}

void
vs_job_unref(VsJob *job)
{
    if (!g_atomic_int_dec_and_test(&job->refs))
        return;
    vs_domain_id_clear(&job->domain);
    g_strfreev(job->changes);
    g_free(job->own);
    vs_result_clear(&job->result);
    g_free(job);
}

void
vs_job_tell_held(VsJob *job, bool held)
{
    if (job->held && !job->answered)
        job->held(job, held, job->userdata);
}

void
vs_job_answer(VsJob *job, const VsResult *result)
{
    if (job->answered)
        return;
    job->answered = true;
    job->answer(job, result, job->userdata);
}

void
vs_job_answer_lost(VsJob *job, const char *why)
{
    VsResult lost = {.lost = true, .code = VIR_ERR_NO_CONNECT, .message = (char *)why};

    vs_job_answer(job, &lost);
}
