/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <locale.h>
#include <stdio.h>

#include "hook/hook.h"
#include "hook/options.h"
#include "util/i18n.h"
#include "words/complain.h"

static void
print_help(void)
{
    puts(_("virtstop-guests [--user] [--ladder=LADDER] [--budget=SPAN] [--reason=TEXT]\n\n"
           "Stops all guests, where the host goes down, and waits until they are off: what\n"
           "virtstop-guests.service does at its stop. With --user: the user's guests, where\n"
           "his session ends. See virtstopctl(1), stop-all."));
}

static VsExit
run(const VsHookOptions *options)
{
    g_autoptr(GPtrArray) owned = NULL;
    VsHookSetup setup = vs_hook_setup_usual(options->scope, &owned);

    return vs_hook_run(&options->request, &setup);
}

int
main(int argc, char **argv)
{
    VsHookOptions options;
    g_autoptr(GError) error = NULL;

    setlocale(LC_ALL, "");
    bindtextdomain(PACKAGE, LOCALEDIR);
    bind_textdomain_codeset(PACKAGE, "UTF-8");
    textdomain(PACKAGE);

    if (!vs_hook_options_parse(argc, argv, &options, &error))
        return (int)vs_complain_of(NULL, error);
    if (options.version)
        puts(PACKAGE_STRING);
    else if (options.help)
        print_help();
    else
        return (int)run(&options);
    return VS_EXIT_OK;
}
