/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <locale.h>

#include "client/client.h"
#include "ctl/agent.h"
#include "ctl/help.h"
#include "ctl/options.h"
#include "ctl/output.h"
#include "ctl/verb-table.h"
#include "util/i18n.h"
#include "util/text.h"
#include "words/complain.h"

#define DEFAULT_LIMIT 20

static char *
list_verbs(void)
{
    GString *names = g_string_new(NULL);

    for (const VsVerb *verb = vs_verbs; verb->name; verb++)
        g_string_append_printf(names, "%s%s", names->len ? ", " : "", verb->name);
    return g_string_free(names, FALSE);
}

/* NULL, and said, where @name (which may be NULL) is none. */
static const VsVerb *
require_verb(const char *name)
{
    const VsVerb *verb = name ? vs_verb_find(name) : NULL;
    g_autofree char *names = list_verbs();
    g_autofree char *quoted = vs_text_quoted(name);

    if (!name)
        vs_complain(_("A verb is missing: allowed are %s"), names);
    else if (!verb)
        vs_complain(_("Unknown verb %s: allowed are %s"), quoted, names);
    return verb;
}

static bool
check_arguments(const VsVerb *verb, int n_args, char **args)
{
    g_autofree char *usage = vs_help_usage(verb);

    if (n_args < verb->min_args) {
        vs_complain(_("%s: an argument is missing: %s"), verb->name, usage);
        return false;
    }
    if (verb->max_args >= 0 && n_args > verb->max_args) {
        g_autofree char *quoted = vs_text_quoted(args[verb->max_args]);
        vs_complain(_("%s: one argument too many, %s: %s"), verb->name, quoted, usage);
        return false;
    }
    for (int i = 0; i < n_args; i++) {
        /* A file may be named in any bytes, but these go over D-Bus. */
        if (*args[i] && (!verb->needs_bus || g_utf8_validate(args[i], -1, NULL)))
            continue;
        g_autofree char *quoted = vs_text_quoted(args[i]);
        vs_complain(_("%s: %s is no argument: it must be UTF-8 and not empty: %s"), verb->name,
                    quoted, usage);
        return false;
    }
    return true;
}

static VsExit
run(VsCtl *ctl, int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    const VsVerb *verb;
    char **args;
    int n_args;

    if (!vs_ctl_options_parse(ctl, argc, argv, &n_args, &args, &error))
        return vs_complain_of(NULL, error);
    if (ctl->version) {
        vs_output_text(PACKAGE_STRING "\n");
        return VS_EXIT_OK;
    }
    if (ctl->help && n_args == 0) {
        g_autofree char *text = vs_help_text(NULL);
        vs_output_text(text);
        return VS_EXIT_OK;
    }
    verb = require_verb(args[0]);
    if (!verb)
        return VS_EXIT_USAGE;
    if (ctl->help) {
        g_autofree char *text = vs_help_text(verb);
        vs_output_text(text);
        return VS_EXIT_OK;
    }
    if (!check_arguments(verb, n_args - 1, args + 1))
        return VS_EXIT_USAGE;
    if (verb->check && !verb->check(ctl, n_args - 1, args + 1, &error))
        return vs_complain_of(verb->name, error);
    if (verb->needs_bus && !vs_client_open(&ctl->client, &error))
        return vs_complain_of(NULL, error);
    return verb->run(ctl, n_args - 1, args + 1);
}

static void
on_notice(VsClientNotice notice, const GError *why)
{
    switch (notice) {
    case VS_CLIENT_RECORD_PASSED_OVER:
        vs_complain(_("A record is passed over: %s"), why->message);
        break;
    case VS_CLIENT_RECORDS_CUT:
        vs_complain("%s", _("This virtstopd is older than virtstopctl, and gives no more than 16 "
                            "MiB of records: the oldest ones may be missing"));
        break;
    }
}

int
main(int argc, char **argv)
{
    VsCtl ctl = {
        .client = {.notice = on_notice, .has_person = vs_agent_has_person},
        .limit = DEFAULT_LIMIT,
    };
    VsExit status;

    setlocale(LC_ALL, "");
    bindtextdomain(PACKAGE, LOCALEDIR);
    bind_textdomain_codeset(PACKAGE, "UTF-8");
    textdomain(PACKAGE);

    status = run(&ctl, argc, argv);
    vs_agent_end();
    vs_client_close(&ctl.client);
    if (!vs_output_close() && status == VS_EXIT_OK)
        status = VS_EXIT_FAILED;
    return status;
}
