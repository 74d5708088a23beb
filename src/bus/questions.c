/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/questions.h"

#include <string.h>

#include "bus/allowance.h"
#include "bus/errors.h"
#include "bus/gate.h"
#include "util/span.h"
#include "work/clerk.h"

/* So many questions of a user wait or are being answered; and of all who aren't trusted. */
#define MAX_OF_USER 8
#define MAX_OF_ALL  128

/* The longest of those, bytes: each is kept until it is answered, with copies of its texts. */
#define MAX_SIZE ((size_t)16 * 1024)

/* An answer that is sent to whoever it is for, bytes. */
#define SHORT ((size_t)16 * 1024)

/* How long the end of the daemon waits for an answer that nobody wants any more. */
#define FAREWELL (VS_USEC_PER_SEC / 5)

typedef struct Lane Lane;

/* Who waits for a question's answer. */
typedef struct Waiting {
    VsBus *bus;
    Lane *lane;
    VsBusQuestion *question;
    sd_bus_message *message; /* NULL: nobody does any more; */
    VsBusCaller *caller;     /* ... and it is nobody's */
} Waiting;

struct Lane {
    VsBus *bus;
    VsClerk *clerk;
    GQueue waiting;   /* of Waiting */
    Waiting *running; /* the one that is being answered; NULL: none is */
    int64_t turn;     /* counts the questions that were begun */
    guint retry;      /* the GLib source that begins the next one; 0: none */
};

struct VsBusQuestions {
    VsThreads *threads;
    Lane trusted, others;
};

VsBusQuestion *
vs_bus_question_new(VsBus *bus, const VsBusQuestionKind *kind)
{
    VsBusQuestion *question = g_new0(VsBusQuestion, 1);

    question->kind = kind;
    question->ops = bus->ops;
    question->texts = g_ptr_array_new_with_free_func(g_free);
    return question;
}

const char *
vs_bus_question_keep(VsBusQuestion *question, const char *text)
{
    char *copy = g_strdup(text);

    g_ptr_array_add(question->texts, copy);
    return copy;
}

void
vs_bus_question_free(VsBusQuestion *question)
{
    if (question->view)
        question->ops.view_free(question->view);
    g_ptr_array_unref(question->texts);
    g_clear_pointer(&question->found, g_ptr_array_unref);
    g_free(question->text);
    vs_part_unref(question->part);
    g_clear_error(&question->error);
    g_free(question);
}

static void
free_question(void *data)
{
    vs_bus_question_free(data);
}

static void
run(void *data)
{
    VsBusQuestion *question = data;

    if (!g_atomic_int_get(&question->dropped))
        question->kind->run(question);
}

/* --- who waits --- */

static Lane *
lane_of(VsBus *bus, const VsBusUser *user)
{
    return user->trusted ? &bus->questions->trusted : &bus->questions->others;
}

/* Nobody waits for it any more. */
static void
let_go(Waiting *waiting)
{
    VsBusCaller *caller = waiting->caller;

    waiting->message = sd_bus_message_unref(waiting->message);
    waiting->caller = NULL;
    if (!caller)
        return;
    caller->user->n_asked--;
    if (--caller->n_asked == 0)
        caller->watch = sd_bus_slot_unref(caller->watch);
}

static void
waiting_free(Waiting *waiting)
{
    let_go(waiting);
    g_free(waiting);
}

static void
drop_waiting(Waiting *waiting)
{
    vs_bus_question_free(waiting->question);
    waiting_free(waiting);
}

/* Those of @caller, or of all: what waits is forgotten, what is being answered is left. */
static void
drop(Lane *lane, const VsBusCaller *caller)
{
    GList *item = lane->waiting.head;

    while (item) {
        Waiting *waiting = item->data;
        GList *next = item->next;

        if (!caller || waiting->caller == caller) {
            g_queue_delete_link(&lane->waiting, item);
            drop_waiting(waiting);
        }
        item = next;
    }
}

/* --- one after the other --- */

/* What the answer takes, about. */
static size_t
size_of(const VsBusQuestion *question)
{
    size_t size = question->text ? strlen(question->text) : 0;

    for (unsigned i = 0; question->found && i < question->found->len; i++)
        size += question->kind->size(question->found->pdata[i]);
    return size;
}

/* Others' answers wait behind a long one. */
static bool
is_too_long(const Waiting *waiting)
{
    return vs_bus_allowance_is_loud(waiting->caller->user) && size_of(waiting->question) > SHORT;
}

static void
reply(const Waiting *waiting)
{
    const VsBusQuestion *question = waiting->question;
    int64_t since = g_get_monotonic_time();
    int r;

    if (is_too_long(waiting))
        r = vs_bus_gate_refuse(waiting->bus, waiting->caller->user, waiting->message);
    else if (question->error)
        r = vs_bus_error_reply(waiting->message, question->error);
    else
        r = question->kind->reply(waiting->bus, waiting->message, question);
    if (r < 0)
        sd_bus_reply_method_errno(waiting->message, r, NULL);
    vs_bus_allowance_charge(waiting->bus, waiting->caller->user, since, size_of(question));
}

/* Of the user who has waited longest for a turn. */
static GList *
whose_turn(const Lane *lane)
{
    GList *found = lane->waiting.head;

    for (GList *item = found; item; item = item->next) {
        const Waiting *waiting = item->data, *first = found->data;

        if (waiting->caller->user->served < first->caller->user->served)
            found = item;
    }
    return found;
}

static void on_done(void *data);

