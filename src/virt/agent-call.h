/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* How the guest agent is asked. */
typedef enum VsAgentCall {
    VS_AGENT_CALL_COMMAND,  /* virDomainQemuAgentCommand(guest-shutdown), with a time-out of its own
                             */
    VS_AGENT_CALL_SHUTDOWN, /* virDomainShutdownFlags(GUEST_AGENT), up to 60 s on a worker */
} VsAgentCall;
