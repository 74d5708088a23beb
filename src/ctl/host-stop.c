/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/host-stop.h"

#include "client/records.h"
#include "core/domain.h"
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
    int64_t took = 0, start, end;

    if (!vs_wallclock_parse(vs_json_string(record, "time", ""), &end, NULL))
        return false;
    vs_json_msec(record, "took_ms", &took);
    start = end - took;
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

/* What is found of it so far, the newest first. */
typedef struct HostStop {
    GPtrArray *found; /* of json_object */
    GHashTable *seen; /* the guests */
    char *boot_id;    /* NULL: none is found yet */
    char *id;         /* of the host stop, as the records have it; NULL: they are older than that */
    int64_t begin;    /* realtime µs, of its earliest record so far */
    unsigned n_passed; /* records that were looked at */
} HostStop;

static void
host_stop_init(HostStop *stop)
{
    *stop = (HostStop){
        .found = g_ptr_array_new_with_free_func(free_record),
        .seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
        .begin = INT64_MAX,
    };
}

static void
host_stop_clear(HostStop *stop)
{
    g_clear_pointer(&stop->found, g_ptr_array_unref);
    g_clear_pointer(&stop->seen, g_hash_table_unref);
    g_clear_pointer(&stop->boot_id, g_free);
    g_clear_pointer(&stop->id, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HostStop, host_stop_clear)

static const char *
host_stop_id(json_object *record)
{
    return vs_json_string(vs_json_object(record, "host_stop"), "id", NULL);
}

static void
add(HostStop *stop, json_object *record)
{
    g_ptr_array_add(stop->found, json_object_get(record));
}

/* Of records without the id of a host stop it is guessed which are of one. False: this one isn't,
 * nor is what is older. */
static bool
guess(HostStop *stop, json_object *record)
{
    int64_t start, end;

    if (!vs_json_bool(record, "host_shutdown", false) || !vs_host_stop_times(record, &start, &end))
        return true;
    if (!stop->boot_id)
        stop->boot_id = g_strdup(vs_json_string(record, "boot_id", ""));
    if (!g_str_equal(stop->boot_id, vs_json_string(record, "boot_id", "")) ||
        (stop->begin != INT64_MAX && end < stop->begin - LONGEST_PAUSE) || host_stop_id(record) ||
        !g_hash_table_add(stop->seen, key_of(record)))
        return false;
    stop->begin = MIN(stop->begin, start);
    add(stop, record);
    return true;
}

/* Takes the next older record. False: what is older is of no interest. */
static bool
take(json_object *record, void *userdata)
{
    HostStop *stop = userdata;

    stop->n_passed++;
    if (stop->id) {
        if (g_strcmp0(host_stop_id(record), stop->id) == 0)
            add(stop, record);
        return true;
    }
    if (stop->found->len > 0 || !vs_json_bool(record, "host_shutdown", false) ||
        !host_stop_id(record))
        return guess(stop, record);
    stop->id = g_strdup(host_stop_id(record));
    add(stop, record);
    return true;
}

/* Those that were found, the oldest first; NULL: none. The caller owns it. */
static GPtrArray *
finish(HostStop *stop)
{
    GPtrArray *result = g_ptr_array_new_with_free_func(free_record);

    for (unsigned i = stop->found->len; i > 0; i--)
        g_ptr_array_add(result, json_object_get(stop->found->pdata[i - 1]));
    if (result->len == 0)
        g_clear_pointer(&result, g_ptr_array_unref);
    return result;
}

GPtrArray *
vs_host_stop_of(const GPtrArray *records)
{
    g_auto(HostStop) stop = {0};

    host_stop_init(&stop);
    for (unsigned i = records->len; i > 0; i--) {
        if (!take(records->pdata[i - 1], &stop))
            break;
    }
    return finish(&stop);
}

/* The same, but no further than to the first record of one whose id is known. */
static bool
take_until_known(json_object *record, void *userdata)
{
    HostStop *stop = userdata;

    return take(record, stop) && !stop->id;
}

/* All of the one whose id is known: the daemon finds them. */
static bool
get_known(VsCtl *ctl, HostStop *stop, GError **error)
{
    VsRecordQuery query = {.uri = ctl->client.uri, .host_stop = stop->id};

    g_ptr_array_set_size(stop->found, 0);
    return vs_records_newest_first(&ctl->client, &query, take, stop, error);
}

GPtrArray *
vs_host_stop_get(VsCtl *ctl, GError **error)
{
    VsRecordQuery query = {.uri = ctl->client.uri};
    g_auto(HostStop) stop = {0};
    GPtrArray *found;

    host_stop_init(&stop);
    if (!vs_records_newest_first(&ctl->client, &query, take_until_known, &stop, error) ||
        (stop.id && !get_known(ctl, &stop, error)))
        return NULL;
    found = finish(&stop);
    if (!found)
        g_set_error(error, VS_ERROR, VS_ERROR_FAILED,
                    _("No host stop is recorded: none of the %u records is of the host going down"),
                    stop.n_passed);
    return found;
}
