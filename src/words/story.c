/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "words/story.h"

#include "core/evidence.h"
#include "core/record.h"
#include "core/sentence.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"
#include "util/wallclock.h"
#include "words/story-candidates.h"
#include "words/story-request.h"
#include "words/when.h"

static bool
is_likely(json_object *record)
{
    return g_str_equal(vs_json_string(record, "confidence", "unknown"), "likely");
}

/* VS_N_CAUSES: one that a newer daemon knows. */
static VsCause
cause_of(json_object *record)
{
    VsCause cause = VS_N_CAUSES;

    vs_cause_parse(vs_json_string(record, "cause", "unknown"), &cause);
    return cause;
}

G_GNUC_PRINTF(2, 3)
static void
add_line(GString *story, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    g_string_append_vprintf(story, format, arguments);
    va_end(arguments);
    g_string_append_c(story, '\n');
}

static void
tell_cause(GString *story, json_object *record)
{
    const char *raw = vs_json_string(vs_json_object(record, "domain"), "name", NULL);
    g_autofree char *name = raw ? vs_text_quoted(raw) : g_strdup(_("The guest"));
    g_autofree char *word = vs_text_quoted(vs_json_string(record, "cause", NULL));
    g_autofree char *sentence = vs_sentence_tell(record);

    if (sentence)
        add_line(story, _("%s."), sentence);
    else
        add_line(story, _("%s stopped by the cause %s, which this virtstopctl doesn't know."), name,
                 word);
}

static void
tell_io_error(GString *story, json_object *error)
{
    const char *text = vs_json_string(error, "reason", NULL);
    g_autofree char *reason = vs_text_quoted(text);
    g_autofree char *span = NULL;
    int64_t paused;

    if (!vs_json_msec(error, "paused_ms", &paused))
        return;
    span = vs_span_say(paused);
    if (text)
        add_line(story, _("It had been paused for %s by an I/O error of a disk: %s."), span,
                 reason);
    else
        add_line(story, _("It had been paused for %s by an I/O error of a disk."), span);
}

/* What it came about in. */
static void
tell_circumstances(GString *story, json_object *record)
{
    json_object *io_error = vs_json_object(record, "io_error");

    if (io_error)
        tell_io_error(story, io_error);
    if (g_str_equal(vs_json_string(record, "migration", ""), "postcopy-failed"))
        add_line(
            story, "%s",
            _("Its migration had failed when a part of its memory was on the other host already "
              "(post-copy): it could go on on neither."));
}

static char *
time_of(const char *text)
{
    int64_t real;

    return vs_wallclock_parse(text, &real, NULL) ? vs_when_zoned(real) : vs_text_quoted(text);
}

/* Nobody saw when it was off. */
static void
tell_window(GString *story, json_object *window)
{
    const char *until = vs_json_string(window, "until", NULL);
    const char *away = vs_json_string(window, "away", "");
    g_autofree char *from_time = time_of(vs_json_string(window, "from", ""));
    g_autofree char *until_time = until ? time_of(until) : NULL;

    if (until)
        add_line(story, _("That was between %s and %s."), from_time, until_time);
    else
        add_line(story,
                 _("That was after %s; until when isn't known, for the host's clock was set."),
                 from_time);
    if (g_str_equal(away, "virtstopd"))
        add_line(story, "%s", _("Nobody saw it: virtstopd was away then."));
    else if (g_str_equal(away, "libvirt"))
        add_line(story, "%s", _("Nobody saw it: libvirt was away then."));
}

/* From the request, or where there was none from the first sign, to the guest being off. */
static void
tell_time(GString *story, json_object *record)
{
    bool asked = vs_json_object(record, "request") != NULL;
    json_object *window = vs_json_object(record, "window");
    g_autofree char *time = time_of(vs_json_string(record, "time", ""));
    g_autofree char *span = NULL;
    int64_t took;

    if (window) {
        tell_window(story, window);
        return;
    }
    if (!vs_json_msec(record, "took_ms", &took) || (took == 0 && !asked)) {
        add_line(story, _("It was off at %s."), time);
        return;
    }
    span = vs_span_say(took);
    add_line(story,
             asked ? _("It was off at %s, %s after the request.")
                   : _("It was off at %s, %s after the first sign of it."),
             time, span);
}

/* The first item from there; NULL: there is none. */
static json_object *
find_evidence(json_object *record, const char *source)
{
    json_object *evidence = vs_json_array(record, "evidence");

    for (size_t i = 0; evidence && i < json_object_array_length(evidence); i++) {
        json_object *item = json_object_array_get_idx(evidence, i);

        if (g_str_equal(vs_json_string(item, "source", ""), source))
            return item;
    }
    return NULL;
}

/* Nobody asked us, but who pressed is known. */
static void
tell_presser(GString *story, json_object *record)
{
    if (cause_of(record) == VS_CAUSE_POWER_BUTTON && !vs_json_object(record, "request") &&
        find_evidence(record, VS_EVIDENCE_PRESS))
        add_line(story, "%s", _("It was pressed by libvirt's own auto-shutdown."));
}

