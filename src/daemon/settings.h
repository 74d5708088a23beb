/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "conf/conf.h"
#include "daemon/conduct.h"
#include "virt/agent-call.h"

/* The configuration in force: who hears of it, and how it becomes another one. */

void vs_settings_say_warnings(const VsConf *conf);

/* How the guest agent is asked. */
VsAgentCall vs_settings_agent_call(const VsConf *conf);

/* Tells the bus. */
void vs_settings_tell(VsManager *manager);

/* Reads it again; with an error the old one stays in force. */
bool vs_settings_reload(VsManager *manager, GError **error);
