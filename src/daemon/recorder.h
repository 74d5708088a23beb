/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "conf/conf.h"
#include "engine/action.h"

/* Carries out what is to be written down: the records, and what must survive the daemon. A record
 * that can't be written is said, kept, and tried again until it can; what is known of its run is
 * kept as long. */

typedef struct VsRecorder VsRecorder;

VsRecorder *vs_recorder_open(const VsConf *conf, GError **error);
void vs_recorder_free(VsRecorder *recorder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VsRecorder, vs_recorder_free)

/* Takes an event to the engine. */
typedef bool (*VsRecorderTakeOver)(const VsEvent *event, GError **error, void *userdata);

/* Calls @take_over for everything that a daemon before us left behind, the host stops last. What
 * it refuses is said, and set aside. */
void vs_recorder_take_over(VsRecorder *recorder, VsRecorderTakeOver take_over, void *userdata);

/* VS_ACTION_SAVE, VS_ACTION_FORGET. */
void vs_recorder_save(VsRecorder *recorder, const VsAction *action);
void vs_recorder_forget(VsRecorder *recorder, const VsAction *action);

/* VS_ACTION_RECORD: to the history and to journald. The record's line, which the caller owns. */
char *vs_recorder_record(VsRecorder *recorder, const VsAction *action);

/* VS_ACTION_KEEP_HOST_STOPS: @text NULL forgets. What can't be written is said. */
void vs_recorder_keep_host_stops(VsRecorder *recorder, const char *text);
