/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/findings.h"

#include "ctl/output.h"
#include "ctl/terminal.h"
#include "util/i18n.h"
#include "util/text.h"

typedef struct Finding {
    VsFindingLevel level;
    unsigned number; /* in the order in which they were found */
    const char *check;
    char *domain, *what, *todo;
} Finding;

struct VsFindings {
    GPtrArray *found;
};

static const struct {
    const char *label;
    VsColour colour;
} levels[VS_N_FINDING_LEVELS] = {
    [VS_FINDING_ERROR] = {N_("Error"), VS_COLOUR_RED},
    [VS_FINDING_WARNING] = {N_("Warning"), VS_COLOUR_YELLOW},
    [VS_FINDING_HINT] = {N_("Hint"), VS_COLOUR_NONE},
    [VS_FINDING_UNCHECKED] = {N_("Not checked"), VS_COLOUR_DIM},
};

static void
free_finding(gpointer data)
{
    Finding *finding = data;

    g_free(finding->domain);
    g_free(finding->what);
    g_free(finding->todo);
    g_free(finding);
}

VsFindings *
vs_findings_new(void)
{
    VsFindings *findings = g_new0(VsFindings, 1);

    findings->found = g_ptr_array_new_with_free_func(free_finding);
    return findings;
}

void
vs_findings_free(VsFindings *findings)
{
    g_ptr_array_unref(findings->found);
    g_free(findings);
}

static int
compare(const void *a, const void *b)
{
    const Finding *one = *(Finding *const *)a, *other = *(Finding *const *)b;

    if (one->level != other->level)
        return one->level < other->level ? -1 : 1;
    return one->number < other->number ? -1 : 1;
}

void
vs_findings_add(VsFindings *findings, VsFindingLevel level, const char *check, const char *domain,
                char *what, char *todo)
{
    Finding *finding = g_new0(Finding, 1);

    *finding = (Finding){level, findings->found->len, check, g_strdup(domain), what, todo};
    g_ptr_array_add(findings->found, finding);
}

bool
vs_findings_any(const VsFindings *findings)
{
    for (unsigned i = 0; i < findings->found->len; i++)
        if (((Finding *)g_ptr_array_index(findings->found, i))->level <= VS_FINDING_WARNING)
            return true;
    return false;
}

bool
vs_findings_complete(const VsFindings *findings)
{
    for (unsigned i = 0; i < findings->found->len; i++)
        if (((Finding *)g_ptr_array_index(findings->found, i))->level == VS_FINDING_UNCHECKED)
            return false;
    return true;
}

static void
print_json(const VsCtl *ctl, const Finding *finding)
{
    g_autoptr(json_object) object = json_object_new_object();

    vs_json_set_string(object, "severity", vs_finding_level_name(finding->level));
    vs_json_set_string(object, "check", finding->check);
    vs_json_set_string(object, "domain", finding->domain);
    vs_json_set_string(object, "what", finding->what);
    vs_json_set_string(object, "todo", finding->todo);
    vs_output_json(ctl, object);
}

static void
print_text(const Finding *finding)
{
    vs_output_printf("%s%s:%s %s\n", vs_terminal_colour(levels[finding->level].colour),
                     _(levels[finding->level].label), vs_terminal_plain(), finding->what);
    if (finding->todo)
        vs_output_printf("    %s\n", finding->todo);
}

void
vs_findings_print(const VsFindings *findings, const VsCtl *ctl)
{
    g_ptr_array_sort(findings->found, compare);
    for (unsigned i = 0; i < findings->found->len; i++) {
        if (ctl->json != VS_JSON_OFF)
            print_json(ctl, g_ptr_array_index(findings->found, i));
        else
            print_text(g_ptr_array_index(findings->found, i));
    }
}
