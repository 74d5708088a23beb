/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "virt/metadata.h"

#include <libvirt/virterror.h>
#include <stdlib.h>
#include <string.h>

#include "util/i18n.h"
#include "util/text.h"
#include "virt/policy-xml.h"

/* So often it is written where the domain is started, or ends, meanwhile. */
#define MAX_TRIES 3

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

/* Our element, @ret_xml (NULL: it has none; free()d by the caller) as libvirt has it. False:
 * @result says why it isn't known. */
static bool
get_policy(virDomainPtr domain, unsigned flags, VsResult *result, char **ret_xml, VsPolicyXml *ret)
{
    g_autoptr(GError) error = NULL;

    if (!get(domain, VIR_DOMAIN_METADATA_ELEMENT, flags, ret_xml)) {
        vs_result_fail_libvirt(result, virDomainGetConnect(domain));
        return false;
    }
    if (vs_policy_xml_read(*ret_xml, ret, &error))
        return true;
    g_clear_pointer(ret_xml, free);
    vs_result_fail(result, VIR_ERR_INVALID_ARG, g_strdup(error->message));
    return false;
}

static void
read_labels(const VsJob *job, virDomainPtr domain, VsResult *result)
{
    char *title = NULL, *description = NULL, *xml = NULL;
    g_auto(VsPolicyXml) policy = {0};

    if (!get(domain, VIR_DOMAIN_METADATA_TITLE, VIR_DOMAIN_AFFECT_CURRENT, &title) ||
        !get(domain, VIR_DOMAIN_METADATA_DESCRIPTION, VIR_DOMAIN_AFFECT_CURRENT, &description))
        vs_result_fail_libvirt(result, virDomainGetConnect(domain));
    else if (get_policy(domain, VIR_DOMAIN_AFFECT_CURRENT, result, &xml, &policy)) {
        result->labels =
            vs_labels_new(job->domain.uri, title ? title : "", description ? description : "",
                          (const char *const *)policy.said);
        result->ok = true;
    }
    free(title);
    free(description);
    free(xml);
}

/* The run's metadata, or those that are kept. */
typedef struct Part {
    unsigned flags;
    bool is_there;
    char *before; /* our element, as it was; NULL: there was none */
    char *after;  /* ... as it is to be; NULL: none */
} Part;

static void
part_clear(Part *part)
{
    g_clear_pointer(&part->before, free);
    g_clear_pointer(&part->after, g_free);
}

/* What is to be written; nothing is yet. */
static bool
prepare(const VsJob *job, virDomainPtr domain, Part *part, VsResult *result)
{
    g_auto(VsPolicyXml) policy = {0};
    g_autoptr(VsLabels) labels = NULL;
    char **said;

    if (!part->is_there)
        return true;
    if (!get_policy(domain, part->flags, result, &part->before, &policy))
        return false;
    said = vs_metadata_merge(policy.said, job->changes, job->replace);
    g_strfreev(policy.said);
    policy.said = said;
    part->after = vs_policy_xml_write(&policy);
    labels = vs_labels_new(NULL, "", "", (const char *const *)said);
    if (labels->refused)
        vs_result_fail(result, VIR_ERR_INVALID_ARG, g_strdup(labels->complaint));
    return !labels->refused;
}

static bool
put(virDomainPtr domain, const Part *part, const char *xml)
{
    return !part->is_there ||
           virDomainSetMetadata(domain, VIR_DOMAIN_METADATA_ELEMENT, xml, VS_METADATA_PREFIX,
                                VS_METADATA_NAMESPACE, part->flags) == 0;
}

/* Both, or none: where the second can't be written the first is put back. */
static bool
put_both(virDomainPtr domain, const Part *live, const Part *kept, VsResult *result)
{
    g_autofree char *why = NULL;

    if (put(domain, live, live->after) && put(domain, kept, kept->after))
        return true;
    vs_result_fail_libvirt(result, virDomainGetConnect(domain));
    if (put(domain, live, live->before))
        return false;
    why = g_steal_pointer(&result->message);
    result->message =
        g_strdup_printf(_("%s; the domain as it runs may have the new policy all the same"), why);
    return false;
}

static bool
write_parts(const VsJob *job, virDomainPtr domain, bool is_active, VsResult *result)
{
    int is_persistent = virDomainIsPersistent(domain);
    Part live = {.flags = VIR_DOMAIN_AFFECT_LIVE, .is_there = is_active};
    Part kept = {.flags = VIR_DOMAIN_AFFECT_CONFIG, .is_there = is_persistent == 1};
    bool ok = is_persistent >= 0;

    if (!ok)
        vs_result_fail_libvirt(result, virDomainGetConnect(domain));
    ok = ok && prepare(job, domain, &live, result) && prepare(job, domain, &kept, result) &&
         put_both(domain, &live, &kept, result);
    part_clear(&live);
    part_clear(&kept);
    return ok;
}

/* Somebody may start it, or end it, meanwhile: what it then runs by may be the policy before. */
static bool
write_labels(const VsJob *job, virDomainPtr domain, VsResult *result)
{
    for (unsigned tries = 1;; tries++) {
        int is_active = virDomainIsActive(domain);
        bool ok = is_active >= 0;

        if (!ok)
            vs_result_fail_libvirt(result, virDomainGetConnect(domain));
        ok = ok && write_parts(job, domain, is_active == 1, result);
        if (is_active < 0 || tries == MAX_TRIES || virDomainIsActive(domain) == is_active)
            return ok;
        vs_result_clear(result);
        result->lost = false;
    }
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
