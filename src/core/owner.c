/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/owner.h"

#include <glib.h>
#include <string.h>

static const struct {
    const char *name;
    const char *spaces[2]; /* how the namespaces of its metadata begin; the versions follow */
} owners[VS_N_OWNERS] = {
    [VS_OWNER_NONE] = {"none"},
    [VS_OWNER_PACEMAKER] = {"pacemaker"}, /* which writes none, see virt/cluster.c */
    [VS_OWNER_NOVA] = {"nova", {"http://openstack.org/xmlns/libvirt/nova/"}},
    [VS_OWNER_OVIRT] = {"ovirt", {"http://ovirt.org/vm/"}},
    [VS_OWNER_KUBEVIRT] = {"kubevirt", {"http://kubevirt.io", "https://kubevirt.io"}},
    [VS_OWNER_CLOUDSTACK] = {"cloudstack",
                             {"http://cloudstack.apache.org", "https://cloudstack.apache.org"}},
};

const char *
vs_owner_name(VsOwner owner)
{
    return owners[owner].name;
}

VsOwner
vs_owner_parse(const char *name)
{
    for (int i = 0; i < VS_N_OWNERS; i++)
        if (g_str_equal(owners[i].name, name))
            return (VsOwner)i;
    return VS_OWNER_NONE;
}

VsOwner
vs_owner_of_namespace(const char *uri)
{
    for (int i = 0; i < VS_N_OWNERS; i++)
        for (size_t j = 0; j < G_N_ELEMENTS(owners[i].spaces); j++)
            if (owners[i].spaces[j] && g_str_has_prefix(uri, owners[i].spaces[j]))
                return (VsOwner)i;
    return VS_OWNER_NONE;
}

/* CloudStack's agent writes no metadata of its own, but "CloudStack KVM Hypervisor", whatever
 * manufacturer its operator has set. */
VsOwner
vs_owner_of_product(const char *product)
{
    return g_str_has_prefix(product, "CloudStack ") ? VS_OWNER_CLOUDSTACK : VS_OWNER_NONE;
}

VsOwner
vs_owner_resolve(VsOwnerSaid said, VsOwner found)
{
    return said == VS_OWNER_SAID_AUTO ? found : (VsOwner)(said - VS_OWNER_SAID_NONE);
}
