/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/options.h"

#include "config.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/text.h"

/* @n_allowed of @files, which may be NULL. */
static bool
check_files(char **files, unsigned n_allowed, GError **error)
{
    if (!files || g_strv_length(files) <= n_allowed)
        return true;

    g_autofree char *quoted = vs_text_quoted(files[n_allowed]);
    if (n_allowed > 0)
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                    _("%s: --check-config takes one file at most"), quoted);
    else
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                    _("%s: virtstopd takes options only (see --help)"), quoted);
    return false;
}

/* The configuration is checked as it stands in its files. */
static bool
check_alone(bool check_config, char **uris, GError **error)
{
    if (!check_config || !uris)
        return true;
    g_set_error(error, VS_ERROR, VS_ERROR_INVALID, _("--uri is not allowed with --check-config"));
    return false;
}

static bool
check_uris(char **uris, GError **error)
{
    for (char **uri = uris; uri && *uri; uri++) {
        g_autofree char *scheme = g_uri_parse_scheme(*uri);
        g_autofree char *quoted = vs_text_quoted(*uri);

        if (!scheme) {
            g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                        _("--uri=%s is no libvirt URI (allowed: such as qemu:///system)"), quoted);
            return false;
        }
    }
    return true;
}

bool
vs_daemon_options_parse(int *argc, char ***argv, VsDaemonOptions *ret, GError **error)
{
    g_auto(GStrv) uris = NULL, files = NULL;
    gboolean version = FALSE, check_config = FALSE, user = FALSE;
    GOptionEntry entries[] = {
        {"uri", 'c', 0, G_OPTION_ARG_STRING_ARRAY, &uris,
         N_("Watch the guests at this libvirt URI instead of the configured ones (may be "
            "repeated)"),
         N_("URI")},
        {"user", 0, 0, G_OPTION_ARG_NONE, &user,
         N_("Watch the guests of this user's own session, on the user's bus"), NULL},
        {"version", 0, 0, G_OPTION_ARG_NONE, &version, N_("Print the version and exit"), NULL},
        {"check-config", 0, 0, G_OPTION_ARG_NONE, &check_config,
         N_("Check the configuration, or the file that is named behind it, and exit"), NULL},
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &files, NULL, NULL},
        {NULL},
    };
    g_autoptr(GOptionContext) context =
        g_option_context_new(_("- stop virtual machines well, and know why each one stopped"));

    g_option_context_add_main_entries(context, entries, PACKAGE);
    if (!g_option_context_parse(context, argc, argv, error) ||
        !check_files(files, check_config ? 1 : 0, error) || !check_uris(uris, error) ||
        !check_alone(check_config, uris, error))
        return false;
    ret->scope = user ? VS_SCOPE_USER : VS_SCOPE_SYSTEM;
    if (!version && !vs_scope_check(ret->scope, error))
        return false;
    ret->uris = g_steal_pointer(&uris);
    ret->version = version;
    ret->check_config = check_config;
    ret->file = files ? g_strdup(files[0]) : NULL;
    return true;
}

void
vs_daemon_options_clear(VsDaemonOptions *options)
{
    g_clear_pointer(&options->uris, g_strfreev);
    g_clear_pointer(&options->file, g_free);
}
