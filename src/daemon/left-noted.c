/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/left-noted.h"

#include "daemon/log.h"
#include "engine/noted.h"
#include "record/history-query.h"
#include "record/noted-runs.h"
#include "util/json.h"
#include "util/wallclock.h"

/* What a record of such a run takes, and then some. */
#define RECORD_SIZE ((size_t)8 * 1024)

/* What the history says of those that are noted. */
typedef struct Search {
    GHashTable *boots;      /* the ids of the boots that are noted, and this one, a set */
    GHashTable *unrecorded; /* as the event has it */
    GHashTable *latest;     /* likewise */
} Search;

static void
set_aside(const VsWritePlaces *places, const char *why)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *aside = vs_noted_runs_set_aside(places->state_directory, &error);

    vs_log_set_aside(why, aside, error);
}

static void
add_boot(GHashTable *boots, json_object *boot)
{
    g_hash_table_add(boots, g_strdup(vs_json_string(boot, "boot_id", "")));
}

static GHashTable *
list_boots(const VsWritePlaces *places, const char *text)
{
    GHashTable *boots = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(json_object) object = vs_json_parse_object(text, NULL);
    json_object *past = vs_json_array(object, "past");

    g_hash_table_add(boots, g_strdup(places->boot_id));
    add_boot(boots, object);
    for (size_t i = 0; past && i < json_object_array_length(past); i++)
        add_boot(boots, json_object_array_get_idx(past, i));
    return boots;
}

static int64_t *
copy_time(int64_t time)
{
    int64_t *copy = g_new(int64_t, 1);

    *copy = time;
    return copy;
}

static void
take_latest(GHashTable *latest, json_object *record)
{
    json_object *domain = vs_json_object(record, "domain");
    g_autofree char *key =
        vs_domain_key(vs_json_string(record, "uri", ""), vs_json_string(domain, "uuid", ""));
    int64_t time;

    if (!g_hash_table_contains(latest, key) &&
        vs_wallclock_parse(vs_json_string(record, "time", ""), &time, NULL))
        g_hash_table_insert(latest, g_steal_pointer(&key), copy_time(time));
}

/* It may be that a daemon before us was killed as it wrote these. */
static void
look_at(json_object *record, void *userdata)
{
    Search *search = userdata;

    g_hash_table_remove(search->unrecorded, vs_json_string(record, "id", ""));
    if (!g_hash_table_contains(search->boots, vs_json_string(record, "boot_id", "")))
        take_latest(search->latest, record);
}

static gboolean
lies_aside(void *key, void *value, void *userdata)
{
    return vs_write_is_set_aside(userdata, key);
}

static void
search_history(const VsWritePlaces *places, const char *text, Search *search)
{
    search->boots = list_boots(places, text);
    search->unrecorded = vs_noted_ids(text);
    search->latest = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    if (g_hash_table_size(search->unrecorded) > 0)
        vs_history_visit(places->history, g_hash_table_size(search->unrecorded) * RECORD_SIZE,
                         look_at, search);
    g_hash_table_foreach_remove(search->unrecorded, lies_aside, (void *)places);
}

static void
search_clear(Search *search)
{
    g_clear_pointer(&search->boots, g_hash_table_unref);
    g_clear_pointer(&search->unrecorded, g_hash_table_unref);
    g_clear_pointer(&search->latest, g_hash_table_unref);
}

void
vs_left_take_over_noted(const VsWritePlaces *places, VsLeftTakeOver take_over, void *userdata)
{
    VsEvent event = {.type = VS_EVENT_TAKE_OVER_NOTED};
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;
    Search search = {0};

    event.noted.changed_at = vs_noted_runs_changed_at(places->state_directory);
    if (!vs_noted_runs_load(places->state_directory, places->boot_id, &text, &event.noted.same_boot,
                            &error))
        set_aside(places, error->message);
    g_clear_error(&error);
    if (text)
        search_history(places, text, &search);
    event.noted.text = text;
    event.noted.unrecorded = search.unrecorded;
    event.noted.latest = search.latest;
    if (!take_over(&event, &error, userdata))
        set_aside(places, error->message);
    search_clear(&search);
}
