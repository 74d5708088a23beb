/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/units.h"
#include "ctl/doctor-host.h"
#include "ctl/doctor-paste.h"
#include "ctl/doctor-way.h"
#include "util/qemu-conf.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"
#include "words/joints.h"
#include "words/when.h"

#define HOOK           "virtstop-guests.service"
#define LIBVIRT_GUESTS "libvirt-guests.service"

/* A stop time-out below this may be over before the hook's first sign of life, µs. */
#define FIRST_SIGN (15 * VS_USEC_PER_SEC)

static const char *const targets[] = {"poweroff.target", "reboot.target", "halt.target",
                                      "kexec.target"};

/* False, and said, where systemd can't be asked. */
static bool
read_unit(VsFindings *findings, VsCtl *ctl, const char *name, VsUnit *unit)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *why = NULL;

    if (vs_unit_read(ctl->client.bus, name, unit, &error))
        return true;
    why = vs_text_printable(error->message);
    vs_findings_add(findings, VS_FINDING_UNCHECKED, "units", NULL,
                    g_strdup_printf(_("%s: systemd can't be asked: %s"), name, why), NULL);
    return false;
}

static void
add_libvirt_guests(VsFindings *findings, const char *what)
{
    vs_findings_add(findings, VS_FINDING_ERROR, VS_DOCTOR_LIBVIRT_GUESTS, NULL, g_strdup(what),
                    g_strdup(_("Hand the guests over, which stops none of them:")));
    vs_findings_paste(findings, g_strdup(LIBEXECDIR "/virtstop-libvirt-guests take"));
}

static void
check_libvirt_guests(VsFindings *findings, const VsUnit *unit)
{
    bool active = g_str_equal(unit->active_state, "active") && unit->does_at_stop;

    if (vs_unit_is_enabled(unit))
        add_libvirt_guests(findings,
                           _("libvirt-guests.service is enabled: it stops the guests, too"));
    else if (active)
        add_libvirt_guests(findings, _("libvirt-guests.service is active: it stops the guests, "
                                       "too, when the host goes down next"));
}

static void
add_hook(VsFindings *findings, char *what, const char *todo)
{
    vs_findings_add(findings, VS_FINDING_ERROR, "hook-not-enabled", NULL, what, g_strdup(todo));
    vs_findings_paste(findings, g_strdup("systemctl enable --now virtstop-guests.service"));
}

static void
check_hook(VsFindings *findings, const VsUnit *unit)
{
    bool active = g_str_equal(unit->active_state, "active");

    if (g_str_equal(unit->load_state, "not-found"))
        add_hook(findings,
                 g_strdup(_("virtstop-guests.service is not installed: no guest is stopped before "
                            "the host goes down")),
                 _("Install it, and have it started, now and with each boot"));
    else if (!active)
        add_hook(findings,
                 g_strdup_printf(_("virtstop-guests.service is %s: no guest is stopped before the "
                                   "host goes down"),
                                 unit->active_state),
                 _("Have it started, now and with each boot"));
    else if (!vs_unit_is_enabled(unit))
        add_hook(findings,
                 g_strdup_printf(_("virtstop-guests.service is %s: after the next boot no guest is "
                                   "stopped before the host goes down"),
                                 *unit->file_state ? unit->file_state : unit->load_state),
                 _("Have it started with each boot"));
}

/* Whether systemd's @limit, UINT64_MAX where there is none, ends before @worst does. */
static bool
is_short(uint64_t limit, int64_t worst)
{
    return worst >= 0 && limit <= INT64_MAX && worst > (int64_t)limit;
}

/* The hook asks for more time as long as it goes on, if it is heard, and isn't dead before. */
static void
check_stop_timeout(VsFindings *findings, const VsUnit *hook, int64_t worst)
{
    bool heard =
        g_strcmp0(hook->notify_access, "all") == 0 || g_strcmp0(hook->notify_access, "exec") == 0;
    g_autofree char *needed = vs_span_say(worst), *has = NULL;

    if (!is_short(hook->stop_timeout, worst))
        return;
    has = vs_span_say((int64_t)hook->stop_timeout);
    if (!heard) {
        vs_findings_add(findings, VS_FINDING_WARNING, "stop-timeout", NULL,
                        g_strdup_printf(_("virtstop-guests.service has NotifyAccess=%s: it can't "
                                          "ask systemd for more than its TimeoutStopSec=, %s, but "
                                          "stopping all guests takes at most: %s"),
                                        hook->notify_access, has, needed),
                        g_strdup(_("Set NotifyAccess=all (systemctl edit "
                                   "virtstop-guests.service)")));
        vs_findings_paste(findings, vs_doctor_paste_drop_in(HOOK, "zz-notify-access.conf",
                                                            "Service", "NotifyAccess=all"));
    } else if (hook->stop_timeout < FIRST_SIGN) {
        vs_findings_add(findings, VS_FINDING_WARNING, "stop-timeout", NULL,
                        g_strdup_printf(_("TimeoutStopSec= of virtstop-guests.service is %s: it "
                                          "may be over before systemd is asked for more time"),
                                        has),
                        g_strdup(_("Raise it to 90s (systemctl edit virtstop-guests.service): "
                                   "what it takes beyond that, it asks for itself")));
        vs_findings_paste(findings, vs_doctor_paste_drop_in(HOOK, "zz-timeout-stop.conf", "Service",
                                                            "TimeoutStopSec=90s"));
    }
}

