/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

/* polkit's agent for text terminals, pkttyagent, which asks whoever sits at ours for a password,
 * where there is no other. It is started when it may be needed first, and ended with us. */

/* Whether a person can be asked: there is a terminal, and root isn't asked. */
bool vs_agent_has_person(void);

void vs_agent_end(void);
