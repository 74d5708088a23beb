/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/noted-text.h"

#include <string.h>

#include "engine/noted-stop.h"
#include "util/error.h"
#include "util/i18n.h"

#define NOTED_SCHEMA 1

void
vs_noted_run_free(void *data)
{
    VsNotedRun *run = data;

    vs_domain_id_clear(&run->domain);
    vs_noted_stop_clear(&run->stop);
    g_free(run->text);
    g_free(run->line);
    g_free(run);
}

void
vs_past_boot_free(void *data)
{
    VsPastBoot *boot = data;

    g_free(boot->id);
    g_ptr_array_unref(boot->runs);
    g_free(boot);
}

void
vs_noted_run_write(VsNotedRun *run)
{
    g_autoptr(json_object) object = json_object_new_object();

    vs_json_set_string(object, "id", run->id.text);
    vs_json_set_string(object, "uri", run->domain.uri);
    vs_json_set_string(object, "uuid", run->domain.uuid.text);
    vs_json_set_string(object, "name", run->domain.name);
    vs_json_set_int(object, "domain_id", run->domain.id);
    if (run->unwatched_at > 0)
        vs_json_set_int(object, "unwatched_at", run->unwatched_at);
    if (run->stop.request)
        vs_json_set(object, "stop", vs_noted_stop_to_json(&run->stop));
    g_free(run->text);
    run->text = g_strdup(vs_json_line(object));
}

static void
append_run(GString *text, const VsNotedRun *run)
{
    if (text->str[text->len - 1] != '[')
        g_string_append_c(text, ',');
    g_string_append(text, run->text);
}

static void
append_seen(GString *text, const VsLastSeen *seen)
{
    g_string_append_printf(text, "\"noted_at\":%" G_GINT64_FORMAT ",\"ended_at\":%" G_GINT64_FORMAT,
                           seen->noted_at, seen->ended_at);
    if (seen->copied_at > 0)
        g_string_append_printf(text, ",\"copied_at\":%" G_GINT64_FORMAT, seen->copied_at);
    g_string_append_printf(text, ",\"going_down\":%s", seen->going_down ? "true" : "false");
}

static void
append_boot(GString *text, const VsPastBoot *boot)
{
    g_autoptr(json_object) id = json_object_new_string(boot->id);

    if (text->str[text->len - 1] != '[')
        g_string_append_c(text, ',');
    g_string_append_printf(text, "{\"boot_id\":%s,", vs_json_line(id));
    append_seen(text, &boot->seen);
    g_string_append(text, ",\"runs\":[");
    for (unsigned i = 0; i < boot->runs->len; i++)
        append_run(text, boot->runs->pdata[i]);
    g_string_append(text, "]}");
}

static int64_t
unwatched_since(const VsEngine *engine, const VsConnection *connection)
{
    int64_t since = MAX(connection->closed_at, connection->since);

    return engine->now.real - (engine->now.mono - since);
}

/* The libvirts that are away: {"uri": since} */
static void
append_unwatched(GString *text, const VsEngine *engine)
{
    g_autoptr(json_object) object = json_object_new_object();
    GHashTableIter iter;
    VsConnection *connection;

    g_hash_table_iter_init(&iter, engine->connections);
    while (g_hash_table_iter_next(&iter, NULL, (void **)&connection))
        if (!connection->is_watched)
            vs_json_set_int(object, connection->uri, unwatched_since(engine, connection));
    g_string_append_printf(text, ",\"unwatched\":%s", vs_json_line(object));
}

/* NULL: there is nothing to be noted. The boot and the machine that it is of are added by whoever
 * writes it. */
char *
vs_noted_to_text(const VsEngine *engine)
{
    const VsNotes *notes = &engine->notes;
    VsLastSeen seen = {.noted_at = engine->now.real, .ended_at = notes->ended_at};
    GString *text;
    GHashTableIter iter;
    VsNotedRun *run;

    if (g_hash_table_size(notes->runs) == 0 && notes->past->len == 0)
        return NULL;
    seen.going_down = notes->going_down;
    text = g_string_new(NULL);
    g_string_append_printf(text, "{\"schema\":%d,", NOTED_SCHEMA);
    append_seen(text, &seen);
    append_unwatched(text, engine);
    g_string_append(text, ",\"past\":[");
    for (unsigned i = 0; i < notes->past->len; i++)
        append_boot(text, notes->past->pdata[i]);
    g_string_append(text, "],\"runs\":[");
    g_hash_table_iter_init(&iter, notes->runs);
    while (g_hash_table_iter_next(&iter, NULL, (void **)&run))
        append_run(text, run);
    g_string_append(text, "]}");
    return g_string_free(text, FALSE);
}

static int
compare_names(const void *a, const void *b)
{
    const VsNotedRun *one = *(VsNotedRun *const *)a, *other = *(VsNotedRun *const *)b;
    int order = strcmp(one->domain.name, other->domain.name);

    return order != 0 ? order : strcmp(one->id.text, other->id.text);
}

