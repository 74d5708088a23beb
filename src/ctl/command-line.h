/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ctl/verb-table.h"

/* What was typed: the verb, its options, and what it is about. */
typedef struct VsCommandLine {
    const VsVerb *verb;
    bool named; /* the verb was; else it is the one that is meant where none is */
    int n_args;
    char **args; /* what stands behind the verb; in argv, whose order is changed */
} VsCommandLine;

/* The verb of that name, NULL: the one where nobody says what. The error says which there are. */
const VsVerb *vs_command_line_verb(const char *word, GError **error);

/* Reads the options of @argv, wherever they stand, into @ctl. The error names the word and what is
 * allowed. */
bool vs_command_line_parse(VsCtl *ctl, int argc, char **argv, VsCommandLine *ret, GError **error);
