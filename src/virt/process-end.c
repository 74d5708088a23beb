/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "virt/process-end.h"

#include <glib-unix.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/span.h"
#include "virt/kernel-journal.h"
#include "virt/kmsg.h"
#include "virt/oom-count.h"
#include "virt/pidfd.h"
#include "virt/place.h"
#include "virt/pool.h"
#include "virt/process.h"

/* What is read of a process in /proc, and the kernel's log. */
static const VsPoolSize pool_size = {.name = "virt-process", .connections = 1, .calls = 4};

/* The clock of a process's start goes in ticks of 10 ms. */
#define TICK (20 * VS_USEC_PER_MSEC)

/* How long the journal is waited for where it is to have a line. The record waits for 2 s. */
#define LATE_SPAN VS_USEC_PER_SEC

/* One file descriptor for all of them in the main loop: it costs nothing however many there are. */
struct VsProcesses {
    VsVirtSink sink;
    void *userdata;
    VsPool *pool;
    int epoll; /* negative: none is watched */
    GSource *source;
    GHashTable *watches; /* UUID -> VsWatched */
};

typedef struct VsWatched {
    VsDomainId domain;
    VsProcess *process;
    VsOomCount *count;
    bool told;  /* the kernel says how it ended, when it is reaped, ... */
    bool dying; /* ... which it isn't yet */
    VsOom oom;  /* dying: as far as its cgroup tells */
} VsWatched;

/* What is to be found out on a worker of a process that is gone. */
typedef struct Inquest {
    int pid;
    int64_t started;  /* monotonic µs */
    int64_t ended;    /* realtime µs */
    VsProcessEnd end; /* as it is known already */
} Inquest;

static void
watch_free(void *data)
{
    VsWatched *watch = data;

    vs_domain_id_clear(&watch->domain);
    vs_process_free(watch->process);
    vs_oom_count_free(watch->count);
    g_free(watch);
}

static void
tell_end(VsProcesses *processes, const VsDomainId *domain, VsProcessEnd end, const char *line)
{
    VsEvent event = {
        .type = VS_EVENT_PROCESS,
        .domain = domain,
        .process = {.end = end, .line = line},
    };

    processes->sink(&event, processes->userdata);
}

/* On a worker. The kernel's log has the last word, for it names the process; who may not read it
 * may read the journal, which may be late: what it doesn't name proves nothing. */
static void
inquire(const VsJob *job, virConnectPtr connection, VsResult *result)
{
    const Inquest *inquest = job->own;
    VsKernelLog log = {0};
    bool ours = vs_kmsg_has_our_pids();
    bool all = ours && vs_kmsg_read("/dev/kmsg", inquest->pid, inquest->started, &log);
    bool open = inquest->end.oom != VS_OOM_NO || inquest->end.fate == VS_FATE_UNKNOWN;

    if (ours && !all && open && !log.line)
        vs_kernel_journal_read(inquest->pid, inquest->ended,
                               inquest->end.oom == VS_OOM_COUNTED ? LATE_SPAN : 0, &log);
    result->ok = true;
    result->end = inquest->end;
    if (log.oom)
        result->end.oom = VS_OOM_NAMED;
    else if (all)
        result->end.oom = VS_OOM_NO;
    if (result->end.fate == VS_FATE_UNKNOWN && log.signal > 0) {
        result->end.fate = VS_FATE_KILLED;
        result->end.number = log.signal;
    }
    result->end_line = log.line;
}

static void
answer_inquest(const VsJob *job, const VsResult *result, void *userdata)
{
    tell_end(userdata, &job->domain, result->end, result->end_line);
}

static void
order_inquest(VsProcesses *processes, const VsWatched *watch, VsProcessEnd end)
{
    VsAction action = {.domain = watch->domain};
    g_autoptr(VsJob) job = vs_job_new(&action, inquire, answer_inquest, processes);
    Inquest *inquest = g_new(Inquest, 1);

    *inquest = (Inquest){
        .pid = vs_process_pid(watch->process),
        .started = vs_process_started(watch->process),
        .ended = g_get_real_time(),
        .end = end,
    };
    job->own = inquest;
    vs_pool_submit(processes->pool, job);
}

static VsProcessEnd
read_end(const VsWatched *watch)
{
    VsProcessEnd end = {0};
    int status;

    if (!vs_pidfd_exit_status(vs_process_fd(watch->process), &status))
        return end;
    end.fate = WIFSIGNALED(status) ? VS_FATE_KILLED : VS_FATE_EXITED;
    end.number = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
    return end;
}

