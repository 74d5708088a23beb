/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/domain.h"

/* What of a domain only its XML tells. */

/* Sets what the XML of an active domain says: the guest agent's channel, ACPI, on_poweroff. All of
 * it is unknown where the XML can't be read. */
void vs_domain_xml_read(const char *xml, VsDomainInfo *info);
