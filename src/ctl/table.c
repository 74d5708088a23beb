/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/table.h"

#include <glib.h>

#include "util/i18n.h"
#include "util/text.h"

#define GAP 2

/* What is shown where nothing is to be. */
#define NOTHING "-"

typedef struct Cell {
    char *text;  /* printable */
    char *brief; /* likewise; NULL: there is none */
    VsColour colour;
} Cell;

struct VsTable {
    const VsColumn *columns;
    unsigned n_columns;
    GArray *cells; /* of Cell, row by row */
};

/* How a column is shown. */
typedef struct Fit {
    size_t width;
    bool left_out, brief;
} Fit;

static void
clear_cell(gpointer data)
{
    Cell *cell = data;

    g_free(cell->text);
    g_free(cell->brief);
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
vs_table_add_brief(VsTable *table, const char *text, const char *brief, VsColour colour)
{
    Cell cell = {
        .text = vs_text_printable(text && *text ? text : NOTHING),
        .brief = brief && *brief ? vs_text_printable(brief) : NULL,
        .colour = colour,
    };

    g_array_append_val(table->cells, cell);
}

void
vs_table_add(VsTable *table, const char *text, VsColour colour)
{
    vs_table_add_brief(table, text, NULL, colour);
}

void
vs_table_keep_last(VsTable *table, unsigned n)
{
    unsigned kept = n * table->n_columns;

    if (table->cells->len > kept)
        g_array_remove_range(table->cells, 0, table->cells->len - kept);
}

static const char *
text_of(const Cell *cell, const Fit *fit)
{
    return fit->brief && cell->brief ? cell->brief : cell->text;
}

static void
measure(const VsTable *table, bool head, Fit *fits)
{
    for (unsigned i = 0; i < table->n_columns; i++)
        fits[i].width = head ? vs_text_columns(_(table->columns[i].title)) : 0;
    for (unsigned i = 0; i < table->cells->len; i++) {
        Fit *fit = &fits[i % table->n_columns];
        size_t columns = vs_text_columns(text_of(&g_array_index(table->cells, Cell, i), fit));

        fit->width = MAX(fit->width, columns);
    }
}

/* What the column may be cut to, but not into its title; 0: it may not. */
static size_t
least_of(const VsColumn *column, bool head)
{
    size_t title = head ? vs_text_columns(_(column->title)) : 0;

    return column->least > 0 ? MAX(column->least, title) : 0;
}

/* The column that has most to give; -1 where none may be cut further. */
static int
find_widest(const VsTable *table, bool head, const Fit *fits)
{
    int widest = -1;

    for (unsigned i = 0; i < table->n_columns; i++) {
        size_t least = least_of(&table->columns[i], head);
        if (!fits[i].left_out && least > 0 && fits[i].width > least &&
            (widest < 0 || fits[i].width > fits[widest].width))
            widest = i;
    }
    return widest;
}

/* Whether those that are shown could be made to fit. */
static bool
shrink(const VsTable *table, size_t width, bool head, Fit *fits)
{
    size_t total = 0;

    measure(table, head, fits);
    for (unsigned i = 0; i < table->n_columns; i++)
        total += fits[i].left_out ? 0 : fits[i].width + (total > 0 ? GAP : 0);
    for (; total > width; total--) {
        int widest = find_widest(table, head, fits);
        if (widest < 0)
            return false;
        fits[widest].width--;
    }
    return true;
}

static bool
has_brief(const VsTable *table, unsigned column)
{
    for (unsigned i = column; i < table->cells->len; i += table->n_columns)
        if (g_array_index(table->cells, Cell, i).brief)
            return true;
    return false;
}

/* The next one to be shown briefly: of the least worth. -1: there is none. */
static int
find_lengthy(const VsTable *table, const Fit *fits)
{
    int found = -1;

    for (unsigned i = 0; i < table->n_columns; i++)
        if (!fits[i].left_out && !fits[i].brief && has_brief(table, i) &&
            (found < 0 || table->columns[i].worth < table->columns[found].worth))
            found = i;
    return found;
}

static bool
is_empty(const VsTable *table, unsigned column)
{
    for (unsigned i = column; i < table->cells->len; i += table->n_columns)
        if (!g_str_equal(g_array_index(table->cells, Cell, i).text, NOTHING))
            return false;
    return true;
}

/* The next one to be left out; -1: only one is shown. */
static int
find_worthless(const VsTable *table, const Fit *fits)
{
    unsigned n_shown = 0, least = 0;
    int found = -1;

    for (unsigned i = 0; i < table->n_columns; i++) {
        unsigned worth = table->columns[i].worth;

        if (fits[i].left_out)
            continue;
        if (is_empty(table, i))
            worth /= 2;
        if (n_shown++ == 0 || worth <= least) {
            least = worth;
            found = i;
        }
    }
    return n_shown > 1 ? found : -1;
}

/* With what is left out as it is. */
static bool
squeeze(const VsTable *table, size_t width, bool head, Fit *fits)
{
    int lengthy;

    for (unsigned i = 0; i < table->n_columns; i++)
        fits[i].brief = false;
    while (!shrink(table, width, head, fits)) {
        lengthy = find_lengthy(table, fits);
        if (lengthy < 0)
            return false;
        fits[lengthy].brief = true;
    }
    return true;
}

/* How each column is shown. The caller owns it. */
static Fit *
fit_columns(const VsTable *table, size_t width, bool head)
{
    Fit *fits = g_new0(Fit, table->n_columns);
    int worthless;

    measure(table, head, fits);
    while (width > 0 && !squeeze(table, width, head, fits)) {
        worthless = find_worthless(table, fits);
        if (worthless < 0)
            break;
        fits[worthless].left_out = true;
    }
    return fits;
}

static unsigned
last_shown(const VsTable *table, const Fit *fits)
{
    unsigned last = table->n_columns - 1;

    while (last > 0 && fits[last].left_out)
        last--;
    return last;
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
append_head(GString *result, const VsTable *table, const Fit *fits)
{
    unsigned last = last_shown(table, fits);

    for (unsigned i = 0; i <= last; i++) {
        if (fits[i].left_out)
            continue;
        g_string_append(result, vs_terminal_colour(VS_COLOUR_BOLD));
        append_cell(result, &table->columns[i], _(table->columns[i].title), fits[i].width,
                    i == last);
        g_string_append(result, vs_terminal_plain());
        g_string_append_printf(result, "%*s", i == last ? 0 : GAP, "");
    }
    g_string_append_c(result, '\n');
}

static void
append_row(GString *result, const VsTable *table, unsigned first, const Fit *fits)
{
    unsigned last = last_shown(table, fits);

    for (unsigned i = 0; i <= last; i++) {
        const Cell *cell = &g_array_index(table->cells, Cell, first + i);

        if (fits[i].left_out)
            continue;
        g_string_append(result, vs_terminal_colour(cell->colour));
        append_cell(result, &table->columns[i], text_of(cell, &fits[i]), fits[i].width, i == last);
        if (cell->colour != VS_COLOUR_NONE)
            g_string_append(result, vs_terminal_plain());
        g_string_append_printf(result, "%*s", i == last ? 0 : GAP, "");
    }
    g_string_append_c(result, '\n');
}

char *
vs_table_format(const VsTable *table, size_t width, bool head)
{
    g_autofree Fit *fits = fit_columns(table, width, head);
    GString *result = g_string_new(NULL);

    if (head)
        append_head(result, table, fits);
    for (unsigned i = 0; i + table->n_columns <= table->cells->len; i += table->n_columns)
        append_row(result, table, i, fits);
    return g_string_free(result, FALSE);
}

char *
vs_table_format_last(const VsTable *table, size_t width)
{
    g_autofree Fit *fits = fit_columns(table, width, true);
    GString *result = g_string_new(NULL);

    append_row(result, table, table->cells->len - table->n_columns, fits);
    return g_string_free(result, FALSE);
}
