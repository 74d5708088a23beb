/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/action.h"

/* Who is connected to libvirt, asked for by a program beside us, which may hang: the answers to
 * VS_ACTION_ASK_CANDIDATES. One answer serves all that wait for it. */

typedef struct VsCandidates VsCandidates;

typedef void (*VsCandidatesSink)(const VsEvent *event, void *userdata);

/* @program: NULL: virtstop-candidates, as it is installed, or stands beside us. */
VsCandidates *vs_candidates_new(const char *program, VsCandidatesSink sink, void *userdata);
void vs_candidates_free(VsCandidates *candidates);

/* Answered from the main loop, never from within this call. */
void vs_candidates_ask(VsCandidates *candidates, const VsAction *action);
