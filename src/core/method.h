/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

/* What can be done to a guest on the way down. Those up to leave are the ladder's steps, in the
 * words of the configuration; resume is done by itself to a paused guest before the first step,
 * start when the host is up again. */
typedef enum VsMethod {
    VS_METHOD_AGENT,        /* ask the guest agent to power off */
    VS_METHOD_POWER_BUTTON, /* press the ACPI power button */
    VS_METHOD_SAVE,         /* write its memory to disk, and end it: libvirt's managed save */
    VS_METHOD_DESTROY,      /* end the hypervisor process */
    VS_METHOD_LEAVE,        /* do nothing more: never force this guest */
    VS_METHOD_RESUME,       /* let a paused guest run */
    VS_METHOD_START,        /* start a guest again that was off */
    VS_METHOD_SET_CLOCK,    /* have the agent of a guest that was started again set its clock */
    VS_N_METHODS
} VsMethod;

/* "agent", "power-button", ... */
const char *vs_method_name(VsMethod method);

/* Finds the ladder step of that name; false where there is none (those behind leave are no steps).
 */
bool vs_method_parse(const char *name, VsMethod *ret);
