/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/glob.h"

#include <fnmatch.h>
#include <string.h>

#include "client/objects.h"
#include "util/error.h"

bool
vs_glob_is(const char *argument)
{
    return strpbrk(argument, "*?[") != NULL;
}

bool
vs_glob_match(const char *glob, const char *name)
{
    return fnmatch(glob, name, 0) == 0;
}

GPtrArray *
vs_glob_domains(VsCtl *ctl, bool away, GError **error)
{
    g_autoptr(GError) why = NULL;
    GPtrArray *domains = ctl->client.bus ? vs_objects_list_domains(&ctl->client, &why) : NULL;

    if (domains)
        return domains;
    if (away && (!why || g_error_matches(why, VS_ERROR, VS_ERROR_NOT_CONNECTED)))
        return g_ptr_array_new();
    if (!why)
        why = g_error_copy(ctl->client.why_away);
    g_propagate_error(error, g_steal_pointer(&why));
    return NULL;
}
