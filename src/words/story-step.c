/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "words/story-step.h"

#include "core/method.h"
#include "core/record.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"

/* What the engine says that a step came to, where it isn't libvirt, or an obstacle, that says it.
 */
static const struct {
    const char *result;
    const char *said;
    const char *after; /* with a span; NULL: said, and the span behind it */
} results[] = {
    {"clean", N_("it went down"), N_("it went down after %s")},
    {"went down", N_("it went down"), N_("it went down after %s")},
    {"forced", N_("it was cut off"), N_("it was cut off after %s")},
    {"halted", N_("its system halted without powering off"), NULL},
    {"cancelled", N_("the stop was called off"), N_("the stop was called off after %s")},
    {"timed-out", N_("it did not go down"), N_("it had not gone down after %s")},
    {"failed", N_("that failed"), N_("that failed after %s")},
    {"refused", N_("the stop was refused"), NULL},
    {"already-off", N_("it was off already"), NULL},
    {"unknown", N_("it is off, and nobody knows how"), NULL},
    {"rebooted", N_("it rebooted instead"), N_("it rebooted instead, after %s")},
    {"process stays", N_("its system is down, but its process stays"), NULL},
    {"deadline", N_("it did not go down in time"), N_("it had not gone down after %s")},
    {"escalated", N_("sent on to the next step"), N_("sent on to the next step after %s")},
    {"resumed", N_("it runs again"), NULL},
    {"woken", N_("it is awake again"), NULL},
    {"budget", N_("it did not go down before all the time was used up"),
     N_("it had not gone down after %s, when all the time was used up")},
    {VS_STEP_NOT_REACHED, N_("not reached: no time was left for it"), NULL},
    {VS_STEP_NO_TURN, N_("its turn did not come"), N_("its turn did not come within %s")},
    {"saved", N_("it was saved"), N_("it was saved after %s")},
    {"migrated", N_("it was migrated away"), NULL},
    {"snapshot-reverted", N_("it was reverted to a snapshot"), NULL},
    {"an earlier step can work now", N_("an earlier step can work now"), NULL},
    {VS_STEP_WRITES, N_("it still writes to its disks, and has more time"),
     N_("after %s it still wrote to its disks, and had more time")},
};

const char *
vs_story_method(const char *name)
{
    VsMethod method;

    return vs_method_find(name, &method) ? _(vs_method_info(method)->title) : NULL;
}

/* The engine marks its own reasons for translation where it gives them. */
static char *
tell_result(const char *result, const char *span)
{
    g_autofree char *printable = vs_text_printable(result);
    const char *said = _(printable), *after = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(results); i++)
        if (g_str_equal(results[i].result, result)) {
            said = _(results[i].said);
            after = results[i].after;
        }
    if (!span)
        return g_strdup(said);
    return after ? g_strdup_printf(_(after), span)
                 : g_strdup_printf(_("%s (after %s)"), said, span);
}

char *
vs_story_step(const char *method, const char *result, int64_t took)
{
    const char *title = vs_story_method(method);
    g_autofree char *unknown = vs_text_printable(method);
    g_autofree char *span = took > 0 ? vs_span_say(took) : NULL;
    g_autofree char *told = result && *result ? tell_result(result, span) : NULL;

    return told ? g_strdup_printf("%s: %s", title ? title : unknown, told) : NULL;
}
