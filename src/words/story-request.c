/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "words/story-request.h"

#include <pwd.h>

#include "core/disclosure.h"
#include "core/evidence.h"
#include "core/method.h"
#include "core/record.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"
#include "util/wallclock.h"
#include "words/story-step.h"
#include "words/when.h"

static const char *const outcomes[VS_N_OUTCOMES] = {
    [VS_OUTCOME_NONE] = N_("the stop is still in flight"),
    [VS_OUTCOME_CLEAN] = N_("it went down as asked"),
    [VS_OUTCOME_FORCED] = N_("it is off, by force"),
    [VS_OUTCOME_HALTED] = N_("its system halted without powering off, and was then destroyed"),
    [VS_OUTCOME_ALREADY_OFF] = N_("it was off already"),
    [VS_OUTCOME_REFUSED] = N_("the stop was refused"),
    [VS_OUTCOME_CANCELLED] = N_("the stop was called off"),
    [VS_OUTCOME_TIMED_OUT] = N_("it did not stop in time, and was not to be forced"),
    [VS_OUTCOME_FAILED] = N_("the stop failed"),
    [VS_OUTCOME_UNKNOWN] = N_("it is off, and nobody knows how"),
};

char *
vs_story_outcome(const char *outcome)
{
    g_autofree char *quoted = vs_text_quoted(outcome);
    VsOutcome known;

    if (vs_outcome_parse(outcome, &known))
        return g_strdup(_(outcomes[known]));
    return g_strdup_printf(_("it came out as %s"), quoted);
}

static bool
has_step(json_object *record, const char *method)
{
    json_object *steps = vs_json_array(vs_json_object(record, "request"), "steps");

    for (size_t i = 0; steps && i < json_object_array_length(steps); i++) {
        json_object *step = json_object_array_get_idx(steps, i);
        if (g_str_equal(vs_json_string(step, "method", ""), method))
            return true;
    }
    return false;
}

const char *
vs_story_otherwise(json_object *record)
{
    json_object *request = vs_json_object(record, "request");
    const char *outcome = vs_json_string(request, "outcome", "");
    bool failed = g_str_equal(outcome, "failed");
    bool open = failed || g_str_equal(outcome, "clean") || g_str_equal(outcome, "unknown");
    VsCause cause = VS_CAUSE_UNKNOWN;

    vs_cause_parse(vs_json_string(record, "cause", ""), &cause);
    if (!open || (cause == VS_CAUSE_SAVED && has_step(record, "save")))
        return NULL;
    switch (cause) {
    case VS_CAUSE_SAVED:
        return _("somebody else saved it meanwhile: it is off, and nothing of it is lost");
    case VS_CAUSE_MIGRATED:
        return _("somebody else migrated it meanwhile, and it runs on elsewhere");
    case VS_CAUSE_SNAPSHOT_REVERTED:
        return failed ? _("somebody else reverted it to a snapshot meanwhile, and it runs on")
                      : _("somebody else reverted it to a snapshot meanwhile, in which it is off");
    default:
        return NULL;
    }
}

char *
vs_story_user(uint32_t uid, bool local)
{
    const struct passwd *user = local ? getpwuid(uid) : NULL;

    if (uid == 0)
        return g_strdup("root");
    return user ? vs_text_printable(user->pw_name) : g_strdup_printf(_("uid %u"), uid);
}

static bool
read_uid(json_object *by, const char *key, uint32_t *ret)
{
    int64_t uid;

    if (!vs_json_int(by, key, &uid) || uid < 0 || uid > UINT32_MAX)
        return false;
    *ret = (uint32_t)uid;
    return true;
}

