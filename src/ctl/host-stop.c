/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/host-stop.h"

#include <string.h>

#include "client/records.h"
#include "core/domain.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"
#include "util/uuid.h"
#include "util/wallclock.h"

/* How far back one may be meant. */
#define MAX_BACK 100000

/* While a host goes down, some guest is always on its way, so two stops of the same boot (one was
 * called off) have a pause between them. This one covers a restart of virtstopd, too. */
#define LONGEST_PAUSE (60 * VS_USEC_PER_SEC)

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
    char *prefix;     /* the id that is meant begins so; NULL: ... */
    unsigned back;    /* ... so many that are newer are passed over */
    GHashTable *ids;  /* those that were seen */
    unsigned n_ids;
    unsigned n_passed; /* records that were looked at */
} HostStop;

static void
host_stop_init(HostStop *stop)
{
    *stop = (HostStop){
        .found = g_ptr_array_new_with_free_func(free_record),
        .seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
        .ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
        .begin = INT64_MAX,
    };
}

static void
host_stop_clear(HostStop *stop)
{
    g_clear_pointer(&stop->found, g_ptr_array_unref);
    g_clear_pointer(&stop->seen, g_hash_table_unref);
    g_clear_pointer(&stop->ids, g_hash_table_unref);
    g_clear_pointer(&stop->prefix, g_free);
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
    VsHostStopTimes times;

    if (!vs_json_bool(record, "host_shutdown", false) || !vs_host_stop_times(record, &times))
        return true;
    if (!stop->boot_id)
        stop->boot_id = g_strdup(vs_json_string(record, "boot_id", ""));
    if (!g_str_equal(stop->boot_id, vs_json_string(record, "boot_id", "")) ||
        (stop->begin != INT64_MAX && times.end < stop->begin - LONGEST_PAUSE) ||
        host_stop_id(record) || !g_hash_table_add(stop->seen, key_of(record)))
        return false;
    stop->begin = MIN(stop->begin, times.start);
    add(stop, record);
    return true;
}

/* Whether it goes with those that are guessed to be of one. */
static bool
is_near(const HostStop *stop, json_object *record)
{
    VsHostStopTimes times;

    return g_str_equal(stop->boot_id, vs_json_string(record, "boot_id", "")) &&
           vs_host_stop_times(record, &times) && times.end >= stop->begin - LONGEST_PAUSE;
}

/* Whether the record, which is of the host stop @id, is of the one that is meant. */
static bool
is_meant(HostStop *stop, const char *id)
{
    if (stop->prefix)
        return g_str_has_prefix(id, stop->prefix);
    if (g_hash_table_add(stop->ids, g_strdup(id)))
        stop->n_ids++;
    return stop->n_ids > stop->back;
}

/* Takes the next older record. False: what is older is of no interest. */
static bool
take(json_object *record, void *userdata)
{
    HostStop *stop = userdata;
    const char *id = host_stop_id(record);

    stop->n_passed++;
    if (stop->id) {
        if (g_strcmp0(id, stop->id) == 0)
            add(stop, record);
        return true;
    }
    if (!id && (stop->prefix || stop->back > 0))
        return true;
    if (!id)
        return guess(stop, record);
    if (stop->found->len > 0 && !is_near(stop, record))
        return false;
    g_ptr_array_set_size(stop->found, 0); /* those went down beside it */
    if (!is_meant(stop, id))
        return true;
    stop->id = g_strdup(id);
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
    VsRecordQuery query = {
        .uri = ctl->client.uri, .host_stop = stop->id, .is_public = ctl->json == VS_JSON_OFF};

    g_ptr_array_set_size(stop->found, 0);
    return vs_records_newest_first(&ctl->client, &query, take, stop, error);
}

bool
vs_host_stop_check_name(const char *text, GError **error)
{
    g_autofree char *quoted = vs_text_quoted(text);
    guint64 back;

    if (*text == '-' && g_ascii_string_to_unsigned(text + 1, 10, 1, MAX_BACK, &back, NULL))
        return true;
    if (*text && strspn(text, "0123456789abcdefABCDEF-") == strlen(text) && *text != '-')
        return true;
    g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                _("--stop=: %s names no host stop: its id, or how that begins, or -1 for the one "
                  "before the last, -2 and so on are allowed"),
                quoted);
    return false;
}

/* The one that @name (NULL: the last) means. */
static void
mean(HostStop *stop, const char *name)
{
    guint64 back;

    if (name && *name == '-' && g_ascii_string_to_unsigned(name + 1, 10, 1, MAX_BACK, &back, NULL))
        stop->back = (unsigned)back;
    else if (name && vs_uuid_is_valid(name))
        stop->id = g_ascii_strdown(name, -1);
    else if (name)
        stop->prefix = g_ascii_strdown(name, -1);
}

static void
set_none(const HostStop *stop, const char *name, GError **error)
{
    g_autofree char *quoted = vs_text_quoted(name);

    if (name)
        g_set_error(error, VS_ERROR, VS_ERROR_FAILED, _("No host stop %s is recorded"), quoted);
    else
        g_set_error(error, VS_ERROR, VS_ERROR_FAILED,
                    ngettext("No host stop is recorded: %u record was looked at",
                             "No host stop is recorded: %u records were looked at", stop->n_passed),
                    stop->n_passed);
}

GPtrArray *
vs_host_stop_get(VsCtl *ctl, GError **error)
{
    VsRecordQuery query = {.uri = ctl->client.uri, .is_public = ctl->json == VS_JSON_OFF};
    g_auto(HostStop) stop = {0};
    GPtrArray *found;

    host_stop_init(&stop);
    mean(&stop, ctl->stop);
    if ((!stop.id &&
         !vs_records_newest_first(&ctl->client, &query, take_until_known, &stop, error)) ||
        (stop.id && !get_known(ctl, &stop, error)))
        return NULL;
    found = finish(&stop);
    if (!found)
        set_none(&stop, ctl->stop, error);
    return found;
}
