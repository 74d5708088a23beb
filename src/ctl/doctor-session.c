/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/doctor-session.h"

#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "ctl/doctor-paste.h"
#include "util/qemu-conf.h"
#include "util/i18n.h"
#include "util/text.h"

#define LIBRARY "libvirt.so.0."

typedef struct User {
    char *name;
    char *path; /* of the qemu.conf */
    bool asks;  /* it is who runs this */
} User;

/* libvirt 11.3.0 is libvirt.so.0.11003.0: the newest in @directory. */
static unsigned long
version_in(const char *directory)
{
    g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
    unsigned long newest = 0;
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        unsigned minor, micro;

        if (g_str_has_prefix(name, LIBRARY) &&
            sscanf(name + strlen(LIBRARY), "%u.%u", &minor, &micro) == 2)
            newest = MAX(newest, minor * 1000ul + micro);
    }
    return newest;
}

/* 0: not known. */
static unsigned long
libvirt_version(const char *root)
{
    g_autofree char *lib = g_strconcat(root, "/usr/lib", NULL);
    g_autofree char *lib64 = g_strconcat(root, "/usr/lib64", NULL);
    unsigned long newest = MAX(version_in(lib), version_in(lib64));
    g_autoptr(GDir) dir = g_dir_open(lib, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *multiarch = g_build_filename(lib, name, NULL);

        if (g_str_has_suffix(name, "-linux-gnu"))
            newest = MAX(newest, version_in(multiarch));
    }
    return newest;
}

/* Whose the file is, where it isn't who pastes. */
static const char *
owner_of(const User *user)
{
    return user->asks ? NULL : user->name;
}

static void
add_said(VsFindings *findings, const User *user, VsFindingLevel level, const char *line)
{
    g_autofree char *quoted = vs_text_quoted(line);

    vs_findings_add(findings, level, "auto-shutdown", NULL,
                    g_strdup_printf(_("%s: %s: the libvirt of %s's session stops its guests itself "
                                      "when that ends, or the host goes down"),
                                    user->path, quoted, user->name),
                    g_strdup(_("Where virtstopd watches them, set it to \"none\": a libvirt that "
                               "is started after that does as it says")));
    vs_findings_paste(findings, vs_doctor_paste_set_none(user->path, line, owner_of(user)));
}

static void
add_unsaid(VsFindings *findings, const User *user, VsFindingLevel level)
{
    vs_findings_add(findings, level, "auto-shutdown", NULL,
                    g_strdup_printf(_("The libvirt of %s's session saves its guests, or shuts them "
                                      "down, when that ends, or the host goes down: it does so by "
                                      "itself from 11.3 on, and %s doesn't say otherwise"),
                                    user->name, user->path),
                    g_strdup(_("Where virtstopd watches them, set auto_shutdown_try_save, "
                               "auto_shutdown_try_shutdown and auto_shutdown_poweroff to \"none\" "
                               "there: a libvirt that is started after that does as it says")));
    vs_findings_paste(findings, vs_doctor_paste_all_none(user->path, owner_of(user)));
}

static void
check_user(VsFindings *findings, const User *user, const char *root)
{
    VsFindingLevel level = user->asks ? VS_FINDING_WARNING : VS_FINDING_HINT;
    g_autofree char *whole = g_strconcat(root, user->path, NULL);
    g_autofree char *text = vs_qemu_conf_read(whole);
    g_autoptr(GPtrArray) lines = NULL;
    unsigned n_none;

    lines = vs_qemu_conf_auto_shutdown(text ? text : "", &n_none);
    for (unsigned i = 0; i < lines->len; i++)
        add_said(findings, user, level, lines->pdata[i]);
    if (lines->len == 0 && n_none < VS_QEMU_CONF_AUTO_SHUTDOWNS &&
        libvirt_version(root) >= VS_QEMU_CONF_SESSION_BY_DEFAULT)
        add_unsaid(findings, user, level);
}

static void
check_own(VsFindings *findings, const char *root)
{
    User user = {.name = g_strdup(g_get_user_name()), .asks = true};

    user.path = g_build_filename(g_get_user_config_dir(), "libvirt", "qemu.conf", NULL);
    check_user(findings, &user, root);
    g_free(user.name);
    g_free(user.path);
}

/* @uid: as the name of the directory in /run/user has it. */
static void
check_other(VsFindings *findings, const char *root, const char *uid)
{
    g_autofree char *directory = g_strdup_printf("%s/run/user/%s/libvirt/qemu", root, uid);
    const struct passwd *entry;
    guint64 number;
    User user;

    if (!g_ascii_string_to_unsigned(uid, 10, 1, UINT32_MAX, &number, NULL) ||
        !g_file_test(directory, G_FILE_TEST_IS_DIR) || !(entry = getpwuid((uid_t)number)))
        return;
    user = (User){.name = vs_text_printable(entry->pw_name)};
    user.path = g_build_filename(entry->pw_dir, ".config", "libvirt", "qemu.conf", NULL);
    check_user(findings, &user, root);
    g_free(user.name);
    g_free(user.path);
}

void
vs_doctor_check_sessions(VsFindings *findings, const char *root)
{
    g_autofree char *users = g_strconcat(root, "/run/user", NULL);
    g_autoptr(GDir) dir = NULL;
    const char *name;

    if (geteuid() != 0) {
        check_own(findings, root);
        return;
    }
    dir = g_dir_open(users, 0, NULL);
    while (dir && (name = g_dir_read_name(dir)))
        check_other(findings, root, name);
}
