/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/doctor-paste.h"

#include <string.h>

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

/* Some more than it took, and than it had, in whole minutes. */
static char *
enough_for(const VsFinding *finding)
{
    int64_t most = MAX(finding->took, finding->given);
    int64_t minutes = (most + most / 4) / MINUTE + 1;

    return vs_span_format(minutes * MINUTE, true);
}

static char *
set_budget(VsScope scope, const VsFinding *finding)
{
    const VsScopeInfo *info = vs_scope_info(scope);
    g_autofree char *span = enough_for(finding);
    g_autofree char *dir = vs_scope_directory(scope, VS_SCOPE_CONFIGURATION);
    g_autofree char *drop_ins = g_build_filename(dir, "virtstop.conf.d", NULL);

    return g_strdup_printf(
        "mkdir -p %s && printf '[Daemon]\\nBudget=%s\\n' >%s/50-budget.conf && %s "
        "reload virtstopd.service",
        drop_ins, span, drop_ins, info->systemctl);
}

char *
vs_doctor_paste(VsScope scope, const VsFinding *finding)
{
    const VsScopeInfo *info = vs_scope_info(scope);
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
        return set_budget(scope, finding);
    case VS_FINDING_NOT_DESCRIBED:
        return g_strdup_printf("virsh -c %s qemu-monitor-command --hmp %s info status", uri, guest);
    case VS_FINDING_OWNED:
        return g_strdup_printf("%s set-policy %s Owner=none", info->ctl, guest);
    case VS_FINDING_HOOK:
    case VS_FINDING_HOOK_UNREAD:
        return g_strdup_printf("%s reload virtstopd.service", info->systemctl);
    default:
        return NULL;
    }
}
