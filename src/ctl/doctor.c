/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/doctor.h"

#include "ctl/libvirt-guests.h"
#include "ctl/output.h"
#include "ctl/plan.h"
#include "ctl/records.h"
#include "ctl/verbs.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/span.h"

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

/* How long each guest, by UUID and URI, took at most to come down in order. */
static GHashTable *
find_longest(const GPtrArray *records)
{
    GHashTable *longest = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);

    for (unsigned i = 0; i < records->len; i++) {
        json_object *record = g_ptr_array_index(records, i);
        const char *uuid = vs_json_string(vs_json_object(record, "domain"), "uuid", "");
        const char *cause = vs_json_string(record, "cause", "");
        g_autofree char *key = g_strconcat(uuid, " ", vs_json_string(record, "uri", ""), NULL);
        int64_t took_ms = 0, *known = g_hash_table_lookup(longest, key);

        vs_json_int(record, "took_ms", &took_ms);
        if (!vs_json_bool(record, "clean", false) || g_str_equal(cause, "saved") ||
            g_str_equal(cause, "migrated") || took_ms <= (known ? *known : 0))
            continue;
        known = g_new(int64_t, 1);
        *known = took_ms;
        g_hash_table_replace(longest, g_steal_pointer(&key), known);
    }
    return longest;
}

static bool
check_guest(VsFindings *findings, VsCtl *ctl, VsDomainObject *domain, GHashTable *longest,
            GError **error)
{
    g_autoptr(sd_bus_message) reply = vs_client_get_all(ctl, domain->path, VS_BUS_DOMAIN, NULL);
    g_autofree char *key = g_strconcat(domain->uuid, " ", domain->uri, NULL);
    int64_t *known = g_hash_table_lookup(longest, key);

    if (!reply)
        return true; /* it went meanwhile */
    domain->acpi = true;
    if (!vs_client_check(vs_domain_object_read(domain, reply), error))
        return false;
    vs_doctor_check_guest(findings, domain, known ? MIN(*known, INT32_MAX) * VS_USEC_PER_MSEC : 0);
    return true;
}

static bool
check_guests(VsFindings *findings, VsCtl *ctl, GError **error)
{
    g_autoptr(GPtrArray) domains = vs_objects_list_domains(ctl, error);
    g_autoptr(GPtrArray) records = domains ? vs_records_query(ctl, NULL, 0, error) : NULL;
    g_autoptr(GHashTable) longest = records ? find_longest(records) : NULL;

    for (unsigned i = 0; longest && i < domains->len; i++) {
        VsDomainObject *domain = g_ptr_array_index(domains, i);
        if (domain->id >= 0 && !check_guest(findings, ctl, domain, longest, error))
            return false;
    }
    return longest;
}

/* -1: not known. */
static int64_t
find_worst(VsCtl *ctl)
{
    g_autoptr(json_object) plan = vs_plan_get(ctl, NULL);
    int64_t worst_ms = -1;

    if (!plan)
        return -1;
    if (!vs_json_int(plan, "worst_ms", &worst_ms) || worst_ms < 0 || worst_ms >= INT32_MAX)
        return VS_USEC_INFINITY;
    return worst_ms * VS_USEC_PER_MSEC;
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
    g_autofree char *qemu_conf = NULL;

    if (ctl->host) {
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
    for (unsigned i = 0; i < G_N_ELEMENTS(libvirt_guests_files); i++)
        ret_texts[i] = read_file(findings, libvirt_guests_files[i].path);
}

VsExit
vs_verb_doctor(VsCtl *ctl, int n_args, char **args)
{
    char *texts[G_N_ELEMENTS(libvirt_guests_files) + 1] = {0};
    g_autoptr(VsFindings) findings = vs_findings_new();
    g_autoptr(GError) error = NULL;
    bool any;

    if (!check_guests(findings, ctl, &error))
        return vs_output_fail(NULL, error);
    vs_doctor_check_units(findings, ctl, find_worst(ctl));
    check_files(findings, ctl, texts);
    any = vs_findings_any(findings);
    vs_output_open_pager(ctl);
    vs_findings_print(findings, ctl);
    if (!any && ctl->json == VS_JSON_OFF)
        vs_output_printf("%s\n", _("Nothing is wrong here."));
    show_libvirt_guests(ctl, (const char *const *)texts);
    for (char **text = texts; text < texts + G_N_ELEMENTS(libvirt_guests_files); text++)
        g_free(*text);
    return any ? VS_EXIT_FAILED : VS_EXIT_OK;
}
