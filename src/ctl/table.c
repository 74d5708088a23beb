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
find_widest(const VsTable *table, const size_t *widths)
{
    int widest = -1;

    for (unsigned i = 0; i < table->n_columns; i++) {
        size_t least = table->columns[i].least;
        if (least > 0 && widths[i] > least && (widest < 0 || widths[i] > widths[widest]))
            widest = i;
    }
    return widest;
}

static void
shrink(const VsTable *table, size_t width, size_t *widths)
{
    size_t total = GAP * (table->n_columns - 1);

    for (unsigned i = 0; i < table->n_columns; i++)
        total += widths[i];
    for (; total > width; total--) {
        int widest = find_widest(table, widths);
        if (widest < 0)
            return;
        widths[widest]--;
    }
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
append_head(GString *result, const VsTable *table, const size_t *widths)
{
    for (unsigned i = 0; i < table->n_columns; i++) {
        bool last = i + 1 == table->n_columns;
        g_string_append(result, vs_terminal_colour(VS_COLOUR_BOLD));
        append_cell(result, &table->columns[i], _(table->columns[i].title), widths[i], last);
        g_string_append(result, vs_terminal_plain());
        g_string_append_printf(result, "%*s", last ? 0 : GAP, "");
    }
    g_string_append_c(result, '\n');
}

char *
vs_table_format(const VsTable *table, size_t width, bool head)
{
    g_autofree size_t *widths = g_new0(size_t, table->n_columns);
    GString *result = g_string_new(NULL);

    measure(table, head, widths);
    if (width > 0)
        shrink(table, width, widths);
    if (head)
        append_head(result, table, widths);
    for (unsigned i = 0; i < table->cells->len; i++) {
        const Cell *cell = &g_array_index(table->cells, Cell, i);
        unsigned column = i % table->n_columns;
        bool last = column + 1 == table->n_columns;

        g_string_append(result, vs_terminal_colour(cell->colour));
        append_cell(result, &table->columns[column], cell->text, widths[column], last);
        if (cell->colour != VS_COLOUR_NONE)
            g_string_append(result, vs_terminal_plain());
        if (last)
            g_string_append_c(result, '\n');
        else
            g_string_append_printf(result, "%*s", GAP, "");
    }
    return g_string_free(result, FALSE);
}
