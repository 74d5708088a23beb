/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/doctor.h"

#include <string.h>

#include "ctl/units.h"
#include "ctl/when.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"

#define HOOK           "virtstop-guests.service"
#define LIBVIRT_GUESTS "libvirt-guests.service"
#define POWEROFF       "poweroff.target"

/* False, and said, where systemd can't be asked. */
static bool
read_unit(VsFindings *findings, VsCtl *ctl, const char *name, VsUnit *unit)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *why = NULL;

    if (vs_unit_read(ctl, name, unit, &error))
        return true;
    why = vs_text_printable(error->message);
    vs_findings_add(findings, VS_FINDING_UNCHECKED, "units", NULL,
                    g_strdup_printf(_("%s: systemd can't be asked: %s"), name, why), NULL);
    return false;
}

static void
check_libvirt_guests(VsFindings *findings, const VsUnit *unit)
{
    bool active = g_str_equal(unit->active_state, "active");

    if (vs_unit_is_enabled(unit))
        vs_findings_add(findings, VS_FINDING_ERROR, "libvirt-guests", NULL,
                        g_strdup(_("libvirt-guests.service is enabled: it stops the guests, too")),
                        g_strdup(_("systemctl disable libvirt-guests.service (without --now, which "
                                   "would stop all guests at once)")));
    else if (active)
        vs_findings_add(findings, VS_FINDING_ERROR, "libvirt-guests", NULL,
                        g_strdup(_("libvirt-guests.service is active: it stops the guests, too, "
                                   "when the host goes down next")),
                        g_strdup(_("Take its ExecStop= away until the next boot: systemctl edit "
                                   "--runtime libvirt-guests.service, with [Service] and "
                                   "ExecStop= (stopping it would stop all guests at once)")));
}

static void
check_hook(VsFindings *findings, const VsUnit *unit)
{
    if (g_str_equal(unit->load_state, "not-found"))
        vs_findings_add(findings, VS_FINDING_ERROR, "hook-not-enabled", NULL,
                        g_strdup(_("virtstop-guests.service is not installed: no guest is stopped "
                                   "before the host goes down")),
                        g_strdup(_("Install it, and systemctl enable --now "
                                   "virtstop-guests.service")));
    else if (!vs_unit_is_enabled(unit) || !g_str_equal(unit->active_state, "active"))
        vs_findings_add(findings, VS_FINDING_ERROR, "hook-not-enabled", NULL,
                        g_strdup_printf(_("virtstop-guests.service is %s and %s: no guest is "
                                          "stopped before the host goes down"),
                                        *unit->file_state ? unit->file_state : unit->load_state,
                                        unit->active_state),
                        g_strdup(_("systemctl enable --now virtstop-guests.service")));
}

/* @limit: systemd's, which says UINT64_MAX where there is none. */
static void
check_limit(VsFindings *findings, const char *check, const char *what, uint64_t limit,
            int64_t worst, const char *todo)
{
    g_autofree char *has = NULL, *needed = NULL;

    if (worst < 0 || limit > INT64_MAX || worst <= (int64_t)limit)
        return;
    has = vs_when_span((int64_t)limit);
    needed = worst == VS_USEC_INFINITY ? g_strdup(_("no limit")) : vs_when_span(worst);
    vs_findings_add(findings, VS_FINDING_WARNING, check, NULL,
                    g_strdup_printf(_("%s is %s, but stopping all guests takes at most: %s"), what,
                                    has, needed),
                    g_strdup(todo));
}

void
vs_doctor_check_units(VsFindings *findings, VsCtl *ctl, int64_t worst)
{
    g_auto(VsUnit) hook = {0}, libvirt_guests = {0}, poweroff = {0};

    if (worst < 0)
        vs_findings_add(findings, VS_FINDING_UNCHECKED, "worst-case", NULL,
                        g_strdup(_("Whether systemd's time-outs are long enough: virtstopd has no "
                                   "plan")),
                        NULL);
    if (!read_unit(findings, ctl, HOOK, &hook) ||
        !read_unit(findings, ctl, LIBVIRT_GUESTS, &libvirt_guests) ||
        !read_unit(findings, ctl, POWEROFF, &poweroff))
        return;
    check_hook(findings, &hook);
    check_libvirt_guests(findings, &libvirt_guests);
    check_limit(findings, "stop-timeout", _("TimeoutStopSec= of virtstop-guests.service"),
                hook.stop_timeout, worst,
                _("Raise it (systemctl edit virtstop-guests.service), or set Budget= below it"));
    check_limit(findings, "job-timeout", _("JobTimeoutSec= of poweroff.target"),
                poweroff.job_timeout, worst,
                _("Raise it there and in reboot.target, or set Budget= below it: the host is "
                  "forced down then"));
}

/* Whether the line sets one of those keys to anything but "none". */
static bool
sets_auto_shutdown(const char *line)
{
    static const char *const keys[] = {"auto_shutdown_try_save", "auto_shutdown_try_shutdown",
                                       "auto_shutdown_poweroff", NULL};
    g_auto(GStrv) parts = g_strsplit(line, "=", 2);
    g_autofree char *value = NULL;

    if (!parts[0] || !parts[1] || !g_strv_contains(keys, g_strstrip(parts[0])))
        return false;
    value = g_strstrip(g_strdelimit(g_strdup(parts[1]), "\"'", ' '));
    return *value != '\0' && !g_str_equal(value, "none");
}

void
vs_doctor_check_qemu_conf(VsFindings *findings, const char *path, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (char **line = lines; *line; line++) {
        g_autofree char *quoted = NULL, *uncommented = g_strndup(*line, strcspn(*line, "#"));
        if (!sets_auto_shutdown(uncommented))
            continue;
        quoted = vs_text_quoted(g_strstrip(uncommented));
        vs_findings_add(findings, VS_FINDING_ERROR, "auto-shutdown", NULL,
                        g_strdup_printf(_("%s: %s: libvirt stops the guests, too"), path, quoted),
                        g_strdup(_("Set it to \"none\", and restart virtqemud or libvirtd")));
    }
}
