/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "ctl/ctl.h"
#include "util/json.h"
#include "words/summary.h"

/* What is to be said of a host stop as a whole, by the records of its guests. What is borrowed
 * lives as long as those. */
typedef struct VsHostStopHead {
    const char *id;     /* NULL: an older virtstopd wrote none */
    const char *kind;   /* as a record has it; NULL: not known */
    json_object *part;  /* whom it was about, as a record has it; NULL: all */
    const char *reason; /* NULL: none, or the guests were not all asked for the same */
    json_object *by;    /* NULL: not known */
    bool is_hidden;     /* who asked, and why, isn't told here */
    int64_t asked;      /* realtime µs */
    VsSummary summary;
} VsHostStopHead;

/* @records: of json_object, at least one. */
void vs_host_stop_head_read(VsHostStopHead *ret, const GPtrArray *records);

/* "Poweroff of the host", "Stop of all guests by hand". */
const char *vs_host_stop_head_kind(const VsHostStopHead *head);

/* Fields, one a line. @ctl: as whose client. The caller owns it. */
char *vs_host_stop_head_tell(const VsHostStopHead *head, const VsCtl *ctl);
