/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/ladder.h"

#include <string.h>

#include "util/error.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"

#define MAX_PRESSES 100

static bool
step_error(const char *word, const char *what, GError **error)
{
    g_autofree char *quoted = vs_text_quoted(word), *steps = vs_method_list(false);
    g_autofree char *allowed =
        g_strdup_printf(_("STEP[:SPAN][,press=N][,gap=SPAN] with STEP one of %s"), steps);

    /* TRANSLATORS: a ladder's step, what is wrong with it, and what is allowed. */
    g_set_error(error, VS_ERROR, VS_ERROR_INVALID, _("Ladder step %s: %s (allowed: %s)"), quoted,
                what, allowed);
    return false;
}

static bool
parse_presses(const char *word, const char *value, unsigned *ret, GError **error)
{
    guint64 number;

    if (!g_ascii_string_to_unsigned(value, 10, 1, MAX_PRESSES, &number, NULL))
        return step_error(word, _("press= takes a number from 1 to 100"), error);

    *ret = number;
    return true;
}

static bool
refuse_option(const char *word, GError **error)
{
    g_autofree char *steps = vs_method_list(true);
    g_autofree char *what = g_strdup_printf(_("only %s takes press= and gap="), steps);

    return step_error(word, what, error);
}

static bool
parse_option(const char *word, const char *option, VsStep *step, GError **error)
{
    if (!vs_method_info(step->method)->presses)
        return refuse_option(word, error);

    if (g_str_has_prefix(option, "press="))
        return parse_presses(word, option + strlen("press="), &step->presses, error);

    if (g_str_has_prefix(option, "gap=")) {
        g_autoptr(GError) why = NULL;

        if (!vs_span_parse(option + strlen("gap="), &step->gap, &why))
            return step_error(word, why->message, error);
        return true;
    }
    return step_error(word, _("there is no such option"), error);
}

static bool
ends_ladder(const VsStep *step)
{
    return vs_method_info(step->method)->place == VS_PLACE_END;
}

static bool
parse_span(const char *word, const char *text, VsStep *step, GError **error)
{
    g_autoptr(GError) why = NULL;

    if (ends_ladder(step))
        return step_error(word, _("a step that ends the ladder takes no span"), error);
    if (!vs_span_parse(text, &step->span, &why))
        return step_error(word, why->message, error);
    if (step->span == 0)
        return step_error(word, _("a span of 0 leaves the guest no time at all"), error);
    return true;
}

static bool
parse_step(const char *word, VsStep *ret, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(word, ",", -1);
    char *colon = strchr(parts[0], ':');
    VsStep step = {.presses = 1, .gap = VS_USEC_PER_SEC};

    if (colon)
        *colon = '\0';
    if (!vs_method_parse(parts[0], &step.method))
        return step_error(word, _("there is no such step"), error);
    step.span = vs_method_info(step.method)->span;
    if (colon && !parse_span(word, colon + 1, &step, error))
        return false;

    for (char **option = parts + 1; *option; option++) {
        if (!parse_option(word, *option, &step, error))
            return false;
    }
    *ret = step;
    return true;
}

bool
vs_ladder_parse(const char *text, VsLadder *ret, GError **error)
{
    g_auto(GStrv) words = g_strsplit_set(text, " \t\n", -1);
    VsLadder ladder = {0};

    for (char **word = words; *word; word++) {
        if (**word == '\0')
            continue;
        if (ladder.n_steps == VS_LADDER_MAX_STEPS)
            return step_error(*word, _("a ladder has at most 16 steps"), error);
        if (ladder.n_steps > 0 && ends_ladder(&ladder.steps[ladder.n_steps - 1]))
            return step_error(*word, _("nothing can follow a step that ends the ladder"), error);
        if (!parse_step(*word, &ladder.steps[ladder.n_steps], error))
            return false;
        ladder.n_steps++;
    }
    if (ladder.n_steps == 0)
        return step_error("", _("a ladder needs one step at least"), error);

    *ret = ladder;
    return true;
}

char *
vs_ladder_format(const VsLadder *ladder)
{
    GString *text = g_string_new(NULL);

    for (unsigned i = 0; i < ladder->n_steps; i++) {
        const VsStep *step = &ladder->steps[i];

        g_string_append_printf(text, "%s%s", i > 0 ? " " : "", vs_method_name(step->method));
        if (!ends_ladder(step)) {
            g_autofree char *span = vs_span_format(step->span, true);
            g_string_append_printf(text, ":%s", span);
        }
        if (step->presses > 1) {
            g_autofree char *gap = vs_span_format(step->gap, true);
            g_string_append_printf(text, ",press=%u,gap=%s", step->presses, gap);
        }
    }
    return g_string_free(text, FALSE);
}

bool
vs_ladder_forces(const VsLadder *ladder)
{
    return ladder->n_steps > 0 &&
           vs_method_info(ladder->steps[ladder->n_steps - 1].method)->effect == VS_EFFECT_FORCES;
}

int64_t
vs_ladder_asking(const VsLadder *ladder)
{
    int64_t sum = 0;

    for (unsigned i = 0; i < ladder->n_steps; i++) {
        if (ends_ladder(&ladder->steps[i]))
            break;
        if (ladder->steps[i].span > VS_USEC_INFINITY - sum)
            return VS_USEC_INFINITY;
        sum += ladder->steps[i].span;
    }
    return sum;
}

int64_t
vs_ladder_total(const VsLadder *ladder)
{
    int64_t asking = vs_ladder_asking(ladder);

    if (!vs_ladder_forces(ladder))
        return asking;
    return asking > VS_USEC_INFINITY - VS_DESTROY_RESERVE ? VS_USEC_INFINITY
                                                          : asking + VS_DESTROY_RESERVE;
}

/* A step without an end could take all there is. */
static double
weight(const VsStep *step, int64_t all)
{
    return step->span == VS_USEC_INFINITY ? MAX(all, 1) : step->span;
}

void
vs_ladder_fit(VsLadder *ladder, int64_t budget)
{
    int64_t all = budget, left;
    double sum = 0;

    /* A budget shorter than a destroy's own time still leaves the guest half of it to obey. */
    if (vs_ladder_forces(ladder))
        all -= MIN(VS_DESTROY_RESERVE, budget / 2);
    if (vs_ladder_asking(ladder) <= all)
        return;

    for (unsigned i = 0; i < ladder->n_steps && !ends_ladder(&ladder->steps[i]); i++)
        sum += weight(&ladder->steps[i], all);
    left = all;
    for (unsigned i = 0; i < ladder->n_steps && !ends_ladder(&ladder->steps[i]); i++) {
        double span = weight(&ladder->steps[i], all) / sum * all;

        ladder->steps[i].span = MAX(span < left ? (int64_t)span : left, 1);
        left -= ladder->steps[i].span;
    }
}

int64_t
vs_ladder_fit_step(const VsLadder *ladder, unsigned i, int64_t budget)
{
    VsLadder rest = {.n_steps = ladder->n_steps - i};

    memcpy(rest.steps, ladder->steps + i, rest.n_steps * sizeof(VsStep));
    vs_ladder_fit(&rest, budget);
    return rest.steps[0].span;
}
