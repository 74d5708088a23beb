/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "words/describe.h"

#include "core/method.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"
#include "words/story-step.h"

char *
vs_describe_step(const VsStopObject *stop)
{
    const char *phase = stop->phase ? stop->phase : "";
    g_autofree char *step = vs_text_printable(stop->step);
    g_autofree char *word = vs_text_printable(phase);
    VsMethod method;

    if (g_str_equal(phase, "queued"))
        return g_strdup(_("waits for its turn"));
    if (g_str_equal(phase, "preparing"))
        return g_strdup(_("hooks run before its first step"));
    if (g_str_equal(phase, "waiting"))
        return g_strdup(_("waiting for libvirt"));
    if (g_str_equal(phase, "resuming"))
        return g_strdup(_("being let run, so that it can be asked"));
    if (g_str_equal(phase, "going-off"))
        return g_strdup(_("its system is down, going off"));
    if (g_str_equal(phase, "cleaning-up"))
        return g_strdup(_("its system is down, libvirt still cleans up"));
    if (g_str_equal(phase, "off"))
        return g_strdup(_("off, being recorded"));
    if (g_str_equal(phase, "asked") && vs_method_parse(step, &method))
        return g_strdup(_(vs_method_info(method)->doing));
    return g_strdup_printf("%s: %s", step, word);
}

char *
vs_describe_progress(const VsClient *client, const VsStopObject *stop)
{
    g_autofree char *step = vs_describe_step(stop);
    int64_t left = vs_objects_time_left(client, stop);
    g_autofree char *span = NULL;

    if (left < 0)
        return g_steal_pointer(&step);
    span = vs_span_say(left - left % VS_USEC_PER_SEC);
    return g_strdup_printf(_("%s, %s left"), step, span);
}

char *
vs_describe_taken(const VsTakenStep *taken)
{
    return vs_story_step(taken->method, taken->result, 0);
}
