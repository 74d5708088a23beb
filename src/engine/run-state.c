/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/engine-private.h"

#include "util/error.h"
#include "util/i18n.h"
#include "util/text.h"

/* What survives the daemon: a guest's run and its stop. */

#define KEEP_SCHEMA 1

char *
vs_engine_state_save(const VsEngine *engine, const VsGuest *guest)
{
    json_object *object = json_object_new_object();
    char *text;

    vs_json_set_int(object, "schema", KEEP_SCHEMA);
    vs_json_set_bool(object, "persistent", guest->persistent);
    vs_json_set_bool(object, "left", guest->left);
    vs_json_set_bool(object, "host_down", guest->left && engine->host_shutdown);
    vs_json_set(object, "run", guest->run ? vs_run_to_json(guest->run) : NULL);
    vs_json_set(object, "stop",
                guest->stop && !guest->stop->adopted ? vs_stop_to_json(guest->stop) : NULL);
    text = g_strdup(vs_json_line(object));
    json_object_put(object);
    return text;
}

static bool
bad_state(const VsEvent *event, const char *what, GError **error)
{
    g_autofree char *name = vs_text_quoted(event->domain->name);

    g_set_error(error, VS_ERROR, VS_ERROR_INVALID, _("The run state kept for %s is damaged: %s"),
                name, what);
    return false;
}

/* The guest ran when we last looked. Whether it still does shows when libvirt lists it; a run whose
 * end was seen needs only its record. */
static VsGuest *
take_over(VsEngine *engine, const VsEvent *event, VsRun *run, VsStop *stop)
{
    VsGuest *guest = vs_engine_get(engine, event->domain);

    if (!guest)
        guest = vs_engine_add(engine, event->domain);
    g_clear_pointer(&guest->run, vs_run_free);
    g_clear_pointer(&guest->stop, vs_stop_free);
    guest->run = run;
    guest->stop = stop;
    guest->taken_over = !run->ended;
    vs_run_gap(run);
    vs_run_witness(run, vs_evidence_new(engine->now.real, "daemon-restarted"));
    vs_engine_set_state(engine, guest, run->ended ? VS_STATE_SHUTOFF : VS_STATE_RUNNING);
    vs_engine_unsaved(engine, guest);
    if (stop && stop->host_deadline > 0)
        vs_host_stop_take_over(engine, stop);
    if (stop)
        vs_engine_do(engine, VS_ACTION_STOP_ADDED, guest)->stop = stop->id;
    if (run->ended)
        vs_run_end_read_log(engine, guest);
    return guest;
}

/* Nobody will ever list a guest of a URI that was taken out of the configuration. */
static bool
is_watched(const VsEngine *engine, const char *uri)
{
    return g_hash_table_size(engine->connections) == 0 ||
           g_hash_table_contains(engine->connections, uri);
}

static bool
forget(VsEngine *engine, const VsEvent *event)
{
    vs_actions_add(engine->out, VS_ACTION_FORGET, event->domain);
    return true;
}

bool
vs_engine_state_take_over(VsEngine *engine, const VsEvent *event, GError **error)
{
    g_autoptr(json_object) object = vs_json_parse_object(event->take_over.state, NULL);
    json_object *kept_run = vs_json_object(object, "run");
    json_object *kept_stop = vs_json_object(object, "stop");
    VsStop *stop = NULL;
    VsGuest *guest;
    VsRun *run;
    int64_t schema;

    if (!object || !vs_json_int(object, "schema", &schema))
        return bad_state(event, _("it is no JSON object with a schema"), error);
    if (schema != KEEP_SCHEMA)
        return bad_state(event, _("it is of a schema that this version doesn't know"), error);
    if (event->take_over.recorded || !kept_run)
        return forget(engine, event);
    run = vs_run_from_json(kept_run);
    if (!run)
        return bad_state(event, _("its run can't be read"), error);
    if (!run->ended && !is_watched(engine, event->domain->uri)) {
        vs_run_free(run);
        return forget(engine, event);
    }
    if (kept_stop)
        stop = vs_stop_from_json(kept_stop);
    if (kept_stop && (!stop || (stop->phase == VS_PHASE_OFF) != run->ended)) {
        g_clear_pointer(&stop, vs_stop_free);
        vs_run_free(run);
        return bad_state(event, _("its stop can't be read"), error);
    }
    guest = take_over(engine, event, run, stop);
    guest->persistent = vs_json_bool(object, "persistent", false);
    guest->left = vs_json_bool(object, "left", false);
    engine->host_shutdown |= vs_json_bool(object, "host_down", false);
    return true;
}
