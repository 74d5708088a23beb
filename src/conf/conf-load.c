/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/conf-load.h"

#include <errno.h>
#include <string.h>

#include "conf/conf-file.h"
#include "conf/conf-guest.h"
#include "conf/conf-section.h"
#include "schedule/check.h"
#include "util/error.h"
#include "util/i18n.h"

#define FILE_NAME "virtstop.conf"

static bool
apply(const VsConfEntry *entry, void *userdata, GError **error)
{
    return vs_conf_section_apply(userdata, entry, error);
}

static VsConf *
new_conf(VsScope scope)
{
    VsConf *conf = vs_conf_new();

    conf->scope = scope;
    vs_conf_section_reset_all(conf);
    return conf;
}

/* What can't be known before the last file is read: Uris= adds to a list, and a group may be named
 * before the section that fills it. */
static VsConf *
finish(VsConf *unfinished, GError **error)
{
    g_autoptr(VsConf) conf = unfinished;
    const VsScopeInfo *scope = vs_scope_info(conf->scope);

    if (!*conf->uris) {
        g_strfreev(conf->uris);
        conf->uris = g_strsplit(scope->uri, " ", -1);
    }
    if (conf->policy.budget == VS_CONF_SPAN_UNSAID)
        conf->policy.budget = scope->budget;
    vs_conf_guest_check_groups(conf);
    return vs_schedule_check(&conf->policy, error) ? g_steal_pointer(&conf) : NULL;
}

/* Adds the *.conf of @dir to @drop_ins, name to path, over those of the same name. */
static bool
collect_drop_ins(GTree *drop_ins, const char *dir, GError **error)
{
    g_autofree char *path = g_build_filename(dir, FILE_NAME ".d", NULL);
    g_autoptr(GError) why = NULL;
    g_autoptr(GDir) entries = g_dir_open(path, 0, &why);
    const char *name;

    if (!entries) {
        if (g_error_matches(why, G_FILE_ERROR, G_FILE_ERROR_NOENT))
            return true;
        g_set_error_literal(error, VS_ERROR, VS_ERROR_IO, why->message);
        return false;
    }
    while ((name = g_dir_read_name(entries)))
        if (*name != '.' && g_str_has_suffix(name, ".conf"))
            g_tree_replace(drop_ins, g_strdup(name), g_build_filename(path, name, NULL));
    return true;
}

typedef struct Reading {
    VsConf *conf;
    GError **error;
    bool ok;
} Reading;

static gboolean
read_drop_in(void *name, void *path, void *userdata)
{
    Reading *reading = userdata;

    reading->ok = vs_conf_file_read(path, false, apply, reading->conf, reading->error);
    return !reading->ok;
}

static int
compare_names(const void *a, const void *b, void *userdata)
{
    return strcmp(a, b);
}

/* The main file of each of @dirs, then the drop-ins of all of them in the order of their names. */
static bool
read_dirs(VsConf *conf, const char *const *dirs, GError **error)
{
    g_autoptr(GTree) drop_ins = g_tree_new_full(compare_names, NULL, g_free, g_free);
    Reading reading = {.conf = conf, .error = error, .ok = true};

    for (; *dirs; dirs++) {
        g_autofree char *path = g_build_filename(*dirs, FILE_NAME, NULL);

        if (!vs_conf_file_read(path, false, apply, conf, error) ||
            !collect_drop_ins(drop_ins, *dirs, error))
            return false;
    }
    g_tree_foreach(drop_ins, read_drop_in, &reading);
    return reading.ok;
}

VsConf *
vs_conf_load_dirs(VsScope scope, const char *const *dirs, GError **error)
{
    g_autoptr(VsConf) conf = new_conf(scope);

    if (!read_dirs(conf, dirs, error))
        return NULL;
    return finish(g_steal_pointer(&conf), error);
}

/* The vendor's files are about the host's guests: a user has his own alone. */
char **
vs_conf_dirs(VsScope scope)
{
    g_autofree char *usual = vs_scope_usual_directory(scope, VS_SCOPE_CONFIGURATION);
    char *own = vs_scope_directory(scope, VS_SCOPE_CONFIGURATION);
    /* ConfigurationDirectory= of a unit sets it to the usual one, which is no wish to do without
     * the vendor's. */
    bool vendor = scope == VS_SCOPE_SYSTEM && strcmp(own, usual) == 0;
    char **dirs = g_new0(char *, 3), **next = dirs;

    if (vendor)
        *next++ = g_strdup(VENDORCONFDIR);
    *next = own;
    return dirs;
}

VsConf *
vs_conf_load(VsScope scope, GError **error)
{
    g_auto(GStrv) dirs = vs_conf_dirs(scope);

    return vs_conf_load_dirs(scope, (const char *const *)dirs, error);
}

VsConf *
vs_conf_load_file(VsScope scope, const char *path, GError **error)
{
    g_autoptr(VsConf) conf = new_conf(scope);

    if (!vs_conf_file_read(path, true, apply, conf, error))
        return NULL;
    return finish(g_steal_pointer(&conf), error);
}
