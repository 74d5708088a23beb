/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "virt/domain-xml.h"

#include <libvirt/virterror.h>
#include <stdlib.h>
#include <string.h>

#include "util/i18n.h"
#include "virt/cluster.h"
#include "virt/policy-xml.h"

#define AGENT_CHANNEL "org.qemu.guest_agent.0"

typedef struct Reading {
    VsAgentState agent;
    bool is_x86, has_acpi, stays_crashed, emulated;
    VsOnPoweroff on_poweroff;
    VsOwner owner;
    bool in_product;      /* the text that comes next is SMBIOS's name of the product */
    GHashTable *prefixes; /* that stand for a namespace: -> its URI */
    GString *title, *description;
    char **said; /* in our metadata; NULL: it has none */
} Reading;

/* Whether we are at the element of that path, from the inside out. Metadata may hold elements of
 * the same names. */
static bool
is_at(GMarkupParseContext *context, const char *const *path)
{
    const GSList *element = g_markup_parse_context_get_element_stack(context);

    for (; *path; path++, element = element->next)
        if (!element || strcmp(element->data, *path) != 0)
            return false;
    return !element;
}

static const char *
find_attribute(const char **names, const char **values, const char *name)
{
    for (; *names; names++, values++)
        if (strcmp(*names, name) == 0)
            return *values;
    return "";
}

/* Metadata is told apart by its namespace, which libvirt has each element of it declare. */
static void
look_for_owner(Reading *reading, const char **names, const char **values)
{
    for (; *names && reading->owner == VS_OWNER_NONE; names++, values++)
        if (strcmp(*names, "xmlns") == 0 || strncmp(*names, "xmlns:", 6) == 0)
            reading->owner = vs_owner_of_namespace(*values);
}

/* Below it, and not deeper. */
static bool
is_metadata(GMarkupParseContext *context)
{
    static const char *const metadata[] = {"metadata", "domain", NULL};
    const GSList *element = g_markup_parse_context_get_element_stack(context)->next;

    for (int i = 0; i < 2; i++, element = element->next)
        if (!element || strcmp(element->data, metadata[i]) != 0)
            return false;
    return !element;
}

/* The namespaces that are declared around the metadata. */
static void
note_prefixes(Reading *reading, const char **names, const char **values)
{
    for (; *names; names++, values++)
        if (g_str_has_prefix(*names, "xmlns:"))
            g_hash_table_replace(reading->prefixes, g_strdup(*names + strlen("xmlns:")),
                                 g_strdup(*values));
}

/* One of those who write metadata of their own: it is ours by its namespace, under whatever prefix.
 */
static void
take_metadata(Reading *reading, const char *element, const char **names, const char **values)
{
    g_autofree char *prefix = vs_policy_xml_prefix(element);
    const char *uri = vs_policy_xml_namespace(names, values, prefix);

    if (!uri)
        uri = g_hash_table_lookup(reading->prefixes, prefix);
    if (g_strcmp0(uri, VS_METADATA_NAMESPACE) == 0 && !reading->said)
        reading->said = vs_policy_xml_said(names, values);
}

static VsAgentState
agent_state(const char *state)
{
    if (strcmp(state, "connected") == 0)
        return VS_AGENT_CONNECTED;
    return strcmp(state, "disconnected") == 0 ? VS_AGENT_DISCONNECTED : VS_AGENT_UNKNOWN;
}

static void
start_element(GMarkupParseContext *context, const char *element, const char **names,
              const char **values, void *userdata, GError **error)
{
    static const char *const channel[] = {"target", "channel", "devices", "domain", NULL};
    static const char *const type[] = {"type", "os", "domain", NULL};
    static const char *const acpi[] = {"acpi", "features", "domain", NULL};
    static const char *const product[] = {"entry", "system", "sysinfo", "domain", NULL};
    static const char *const domain[] = {"domain", NULL};
    static const char *const metadata[] = {"metadata", "domain", NULL};
    Reading *reading = userdata;
    const char *arch = find_attribute(names, values, "arch");

    if (is_at(context, channel) &&
        strcmp(find_attribute(names, values, "name"), AGENT_CHANNEL) == 0)
        reading->agent = agent_state(find_attribute(names, values, "state"));
    else if (is_at(context, type))
        reading->is_x86 = strcmp(arch, "x86_64") == 0 || strcmp(arch, "i686") == 0;
    else if (is_at(context, acpi))
        reading->has_acpi = true;
    else if (is_at(context, domain) || is_at(context, metadata)) {
        reading->emulated |=
            is_at(context, domain) && strcmp(find_attribute(names, values, "type"), "qemu") == 0;
        note_prefixes(reading, names, values);
    } else if (is_metadata(context)) {
        look_for_owner(reading, names, values);
        take_metadata(reading, element, names, values);
    }
    reading->in_product =
        is_at(context, product) && strcmp(find_attribute(names, values, "name"), "product") == 0;
}

