/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/options.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "util/error.h"
#include "util/i18n.h"
#include "util/text.h"

/* A reason goes into the record, the journal and onto every listener's terminal. */
#define MAX_REASON 4096

typedef struct VsOptionType {
    VsBusOption option;
    const char *name;
    const char *signature;
    size_t offset;
} VsOptionType;

static const VsOptionType types[] = {
    {VS_BUS_OPTION_URI, "uri", "s", offsetof(VsBusOptions, uri)},
    {VS_BUS_OPTION_LADDER, "ladder", "s", offsetof(VsBusOptions, ladder)},
    {VS_BUS_OPTION_BUDGET, "budget", "t", offsetof(VsBusOptions, budget)},
    {VS_BUS_OPTION_REASON, "reason", "s", offsetof(VsBusOptions, reason)},
    {VS_BUS_OPTION_SHUTDOWN, "shutdown", "b", offsetof(VsBusOptions, shutdown)},
    {VS_BUS_OPTION_KIND, "kind", "s", offsetof(VsBusOptions, kind)},
    {VS_BUS_OPTION_DOMAIN, "domain", "s", offsetof(VsBusOptions, domain)},
    {VS_BUS_OPTION_STOP, "stop", "s", offsetof(VsBusOptions, stop)},
    {VS_BUS_OPTION_HOST_STOP, "host_stop", "s", offsetof(VsBusOptions, host_stop)},
    {VS_BUS_OPTION_CAUSE, "cause", "s", offsetof(VsBusOptions, cause)},
    {VS_BUS_OPTION_SINCE, "since", "t", offsetof(VsBusOptions, since)},
    {VS_BUS_OPTION_UNTIL, "until", "t", offsetof(VsBusOptions, until)},
    {VS_BUS_OPTION_LIMIT, "limit", "u", offsetof(VsBusOptions, limit)},
    {VS_BUS_OPTION_REPLACE, "replace", "b", offsetof(VsBusOptions, replace)},
    {VS_BUS_OPTION_REQUESTS, "requests", "b", offsetof(VsBusOptions, requests)},
    {VS_BUS_OPTION_PUBLIC, "public", "b", offsetof(VsBusOptions, is_public)},
    {VS_BUS_OPTION_ID, "id", "s", offsetof(VsBusOptions, id)},
    {VS_BUS_OPTION_OUTCOME, "outcome", "s", offsetof(VsBusOptions, outcome)},
    {VS_BUS_OPTION_UNCLEAN, "unclean", "b", offsetof(VsBusOptions, unclean)},
    {VS_BUS_OPTION_AFTER, "after", "s", offsetof(VsBusOptions, after)},
    {VS_BUS_OPTION_GROUPS, "groups", "as", offsetof(VsBusOptions, groups)},
    {VS_BUS_OPTION_PRIORITIES, "priorities", "as", offsetof(VsBusOptions, priorities)},
    {VS_BUS_OPTION_URIS, "uris", "as", offsetof(VsBusOptions, uris)},
    {VS_BUS_OPTION_DOMAINS, "domains", "as", offsetof(VsBusOptions, domains)},
};

/* "uri s, ladder s" */
static char *
list_allowed(unsigned allowed)
{
    GString *list = g_string_new(NULL);

    for (unsigned i = 0; i < G_N_ELEMENTS(types); i++) {
        if (types[i].option & allowed)
            g_string_append_printf(list, "%s%s %s", list->len > 0 ? ", " : "", types[i].name,
                                   types[i].signature);
    }
    return g_string_free(list, FALSE);
}

static const VsOptionType *
find_type(const char *name, unsigned allowed, GError **error)
{
    g_autofree char *quoted = NULL, *list = NULL;

    for (unsigned i = 0; i < G_N_ELEMENTS(types); i++) {
        if ((types[i].option & allowed) && g_str_equal(types[i].name, name))
            return &types[i];
    }
    quoted = vs_text_quoted(name);
    list = list_allowed(allowed);
    /* TRANSLATORS: the option, and a list of names with their D-Bus types. */
    g_set_error(error, VS_ERROR, VS_ERROR_INVALID, _("There is no option %s here (allowed: %s)"),
                quoted, list);
    return NULL;
}

static bool
malformed(int r, GError **error)
{
    g_set_error(error, VS_ERROR, VS_ERROR_INVALID, _("The arguments can't be read: %s"),
                g_strerror(-r));
    return false;
}

