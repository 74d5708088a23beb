/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/domain.h"
#include "core/event.h"
#include "util/json.h"

/* What the end of a run came about in, and its cause doesn't say: facts of an attempt, which change
 * nothing of the judgement. */

typedef struct VsCircumstances {
    bool hibernated;      /* it suspended itself to disk */
    bool postcopy_failed; /* its migration, when a part of its memory was elsewhere already */

    /* A disk's error paused it: the first of those that came one soon after the other, as somebody
     * let it run and the disk was no better. */
    int64_t io_since;      /* realtime µs; 0: none did */
    int64_t io_since_mono; /* monotonic µs: the same */
    int64_t io_over;       /* monotonic µs: it was let run; 0: it is paused still */
    char *io_reason;       /* QEMU's words for the error, or NULL */
} VsCircumstances;

void vs_circumstances_clear(VsCircumstances *circumstances);

/* libvirt told a step in the guest's life: a VsLifecycle, and its detail. Times: µs. */
void vs_circumstances_lifecycle(VsCircumstances *circumstances, int type, int detail, int64_t real,
                                int64_t mono);

/* QEMU told that it wrote to disk what it is, and is about to power off. */
void vs_circumstances_hibernates(VsCircumstances *circumstances);

/* QEMU told of an error of a disk's for which it pauses the guest. @reason: its words, or NULL. */
void vs_circumstances_io_error(VsCircumstances *circumstances, const char *reason, int64_t real,
                               int64_t mono);

/* It was let run. */
void vs_circumstances_resumed(VsCircumstances *circumstances, int64_t mono);

/* libvirt has it, in that state, for that reason of libvirt's. */
void vs_circumstances_found(VsCircumstances *circumstances, VsDomainState state, int reason,
                            int64_t real, int64_t mono);

/* The keys of a record that say all this of a run that ended then; NULL: there is nothing to say.
 * The caller owns the result. */
json_object *vs_circumstances_tell(const VsCircumstances *circumstances, int64_t ended_mono);

/* As the run state keeps it; NULL: nothing. The caller owns the result. */
json_object *vs_circumstances_to_json(const VsCircumstances *circumstances);
void vs_circumstances_from_json(VsCircumstances *circumstances, json_object *object);
