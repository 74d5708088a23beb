/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "virt/job.h"

/* What of a domain only its XML tells. */

/* What the XML of an active domain says: the guest agent's channel, ACPI, on_poweroff. All of it is
 * unknown where the XML can't be understood. */
VsDescription vs_domain_xml_read(const char *xml);

/* What the XML of a domain says of its policy. NULL where it can't be understood. */
VsLabels *vs_domain_xml_labels(const char *uri, const char *xml);

/* The job that reads both. A libvirt of these days (11.3; 9.0 doesn't yet) waits for whoever holds
 * the domain's job, 30 s at most: while its QEMU hangs, is dumped or migrated. */
void vs_domain_xml_run(const VsJob *job, virConnectPtr connection, VsResult *result);
