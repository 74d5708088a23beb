/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/noted.h"

#include <string.h>

#include "util/error.h"
#include "util/i18n.h"
#include "util/span.h"

#define NOTED_SCHEMA 1

/* Who went is known by its record, too: that it is left out has time, as many may go together. */
#define LEAVE_SPAN (2 * VS_USEC_PER_SEC)

static void
free_run(void *data)
{
    VsNotedRun *run = data;

    vs_domain_id_clear(&run->domain);
    g_free(run->text);
    g_free(run->line);
    g_free(run);
}

static void
free_boot(void *data)
{
    VsPastBoot *boot = data;

    g_free(boot->id);
    g_ptr_array_unref(boot->runs);
    g_free(boot);
}

void
vs_notes_init(VsNotes *notes)
{
    notes->runs = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_run);
    notes->past = g_ptr_array_new_with_free_func(free_boot);
}

void
vs_notes_clear(VsNotes *notes)
{
    g_hash_table_unref(notes->runs);
    g_ptr_array_unref(notes->past);
}

static void
add_run(VsNotes *notes, VsNotedRun *run)
{
    g_hash_table_replace(notes->runs, run->id.text, run);
    notes->unsaved = true;
}

static void
remove_soon(VsEngine *engine)
{
    if (engine->notes.save_at == 0)
        engine->notes.save_at = vs_later(engine->now.mono, LEAVE_SPAN);
}

/* As text. There may be thousands, each time one of them starts: so each has its own at hand. */

static void
write_run(VsNotedRun *run)
{
    g_autoptr(json_object) object = json_object_new_object();

    vs_json_set_string(object, "id", run->id.text);
    vs_json_set_string(object, "uri", run->domain.uri);
    vs_json_set_string(object, "uuid", run->domain.uuid.text);
    vs_json_set_string(object, "name", run->domain.name);
    vs_json_set_int(object, "domain_id", run->domain.id);
    if (run->unwatched_at > 0)
        vs_json_set_int(object, "unwatched_at", run->unwatched_at);
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
static char *
to_text(const VsEngine *engine)
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

static bool
is_due(const VsEngine *engine)
{
    const VsNotes *notes = &engine->notes;

    return notes->unsaved || (notes->save_at > 0 && engine->now.mono >= notes->save_at);
}

void
vs_noted_save(VsEngine *engine)
{
    VsNotes *notes = &engine->notes;

    /* At the end there may be no other time. */
    if (!notes->begun || !is_due(engine) || (notes->writing && notes->ended_at == 0) ||
        engine->simulated)
        return;
    vs_engine_do(engine, VS_ACTION_KEEP_NOTED, NULL)->text = to_text(engine);
    notes->unsaved = false;
    notes->save_at = 0;
    notes->writing = true;
}

int64_t
vs_noted_next_timer(const VsEngine *engine)
{
    const VsNotes *notes = &engine->notes;
    bool waits = notes->begun && notes->save_at > 0 && !notes->writing;

    return waits ? notes->save_at : VS_USEC_INFINITY;
}

/* From text. */

static int
compare_names(const void *a, const void *b)
{
    const VsNotedRun *one = *(VsNotedRun *const *)a, *other = *(VsNotedRun *const *)b;
    int order = strcmp(one->domain.name, other->domain.name);

    return order != 0 ? order : strcmp(one->id.text, other->id.text);
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
    VsNotedRun *run;

    if (!vs_uuid_is_valid(id) || !vs_uuid_is_valid(uuid) || !uri || !name ||
        !vs_json_int(object, "domain_id", &domain_id) || domain_id < -1 || domain_id > G_MAXINT)
        return NULL;
    run = g_new0(VsNotedRun, 1);
    g_strlcpy(run->id.text, id, sizeof(run->id.text));
    g_strlcpy(run->domain.uuid.text, uuid, sizeof(run->domain.uuid.text));
    run->domain.uri = g_strdup(uri);
    run->domain.name = g_strdup(name);
    run->domain.id = (int)domain_id;
    vs_json_int(object, "unwatched_at", &run->unwatched_at);
    write_run(run);
    return run;
}

/* Of a boot that is over its connections are, too. */
static void
note_unwatched(VsNotedRun *run, json_object *unwatched)
{
    if (vs_json_int(unwatched, run->domain.uri, &run->unwatched_at))
        write_run(run);
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
            free_run(run);
    }
    return true;
}

