/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/store.h"

/* What is noted of the guests that run, as its file has it. */

/* For GLib's containers: a VsNotedRun, a VsPastBoot. */
void vs_noted_run_free(void *run);
void vs_past_boot_free(void *boot);

/* There may be thousands, each time one of them starts: so each has its own text at hand, which is
 * made anew when it changes. */
void vs_noted_run_write(VsNotedRun *run);

/* All; NULL: there is nothing to be noted. The boot and the machine that it is of are added by
 * whoever writes it. The caller owns the result. */
char *vs_noted_to_text(const VsEngine *engine);

/* Adds the boots that @text tells of, a VsPastBoot each, to @boots: those before first, and that in
 * which it was written last. Runs whose id isn't in the set @unrecorded are left out; NULL: none
 * is. False with @error where it can't be read. */
bool vs_noted_from_text(GPtrArray *boots, const char *text, GHashTable *unrecorded, GError **error);