/* It is gone. Who may have been killed for want of memory has more to be asked. */
static void
finish(VsProcesses *processes, VsWatched *watch)
{
    VsProcessEnd end = read_end(watch);
    bool may_be_oom =
        end.fate == VS_FATE_UNKNOWN || (end.fate == VS_FATE_KILLED && end.number == SIGKILL);
    VsDomainId domain;

    if (may_be_oom) {
        end.oom = watch->oom;
        order_inquest(processes, watch, end);
    }
    vs_domain_id_copy(&domain, &watch->domain);
    g_hash_table_remove(processes->watches, domain.uuid.text);
    if (!may_be_oom)
        tell_end(processes, &domain, end, NULL);
    vs_domain_id_clear(&domain);
}

/* Its group may go at any time now. */
static void
note_death(VsProcesses *processes, VsWatched *watch)
{
    struct epoll_event reaped = {.events = 0, .data.ptr = watch}; /* EPOLLHUP always comes */

    watch->dying = true;
    watch->oom = vs_oom_count_look(watch->count);
    epoll_ctl(processes->epoll, EPOLL_CTL_MOD, vs_process_fd(watch->process), &reaped);
}

static gboolean
on_ready(int fd, GIOCondition condition, void *userdata)
{
    VsProcesses *processes = userdata;
    struct epoll_event event;

    /* One at a time: who is told may have others watched. */
    if (epoll_wait(processes->epoll, &event, 1, 0) == 1) {
        VsWatched *watch = event.data.ptr;

        if (!watch->dying)
            note_death(processes, watch);
        if (event.events & EPOLLHUP || !watch->told)
            finish(processes, watch);
    }
    return G_SOURCE_CONTINUE;
}

VsProcesses *
vs_processes_new(VsThreads *threads, VsVirtSink sink, void *userdata)
{
    VsProcesses *processes = g_new0(VsProcesses, 1);

    processes->sink = sink;
    processes->userdata = userdata;
    processes->pool = vs_pool_new(threads, &pool_size, NULL);
    processes->watches = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, watch_free);
    processes->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (processes->epoll >= 0) {
        processes->source = g_unix_fd_source_new(processes->epoll, G_IO_IN);
        g_source_set_callback(processes->source, G_SOURCE_FUNC(on_ready), processes, NULL);
        g_source_attach(processes->source, NULL);
    }
    return processes;
}

void
vs_processes_free(VsProcesses *processes)
{
    vs_pool_retire(processes->pool, NULL);
    vs_pool_unref(processes->pool);
    if (processes->source) {
        g_source_destroy(processes->source);
        g_source_unref(processes->source);
        close(processes->epoll);
    }
    g_hash_table_unref(processes->watches);
    g_free(processes);
}

/* On a worker. A process that was started after the run was seen is another run's. */
static void
find(const VsJob *job, virConnectPtr connection, VsResult *result)
{
    g_autofree char *pid_file = vs_place_pid_file(&job->domain, NULL);
    g_autoptr(VsProcess) process = pid_file ? vs_process_find(pid_file, &job->domain) : NULL;

    if (!process || vs_process_fd(process) < 0 || vs_process_started(process) > job->at + TICK)
        return;
    result->count = vs_oom_count_new("/proc", "/sys/fs/cgroup", vs_process_pid(process));
    result->process = g_steal_pointer(&process);
    result->ok = true;
}

void
vs_processes_hold(VsProcesses *processes, const VsDomainId *domain, VsProcess *process,
                  VsOomCount *count)
{
    VsEvent event = {.type = VS_EVENT_WATCHED, .domain = domain};
    VsWatched *watched = g_new0(VsWatched, 1);
    struct epoll_event end = {.events = EPOLLIN, .data.ptr = watched};

    vs_domain_id_copy(&watched->domain, domain);
    watched->process = process;
    watched->count = count;
    watched->told = vs_pidfd_has_info(vs_process_fd(process));
    if (epoll_ctl(processes->epoll, EPOLL_CTL_ADD, vs_process_fd(process), &end) < 0) {
        watch_free(watched);
        return;
    }
    g_hash_table_replace(processes->watches, watched->domain.uuid.text, watched);
    processes->sink(&event, processes->userdata);
}

static void
answer_watch(const VsJob *job, const VsResult *result, void *userdata)
{
    VsResult *mine = (VsResult *)result;

    if (result->ok)
        vs_processes_hold(userdata, &job->domain, g_steal_pointer(&mine->process),
                          g_steal_pointer(&mine->count));
}

void
vs_processes_watch(VsProcesses *processes, const VsAction *action)
{
    g_autoptr(VsJob) job = vs_job_new(action, find, answer_watch, processes);

    if (processes->epoll >= 0)
        vs_pool_submit(processes->pool, job);
}
