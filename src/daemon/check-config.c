/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/check-config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "conf/conf-drivers.h"
#include "conf/conf-format.h"
#include "conf/conf-load.h"
#include "util/i18n.h"

static VsConf *
load(VsScope scope, const char *path, GError **error)
{
    return path ? vs_conf_load_file(scope, path, error) : vs_conf_load(scope, error);
}

static int
print(const VsConf *conf)
{
    g_autofree char *text = vs_conf_format(conf);

    if (fputs(text, stdout) >= 0 && fflush(stdout) == 0)
        return EXIT_SUCCESS;
    fprintf(stderr, _("Can't write to standard output: %s"), g_strerror(errno));
    fputc('\n', stderr);
    return EXIT_FAILURE;
}

int
vs_check_config(VsScope scope, const char *path)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VsConf) conf = load(scope, path, &error);

    for (unsigned i = 0; conf && i < conf->warnings->len; i++)
        fprintf(stderr, "%s\n", (const char *)conf->warnings->pdata[i]);
    if (!conf || !vs_conf_drivers_check(conf, &error)) {
        fprintf(stderr, "%s\n", error->message);
        return EXIT_FAILURE;
    }
    return print(conf);
}
