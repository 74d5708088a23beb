/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/conf-section.h"

#include <string.h>

#include "conf/conf-daemon.h"
#include "conf/conf-guest.h"
#include "core/conf-keys.h"
#include "core/conf-value.h"
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

static const VsConfKey *
find_key(Section section, const char *name)
{
    switch (section) {
    case DAEMON:
        return vs_conf_type_find(vs_conf_daemon_keys, name);
    case DEFAULT:
        return vs_conf_type_find(vs_conf_policy_keys, name);
    case GUEST:
        return vs_conf_key_find(name);
    default:
        return NULL;
    }
}

static bool
set(VsConf *conf, Section section, const VsConfKey *key, const char *value, GError **error)
{
    if (section == DAEMON)
        return vs_conf_type_set(key, conf, value, error);
    if (section == DEFAULT)
        return vs_conf_type_set(key, &conf->policy.all, value, error);
    return vs_conf_key_set(key, vs_conf_guest_last(conf), value, error);
}

static void
warn_of_key(VsConf *conf, const VsConfEntry *entry)
{
    g_autofree char *text = g_strconcat(entry->key, "=", NULL);
    g_autofree char *quoted = vs_text_quoted(text);
    g_autofree char *section = vs_text_printable(entry->section);

    if (!is_foreign(entry->key))
        warn(conf, entry, _("unknown key %s in section [%s], ignored"), quoted, section);
}

/* For who asks where a value comes from. */
static void
note_place(VsConf *conf, Section section, const VsConfEntry *entry)
{
    g_autofree char *where =
        *entry->value ? g_strdup_printf("%s:%u", entry->path, entry->line) : NULL;

    if (section == DAEMON)
        vs_policy_note_place(&conf->policy.daemon_places, entry->key, where);
    else if (section == DEFAULT)
        vs_policy_note_place(&conf->policy.places, entry->key, where);
    else if (section == GUEST)
        vs_policy_note_place(&vs_conf_guest_last(conf)->places, entry->key, where);
}

bool
vs_conf_section_apply(VsConf *conf, const VsConfEntry *entry, GError **error)
{
    if (!entry->key)
        return begin_section(conf, entry, error);

    Section section = find_section(entry->section);
    if (section == UNKNOWN || section == FOREIGN)
        return true; /* its header was warned of, where it had to be */

    const VsConfKey *key = find_key(section, entry->key);
    if (!key) {
        warn_of_key(conf, entry);
        return true;
    }
    if (!set(conf, section, key, entry->value, error)) {
        g_prefix_error(error, "%s:%u: %s=: ", entry->path, entry->line, entry->key);
        vs_conf_value_hint_comment(entry->value, error);
        return false;
    }
    note_place(conf, section, entry);
    return true;
}

void
vs_conf_section_reset_all(VsConf *conf)
{
    vs_conf_type_reset(vs_conf_daemon_keys, conf);
    vs_conf_type_reset(vs_conf_policy_keys, &conf->policy.all);
}