char *
vs_story_human(json_object *by, bool local)
{
    g_autofree char *user = vs_text_printable(vs_json_string(by, "user", NULL)), *login = NULL;
    uint32_t uid, login_uid;

    if (!read_uid(by, "uid", &uid))
        return g_strdup(_("somebody"));
    if (!*user) {
        g_free(user);
        user = vs_story_user(uid, local);
    }
    if (!read_uid(by, "login_uid", &login_uid) || login_uid == uid)
        return g_steal_pointer(&user);
    login = vs_story_user(login_uid, local);
    return g_strdup_printf(_("%s as %s"), login, user);
}

char *
vs_story_requester(json_object *by, bool local)
{
    g_autofree char *comm = vs_text_printable(vs_json_string(by, "comm", NULL));
    g_autofree char *unit = vs_text_printable(vs_json_string(by, "unit", NULL));
    g_autofree char *user = vs_story_human(by, local);
    GString *more = g_string_new(NULL);
    int64_t pid;

    if (*comm)
        g_string_append(more, comm);
    if (vs_json_int(by, "pid", &pid) && pid > 0 && pid <= G_MAXINT)
        g_string_append_printf(more, _("%spid %d"), more->len ? ", " : "", (int)pid);
    if (*unit)
        g_string_append_printf(more, "%s%s", more->len ? ", " : "", unit);
    if (more->len > 0) {
        g_string_prepend(more, " (");
        g_string_append_c(more, ')');
    }
    g_string_prepend(more, user);
    return g_string_free(more, FALSE);
}

static void
append_step(GString *story, json_object *step)
{
    const char *method = vs_json_string(step, "method", "");
    int64_t started, took = 0;
    bool has_start = vs_wallclock_parse(vs_json_string(step, "started", ""), &started, NULL);
    g_autofree char *clock = has_start ? vs_when_clock(started) : g_strdup("?");
    g_autofree char *told = NULL, *unknown = vs_text_printable(method);

    vs_json_msec(step, "took_ms", &took);
    told = vs_story_step(method, vs_json_string(step, "result", NULL), took);
    if (!told)
        told = g_strdup(vs_story_method(method) ? vs_story_method(method) : unknown);
    g_string_append_printf(story, "  %s  %s\n", clock, told);
}

static void
append_steps(GString *story, json_object *request)
{
    json_object *steps = vs_json_array(request, "steps");

    if (!steps || json_object_array_length(steps) == 0)
        return;
    g_string_append_printf(story, "%s\n", _("The steps it came to:"));
    for (size_t i = 0; i < json_object_array_length(steps); i++)
        append_step(story, json_object_array_get_idx(steps, i));
}

static bool
is_unasked(const char *result)
{
    return g_str_equal(result, VS_STEP_NOT_REACHED) || g_str_equal(result, VS_STEP_NO_TURN);
}

/* Whether a step asked the guest, and had its answer for an end. */
static bool
has_asked(json_object *step)
{
    static const char *const ends[] = {"deadline",  "budget",    "rebooted",
                                       "escalated", "went down", NULL};
    VsMethod method;

    return vs_method_find(vs_json_string(step, "method", ""), &method) &&
           (vs_method_info(method)->effect == VS_EFFECT_ASKS ||
            vs_method_info(method)->effect == VS_EFFECT_SAVES) &&
           g_strv_contains(ends, vs_json_string(step, "result", ""));
}

/* It was destroyed, and there was no time left for any of the steps that ask it first. */
static bool
was_never_asked(json_object *record)
{
    json_object *steps = vs_json_array(vs_json_object(record, "request"), "steps");
    bool unasked = false;

    for (size_t i = 0; steps && i < json_object_array_length(steps); i++) {
        json_object *step = json_object_array_get_idx(steps, i);

        if (has_asked(step))
            return false;
        unasked |= is_unasked(vs_json_string(step, "result", ""));
    }
    return unasked && has_step(record, "destroy");
}

