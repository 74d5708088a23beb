/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/description.h"

#include <syslog.h>

#include "engine/guest-labels.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"

/* What of a guest only its XML tells. To read that libvirt may have to wait for the guest, so it is
 * asked for by itself and nothing depends on the answer: what was known of the run stands until it
 * comes, and what isn't known may be tried. */

/* So long after the question a stop waits for the answer, which mostly takes some milliseconds. */
#define AWAIT_SPAN (2 * VS_USEC_PER_SEC)

/* So long nothing is said of an answer that doesn't come. It is welcome later, too. */
#define PATIENCE (10 * VS_USEC_PER_SEC)

/* Before it is asked for again where libvirt refused it: something else holds the domain. */
#define RETRY_MIN (30 * VS_USEC_PER_SEC)
#define RETRY_MAX (600 * VS_USEC_PER_SEC)

static bool
is_alive(const VsGuest *guest)
{
    return guest->run && !vs_run_is_over(guest->run);
}

static void
set_agent(VsEngine *engine, VsGuest *guest, VsAgentState agent)
{
    if (guest->description.agent != agent)
        vs_engine_changed(engine, guest);
    guest->description.agent = agent;
    if (guest->run && agent == VS_AGENT_CONNECTED)
        guest->run->agent_seen = true;
    if (guest->set_clock)
        vs_engine_touch(engine, guest);
}

static void
set(VsEngine *engine, VsGuest *guest, const VsDescription *description, bool with_agent)
{
    VsDescription *its = &guest->description;

    if (!guest->reading.known || its->no_acpi != description->no_acpi ||
        its->on_poweroff != description->on_poweroff)
        vs_engine_changed(engine, guest);
    its->no_acpi = description->no_acpi;
    its->stays_crashed = description->stays_crashed;
    its->halt_shows = description->halt_shows;
    its->on_poweroff = description->on_poweroff;
    vs_engine_set_owner(engine, guest, description->owner);
    if (with_agent)
        set_agent(engine, guest, description->agent);
    guest->reading.known = true;
    g_clear_pointer(&guest->reading.why_not, g_free);
}

static void
ask(VsEngine *engine, VsGuest *guest)
{
    VsReading *reading = &guest->reading;

    vs_engine_do(engine, VS_ACTION_DESCRIBE, guest)->serial = engine->serial;
    reading->asked = engine->serial;
    reading->asked_at = engine->now.mono;
    reading->awaited = true;
    reading->again_at = VS_USEC_INFINITY;
    vs_engine_touch(engine, guest);
}

/* What was read before libvirt came back, and had had time to look for itself, may be old. */
static bool
is_old(const VsEngine *engine, const VsGuest *guest)
{
    const VsConnection *connection = vs_engine_connection_of(engine, guest);
    uint64_t asked = guest->reading.asked;

    return asked == 0 ||
           (connection && asked < MAX(connection->opened_step, connection->settled_step));
}

void
vs_description_found(VsEngine *engine, VsGuest *guest, const VsDomainInfo *info, bool looked_up)
{
    if (!is_alive(guest))
        return;
    if (info->described && !guest->reading.known)
        set(engine, guest, &info->description, guest->description.agent == VS_AGENT_UNKNOWN);
    else if (!info->described && !guest->reading.awaited && (looked_up || is_old(engine, guest)))
        ask(engine, guest);
}

void
vs_description_metadata(VsEngine *engine, const VsEvent *event)
{
    VsGuest *guest = vs_engine_get(engine, event->domain);

    if (guest && is_alive(guest))
        ask(engine, guest); /* an answer that is awaited may be older */
    else if (guest)
        vs_guest_labels_drop(engine, guest);
}

void
vs_description_agent(VsEngine *engine, VsGuest *guest, VsAgentState state)
{
    guest->reading.agent_told = engine->serial;
    set_agent(engine, guest, state);
}

static void
say_why_not(VsEngine *engine, VsGuest *guest, const char *why)
{
    g_autofree char *name = vs_text_quoted(guest->domain.name);
    VsReading *reading = &guest->reading;

    if (!reading->why_not)
        vs_engine_note(engine, guest, reading->known ? LOG_INFO : LOG_NOTICE,
                       _("%s: its XML could not be read: %s"), name, why);
    g_free(reading->why_not);
    reading->why_not = g_strdup(why);
    vs_engine_changed(engine, guest);
}