/* One that can't be is none. */
static int64_t
time_or_0(json_object *object, const char *key)
{
    int64_t real = 0;

    vs_json_int(object, key, &real);
    return MAX(real, 0);
}

/* NULL: something is missing. */
static VsNotedRun *
run_from_json(json_object *object)
{
    const char *id = vs_json_string(object, "id", "");
    const char *uri = vs_json_string(object, "uri", NULL);
    const char *uuid = vs_json_string(object, "uuid", "");
    const char *name = vs_json_string(object, "name", NULL);
    int64_t domain_id = -1;
    VsNotedStop stop;
    VsNotedRun *run;

    if (!vs_uuid_is_valid(id) || !vs_uuid_is_valid(uuid) || !uri || !name ||
        !vs_json_int(object, "domain_id", &domain_id) || domain_id < -1 || domain_id > G_MAXINT ||
        !vs_noted_stop_from_json(&stop, vs_json_object(object, "stop")))
        return NULL;
    run = g_new0(VsNotedRun, 1);
    run->stop = stop;
    g_strlcpy(run->id.text, id, sizeof(run->id.text));
    g_strlcpy(run->domain.uuid.text, uuid, sizeof(run->domain.uuid.text));
    run->domain.uri = g_strdup(uri);
    run->domain.name = g_strdup(name);
    run->domain.id = (int)domain_id;
    run->unwatched_at = time_or_0(object, "unwatched_at");
    vs_noted_run_write(run);
    return run;
}

/* Of a boot that is over its connections are, too. */
static void
note_unwatched(VsNotedRun *run, json_object *unwatched)
{
    int64_t since = time_or_0(unwatched, run->domain.uri);

    if (since == 0)
        return;
    run->unwatched_at = since;
    vs_noted_run_write(run);
}

static bool
runs_from_json(GPtrArray *runs, json_object *object, GHashTable *unrecorded, GError **error)
{
    json_object *array = vs_json_array(object, "runs");

    for (size_t i = 0; array && i < json_object_array_length(array); i++) {
        VsNotedRun *run = run_from_json(json_object_array_get_idx(array, i));

        if (!run) {
            g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                        _("The list of the guests that run is damaged at its entry %zu"), i + 1);
            return false;
        }
        note_unwatched(run, vs_json_object(object, "unwatched"));
        if (!unrecorded || g_hash_table_contains(unrecorded, run->id.text))
            g_ptr_array_add(runs, run);
        else
            vs_noted_run_free(run);
    }
    return true;
}

static void
seen_from_json(VsLastSeen *seen, json_object *object)
{
    seen->noted_at = time_or_0(object, "noted_at");
    seen->ended_at = time_or_0(object, "ended_at");
    seen->copied_at = time_or_0(object, "copied_at");
    seen->going_down = vs_json_bool(object, "going_down", false);
}

static VsPastBoot *
boot_from_json(json_object *object, GHashTable *unrecorded, GError **error)
{
    VsPastBoot *boot = g_new0(VsPastBoot, 1);

    boot->id = g_strdup(vs_json_string(object, "boot_id", ""));
    boot->runs = g_ptr_array_new_with_free_func(vs_noted_run_free);
    seen_from_json(&boot->seen, object);
    if (!runs_from_json(boot->runs, object, unrecorded, error)) {
        vs_past_boot_free(boot);
        return NULL;
    }
    g_ptr_array_sort(boot->runs, compare_names);
    return boot;
}

/* Of the boot of @object itself, and of those before that. */
static bool
boots_from_json(GPtrArray *boots, json_object *object, GHashTable *unrecorded, GError **error)
{
    json_object *past = vs_json_array(object, "past");
    size_t n_past = past ? json_object_array_length(past) : 0;

    for (size_t i = 0; i <= n_past; i++) {
        json_object *from = i < n_past ? json_object_array_get_idx(past, i) : object;
        VsPastBoot *boot = boot_from_json(from, unrecorded, error);

        if (!boot)
            return false;
        g_ptr_array_add(boots, boot);
    }
    return true;
}

static bool
check_schema(json_object *object, GError **error)
{
    int64_t schema = 0;

    vs_json_int(object, "schema", &schema);
    if (schema != NOTED_SCHEMA)
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                    _("What is noted of the guests that run is of the schema %d, which this "
                      "version doesn't know"),
                    (int)CLAMP(schema, 0, G_MAXINT));
    else if (!vs_json_fits(object, "runs", json_type_array) ||
             !vs_json_fits(object, "past", json_type_array))
        g_set_error_literal(error, VS_ERROR, VS_ERROR_INVALID,
                            _("What is noted of the guests that run is no list"));
    else
        return true;
    return false;
}

bool
vs_noted_from_text(GPtrArray *boots, const char *text, GHashTable *unrecorded, GError **error)
{
    g_autoptr(json_object) object = vs_json_parse_object(text, error);

    return object && check_schema(object, error) &&
           boots_from_json(boots, object, unrecorded, error);
}
