/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/findings.h"

#include "ctl/output.h"
#include "ctl/own-command.h"
#include "ctl/terminal.h"
#include "util/i18n.h"
#include "util/text.h"
#include "words/joints.h"

/* So many guests are named, and lines to paste given, where the same is said of many. */
#define MAX_NAMED  8
#define MAX_PASTED 3

typedef struct Finding {
    VsFindingLevel level;
    unsigned number; /* in the order in which they were found */
    const char *check;
    char *domain, *what, *todo;
    char *paste;         /* NULL: there is nothing to paste */
    VsFindingsMany many; /* NULL: it stands by itself */
    bool told;           /* together with others */
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
    g_free(finding->paste);
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

    *finding = (Finding){.level = level,
                         .number = findings->found->len,
                         .check = check,
                         .domain = g_strdup(domain),
                         .what = what,
                         .todo = todo};
    g_ptr_array_add(findings->found, finding);
}

static Finding *
last_of(VsFindings *findings)
{
    return g_ptr_array_index(findings->found, findings->found->len - 1);
}

void
vs_findings_paste(VsFindings *findings, char *line)
{
    g_free(last_of(findings)->paste);
    last_of(findings)->paste = line;
}

void
vs_findings_group(VsFindings *findings, VsFindingsMany many)
{
    last_of(findings)->many = many;
}

bool
vs_findings_has(const VsFindings *findings, const char *check)
{
    for (unsigned i = 0; i < findings->found->len; i++)
        if (g_str_equal(((Finding *)g_ptr_array_index(findings->found, i))->check, check))
            return true;
    return false;
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
    g_autofree char *paste = finding->paste ? vs_own_command_there(ctl, finding->paste) : NULL;

    vs_json_set_string(object, "severity", vs_finding_level_name(finding->level));
    vs_json_set_string(object, "check", finding->check);
    vs_json_set_string(object, "domain", finding->domain);
    vs_json_set_string(object, "what", finding->what);
    vs_json_set_string(object, "todo", finding->todo);
    vs_json_set_string(object, "paste", paste);
    vs_output_json(ctl, object);
}

static void
print_text(const Finding *finding, const char *what)
{
    vs_output_printf("%s%s:%s %s\n", vs_terminal_colour(levels[finding->level].colour),
                     _(levels[finding->level].label), vs_terminal_plain(), what);
    if (finding->todo)
        vs_output_printf("    %s\n", finding->todo);
}

static void
print_paste(const VsCtl *ctl, const Finding *finding)
{
    g_autofree char *paste = finding->paste ? vs_own_command_there(ctl, finding->paste) : NULL;

    if (!paste)
        return;
    vs_output_printf("    %s", vs_terminal_colour(VS_COLOUR_BOLD));
    vs_output_bytes(paste); /* its signs are a shell's, and stay */
    vs_output_printf("%s\n", vs_terminal_plain());
}

/* Those from number @from on that say the same of their guests, and together will be told. */
static GPtrArray *
take_equal(const GPtrArray *found, unsigned from)
{
    Finding *first = g_ptr_array_index(found, from);
    GPtrArray *equal = g_ptr_array_new();

    for (unsigned i = from; i < found->len; i++) {
        Finding *finding = g_ptr_array_index(found, i);

        if (finding != first && (!first->many || finding->many != first->many))
            continue;
        g_ptr_array_add(equal, finding);
        finding->told = true;
    }
    return equal;
}

/* "“db1”, “db2” and 38 more". */
static char *
list_guests(const GPtrArray *equal)
{
    g_autoptr(GString) names = g_string_new(NULL);
    unsigned left = equal->len > MAX_NAMED ? equal->len - MAX_NAMED : 0;

    for (unsigned i = 0; i < equal->len - left; i++) {
        g_autofree char *name = vs_text_quoted(((Finding *)equal->pdata[i])->domain);

        g_string_append_printf(names, "%s%s", i > 0 ? vs_joint_names() : "", name);
    }
    if (left > 0)
        g_string_append_printf(names, ngettext(" and %u more", " and %u more", left), left);
    return g_strdup(names->str);
}

/* The first of them stands for the others in what is to be pasted. */
static void
print_equal(const VsCtl *ctl, const GPtrArray *found, unsigned from)
{
    g_autoptr(GPtrArray) equal = take_equal(found, from);
    const Finding *first = equal->pdata[0];
    g_autofree char *names = NULL, *what = NULL;

    if (equal->len > 1) {
        names = list_guests(equal);
        what = first->many(equal->len, names);
    }
    print_text(first, what ? what : first->what);
    for (unsigned i = 0; i < MIN(equal->len, MAX_PASTED); i++)
        print_paste(ctl, equal->pdata[i]);
    if (equal->len > MAX_PASTED && first->paste)
        vs_output_printf("    %s\n", _("... and likewise for the others (--json=pretty has a line "
                                       "for each)"));
}

void
vs_findings_print(const VsFindings *findings, const VsCtl *ctl)
{
    const GPtrArray *found = findings->found;

    g_ptr_array_sort(findings->found, compare);
    for (unsigned i = 0; i < found->len; i++) {
        const Finding *finding = g_ptr_array_index(found, i);

        if (ctl->json != VS_JSON_OFF)
            print_json(ctl, finding);
        else if (!finding->told)
            print_equal(ctl, found, i);
    }
}
