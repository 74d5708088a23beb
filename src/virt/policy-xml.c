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

static void
start_element(GMarkupParseContext *context, const char *element, const char **names,
              const char **values, void *userdata, GError **error)
{
    char ***said = userdata;

    if (!*said)
        *said = vs_policy_xml_said(names, values);
}

char **
vs_policy_xml_read(const char *xml, GError **error)
{
    static const GMarkupParser parser = {.start_element = start_element};
    char **said = NULL;
    GMarkupParseContext *context = g_markup_parse_context_new(&parser, 0, &said, NULL);
    g_autoptr(GError) why = NULL;

    if (!g_markup_parse_context_parse(context, xml, -1, &why) ||
        !g_markup_parse_context_end_parse(context, &why)) {
        g_set_error_literal(error, VS_ERROR, VS_ERROR_INVALID, why->message);
        g_clear_pointer(&said, g_strfreev);
    }
    g_markup_parse_context_free(context);
    return said;
}

char *
vs_policy_xml_write(char *const *said)
{
    GString *xml;

    if (!*said)
        return NULL;
    xml = g_string_new("<" VS_METADATA_ELEMENT);
    for (; *said; said++) {
        const char *value = strchr(*said, '=');
        g_autofree char *key = g_strndup(*said, (size_t)(value - *said));
        g_autofree char *escaped = g_markup_escape_text(value + 1, -1);

        g_string_append_printf(xml, " %s=\"%s\"", key, escaped);
    }
    g_string_append(xml, "/>");
    return g_string_free(xml, FALSE);
}
