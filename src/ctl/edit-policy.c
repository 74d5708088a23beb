/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ctl/policy-view.h"
#include "ctl/verbs.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/text.h"
#include "words/complain.h"

/* A guest's metadata in an editor, in the manner of systemctl edit. What was written there stays in
 * its file until it is in force, or nobody wants it. */

typedef struct Edit {
    VsCtl *ctl;
    const char *domain;
    char *path;
    char *before;    /* the text that was given to the editor */
    char **metadata; /* what it was made of */
} Edit;

static void
append_comments(GString *text, const VsPolicyView *view)
{
    g_string_append_printf(text, "\n# %s\n", _("What holds now, and where it comes from:"));
    for (unsigned i = 0; i < view->rows->len; i++) {
        const VsPolicyRow *row = view->rows->pdata[i];
        g_autofree char *origin = vs_policy_row_origin(row);
        g_autofree char *value = vs_text_printable(row->value);

        g_string_append_printf(text, "#   %s=%s  (%s)\n", row->key, value, origin);
    }
}

static char *
make_text(const Edit *edit, const VsPolicyView *view)
{
    g_autofree char *name = vs_text_printable(edit->domain);
    g_autofree char *error = vs_text_printable(view->error);
    GString *text = g_string_new("# ");

    g_string_append_printf(text,
                           _("The policy that %s has in its own metadata: Key=value, one a "
                             "line, see virtstop.conf(5)."),
                           name);
    g_string_append_printf(
        text, "\n# %s\n",
        _("Lines that begin with # don't count; without any other, it has none."));
    if (view->error)
        g_string_append_printf(text, "# %s\n", error);
    for (char **assignment = view->metadata; *assignment; assignment++) {
        /* A line each: an attribute may have line ends in it (&#10;), and what stands behind one
         * would be another assignment. */
        g_autofree char *line = g_strdelimit(g_strdup(*assignment), "\r\n", ' ');

        g_string_append_printf(text, "%s\n", line);
    }
    append_comments(text, view);
    return g_string_free(text, FALSE);
}

static bool
fail_file(const char *path, const char *why, GError **error)
{
    g_autofree char *quoted = vs_text_quoted(path);

    g_set_error(error, VS_ERROR, VS_ERROR_IO, "%s: %s", quoted, why);
    return false;
}

static bool
write_file(Edit *edit, GError **error)
{
    g_autoptr(GError) why = NULL;
    int fd = g_file_open_tmp("virtstop-policy-XXXXXX.conf", &edit->path, &why);
    size_t size = strlen(edit->before);
    bool ok;

    if (fd < 0)
        return fail_file(g_get_tmp_dir(), why->message, error);
    ok = write(fd, edit->before, size) == (ssize_t)size;
    ok = close(fd) == 0 && ok;
    return ok || fail_file(edit->path, g_strerror(errno), error);
}

static char *
find_editor(void)
{
    static const char *const variables[] = {"EDITOR", "VISUAL"};
    static const char *const programs[] = {"editor", "nano", "vim", "vi"};

    for (unsigned i = 0; i < G_N_ELEMENTS(variables); i++) {
        const char *value = g_getenv(variables[i]);

        if (value && *value)
            return g_strdup(value);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(programs); i++) {
        g_autofree char *path = g_find_program_in_path(programs[i]);

        if (path)
            return g_shell_quote(path);
    }
    return NULL;
}

/* Waits for it. */
static bool
run_editor(const char *path, GError **error)
{
    g_autofree char *editor = find_editor(), *quoted = g_shell_quote(path), *line = NULL;
    g_autoptr(GError) why = NULL;
    g_auto(GStrv) argv = NULL;
    int status;

    if (!editor) {
        g_set_error(error, VS_ERROR, VS_ERROR_FAILED,
                    _("There is no editor: name one by the environment variable EDITOR"));
        return false;
    }
    line = g_strconcat(editor, " ", quoted, NULL);
    if (g_shell_parse_argv(line, NULL, &argv, &why) &&
        g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_CHILD_INHERITS_STDIN, NULL,
                     NULL, NULL, NULL, &status, &why) &&
        g_spawn_check_exit_status(status, &why))
        return true;
    return fail_file(editor, why->message, error);
}

