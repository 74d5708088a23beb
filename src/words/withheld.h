/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/client.h"
#include "client/exit.h"
#include "core/disclosure.h"

/* Notes in @all that something of @record is left out, where it is more than a signal leaves out.
 */
void vs_withheld_note(VsWithholding *all, json_object *record);

/* All that we may see of a record that a signal told. Where that is no more, it is noted in
 * @withholding and said, and not asked for again. The caller owns it. */
json_object *vs_withheld_read(VsClient *client, json_object *open_record,
                              VsWithholding *withholding);

/* Says what is left out of what was printed, and why; and which exit status that means. */
VsExit vs_withheld_complain(VsWithholding withholding);
