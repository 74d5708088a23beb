/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/timeline-svg.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"
#include "words/when.h"

/* Pixels. */
#define PLOT_WIDTH   1000
#define RIGHT_WIDTH  320 /* at least */
#define COLUMN_WIDTH 8   /* of a character */
#define MARGIN       20
#define TOP          90
#define ROW          22
#define BAR          16

#define NAME_COLUMNS 40
#define MAX_TICKS    12

/* A budget that is further away than so many times of what was needed would leave no room for that.
 */
#define FAR_BUDGET 4

static const struct {
    const char *method; /* NULL: all others */
    const char *class;
    const char *colour;
} methods[] = {
    {"resume", "resume", "#f2c037"},
    {"agent", "agent", "#43a047"},
    {"power-button", "button", "#1e88e5"},
    {"initctl", "initctl", "#00897b"},
    {"signal", "signal", "#00acc1"},
    {"paravirt", "paravirt", "#5e35b1"},
    {"save", "save", "#8e24aa"},
    {"terminate", "terminate", "#fb8c00"},
    {"destroy", "destroy", "#e53935"},
    {"leave", "leave", "#9e9e9e"},
    {NULL, "other", "#6d4c41"},
};

typedef struct Canvas {
    const VsTimeline *timeline;
    GString *text;
    double left;   /* where the plot begins, */
    double right;  /* ... and how wide the notes behind it are */
    int64_t span;  /* µs between two ticks, */
    int64_t end;   /* ... and the last of them: where the plot ends */
    unsigned used; /* a bit for each of methods */
} Canvas;

/* A number as SVG has it, whatever the locale's comma. */
static const char *
put(char *buffer, double number)
{
    return g_ascii_formatd(buffer, G_ASCII_DTOSTR_BUF_SIZE, "%.1f", number);
}
#define PX(number) put((char[G_ASCII_DTOSTR_BUF_SIZE]){0}, number)

static double
x_of(const Canvas *canvas, int64_t usec)
{
    return canvas->left + (double)usec * PLOT_WIDTH / canvas->end;
}

/* XML has no way to write these, not even escaped. */
static bool
is_xml(gunichar c)
{
    return c != 0xFFFE && c != 0xFFFF;
}

/* @printable may be NULL. */
static char *
to_xml(const char *printable)
{
    GString *clean = g_string_new(NULL);
    char *escaped;

    for (const char *at = printable; at && *at; at = g_utf8_next_char(at))
        g_string_append_unichar(clean, is_xml(g_utf8_get_char(at)) ? g_utf8_get_char(at) : 0xFFFD);
    escaped = g_markup_escape_text(clean->str, clean->len);
    g_string_free(clean, TRUE);
    return escaped;
}

static char *
escape(const char *text)
{
    g_autofree char *printable = vs_text_printable(text);

    return to_xml(printable);
}

static char *
escape_name(const char *name)
{
    g_autofree char *printable = vs_text_printable(name);
    g_autofree char *fitted =
        vs_text_columns(printable) > NAME_COLUMNS ? vs_text_fit(printable, NAME_COLUMNS) : NULL;

    return to_xml(fitted ? fitted : printable);
}

static unsigned
method_index(const char *method)
{
    unsigned i = 0;

    while (methods[i].method && !g_str_equal(methods[i].method, method))
        i++;
    return i;
}

static void
add_text(Canvas *canvas, double x, double y, const char *class, const char *text)
{
    g_autofree char *escaped = escape(text);

    g_string_append_printf(canvas->text, "<text class=\"%s\" x=\"%s\" y=\"%s\">%s</text>\n", class,
                           PX(x), PX(y), escaped);
}

/* @title is what shows when one points at it; NULL: nothing. */
static void
add_rect(Canvas *canvas, const char *class, double x, double y, double width, const char *title)
{
    g_autofree char *escaped = escape(title);

    g_string_append_printf(canvas->text,
                           "<rect class=\"%s\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%d\">%s%s%s"
                           "</rect>\n",
                           class, PX(x), PX(y), PX(width), BAR, title ? "<title>" : "", escaped,
                           title ? "</title>" : "");
}

static int64_t
tick_span(int64_t total)
{
    static const int64_t spans_ms[] = {
        1,    2,     5,     10,    20,    50,     100,    200,    500,    1000,    2000,
        5000, 10000, 15000, 30000, 60000, 120000, 300000, 600000, 900000, 1800000, 3600000};
    int64_t span = 0;

    for (unsigned i = 0; i < G_N_ELEMENTS(spans_ms); i++) {
        span = spans_ms[i] * VS_USEC_PER_MSEC;
        if (total / span <= MAX_TICKS)
            return span;
    }
    while (total / span > MAX_TICKS)
        span *= 2;
    return span;
}

