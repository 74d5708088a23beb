/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/command-line.h"

#include <getopt.h>
#include <string.h>

#include "ctl/options.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/similar.h"
#include "util/text.h"

/* What is done where nobody says what. */
#define DEFAULT_VERB "list"

/* What getopt_long() gives back for the option at index i. */
#define FIRST_KEY 256

/* What other programs call it. */
static const struct {
    const char *word, *ours;
} verb_synonyms[] =
    {
        {"shutdown", "stop"}, {"poweroff", "stop"}, {"destroy", "stop --ladder=destroy"},
        {"start", "restore"}, {"ls", "list"},       {"dominfo", "status"},
        {"show", "status"},   {"log", "history"},   {"explain", "why"},
},
  option_synonyms[] = {
      {"connect", "uri"},
      {"lines", "limit"},
      {"timeout", "budget"},
      {"message", "reason"},
};

/* @verb NULL: those of all. */
static bool
is_of(const VsOption *option, const VsVerb *verb)
{
    return !verb || vs_option_is_taken_by(option, verb->name);
}

/* Only those that @verb takes, so that they may be shortened as far as that is clear. */
static struct option *
make_long_options(const VsVerb *verb)
{
    GArray *result = g_array_new(TRUE, TRUE, sizeof(struct option));

    for (unsigned i = 0; vs_options[i].name; i++) {
        struct option one = {
            .name = vs_options[i].name,
            .has_arg = vs_options[i].value ? required_argument : no_argument,
            .val = FIRST_KEY + (int)i,
        };
        if (is_of(&vs_options[i], verb))
            g_array_append_val(result, one);
    }
    return (struct option *)g_array_free(result, FALSE);
}

/* The colon at its beginning has getopt_long() tell a missing value from an unknown option. */
static char *
make_letters(const VsVerb *verb)
{
    GString *letters = g_string_new(":");

    for (const VsOption *option = vs_options; option->name; option++)
        if (option->letter && is_of(option, verb)) {
            g_string_append_c(letters, option->letter);
            if (option->value)
                g_string_append_c(letters, ':');
        }
    return g_string_free(letters, FALSE);
}

static const VsOption *
find_option(const VsVerb *verb, int key)
{
    if (key >= FIRST_KEY)
        return &vs_options[key - FIRST_KEY];
    for (const VsOption *option = vs_options; option->name; option++)
        if (option->letter && option->letter == key && is_of(option, verb))
            return option;
    return NULL;
}

/* The first word that is no option, nor the value of one; NULL: there is none. */
static const char *
find_word(int argc, char **argv)
{
    g_autofree struct option *long_options = make_long_options(NULL);
    g_autofree char *letters = make_letters(NULL);
    g_autofree char **copy = g_new0(char *, (gsize)argc + 1);

    memcpy(copy, argv, (size_t)argc * sizeof *argv);
    opterr = 0;
    optind = 0; /* begin afresh, glibc's way */
    while (getopt_long(argc, copy, letters, long_options, NULL) >= 0)
        ;
    return copy[optind];
}

static const char *
find_synonym(const char *word)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(verb_synonyms); i++)
        if (g_str_equal(verb_synonyms[i].word, word))
            return verb_synonyms[i].ours;
    return NULL;
}

static void
set_bad_verb(const char *word, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    g_autofree char *quoted = vs_text_quoted(word), *list = NULL;
    const char *meant = find_synonym(word);

    for (const VsVerb *verb = vs_verbs; verb->name; verb++)
        g_ptr_array_add(names, (gpointer)verb->name);
    g_ptr_array_add(names, NULL);
    if (!meant)
        meant = vs_similar_find(word, (const char *const *)names->pdata);
    list = g_strjoinv(", ", (char **)names->pdata);
    if (meant)
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                    _("Unknown verb %s: did you mean “%s”? Allowed are %s"), quoted, meant, list);
    else
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID, _("Unknown verb %s: allowed are %s"), quoted,
                    list);
}

const VsVerb *
vs_command_line_verb(const char *word, GError **error)
{
    const VsVerb *verb = vs_verb_find(word ? word : DEFAULT_VERB);

    if (!verb)
        set_bad_verb(word, error);
    return verb;
}

/* Those that @verb takes, its own first; and whether they begin so. */
static GPtrArray *
collect_names(const VsVerb *verb, const char *prefix)
{
    GPtrArray *names = g_ptr_array_new();

    for (int own = 1; own >= 0; own--)
        for (const VsOption *option = vs_options; option->name; option++)
            if (vs_option_is_of(option, verb->name) == (own == 1) && is_of(option, verb) &&
                g_str_has_prefix(option->name, prefix))
                g_ptr_array_add(names, (gpointer)option->name);
    g_ptr_array_add(names, NULL);
    return names;
}

/* "--since, --until" */
static char *
join_names(const GPtrArray *names)
{
    g_autofree char *joined = g_strjoinv(", --", (char **)names->pdata);

    return g_strconcat("--", joined, NULL);
}

