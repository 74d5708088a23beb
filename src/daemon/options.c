/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/options.h"

#include "config.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/text.h"

static bool
no_arguments(int argc, char **argv, GError **error)
{
    g_autofree char *quoted = argc > 1 ? vs_text_quoted(argv[1]) : NULL;

    if (argc <= 1)
        return true;
    g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                _("%s: virtstopd takes options only (see --help)"), quoted);
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
vs_options_parse(int *argc, char ***argv, VsOptions *ret, GError **error)
{
    g_auto(GStrv) uris = NULL;
    gboolean version = FALSE;
    GOptionEntry entries[] = {
        {"uri", 'c', 0, G_OPTION_ARG_STRING_ARRAY, &uris,
         N_("Watch the guests at this libvirt URI instead of the configured ones (may be "
            "repeated)"),
         N_("URI")},
        {"version", 0, 0, G_OPTION_ARG_NONE, &version, N_("Print the version and exit"), NULL},
        {NULL},
    };
    g_autoptr(GOptionContext) context =
        g_option_context_new(_("- stop virtual machines well, and know why each one stopped"));

    g_option_context_add_main_entries(context, entries, PACKAGE);
    if (!g_option_context_parse(context, argc, argv, error) || !no_arguments(*argc, *argv, error) ||
        !check_uris(uris, error))
        return false;
    ret->uris = g_steal_pointer(&uris);
    ret->version = version;
    return true;
}

void
vs_options_clear(VsOptions *options)
{
    g_clear_pointer(&options->uris, g_strfreev);
}
