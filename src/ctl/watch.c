/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>

#include "client/objects-json.h"
#include "client/objects.h"
#include "client/signals.h"
#include "ctl/absent.h"
#include "ctl/output.h"
#include "ctl/terminal.h"
#include "ctl/verbs.h"
#include "ctl/watch-words.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/text.h"
#include "util/wallclock.h"
#include "words/complain.h"
#include "words/describe.h"
#include "words/story-request.h"
#include "words/story.h"
#include "words/when.h"
#include "words/withheld.h"

typedef struct Watch {
    VsCtl *ctl;
    sd_event *event;
    GHashTable *domains;       /* path: VsDomainObject, to know what changed, and for the names */
    GHashTable *stops;         /* id: Flight */
    GHashTable *wholes;        /* paths of the host stops that were told of */
    GHashTable *ended;         /* UUIDs of the domains whose end was told, by a record */
    VsWithholding withholding; /* why we don't see all of the records */
} Watch;

/* A stop in flight, and what was told of it. */
typedef struct Flight {
    VsStopObject stop;
    char *told;
    bool foreign; /* of a guest of another libvirt than is watched */
} Flight;

static void
free_domain(gpointer data)
{
    vs_domain_object_clear(data);
    g_free(data);
}

static void
free_flight(gpointer data)
{
    Flight *flight = data;

    vs_stop_object_clear(&flight->stop);
    g_free(flight->told);
    g_free(flight);
}

/* One event: @more, which is taken over, with JSON; else @name (NULL: none) and @text. */
static void
tell(const Watch *watch, const char *event, json_object *more, const char *name, const char *text)
{
    int64_t now = g_get_real_time();
    g_autoptr(json_object) object = more;
    g_autofree char *safe = vs_text_printable(name), *time = NULL;

    if (watch->ctl->json != VS_JSON_OFF) {
        g_autoptr(json_object) line = json_object_new_object();
        time = vs_wallclock_format(now);
        vs_json_set_string(line, "time", time);
        vs_json_set_string(line, "event", event);
        json_object_object_foreach(object, key, value)
            vs_json_set(line, key, json_object_get(value));
        vs_output_json(watch->ctl, line);
    } else {
        time = vs_when_exact(now);
        vs_output_printf("%s  %s%s%s%s%s\n", time, vs_terminal_colour(VS_COLOUR_BOLD), safe,
                         vs_terminal_plain(), *safe ? ": " : "", text);
    }
    fflush(stdout);
}

/* Whether guests of the libvirt at @uri are watched. */
static bool
is_meant(const Watch *watch, const char *uri)
{
    const char *only = watch->ctl->client.uri;

    return !only || g_strcmp0(uri, only) == 0;
}

static bool
is_domain_meant(const Watch *watch, const char *path)
{
    const VsDomainObject *known = path ? g_hash_table_lookup(watch->domains, path) : NULL;
    g_auto(VsDomainObject) domain = {0};
    g_autoptr(sd_bus_message) reply = NULL;

    if (!path || !watch->ctl->client.uri || known)
        return is_meant(watch, known ? known->uri : NULL);
    reply = vs_client_get_all(&watch->ctl->client, path, VS_BUS_DOMAIN, NULL);
    return reply && vs_domain_object_read(&domain, reply) >= 0 && is_meant(watch, domain.uri);
}

static json_object *
stop_json(const char *id, const char *name)
{
    json_object *object = json_object_new_object();

    vs_json_set_string(object, "stop", id);
    vs_json_set_string(object, "domain", name);
    return object;
}

static Flight *
flight_of(Watch *watch, const char *id)
{
    Flight *flight = g_hash_table_lookup(watch->stops, id);

    if (!flight) {
        flight = g_new0(Flight, 1);
        g_hash_table_insert(watch->stops, g_strdup(id), flight);
    }
    return flight;
}

/* All of it, as far as we may know it: the signal only names it. */
static void
ask_for(Watch *watch, VsStopObject *stop, const char *id)
{
    g_autofree char *path = vs_objects_stop_path(id);
    g_autoptr(sd_bus_message) reply =
        vs_client_get_all(&watch->ctl->client, path, VS_BUS_STOP, NULL);

    if (!stop->reason) /* until somebody tells */
        stop->uid = UINT32_MAX;
    if (reply && vs_stop_object_read(stop, reply) >= 0)
        vs_stop_object_ask(&watch->ctl->client, stop, NULL);
}

/* The stop with that id, which may have been in flight before we came; NULL: it isn't watched. */
static Flight *
find_flight(Watch *watch, const char *id, const char *domain_path)
{
    Flight *flight = flight_of(watch, id);

    if (!flight->stop.domain_name) {
        ask_for(watch, &flight->stop, id);
        flight->foreign = !is_domain_meant(watch, domain_path ? domain_path : flight->stop.domain);
    }
    return flight->foreign ? NULL : flight;
}

