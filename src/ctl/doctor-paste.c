/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/doctor-paste.h"

#include <string.h>

#include "ctl/own-command.h"
#include "util/span.h"
#include "util/text.h"

#define MINUTE (60 * VS_USEC_PER_SEC)

/* What a shell takes for the guest; one whose name may be shown as another, or be taken for an
 * option or an id, is called by its UUID. */
static char *
guest_of(const VsFinding *finding)
{
    const char *name = finding->domain.name ? finding->domain.name : "";
    g_autofree char *printable = vs_text_printable(name);

    bool simple = g_str_is_ascii(name) && g_ascii_isalnum(*name) &&
                  strspn(name, "0123456789") < strlen(name) && g_str_equal(printable, name);

    return g_shell_quote(simple ? name : finding->domain.uuid.text);
}

static char *
uri_of(const VsFinding *finding)
{
    return g_shell_quote(finding->domain.uri ? finding->domain.uri : "");
}

char *
vs_doctor_paste_enough(int64_t span)
{
    int64_t minutes = (span + span / 4) / MINUTE + 1;

    return span == VS_USEC_INFINITY ? g_strdup("infinity") : vs_span_format(minutes * MINUTE, true);
}

/* What the environment says here is nothing to another host. */
static char *
directory(const VsCtl *ctl, VsScopeDirectory which, const char *name)
{
    VsScope scope = ctl->client.scope;
    g_autofree char *dir = ctl->client.host ? vs_scope_usual_directory(scope, which)
                                            : vs_scope_directory(scope, which);
    g_autofree char *path = name ? g_build_filename(dir, name, NULL) : g_strdup(dir);

    return vs_own_command_word(path);
}

/* More than it took, and than it had. */
static char *
set_budget(const VsCtl *ctl, const VsFinding *finding)
{
    const VsScopeInfo *info = vs_scope_info(ctl->client.scope);
    g_autofree char *span = vs_doctor_paste_enough(MAX(finding->took, finding->given));
    g_autofree char *drop_ins = directory(ctl, VS_SCOPE_CONFIGURATION, "virtstop.conf.d");

    return g_strdup_printf(
        "mkdir -p %s && printf '[Daemon]\\nBudget=%s\\n' >%s/50-budget.conf && %s "
        "reload virtstopd.service",
        drop_ins, span, drop_ins, info->systemctl);
}

/* @message: "PATH: why". */
static char *
hand_over_hook(const VsCtl *ctl, const char *message)
{
    const VsScopeInfo *info = vs_scope_info(ctl->client.scope);
    const char *colon = message ? strstr(message, ": ") : NULL;
    g_autofree char *path = colon ? g_strndup(message, (gsize)(colon - message)) : NULL;
    g_autofree char *dir = path ? g_path_get_dirname(path) : NULL;
    g_autofree char *file_word = path ? vs_own_command_word(path) : NULL;
    g_autofree char *dir_word = dir ? vs_own_command_word(dir) : NULL;

    if (!path || *path != '/')
        return g_strdup_printf("%s reload virtstopd.service", info->systemctl);
    if (ctl->client.scope == VS_SCOPE_USER)
        return g_strdup_printf("chmod 755 %s %s && %s reload virtstopd.service", dir_word,
                               file_word, info->systemctl);
    return g_strdup_printf("chown root: %s %s && chmod 755 %s %s && %s reload virtstopd.service",
                           dir_word, file_word, dir_word, file_word, info->systemctl);
}

char *
vs_doctor_paste_unwritten(const VsCtl *ctl, const char *what)
{
    g_autofree char *dir =
        directory(ctl, g_str_equal(what, "run-states") ? VS_SCOPE_RUNTIME : VS_SCOPE_STATE, NULL);

    return g_str_equal(what, "journal")
               ? g_strdup("systemctl status systemd-journald.service")
               : g_strdup_printf("df -h %s; df -i %s; ls -ld %s", dir, dir, dir);
}

char *
vs_doctor_paste_comment_out(const VsCtl *ctl, const char *warning)
{
    const char *colon = strchr(warning, ':');
    size_t digits = colon ? strspn(colon + 1, "0123456789") : 0;
    g_autofree char *path = NULL, *word = NULL;

    if (*warning != '/' || digits == 0 || colon[1 + digits] != ':')
        return NULL;
    path = g_strndup(warning, (gsize)(colon - warning));
    word = vs_own_command_word(path);
    return g_strdup_printf("sed -i '%.*ss/^/# /' %s && %s reload virtstopd.service", (int)digits,
                           colon + 1, word, vs_scope_info(ctl->client.scope)->systemctl);
}

