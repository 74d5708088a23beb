/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/noted.h"

#include "engine/noted-stop.h"
#include "engine/noted-text.h"
#include "util/span.h"

/* Who went is known by its record, too: that it is left out has time, as many may go together. */
#define LEAVE_SPAN (2 * VS_USEC_PER_SEC)

void
vs_notes_init(VsNotes *notes)
{
    notes->runs = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, vs_noted_run_free);
    notes->past = g_ptr_array_new_with_free_func(vs_past_boot_free);
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
    vs_engine_do(engine, VS_ACTION_KEEP_NOTED, NULL)->text = vs_noted_to_text(engine);
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

/* Nobody will ever list those of a URI that isn't watched any more. */
static void
take_present(VsEngine *engine, VsPastBoot *boot)
{
    while (boot->runs->len > 0) {
        VsNotedRun *run = g_ptr_array_steal_index(boot->runs, 0);

        if (g_hash_table_contains(engine->notes.runs, run->id.text) ||
            !g_hash_table_contains(engine->connections, run->domain.uri))
            vs_noted_run_free(run);
        else
            add_run(&engine->notes, run);
    }
    vs_past_boot_free(boot);
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
    g_autoptr(GPtrArray) boots = g_ptr_array_new_with_free_func(vs_past_boot_free);
    VsNotes *notes = &engine->notes;

    notes->begun = true;
    if (!event->noted.text)
        return true;
    notes->unsaved = true;
    if (!vs_noted_from_text(boots, event->noted.text, event->noted.unrecorded, error))
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
    GHashTable *ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GPtrArray) boots = g_ptr_array_new_with_free_func(vs_past_boot_free);

    if (!vs_noted_from_text(boots, text, NULL, NULL))
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

/* That one was asked for costs a write; that its guest's turn has come, or that it is over, has
 * time.
 */
static void
note_stop(VsEngine *engine, const VsGuest *guest, VsNotedRun *run)
{
    VsNotedChange change = vs_noted_stop_take(&run->stop, engine, guest);

    if (change == VS_NOTED_SAME)
        return;
    vs_noted_run_write(run);
    if (change == VS_NOTED_MORE)
        engine->notes.unsaved = true;
    else
        remove_soon(engine);
}

static void
note_run(VsEngine *engine, const VsGuest *guest)
{
    VsNotes *notes = &engine->notes;
    VsNotedRun *run = g_hash_table_lookup(notes->runs, guest->run->id.text);

    if (!run) {
        run = g_new0(VsNotedRun, 1);
        run->id = guest->run->id;
        vs_domain_id_copy(&run->domain, &guest->domain);
        vs_noted_run_write(run);
        add_run(notes, run);
    }
    run->seen = true;
    note_stop(engine, guest, run);
    if (run->domain.id == guest->domain.id && g_str_equal(run->domain.name, guest->domain.name))
        return;
    vs_domain_id_clear(&run->domain);
    vs_domain_id_copy(&run->domain, &guest->domain);
    vs_noted_run_write(run);
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
