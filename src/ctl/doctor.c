/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ctl/doctor-daemon.h"
#include "ctl/doctor-host.h"
#include "ctl/doctor-session.h"
#include "ctl/doctor-user.h"
#include "ctl/libvirt-guests.h"
#include "ctl/output.h"
#include "ctl/verbs.h"
#include "util/i18n.h"

/* Where the files of this host are, for a test. */
#define ROOT_VARIABLE "VIRTSTOP_DOCTOR_ROOT"

#define QEMU_CONF "/etc/libvirt/qemu.conf"

static const struct {
    const char *path;
    bool debian;
} libvirt_guests_files[] = {
    {"/etc/default/libvirt-guests", true},
    {"/etc/sysconfig/libvirt-guests", false},
};

/* NULL: it isn't there, or can't be read, which is a finding. */
static char *
read_file(VsFindings *findings, const char *path)
{
    const char *root = g_getenv(ROOT_VARIABLE);
    g_autofree char *whole = g_strconcat(root ? root : "", path, NULL);
    g_autoptr(GError) error = NULL;
    char *text = NULL;

    if (!g_file_get_contents(whole, &text, NULL, &error) &&
        !g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        vs_findings_add(findings, VS_FINDING_UNCHECKED, "file", NULL, g_strdup(error->message),
                        NULL);
    return text;
}

static void
print_configuration(const VsCtl *ctl, const char *path, const char *configuration)
{
    g_autoptr(json_object) object = json_object_new_object();

    if (ctl->json == VS_JSON_OFF) {
        vs_output_printf(_("\n%s, in the words of virtstop.conf:\n\n"), path);
        vs_output_text(configuration);
        return;
    }
    vs_json_set_string(object, "libvirt_guests", path);
    vs_json_set_string(object, "configuration", configuration);
    vs_output_json(ctl, object);
}

static void
show_libvirt_guests(const VsCtl *ctl, const char *const *texts)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(libvirt_guests_files); i++) {
        g_autofree char *configuration =
            texts[i] ? vs_libvirt_guests_convert(texts[i], libvirt_guests_files[i].debian) : NULL;
        if (configuration)
            print_configuration(ctl, libvirt_guests_files[i].path, configuration);
    }
}

static void
check_files(VsFindings *findings, const VsCtl *ctl, char **ret_texts)
{
    const char *root = g_getenv(ROOT_VARIABLE);
    g_autofree char *qemu_conf = NULL;

    if (ctl->client.host) {
        vs_findings_add(findings, VS_FINDING_UNCHECKED, "file", NULL,
                        g_strdup_printf(_("%s and the file of libvirt-guests: they are on another "
                                          "host"),
                                        QEMU_CONF),
                        NULL);
        return;
    }
    qemu_conf = read_file(findings, QEMU_CONF);
    if (qemu_conf)
        vs_doctor_check_qemu_conf(findings, QEMU_CONF, qemu_conf);
    vs_doctor_check_sessions(findings, root ? root : "");
    for (unsigned i = 0; i < G_N_ELEMENTS(libvirt_guests_files); i++)
        ret_texts[i] = read_file(findings, libvirt_guests_files[i].path);
}

/* The host's files are nothing to a user: his libvirt reads his own. */
static void
check_own_files(VsFindings *findings, const VsCtl *ctl, char **ret_texts)
{
    const char *root = g_getenv(ROOT_VARIABLE);

    vs_doctor_check_sessions(findings, root ? root : "");
}

/* What there is to be checked beside virtstopd itself. */
static const struct {
    void (*units)(VsFindings *findings, VsCtl *ctl, int64_t worst);
    void (*files)(VsFindings *findings, const VsCtl *ctl, char **ret_texts);
} checks[] = {
    [VS_SCOPE_SYSTEM] = {vs_doctor_check_units, check_files},
    [VS_SCOPE_USER] = {vs_doctor_check_user, check_own_files},
};

static void
print_verdict(const VsFindings *findings)
{
    if (vs_findings_any(findings))
        return;
    vs_output_printf("%s\n", vs_findings_complete(findings)
                                 ? _("Nothing is wrong here.")
                                 : _("Nothing is wrong with what could be checked."));
}

VsExit
vs_verb_doctor(VsCtl *ctl, int n_args, char **args)
{
    char *texts[G_N_ELEMENTS(libvirt_guests_files) + 1] = {0};
    g_autoptr(VsFindings) findings = vs_findings_new();
    VsScope scope = ctl->client.scope;

    checks[scope].units(findings, ctl, vs_doctor_check_daemon(findings, ctl));
    checks[scope].files(findings, ctl, texts);
    vs_output_open_pager(ctl);
    vs_findings_print(findings, ctl);
    if (ctl->json == VS_JSON_OFF)
        print_verdict(findings);
    if (ctl->libvirt_guests || vs_findings_has(findings, VS_DOCTOR_LIBVIRT_GUESTS))
        show_libvirt_guests(ctl, (const char *const *)texts);
    for (char **text = texts; text < texts + G_N_ELEMENTS(libvirt_guests_files); text++)
        g_free(*text);
    return vs_findings_any(findings) ? VS_EXIT_FAILED : VS_EXIT_OK;
}
