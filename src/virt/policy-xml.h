/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* Our element of a domain's metadata: one attribute a key, as in
 *     <virtstop:policy xmlns:virtstop="https://virtstop.org/xmlns/policy/1.0" Priority="20"/> */

/* What the attributes of the element, as GMarkup gives them, say: "KEY=VALUE" each. The caller owns
 * it. */
char **vs_policy_xml_said(const char **names, const char **values);

/* The namespace that an element or one around it declares for @prefix ("": the default one); NULL:
 * none. */
const char *vs_policy_xml_namespace(const char **names, const char **values, const char *prefix);

/* "" where a name has none; the caller owns it. */
char *vs_policy_xml_prefix(const char *name);

/* The element, as libvirt gives it. What isn't ours stays as it is when it is written. */
typedef struct VsPolicyXml {
    char **said;   /* "KEY=VALUE" each */
    char *others;  /* others' attributes, with the namespaces that these declare; "": none */
    char *content; /* what stands inside it; "": nothing */
} VsPolicyXml;

/* @xml: NULL: there is none. False where it can't be understood, with @error. */
bool vs_policy_xml_read(const char *xml, VsPolicyXml *ret, GError **error);
void vs_policy_xml_clear(VsPolicyXml *policy);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VsPolicyXml, vs_policy_xml_clear)

/* The element for libvirt, which adds the namespace. NULL where there is nothing in it. The caller
 * owns it. */
char *vs_policy_xml_write(const VsPolicyXml *policy);
