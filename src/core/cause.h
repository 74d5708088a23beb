/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/driver.h"
#include "core/qemu-log.h"
#include "core/record.h"
#include "core/run.h"

/* The classifier: what ended @run, by its facts and by @log, what the hypervisor's log says of this
 * run. Never more certain than the evidence, and than @driver allows. */
void vs_cause_judge(const VsRun *run, const VsDriver *driver, const VsQemuLog *log, VsVerdict *ret);
