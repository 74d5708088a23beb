/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/doctor-config.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>

#include "ctl/beside.h"
#include "ctl/doctor-paste.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/text.h"

#define DAEMON "virtstopd"

/* For reading some files; a disk may hang. */
#define PATIENCE "10"

/* What virtstopd --check-config says of the files. */
typedef struct OnDisk {
    char *text;   /* what they come to */
    char *errors; /* and warnings */
    bool good;
} OnDisk;

static void
on_disk_clear(OnDisk *on_disk)
{
    g_free(on_disk->text);
    g_free(on_disk->errors);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(OnDisk, on_disk_clear)

static bool
read_disk(VsScope scope, OnDisk *ret, GError **error)
{
    g_autofree char *program = vs_beside_find(DAEMON, SBINDIR "/" DAEMON);
    const char *option = vs_scope_info(scope)->option;
    char *argv[] = {(char *)"timeout",        (char *)PATIENCE, program,
                    (char *)"--check-config", (char *)option,   NULL};
    int status;

    if (!g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &ret->text, &ret->errors,
                      &status, error))
        return false;
    g_strchomp(ret->errors);
    if (WIFEXITED(status) && WEXITSTATUS(status) >= 124) { /* timeout's own */
        g_set_error_literal(error, VS_ERROR, VS_ERROR_FAILED,
                            *ret->errors ? ret->errors : g_strerror(ETIMEDOUT));
        return false;
    }
    ret->good = status == 0;
    return true;
}

static void
add_wrong(VsFindings *findings, const VsScopeInfo *scope, const VsManagerObject *manager,
          const char *errors)
{
    g_autofree char *why = vs_text_printable(errors);
    bool refused = manager && manager->config_error && *manager->config_error;

    vs_findings_add(
        findings, VS_FINDING_ERROR, "configuration", NULL,
        g_strdup_printf(refused ? _("The configuration was refused, what held before stays: %s")
                        : manager
                            ? _("The configuration on disk is wrong: with the next start of "
                                "virtstopd, or reload, it is refused: %s")
                            : _("The configuration is wrong, and virtstopd doesn't start: %s"),
                        why),
        g_strdup(_("Mend that line; what is right then is taken with")));
    vs_findings_paste(
        findings, g_strdup_printf("%s check-config >/dev/null && %s %s virtstopd.service",
                                  scope->ctl, scope->systemctl, manager ? "reload" : "restart"));
}

static void
add_warnings(VsFindings *findings, const VsCtl *ctl, const char *warnings)
{
    g_auto(GStrv) lines = g_strsplit(warnings, "\n", -1);

    for (char **line = lines; *line; line++) {
        if (!**line)
            continue;
        vs_findings_add(findings, VS_FINDING_WARNING, "configuration", NULL,
                        vs_text_printable(*line),
                        g_strdup(_("It has no effect: mend it, or take it out")));
        vs_findings_paste(findings, vs_doctor_paste_comment_out(ctl, *line));
    }
}

static void
add_other(VsFindings *findings, const VsScopeInfo *scope)
{
    vs_findings_add(findings, VS_FINDING_WARNING, "configuration", NULL,
                    g_strdup(_("The configuration on disk is another than the one in force: it was "
                               "changed, and not read again")),
                    g_strdup(_("Have it read")));
    vs_findings_paste(findings, g_strdup_printf("%s reload virtstopd.service", scope->systemctl));
}

/* An older virtstopd doesn't say what is in force. */
static bool
is_in_force(const VsManagerObject *manager, const char *text)
{
    g_autofree char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);

    return !manager || !manager->config_digest || !*manager->config_digest ||
           g_str_equal(manager->config_digest, digest);
}

void
vs_doctor_check_config(VsFindings *findings, const VsCtl *ctl, const VsManagerObject *manager)
{
    const VsScopeInfo *scope = vs_scope_info(ctl->client.scope);
    g_autoptr(GError) error = NULL;
    g_auto(OnDisk) on_disk = {0};

    if (ctl->client.host || !read_disk(ctl->client.scope, &on_disk, &error)) {
        if (manager && manager->config_error && *manager->config_error) {
            add_wrong(findings, scope, manager, manager->config_error);
            return;
        }
        vs_findings_add(findings, VS_FINDING_UNCHECKED, "configuration", NULL,
                        error ? g_strdup_printf(_("The configuration: %s"), error->message)
                              : g_strdup(_("The configuration: it is on another host")),
                        NULL);
        return;
    }
    if (!on_disk.good)
        add_wrong(findings, scope, manager, on_disk.errors);
    else
        add_warnings(findings, ctl, on_disk.errors);
    if (on_disk.good && !is_in_force(manager, on_disk.text))
        add_other(findings, scope);
}
