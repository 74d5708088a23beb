/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hook/options.h"

#include <getopt.h>

#include "util/error.h"
#include "util/i18n.h"
#include "util/text.h"

enum {
    OPTION_HELP = 'h',
    OPTION_VERSION = 256,
    OPTION_USER,
    OPTION_LADDER,
    OPTION_BUDGET,
    OPTION_REASON
};

static const struct option long_options[] = {
    {"help", no_argument, NULL, OPTION_HELP},
    {"version", no_argument, NULL, OPTION_VERSION},
    {"user", no_argument, NULL, OPTION_USER},
    {"ladder", required_argument, NULL, OPTION_LADDER},
    {"budget", required_argument, NULL, OPTION_BUDGET},
    {"reason", required_argument, NULL, OPTION_REASON},
    {NULL},
};

static bool
set_refused(const char *word, GError **error)
{
    g_autofree char *quoted = vs_text_quoted(word);

    g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                _("%s is not allowed: virtstop-guests takes --user, --ladder=, --budget=, "
                  "--reason=, --help and --version"),
                quoted);
    return false;
}

static bool
take(VsHookOptions *options, int key, const char *word, GError **error)
{
    switch (key) {
    case OPTION_HELP:
        options->help = true;
        return true;
    case OPTION_VERSION:
        options->version = true;
        return true;
    case OPTION_USER:
        options->scope = VS_SCOPE_USER;
        return vs_scope_check(VS_SCOPE_USER, error);
    case OPTION_LADDER:
        return vs_request_set_ladder(&options->request, optarg, error);
    case OPTION_BUDGET:
        return vs_request_set_budget(&options->request, optarg, error);
    case OPTION_REASON:
        return vs_request_set_reason(&options->request, optarg, error);
    default:
        return set_refused(word, error);
    }
}

bool
vs_hook_options_parse(int argc, char **argv, VsHookOptions *ret, GError **error)
{
    VsHookOptions options = {0};
    int key;

    opterr = 0;
    while ((key = getopt_long(argc, argv, "h", long_options, NULL)) >= 0)
        if (!take(&options, key, argv[optind - 1], error))
            return false;
    if (optind < argc)
        return set_refused(argv[optind], error);
    *ret = options;
    return true;
}
