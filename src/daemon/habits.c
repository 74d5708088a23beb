/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/habits.h"

#include "record/history-query.h"
#include "util/span.h"
#include "work/clerk.h"

/* So many of the newest records of a guest are read: some tell nothing of it. */
#define MAX_RECORDS 16

/* A disk may hang; nobody waits for the answers then. */
#define FAREWELL (1 * VS_USEC_PER_SEC)

struct VsHabits {
    char *directory;
    VsThreads *threads;
    VsClerk *clerk;
    VsHabitSink sink;
    void *userdata;
};

/* What its thread needs is its own: where that hangs, it is left behind. */
typedef struct Question {
    VsHabits *habits; /* for the main thread */
    char *directory;
    VsDomainId domain;
    VsHabit habit;
} Question;

VsHabits *
vs_habits_new(const char *directory, VsHabitSink sink, void *userdata)
{
    VsHabits *habits = g_new0(VsHabits, 1);

    habits->directory = g_strdup(directory);
    habits->threads = vs_threads_new();
    habits->clerk = vs_clerk_new(habits->threads, "habits");
    habits->sink = sink;
    habits->userdata = userdata;
    return habits;
}

void
vs_habits_free(VsHabits *habits)
{
    vs_clerk_free(habits->clerk);
    vs_threads_close(habits->threads);
    vs_threads_wait(habits->threads, FAREWELL);
    vs_threads_unref(habits->threads);
    g_free(habits->directory);
    g_free(habits);
}

static void
read_records(void *data)
{
    Question *question = data;
    VsHistoryQuery query = {.domain = question->domain.uuid.text, .limit = MAX_RECORDS};
    g_autoptr(GPtrArray) lines = vs_history_query(question->directory, &query, NULL);

    for (unsigned i = lines ? lines->len : 0; i > 0; i--) {
        g_autoptr(json_object) record = vs_json_parse_object(lines->pdata[i - 1], NULL);

        if (record && g_str_equal(vs_json_string(record, "uri", ""), question->domain.uri))
            vs_habit_take(&question->habit, record);
    }
}

static void
answer(void *data)
{
    const Question *question = data;
    VsEvent event = {.type = VS_EVENT_HABIT, .domain = &question->domain, .habit = question->habit};

    question->habits->sink(&event, question->habits->userdata);
}

static void
question_free(void *data)
{
    Question *question = data;

    vs_domain_id_clear(&question->domain);
    g_free(question->directory);
    g_free(question);
}

void
vs_habits_ask(VsHabits *habits, const VsAction *action)
{
    Question *question = g_new0(Question, 1);

    question->habits = habits;
    question->directory = g_strdup(habits->directory);
    vs_domain_id_copy(&question->domain, &action->domain);
    vs_clerk_give(habits->clerk, read_records, answer, question, question_free);
}
