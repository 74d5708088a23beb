/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/story.h"

#include "core/record.h"
#include "ctl/story-request.h"
#include "ctl/when.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"
#include "util/wallclock.h"

/* Each with the guest's name as its %s. */
typedef struct Telling {
    const char *certain, *likely;
    const char *phrase; /* the same in brackets */
} Telling;

static const Telling tellings[VS_N_CAUSES] = {
    [VS_CAUSE_UNKNOWN] =
        {
            N_("%s is off, and nothing tells why."),
            N_("%s is off, and nothing tells why."),
            N_("nothing tells why"),
        },
    [VS_CAUSE_GUEST_INITIATED] =
        {
            N_("%s powered itself off, and nobody had asked it to from outside."),
            N_("%s likely powered itself off, with nobody asking it to from outside."),
            N_("it powered itself off"),
        },
    [VS_CAUSE_GUEST_AGENT] =
        {
            N_("%s powered itself off because virtstopd had asked its guest agent to."),
            N_("%s likely powered itself off because virtstopd had asked its guest agent to."),
            N_("it obeyed the guest agent"),
        },
    [VS_CAUSE_POWER_BUTTON] =
        {
            N_("%s powered itself off because its ACPI power button was pressed."),
            N_("%s likely powered itself off because its ACPI power button was pressed."),
            N_("it obeyed the power button"),
        },
    [VS_CAUSE_GUEST_REBOOT] =
        {
            N_("%s rebooted, and its on_reboot setting ended it instead of starting it again."),
            N_("%s likely rebooted, and its on_reboot setting ended it instead of starting it "
               "again."),
            N_("it rebooted, and on_reboot ended it"),
        },
    [VS_CAUSE_MONITOR_QUIT] =
        {
            N_("Somebody ended the hypervisor process of %s by the monitor command “quit”."),
            N_("Somebody likely ended the hypervisor process of %s by the monitor command “quit”."),
            N_("the monitor command “quit” ended it"),
        },
    [VS_CAUSE_DESTROYED] =
        {
            N_("%s was destroyed through libvirt by somebody else, not by virtstopd."),
            N_("%s was likely destroyed through libvirt by somebody else, not by virtstopd."),
            N_("it was destroyed"),
        },
    [VS_CAUSE_GUEST_PANIC] =
        {
            N_("The kernel of %s panicked, and the on_crash setting ended the guest."),
            N_("The kernel of %s likely panicked, and the on_crash setting ended the guest."),
            N_("its kernel panicked"),
        },
    [VS_CAUSE_WATCHDOG] =
        {
            N_("The watchdog of %s fired, and its action ended the guest."),
            N_("The watchdog of %s likely fired, and its action ended the guest."),
            N_("its watchdog ended it"),
        },
    [VS_CAUSE_CRASHED] =
        {
            N_("The hypervisor process of %s died of itself."),
            N_("The hypervisor process of %s likely died of itself; from here, a SIGKILL looks the "
               "same."),
            N_("its hypervisor process died"),
        },
    [VS_CAUSE_SAVED] =
        {
            N_("%s was saved to disk as it ran."),
            N_("%s was likely saved to disk as it ran."),
            N_("it was saved to disk"),
        },
    [VS_CAUSE_MIGRATED] =
        {
            N_("%s was migrated away, and runs on elsewhere."),
            N_("%s was likely migrated away, and runs on elsewhere."),
            N_("it was migrated away"),
        },
    [VS_CAUSE_START_FAILED] =
        {
            N_("%s failed to start."),
            N_("%s likely failed to start."),
            N_("it failed to start"),
        },
    [VS_CAUSE_SNAPSHOT_REVERTED] =
        {
            N_("%s was reverted to a snapshot in which it is off."),
            N_("%s was likely reverted to a snapshot in which it is off."),
            N_("it was reverted to a snapshot"),
        },
    [VS_CAUSE_HOST_FAILURE] =
        {
            N_("The host itself failed while %s ran on it."),
            N_("The host itself likely failed while %s ran on it."),
            N_("the host itself failed"),
        },
    [VS_CAUSE_HOST_SIGNAL] = {NULL, NULL, N_("a signal from the host ended it")},
};

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

static char *
describe_killer(json_object *record)
{
    json_object *killer = vs_json_object(record, "killer");
    const char *comm = vs_json_string(killer, "comm", NULL);
    g_autofree char *quoted = vs_text_quoted(comm);
    int64_t pid;

    if (!vs_json_int(killer, "pid", &pid))
        return g_strdup(comm ? quoted : _("an unknown process"));
    if (!comm)
        return g_strdup_printf(_("process %d"), (int)pid);
    return g_strdup_printf(_("%s (pid %d)"), quoted, (int)pid);
}

