/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "words/story-attempt.h"

#include "core/request-record.h"
#include "util/i18n.h"
#include "util/text.h"
#include "util/wallclock.h"
#include "words/story-request.h"
#include "words/when.h"

static void
append_asker(GString *story, json_object *request, bool local)
{
    json_object *by = vs_json_object(request, "by");
    g_autofree char *asker = by ? vs_story_requester(by, local) : NULL;
    g_autofree char *reason = vs_text_quoted(vs_json_string(request, "reason", ""));

    if (asker)
        g_string_append_printf(story, _("; %s had asked for it"), asker);
    if (*vs_json_string(request, "reason", ""))
        g_string_append_printf(story, ": %s", reason);
}

char *
vs_story_attempt(json_object *line, bool local)
{
    const char *text = vs_json_string(line, "time", "");
    g_autofree char *time = NULL, *told = vs_request_record_tell(line);
    GString *story = g_string_new(NULL);
    int64_t real;

    if (vs_wallclock_parse(text, &real, NULL))
        time = vs_when_time(real);
    g_string_append_printf(story, "  %s  %s", time ? time : "?", told);
    append_asker(story, vs_json_object(line, "request"), local);
    g_string_append_c(story, '\n');
    return g_string_free(story, FALSE);
}
