/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "virt/metadata.h"

#include <libvirt/virterror.h>
#include <stdlib.h>
#include <string.h>

#include "util/i18n.h"
#include "util/text.h"
#include "virt/policy-xml.h"

static size_t
key_length(const char *assignment)
{
    return (size_t)(strchr(assignment, '=') - assignment);
}

static bool
is_same_key(const char *one, const char *other)
{
    size_t length = key_length(one);

    return length == key_length(other) && strncmp(one, other, length) == 0;
}

static void
apply(GPtrArray *said, const char *change)
{
    bool takes_out = change[key_length(change) + 1] == '\0';
    unsigned i = 0;

    while (i < said->len && !is_same_key(said->pdata[i], change))
        i++;
    if (i < said->len && takes_out) {
        g_ptr_array_remove_index(said, i);
    } else if (i < said->len) {
        g_free(said->pdata[i]);
        said->pdata[i] = g_strdup(change);
    } else if (!takes_out) {
        g_ptr_array_add(said, g_strdup(change));
    }
}

char **
vs_metadata_merge(char *const *said, char *const *changes, bool replace)
{
    GPtrArray *merged = g_ptr_array_new_with_free_func(g_free);

    for (; said && *said && !replace; said++)
        g_ptr_array_add(merged, g_strdup(*said));
    for (; *changes; changes++)
        apply(merged, *changes);
    g_ptr_array_add(merged, NULL);
    g_ptr_array_set_free_func(merged, NULL);
    return (char **)g_ptr_array_free(merged, FALSE);
}

/* False: libvirt says why. @ret: NULL where the domain has none of it. */
static bool
get(virDomainPtr domain, int type, unsigned flags, char **ret)
{
    const char *namespace = type == VIR_DOMAIN_METADATA_ELEMENT ? VS_METADATA_NAMESPACE : NULL;

    *ret = virDomainGetMetadata(domain, type, namespace, flags);
    return *ret || virGetLastErrorCode() == VIR_ERR_NO_DOMAIN_METADATA;
}

static void
fail(VsResult *result, const GError *error)
{
    vs_result_fail(result, VIR_ERR_INVALID_ARG, g_strdup(error->message));
}

/* What our element says. False: @result says why it isn't known. */
static bool
get_said(virDomainPtr domain, unsigned flags, VsResult *result, char ***ret)
{
    g_autoptr(GError) error = NULL;
    char *xml;

    *ret = NULL;
    if (!get(domain, VIR_DOMAIN_METADATA_ELEMENT, flags, &xml)) {
        vs_result_fail_libvirt(result, virDomainGetConnect(domain));
        return false;
    }
    if (xml)
        *ret = vs_policy_xml_read(xml, &error);
    free(xml);
    if (error)
        fail(result, error);
    return !error;
}

static void
read_labels(const VsJob *job, virDomainPtr domain, VsResult *result)
{
    char *title = NULL, *description = NULL;
    g_auto(GStrv) said = NULL;

    if (!get(domain, VIR_DOMAIN_METADATA_TITLE, VIR_DOMAIN_AFFECT_CURRENT, &title) ||
        !get(domain, VIR_DOMAIN_METADATA_DESCRIPTION, VIR_DOMAIN_AFFECT_CURRENT, &description))
        vs_result_fail_libvirt(result, virDomainGetConnect(domain));
    else if (get_said(domain, VIR_DOMAIN_AFFECT_CURRENT, result, &said)) {
        result->labels = vs_labels_new(job->domain.uri, title ? title : "", description ? description : "",
                                       (const char *const *)said);
        result->ok = true;
    }
    free(title);
    free(description);
}

/* The run's metadata, or those that are kept. */
typedef struct Part {
    unsigned flags;
    char **said; /* what is to be written; NULL: the domain has no such part */
} Part;

static bool
prepare(const VsJob *job, virDomainPtr domain, Part *part, VsResult *result)
{
    g_autoptr(VsLabels) labels = NULL;
    g_auto(GStrv) said = NULL;

    if (!get_said(domain, part->flags, result, &said))
        return false;
    part->said = vs_metadata_merge(said, job->changes, job->replace);
    labels = vs_labels_new(NULL, "", "", (const char *const *)part->said);
    if (labels->refused)
        vs_result_fail(result, VIR_ERR_INVALID_ARG, g_strdup(labels->complaint));
    return !labels->refused;
}

static bool
put(virDomainPtr domain, const Part *part, VsResult *result)
{
    g_autofree char *xml = part->said ? vs_policy_xml_write(part->said) : NULL;

    if (!part->said ||
        virDomainSetMetadata(domain, VIR_DOMAIN_METADATA_ELEMENT, xml, VS_METADATA_PREFIX,
                             VS_METADATA_NAMESPACE, part->flags) == 0)
        return true;
    vs_result_fail_libvirt(result, virDomainGetConnect(domain));
    return false;
}

static bool
write_labels(const VsJob *job, virDomainPtr domain, VsResult *result)
{
    Part live = {.flags = VIR_DOMAIN_AFFECT_LIVE}, kept = {.flags = VIR_DOMAIN_AFFECT_CONFIG};
    int is_active = virDomainIsActive(domain), is_persistent = virDomainIsPersistent(domain);
    bool ok = is_active >= 0 && is_persistent >= 0;

    if (!ok)
        vs_result_fail_libvirt(result, virDomainGetConnect(domain));
    ok = ok && (is_active == 0 || prepare(job, domain, &live, result)) &&
         (is_persistent == 0 || prepare(job, domain, &kept, result)) &&
         put(domain, &live, result) && put(domain, &kept, result);
    g_strfreev(live.said);
    g_strfreev(kept.said);
    return ok;
}

static virDomainPtr
find(const VsJob *job, virConnectPtr connection, VsResult *result)
{
    virDomainPtr domain = virDomainLookupByUUIDString(connection, job->domain.uuid.text);

    if (!domain)
        vs_result_fail_libvirt(result, connection);
    return domain;
}

void
vs_metadata_read_run(const VsJob *job, virConnectPtr connection, VsResult *result)
{
    virDomainPtr domain = find(job, connection, result);

    if (!domain)
        return;
    read_labels(job, domain, result);
    virDomainFree(domain);
}

void
vs_metadata_write_run(const VsJob *job, virConnectPtr connection, VsResult *result)
{
    virDomainPtr domain = find(job, connection, result);

    if (!domain)
        return;
    if (write_labels(job, domain, result))
        read_labels(job, domain, result);
    virDomainFree(domain);
}
