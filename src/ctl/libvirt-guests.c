/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/libvirt-guests.h"

#include <glib.h>
#include <stdint.h>
#include <string.h>

#include "core/domain.h"
#include "util/i18n.h"
#include "util/text.h"

#define DEFAULT_TIMEOUT 300
#define DEFAULT_URI     "qemu:///system"

/* What virtstop.conf allows. */
#define MAX_SECONDS  (365 * 24 * 60 * 60)
#define MAX_PARALLEL 100000

typedef struct Settings {
    GHashTable *values; /* char * to char *, as the shell would have them */
    GString *remarks;   /* comments */
    unsigned timeout, parallel, delay;
    bool shutdown; /* shut down; else saved */
    bool start;    /* started again */
} Settings;

static void G_GNUC_PRINTF(2, 3) remark(Settings *settings, const char *format, ...)
{
    va_list arguments;
    g_autofree char *text = NULL;

    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_string_append_printf(settings->remarks, "# %s\n", text);
}

static bool
is_name(const char *text, size_t len)
{
    if (len == 0 || g_ascii_isdigit(*text))
        return false;
    for (size_t i = 0; i < len; i++)
        if (!g_ascii_isalnum(text[i]) && text[i] != '_')
            return false;
    return true;
}

/* Takes NAME=value; what else a shell script may hold is passed over. */
static void
take_word(Settings *settings, unsigned line, const char *word)
{
    const char *equals = strchr(word, '=');
    g_autofree char *quoted = vs_text_quoted(word);

    if (!equals || !is_name(word, equals - word))
        return;
    if (strpbrk(equals, "$`"))
        remark(settings, _("line %u: %s is made by a shell: see yourself what it comes to"), line,
               quoted);
    else
        g_hash_table_replace(settings->values, g_strndup(word, equals - word),
                             g_strdup(equals + 1));
}

static void
read_text(Settings *settings, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (unsigned i = 0; lines[i]; i++) {
        g_auto(GStrv) words = NULL;
        g_autoptr(GError) error = NULL;

        if (!g_shell_parse_argv(lines[i], NULL, &words, &error)) {
            if (!g_error_matches(error, G_SHELL_ERROR, G_SHELL_ERROR_EMPTY_STRING))
                remark(settings, _("line %u can't be read: a quote is not closed"), i + 1);
            continue;
        }
        for (char **word = words; *word; word++)
            take_word(settings, i + 1, *word);
    }
}

static const char *
get(const Settings *settings, const char *name, const char *fallback)
{
    const char *value = g_hash_table_lookup(settings->values, name);

    return value ? value : fallback;
}

/* More than virtstop takes is as good as that. */
static unsigned
get_number(Settings *settings, const char *name, unsigned fallback, unsigned max)
{
    const char *value = get(settings, name, NULL);
    g_autofree char *quoted = vs_text_quoted(value);
    guint64 number;

    if (!value)
        return fallback;
    if (g_ascii_string_to_unsigned(value, 10, 0, max, &number, NULL))
        return number;
    if (*value && value[strspn(value, "0123456789")] == '\0') {
        remark(settings, _("%s=: %s is more than virtstop allows, taken as %u"), name, quoted, max);
        return max;
    }
    remark(settings, _("%s=: %s is not a number, taken as %u"), name, quoted, fallback);
    return fallback;
}

/* As the script tests it: anything but 0. */
static bool
is_set(const Settings *settings, const char *name)
{
    return !g_str_equal(get(settings, name, "0"), "0");
}

static bool
is_yes(const char *value)
{
    static const char *const words[] = {"yes", "true", "on", "1", NULL};
    g_autofree char *lower = g_ascii_strdown(value, -1);

    return g_strv_contains(words, lower);
}

/* What the script would hand to virsh, which refuses it as well. */
static void
remark_uri(Settings *settings, const char *word)
{
    g_autofree char *quoted = vs_text_quoted(word);

    remark(settings, _("URIS=: %s is no libvirt URI, and is left out"), quoted);
}

