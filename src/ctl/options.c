/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/options.h"

#include <getopt.h>

#include "util/error.h"
#include "util/i18n.h"
#include "util/text.h"

static bool
set_help(VsCtl *ctl, const char *value, GError **error)
{
    ctl->help = true;
    return true;
}

static bool
set_version(VsCtl *ctl, const char *value, GError **error)
{
    ctl->version = true;
    return true;
}

static bool
set_json(VsCtl *ctl, const char *value, GError **error)
{
    static const char *const modes[] = {
        [VS_JSON_OFF] = "off",
        [VS_JSON_SHORT] = "short",
        [VS_JSON_PRETTY] = "pretty",
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(modes); i++)
        if (g_str_equal(value, modes[i])) {
            ctl->json = i;
            return true;
        }
    g_autofree char *quoted = vs_text_quoted(value);
    g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                _("--json=: %s is not a mode: short, pretty and off are allowed"), quoted);
    return false;
}

static bool
set_no_pager(VsCtl *ctl, const char *value, GError **error)
{
    ctl->no_pager = true;
    return true;
}

static bool
set_no_legend(VsCtl *ctl, const char *value, GError **error)
{
    ctl->no_legend = true;
    return true;
}

static bool
set_host(VsCtl *ctl, const char *value, GError **error)
{
    if (!vs_request_check_text("host", value, error))
        return false;
    /* It becomes an argument of ssh. */
    if (*value == '-') {
        g_autofree char *quoted = vs_text_quoted(value);
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                    _("--host=: %s is not a host: [USER@]HOST[:PORT] is allowed"), quoted);
        return false;
    }
    ctl->client.host = value;
    return true;
}

static bool
set_user(VsCtl *ctl, const char *value, GError **error)
{
    ctl->client.scope = VS_SCOPE_USER;
    return vs_scope_check(VS_SCOPE_USER, error);
}

static bool
set_uri(VsCtl *ctl, const char *value, GError **error)
{
    if (!vs_request_check_text("uri", value, error))
        return false;
    g_autofree char *scheme = g_uri_parse_scheme(value);
    if (!scheme) {
        g_autofree char *quoted = vs_text_quoted(value);
        g_set_error(
            error, VS_ERROR, VS_ERROR_INVALID,
            _("--uri=: %s is not a URI: one of libvirt's is allowed, such as qemu:///system"),
            quoted);
        return false;
    }
    ctl->client.uri = value;
    return true;
}

static bool
set_no_wait(VsCtl *ctl, const char *value, GError **error)
{
    ctl->no_wait = true;
    return true;
}

static bool
set_ladder(VsCtl *ctl, const char *value, GError **error)
{
    return vs_request_set_ladder(&ctl->request, value, error);
}

static bool
set_budget(VsCtl *ctl, const char *value, GError **error)
{
    return vs_request_set_budget(&ctl->request, value, error);
}

static bool
set_reason(VsCtl *ctl, const char *value, GError **error)
{
    return vs_request_set_reason(&ctl->request, value, error);
}

static bool
set_limit(VsCtl *ctl, const char *value, GError **error)
{
    guint64 limit;

    if (!g_ascii_string_to_unsigned(value, 10, 0, UINT32_MAX, &limit, NULL)) {
        g_autofree char *quoted = vs_text_quoted(value);
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                    _("--limit=: %s is not a number of records: 0 (all) to %u are allowed"), quoted,
                    UINT32_MAX);
        return false;
    }
    ctl->limit = limit;
    return true;
}

static bool
set_all(VsCtl *ctl, const char *value, GError **error)
{
    ctl->all = true;
    return true;
}

static bool
set_plan(VsCtl *ctl, const char *value, GError **error)
{
    ctl->plan = true;
    return true;
}

static bool
set_explain(VsCtl *ctl, const char *value, GError **error)
{
    ctl->explain = true;
    return true;
}

