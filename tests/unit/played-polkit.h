/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus-fixture.h"

/* A polkit on the fixture's bus, that answers when a test has it answer. */

typedef struct PlayedPolkit {
    sd_bus *bus;
    GSource *source;
    GPtrArray *questions; /* of sd_bus_message: not answered yet, the oldest first */
    unsigned n_asked;     /* so many came */
    GString *cancelled;   /* "ID " of each that was called off */
} PlayedPolkit;

typedef enum PlayedAnswer {
    PLAYED_NO,
    PLAYED_YES,
    PLAYED_CHALLENGE,
    PLAYED_ERROR,
} PlayedAnswer;

/* A service and root's client, with a @polkit (NULL: none is there), for whom the service waits for
 * @span (µs). False, and the test is skipped, where this isn't root, who can become somebody else.
 */
bool played_polkit_set_up(BusFixture *fixture, PlayedPolkit *polkit, int64_t span);
void played_polkit_tear_down(BusFixture *fixture, PlayedPolkit *polkit);

void played_polkit_start(BusFixture *fixture, PlayedPolkit *polkit);
void played_polkit_end(PlayedPolkit *polkit);

/* Waits for the @n-th question (from 1 on). "ACTION CALLER FLAGS CANCELLATION-ID KEY=VALUE ..." of
 * the one that came last, which the caller frees; polkit's own keys aren't told. */
char *played_polkit_await(BusFixture *fixture, PlayedPolkit *polkit, unsigned n);

/* Answers the oldest one. */
void played_polkit_answer(PlayedPolkit *polkit, PlayedAnswer answer);
