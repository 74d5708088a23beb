/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/sentence.h"

#include "core/method.h"
#include "core/record.h"
#include "util/i18n.h"
#include "util/text.h"

static bool
is_likely(json_object *record)
{
    return g_str_equal(vs_json_string(record, "confidence", "unknown"),
                       vs_confidence_name(VS_CONFIDENCE_LIKELY));
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

static char *
tell_signal(json_object *record, const char *name)
{
    g_autofree char *signal = vs_text_printable(vs_json_string(record, "signal", _("A signal")));
    g_autofree char *killer = describe_killer(record);

    return g_strdup_printf(
        is_likely(record) ? _("%s from %s on the host likely ended the hypervisor process of %s")
                          : _("%s from %s on the host ended the hypervisor process of %s"),
        signal, killer, name);
}

static char *
tell_crash(json_object *record, const char *name)
{
    g_autofree char *signal = vs_text_printable(vs_json_string(record, "signal", ""));

    return g_strdup_printf(is_likely(record)
                               ? _("The hypervisor process of %s likely crashed: it died of %s")
                               : _("The hypervisor process of %s crashed: it died of %s"),
                           name, signal);
}

/* Whether the request came to a step that forces the guest. */
static bool
was_forced(json_object *request)
{
    json_object *steps = vs_json_array(request, "steps");
    VsMethod method;

    for (size_t i = 0; steps && i < json_object_array_length(steps); i++) {
        json_object *step = json_object_array_get_idx(steps, i);

        if (vs_method_find(vs_json_string(step, "method", ""), &method) &&
            vs_method_info(method)->effect == VS_EFFECT_FORCES)
            return true;
    }
    return false;
}

static bool
had_halted(json_object *request)
{
    return g_str_equal(vs_json_string(request, "outcome", ""), vs_outcome_name(VS_OUTCOME_HALTED));
}

/* NULL: it wasn't this daemon. */
static const char *
own_destroy(json_object *record)
{
    json_object *request = vs_json_object(record, "request");

    if (had_halted(request))
        return is_likely(record)
                   ? _("%s halted without powering off, and was likely destroyed by virtstopd")
                   : _("%s halted without powering off, and was destroyed by virtstopd");
    if (was_forced(request))
        return is_likely(record) ? _("%s was likely destroyed by virtstopd, by force")
                                 : _("%s was destroyed by virtstopd, by force");
    return NULL;
}

static const char *
format_of(json_object *record, VsCause cause)
{
    const VsCauseInfo *info = vs_cause_info(cause);
    const char *own = cause == VS_CAUSE_DESTROYED ? own_destroy(record) : NULL;

    if (own)
        return own;
    if (cause == VS_CAUSE_GUEST_PANIC && was_forced(vs_json_object(record, "request")))
        return _("The kernel of %s panicked, and virtstopd ended what was left of the guest");
    return is_likely(record) ? _(info->likely) : _(info->certain);
}

char *
vs_sentence_tell(json_object *record)
{
    const char *raw = vs_json_string(vs_json_object(record, "domain"), "name", NULL);
    g_autofree char *name = raw ? vs_text_quoted(raw) : g_strdup(_("The guest"));
    VsCause cause;

    if (!vs_cause_parse(vs_json_string(record, "cause", "unknown"), &cause))
        return NULL;
    if (cause == VS_CAUSE_HOST_SIGNAL)
        return tell_signal(record, name);
    if (cause == VS_CAUSE_CRASHED && vs_json_string(record, "signal", NULL))
        return tell_crash(record, name);
    return g_strdup_printf(format_of(record, cause), name);
}

char *
vs_sentence_phrase(json_object *record)
{
    const char *word = vs_json_string(record, "cause", "unknown");
    VsCause cause;

    return vs_cause_parse(word, &cause) ? g_strdup(_(vs_cause_info(cause)->phrase))
                                        : vs_text_printable(word);
}
