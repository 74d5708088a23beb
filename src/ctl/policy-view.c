/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/policy-view.h"

#include <string.h>

#include "util/error.h"
#include "util/i18n.h"
#include "util/text.h"
#include "words/complain.h"

char *
vs_policy_row_origin(const VsPolicyRow *row)
{
    if (g_str_equal(row->origin, "metadata"))
        return g_strdup(_("the domain's metadata"));
    if (*row->where)
        return vs_text_printable(row->where);
    return g_str_equal(row->origin, "built-in") ? g_strdup(_("built-in"))
                                                : vs_text_printable(row->origin);
}

void
vs_policy_view_complain(const VsPolicyView *view, const char *domain)
{
    g_autofree char *name = vs_text_quoted(domain);
    g_autofree char *error = vs_text_printable(view->error);
    g_autofree char *unknown = vs_text_printable(view->unknown);

    if (view->unknown)
        vs_complain(_("%s: what its XML says isn't known: %s"), name, unknown);
    if (view->error && view->refused)
        vs_complain(_("%s: the policy in its metadata is refused, what held before stays: %s"),
                    name, error);
    else if (view->error)
        vs_complain(_("%s: in the policy of its metadata: %s"), name, error);
}

bool
vs_policy_check_assignment(const char *text, GError **error)
{
    g_autofree char *quoted = NULL;

    if (*text != '=' && strchr(text, '=') && g_utf8_validate(text, -1, NULL))
        return true;
    quoted = vs_text_quoted(text);
    g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                _("%s is no assignment (allowed: KEY=VALUE, such as Priority=20)"), quoted);
    return false;
}
