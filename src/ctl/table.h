/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "ctl/terminal.h"

/* A table of text for people: a head, rows, columns as wide as what is in them, cut down where all
 * of them together are wider than the terminal. */

typedef struct VsTable VsTable;

typedef struct VsColumn {
    const char *title; /* N_() */
    bool right;        /* numbers: aligned to the right */
    size_t least;      /* how far it may be cut down; 0: never cut */
} VsColumn;

/* @columns must outlive it. */
VsTable *vs_table_new(const VsColumn *columns, unsigned n_columns);
void vs_table_free(VsTable *table);

/* Adds the next cell, row by row. @text is data, made printable here; NULL or "" shows "-". */
void vs_table_add(VsTable *table, const char *text, VsColour colour);

/* The whole table within @width columns (0: as wide as it likes). The caller owns it. */
char *vs_table_format(const VsTable *table, size_t width, bool head);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(VsTable, vs_table_free)