/* Of many that are stopped together people are told once. */
static void
tell_added(Watch *watch, const char *id, const VsStopObject *stop)
{
    bool whole = stop->host_stop && !g_str_equal(stop->host_stop, VS_BUS_NO_OBJECT);
    g_autofree char *text = vs_watch_added(stop, whole, !watch->ctl->client.host);
    json_object *object = NULL;

    if (watch->ctl->json == VS_JSON_OFF) {
        if (!whole || g_hash_table_add(watch->wholes, g_strdup(stop->host_stop)))
            tell(watch, "stop-added", NULL, whole ? NULL : stop->domain_name, text);
        return;
    }
    object = stop_json(id, stop->domain_name);
    vs_json_set(object, "by", stop->uid == UINT32_MAX ? NULL : vs_stop_object_requester(stop));
    vs_json_set_string(object, "reason", stop->reason && *stop->reason ? stop->reason : NULL);
    tell(watch, "stop-added", object, NULL, NULL);
}

static void
on_stop_added(const char *id, const char *domain_path, const char *name, void *userdata)
{
    Watch *watch = userdata;
    Flight *flight = find_flight(watch, id, domain_path);

    if (!flight)
        return;
    g_free(flight->stop.domain_name);
    flight->stop.domain_name = g_strdup(name);
    tell_added(watch, id, &flight->stop);
}

/* What people are told otherwise: that it waits for others, and that it is off. */
static bool
is_no_news(const Flight *flight, const char *step)
{
    static const char *const phases[] = {"queued", "off", NULL};

    return g_strv_contains(phases, flight->stop.phase) || g_strcmp0(step, flight->told) == 0;
}

/* A change of the deadline alone is no news to people, but a program may want it. */
static void
on_stop_changed(const char *id, sd_bus_message *changed, void *userdata)
{
    Watch *watch = userdata;
    Flight *flight = find_flight(watch, id, NULL);
    VsStopObject *stop = flight ? &flight->stop : NULL;
    g_autofree char *step = NULL;
    json_object *object;

    if (!flight || vs_stop_object_read(stop, changed) < 0)
        return;
    if (!stop->phase || g_str_equal(stop->phase, "over"))
        return; /* that is told by its end, and by its record */
    step = vs_describe_step(stop);
    if (watch->ctl->json == VS_JSON_OFF && is_no_news(flight, step))
        return;
    object = stop_json(id, stop->domain_name);
    vs_json_set_string(object, "step", stop->step);
    vs_json_set_string(object, "phase", stop->phase);
    vs_json_set(object, "steps", vs_stop_object_steps(stop));
    tell(watch, "stop-changed", object, stop->domain_name, step);
    g_free(flight->told);
    flight->told = g_steal_pointer(&step);
}

static void
on_stop_finished(const char *id, const char *name, const char *outcome, void *userdata)
{
    Watch *watch = userdata;
    json_object *object = NULL;
    g_autofree char *story = vs_story_outcome(outcome);

    if (find_flight(watch, id, NULL) &&
        (watch->ctl->json != VS_JSON_OFF || !vs_watch_has_record(outcome))) {
        object = stop_json(id, name);
        vs_json_set_string(object, "outcome", outcome);
        tell(watch, "stop-finished", object, name, story);
    }
    g_hash_table_remove(watch->stops, id);
}

static void
on_stop_recorded(json_object *open_record, void *userdata)
{
    Watch *watch = userdata;
    g_autoptr(json_object) record = NULL;
    json_object *object, *domain;
    g_autofree char *story = NULL;

    if (!is_meant(watch, vs_json_string(open_record, "uri", NULL)))
        return;
    record = vs_withheld_read(&watch->ctl->client, open_record, &watch->withholding);
    domain = vs_json_object(record, "domain");
    story = vs_watch_recorded(record, !watch->ctl->client.host);
    object = json_object_new_object();
    vs_json_set(object, "record", json_object_get(record));
    g_hash_table_add(watch->ended, g_strdup(vs_json_string(domain, "uuid", "")));
    tell(userdata, "stop-recorded", object, vs_json_string(domain, "name", NULL), story);
}

static void
tell_domain(const Watch *watch, const char *event, const VsDomainObject *domain, const char *text)
{
    json_object *object;

    if (!is_meant(watch, domain->uri))
        return;
    object = json_object_new_object();
    vs_json_set(object, "domain", vs_domain_object_json(domain));
    tell(watch, event, object, domain->name, text);
}

static void
on_domain_added(const char *path, sd_bus_message *properties, void *userdata)
{
    Watch *watch = userdata;
    VsDomainObject *domain = g_new0(VsDomainObject, 1);
    g_autofree char *state = NULL;

    if (vs_domain_object_read(domain, properties) < 0) {
        free_domain(domain);
        return;
    }
    g_hash_table_insert(watch->domains, g_strdup(path), domain);
    state = vs_text_printable(domain->state);
    tell_domain(watch, "domain-added", domain, state);
}