/* Some more than is looked at, so that it shows that it is too much. */
static void
append_some(GString *to, const char *text, size_t len)
{
    if (to->len <= VS_LABELS_MAX_TEXT)
        g_string_append_len(to, text, (gssize)MIN(len, VS_LABELS_MAX_TEXT + 1));
}

static void
take_text(GMarkupParseContext *context, const char *text, size_t len, void *userdata,
          GError **error)
{
    static const char *const on_poweroff[] = {"on_poweroff", "domain", NULL};
    static const char *const on_crash[] = {"on_crash", "domain", NULL};
    static const char *const title[] = {"title", "domain", NULL};
    static const char *const description[] = {"description", "domain", NULL};
    Reading *reading = userdata;
    g_autofree char *word = g_strstrip(g_strndup(text, len));

    if (is_at(context, title))
        append_some(reading->title, text, len);
    else if (is_at(context, description))
        append_some(reading->description, text, len);
    else if (is_at(context, on_poweroff))
        reading->on_poweroff = vs_on_poweroff_parse(word);
    else if (is_at(context, on_crash))
        reading->stays_crashed = strcmp(word, "preserve") == 0;
    else if (reading->in_product && reading->owner == VS_OWNER_NONE)
        reading->owner = vs_owner_of_product(word);
    reading->in_product = false;
}

/* False where it can't be understood. */
static bool
read_xml(Reading *reading, const char *xml)
{
    static const GMarkupParser parser = {.start_element = start_element, .text = take_text};
    GMarkupParseContext *context = g_markup_parse_context_new(&parser, 0, reading, NULL);
    bool ok;

    *reading = (Reading){
        .agent = VS_AGENT_NONE,
        .prefixes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
        .title = g_string_new(NULL),
        .description = g_string_new(NULL),
    };
    ok = g_markup_parse_context_parse(context, xml, -1, NULL) &&
         g_markup_parse_context_end_parse(context, NULL);
    g_markup_parse_context_free(context);
    return ok;
}

static void
clear(Reading *reading)
{
    g_hash_table_unref(reading->prefixes);
    g_string_free(reading->title, TRUE);
    g_string_free(reading->description, TRUE);
    g_strfreev(reading->said);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Reading, clear)

VsDescription
vs_domain_xml_read(const char *xml)
{
    g_auto(Reading) reading;

    if (!read_xml(&reading, xml))
        return (VsDescription){.agent = VS_AGENT_UNKNOWN};
    return (VsDescription){
        .agent = reading.agent,
        .no_acpi = reading.is_x86 && !reading.has_acpi,
        .stays_crashed = reading.stays_crashed,
        .halt_shows = reading.is_x86 && reading.emulated,
        .on_poweroff = reading.on_poweroff,
        .owner = reading.owner,
    };
}

VsLabels *
vs_domain_xml_labels(const char *uri, const char *xml)
{
    g_auto(Reading) reading;

    if (!read_xml(&reading, xml))
        return NULL;
    return vs_labels_new(uri, reading.title->str, reading.description->str,
                         (const char *const *)reading.said);
}

/* Of other drivers nothing else is known that matters here. */
static VsDescription
read_description(virConnectPtr connection, const char *xml)
{
    const char *driver = virConnectGetType(connection);

    if (driver && strcmp(driver, "QEMU") == 0)
        return vs_domain_xml_read(xml);
    return (VsDescription){.agent = VS_AGENT_NONE};
}

/* False: it doesn't run any more, or not in the run that is asked about. */
static bool
is_same_run(const VsJob *job, virDomainPtr domain)
{
    return job->domain.id < 0 || (int)virDomainGetID(domain) == job->domain.id;
}

void
vs_domain_xml_run(const VsJob *job, virConnectPtr connection, VsResult *result)
{
    virDomainPtr domain = virDomainLookupByUUIDString(connection, job->domain.uuid.text);
    char *xml = NULL;

    if (domain && !is_same_run(job, domain))
        vs_result_fail(result, VIR_ERR_OPERATION_INVALID,
                       g_strdup(_("the run that it was asked of is over")));
    else if (domain && (xml = virDomainGetXMLDesc(domain, 0))) {
        result->description = read_description(connection, xml);
        if (vs_cluster_has(&job->domain))
            result->description.owner = VS_OWNER_PACEMAKER;
        result->labels = vs_domain_xml_labels(job->domain.uri, xml);
        result->ok = true;
    } else
        vs_result_fail_libvirt(result, connection);
    free(xml);
    if (domain)
        virDomainFree(domain);
}