void
vs_description_take(VsEngine *engine, const VsEvent *event)
{
    VsGuest *guest = vs_engine_get(engine, event->domain);
    VsReading *reading = guest ? &guest->reading : NULL;

    if (!guest || !reading->awaited || reading->asked != event->described.serial ||
        !is_alive(guest))
        return;
    reading->awaited = false;
    if (event->described.description) {
        set(engine, guest, event->described.description, reading->agent_told <= reading->asked);
        if (event->described.labels)
            vs_guest_labels_take(engine, guest, event->described.labels);
        reading->pause = 0;
        vs_engine_unsaved(engine, guest);
    } else {
        g_autofree char *why = vs_text_printable(event->described.why);

        say_why_not(engine, guest, why);
        reading->pause = CLAMP(2 * reading->pause, RETRY_MIN, RETRY_MAX);
        reading->again_at = vs_later(engine->now.mono, reading->pause);
    }
}

void
vs_description_drop(VsGuest *guest)
{
    guest->reading.awaited = false;
    guest->reading.again_at = VS_USEC_INFINITY;
}

/* Of a run that begins just now libvirt is asked for the rest first. */
bool
vs_description_is_to_come(const VsGuest *guest)
{
    const VsReading *reading = &guest->reading;

    return reading->awaited || (!reading->known && reading->asked == 0);
}

int64_t
vs_description_patience_until(const VsGuest *guest)
{
    return vs_later(guest->reading.asked_at, AWAIT_SPAN);
}

/* Whether it may still say by which ladder the guest is to be stopped. */
static bool
may_have_ladder(const VsGuest *guest)
{
    return !guest->labels && guest->stop && guest->stop->by_policy && guest->stop->taken->len == 0;
}

int64_t
vs_description_awaited_until(const VsGuest *guest, VsMethod method)
{
    VsMethodWay way = vs_method_info(method)->way;
    bool may_help = way == VS_WAY_AGENT ? guest->description.agent != VS_AGENT_CONNECTED
                                        : way != VS_WAY_NONE && !guest->reading.known;

    if ((!may_help && !may_have_ladder(guest)) || !vs_description_is_to_come(guest))
        return 0;
    return vs_description_patience_until(guest);
}

bool
vs_description_is_missing(const VsGuest *guest, VsMethod method)
{
    return !guest->reading.known && vs_method_info(method)->way != VS_WAY_NONE;
}

void
vs_description_do_without(VsEngine *engine, VsGuest *guest)
{
    json_object *item;

    if (guest->reading.witnessed)
        return;
    guest->reading.witnessed = true;
    item = vs_evidence_new(engine->now.real, "domain-xml");
    vs_json_set_string(item, "event", "not read");
    if (guest->reading.why_not)
        vs_json_set_string(item, "error", guest->reading.why_not);
    vs_run_witness(guest->run, item);
}

static bool
is_overdue(const VsGuest *guest)
{
    return guest->reading.awaited && !guest->reading.why_not;
}

void
vs_description_move(VsEngine *engine, VsGuest *guest)
{
    if (!is_alive(guest) || engine->now.mono < vs_description_next_timer(guest))
        return;
    if (is_overdue(guest)) {
        g_autofree char *span = vs_span_say(PATIENCE);
        g_autofree char *why = g_strdup_printf(_("libvirt has not answered for %s"), span);

        say_why_not(engine, guest, why);
    } else {
        ask(engine, guest);
    }
}

int64_t
vs_description_next_timer(const VsGuest *guest)
{
    if (!is_alive(guest))
        return VS_USEC_INFINITY;
    if (guest->reading.awaited)
        return is_overdue(guest) ? vs_later(guest->reading.asked_at, PATIENCE) : VS_USEC_INFINITY;
    return guest->reading.again_at;
}

json_object *
vs_description_to_json(const VsGuest *guest)
{
    json_object *object;

    if (!guest->reading.known)
        return NULL;
    object = json_object_new_object();
    vs_json_set_string(object, "agent", vs_agent_state_name(guest->description.agent));
    vs_json_set_bool(object, "acpi", !guest->description.no_acpi);
    vs_json_set_bool(object, "stays_crashed", guest->description.stays_crashed);
    vs_json_set_bool(object, "halt_shows", guest->description.halt_shows);
    vs_json_set_string(object, "on_poweroff", vs_on_poweroff_name(guest->description.on_poweroff));
    vs_json_set(object, "labels", vs_labels_to_json(guest->labels));
    return object;
}

void
vs_description_from_json(VsGuest *guest, json_object *object)
{
    if (!object)
        return;
    guest->reading.known = true;
    guest->description = (VsDescription){
        .agent = vs_agent_state_parse(vs_json_string(object, "agent", "")),
        .no_acpi = !vs_json_bool(object, "acpi", true),
        .stays_crashed = vs_json_bool(object, "stays_crashed", false),
        .halt_shows = vs_json_bool(object, "halt_shows", false),
        .on_poweroff = vs_on_poweroff_parse(vs_json_string(object, "on_poweroff", "")),
    };
    vs_labels_unref(guest->labels);
    guest->labels = vs_labels_from_json(vs_json_object(object, "labels"));
}