static void
tell_clean(GString *story, json_object *record)
{
    VsCause cause = cause_of(record);
    json_object *clean = NULL;

    json_object_object_get_ex(record, "clean", &clean);
    if (!json_object_is_type(clean, json_type_boolean))
        add_line(story, "%s", _("Whether its system came down in order isn't known."));
    else if (!json_object_get_boolean(clean))
        add_line(story, "%s", _("It was cut off: what it had not written to its disks is lost."));
    else if (vs_json_bool(record, "hibernated", false))
        add_line(
            story, "%s",
            _("It suspended itself to disk (hibernated): its next start goes on where it was."));
    else if (cause == VS_CAUSE_SAVED || cause == VS_CAUSE_MIGRATED)
        add_line(story, "%s", _("Nothing of it was lost."));
    else
        add_line(story, "%s", _("Its system came down in order."));
}

static void
tell_likely(GString *story, json_object *record)
{
    json_object *doubt = find_evidence(record, VS_EVIDENCE_DOUBT);
    int64_t since, span;

    if (vs_wallclock_parse(vs_json_string(doubt, "since", ""), &since, NULL)) {
        g_autofree char *time = vs_when_zoned(since);

        add_line(
            story,
            _("This is likely, not certain: it was watched only since %s, and whoever asked it "
              "before isn't known."),
            time);
    } else if (vs_json_msec(doubt, "ms", &span)) {
        g_autofree char *text = vs_span_say(span);

        add_line(story,
                 _("This is likely, not certain: it was asked %s before it went down, which may "
                   "have had another reason."),
                 text);
    } else {
        add_line(story, "%s", _("This is likely, not certain: it is inferred from the evidence."));
    }
}

static void
tell_confidence(GString *story, json_object *record)
{
    const char *confidence = vs_json_string(record, "confidence", "unknown");

    if (g_str_equal(confidence, "certain"))
        add_line(story, "%s", _("This is certain: there is direct evidence of it."));
    else if (g_str_equal(confidence, "likely"))
        tell_likely(story, record);
    else if (cause_of(record) != VS_CAUSE_UNKNOWN)
        add_line(story, "%s", _("How sure this is isn't known."));
}

static const char *
way_down(json_object *record)
{
    static const char *const lines[VS_N_HOST_KINDS] = {
        [VS_HOST_KIND_UNKNOWN] = N_("The host was going down."),
        [VS_HOST_KIND_BY_HAND] = N_("The host was going down."),
        [VS_HOST_KIND_POWEROFF] = N_("The host was going down, to power off."),
        [VS_HOST_KIND_REBOOT] = N_("The host was going down, to reboot."),
        [VS_HOST_KIND_HALT] = N_("The host was going down, to halt."),
        [VS_HOST_KIND_KEXEC] = N_("The host was going down, to boot another kernel (kexec)."),
        [VS_HOST_KIND_SOFT_REBOOT] =
            N_("The host's system was going down, to start again (soft-reboot)."),
    };
    VsHostKind kind = VS_HOST_KIND_UNKNOWN;

    vs_host_kind_find(vs_json_string(vs_json_object(record, "host_stop"), "kind", ""), &kind);
    return lines[kind];
}

char *
vs_story_tell(json_object *record, bool local)
{
    GString *story = g_string_new(NULL);

    tell_cause(story, record);
    tell_presser(story, record);
    tell_clean(story, record);
    tell_circumstances(story, record);
    tell_time(story, record);
    vs_story_append_request(story, record, local);
    if (vs_json_bool(record, "host_shutdown", false))
        add_line(story, "%s", _(way_down(record)));
    tell_confidence(story, record);
    vs_story_append_candidates(story, record, local);
    return g_string_free(story, FALSE);
}

static const char *
clean_word(json_object *record)
{
    json_object *clean = NULL;

    json_object_object_get_ex(record, "clean", &clean);
    if (!json_object_is_type(clean, json_type_boolean))
        return _("clean or not isn't known");
    if (json_object_get_boolean(clean) && vs_json_bool(record, "hibernated", false))
        return _("hibernated");
    return json_object_get_boolean(clean) ? _("clean") : _("cut off");
}

char *
vs_story_short(json_object *record)
{
    g_autofree char *phrase = vs_sentence_phrase(record);
    const char *otherwise = vs_story_otherwise(record);
    g_autofree char *span = NULL;
    int64_t took;

    if (otherwise)
        return g_strdup(otherwise);
    if (!vs_json_msec(record, "took_ms", &took) || took == 0)
        return g_strdup_printf(is_likely(record) ? _("off, %s (likely: %s)") : _("off, %s (%s)"),
                               clean_word(record), phrase);
    span = vs_span_say(took);
    return g_strdup_printf(is_likely(record) ? _("off after %s, %s (likely: %s)")
                                             : _("off after %s, %s (%s)"),
                           span, clean_word(record), phrase);
}
