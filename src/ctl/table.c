/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/table.h"

#include <glib.h>

#include "util/i18n.h"
#include "util/text.h"

#define GAP 2

typedef struct Cell {
    char *text; /* printable */
    VsColour colour;
} Cell;

struct VsTable {
    const VsColumn *columns;
    unsigned n_columns;
    GArray *cells; /* of Cell, row by row */
};

static void
clear_cell(gpointer data)
{
    g_free(((Cell *)data)->text);
}

VsTable *
vs_table_new(const VsColumn *columns, unsigned n_columns)
{
    VsTable *table = g_new0(VsTable, 1);

    table->columns = columns;
    table->n_columns = n_columns;
    table->cells = g_array_new(FALSE, FALSE, sizeof(Cell));
    g_array_set_clear_func(table->cells, clear_cell);
    return table;
}

void
vs_table_free(VsTable *table)
{
    g_array_unref(table->cells);
    g_free(table);
}

void
vs_table_add(VsTable *table, const char *text, VsColour colour)
{
    Cell cell = {vs_text_printable(text && *text ? text : "-"), colour};

    g_array_append_val(table->cells, cell);
}

static void
measure(const VsTable *table, bool head, size_t *widths)
{
    for (unsigned i = 0; i < table->n_columns; i++)
        widths[i] = head ? vs_text_columns(_(table->columns[i].title)) : 0;
    for (unsigned i = 0; i < table->cells->len; i++) {
        size_t columns = vs_text_columns(g_array_index(table->cells, Cell, i).text);
        widths[i % table->n_columns] = MAX(widths[i % table->n_columns], columns);
    }
}

/* The column that has most to give; -1 where none may be cut further. */
static int
find_widest(const VsTable *table, unsigned n_shown, const size_t *widths)
{
    int widest = -1;

    for (unsigned i = 0; i < n_shown; i++) {
        size_t least = table->columns[i].least;
        if (least > 0 && widths[i] > least && (widest < 0 || widths[i] > widths[widest]))
            widest = i;
    }
    return widest;
}

/* Whether the first @n_shown columns could be made to fit. */
static bool
shrink(const VsTable *table, size_t width, unsigned n_shown, size_t *widths)
{
    size_t total = GAP * (n_shown - 1);

    for (unsigned i = 0; i < n_shown; i++)
        total += widths[i];
    for (; total > width; total--) {
        int widest = find_widest(table, n_shown, widths);
        if (widest < 0)
            return false;
        widths[widest]--;
    }
    return true;
}

/* Columns are cut, and where that isn't enough the last ones left out. Returns how many are shown.
 */
static unsigned
fit(const VsTable *table, size_t width, bool head, size_t *widths)
{
    unsigned n_shown = table->n_columns;

    measure(table, head, widths);
    while (width > 0 && !shrink(table, width, n_shown, widths) && n_shown > 1) {
        n_shown--;
        measure(table, head, widths);
    }
    return n_shown;
}

static void
append_cell(GString *line, const VsColumn *column, const char *text, size_t width, bool last)
{
    size_t columns = vs_text_columns(text);
    bool cut = columns > width;
    g_autofree char *fitted = cut ? vs_text_fit(text, width) : NULL;
    int pad = cut ? 0 : width - columns;

    if (column->right)
        g_string_append_printf(line, "%*s%s", pad, "", cut ? fitted : text);
    else
        g_string_append_printf(line, "%s%*s", cut ? fitted : text, last ? 0 : pad, "");
}

static void
append_head(GString *result, const VsTable *table, unsigned n_shown, const size_t *widths)
{
    for (unsigned i = 0; i < n_shown; i++) {
        bool last = i + 1 == n_shown;
        g_string_append(result, vs_terminal_colour(VS_COLOUR_BOLD));
        append_cell(result, &table->columns[i], _(table->columns[i].title), widths[i], last);
        g_string_append(result, vs_terminal_plain());
        g_string_append_printf(result, "%*s", last ? 0 : GAP, "");
    }
    g_string_append_c(result, '\n');
}

static void
append_body_cell(GString *result, const VsColumn *column, const Cell *cell, size_t width, bool last)
{
    g_string_append(result, vs_terminal_colour(cell->colour));
    append_cell(result, column, cell->text, width, last);
    if (cell->colour != VS_COLOUR_NONE)
        g_string_append(result, vs_terminal_plain());
    if (last)
        g_string_append_c(result, '\n');
    else
        g_string_append_printf(result, "%*s", GAP, "");
}

char *
vs_table_format(const VsTable *table, size_t width, bool head)
{
    g_autofree size_t *widths = g_new0(size_t, table->n_columns);
    unsigned n_shown = fit(table, width, head, widths);
    GString *result = g_string_new(NULL);

    if (head)
        append_head(result, table, n_shown, widths);
    for (unsigned i = 0; i < table->cells->len; i++) {
        unsigned column = i % table->n_columns;

        if (column < n_shown)
            append_body_cell(result, &table->columns[column], &g_array_index(table->cells, Cell, i),
                             widths[column], column + 1 == n_shown);
    }
    return g_string_free(result, FALSE);
}