/* As exact as the ticks stand close. */
static char *
tick_label(int64_t at, int64_t span)
{
    char number[G_ASCII_DTOSTR_BUF_SIZE];
    const char *format = span < 10 * VS_USEC_PER_MSEC ? "%.3f" : "%.2f";

    if (span >= VS_USEC_PER_SEC / 10)
        return vs_span_say(at);
    return g_strdup_printf(
        _("%s s"), g_ascii_formatd(number, sizeof number, format, (double)at / VS_USEC_PER_SEC));
}

static double
bottom_of(const Canvas *canvas)
{
    return TOP + (double)canvas->timeline->bars->len * ROW;
}

/* The last tick stands where all of it is over. */
static void
set_axis(Canvas *canvas)
{
    const VsTimeline *timeline = canvas->timeline;
    int64_t total = MAX(timeline->total, 1);

    if (timeline->budget != VS_USEC_INFINITY && timeline->budget <= total * FAR_BUDGET)
        total = MAX(total, timeline->budget);
    canvas->span = tick_span(total);
    canvas->end = (total + canvas->span - 1) / canvas->span * canvas->span;
}

static void
add_line(Canvas *canvas, const char *class, double x, double y1, double x2, double y2)
{
    g_string_append_printf(canvas->text,
                           "<line class=\"%s\" x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\"/>\n", class,
                           PX(x), PX(y1), PX(x2), PX(y2));
}

static void
add_axis(Canvas *canvas)
{
    for (int64_t at = 0; at <= canvas->end; at += canvas->span) {
        g_autofree char *label = at == 0 ? g_strdup("0") : tick_label(at, canvas->span);
        double x = x_of(canvas, at);

        add_line(canvas, "grid", x, TOP - 6, x, bottom_of(canvas));
        add_text(canvas, x, TOP - 12, "tick", label);
    }
}

/* Where it is far beyond what was needed, it is said at the end of the axis. */
static void
add_budget(Canvas *canvas)
{
    int64_t budget = canvas->timeline->budget;
    bool far = budget > canvas->end;
    double x = x_of(canvas, MIN(budget, canvas->end));
    g_autofree char *span = vs_span_say(budget), *label = NULL;

    if (budget == VS_USEC_INFINITY)
        return;
    label = g_strdup_printf(far ? _("budget: %s →") : _("budget: %s"), span);
    if (!far)
        add_line(canvas, "budget", x, TOP - 6, x, bottom_of(canvas) + 4);
    add_text(canvas, x, TOP - 28, far ? "budget far" : "budget", label);
}

/* From when it was asked to when its turn came. */
static void
add_wait(Canvas *canvas, const VsBar *bar, double y)
{
    g_autofree char *label = NULL;

    if (bar->asked >= bar->start)
        return;
    add_line(canvas, "wait", x_of(canvas, bar->asked), y + BAR / 2.0, x_of(canvas, bar->start),
             y + BAR / 2.0);
    if (!bar->waited_for)
        return;
    label = g_strdup_printf(_("waits for %s"), bar->waited_for);
    if (COLUMN_WIDTH * (double)vs_text_columns(label) <
        x_of(canvas, bar->start) - x_of(canvas, bar->asked))
        add_text(canvas, x_of(canvas, bar->asked) + 4, y + BAR / 2.0 - 2, "wait", label);
}

static void
add_segment(Canvas *canvas, const VsSegment *segment, double y)
{
    unsigned index = method_index(segment->method);
    g_autofree char *span = vs_span_say(segment->took);
    g_autofree char *title =
        g_strdup_printf("%s: %s%s%s", segment->method, span, segment->result ? ", " : "",
                        segment->result ? segment->result : "");

    canvas->used |= 1U << index;
    add_rect(canvas, methods[index].class, x_of(canvas, segment->start), y,
             x_of(canvas, segment->start + segment->took) - x_of(canvas, segment->start), title);
}

static const char *
colour_class(const VsBar *bar)
{
    return bar->forced ? " forced" : bar->left ? " left" : "";
}

static void
add_bar(Canvas *canvas, const VsBar *bar, unsigned row)
{
    double y = TOP + (double)row * ROW + (ROW - BAR) / 2.0, baseline = y + BAR - 4;
    double begin = x_of(canvas, bar->start), end = x_of(canvas, bar->start + bar->took);
    g_autofree char *name = escape_name(bar->name);
    g_autofree char *note_class = g_strconcat("note", colour_class(bar), NULL);

    g_string_append_printf(canvas->text, "<text class=\"name%s\" x=\"%s\" y=\"%s\">%s</text>\n",
                           colour_class(bar), PX(canvas->left - 8), PX(baseline), name);
    add_wait(canvas, bar, y);
    add_rect(canvas, "bar", begin, y, MAX(end - begin, 1), NULL);
    for (unsigned i = 0; i < bar->segments->len; i++)
        add_segment(canvas, &g_array_index(bar->segments, VsSegment, i), y);
    add_text(canvas, end + 6, baseline, note_class, bar->note);
}