/* The assignments of @text. */
static char **
read_text(const char *text, GError **error)
{
    g_autoptr(GPtrArray) assignments = g_ptr_array_new_with_free_func(g_free);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (unsigned i = 0; lines[i]; i++) {
        char *line = g_strstrip(lines[i]);
        g_auto(GStrv) parts = NULL;

        if (*line == '\0' || *line == '#' || *line == ';')
            continue;
        if (!vs_policy_check_assignment(line, error)) {
            g_prefix_error(error, _("line %u: "), i + 1);
            return NULL;
        }
        parts = g_strsplit(line, "=", 2);
        g_ptr_array_add(assignments,
                        g_strconcat(g_strchomp(parts[0]), "=", g_strchug(parts[1]), NULL));
    }
    g_ptr_array_add(assignments, NULL);
    g_ptr_array_set_free_func(assignments, NULL);
    return (char **)g_ptr_array_free(g_steal_pointer(&assignments), FALSE);
}

/* What somebody else wrote there meanwhile isn't written over unread. */
static bool
check_unchanged(const Edit *edit, GError **error)
{
    g_auto(VsPolicyView) view = {0};

    if (!vs_policy_get(&edit->ctl->client, edit->domain, &view, error))
        return false;
    if (view.metadata &&
        g_strv_equal((const char *const *)view.metadata, (const char *const *)edit->metadata))
        return true;
    g_set_error(error, VS_ERROR, VS_ERROR_FAILED,
                _("somebody else has changed the domain's metadata meanwhile"));
    return false;
}

static bool
apply(const Edit *edit, bool *ret_changed, GError **error)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) why = NULL;
    g_auto(GStrv) assignments = NULL;

    if (!g_file_get_contents(edit->path, &text, NULL, &why))
        return fail_file(edit->path, why->message, error);
    *ret_changed = strcmp(text, edit->before) != 0;
    if (!*ret_changed)
        return true;
    assignments = read_text(text, error);
    return assignments && check_unchanged(edit, error) &&
           vs_policy_set(&edit->ctl->client, edit->domain, assignments, true, error);
}

/* No answer, as without a terminal, is no. */
static bool
wants_again(void)
{
    char answer[16];

    if (!isatty(STDIN_FILENO))
        return false;
    fprintf(stderr, "%s ", _("Edit it again? [Y/n]"));
    if (!fgets(answer, sizeof answer, stdin))
        return false;
    return strchr("yY\n", answer[0]) != NULL;
}

static VsExit
edit_until_right(const Edit *edit)
{
    bool changed = false;

    for (;;) {
        g_autoptr(GError) error = NULL;

        if (run_editor(edit->path, &error) && apply(edit, &changed, &error)) {
            unlink(edit->path);
            if (!changed)
                vs_complain("%s", _("nothing was changed"));
            return VS_EXIT_OK;
        }
        VsExit status = vs_complain_of(edit->domain, error);
        if (!wants_again()) {
            g_autofree char *quoted = vs_text_quoted(edit->path);

            vs_complain(_("what was edited stays in %s"), quoted);
            return status;
        }
    }
}

VsExit
vs_verb_edit_policy(VsCtl *ctl, int n_args, char **args)
{
    Edit edit = {.ctl = ctl, .domain = args[0]};
    g_auto(VsPolicyView) view = {0};
    g_autoptr(GError) error = NULL;
    VsExit status;

    if (!vs_policy_get(&ctl->client, args[0], &view, &error))
        return vs_complain_of(args[0], error);
    if (!view.metadata) {
        vs_policy_view_complain(&view, args[0]);
        return VS_EXIT_FAILED;
    }
    edit.metadata = view.metadata;
    edit.before = make_text(&edit, &view);
    status = write_file(&edit, &error) ? edit_until_right(&edit) : vs_complain_of(NULL, error);
    g_free(edit.before);
    g_free(edit.path);
    return status;
}
