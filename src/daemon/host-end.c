/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/host-end.h"

#include "record/boot-journal.h"
#include "record/boot.h"
#include "util/span.h"
#include "work/clerk.h"

/* How long the end of the daemon waits for an answer that nobody wants any more. */
#define FAREWELL (VS_USEC_PER_SEC / 5)

struct VsHostEnds {
    VsThreads *threads;
    VsClerk *clerk;
    VsHostEndsSink sink;
    void *userdata;
};

typedef struct Question {
    VsHostEnds *ends;
    char *boot_id;
    char **runs; /* ids */
    VsHostEnd end;
    GHashTable *records;
} Question;

static void
question_free(void *data)
{
    Question *question = data;

    g_free(question->boot_id);
    g_strfreev(question->runs);
    g_hash_table_unref(question->records);
    g_free(question);
}

static void
answer(void *data)
{
    Question *question = data;

    vs_boot_journal_read(question->boot_id, &question->end);
    vs_boot_journal_find_records(question->runs, question->records);
    if (question->end.back == 0)
        question->end.back = vs_boot_began();
}

static void
tell(void *data)
{
    const Question *question = data;
    VsEvent event = {.type = VS_EVENT_BOOT_ENDED};

    event.boot_ended.id = question->boot_id;
    event.boot_ended.end = question->end;
    event.boot_ended.records = question->records;
    question->ends->sink(&event, question->ends->userdata);
}

VsHostEnds *
vs_host_ends_new(VsHostEndsSink sink, void *userdata)
{
    VsHostEnds *ends = g_new0(VsHostEnds, 1);

    ends->sink = sink;
    ends->userdata = userdata;
    ends->threads = vs_threads_new();
    ends->clerk = vs_clerk_new(ends->threads, "host-ends");
    return ends;
}

void
vs_host_ends_free(VsHostEnds *ends)
{
    vs_clerk_free(ends->clerk);
    vs_threads_close(ends->threads);
    vs_threads_wait(ends->threads, FAREWELL);
    vs_threads_unref(ends->threads);
    g_free(ends);
}

void
vs_host_ends_ask(VsHostEnds *ends, const VsAction *action)
{
    Question *question = g_new0(Question, 1);

    question->ends = ends;
    question->boot_id = g_strdup(action->text);
    question->runs = g_strdupv(action->ids);
    question->records = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    vs_clerk_give(ends->clerk, answer, tell, question, question_free);
}