static void
on_domain_changed(const char *path, sd_bus_message *changed, void *userdata)
{
    Watch *watch = userdata;
    VsDomainObject *domain = g_hash_table_lookup(watch->domains, path);
    g_autofree char *state = NULL, *agent = NULL, *text = NULL;

    if (!domain)
        return;
    state = g_strdup(domain->state);
    agent = g_strdup(domain->agent);
    if (vs_domain_object_read(domain, changed) < 0)
        return;
    if (watch->ctl->json == VS_JSON_OFF && vs_watch_is_told_otherwise(domain))
        return;
    if (g_strcmp0(state, domain->state) != 0)
        text = vs_text_printable(domain->state);
    else if (g_strcmp0(agent, domain->agent) != 0 &&
             (watch->ctl->json != VS_JSON_OFF || vs_watch_is_agent_news(agent, domain->agent)))
        text = g_strdup_printf(_("agent %s"), domain->agent);
    else
        return;
    tell_domain(watch, "domain-changed", domain, text);
}

static void
on_domain_removed(const char *path, void *userdata)
{
    Watch *watch = userdata;
    const VsDomainObject *domain = g_hash_table_lookup(watch->domains, path);

    if (!domain)
        return;
    /* Of one that libvirt keeps nothing of, that is the same as that it ended. */
    if (watch->ctl->json != VS_JSON_OFF || domain->persistent ||
        !(domain->id >= 0 || g_hash_table_contains(watch->ended, domain->uuid)))
        tell_domain(watch, "domain-removed", domain, _("is gone"));
    g_hash_table_remove(watch->domains, path);
}

/* What is there before anything happens. */
static bool
look(Watch *watch, GError **error)
{
    g_autoptr(GPtrArray) domains = vs_objects_list_domains(&watch->ctl->client, error);

    g_hash_table_remove_all(watch->domains);
    for (unsigned i = 0; domains && i < domains->len; i++) {
        const VsDomainObject *domain = g_ptr_array_index(domains, i);
        VsDomainObject *copy = g_new0(VsDomainObject, 1);

        copy->name = g_strdup(domain->name);
        copy->uuid = g_strdup(domain->uuid);
        copy->uri = g_strdup(domain->uri);
        copy->state = g_strdup(domain->state);
        copy->agent = g_strdup(domain->agent);
        copy->id = domain->id;
        g_hash_table_insert(watch->domains, g_strdup(domain->path), copy);
    }
    return domains != NULL;
}

static void
on_daemon(bool there, void *userdata)
{
    Watch *watch = userdata;

    if (there)
        tell(watch, "daemon-came", json_object_new_object(), NULL, _("virtstopd is here"));
    else
        tell(watch, "daemon-went", json_object_new_object(), NULL, _("virtstopd went away"));
    if (there)
        look(watch, NULL);
}

static void
on_bus_lost(void *userdata)
{
    Watch *watch = userdata;

    vs_complain("%s", _("The connection to the bus broke."));
    sd_event_exit(watch->event, VS_EXIT_FAILED);
}

static const VsSignals signals = {
    .stop_added = on_stop_added,
    .stop_changed = on_stop_changed,
    .stop_finished = on_stop_finished,
    .stop_recorded = on_stop_recorded,
    .domain_added = on_domain_added,
    .domain_changed = on_domain_changed,
    .domain_removed = on_domain_removed,
    .daemon = on_daemon,
    .bus_lost = on_bus_lost,
};

static bool
begin(Watch *watch, GError **error)
{
    int r;

    if ((r = sd_event_new(&watch->event)) < 0 ||
        (r = sd_bus_attach_event(watch->ctl->client.bus, watch->event, SD_EVENT_PRIORITY_NORMAL)) <
            0) {
        g_set_error(error, VS_ERROR, VS_ERROR_FAILED, _("Can't listen on the bus: %s"),
                    g_strerror(-r));
        return false;
    }
    return vs_signals_listen(&watch->ctl->client, &signals, watch, error) && look(watch, error);
}

VsExit
vs_verb_watch(VsCtl *ctl, int n_args, char **args)
{
    Watch watch = {.ctl = ctl};
    g_autoptr(GError) error = NULL;
    VsExit status;
    int r;

    watch.domains = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_domain);
    watch.stops = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_flight);
    watch.wholes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    watch.ended = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    if (!begin(&watch, &error) || !vs_absent_tell(&ctl->client, &error)) {
        status = vs_complain_of(NULL, error);
    } else {
        r = sd_event_loop(watch.event);
        status = r < 0 ? VS_EXIT_FAILED : r;
    }
    sd_bus_detach_event(ctl->client.bus);
    sd_event_unref(watch.event);
    g_hash_table_unref(watch.domains);
    g_hash_table_unref(watch.stops);
    g_hash_table_unref(watch.wholes);
    g_hash_table_unref(watch.ended);
    return status;
}
