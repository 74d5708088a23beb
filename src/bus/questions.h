/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus/service.h"
#include "core/disclosure.h"
#include "core/record-query.h"

/* Questions that cost more than a look: they are answered on threads beside the main one, from a
 * copy of what is known. Those of the trusted have a thread of their own, so that none of them
 * waits for anybody else's; those of all others take turns, user by user. How many wait is bounded:
 * what is beyond is refused. The next call of the same connection waits for the answer. */

typedef struct VsBusQuestion VsBusQuestion;

typedef struct VsBusQuestionKind {
    bool guests;                          /* whether it is about the guests */
    void (*run)(VsBusQuestion *question); /* on the thread */
    /* On the main thread; a negative errno where that fails. */
    int (*reply)(VsBus *bus, sd_bus_message *message, const VsBusQuestion *question);
    size_t (*size)(const void *found); /* about what one that was found takes in it, bytes */
} VsBusQuestionKind;

struct VsBusQuestion {
    const VsBusQuestionKind *kind;
    VsBusOps ops;
    void *view;
    gint dropped;     /* set atomically: nobody waits for it any more */
    GPtrArray *texts; /* that are part of it */

    /* What is asked. */
    VsRecordQuery query;
    VsReader reader; /* who */
    size_t max_size; /* of the answer */
    int64_t budget;
    VsPart *part; /* of a plan; NULL: of all */

    /* The answer. */
    GPtrArray *found; /* records or findings */
    char *text;       /* a mark or a plan */
    GError *error;    /* instead of all that */

    void *waiting; /* who waits for it: the main thread's */
};

VsBusQuestion *vs_bus_question_new(VsBus *bus, const VsBusQuestionKind *kind);

/* One that needn't be asked. */
void vs_bus_question_free(VsBusQuestion *question);

/* A copy of @text (or NULL) that lives as long as @question. */
const char *vs_bus_question_keep(VsBusQuestion *question, const char *text);

/* Has it answered; takes it over. Returns as a method's handler does. */
int vs_bus_ask(VsBus *bus, sd_bus_message *message, VsBusQuestion *question);

void vs_bus_questions_init(VsBus *bus);
void vs_bus_questions_clear(VsBus *bus);

/* Nobody waits for any of them any more: the connection goes. */
void vs_bus_questions_drop(VsBus *bus);