static void
add_uris(Settings *settings, GString *text)
{
    g_auto(GStrv) words = g_strsplit_set(get(settings, "URIS", ""), " \t\n", -1);
    g_autoptr(GString) uris = g_string_new(NULL);

    for (char **word = words; *word; word++) {
        const char *uri = g_str_equal(*word, "default") ? DEFAULT_URI : *word;

        if (vs_domain_uri_looks_right(uri))
            g_string_append_printf(uris, "%s%s", uris->len > 0 ? " " : "Uris=", uri);
        else if (**word)
            remark_uri(settings, *word);
    }
    if (uris->len > 0)
        g_string_append_printf(text, "%s\n", uris->str);
}

static void
digest(Settings *settings, bool debian)
{
    const char *on_shutdown = get(settings, "ON_SHUTDOWN", debian ? "shutdown" : "suspend");
    const char *on_boot = get(settings, "ON_BOOT", debian ? "ignore" : "start");

    settings->shutdown = g_str_equal(on_shutdown, "shutdown");
    settings->start = g_str_equal(on_boot, "start");
    settings->timeout = get_number(settings, "SHUTDOWN_TIMEOUT", DEFAULT_TIMEOUT, MAX_SECONDS);
    settings->parallel = get_number(settings, "PARALLEL_SHUTDOWN", 0, MAX_PARALLEL);
    settings->delay = get_number(settings, "START_DELAY", 0, MAX_SECONDS);
}

static void
add_daemon(Settings *settings, GString *text)
{
    const char *only = get(settings, "PERSISTENT_ONLY", "default");
    bool parallel = settings->shutdown && settings->parallel > 1; /* as the script has it */
    bool persistent = g_str_equal(only, "default") ? !settings->shutdown : is_yes(only);

    g_string_append(text, "[Daemon]\n");
    add_uris(settings, text);
    /* Those that are saved are one after another, whatever is said. */
    g_string_append_printf(text, "MaxParallel=%u\n", parallel ? settings->parallel : 1);
    /* With PARALLEL_SHUTDOWN, the time-out is for all guests together. */
    if (parallel && settings->timeout > 0)
        g_string_append_printf(text, "Budget=%us\n", settings->timeout);
    if (settings->delay > 0)
        g_string_append_printf(text, "StartDelay=%us\n", settings->delay);
    if (persistent)
        g_string_append(text, "PersistentOnly=yes\n");
    if (is_set(settings, "BYPASS_CACHE"))
        g_string_append(text, "BypassCache=yes\n");
    if (is_set(settings, "SYNC_TIME"))
        g_string_append(text, "SyncTime=yes\n");
}

/* virsh shutdown, which the script calls, gives an agent 60 s and then presses the button itself;
 * only then the script begins to count. */
static void
add_asking_ladder(const Settings *settings, GString *text)
{
    g_autofree char *span =
        settings->timeout > 0 ? g_strdup_printf("%us", settings->timeout) : g_strdup("infinity");

    g_string_append(
        text,
        _("# As “virsh shutdown” does it: who has an agent has 60 s for that, and the time-out\n"
          "# from the button on, so an agent that takes the request in vain costs 60 s more.\n"
          "# With “destroy” for “leave” virtstopd ends a guest that obeys nothing; else the\n"
          "# host cuts it off with itself.\n"));
    g_string_append_printf(text, "Ladder=agent:60s power-button:%s leave\n", span);
}

/* The script waits for a save whatever SHUTDOWN_TIMEOUT says. */
static void
add_saving_ladder(GString *text)
{
    g_string_append(text, _("# A save takes as long as it takes, but systemd forces the host's end "
                            "after 30 min\n# (JobTimeoutSec= of poweroff.target and "
                            "reboot.target).\n"));
    g_string_append(text, "Ladder=save:infinity leave\n");
}

static void
add_default(const Settings *settings, GString *text)
{
    g_string_append_printf(text, "\n[Default]\nOnBoot=%s\n", settings->start ? "start" : "ignore");
    if (settings->shutdown)
        add_asking_ladder(settings, text);
    else
        add_saving_ladder(text);
}

char *
vs_libvirt_guests_convert(const char *text, bool debian)
{
    g_autoptr(GHashTable) values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_autoptr(GString) result = g_string_new(NULL);
    Settings settings = {.values = values, .remarks = result};

    read_text(&settings, text);
    digest(&settings, debian);
    add_daemon(&settings, result);
    add_default(&settings, result);
    return g_string_free(g_steal_pointer(&result), FALSE);
}
