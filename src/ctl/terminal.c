/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/terminal.h"

#include <glib.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Where nothing better is known. */
#define DEFAULT_COLUMNS 80
#define DEFAULT_LINES   24

/* A duplicate of standard output, which a pager takes the place of; -1: no terminal. */
static int
terminal_fd(void)
{
    static int fd = -2;

    if (fd == -2)
        fd = isatty(STDOUT_FILENO) ? dup(STDOUT_FILENO) : -1;
    return fd;
}

bool
vs_terminal_is(void)
{
    return terminal_fd() >= 0;
}

static size_t
read_variable(const char *name)
{
    const char *value = g_getenv(name);
    guint64 number;

    if (!value || !g_ascii_string_to_unsigned(value, 10, 1, 10000, &number, NULL))
        return 0;
    return number;
}

size_t
vs_terminal_columns(void)
{
    struct winsize size = {0};
    size_t columns;

    if (!vs_terminal_is())
        return 0;
    columns = read_variable("COLUMNS");
    if (columns == 0 && ioctl(terminal_fd(), TIOCGWINSZ, &size) == 0)
        columns = size.ws_col;
    return columns > 0 ? columns : DEFAULT_COLUMNS;
}

size_t
vs_terminal_lines(void)
{
    struct winsize size = {0};

    if (!vs_terminal_is())
        return 0;
    if (ioctl(terminal_fd(), TIOCGWINSZ, &size) < 0 || size.ws_row == 0)
        return DEFAULT_LINES;
    return size.ws_row;
}

bool
vs_terminal_has_cursor(void)
{
    return vs_terminal_is() && g_strcmp0(g_getenv("TERM"), "dumb") != 0;
}

bool
vs_terminal_has_colours(void)
{
    const char *no_color = g_getenv("NO_COLOR");

    return vs_terminal_has_cursor() && !(no_color && *no_color);
}

const char *
vs_terminal_colour(VsColour colour)
{
    static const char *const sequences[] = {
        [VS_COLOUR_NONE] = "",           [VS_COLOUR_BOLD] = "\033[1m",
        [VS_COLOUR_DIM] = "\033[2m",     [VS_COLOUR_GREEN] = "\033[32m",
        [VS_COLOUR_YELLOW] = "\033[33m", [VS_COLOUR_RED] = "\033[31m",
    };

    return vs_terminal_has_colours() ? sequences[colour] : "";
}

const char *
vs_terminal_plain(void)
{
    return vs_terminal_has_colours() ? "\033[0m" : "";
}
