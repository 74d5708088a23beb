/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/conf-key.h"

#include <string.h>

#include "util/error.h"
#include "util/i18n.h"
#include "util/text.h"

#define MAX_HISTORY_FILES 1000

typedef bool (*ParseFunc)(VsConf *conf, const char *value, GError **error);

typedef struct Key {
    const char *section;
    const char *name;
    ParseFunc parse;      /* NULL: the key has a meaning, but not yet in this version */
    const char *fallback; /* its default, as one would write it */
} Key;

static bool
fail(const char *value, const char *allowed, GError **error)
{
    g_autofree char *quoted = vs_text_quoted(value);

    /* TRANSLATORS: a value in the configuration, and what it could be instead. */
    g_set_error(error, VS_ERROR, VS_ERROR_INVALID, _("%s (allowed: %s)"), quoted, allowed);
    return false;
}

/* One of two words; true for the first. */
static bool
parse_either(const char *value, const char *first, const char *second, bool *ret, GError **error)
{
    g_autofree char *allowed = g_strdup_printf("%s, %s", first, second);

    if (strcmp(value, first) != 0 && strcmp(value, second) != 0)
        return fail(value, allowed, error);
    *ret = strcmp(value, first) == 0;
    return true;
}

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
            return fail(*word,
                        _("libvirt URIs with spaces between them, such as qemu:///system lxc:///"),
                        error);
        add_uri(conf, *word);
    }
    return true;
}

static bool
parse_agent_call(VsConf *conf, const char *value, GError **error)
{
    return parse_either(value, "command", "shutdown", &conf->agent_command, error);
}

static bool
parse_history_size(VsConf *conf, const char *value, GError **error)
{
    static const char suffixes[] = "KMG";
    g_autofree char *number = g_strdup(value);
    size_t len = strlen(number);
    const char *suffix = len > 0 ? strchr(suffixes, number[len - 1]) : NULL;
    unsigned shift = 0;
    guint64 bytes;

    if (suffix) {
        shift = 10 * (unsigned)(suffix - suffixes + 1);
        number[len - 1] = '\0';
    }
    if (!g_ascii_string_to_unsigned(number, 10, 0, SIZE_MAX >> shift, &bytes, NULL))
        return fail(value, _("bytes, or with K, M or G behind the number; 0 for no limit"), error);
    conf->history_size = (size_t)bytes << shift;
    return true;
}

static bool
parse_history_files(VsConf *conf, const char *value, GError **error)
{
    guint64 number;

    if (!g_ascii_string_to_unsigned(value, 10, 0, MAX_HISTORY_FILES, &number, NULL))
        return fail(value, _("a number from 0 to 1000"), error);
    conf->history_files = (unsigned)number;
    return true;
}

static bool
parse_ladder(VsConf *conf, const char *value, GError **error)
{
    return vs_ladder_parse(value, &conf->policy.all.ladder, error);
}

static bool
parse_paused(VsConf *conf, const char *value, GError **error)
{
    return parse_either(value, "resume", "leave", &conf->policy.all.resume_paused, error);
}

static const Key keys[] = {
    {"Daemon", "Uris", parse_uris, ""},
    {"Daemon", "AgentCall", parse_agent_call, "command"},
    {"Daemon", "HistoryMaxSize", parse_history_size, "16M"},
    {"Daemon", "HistoryMaxFiles", parse_history_files, "4"},
    {"Daemon", "Budget", NULL, NULL},
    {"Daemon", "MaxParallel", NULL, NULL},
    {"Default", "Ladder", parse_ladder, VS_LADDER_DEFAULT},
    {"Default", "Paused", parse_paused, "resume"},
    {"Default", "Retries", NULL, NULL},
};

static void
    G_GNUC_PRINTF(3, 4) warn(VsConf *conf, const VsConfEntry *entry, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    g_ptr_array_add(conf->warnings, g_strdup_printf("%s:%u: %s", entry->path, entry->line, text));
}

static bool
section_is_known(const char *section)
{
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
        if (strcmp(keys[i].section, section) == 0)
            return true;
    return false;
}

static const Key *
find_key(const VsConfEntry *entry)
{
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
        if (strcmp(keys[i].section, entry->section) == 0 && strcmp(keys[i].name, entry->key) == 0)
            return &keys[i];
    return NULL;
}

/* As systemd has it: what begins so is somebody else's, and no mistake. */
static bool
is_foreign(const char *name)
{
    return g_str_has_prefix(name, "X-");
}

static void
warn_of_section(VsConf *conf, const VsConfEntry *entry)
{
    g_autofree char *section = vs_text_printable(entry->section);

    if (g_str_has_prefix(entry->section, "Guest "))
        warn(conf, entry, _("section [%s] is not used by this version, ignored"), section);
    else if (!section_is_known(entry->section) && !is_foreign(entry->section))
        warn(conf, entry, _("unknown section [%s], ignored"), section);
}

static void
warn_of_key(VsConf *conf, const VsConfEntry *entry, const Key *key)
{
    g_autofree char *text = g_strconcat(entry->key, "=", NULL);
    g_autofree char *quoted = vs_text_quoted(text);

    if (key)
        warn(conf, entry, _("key %s in section [%s] is not used by this version, ignored"), quoted,
             entry->section);
    else if (section_is_known(entry->section) && !is_foreign(entry->key))
        warn(conf, entry, _("unknown key %s in section [%s], ignored"), quoted, entry->section);
}

bool
vs_conf_key_apply(VsConf *conf, const VsConfEntry *entry, GError **error)
{
    if (!entry->key) {
        warn_of_section(conf, entry);
        return true;
    }

    const Key *key = find_key(entry);
    if (!key || !key->parse) {
        warn_of_key(conf, entry, key);
        return true;
    }
    if (!key->parse(conf, *entry->value ? entry->value : key->fallback, error)) {
        g_prefix_error(error, "%s:%u: %s=: ", entry->path, entry->line, entry->key);
        return false;
    }
    return true;
}

void
vs_conf_key_reset_all(VsConf *conf)
{
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        bool ok = !keys[i].parse || keys[i].parse(conf, keys[i].fallback, NULL);

        g_assert(ok);
    }
}