static void
seen_from_json(VsLastSeen *seen, json_object *object)
{
    vs_json_int(object, "noted_at", &seen->noted_at);
    vs_json_int(object, "ended_at", &seen->ended_at);
    vs_json_int(object, "copied_at", &seen->copied_at);
    seen->going_down = vs_json_bool(object, "going_down", false);
}

static VsPastBoot *
boot_from_json(json_object *object, GHashTable *unrecorded, GError **error)
{
    VsPastBoot *boot = g_new0(VsPastBoot, 1);

    boot->id = g_strdup(vs_json_string(object, "boot_id", ""));
    boot->runs = g_ptr_array_new_with_free_func(free_run);
    seen_from_json(&boot->seen, object);
    if (!runs_from_json(boot->runs, object, unrecorded, error)) {
        free_boot(boot);
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

/* Nobody will ever list those of a URI that isn't watched any more. */
static void
take_present(VsEngine *engine, VsPastBoot *boot)
{
    while (boot->runs->len > 0) {
        VsNotedRun *run = g_ptr_array_steal_index(boot->runs, 0);

        if (g_hash_table_contains(engine->notes.runs, run->id.text) ||
            !g_hash_table_contains(engine->connections, run->domain.uri))
            free_run(run);
        else
            add_run(&engine->notes, run);
    }
    free_boot(boot);
}

/* It was written as it says, so by the same clock; a copy is put in its place later. */
#define COPY_SPAN (60 * VS_USEC_PER_SEC)

static void
note_copy(GPtrArray *boots, int64_t changed_at)
{
    const VsPastBoot *last = boots->pdata[boots->len - 1];

    if (changed_at <= vs_later(last->seen.noted_at, COPY_SPAN))
        return;
    for (unsigned i = 0; i < boots->len; i++)
        ((VsPastBoot *)boots->pdata[i])->seen.copied_at = changed_at;
}

/* What is noted of a guest is older than its last stop in a later boot: it is a copy, or has been
 * forgotten there. */
static void
drop_outdated(VsPastBoot *boot, GHashTable *latest)
{
    for (unsigned i = boot->runs->len; latest && i > 0; i--) {
        const VsNotedRun *run = boot->runs->pdata[i - 1];
        g_autofree char *key = vs_domain_key(run->domain.uri, run->domain.uuid.text);
        const int64_t *time = g_hash_table_lookup(latest, key);

        if (time && *time > boot->seen.noted_at)
            g_ptr_array_remove_index(boot->runs, i - 1);
    }
}

bool
vs_noted_take_over(VsEngine *engine, const VsEvent *event, GError **error)
{
    g_autoptr(json_object) object = NULL;
    g_autoptr(GPtrArray) boots = g_ptr_array_new_with_free_func(free_boot);
    VsNotes *notes = &engine->notes;

    notes->begun = true;
    if (!event->noted.text)
        return true;
    notes->unsaved = true;
    object = vs_json_parse_object(event->noted.text, error);
    if (!object || !check_schema(object, error) ||
        !boots_from_json(boots, object, event->noted.unrecorded, error))
        return false;
    note_copy(boots, event->noted.changed_at);
    if (event->noted.same_boot)
        take_present(engine, g_ptr_array_steal_index(boots, boots->len - 1));
    while (boots->len > 0) {
        VsPastBoot *boot = g_ptr_array_steal_index(boots, 0);

        drop_outdated(boot, event->noted.latest);
        boot->end.found = engine->now.real;
        g_ptr_array_add(notes->past, boot);
    }
    return true;
}

GHashTable *
vs_noted_ids(const char *text)
{
    g_autoptr(json_object) object = vs_json_parse_object(text, NULL);
    GHashTable *ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GPtrArray) boots = g_ptr_array_new_with_free_func(free_boot);

    if (!object || !check_schema(object, NULL) || !boots_from_json(boots, object, NULL, NULL))
        return ids;
    for (unsigned i = 0; i < boots->len; i++) {
        const VsPastBoot *boot = boots->pdata[i];

        for (unsigned k = 0; k < boot->runs->len; k++) {
            const VsNotedRun *run = boot->runs->pdata[k];

            g_hash_table_add(ids, g_strdup(run->id.text));
        }
    }
    return ids;
}

/* Facts. */

static bool
remove_past(VsPastBoot *boot, const char *id)
{
    for (unsigned i = 0; i < boot->runs->len; i++) {
        const VsNotedRun *run = boot->runs->pdata[i];

        if (!g_str_equal(run->id.text, id))
            continue;
        g_ptr_array_remove_index(boot->runs, i);
        return true;
    }
    return false;
}

void
vs_noted_recorded(VsEngine *engine, const VsEvent *event)
{
    const char *id = event->recorded.id.text;
    VsNotes *notes = &engine->notes;

    if (event->recorded.why)
        return;
    if (g_hash_table_remove(notes->runs, id))
        remove_soon(engine);
    for (unsigned i = notes->past->len; i > 0; i--) {
        VsPastBoot *boot = notes->past->pdata[i - 1];

        if (!remove_past(boot, id))
            continue;
        remove_soon(engine);
        if (boot->runs->len == 0)
            g_ptr_array_remove_index(notes->past, i - 1);
    }
}

void
vs_noted_kept(VsEngine *engine, const VsEvent *event)
{
    if (!event->noted_kept.why)
        engine->notes.writing = false;
}

void
vs_noted_farewell(VsEngine *engine)
{
    engine->notes.ended_at = engine->now.real;
    engine->notes.unsaved |= g_hash_table_size(engine->notes.runs) > 0;
}

/* It ended while nobody watched, and with what was kept of it in /run. */
void
vs_noted_listed(VsEngine *engine, const VsEvent *event)
{
    const VsConnection *connection = g_hash_table_lookup(engine->connections, event->uri);
    GHashTableIter iter;
    VsNotedRun *run;

    if (!connection || connection->phase < VS_CONNECTION_LISTED)
        return;
    g_hash_table_iter_init(&iter, engine->notes.runs);
    while (g_hash_table_iter_next(&iter, NULL, (void **)&run)) {
        if (run->seen || !g_str_equal(run->domain.uri, event->uri))
            continue;
        g_hash_table_iter_remove(&iter);
        remove_soon(engine);
    }
}

/* The machine. */

static void
note_run(VsEngine *engine, const VsGuest *guest)
{
    VsNotes *notes = &engine->notes;
    VsNotedRun *run = g_hash_table_lookup(notes->runs, guest->run->id.text);

    if (!run) {
        run = g_new0(VsNotedRun, 1);
        run->id = guest->run->id;
        vs_domain_id_copy(&run->domain, &guest->domain);
        write_run(run);
        add_run(notes, run);
    }
    run->seen = true;
    if (run->domain.id == guest->domain.id && g_str_equal(run->domain.name, guest->domain.name))
        return;
    vs_domain_id_clear(&run->domain);
    vs_domain_id_copy(&run->domain, &guest->domain);
    write_run(run);
    notes->unsaved = true;
}

static void
look_at_connections(VsEngine *engine)
{
    GHashTableIter iter;
    VsConnection *connection;

    g_hash_table_iter_init(&iter, engine->connections);
    while (g_hash_table_iter_next(&iter, NULL, (void **)&connection)) {
        bool is_watched = connection->phase >= VS_CONNECTION_LISTED;

        if (is_watched == connection->is_watched)
            continue;
        connection->is_watched = is_watched;
        engine->notes.unsaved |= g_hash_table_size(engine->notes.runs) > 0;
    }
}

void
vs_noted_move(VsEngine *engine)
{
    VsNotes *notes = &engine->notes;

    if (engine->simulated)
        return;
    if (notes->going_down != engine->host_shutdown)
        notes->unsaved |= g_hash_table_size(notes->runs) > 0;
    notes->going_down = engine->host_shutdown;
    look_at_connections(engine);
    for (unsigned i = 0; i < engine->touched->len; i++) {
        const VsGuest *guest = engine->touched->pdata[i];

        if (guest->run && !guest->run->recorded && vs_domain_uri_is_local(guest->domain.uri))
            note_run(engine, guest);
    }
}
