/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus/ops.h"
#include "virt/virt.h"

/* Who is told what a domain's XML says of its policy: the engine (VS_EVENT_LABELLED, to @tell), and
 * then whoever asked, so that what that one asks for next is done by it. */
typedef struct VsLabelling {
    VsVirtSink tell;
    void *userdata;
    VsBusLabelled answer;
    void *to;
} VsLabelling;

/* Reads, and writes, as vs_virt_read_labels() and vs_virt_write_labels() have it. */
void vs_labelling_read(VsVirt *virt, const VsDomainId *domain, bool first,
                       const VsLabelling *labelling);
void vs_labelling_write(VsVirt *virt, const VsDomainId *domain, char *const *changes, bool replace,
                        const VsLabelling *labelling);