static void
add_legend(Canvas *canvas)
{
    double x = canvas->left, y = bottom_of(canvas) + MARGIN;

    for (unsigned i = 0; i < G_N_ELEMENTS(methods); i++) {
        const char *label = methods[i].method ? methods[i].method : _("another step");
        if (!(canvas->used & 1U << i))
            continue;
        add_rect(canvas, methods[i].class, x, y, BAR, NULL);
        add_text(canvas, x + BAR + 6, y + BAR - 4, "note", label);
        x += BAR + 26 + COLUMN_WIDTH * vs_text_columns(label);
    }
    add_rect(canvas, "bar", x, y, BAR, NULL);
    add_text(canvas, x + BAR + 6, y + BAR - 4, "note", _("between steps, or nobody asked"));
}

static double
left_of(const VsTimeline *timeline)
{
    size_t columns = 0;

    for (unsigned i = 0; i < timeline->bars->len; i++) {
        const VsBar *bar = g_ptr_array_index(timeline->bars, i);
        g_autofree char *name = vs_text_printable(bar->name);
        columns = MAX(columns, MIN(vs_text_columns(name), NAME_COLUMNS));
    }
    return MARGIN + 8 + COLUMN_WIDTH * columns;
}

/* What stands behind the bars begins at most at their end. */
static double
right_of(const VsTimeline *timeline)
{
    size_t columns = 0;

    for (unsigned i = 0; i < timeline->bars->len; i++) {
        const VsBar *bar = g_ptr_array_index(timeline->bars, i);
        g_autofree char *note = vs_text_printable(bar->note);
        columns = MAX(columns, vs_text_columns(note));
    }
    return MAX(RIGHT_WIDTH, MARGIN + COLUMN_WIDTH * columns);
}

static void
add_head(Canvas *canvas)
{
    const VsTimeline *timeline = canvas->timeline;
    double least = 2 * MARGIN + COLUMN_WIDTH * (double)vs_text_columns(timeline->summary);
    double width = MAX(canvas->left + PLOT_WIDTH + canvas->right, least);
    double height = TOP + (double)timeline->bars->len * ROW + MARGIN + BAR + MARGIN;

    g_string_append_printf(
        canvas->text,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\" "
        "width=\"%s\" height=\"%s\">\n<style>\n"
        "text { font-family: sans-serif; font-size: 13px; fill: #222; }\n"
        ".title { font-size: 18px; font-weight: bold; }\n"
        ".name { text-anchor: end; }\n"
        ".tick { text-anchor: middle; font-size: 11px; fill: #666; }\n"
        ".forced { fill: #c62828; }\n"
        ".note.left, .name.left { fill: #ef6c00; }\n"
        ".bar { fill: #cfd8dc; }\n"
        ".grid { stroke: #ddd; stroke-width: 1; }\n"
        "line.wait { stroke: #90a4ae; stroke-width: 1; stroke-dasharray: 2 3; }\n"
        "text.wait { font-size: 11px; fill: #78909c; }\n"
        "line.budget { stroke: #c62828; stroke-width: 1.5; stroke-dasharray: 6 3; }\n"
        "text.budget { font-size: 11px; fill: #c62828; text-anchor: middle; }\n"
        "text.far { text-anchor: end; }\n",
        PX(width), PX(height));
    for (unsigned i = 0; i < G_N_ELEMENTS(methods); i++)
        g_string_append_printf(canvas->text, ".%s { fill: %s; }\n", methods[i].class,
                               methods[i].colour);
    g_string_append(canvas->text, "</style>\n"
                                  "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n");
    add_text(canvas, MARGIN, 28, "title", timeline->title);
    add_text(canvas, MARGIN, 50, "summary", timeline->summary);
}

char *
vs_timeline_svg(const VsTimeline *timeline)
{
    Canvas canvas = {.timeline = timeline,
                     .text = g_string_new(NULL),
                     .left = left_of(timeline),
                     .right = right_of(timeline)};

    set_axis(&canvas);
    add_head(&canvas);
    add_axis(&canvas);
    add_budget(&canvas);
    for (unsigned i = 0; i < timeline->bars->len; i++)
        add_bar(&canvas, g_ptr_array_index(timeline->bars, i), i);
    add_legend(&canvas);
    g_string_append(canvas.text, "</svg>\n");
    return g_string_free(canvas.text, FALSE);
}
