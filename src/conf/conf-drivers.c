/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/conf-drivers.h"

#include <string.h>

#include "core/driver.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/text.h"

#define URI "uri:"

/* Of a driver that nobody here knows, and of a glob that may be any, libvirt will say what it can.
 */
static bool
may_have(const char *uri, VsMethod method)
{
    const VsDriver *driver = vs_driver_of(uri);

    return !driver->scheme || vs_driver_has(driver, method);
}

/* The first step that none of the @uris has; NULL: there is none. */
static const VsStep *
find_refused(char *const *uris, const VsLadder *ladder)
{
    for (unsigned i = 0; i < ladder->n_steps; i++) {
        char *const *uri = uris;

        while (*uri && !may_have(*uri, ladder->steps[i].method))
            uri++;
        if (!*uri)
            return &ladder->steps[i];
    }
    return NULL;
}

static bool
check(const char *where, char *const *uris, const VsLadder *ladder, GError **error)
{
    const VsStep *step = find_refused(uris, ladder);
    g_autofree char *steps = NULL, *all = NULL;

    if (!step)
        return true;
    steps = vs_driver_steps(vs_driver_of(*uris));
    all = g_strjoinv(" ", (char **)uris);
    g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                _("%s: Ladder=: libvirt's driver at %s has no step “%s” (allowed at %s: %s)"),
                where, all, vs_method_name(step->method), *uris, steps);
    return false;
}

static bool
check_section(const VsConf *conf, const VsSection *section, GError **error)
{
    g_autofree char *name = vs_text_printable(section->glob);
    g_autofree char *where = g_strdup_printf("%s: [Guest %s]", section->where, name);
    char *own[] = {section->glob + strlen(URI), NULL};

    if (!(section->says & VS_POLICY_LADDER))
        return true;
    return check(where, g_str_has_prefix(section->glob, URI) ? own : conf->uris,
                 &section->policy.ladder, error);
}

bool
vs_conf_drivers_check(const VsConf *conf, GError **error)
{
    if (!check("[Default]", conf->uris, &conf->policy.all.ladder, error))
        return false;
    for (unsigned i = 0; i < conf->policy.sections->len; i++)
        if (!check_section(conf, conf->policy.sections->pdata[i], error))
            return false;
    return true;
}
