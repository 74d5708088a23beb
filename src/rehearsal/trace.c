/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rehearsal/trace.h"

#include <math.h>
#include <string.h>

#include "util/error.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"

/* A trace's times are seconds; a recording that goes on for longer than this isn't one. */
#define MAX_SECONDS (366.0 * 24 * 3600)

static const struct {
    const char *name;
    VsTraceSource source;
    const char *key; /* the string that each line of it has to have */
} sources[] = {
    {"libvirt", VS_TRACE_LIBVIRT, "event"},
    {"qmp", VS_TRACE_QMP, "event"},
    {"connection", VS_TRACE_CONNECTION, "event"},
    {"process", VS_TRACE_PROCESS, "event"},
    {"candidates", VS_TRACE_CANDIDATES, "event"},
    {"request", VS_TRACE_REQUEST, "api"},
    {"reply", VS_TRACE_REPLY, "api"},
};

typedef struct Place {
    const char *name;
    unsigned line;
} Place;

static bool G_GNUC_PRINTF(3, 4) bad(const Place *place, GError **error, const char *format, ...)
{
    g_autofree char *what = NULL;
    va_list arguments;

    va_start(arguments, format);
    what = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_set_error(error, VS_ERROR, VS_ERROR_INVALID, "%s:%u: %s", place->name, place->line, what);
    return false;
}

static bool
parse_time(const Place *place, json_object *object, int64_t *ret, GError **error)
{
    json_object *value = NULL;
    double seconds;

    json_object_object_get_ex(object, "t", &value);
    if (!json_object_is_type(value, json_type_double) && !json_object_is_type(value, json_type_int))
        return bad(place, error,
                   _("“t” is missing or no number (allowed: seconds since the trace began)"));
    seconds = json_object_get_double(value);
    if (!isfinite(seconds) || fabs(seconds) > MAX_SECONDS)
        return bad(place, error, _("“t” is out of range (allowed: seconds since the trace began)"));
    *ret = (int64_t)(seconds * 1e6);
    return true;
}

static bool
parse_log_line(VsTrace *trace, const Place *place, json_object *object, GError **error)
{
    const char *line = vs_json_string(object, "line", NULL);

    if (!line)
        return bad(place, error, _("“line” is missing or no string (allowed: a line of the log)"));
    g_ptr_array_add(trace->log, g_strdup(line));
    return true;
}

static bool
parse_line(VsTrace *trace, const Place *place, json_object *object, GError **error)
{
    const char *source = vs_json_string(object, "source", "");
    VsTraceLine line = {0};

    if (g_str_equal(source, "qemu-log"))
        return parse_log_line(trace, place, object, error);

    for (size_t i = 0; i < G_N_ELEMENTS(sources); i++) {
        if (!g_str_equal(sources[i].name, source))
            continue;
        if (!vs_json_string(object, sources[i].key, NULL))
            return bad(place, error, _("“%s” is missing or no string"), sources[i].key);
        if (!parse_time(place, object, &line.t, error))
            return false;
        line.source = sources[i].source;
        line.object = json_object_get(object);
        g_array_append_val(trace->lines, line);
        return true;
    }
    return bad(place, error,
               _("“source” is missing or not known (allowed: libvirt, qmp, connection, process, "
                 "candidates, qemu-log, request, reply)"));
}

static bool
parse_text_line(VsTrace *trace, const Place *place, const char *text, GError **error)
{
    g_autoptr(GError) why = NULL;
    g_autoptr(json_object) object = vs_json_parse_object(text, &why);

    if (!object)
        return bad(place, error, "%s", why->message);
    if (trace->header)
        return parse_line(trace, place, object, error);
    if (!vs_json_string(object, "scenario", NULL))
        return bad(place, error, _("the first line is no header: it has no “scenario”"));
    trace->header = g_steal_pointer(&object);
    return true;
}

static void
line_clear(void *data)
{
    VsTraceLine *line = data;

    json_object_put(line->object);
}

VsTrace *
vs_trace_parse(const char *name, const char *text, GError **error)
{
    g_autoptr(VsTrace) trace = g_new0(VsTrace, 1);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_autofree char *printable = vs_text_printable(name);
    Place place = {.name = printable};

    trace->lines = g_array_new(FALSE, FALSE, sizeof(VsTraceLine));
    g_array_set_clear_func(trace->lines, line_clear);
    trace->log = g_ptr_array_new_with_free_func(g_free);
    for (char **line = lines; *line; line++) {
        place.line++;
        if (*g_strstrip(*line) != '\0' && !parse_text_line(trace, &place, *line, error))
            return NULL;
    }
    if (!trace->header) {
        bad(&place, error, _("the trace is empty (allowed: a header and one line an event)"));
        return NULL;
    }
    g_ptr_array_add(trace->log, NULL);
    return g_steal_pointer(&trace);
}

void
vs_trace_free(VsTrace *trace)
{
    json_object_put(trace->header);
    g_array_unref(trace->lines);
    g_ptr_array_unref(trace->log);
    g_free(trace);
}

json_object *
vs_trace_header(const VsTrace *trace)
{
    return trace->header;
}
