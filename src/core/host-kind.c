/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/host-kind.h"

#include "util/error.h"
#include "util/i18n.h"
#include "util/text.h"

static const char *const names[VS_N_HOST_KINDS] = {
    [VS_HOST_KIND_BY_HAND] = "by-hand", [VS_HOST_KIND_POWEROFF] = "poweroff",
    [VS_HOST_KIND_REBOOT] = "reboot",   [VS_HOST_KIND_HALT] = "halt",
    [VS_HOST_KIND_KEXEC] = "kexec",     [VS_HOST_KIND_SOFT_REBOOT] = "soft-reboot",
};

const char *
vs_host_kind_name(VsHostKind kind)
{
    return names[kind];
}

bool
vs_host_kind_find(const char *name, VsHostKind *ret)
{
    for (VsHostKind i = 0; i < VS_N_HOST_KINDS; i++) {
        if (g_strcmp0(names[i], name) == 0) {
            *ret = i;
            return true;
        }
    }
    return false;
}

bool
vs_host_kind_parse(const char *name, VsHostKind *ret, GError **error)
{
    g_autofree char *quoted = NULL;

    if (vs_host_kind_find(name, ret) && *ret >= VS_HOST_KIND_POWEROFF)
        return true;
    quoted = vs_text_quoted(name);
    g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                _("%s is no way for a host to go down (allowed: poweroff, reboot, halt, kexec, "
                  "soft-reboot)"),
                quoted);
    return false;
}