static void
add_job_timeout(VsFindings *findings, GPtrArray *units, uint64_t limit, int64_t worst)
{
    g_autofree char *has = vs_span_say((int64_t)limit), *needed = vs_span_say(worst);
    g_autofree char *enough = vs_doctor_paste_enough(worst);
    g_autofree char *setting = g_strconcat("JobTimeoutSec=", enough, NULL);
    g_autofree char *names = g_strjoinv(vs_joint_names(), (char **)units->pdata);
    g_autofree char *words = g_strjoinv(" ", (char **)units->pdata);

    vs_findings_add(findings, VS_FINDING_WARNING, "job-timeout", NULL,
                    g_strdup_printf(_("JobTimeoutSec= of %s is %s, but stopping all guests takes "
                                      "at most: %s"),
                                    names, has, needed),
                    g_strdup(_("Raise it (systemctl edit), or set Budget= below it: the host's "
                               "end is forced then")));
    vs_findings_paste(findings,
                      vs_doctor_paste_drop_in(words, "zz-job-timeout.conf", "Unit", setting));
}

/* One finding for those of the same limit. */
static void
check_job_timeouts(VsFindings *findings, const uint64_t *limits, int64_t worst)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(targets); i++) {
        g_autoptr(GPtrArray) names = g_ptr_array_new();
        bool told = false;

        g_ptr_array_add(names, (gpointer)targets[i]);

        for (unsigned j = 0; j < i; j++)
            told = told || limits[j] == limits[i];
        for (unsigned j = i + 1; j < G_N_ELEMENTS(targets); j++)
            if (limits[j] == limits[i])
                g_ptr_array_add(names, (gpointer)targets[j]);
        g_ptr_array_add(names, NULL);
        if (!told && is_short(limits[i], worst))
            add_job_timeout(findings, names, limits[i], worst);
    }
}

void
vs_doctor_check_units(VsFindings *findings, VsCtl *ctl, int64_t worst)
{
    g_auto(VsUnit) hook = {0}, libvirt_guests = {0};
    uint64_t limits[G_N_ELEMENTS(targets)];

    if (!read_unit(findings, ctl, HOOK, &hook) ||
        !read_unit(findings, ctl, LIBVIRT_GUESTS, &libvirt_guests))
        return;
    check_hook(findings, &hook);
    check_libvirt_guests(findings, &libvirt_guests);
    vs_doctor_check_way(findings, ctl);
    if (worst < 0) {
        vs_findings_add(findings, VS_FINDING_UNCHECKED, "worst-case", NULL,
                        g_strdup(_("Whether systemd's time-outs are long enough: virtstopd has no "
                                   "plan")),
                        NULL);
        return;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(targets); i++) {
        g_auto(VsUnit) target = {0};
        if (!read_unit(findings, ctl, targets[i], &target))
            return;
        limits[i] = target.job_timeout;
    }
    check_stop_timeout(findings, &hook, worst);
    check_job_timeouts(findings, limits, worst);
}

void
vs_doctor_check_qemu_conf(VsFindings *findings, const char *path, const char *text)
{
    unsigned n_none;
    g_autoptr(GPtrArray) lines = vs_qemu_conf_auto_shutdown(text, &n_none);

    for (unsigned i = 0; i < lines->len; i++) {
        g_autofree char *quoted = vs_text_quoted(lines->pdata[i]), *set_none = NULL;

        vs_findings_add(findings, VS_FINDING_ERROR, "auto-shutdown", NULL,
                        g_strdup_printf(_("%s: %s: libvirt stops the guests, too"), path, quoted),
                        g_strdup(_("Set it to \"none\", and restart virtqemud or libvirtd")));
        set_none = vs_doctor_paste_set_none(path, lines->pdata[i], NULL);
        vs_findings_paste(findings,
                          g_strdup_printf("%s && systemctl try-restart virtqemud.service; "
                                          "systemctl try-restart libvirtd.service",
                                          set_none));
    }
}