/* Whether such an end has nothing to do with a request that stood. */
static bool
is_beside_request(json_object *record)
{
    VsCause cause;

    if (!vs_cause_parse(vs_json_string(record, "cause", ""), &cause))
        return false;
    switch (cause) {
    case VS_CAUSE_GUEST_AGENT:
    case VS_CAUSE_POWER_BUTTON:
    case VS_CAUSE_GUEST_REQUEST:
    case VS_CAUSE_GUEST_REBOOT:
    case VS_CAUSE_UNKNOWN:
        return false;
    case VS_CAUSE_DESTROYED:
        return !has_step(record, "destroy");
    case VS_CAUSE_HOST_SIGNAL:
        return !has_step(record, "terminate");
    default:
        return true;
    }
}

/* When it was asked for, where that was noted, and nobody saw what came of it; NULL: else. The
 * caller owns it. */
static char *
noted_time(json_object *record)
{
    json_object *evidence = vs_json_array(record, "evidence");

    for (size_t i = 0; evidence && i < json_object_array_length(evidence); i++) {
        json_object *item = json_object_array_get_idx(evidence, i);
        int64_t real;

        if (g_str_equal(vs_json_string(item, "source", ""), VS_EVIDENCE_NOTED) &&
            g_str_equal(vs_json_string(item, "event", ""), VS_EVIDENCE_NOTED_STOP) &&
            vs_wallclock_parse(vs_json_string(item, "time", ""), &real, NULL))
            return vs_when_zoned(real);
    }
    return NULL;
}

/* The host was up anew: how far it came is lost. */
static void
append_unfinished(GString *story, json_object *record, const char *by, const char *reason,
                  const char *time)
{
    const char *cause = vs_json_string(record, "cause", "");

    if (reason)
        g_string_append_printf(story, _("%s had asked virtstopd to stop it at %s: %s.\n"), by, time,
                               reason);
    else
        g_string_append_printf(story, _("%s had asked virtstopd to stop it at %s.\n"), by, time);
    g_string_append_printf(
        story, "%s\n",
        g_str_equal(cause, vs_cause_name(VS_CAUSE_HOST_FAILURE))
            ? _("That stop was under way as the host failed: how far it came isn't known.")
            : _("That stop was still under way: how far it came isn't known."));
}

void
vs_story_append_request(GString *story, json_object *record, bool local)
{
    json_object *request = vs_json_object(record, "request");
    const char *raw_reason = vs_json_string(request, "reason", NULL);
    json_object *asker = vs_json_object(request, "by");
    bool hidden = !asker && vs_disclosure_withheld(record) != VS_WITHHOLDING_NONE;
    g_autofree char *by =
        hidden ? g_strdup(_("Somebody (not shown to you)")) : vs_story_requester(asker, local);
    g_autofree char *reason = vs_text_quoted(raw_reason);
    g_autofree char *outcome = vs_story_outcome(vs_json_string(request, "outcome", ""));
    const char *otherwise = vs_story_otherwise(record);
    g_autofree char *noted = request ? noted_time(record) : NULL;

    if (!request && vs_json_object(record, "window") &&
        !vs_json_string(vs_json_object(record, "window"), "away", NULL))
        return; /* the host was up anew: what was asked before, and came out, isn't known either */
    if (!request) {
        g_string_append_printf(story, "%s\n", _("Nobody had asked virtstopd to stop it."));
        return;
    }
    if (noted) {
        append_unfinished(story, record, by, raw_reason ? reason : NULL, noted);
        return;
    }
    if (raw_reason)
        g_string_append_printf(story, _("%s had asked virtstopd to stop it: %s.\n"), by, reason);
    else
        g_string_append_printf(story, _("%s had asked virtstopd to stop it.\n"), by);
    append_steps(story, request);
    if (was_never_asked(record))
        g_string_append_printf(story, "%s\n",
                               _("It was never asked to go down: it could not be before the time "
                                 "for it was over."));
    g_string_append_printf(story, _("How the request came out: %s.\n"),
                           otherwise ? otherwise : outcome);
    if (is_beside_request(record) && !otherwise)
        g_string_append_printf(story, "%s\n", _("But that request is not what ended it."));
}
