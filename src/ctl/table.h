/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "ctl/terminal.h"

/* A table of text for people: a head, rows, columns as wide as what is in them. Where all of them
 * together are wider than the terminal those that may be are cut down, then what has a brief form
 * is shown so, then columns are left out. */

typedef struct VsTable VsTable;

typedef struct VsColumn {
    const char *title; /* N_() */
    bool right;        /* numbers: aligned to the right */
    size_t least;      /* how far it may be cut down, but not into its title; 0: never */
    unsigned worth; /* where there is no room for all, those of the least worth are left out first,
                       and of these the last; half of it where nothing stands in it */
} VsColumn;

/* @columns must outlive it. */
VsTable *vs_table_new(const VsColumn *columns, unsigned n_columns);
void vs_table_free(VsTable *table);

/* Adds the next cell, row by row. @text is data, made printable here; NULL or "" shows "-". */
void vs_table_add(VsTable *table, const char *text, VsColour colour);

/* The same, with what is to stand there where all columns together are too wide: @brief, which is
 * rather shown than that a column is left out. */
void vs_table_add_brief(VsTable *table, const char *text, const char *brief, VsColour colour);

/* The whole table within @width columns (0: as wide as it likes). The caller owns it. */
char *vs_table_format(const VsTable *table, size_t width, bool head);

/* Its last row alone, in columns as the whole table has them. */
char *vs_table_format_last(const VsTable *table, size_t width);

/* Forgets all rows but the last @n. */
void vs_table_keep_last(VsTable *table, unsigned n);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(VsTable, vs_table_free)