static void
tell_signal(GString *story, json_object *record, const char *name)
{
    g_autofree char *signal = vs_text_printable(vs_json_string(record, "signal", _("A signal")));
    g_autofree char *killer = describe_killer(record);

    add_line(story,
             is_likely(record)
                 ? _("%s from %s on the host likely ended the hypervisor process of %s.")
                 : _("%s from %s on the host ended the hypervisor process of %s."),
             signal, killer, name);
}

static void
tell_cause(GString *story, json_object *record, const char *name)
{
    VsCause cause = cause_of(record);

    if (cause == VS_N_CAUSES) {
        g_autofree char *word = vs_text_quoted(vs_json_string(record, "cause", NULL));
        add_line(story, _("%s stopped by the cause %s, which this virtstopctl doesn't know."), name,
                 word);
    } else if (cause == VS_CAUSE_HOST_SIGNAL) {
        tell_signal(story, record, name);
    } else if (cause == VS_CAUSE_DESTROYED && vs_story_has_step(record, "destroy")) {
        add_line(story,
                 is_likely(record) ? _("%s was likely destroyed by virtstopd, by force.")
                                   : _("%s was destroyed by virtstopd, by force."),
                 name);
    } else {
        const Telling *telling = &tellings[cause];
        add_line(story, is_likely(record) ? _(telling->likely) : _(telling->certain), name);
    }
}

/* From the request, or where there was none from the first sign, to the guest being off. */
static void
tell_time(GString *story, json_object *record)
{
    const char *text = vs_json_string(record, "time", "");
    bool asked = vs_json_object(record, "request") != NULL;
    g_autofree char *time = NULL, *span = NULL;
    int64_t real, took_ms;

    if (vs_wallclock_parse(text, &real, NULL))
        time = vs_when_zoned(real);
    else
        time = vs_text_quoted(text);
    if (!vs_json_int(record, "took_ms", &took_ms) || (took_ms <= 0 && !asked)) {
        add_line(story, _("It was off at %s."), time);
        return;
    }
    span = vs_when_span(took_ms * VS_USEC_PER_MSEC);
    add_line(story,
             asked ? _("It was off at %s, %s after the request.")
                   : _("It was off at %s, %s after the first sign of it."),
             time, span);
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
    else if (cause == VS_CAUSE_SAVED || cause == VS_CAUSE_MIGRATED)
        add_line(story, "%s", _("Nothing of it was lost."));
    else
        add_line(story, "%s", _("Its system came down in order."));
}

static void
tell_confidence(GString *story, json_object *record)
{
    const char *confidence = vs_json_string(record, "confidence", "unknown");

    if (g_str_equal(confidence, "certain"))
        add_line(story, "%s", _("This is certain: there is direct evidence of it."));
    else if (g_str_equal(confidence, "likely"))
        add_line(story, "%s", _("This is likely, not certain: it is inferred from the evidence."));
    else if (cause_of(record) != VS_CAUSE_UNKNOWN)
        add_line(story, "%s", _("How sure this is isn't known."));
}

char *
vs_story_tell(json_object *record, bool local)
{
    const char *raw = vs_json_string(vs_json_object(record, "domain"), "name", NULL);
    g_autofree char *name = raw ? vs_text_quoted(raw) : g_strdup(_("The guest"));
    GString *story = g_string_new(NULL);

    tell_cause(story, record, name);
    tell_clean(story, record);
    tell_time(story, record);
    vs_story_append_request(story, record, local);
    if (vs_json_bool(record, "host_shutdown", false))
        add_line(story, "%s", _("The host was going down."));
    tell_confidence(story, record);
    return g_string_free(story, FALSE);
}

static const char *
clean_word(json_object *record)
{
    json_object *clean = NULL;

    json_object_object_get_ex(record, "clean", &clean);
    if (!json_object_is_type(clean, json_type_boolean))
        return _("clean or not isn't known");
    return json_object_get_boolean(clean) ? _("clean") : _("cut off");
}

char *
vs_story_short(json_object *record)
{
    VsCause cause = cause_of(record);
    g_autofree char *word = vs_text_printable(vs_json_string(record, "cause", ""));
    g_autofree char *span = NULL;
    const char *phrase = cause == VS_N_CAUSES ? word : _(tellings[cause].phrase);
    int64_t took_ms;

    if (!vs_json_int(record, "took_ms", &took_ms) || took_ms <= 0)
        return g_strdup_printf(is_likely(record) ? _("off, %s (likely: %s)") : _("off, %s (%s)"),
                               clean_word(record), phrase);
    span = vs_when_span(took_ms * VS_USEC_PER_MSEC);
    return g_strdup_printf(is_likely(record) ? _("off after %s, %s (likely: %s)")
                                             : _("off after %s, %s (%s)"),
                           span, clean_word(record), phrase);
}
