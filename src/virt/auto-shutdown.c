/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "virt/auto-shutdown.h"

#include <string.h>

#include "util/qemu-conf.h"
#include "virt/place.h"

#define SYSTEM_CONF "/etc/libvirt/qemu.conf"

/* The caller owns it. */
static char *
conf_path(const char *uri)
{
    if (vs_place_is_system(uri))
        return g_strdup(SYSTEM_CONF);
    return g_build_filename(g_get_user_config_dir(), "libvirt", "qemu.conf", NULL);
}

bool
vs_auto_shutdown_is_on(virConnectPtr connection, const char *uri)
{
    const char *type = virConnectGetType(connection);
    g_autofree char *path = NULL, *text = NULL;
    g_autoptr(GPtrArray) lines = NULL;
    unsigned long version = 0;
    unsigned n_none;

    if (!type || strcmp(type, "QEMU") != 0 || !vs_domain_uri_is_local(uri) ||
        virConnectGetLibVersion(connection, &version) < 0 ||
        version < VS_QEMU_CONF_HAS_AUTO_SHUTDOWN)
        return false;
    path = conf_path(uri);
    text = vs_qemu_conf_read(path);
    lines = vs_qemu_conf_auto_shutdown(text ? text : "", &n_none);
    return lines->len > 0 ||
           (!vs_place_is_system(uri) && version >= VS_QEMU_CONF_SESSION_BY_DEFAULT &&
            n_none < VS_QEMU_CONF_AUTO_SHUTDOWNS);
}
