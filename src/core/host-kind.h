/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* What a stop of all guests belongs to. */

typedef enum VsHostKind {
    VS_HOST_KIND_UNKNOWN, /* the host goes down, and nobody told how */
    VS_HOST_KIND_BY_HAND, /* it stays */
    VS_HOST_KIND_POWEROFF,
    VS_HOST_KIND_REBOOT,
    VS_HOST_KIND_HALT,
    VS_HOST_KIND_KEXEC,
    VS_HOST_KIND_SOFT_REBOOT,
    VS_N_HOST_KINDS
} VsHostKind;

/* "poweroff"; NULL for unknown. */
const char *vs_host_kind_name(VsHostKind kind);

/* False where @name is none of them. */
bool vs_host_kind_find(const char *name, VsHostKind *ret);

/* How the host itself goes down, as a caller says it. The error names what is allowed. */
bool vs_host_kind_parse(const char *name, VsHostKind *ret, GError **error);
