/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "virt/sink.h"
#include "work/threads.h"

/* What one libvirt connection tells: its events and its end, from any thread; kept until somebody
 * listens, and handed over on the main thread. */

typedef struct VsInbox VsInbox;

typedef void (*VsHungUp)(const char *why, void *userdata);

VsInbox *vs_inbox_new(VsThreads *threads, const char *uri);
VsInbox *vs_inbox_ref(VsInbox *inbox);
void vs_inbox_unref(void *inbox); /* of a type that libvirt takes */

const char *vs_inbox_uri(const VsInbox *inbox);

/* From any thread: @event is copied where it has to wait. */
void vs_inbox_tell(VsInbox *inbox, const VsEvent *event);

/* From any thread: the connection broke. */
void vs_inbox_tell_broken(VsInbox *inbox, const char *why);

/* On the main thread: @heard is called with what was kept and with all that will come, @hung_up
 * once, when the connection breaks (never from within this call). */
void vs_inbox_listen(VsInbox *inbox, VsVirtSink heard, VsHungUp hung_up, void *userdata);

/* On the main thread: nothing more is handed over. */
void vs_inbox_close(VsInbox *inbox);
