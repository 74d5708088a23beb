/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

/* Who manages a guest beside libvirt: it starts and stops it as it sees fit, and looks after it. */

typedef enum VsOwner {
    VS_OWNER_NONE,
    VS_OWNER_PACEMAKER,
    VS_OWNER_NOVA,
    VS_OWNER_OVIRT,
    VS_OWNER_KUBEVIRT,
    VS_OWNER_CLOUDSTACK,
    VS_N_OWNERS
} VsOwner;

/* What Owner= says: who it is, or that it is as found. The owners follow in their order. */
typedef enum VsOwnerSaid { VS_OWNER_SAID_AUTO, VS_OWNER_SAID_NONE } VsOwnerSaid;

/* "nova", ...; "none" */
const char *vs_owner_name(VsOwner owner);
VsOwner vs_owner_parse(const char *name); /* VS_OWNER_NONE: nobody that we know */

/* Whose metadata has that XML namespace. */
VsOwner vs_owner_of_namespace(const char *uri);

/* Whose guests have that product in their SMBIOS tables. */
VsOwner vs_owner_of_product(const char *product);

/* Who it is, where Owner= says @said and @found was found. */
VsOwner vs_owner_resolve(VsOwnerSaid said, VsOwner found);
