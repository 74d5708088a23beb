/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "work/threads.h"

/* Writes one thing after the other on a thread of its own, which may hang: a disk, journald. What
 * couldn't be written is kept, and tried again. All calls are the main thread's. */

typedef struct VsWriter VsWriter;

/* What a try came to. */
typedef enum VsWritten {
    VS_WRITTEN,
    VS_WRITTEN_NOT_YET, /* it is tried again */
    VS_WRITTEN_NEVER,   /* it isn't */
} VsWritten;

/* Stays as long as a thread may: static. */
typedef struct VsWriterOps {
    /* On the thread. @error is set where it isn't written. */
    VsWritten (*write)(void *thing, GError **error);
    /* On the main thread, of each try; or NULL. @error: as above. */
    void (*told)(void *thing, VsWritten written, const GError *error, void *userdata);
    GDestroyNotify free_thing;
} VsWriterOps;

VsWriter *vs_writer_new(VsThreads *threads, const char *name, const VsWriterOps *ops,
                        void *userdata);

/* What was given before waits for this. */
void vs_writer_begin(VsWriter *writer);

/* What is under way goes on by itself, the rest is dropped; nothing is told. */
void vs_writer_free(VsWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VsWriter, vs_writer_free)

/* Has @thing written, behind all that was given before; the writer owns it. With a @key it takes
 * the place of what waits under the same, and where it fails it holds up nobody; without one no
 * other without is written before it that was given later. */
void vs_writer_give(VsWriter *writer, const char *key, void *thing);

/* How many things are not written yet, what is under way among them. */
unsigned vs_writer_n_left(const VsWriter *writer);

/* Calls @visit with each of them, the oldest first. */
void vs_writer_visit(VsWriter *writer, void (*visit)(void *thing, void *userdata), void *userdata);

/* Why there are any, in a sentence; NULL: nothing is wrong, they are being written. The caller owns
 * it. */
char *vs_writer_trouble(const VsWriter *writer);

/* Writes all that is left, for at most @timeout µs; what can't be isn't tried again, and nothing is
 * told of it. Whether all is written, or given up, then. Nothing may be given any more. */
bool vs_writer_finish(VsWriter *writer, int64_t timeout);
