/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/distinct.h"

#include <glib.h>

#include "daemon/log.h"
#include "util/i18n.h"
#include "virt/place.h"

char **
vs_distinct_uris(char *const *uris)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    GPtrArray *distinct = g_ptr_array_new();

    for (; *uris; uris++) {
        g_autofree char *place = vs_place_of(*uris);
        const char *first = g_hash_table_lookup(seen, place);

        if (first && !g_str_equal(first, *uris))
            vs_log(LOG_WARNING, _("%s is the same libvirt as %s, and is left out"), *uris, first);
        if (first)
            continue;
        g_hash_table_insert(seen, g_steal_pointer(&place), *uris);
        g_ptr_array_add(distinct, g_strdup(*uris));
    }
    g_ptr_array_add(distinct, NULL);
    return (char **)g_ptr_array_free(distinct, FALSE);
}
