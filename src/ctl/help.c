/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/help.h"

#include <string.h>

#include "ctl/options.h"
#include "util/i18n.h"
#include "util/text.h"

#define LEFT_MAX 30

typedef struct Line {
    char *left;
    const char *right;
} Line;

static void
clear_line(gpointer data)
{
    g_free(((Line *)data)->left);
}

static GArray *
new_lines(void)
{
    GArray *lines = g_array_new(FALSE, FALSE, sizeof(Line));

    g_array_set_clear_func(lines, clear_line);
    return lines;
}

static void
add_line(GArray *lines, char *left, const char *right)
{
    Line line = {left, _(right)};

    g_array_append_val(lines, line);
}

static void
append_lines(GString *text, const char *title, const GArray *lines)
{
    size_t widest = 0;

    for (unsigned i = 0; i < lines->len; i++) {
        size_t columns = vs_text_columns(g_array_index(lines, Line, i).left);
        if (columns <= LEFT_MAX)
            widest = MAX(widest, columns);
    }
    g_string_append_printf(text, "\n%s\n", title);
    for (unsigned i = 0; i < lines->len; i++) {
        const Line *line = &g_array_index(lines, Line, i);
        size_t columns = vs_text_columns(line->left);
        if (columns > widest)
            g_string_append_printf(text, "  %s\n  %*s  %s\n", line->left, (int)widest, "",
                                   line->right);
        else
            g_string_append_printf(text, "  %s%*s  %s\n", line->left, (int)(widest - columns), "",
                                   line->right);
    }
}

/* @verb's own, or those of all that it has (NULL: all of them). */
static void
append_options(GString *text, const char *title, bool own, const char *verb)
{
    g_autoptr(GArray) lines = new_lines();

    for (const VsOption *option = vs_options; option->name; option++) {
        if (!vs_option_is_of(option, own ? verb : NULL) ||
            (verb && !vs_option_is_shown_by(option, verb)))
            continue;
        const char letter[] = {'-', option->letter, ' ', '\0'};
        add_line(lines,
                 g_strdup_printf("%s--%s%s%s", option->letter ? letter : "   ", option->name,
                                 option->value ? "=" : "", option->value ? _(option->value) : ""),
                 option->help);
    }
    if (lines->len > 0)
        append_lines(text, title, lines);
}

static void
append_verb_options(GString *text, const VsVerb *verb)
{
    g_autofree char *title = g_strdup_printf(_("Options of %s:"), verb->name);

    append_options(text, title, true, verb->name);
}

static void
append_verbs(GString *text)
{
    g_autoptr(GArray) lines = new_lines();

    for (const VsVerb *verb = vs_verbs; verb->name; verb++)
        add_line(lines,
                 g_strdup_printf("%s%s%s", verb->name, verb->arguments ? " " : "",
                                 verb->arguments ? _(verb->arguments) : ""),
                 verb->help);
    append_lines(text, _("Verbs:"), lines);
}

char *
vs_help_usage(const VsVerb *verb)
{
    return g_strdup_printf(_("virtstopctl %s [OPTIONS...]%s%s"), verb->name,
                           verb->arguments ? " " : "", verb->arguments ? _(verb->arguments) : "");
}

/* Whether the help of @verb (NULL: of all) names such a value. */
static bool
names(const VsVerb *verb, const char *value)
{
    bool does = !verb || (verb->arguments && strstr(verb->arguments, value));

    for (const VsOption *option = vs_options; !does && option->name; option++)
        does = g_strcmp0(option->value, value) == 0 && vs_option_is_shown_by(option, verb->name);
    return does;
}

/* What is to be known of its words. */
static void
append_words(GString *text, const VsVerb *verb)
{
    g_string_append_c(text, '\n');
    if (names(verb, "DOMAIN"))
        g_string_append_printf(
            text, "%s\n", _("A DOMAIN is a name, a UUID, an id, or a glob in quotes: 'web-*'."));
    if (names(verb, "SPAN"))
        g_string_append_printf(text, "%s\n", _("A SPAN is written 90, 90s or 1min 30s."));
    g_string_append_printf(
        text, "%s\n",
        _("Exit status: 0 done and clean, 1 failed, 2 usage, 3 off but forced, 4 no such domain,\n"
          "5 not authorised. See virtstopctl(1)."));
}

char *
vs_help_text(const VsVerb *verb)
{
    GString *text = g_string_new(NULL);

    if (verb) {
        g_autofree char *usage = vs_help_usage(verb);
        g_string_append_printf(text, "%s\n\n%s\n", usage, _(verb->help));
        append_verb_options(text, verb);
    } else {
        g_string_append_printf(text, "%s\n\n%s\n",
                               _("virtstopctl [OPTIONS...] VERB [ARGUMENTS...]"),
                               _("Stop libvirt guests well, and know why each one stopped."));
        append_verbs(text);
        for (const VsVerb *each = vs_verbs; each->name; each++)
            append_verb_options(text, each);
    }
    append_options(text, _("Options:"), false, verb ? verb->name : NULL);
    append_words(text, verb);
    return g_string_free(text, FALSE);
}