/* An array of texts, in a variant. */
static int
read_words(sd_bus_message *message, VsBusWords *ret)
{
    const char *word;
    int r = sd_bus_message_enter_container(message, SD_BUS_TYPE_VARIANT, "as");

    if (r < 0 || (r = sd_bus_message_enter_container(message, SD_BUS_TYPE_ARRAY, "s")) < 0)
        return r;
    while ((r = sd_bus_message_read_basic(message, SD_BUS_TYPE_STRING, &word)) > 0) {
        if (ret->n >= VS_PART_MAX_WORDS)
            return -E2BIG;
        ret->at[ret->n++] = word;
    }
    if (r < 0 || (r = sd_bus_message_exit_container(message)) < 0)
        return r;
    return sd_bus_message_exit_container(message);
}

static bool
read_value(sd_bus_message *message, const VsOptionType *type, VsBusOptions *options, GError **error)
{
    const char *signature;
    int r = sd_bus_message_peek_type(message, NULL, &signature);

    if (r >= 0 && !g_str_equal(signature, type->signature)) {
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                    _("Option “%s” is of the D-Bus type %s (allowed: %s)"), type->name, signature,
                    type->signature);
        return false;
    }
    if (g_str_equal(type->signature, "as"))
        r = read_words(message, (VsBusWords *)((uint8_t *)options + type->offset));
    else
        r = sd_bus_message_read(message, "v", type->signature, (uint8_t *)options + type->offset);
    if (r == -E2BIG) {
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                    _("Option “%s” has too many words (allowed: up to %d)"), type->name,
                    VS_PART_MAX_WORDS);
        return false;
    }
    return r < 0 ? malformed(r, error) : true;
}

static bool
read_entry(sd_bus_message *message, unsigned allowed, VsBusOptions *options, GError **error)
{
    const VsOptionType *type;
    const char *name;
    int r = sd_bus_message_read_basic(message, SD_BUS_TYPE_STRING, &name);

    if (r < 0)
        return malformed(r, error);
    type = find_type(name, allowed, error);
    if (!type || !read_value(message, type, options, error))
        return false;
    r = sd_bus_message_exit_container(message);
    return r < 0 ? malformed(r, error) : true;
}

static bool
check_span(uint64_t span, const char *what, GError **error)
{
    if (span <= INT64_MAX)
        return true;
    g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                _("%s is %llu µs (allowed: 0 to 9223372036854775807)"), what,
                (unsigned long long)span);
    return false;
}

static bool
check_reason(const char *reason, GError **error)
{
    if (!reason || strlen(reason) <= MAX_REASON)
        return true;
    g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                _("The reason is %zu bytes long (allowed: up to %d)"), strlen(reason), MAX_REASON);
    return false;
}

bool
vs_bus_options_read(sd_bus_message *message, unsigned allowed, VsBusOptions *ret, GError **error)
{
    VsBusOptions options = {0};
    int r = sd_bus_message_enter_container(message, SD_BUS_TYPE_ARRAY, "{sv}");

    if (r < 0)
        return malformed(r, error);
    while ((r = sd_bus_message_enter_container(message, SD_BUS_TYPE_DICT_ENTRY, "sv")) > 0) {
        if (!read_entry(message, allowed, &options, error))
            return false;
    }
    if (r < 0 || (r = sd_bus_message_exit_container(message)) < 0)
        return malformed(r, error);
    if (!check_span(options.budget, "budget", error) || !check_reason(options.reason, error) ||
        !check_span(options.since, "since", error) || !check_span(options.until, "until", error))
        return false;

    *ret = options;
    return true;
}

static bool
add_words(VsPart *part, VsPartKind kind, const VsBusWords *words, GError **error)
{
    for (unsigned i = 0; i < words->n; i++)
        if (!vs_part_add(part, kind, words->at[i], error)) {
            g_prefix_error(error, _("Option “%s”: "), vs_part_kind_name(kind));
            return false;
        }
    return true;
}

bool
vs_bus_options_part(const VsBusOptions *options, VsPart **ret, GError **error)
{
    g_autoptr(VsPart) part = vs_part_new();

    if (!add_words(part, VS_PART_GROUP, &options->groups, error) ||
        !add_words(part, VS_PART_PRIORITY, &options->priorities, error) ||
        !add_words(part, VS_PART_URI, &options->uris, error) ||
        !add_words(part, VS_PART_DOMAIN, &options->domains, error))
        return false;
    *ret = vs_part_is_of_all(part) ? NULL : g_steal_pointer(&part);
    return true;
}

bool
vs_bus_span_read(sd_bus_message *message, const char *what, uint64_t *ret, GError **error)
{
    uint64_t span;
    int r = sd_bus_message_read_basic(message, SD_BUS_TYPE_UINT64, &span);

    if (r < 0)
        return malformed(r, error);
    if (!check_span(span, what, error))
        return false;
    *ret = span;
    return true;
}
