/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/domain.h"

/* What the XML of an active domain says of its guest agent's channel. */
VsAgentState vs_agent_channel_state(const char *xml);
