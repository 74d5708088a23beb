/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus/ops.h"
#include "virt/virt.h"

/* Reads or writes what a domain's XML says of its policy (@changes NULL: reads), has the engine
 * told of it (VS_EVENT_LABELLED, to @tell), and then whoever asked: so what that one asks for next
 * is done by it. */
void vs_labelling_ask(VsVirt *virt, const VsDomainId *domain, char *const *changes, bool replace,
                      VsVirtSink tell, void *userdata, VsBusLabelled answer, void *to);
