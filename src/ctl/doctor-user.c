/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/doctor-user.h"

#include <string.h>
#include <unistd.h>

#include "client/units.h"
#include "ctl/doctor-paste.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"
#include "words/when.h"

#define HOOK  "virtstop-guests.service"
#define GROUP "/virtstopd.service"

/* libvirt's daemons of a session, which have a pid file of that name. */
static const char *const daemons[] = {"virtqemud", "libvirtd"};

static void
add_unread(VsFindings *findings, const char *unit, const char *message)
{
    g_autofree char *why = vs_text_printable(message);

    vs_findings_add(findings, VS_FINDING_UNCHECKED, "units", NULL,
                    g_strdup_printf(_("%s: systemd can't be asked: %s"), unit, why), NULL);
}

static void
add_hook(VsFindings *findings, char *what, const char *todo)
{
    vs_findings_add(findings, VS_FINDING_ERROR, "hook-not-enabled", NULL, what, g_strdup(todo));
    vs_findings_paste(findings, g_strdup("systemctl --user enable --now " HOOK));
}

static void
check_hook(VsFindings *findings, VsCtl *ctl)
{
    g_autoptr(GError) error = NULL;
    g_auto(VsUnit) unit = {0};

    if (!vs_unit_read(ctl->client.bus, HOOK, &unit, &error))
        add_unread(findings, HOOK, error->message);
    else if (!g_str_equal(unit.active_state, "active"))
        add_hook(findings,
                 g_strdup_printf(_("%s of this user is %s: no guest is stopped before the session "
                                   "ends"),
                                 HOOK, unit.active_state),
                 _("Have it started, now and with each login"));
    else if (!vs_unit_is_enabled(&unit))
        add_hook(findings,
                 g_strdup_printf(_("%s of this user is not enabled: after the next login no guest "
                                   "is stopped before the session ends"),
                                 HOOK),
                 _("Have it started with each login"));
}

/* The user's systemd itself is a service of the host's, which waits only for so long. */
static void
check_time(VsFindings *findings, int64_t worst)
{
    g_autofree char *name = g_strdup_printf("user@%u.service", (unsigned)geteuid());
    VsClient host = {.scope = VS_SCOPE_SYSTEM};
    g_autoptr(GError) error = NULL;
    g_auto(VsUnit) unit = {0};

    if (worst < 0)
        return;
    if (!vs_client_open(&host, &error) || !vs_unit_read(host.bus, name, &unit, &error)) {
        add_unread(findings, name, error->message);
    } else if (unit.stop_timeout <= INT64_MAX && worst > (int64_t)unit.stop_timeout) {
        g_autofree char *has = vs_span_say((int64_t)unit.stop_timeout);
        g_autofree char *needed = vs_span_say(worst);
        g_autofree char *enough = vs_doctor_paste_enough(worst);
        g_autofree char *setting = g_strconcat("TimeoutStopSec=", enough, NULL);
        g_autofree char *line =
            vs_doctor_paste_drop_in("user@.service", "zz-timeout-stop.conf", "Service", setting);
        g_autofree char *quoted = g_shell_quote(line);

        vs_findings_add(findings, VS_FINDING_WARNING, "stop-timeout", NULL,
                        g_strdup_printf(_("TimeoutStopSec= of %s is %s, but stopping all guests "
                                          "takes at most: %s"),
                                        name, has, needed),
                        g_strdup(_("Set Budget= below it, or have root raise it: what runs then "
                                   "is killed with the session")));
        vs_findings_paste(findings, g_strdup_printf("sudo sh -c %s", quoted));
    }
    vs_client_close(&host);
}

static char *
read_small(const char *format, const char *one, const char *other)
{
    g_autofree char *path = g_strdup_printf(format, one, other);
    char *text = NULL;

    g_file_get_contents(path, &text, NULL, NULL);
    return text ? g_strchomp(text) : NULL;
}

/* The control group in what /proc tells: "0::/user.slice/...", or before version 2
 * "1:name=systemd:/..."; there may be both, and the other one's is "/" then. NULL: it doesn't say;
 * the caller owns it. */
static char *
group_in(const char *text)
{
    static const char *const marks[] = {":name=systemd:", "0::"};
    char *group = NULL;

    for (unsigned i = 0; i < G_N_ELEMENTS(marks) && (!group || g_str_equal(group, "/")); i++) {
        const char *found = strstr(text, marks[i]);

        if (!found)
            continue;
        g_free(group);
        found += strlen(marks[i]);
        group = g_strndup(found, strcspn(found, "\n"));
    }
    return group;
}

/* What a session's libvirt is run in, its guests are in, too. */
static void
check_group(VsFindings *findings, const char *daemon)
{
    g_autofree char *pid = read_small("%s/libvirt/%s.pid", g_get_user_runtime_dir(), daemon);
    g_autofree char *comm = pid ? read_small("/proc/%s/%s", pid, "comm") : NULL;
    g_autofree char *text = pid ? read_small("/proc/%s/%s", pid, "cgroup") : NULL;
    g_autofree char *group = text ? group_in(text) : NULL;
    g_autofree char *quoted = vs_text_quoted(group);

    if (g_strcmp0(comm, daemon) != 0 || !group || strstr(group, GROUP))
        return;
    vs_findings_add(findings, VS_FINDING_WARNING, "control-group", NULL,
                    g_strdup_printf(_("The session's libvirt (%s, pid %s) was not started by "
                                      "virtstopd.service: its guests run in %s, and are cut off "
                                      "when that ends, which may be before they can be stopped"),
                                    daemon, pid, quoted),
                    g_strdup(_("When no guest runs, end it, and see that virtstopd.service is "
                               "started when you log in (systemctl --user enable): it starts "
                               "libvirt first")));
}

void
vs_doctor_check_user(VsFindings *findings, VsCtl *ctl, int64_t worst)
{
    check_hook(findings, ctl);
    check_time(findings, worst);
    for (unsigned i = 0; i < G_N_ELEMENTS(daemons); i++)
        check_group(findings, daemons[i]);
}