/* Of another verb it is one. */
static const VsOption *
find_foreign(const VsVerb *verb, const char *name, char letter)
{
    for (const VsOption *option = vs_options; option->name; option++)
        if (!is_of(option, verb) &&
            ((letter && option->letter == letter) || (!letter && g_str_equal(option->name, name))))
            return option;
    return NULL;
}

/* "blame, plot, cancel, extend": they may take it in another sense each. */
static char *
list_takers(const char *name)
{
    GString *list = g_string_new(NULL);

    for (const VsOption *option = vs_options; option->name; option++)
        if (option->verbs && g_str_equal(option->name, name))
            g_string_append_printf(list, "%s%s", list->len > 0 ? ", " : "", option->verbs);
    return g_string_free(list, FALSE);
}

static void
set_foreign(const VsVerb *verb, const VsOption *option, GError **error)
{
    g_autofree char *takers = list_takers(option->name);

    if (option->verbs)
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                    _("Option --%s is not allowed with “%s”: it goes with “%s” only"), option->name,
                    verb->name, takers);
    else
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                    _("Option --%s is not allowed with “%s”: it would mean nothing there"),
                    option->name, verb->name);
}

static const char *
find_meant(const char *name, const GPtrArray *names)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(option_synonyms); i++)
        if (g_str_equal(option_synonyms[i].word, name) &&
            g_strv_contains((const char *const *)names->pdata, option_synonyms[i].ours))
            return option_synonyms[i].ours;
    return vs_similar_find(name, (const char *const *)names->pdata);
}

/* @name: without the dashes, and what stands behind "=". */
static void
set_unknown(const VsVerb *verb, const char *name, const char *quoted, GError **error)
{
    g_autoptr(GPtrArray) all = collect_names(verb, ""), begun = collect_names(verb, name);
    g_autofree char *list = join_names(all), *few = join_names(begun);
    const char *meant = find_meant(name, all);

    if (*name && begun->len > 2) /* one is the NULL at its end */
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID, _("Option %s may mean any of %s"), quoted,
                    few);
    else if (meant)
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                    _("Unknown option %s: did you mean --%s? “%s” takes %s"), quoted, meant,
                    verb->name, list);
    else
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID, _("Unknown option %s: “%s” takes %s"),
                    quoted, verb->name, list);
}

/* What getopt_long() made '?' or ':' of. */
static void
set_bad_option(const VsVerb *verb, int result, const char *word, GError **error)
{
    const VsOption *option = find_option(verb, optopt), *foreign;
    const char letter[] = {'-', (char)optopt, '\0'};
    g_autofree char *quoted = vs_text_quoted(optopt ? letter : word);
    g_autofree char *name = optopt ? g_strdup("") : g_strndup(word + 2, strcspn(word + 2, "="));

    if (option && result == ':')
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID, _("Option --%s needs a value: --%s=%s"),
                    option->name, option->name, _(option->value));
    else if (option)
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID, _("Option --%s takes no value"),
                    option->name);
    else if ((foreign = find_foreign(verb, name, (char)optopt)))
        set_foreign(verb, foreign, error);
    else
        set_unknown(verb, name, quoted, error);
}

/* What goes with "--all" or a plan is about every guest there is. */
static bool
check_uri(const VsCtl *ctl, const VsVerb *verb, GError **error)
{
    const char *other = NULL;

    if (ctl->client.uri && ctl->all && !g_str_equal(verb->name, "list"))
        other = "--all";
    else if (ctl->client.uri && ctl->stop &&
             (g_str_equal(verb->name, "cancel") || g_str_equal(verb->name, "extend")))
        other = "--stop";
    else if (ctl->client.uri && ctl->plan)
        other = "--plan";
    else if (ctl->client.uri && ctl->request.budget > 0 && g_str_equal(verb->name, "plot"))
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

static bool
read_options(VsCtl *ctl, const VsVerb *verb, int argc, char **argv, GError **error)
{
    g_autofree struct option *long_options = make_long_options(verb);
    g_autofree char *letters = make_letters(verb);
    int result;

    opterr = 0;
    optind = 0;
    while ((result = getopt_long(argc, argv, letters, long_options, NULL)) >= 0) {
        if (result == '?' || result == ':') {
            set_bad_option(verb, result, argv[optind - 1], error);
            return false;
        }
        if (!find_option(verb, result)->set(ctl, optarg, error))
            return false;
    }
    return check_uri(ctl, verb, error) && check_host(ctl, error);
}

bool
vs_command_line_parse(VsCtl *ctl, int argc, char **argv, VsCommandLine *ret, GError **error)
{
    const char *word = find_word(argc, argv);
    const VsVerb *verb = vs_command_line_verb(word, error);

    if (!verb || !read_options(ctl, verb, argc, argv, error))
        return false;
    *ret = (VsCommandLine){
        .verb = verb,
        .named = word != NULL,
        .n_args = argc - optind - (word ? 1 : 0),
        .args = argv + optind + (word ? 1 : 0),
    };
    return true;
}
