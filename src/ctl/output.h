/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ctl/ctl.h"
#include "util/json.h"

/* Pipes standard output into $PAGER, or less, where it is a terminal and nobody forbids it. */
void vs_output_open_pager(const VsCtl *ctl);

/* Waits for the pager, and checks that all was written: false, and said, where it was not. */
bool vs_output_close(void);

/* A text as it is, and one JSON object in @ctl's mode and a newline. Raw bytes: neither is
 * converted. */
void vs_output_text(const char *text);

/* What is no text for people, but a file: as it is. */
void vs_output_bytes(const char *bytes);
void vs_output_printf(const char *format, ...) G_GNUC_PRINTF(1, 2);
void vs_output_json(const VsCtl *ctl, json_object *object);
