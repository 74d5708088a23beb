/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/conf.h"

VsConf *
vs_conf_new(void)
{
    VsConf *conf = g_new0(VsConf, 1);

    vs_policy_init(&conf->policy);
    conf->warnings = g_ptr_array_new_with_free_func(g_free);
    return conf;
}

void
vs_conf_free(VsConf *conf)
{
    if (!conf)
        return;
    g_strfreev(conf->uris);
    vs_policy_clear(&conf->policy);
    g_clear_pointer(&conf->warnings, g_ptr_array_unref);
    g_free(conf);
}
