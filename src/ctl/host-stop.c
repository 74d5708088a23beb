/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/host-stop.h"

#include "core/domain.h"
#include "ctl/records.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/wallclock.h"

/* While a host goes down, some guest is always on its way, so two stops of the same boot (one was
 * called off) have a pause between them. This one covers a restart of virtstopd, too. */
#define LONGEST_PAUSE (60 * VS_USEC_PER_SEC)

bool
vs_host_stop_times(json_object *record, int64_t *ret_start, int64_t *ret_end)
{
    json_object *steps = vs_json_array(vs_json_object(record, "request"), "steps");
    json_object *first = steps ? json_object_array_get_idx(steps, 0) : NULL;
    int64_t took_ms = 0, start, end;

    if (!vs_wallclock_parse(vs_json_string(record, "time", ""), &end, NULL))
        return false;
    vs_json_int(record, "took_ms", &took_ms);
    start = end - CLAMP(took_ms, 0, INT32_MAX) * VS_USEC_PER_MSEC;
    if (first)
        vs_wallclock_parse(vs_json_string(first, "started", ""), &start, NULL);
    *ret_start = MIN(start, end);
    *ret_end = end;
    return true;
}

static void
free_record(gpointer data)
{
    json_object_put(data);
}

static char *
key_of(json_object *record)
{
    json_object *domain = vs_json_object(record, "domain");

    return vs_domain_key(vs_json_string(record, "uri", ""), vs_json_string(domain, "uuid", ""));
}

GPtrArray *
vs_host_stop_of(const GPtrArray *records)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(free_record);
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    const char *boot_id = NULL;
    int64_t begin = INT64_MAX, start, end;

    for (unsigned i = records->len; i-- > 0;) {
        json_object *record = g_ptr_array_index(records, i);

        if (!vs_json_bool(record, "host_shutdown", false) ||
            !vs_host_stop_times(record, &start, &end))
            continue;
        if (!boot_id)
            boot_id = vs_json_string(record, "boot_id", "");
        if (!g_str_equal(boot_id, vs_json_string(record, "boot_id", "")) ||
            (begin != INT64_MAX && end < begin - LONGEST_PAUSE) ||
            !g_hash_table_add(seen, key_of(record)))
            break;
        begin = MIN(begin, start);
        g_ptr_array_insert(found, 0, json_object_get(record));
    }
    return found->len > 0 ? g_steal_pointer(&found) : NULL;
}

GPtrArray *
vs_host_stop_get(VsCtl *ctl, GError **error)
{
    g_autoptr(GPtrArray) records = vs_records_get(ctl, NULL, 0, error);
    g_autoptr(GPtrArray) found = records ? vs_host_stop_of(records) : NULL;

    if (records && !found)
        g_set_error(error, VS_ERROR, VS_ERROR_FAILED,
                    _("No host stop is recorded: none of the %u records is of the host going down"),
                    records->len);
    return g_steal_pointer(&found);
}
