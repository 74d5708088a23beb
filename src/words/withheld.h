/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/exit.h"
#include "core/disclosure.h"

/* Notes in @all that something of @record is left out, where it is more than a signal leaves out.
 */
void vs_withheld_note(VsWithholding *all, json_object *record);

/* Says what is left out of what was printed, and why; and which exit status that means. */
VsExit vs_withheld_complain(VsWithholding withholding);
