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

/* What the element @xml says, as libvirt gives it. NULL where it can't be understood, with @error.
 */
char **vs_policy_xml_read(const char *xml, GError **error);

/* The element that says @said, for libvirt, which adds the namespace. NULL where nothing is said.
 * The caller owns it. */
char *vs_policy_xml_write(char *const *said);
