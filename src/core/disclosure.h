/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "util/json.h"

/* What of a line of the history is told to whom. That a guest stopped, how, and how it went
 * everybody on the host may know; who had asked for it, why, and by which command, only who may see
 * that of others. */

/* Why something is left out. */
typedef enum VsWithholding {
    VS_WITHHOLDING_NONE,      /* nothing is */
    VS_WITHHOLDING_NOT_ASKED, /* everybody hears it, or no more was wanted */
    VS_WITHHOLDING_DENIED,    /* polkit says no */
    VS_WITHHOLDING_PASSWORD,  /* it wants a password, and nobody was asked for one */
    VS_WITHHOLDING_NO_POLKIT,
    VS_WITHHOLDING_NO_ANSWER, /* polkit doesn't answer */
    VS_WITHHOLDING_FAILED,    /* polkit fails */
    VS_N_WITHHOLDINGS
} VsWithholding;

#define VS_READER_NOBODY INT64_C(-1)

typedef struct VsReader {
    VsWithholding withholding;
    int64_t uid; /* whose own requests are told all the same; VS_READER_NOBODY: nobody's */
} VsReader;

/* Of what goes to everybody. */
extern const VsReader vs_reader_everybody;

/* The words that a line has for them: in "withheld", whose "keys" name what was left out, and whose
 * "because" is one of these. NULL: VS_WITHHOLDING_NONE. */
const char *vs_withholding_name(VsWithholding withholding);
bool vs_withholding_parse(const char *name, VsWithholding *ret);

/* @line as it is for @reader. Whatever isn't known to be harmless is left out, and what is left out
 * is named. The caller owns it; NULL where @line is no JSON, and something is withheld. */
char *vs_disclosure_line(const char *line, const VsReader *reader);

/* Why something of @record was left out; VS_WITHHOLDING_NONE: nothing was. */
VsWithholding vs_disclosure_withheld(json_object *record);
