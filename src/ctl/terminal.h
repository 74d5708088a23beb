/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* What standard output is, as it was when first asked; a pager that comes later changes nothing. */

typedef enum VsColour {
    VS_COLOUR_NONE,
    VS_COLOUR_BOLD,
    VS_COLOUR_DIM,
    VS_COLOUR_GREEN,
    VS_COLOUR_YELLOW,
    VS_COLOUR_RED,
} VsColour;

bool vs_terminal_is(void);

/* Its columns as they are now; 0, no bound, where it is no terminal. $COLUMNS overrides. */
size_t vs_terminal_columns(void);

/* Its lines as they are now; 0 where it is no terminal. */
size_t vs_terminal_lines(void);

/* Whether colours are wanted: a terminal, and neither NO_COLOR nor TERM=dumb. */
bool vs_terminal_has_colours(void);

/* Whether lines can be drawn again: any terminal but a dumb one. */
bool vs_terminal_has_cursor(void);

/* The sequences that begin @colour and that end any; "" where colours are not wanted. */
const char *vs_terminal_colour(VsColour colour);
const char *vs_terminal_plain(void);
