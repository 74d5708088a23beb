/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/conf-format.h"

#include "conf/conf-daemon.h"
#include "conf/conf-guest.h"
#include "core/conf-keys.h"

static void
append_all(GString *text, const VsConfKey *keys, const void *base)
{
    for (; keys->name; keys++)
        vs_conf_type_append(text, keys, base);
}

char *
vs_conf_format(const VsConf *conf)
{
    GString *text = g_string_new("[Daemon]\n");

    append_all(text, vs_conf_daemon_keys, conf);
    g_string_append(text, "\n[Default]\n");
    append_all(text, vs_conf_policy_keys, &conf->policy.all);
    for (unsigned i = 0; i < conf->policy.sections->len; i++)
        vs_conf_guest_append(text, conf->policy.sections->pdata[i]);
    return g_string_free(text, FALSE);
}