char *
vs_doctor_paste_drop_in(const char *units, const char *name, const char *section,
                        const char *setting)
{
    if (!strchr(units, ' '))
        return g_strdup_printf("mkdir -p /etc/systemd/system/%s.d && printf '[%s]\\n%s\\n' "
                               ">/etc/systemd/system/%s.d/%s && systemctl daemon-reload",
                               units, section, setting, units, name);
    return g_strdup_printf(
        "for u in %s; do mkdir -p /etc/systemd/system/$u.d && printf '[%s]\\n%s\\n' "
        ">/etc/systemd/system/$u.d/%s; done && systemctl daemon-reload",
        units, section, setting, name);
}

/* As the owner of the file: its directory may be anything. */
static char *
as_user(const char *user, char *line)
{
    g_autofree char *own = line, *quoted = g_shell_quote(line);
    g_autofree char *name = user ? vs_own_command_word(user) : NULL;

    return user ? g_strdup_printf("runuser -u %s -- sh -c %s", name, quoted)
                : g_steal_pointer(&own);
}

char *
vs_doctor_paste_set_none(const char *path, const char *line, const char *user)
{
    g_autofree char *word = vs_own_command_word(path);
    int length = (int)strcspn(line, " \t=");

    return as_user(user, g_strdup_printf("sed -i 's/^[ \\t]*%.*s[ \\t]*=.*/%.*s = \"none\"/' %s",
                                         length, line, length, line, word));
}

char *
vs_doctor_paste_all_none(const char *path, const char *user)
{
    g_autofree char *dir = g_path_get_dirname(path), *dir_word = vs_own_command_word(dir);
    g_autofree char *word = vs_own_command_word(path);

    return as_user(user, g_strdup_printf("mkdir -p %s && printf '%%s = \"none\"\\n' "
                                         "auto_shutdown_try_save auto_shutdown_try_shutdown "
                                         "auto_shutdown_poweroff >>%s",
                                         dir_word, word));
}

char *
vs_doctor_paste(const VsCtl *ctl, const VsFinding *finding)
{
    const VsScopeInfo *info = vs_scope_info(ctl->client.scope);
    g_autofree char *guest = guest_of(finding), *uri = uri_of(finding);

    switch (finding->kind) {
    case VS_FINDING_NOT_CONNECTED:
        return g_strdup_printf("%s status virtstopd.service; virsh -c %s version", info->systemctl,
                               uri);
    case VS_FINDING_AGENT_NOT_CONNECTED:
        return g_strdup_printf("virsh -c %s qemu-agent-command %s '{\"execute\":\"guest-ping\"}'",
                               uri, guest);
    case VS_FINDING_NO_AGENT_CHANNEL:
        return g_strdup_printf("echo '<channel type=\"unix\"><target type=\"virtio\" "
                               "name=\"org.qemu.guest_agent.0\"/></channel>' | virsh -c %s "
                               "attach-device %s /dev/stdin --config",
                               uri, guest);
    case VS_FINDING_STEP_NOT_THERE:
    case VS_FINDING_DEADLINE_TOO_SHORT:
    case VS_FINDING_POLICY:
        return g_strdup_printf("%s edit-policy %s", info->ctl, guest);
    case VS_FINDING_NO_ACPI:
        return g_strdup_printf("virsh -c %s edit %s", uri, guest);
    case VS_FINDING_ON_POWEROFF:
        return g_strdup_printf(
            "virsh -c %s dumpxml --inactive --security-info %s | sed "
            "'s|<on_poweroff>[a-z-]*|<on_poweroff>destroy|' | virsh -c %s define "
            "/dev/stdin",
            uri, guest, uri);
    case VS_FINDING_BUDGET_TOO_SHORT:
    case VS_FINDING_CUT_SHORT:
        return set_budget(ctl, finding);
    case VS_FINDING_NOT_DESCRIBED:
        return g_strdup_printf("virsh -c %s qemu-monitor-command --hmp %s info status", uri, guest);
    case VS_FINDING_OWNED:
        return g_strdup_printf("%s set-policy %s Owner=none", info->ctl, guest);
    case VS_FINDING_HOOK:
        return hand_over_hook(ctl, finding->message);
    case VS_FINDING_HOOK_UNREAD:
        return g_strdup_printf("%s reload virtstopd.service", info->systemctl);
    default:
        return NULL;
    }
}
