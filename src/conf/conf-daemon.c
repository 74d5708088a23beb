/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/conf-daemon.h"

#include <string.h>

#include "conf/conf-value.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"

#define MAX_HISTORY_FILES 1000
#define MAX_PARALLEL      100000

typedef struct Key {
    const char *name;
    bool (*parse)(VsConf *conf, const char *value, GError **error);
    const char *fallback; /* its default, as one would write it */
} Key;

/* DRIVER[+TRANSPORT]://REST. The rest is libvirt's to judge. */
static bool
looks_like_uri(const char *word)
{
    const char *colon = strstr(word, "://");

    if (!colon || !g_ascii_isalpha(*word) || colon[strlen("://")] == '\0')
        return false;
    for (const char *p = word; p < colon; p++)
        if (!g_ascii_isalnum(*p) && !strchr("+-.", *p))
            return false;
    for (const char *p = colon; *p; p++)
        if (g_ascii_iscntrl(*p))
            return false;
    return true;
}

static void
add_uri(VsConf *conf, const char *uri)
{
    if (g_strv_contains((const char *const *)conf->uris, uri))
        return;

    unsigned n = g_strv_length(conf->uris);
    conf->uris = g_renew(char *, conf->uris, n + 2);
    conf->uris[n] = g_strdup(uri);
    conf->uris[n + 1] = NULL;
}

static bool
parse_uris(VsConf *conf, const char *value, GError **error)
{
    g_auto(GStrv) words = g_strsplit_set(value, " \t", -1);

    if (!conf->uris || !*value) {
        g_strfreev(conf->uris);
        conf->uris = g_new0(char *, 1);
    }
    for (char **word = words; *word; word++) {
        if (!**word)
            continue;
        if (!looks_like_uri(*word))
            return vs_conf_value_fail(
                *word, _("libvirt URIs with spaces between them, such as qemu:///system lxc:///"),
                error);
        add_uri(conf, *word);
    }
    return true;
}

static bool
parse_agent_call(VsConf *conf, const char *value, GError **error)
{
    return vs_conf_value_either(value, "command", "shutdown", &conf->agent_command, error);
}

static bool
parse_budget(VsConf *conf, const char *value, GError **error)
{
    return vs_conf_value_span(value, &conf->policy.budget, error);
}

static bool
parse_max_parallel(VsConf *conf, const char *value, GError **error)
{
    int number;

    if (!vs_conf_value_number(value, 0, MAX_PARALLEL, &number, error))
        return false;
    conf->policy.max_parallel = (unsigned)number;
    return true;
}

static bool
parse_start_delay(VsConf *conf, const char *value, GError **error)
{
    return vs_conf_value_span(value, &conf->policy.start_delay, error);
}

static bool
parse_persistent_only(VsConf *conf, const char *value, GError **error)
{
    return vs_conf_value_bool(value, &conf->policy.persistent_only, error);
}

static bool
parse_bypass_cache(VsConf *conf, const char *value, GError **error)
{
    return vs_conf_value_bool(value, &conf->policy.bypass_cache, error);
}

static bool
parse_sync_time(VsConf *conf, const char *value, GError **error)
{
    return vs_conf_value_bool(value, &conf->policy.sync_time, error);
}

static bool
parse_history_size(VsConf *conf, const char *value, GError **error)
{
    return vs_conf_value_size(value, &conf->history_size, error);
}

static bool
parse_history_files(VsConf *conf, const char *value, GError **error)
{
    int number;

    if (!vs_conf_value_number(value, 0, MAX_HISTORY_FILES, &number, error))
        return false;
    conf->history_files = (unsigned)number;
    return true;
}

static const Key keys[] = {
    {"Uris", parse_uris, ""},
    {"AgentCall", parse_agent_call, "command"},
    {"Budget", parse_budget, "0"},
    {"MaxParallel", parse_max_parallel, "0"},
    {"StartDelay", parse_start_delay, "0"},
    {"PersistentOnly", parse_persistent_only, "no"},
    {"BypassCache", parse_bypass_cache, "no"},
    {"SyncTime", parse_sync_time, "no"},
    {"HistoryMaxSize", parse_history_size, "16M"},
    {"HistoryMaxFiles", parse_history_files, "4"},
};

static const Key *
find_key(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
        if (strcmp(keys[i].name, name) == 0)
            return &keys[i];
    return NULL;
}

VsConfKnown
vs_conf_daemon_knows(const char *name)
{
    return find_key(name) ? VS_CONF_KNOWN : VS_CONF_UNKNOWN;
}

void
vs_conf_daemon_reset(VsConf *conf)
{
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        bool ok = keys[i].parse(conf, keys[i].fallback, NULL);

        g_assert(ok);
    }
}

bool
vs_conf_daemon_set(VsConf *conf, const char *name, const char *value, GError **error)
{
    const Key *key = find_key(name);

    return key->parse(conf, *value ? value : key->fallback, error);
}

static void
append_span(GString *text, const char *name, int64_t span)
{
    g_autofree char *value = span > 0 ? vs_span_format(span, false) : g_strdup("0");

    g_string_append_printf(text, "%s=%s\n", name, value);
}

static void
append_bool(GString *text, const char *name, bool value)
{
    g_string_append_printf(text, "%s=%s\n", name, value ? "yes" : "no");
}

static void
append_size(GString *text, const char *name, size_t bytes)
{
    static const char *const suffixes[] = {"", "K", "M", "G"};
    unsigned i = 0;

    while (bytes > 0 && bytes % 1024 == 0 && i + 1 < G_N_ELEMENTS(suffixes)) {
        bytes /= 1024;
        i++;
    }
    g_string_append_printf(text, "%s=%zu%s\n", name, bytes, suffixes[i]);
}

void
vs_conf_daemon_append(GString *text, const VsConf *conf)
{
    const VsPolicy *policy = &conf->policy;
    g_autofree char *uris = g_strjoinv(" ", conf->uris);
    g_autofree char *printable = vs_text_printable(uris);

    g_string_append_printf(text, "Uris=%s\nAgentCall=%s\n", printable,
                           conf->agent_command ? "command" : "shutdown");
    append_span(text, "Budget", policy->budget);
    g_string_append_printf(text, "MaxParallel=%u\n", policy->max_parallel);
    append_span(text, "StartDelay", policy->start_delay);
    append_bool(text, "PersistentOnly", policy->persistent_only);
    append_bool(text, "BypassCache", policy->bypass_cache);
    append_bool(text, "SyncTime", policy->sync_time);
    append_size(text, "HistoryMaxSize", conf->history_size);
    g_string_append_printf(text, "HistoryMaxFiles=%u\n", conf->history_files);
}
