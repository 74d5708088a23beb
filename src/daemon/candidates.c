/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/candidates.h"

#include <glib-unix.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "util/span.h"
#include "work/timer.h"

#define PROGRAM "virtstop-candidates"

/* It takes 20 ms. Whoever asked libvirt for a guest's end waits for at least 200 ms. */
#define PATIENCE VS_USEC_PER_SEC

/* Between two questions: whatever comes meanwhile is one question. */
#define PAUSE (100 * VS_USEC_PER_MSEC)

/* After one that hung, or could not be asked: meanwhile nobody is known. */
#define LONG_PAUSE (30 * VS_USEC_PER_SEC)

/* Bytes: an answer has its bound, and fits into a pipe. */
#define MAX_ANSWER (64 * 1024)

struct VsCandidates {
    char *program;
    VsCandidatesSink sink;
    void *userdata;
    GPtrArray *waiting; /* of VsDomainId */
    GPtrArray *asked;   /* ... of those for which the program runs: of one URI */
    GPid pid;           /* 0: it doesn't run */
    int out;
    unsigned watch;  /* GLib source; 0: none */
    int64_t until;   /* monotonic µs: it runs no longer */
    int64_t next_at; /* monotonic µs: not before */
    bool hung;       /* ... and until then nobody is known */
    GSource *timer;
};

static void
domain_free(void *data)
{
    vs_domain_id_clear(data);
    g_free(data);
}

/* Out of the build tree it stands beside us. */
static char *
find_program(void)
{
    g_autofree char *own = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *dir = own ? g_path_get_dirname(own) : NULL;
    g_autofree char *neighbour = dir ? g_build_filename(dir, PROGRAM, NULL) : NULL;

    if (neighbour && access(neighbour, X_OK) == 0)
        return g_steal_pointer(&neighbour);
    return g_build_filename(LIBEXECDIR, PROGRAM, NULL);
}

/* The telling may have more asked for. */
static void
answer(VsCandidates *candidates, GPtrArray **domains, json_object *answer)
{
    g_autoptr(GPtrArray) to = *domains;
    VsEvent event = {.type = VS_EVENT_CANDIDATES};

    *domains = g_ptr_array_new_with_free_func(domain_free);
    event.candidates.list = vs_json_array(answer, "candidates");
    vs_json_int(answer, "at", &event.candidates.at);
    for (unsigned i = 0; i < to->len; i++) {
        event.domain = to->pdata[i];
        candidates->sink(&event, candidates->userdata);
    }
}

static void
set_due(VsCandidates *candidates)
{
    int64_t next = -1;

    if (candidates->waiting->len > 0 && (candidates->hung || candidates->pid == 0))
        next = candidates->hung ? 0 : candidates->next_at;
    else if (candidates->asked->len > 0)
        next = candidates->until;
    g_source_set_ready_time(candidates->timer, next);
}

/* Nothing came of it. */
static void
give_up(VsCandidates *candidates)
{
    candidates->hung = true;
    candidates->next_at = g_get_monotonic_time() + LONG_PAUSE;
    answer(candidates, &candidates->asked, NULL);
}

/* What it wrote, where it ended as it should: that is all there, whoever else may have the pipe
 * open still. The caller owns it. */
static json_object *
read_answer(const VsCandidates *candidates)
{
    g_autofree char *text = g_malloc(MAX_ANSWER);
    size_t size = 0;
    ssize_t n;

    while (size < MAX_ANSWER - 1 &&
           (n = read(candidates->out, text + size, MAX_ANSWER - 1 - size)) > 0)
        size += (size_t)n;
    text[size] = '\0';
    return vs_json_parse_object(text, NULL);
}

/* All that wait for the same libvirt. */
static const char *
choose(VsCandidates *candidates)
{
    const VsDomainId *first = candidates->waiting->pdata[0];

    for (unsigned i = 0; i < candidates->waiting->len;) {
        const VsDomainId *domain = candidates->waiting->pdata[i];

        if (strcmp(domain->uri, first->uri) == 0)
            g_ptr_array_add(candidates->asked, g_ptr_array_steal_index(candidates->waiting, i));
        else
            i++;
    }
    return first->uri;
}

static void
on_gone(GPid pid, int status, void *userdata)
{
    VsCandidates *candidates = userdata;
    g_autoptr(json_object) told = status == 0 ? read_answer(candidates) : NULL;

    candidates->watch = 0;
    candidates->pid = 0;
    close(candidates->out);
    if (told)
        answer(candidates, &candidates->asked, told);
    else if (candidates->asked->len > 0) /* else it was given up, and killed */
        give_up(candidates);
    set_due(candidates);
}

static void
begin(VsCandidates *candidates)
{
    char *argv[] = {candidates->program, (char *)choose(candidates), NULL};
    int64_t now = g_get_monotonic_time();

    candidates->hung = false;
    candidates->until = now + PATIENCE;
    candidates->next_at = now + PAUSE;
    if (!g_spawn_async_with_pipes("/", argv, NULL,
                                  G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDERR_TO_DEV_NULL, NULL,
                                  NULL, &candidates->pid, NULL, &candidates->out, NULL, NULL)) {
        give_up(candidates);
        return;
    }
    g_unix_set_fd_nonblocking(candidates->out, TRUE, NULL);
    candidates->watch = g_child_watch_add(candidates->pid, on_gone, candidates);
}

static void
move(VsCandidates *candidates)
{
    int64_t now = g_get_monotonic_time();

    if (candidates->pid > 0 && candidates->asked->len > 0 && now >= candidates->until) {
        kill(candidates->pid, SIGKILL);
        give_up(candidates);
    }
    if (candidates->hung && (candidates->pid > 0 || now < candidates->next_at))
        answer(candidates, &candidates->waiting, NULL);
    else if (candidates->pid == 0 && candidates->waiting->len > 0 && now >= candidates->next_at)
        begin(candidates);
    set_due(candidates);
}

static gboolean
on_timer(void *userdata)
{
    move(userdata);
    return G_SOURCE_CONTINUE;
}

VsCandidates *
vs_candidates_new(const char *program, VsCandidatesSink sink, void *userdata)
{
    VsCandidates *candidates = g_new0(VsCandidates, 1);

    candidates->program = program ? g_strdup(program) : find_program();
    candidates->sink = sink;
    candidates->userdata = userdata;
    candidates->waiting = g_ptr_array_new_with_free_func(domain_free);
    candidates->asked = g_ptr_array_new_with_free_func(domain_free);
    candidates->out = -1;
    candidates->timer = vs_timer_new(on_timer, candidates);
    g_source_attach(candidates->timer, NULL);
    return candidates;
}

void
vs_candidates_free(VsCandidates *candidates)
{
    if (candidates->watch > 0)
        g_source_remove(candidates->watch);
    if (candidates->pid > 0) {
        kill(candidates->pid, SIGKILL);
        close(candidates->out);
    }
    g_source_destroy(candidates->timer);
    g_source_unref(candidates->timer);
    g_ptr_array_unref(candidates->waiting);
    g_ptr_array_unref(candidates->asked);
    g_free(candidates->program);
    g_free(candidates);
}

void
vs_candidates_ask(VsCandidates *candidates, const VsAction *action)
{
    VsDomainId *domain = g_new0(VsDomainId, 1);

    vs_domain_id_copy(domain, &action->domain);
    g_ptr_array_add(candidates->waiting, domain);
    set_due(candidates);
}
