/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/conf-key.h"

#include <string.h>

#include "conf/conf-daemon.h"
#include "conf/conf-guest.h"
#include "conf/conf-policy.h"
#include "conf/conf-value.h"
#include "util/i18n.h"
#include "util/text.h"

typedef enum Section { UNKNOWN, FOREIGN, DAEMON, DEFAULT, GUEST } Section;

/* As systemd has it: what begins so is somebody else's, and no mistake. */
static bool
is_foreign(const char *name)
{
    return g_str_has_prefix(name, "X-");
}

static Section
find_section(const char *name)
{
    if (strcmp(name, "Daemon") == 0)
        return DAEMON;
    if (strcmp(name, "Default") == 0)
        return DEFAULT;
    if (vs_conf_guest_is_section(name))
        return GUEST;
    return is_foreign(name) ? FOREIGN : UNKNOWN;
}

static void G_GNUC_PRINTF(3, 4)
    warn(VsConf *conf, const VsConfEntry *entry, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    g_ptr_array_add(conf->warnings, g_strdup_printf("%s:%u: %s", entry->path, entry->line, text));
}

static bool
begin_section(VsConf *conf, const VsConfEntry *entry, GError **error)
{
    Section section = find_section(entry->section);

    if (section == GUEST)
        return vs_conf_guest_begin(conf, entry, error);
    if (section == UNKNOWN) {
        g_autofree char *printable = vs_text_printable(entry->section);

        warn(conf, entry, _("unknown section [%s], ignored"), printable);
    }
    return true;
}

static VsConfKnown
knows(Section section, const char *key)
{
    switch (section) {
    case DAEMON:
        return vs_conf_daemon_knows(key);
    case DEFAULT:
        return vs_conf_policy_knows(key);
    case GUEST:
        return vs_conf_guest_knows(key);
    default:
        return VS_CONF_UNKNOWN;
    }
}

static bool
set(VsConf *conf, Section section, const VsConfEntry *entry, GError **error)
{
    if (section == DAEMON)
        return vs_conf_daemon_set(conf, entry->key, entry->value, error);
    if (section == DEFAULT)
        return vs_conf_policy_set(&conf->policy.all, entry->key, entry->value, error);
    return vs_conf_guest_set(conf, entry->key, entry->value, error);
}

static void
warn_of_key(VsConf *conf, const VsConfEntry *entry, VsConfKnown known)
{
    g_autofree char *text = g_strconcat(entry->key, "=", NULL);
    g_autofree char *quoted = vs_text_quoted(text);
    g_autofree char *section = vs_text_printable(entry->section);

    if (known == VS_CONF_LATER)
        warn(conf, entry, _("key %s in section [%s] is not used by this version, ignored"), quoted,
             section);
    else if (!is_foreign(entry->key))
        warn(conf, entry, _("unknown key %s in section [%s], ignored"), quoted, section);
}

bool
vs_conf_key_apply(VsConf *conf, const VsConfEntry *entry, GError **error)
{
    if (!entry->key)
        return begin_section(conf, entry, error);

    Section section = find_section(entry->section);
    if (section == UNKNOWN || section == FOREIGN)
        return true; /* its header was warned of, where it had to be */

    VsConfKnown known = knows(section, entry->key);
    if (known != VS_CONF_KNOWN) {
        warn_of_key(conf, entry, known);
        return true;
    }
    if (!set(conf, section, entry, error)) {
        g_prefix_error(error, "%s:%u: %s=: ", entry->path, entry->line, entry->key);
        vs_conf_value_hint_comment(entry->value, error);
        return false;
    }
    return true;
}

void
vs_conf_key_reset_all(VsConf *conf)
{
    vs_conf_daemon_reset(conf);
    vs_conf_policy_reset(&conf->policy.all);
}
