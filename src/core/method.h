/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

/* What can be done to a guest on the way down. The first four are the ladder's steps, in the words
 * of the configuration; resume is done by itself to a paused guest before the first step. */
typedef enum VsMethod {
    VS_METHOD_AGENT,        /* ask the guest agent to power off */
    VS_METHOD_POWER_BUTTON, /* press the ACPI power button */
    VS_METHOD_DESTROY,      /* end the hypervisor process */
    VS_METHOD_LEAVE,        /* do nothing more: never force this guest */
    VS_METHOD_RESUME,       /* let a paused guest run */
    VS_N_METHODS
} VsMethod;

/* "agent", "power-button", ... */
const char *vs_method_name(VsMethod method);

/* Finds the ladder step of that name; false where there is none (resume is no step). */
bool vs_method_parse(const char *name, VsMethod *ret);
