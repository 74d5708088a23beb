/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/choice.h"

#include "core/record.h"
#include "core/verdict.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/similar.h"
#include "util/text.h"

/* @names ends with NULL. */
static bool
check(const char *option, const char *list, const char *const *names, GError **error)
{
    g_auto(GStrv) words = g_strsplit(list, ",", -1);
    char **word = words;

    while (*word && g_strv_contains(names, *word))
        word++;
    if (!*word && *words)
        return true;

    const char *wrong = *word ? *word : list, *meant = vs_similar_find(wrong, names);
    g_autofree char *quoted = vs_text_quoted(wrong);
    g_autofree char *allowed = g_strjoinv(", ", (char **)names);
    if (meant)
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                    _("--%s=: %s is not allowed: did you mean “%s”? There are %s"), option, quoted,
                    meant, allowed);
    else
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID, _("--%s=: %s is not allowed: there are %s"),
                    option, quoted, allowed);
    return false;
}

bool
vs_choice_check_causes(const char *option, const char *list, GError **error)
{
    const char *names[VS_N_CAUSES + 1] = {NULL};

    for (unsigned i = 0; i < VS_N_CAUSES; i++)
        names[i] = vs_cause_name((i + 1) % VS_N_CAUSES); /* "unknown" last */
    return check(option, list, names, error);
}

/* Of a record: a stop that ended its guest has one. */
bool
vs_choice_check_outcomes(const char *option, const char *list, GError **error)
{
    const char *names[VS_N_OUTCOMES] = {NULL};

    for (unsigned i = VS_OUTCOME_NONE + 1; i < VS_N_OUTCOMES; i++)
        names[i - 1] = vs_outcome_name(i);
    return check(option, list, names, error);
}
