/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "conf/conf.h"
#include "daemon/left.h"
#include "engine/action.h"

/* Has written down what is to be: the records, and what must survive the daemon. Nothing here waits
 * for a disk or for journald. What can't be written is said, kept, and tried again until it can; a
 * record that can never be, gets a file of its own. */

typedef struct VsRecorder VsRecorder;

/* VS_EVENT_WRITTEN, VS_EVENT_RECORDED, VS_EVENT_NOTED. */
typedef void (*VsRecorderSink)(const VsEvent *event, void *userdata);

VsRecorder *vs_recorder_open(const VsConf *conf, VsRecorderSink sink, void *userdata,
                             GError **error);

/* Writes what is left, for a few seconds at most. */
void vs_recorder_free(VsRecorder *recorder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VsRecorder, vs_recorder_free)

/* As vs_left_take_over(); what is to be written meanwhile waits for its end. */
void vs_recorder_take_over(VsRecorder *recorder, VsLeftTakeOver take_over, void *userdata);

/* VS_ACTION_SAVE, VS_ACTION_FORGET. Of several about one guest the last one counts. */
void vs_recorder_save(VsRecorder *recorder, const VsAction *action);
void vs_recorder_forget(VsRecorder *recorder, const VsAction *action);

/* VS_ACTION_RECORD: to the history and to journald. The record's line, which the caller owns. */
char *vs_recorder_record(VsRecorder *recorder, const VsAction *action);

/* VS_ACTION_RECOVER: to the history alone. */
void vs_recorder_recover(VsRecorder *recorder, const VsAction *action);

/* VS_ACTION_LOG_REQUEST: to requests.jsonl and to journald. Nobody waits for that. */
void vs_recorder_log_request(VsRecorder *recorder, const VsAction *action);

/* VS_ACTION_KEEP_HOST_STOPS. */
void vs_recorder_keep_host_stops(VsRecorder *recorder, const VsAction *action);

/* VS_ACTION_KEEP_NOTED. */
void vs_recorder_keep_noted(VsRecorder *recorder, const VsAction *action);

/* Whether all that is to be kept for a restart is on disk. */
bool vs_recorder_has_kept_all(const VsRecorder *recorder);

/* Calls @tell for each kind of thing ("records", "run-states", "journal") that isn't written though
 * it should be, with how many there are, and why. Stops where that gives less than 0; what it gave
 * last. */
int vs_recorder_unwritten(VsRecorder *recorder,
                          int (*tell)(const char *what, unsigned n, const char *why, void *to),
                          void *to);