static void
begin(VsBus *bus, Lane *lane, GList *item)
{
    int64_t since = g_get_monotonic_time();
    VsBusQuestion *question;

    lane->running = item->data;
    g_queue_delete_link(&lane->waiting, item);
    question = lane->running->question;
    question->view = bus->ops.view(question->kind->guests, bus->userdata);
    lane->running->caller->user->served = ++lane->turn;
    vs_bus_allowance_charge(bus, lane->running->caller->user, since, 0);
    vs_clerk_give(lane->clerk, run, on_done, question, free_question);
}

static gboolean
start_next(gpointer data)
{
    Lane *lane = data;
    GList *item = lane->running ? NULL : whose_turn(lane);

    lane->retry = 0;
    if (!item)
        return G_SOURCE_REMOVE;
    if (lane == &lane->bus->questions->others && !vs_bus_allowance_is_drained(lane->bus))
        lane->retry = g_timeout_add(VS_BUS_ALLOWANCE_PAUSE / 1000, start_next, lane);
    else
        begin(lane->bus, lane, item);
    return G_SOURCE_REMOVE;
}

static void
go_on(Lane *lane)
{
    if (lane->retry == 0)
        start_next(lane);
}

static void
on_done(void *data)
{
    VsBusQuestion *question = data;
    Waiting *waiting = question->waiting;
    VsBus *bus = waiting->bus;
    Lane *lane = waiting->lane;

    if (waiting->message)
        reply(waiting);
    lane->running = NULL;
    waiting_free(waiting);
    go_on(lane);
    vs_bus_gate_pump(bus);
}

/* --- who goes away --- */

static int
on_owner_changed(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    VsBusCaller *caller = userdata;
    VsBus *bus = vs_bus_callers_userdata(caller->callers);
    Lane *lane = lane_of(bus, caller->user);
    const char *owner;

    if (!vs_bus_is_from_bus(message) ||
        sd_bus_message_read(message, "sss", NULL, NULL, &owner) < 0 || *owner != '\0')
        return 0;
    vs_bus_gate_forget(bus, caller);
    drop(lane, caller);
    if (lane->running && lane->running->caller == caller) {
        g_atomic_int_set(&lane->running->question->dropped, true);
        let_go(lane->running);
    }
    return 0;
}

/* Where the bus takes no more matches, a caller's going isn't noticed: its questions are answered.
 */
static int
on_watched(sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    return 0;
}

static void
watch(VsBus *bus, VsBusCaller *caller)
{
    g_autofree char *match = g_strdup_printf("type='signal',sender='org.freedesktop.DBus',"
                                             "interface='org.freedesktop.DBus',"
                                             "member='NameOwnerChanged',arg0='%s'",
                                             caller->name);

    if (!caller->watch)
        sd_bus_add_match_async(bus->own, &caller->watch, match, on_owner_changed, on_watched,
                               caller);
}

static bool
has_room(const Lane *lane, const VsBusUser *user, sd_bus_message *message)
{
    return user->trusted || (user->n_asked < MAX_OF_USER && lane->waiting.length < MAX_OF_ALL &&
                             vs_bus_message_size(message, MAX_SIZE) <= MAX_SIZE);
}

int
vs_bus_ask(VsBus *bus, sd_bus_message *message, VsBusQuestion *question)
{
    VsBusCaller *caller = vs_bus_gate_caller(bus, message);
    Lane *lane = caller ? lane_of(bus, caller->user) : NULL;
    Waiting *waiting;

    if (!lane || !has_room(lane, caller->user, message)) {
        vs_bus_question_free(question);
        return vs_bus_gate_refuse(bus, caller ? caller->user : NULL, message);
    }
    waiting = g_new(Waiting, 1);
    *waiting = (Waiting){.bus = bus,
                         .lane = lane,
                         .question = question,
                         .message = sd_bus_message_ref(message),
                         .caller = caller};
    question->waiting = waiting;
    caller->n_asked++;
    caller->user->n_asked++;
    watch(bus, caller);
    g_queue_push_tail(&lane->waiting, waiting);
    go_on(lane);
    return 1;
}

void
vs_bus_questions_init(VsBus *bus)
{
    VsBusQuestions *questions = g_new0(VsBusQuestions, 1);

    bus->questions = questions;
    questions->threads = vs_threads_new();
    questions->trusted.bus = questions->others.bus = bus;
    questions->trusted.clerk = vs_clerk_new(questions->threads, "answers");
    questions->others.clerk = vs_clerk_new(questions->threads, "others' answers");
}

static void
drop_all(Lane *lane)
{
    drop(lane, NULL);
    if (!lane->running)
        return;
    g_atomic_int_set(&lane->running->question->dropped, true);
    let_go(lane->running);
}

void
vs_bus_questions_drop(VsBus *bus)
{
    drop_all(&bus->questions->trusted);
    drop_all(&bus->questions->others);
}

static void
clear_lane(Lane *lane)
{
    drop_all(lane);
    if (lane->retry > 0)
        g_source_remove(lane->retry);
    vs_clerk_free(lane->clerk);
    if (lane->running)
        waiting_free(lane->running); /* nothing is told of it any more */
}

void
vs_bus_questions_clear(VsBus *bus)
{
    VsBusQuestions *questions = g_steal_pointer(&bus->questions);

    clear_lane(&questions->trusted);
    clear_lane(&questions->others);
    vs_threads_close(questions->threads);
    vs_threads_wait(questions->threads, FAREWELL);
    vs_threads_unref(questions->threads);
    g_free(questions);
}