static bool
set_host_shutdown(VsCtl *ctl, const char *value, GError **error)
{
    ctl->host_shutdown = true;
    return true;
}

static bool
set_requests(VsCtl *ctl, const char *value, GError **error)
{
    ctl->requests = true;
    return true;
}

static bool
set_foreign(VsCtl *ctl, const char *value, GError **error)
{
    ctl->foreign = true;
    return true;
}

const VsOption vs_options[] = {
    {"help", 'h', NULL, N_("Show this help; behind a verb, the verb's"), NULL, set_help},
    {"version", 0, NULL, N_("Show the version"), NULL, set_version},
    {"host", 'H', N_("[USER@]HOST"), N_("Talk to that host, over ssh"), NULL, set_host},
    {"user", 0, NULL, N_("Talk to the virtstopd of this user's own session"), NULL, set_user},
    {"uri", 0, N_("URI"), N_("Only guests of this libvirt connection"),
     "stop, list, status, history, why, blame, plot, doctor, watch, cancel, escalate, extend, "
     "show-policy, set-policy, edit-policy",
     set_uri, true},
    {"json", 0, N_("MODE"), N_("Print JSON: short, pretty or off"), NULL, set_json},
    {"no-pager", 0, NULL, N_("Don't pipe the output into a pager"), NULL, set_no_pager},
    {"no-legend", 0, NULL, N_("Don't print a table's head and hints"), NULL, set_no_legend},
    {"no-wait", 0, NULL, N_("Don't wait until the guests are off"), "stop, stop-all", set_no_wait},
    {"ladder", 0, N_("LADDER"), N_("Stop by these steps: “agent:60s power-button:2min destroy”"),
     "stop, stop-all", set_ladder},
    {"budget", 0, N_("SPAN"), N_("Let all of it take at most this long"),
     "stop, stop-all, plan, plot", set_budget},
    {"reason", 0, N_("TEXT"), N_("Say why; it stands in the record"), "stop, stop-all", set_reason},
    {"plan", 0, NULL, N_("Draw what would be instead of what was"), "plot", set_plan},
    {"explain", 0, NULL, N_("Say where each value comes from"), "show-policy", set_explain},
    {"all", 0, NULL, N_("All stops in flight"), "cancel, extend", set_all},
    {"host-shutdown", 0, NULL, N_("Only where the host goes down: for virtstop-guests.service"),
     "stop-all", set_host_shutdown},
    {"limit", 'n', N_("N"), N_("Show the last N records (20; 0: all)"), "history", set_limit},
    {"requests", 0, NULL, N_("Show the requests that stopped nobody, and who changed others"),
     "history", set_requests},
    {"foreign", 0, NULL, N_("The trace's requests were somebody else's"), "replay", set_foreign},
    {NULL},
};

static bool
is_taken_by(const VsOption *option, const char *verb)
{
    g_auto(GStrv) verbs = option->verbs ? g_strsplit(option->verbs, ", ", -1) : NULL;

    return !verbs || g_strv_contains((const char *const *)verbs, verb);
}

bool
vs_option_is_of(const VsOption *option, const char *verb)
{
    bool of_all = !option->verbs || option->common;

    return verb ? !of_all && is_taken_by(option, verb) : of_all;
}

/* What getopt_long() gives back for the option at index i. */
#define FIRST_KEY 256

static struct option *
make_long_options(void)
{
    struct option *result = g_new0(struct option, G_N_ELEMENTS(vs_options));

    for (unsigned i = 0; vs_options[i].name; i++)
        result[i] = (struct option){
            .name = vs_options[i].name,
            .has_arg = vs_options[i].value ? required_argument : no_argument,
            .val = FIRST_KEY + i,
        };
    return result;
}

