/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/stop-wait.h"

/* Stops that are waited for, in words. The caller owns the results. */

/* What was told of them, so that each result and each step is told once. */
typedef struct VsTold VsTold;

VsTold *vs_told_new(void);
void vs_told_free(VsTold *told);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VsTold, vs_told_free)

/* What its domain is called, printable. */
char *vs_waited_name(const VsWaited *waited);

/* What the last step that is over came to; NULL: none is. */
char *vs_waited_taken(const VsWaited *waited);

/* What is new since @told, in lines that begin with its name; "" where nothing is. */
char *vs_waited_news(const VsWaited *waited, VsTold *told);

/* How it came out, which has to be known: "off after 12s, clean (it obeyed the guest agent)". */
char *vs_waited_end(const VsWaited *waited);
