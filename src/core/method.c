/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/method.h"

#include <glib.h>

static const char *const names[VS_N_METHODS] = {
    [VS_METHOD_AGENT] = "agent", [VS_METHOD_POWER_BUTTON] = "power-button",
    [VS_METHOD_SAVE] = "save",   [VS_METHOD_DESTROY] = "destroy",
    [VS_METHOD_LEAVE] = "leave", [VS_METHOD_RESUME] = "resume",
    [VS_METHOD_START] = "start", [VS_METHOD_SET_CLOCK] = "set-clock",
};

const char *
vs_method_name(VsMethod method)
{
    return names[method];
}

bool
vs_method_parse(const char *name, VsMethod *ret)
{
    for (int i = 0; i < VS_METHOD_RESUME; i++) {
        if (g_str_equal(name, names[i])) {
            *ret = i;
            return true;
        }
    }
    return false;
}
