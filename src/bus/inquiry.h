/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus/service.h"
#include "engine/action.h"

/* Who names a domain that isn't known to run waits until libvirt was asked for it once more. Only
 * those who may stop guests do; of the trusted any number, of each other user a few. */

/* @why_not: why that isn't known; NULL: what the engine knows now is all there is. Not called from
 * within vs_bus_inquire(). Takes @data over. */
typedef void (*VsBusInquired)(VsBus *bus, const char *why_not, void *data);

void vs_bus_inquiries_init(VsBus *bus);
void vs_bus_inquiries_clear(VsBus *bus);

/* Nobody is answered any more: the connection goes. */
void vs_bus_inquiries_drop(VsBus *bus);

/* @text: a name, UUID or id; @uri: NULL: any; for the sender of @message, who is remembered until
 * the answer is there. @data goes to @answer, or to @free_data where nobody waits any more. False
 * where no libvirt is there that could be asked, or that user waits for enough answers already;
 * then neither is called. */
bool vs_bus_inquire(VsBus *bus, const char *text, const char *uri, sd_bus_message *message,
                    VsBusInquired answer, GDestroyNotify free_data, void *data);

/* The same for who is of @part. False also where that is known, or nobody will tell. */
bool vs_bus_inquire_part(VsBus *bus, const VsPart *part, sd_bus_message *message,
                         VsBusInquired answer, GDestroyNotify free_data, void *data);

/* Carries out VS_ACTION_INQUIRED, when the step it is of is carried out. */
void vs_bus_inquired(VsBus *bus, VsAction *action);
