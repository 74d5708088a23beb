/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <locale.h>

#include "client/client.h"
#include "ctl/agent.h"
#include "ctl/command-line.h"
#include "ctl/guests.h"
#include "ctl/help.h"
#include "ctl/output.h"
#include "ctl/records-file.h"
#include "util/i18n.h"
#include "util/text.h"
#include "words/complain.h"

#define DEFAULT_LIMIT 20

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

/* @name NULL: of all verbs. */
static VsExit
help(const char *name)
{
    g_autoptr(GError) error = NULL;
    const VsVerb *verb = name ? vs_command_line_verb(name, &error) : NULL;
    g_autofree char *text = vs_help_text(verb);

    if (error)
        return vs_complain_of(NULL, error);
    vs_output_text(text);
    return VS_EXIT_OK;
}

/* Whether the verb can do with virtstopd's files. */
static bool
go_on_without_bus(VsClient *client, const VsVerb *verb, const GError *why)
{
    if (!verb->from_file || client->host)
        return false;
    vs_client_close(client);
    client->why_away = g_error_copy(why);
    return true;
}

static VsExit
run(VsCtl *ctl, int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    VsCommandLine line;
    const VsVerb *verb;

    if (!vs_command_line_parse(ctl, argc, argv, &line, &error))
        return vs_complain_of(NULL, error);
    verb = line.verb;
    if (ctl->version) {
        vs_output_text(PACKAGE_STRING "\n");
        return VS_EXIT_OK;
    }
    if (ctl->help && !vs_verb_is_help(verb))
        return help(line.named ? verb->name : NULL);
    if (!check_arguments(verb, line.n_args, line.args))
        return VS_EXIT_USAGE;
    if (vs_verb_is_help(verb))
        return help(line.n_args > 0 ? line.args[0] : NULL);
    if (verb->check && !verb->check(ctl, line.n_args, line.args, &error))
        return vs_complain_of(verb->name, error);
    if (verb->needs_bus && !vs_client_open(&ctl->client, &error) &&
        !go_on_without_bus(&ctl->client, verb, error))
        return vs_complain_of(NULL, error);
    return vs_guests_run(ctl, verb, line.n_args, line.args);
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
    case VS_CLIENT_RECORDS_OF_FILE:
        vs_complain(_("This is read from virtstopd's files: %s"), why->message);
        break;
    }
}

int
main(int argc, char **argv)
{
    VsCtl ctl = {
        .client = {.notice = on_notice,
                   .has_person = vs_agent_has_person,
                   .read_page = vs_records_file_page},
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
    g_clear_pointer(&ctl.request.part, vs_part_unref);
    if (!vs_output_close() && status == VS_EXIT_OK)
        status = VS_EXIT_FAILED;
    return status;
}