/* The colon at its beginning has getopt_long() tell a missing value from an unknown option. */
static char *
make_letters(void)
{
    GString *letters = g_string_new(":");

    for (const VsOption *option = vs_options; option->name; option++)
        if (option->letter) {
            g_string_append_c(letters, option->letter);
            if (option->value)
                g_string_append_c(letters, ':');
        }
    return g_string_free(letters, FALSE);
}

static const VsOption *
find_option(int key)
{
    if (key >= FIRST_KEY)
        return &vs_options[key - FIRST_KEY];
    for (const VsOption *option = vs_options; option->name; option++)
        if (option->letter && option->letter == key)
            return option;
    return NULL;
}

static char *
list_names(void)
{
    GString *names = g_string_new(NULL);

    for (const VsOption *option = vs_options; option->name; option++)
        g_string_append_printf(names, "%s--%s", names->len ? ", " : "", option->name);
    return g_string_free(names, FALSE);
}

static void
set_bad_option(int result, const char *word, GError **error)
{
    const VsOption *option = find_option(optopt);

    if (option && result == ':') {
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID, _("Option --%s needs a value: --%s=%s"),
                    option->name, option->name, _(option->value));
    } else if (option) {
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID, _("Option --%s takes no value"),
                    option->name);
    } else {
        const char letter[] = {'-', optopt, '\0'};
        g_autofree char *quoted = vs_text_quoted(optopt ? letter : word);
        g_autofree char *names = list_names();
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                    _("Unknown or ambiguous option %s: allowed are %s"), quoted, names);
    }
}

/* @given holds what was read; an option that its verb doesn't know is no noise to be passed over.
 */
static bool
check_verb(const GPtrArray *given, const char *verb, GError **error)
{
    for (unsigned i = 0; i < given->len; i++) {
        const VsOption *option = g_ptr_array_index(given, i);
        if (!verb || is_taken_by(option, verb))
            continue;
        g_autofree char *quoted = vs_text_quoted(verb);
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                    _("Option --%s is not allowed with %s: it goes with “%s” only"), option->name,
                    quoted, option->verbs);
        return false;
    }
    return true;
}

/* A verb that takes it may with another option be about every guest there is. */
static bool
check_uri(const VsCtl *ctl, const char *verb, GError **error)
{
    const char *other = NULL;

    if (ctl->client.uri && ctl->all)
        other = "--all";
    else if (ctl->client.uri && ctl->plan)
        other = "--plan";
    else if (ctl->client.uri && ctl->request.budget > 0 && g_strcmp0(verb, "plot") == 0)
        other = "--budget";
    if (!other)
        return true;
    g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                _("Option --uri is not allowed with %s, which is about all guests: leave one of "
                  "them out"),
                other);
    return false;
}

/* A session is where its user is. */
static bool
check_host(const VsCtl *ctl, GError **error)
{
    if (!ctl->client.host || ctl->client.scope == VS_SCOPE_SYSTEM)
        return true;
    g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                _("--user is not allowed with --host: log in there, and say virtstopctl --user"));
    return false;
}

bool
vs_ctl_options_parse(VsCtl *ctl, int argc, char **argv, int *ret_n_args, char ***ret_args,
                     GError **error)
{
    g_autofree struct option *long_options = make_long_options();
    g_autofree char *letters = make_letters();
    g_autoptr(GPtrArray) given = g_ptr_array_new();
    int result;

    opterr = 0;
    optind = 0; /* begin afresh, glibc's way */
    while ((result = getopt_long(argc, argv, letters, long_options, NULL)) >= 0) {
        if (result == '?' || result == ':') {
            set_bad_option(result, argv[optind - 1], error);
            return false;
        }
        const VsOption *option = find_option(result);
        if (!option->set(ctl, optarg, error))
            return false;
        g_ptr_array_add(given, (gpointer)option);
    }
    if (!check_verb(given, argv[optind], error) || !check_uri(ctl, argv[optind], error) ||
        !check_host(ctl, error))
        return false;
    *ret_n_args = argc - optind;
    *ret_args = argv + optind;
    return true;
}
