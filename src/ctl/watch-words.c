/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/watch-words.h"

#include "client/objects-json.h"
#include "util/i18n.h"
#include "util/text.h"
#include "words/story-request.h"
#include "words/story.h"

char *
vs_watch_added(const VsStopObject *stop, bool whole, bool local)
{
    g_autoptr(json_object) by = vs_stop_object_requester(stop);
    bool known = stop->uid != UINT32_MAX || (stop->user && *stop->user);
    g_autofree char *asker = known ? vs_story_requester(by, local) : g_strdup(_("somebody"));
    g_autofree char *reason = vs_text_quoted(stop->reason);
    GString *text = g_string_new(NULL);

    g_string_append_printf(text,
                           whole ? _("guests are being stopped together, asked for by %s")
                                 : _("a stop was asked for by %s"),
                           asker);
    if (stop->reason && *stop->reason)
        g_string_append_printf(text, ": %s", reason);
    return g_string_free(text, FALSE);
}

char *
vs_watch_recorded(json_object *record, bool local)
{
    json_object *request = vs_json_object(record, "request"), *by = vs_json_object(request, "by");
    g_autofree char *story = vs_story_short(record), *asker = NULL;
    const char *raw_reason = vs_json_string(request, "reason", "");
    g_autofree char *reason = vs_text_quoted(raw_reason);
    GString *text = g_string_new(story);

    if (by) {
        asker = vs_story_human(by, local);
        g_string_append_printf(text, _("; asked for by %s"), asker);
    }
    if (*raw_reason)
        g_string_append_printf(text, ": %s", reason);
    return g_string_free(text, FALSE);
}

bool
vs_watch_has_record(const char *outcome)
{
    static const char *const outcomes[] = {"clean", "forced", "halted", "unknown", NULL};

    return g_strv_contains(outcomes, outcome);
}

bool
vs_watch_is_told_otherwise(const VsDomainObject *domain)
{
    static const char *const off[] = {"shut off", "crashed", "gone", NULL};

    return (domain->state && g_strv_contains(off, domain->state)) ||
           (domain->stop && !g_str_equal(domain->stop, VS_BUS_NO_OBJECT));
}

bool
vs_watch_is_agent_news(const char *was, const char *is)
{
    return g_strcmp0(is, "connected") == 0 || g_strcmp0(was, "connected") == 0;
}
