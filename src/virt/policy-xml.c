/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "virt/policy-xml.h"

#include <string.h>

#include "core/labels.h"
#include "util/error.h"

#define XMLNS "xmlns"

char *
vs_policy_xml_prefix(const char *name)
{
    const char *colon = strchr(name, ':');

    return colon ? g_strndup(name, (size_t)(colon - name)) : g_strdup("");
}

const char *
vs_policy_xml_namespace(const char **names, const char **values, const char *prefix)
{
    g_autofree char *name = *prefix ? g_strconcat(XMLNS ":", prefix, NULL) : g_strdup(XMLNS);

    for (; *names; names++, values++)
        if (g_str_equal(*names, name))
            return *values;
    return NULL;
}

/* Those with a prefix are somebody else's, or declare a namespace. */
char **
vs_policy_xml_said(const char **names, const char **values)
{
    GPtrArray *said = g_ptr_array_new();

    for (; *names; names++, values++)
        if (!strchr(*names, ':') && !g_str_equal(*names, XMLNS))
            g_ptr_array_add(said, g_strconcat(*names, "=", *values, NULL));
    g_ptr_array_add(said, NULL);
    return (char **)g_ptr_array_free(said, FALSE);
}

/* A value as it stands between quotes: a tab or a line's end there would else be a space. */
static void
append_attribute(GString *xml, const char *name, const char *value)
{
    g_autofree char *escaped = g_markup_escape_text(value, -1);

    g_string_append_printf(xml, " %s=\"", name);
    for (const char *p = escaped; *p; p++) {
        if (strchr("\t\n\r", *p))
            g_string_append_printf(xml, "&#%d;", *p);
        else
            g_string_append_c(xml, *p);
    }
    g_string_append_c(xml, '"');
}

/* What is being read. */
typedef struct Reading {
    char **said; /* NULL: the element hasn't begun */
    GString *others;
} Reading;

static void
start_element(GMarkupParseContext *context, const char *element, const char **names,
              const char **values, void *userdata, GError **error)
{
    Reading *reading = userdata;

    if (reading->said)
        return;
    reading->said = vs_policy_xml_said(names, values);
    for (; *names; names++, values++)
        if (strchr(*names, ':'))
            append_attribute(reading->others, *names, *values);
}

/* The element's tag, or what is behind it; @xml is right. */
static const char *
find_element(const char *xml)
{
    while ((xml = strchr(xml, '<')) && strchr("?!", xml[1]))
        xml = strstr(xml, xml[1] == '?' ? "?>" : "-->");
    return xml;
}

static const char *
find_tag_end(const char *tag)
{
    char quote = '\0';

    for (; *tag && (quote != '\0' || *tag != '>'); tag++) {
        if (quote == '\0' && strchr("\"'", *tag))
            quote = *tag;
        else if (*tag == quote)
            quote = '\0';
    }
    return tag;
}

/* As it stands there, without the blanks around it. */
static char *
read_content(const char *xml)
{
    const char *start = find_element(xml), *end = g_strrstr(xml, "</");
    char *content;

    start = start ? find_tag_end(start) : NULL;
    if (!start || !*start || start[-1] == '/' || !end || end <= start)
        return g_strdup("");
    content = g_strndup(start + 1, (size_t)(end - start - 1));
    return g_strstrip(content);
}

bool
vs_policy_xml_read(const char *xml, VsPolicyXml *ret, GError **error)
{
    static const GMarkupParser parser = {.start_element = start_element};
    g_autoptr(GString) others = g_string_new(NULL);
    Reading reading = {NULL, others};
    GMarkupParseContext *context = g_markup_parse_context_new(&parser, 0, &reading, NULL);
    g_autoptr(GError) why = NULL;
    bool ok = !xml || (g_markup_parse_context_parse(context, xml, -1, &why) &&
                       g_markup_parse_context_end_parse(context, &why));

    g_markup_parse_context_free(context);
    if (!ok) {
        g_strfreev(reading.said);
        g_set_error_literal(error, VS_ERROR, VS_ERROR_INVALID, why->message);
        return false;
    }
    *ret = (VsPolicyXml){
        .said = reading.said ? reading.said : g_new0(char *, 1),
        .others = g_strdup(others->str),
        .content = xml ? read_content(xml) : g_strdup(""),
    };
    return true;
}

void
vs_policy_xml_clear(VsPolicyXml *policy)
{
    g_strfreev(policy->said);
    g_free(policy->others);
    g_free(policy->content);
}

char *
vs_policy_xml_write(const VsPolicyXml *policy)
{
    GString *xml;

    if (!*policy->said && !*policy->others && !*policy->content)
        return NULL;
    xml = g_string_new("<" VS_METADATA_ELEMENT);
    g_string_append(xml, policy->others);
    for (char **said = policy->said; *said; said++) {
        const char *value = strchr(*said, '=');
        g_autofree char *key = g_strndup(*said, (size_t)(value - *said));

        append_attribute(xml, key, value + 1);
    }
    if (*policy->content)
        g_string_append_printf(xml, ">%s</" VS_METADATA_ELEMENT ">", policy->content);
    else
        g_string_append(xml, "/>");
    return g_string_free(xml, FALSE);
}
