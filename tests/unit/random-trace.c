/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "random-world.h"
#include "util/json.h"

/* What the engine heard of one run of a guest, and what it made of it, as a recorded trace would
 * tell it (tests/traces/README.md), for a judge of its own: tests/oracle. A request has one key
 * more, "until": when it stops explaining a power-off. */

static json_object *
add_line(World *world, const char *source)
{
    json_object *line = json_object_new_object();

    json_object_object_add(line, "t", json_object_new_double((double)world->now.mono / 1e6));
    vs_json_set_string(line, "source", source);
    json_object_array_add(world->trace, line);
    return line;
}

static void
add_connection(World *world, bool open)
{
    vs_json_set_string(add_line(world, "connection"), "event", open ? "opened" : "closed");
}

static void
add_event(World *world, const VsEvent *event)
{
    json_object *line = add_line(world, event->type == VS_EVENT_QMP ? "qmp" : "libvirt");

    if (event->type == VS_EVENT_QMP) {
        vs_json_set_string(line, "event", event->qmp.event);
        json_object_object_add(line, "data",
                               event->qmp.details ? vs_json_parse_object(event->qmp.details, NULL)
                                                  : NULL);
    } else if (event->type == VS_EVENT_LIFECYCLE) {
        vs_json_set_string(line, "event", "lifecycle");
        vs_json_set_string(line, "type", vs_lifecycle_name(event->lifecycle.type));
        vs_json_set_string(
            line, "detail",
            vs_lifecycle_detail_name(event->lifecycle.type, event->lifecycle.detail));
    } else if (event->type == VS_EVENT_WATCHDOG) {
        vs_json_set_string(line, "event", "watchdog");
        vs_json_set_string(line, "action", vs_watchdog_name(event->watchdog.action));
    } else if (event->type == VS_EVENT_AGENT) {
        vs_json_set_string(line, "event", "agent-lifecycle");
        vs_json_set_string(line, "state", vs_agent_state_name(event->agent.state));
    } else {
        vs_json_set_string(line, "event", "reboot");
    }
}

static const SimGuest *
traced(const World *world)
{
    return &world->guests[world->traced];
}

static bool
is_of_traced(const World *world, const VsDomainId *domain)
{
    return domain && g_str_equal(domain->uuid.text, traced(world)->domain.uuid.text) &&
           traced(world)->runs->len == (unsigned)world->traced_run;
}

static const char *
flag_of(VsMethod method)
{
    return method == VS_METHOD_AGENT          ? "guest-agent"
           : method == VS_METHOD_POWER_BUTTON ? "acpi-power-button"
                                              : NULL;
}

/* A list tells that as well as libvirt's word for it. */
static bool
is_found_panicked(const World *world, const VsEvent *event)
{
    for (unsigned i = 0; event->type == VS_EVENT_LISTED && i < event->listed.n_domains; i++)
        if (event->listed.domains[i].state == VS_STATE_CRASHED &&
            is_of_traced(world, &event->listed.domains[i].domain))
            return true;
    return false;
}

static void
add_panic(World *world)
{
    json_object *line = add_line(world, "libvirt");

    vs_json_set_string(line, "event", "lifecycle");
    vs_json_set_string(line, "type", "crashed");
    vs_json_set_string(line, "detail", "panicked");
}

static void
add_log(World *world, char *const *lines)
{
    for (; lines && *lines; lines++)
        vs_json_set_string(add_line(world, "qemu-log"), "line", *lines);
}

static void
add_call(World *world, VsMethod method)
{
    bool asks = flag_of(method) != NULL;
    json_object *line;

    world->trace_method = asks || method == VS_METHOD_DESTROY ? (int)method : -1;
    if (world->trace_method < 0)
        return;
    line = add_line(world, "request");
    vs_json_set_string(line, "api", asks ? "virDomainShutdownFlags" : "virDomainDestroy");
    if (asks) {
        json_object *flags = json_object_new_array();

        json_object_array_add(flags, json_object_new_string(flag_of(method)));
        json_object_object_add(line, "flags", flags);
    }
}

/* It isn't made yet, or is made now. */
static void
hold_call(World *world, bool held)
{
    size_t i = json_object_array_length(world->trace);

    if (world->trace_method < 0)
        return;
    if (!held) {
        add_call(world, world->trace_method);
        return;
    }
    while (i > 0 && !g_str_equal(vs_json_string(json_object_array_get_idx(world->trace, i - 1),
                                                "source", ""),
                                 "request"))
        i--;
    if (i > 0)
        json_object_array_del_idx(world->trace, i - 1, 1);
}

static void
add_reply(World *world, const VsEvent *event)
{
    json_object *line;

    if (event->reply.lost || world->trace_method < 0)
        return;
    line = add_line(world, "reply");
    vs_json_set_string(line, "api",
                       world->trace_method == VS_METHOD_DESTROY ? "virDomainDestroy"
                                                                : "virDomainShutdownFlags");
    json_object_object_add(line, "ok", json_object_new_boolean(event->reply.ok));
    vs_json_set_int(line, "code", event->reply.code);
}

/* With that it begins. */
static bool
is_start(const VsEvent *event)
{
    return event->type == VS_EVENT_LIFECYCLE && event->lifecycle.type == VS_LIFECYCLE_STARTED;
}

void
trace_event(World *world, const VsEvent *event)
{
    if (!world->trace)
        return;
    if (event->type == VS_EVENT_CONNECTION && g_str_equal(event->uri, traced(world)->host->uri))
        add_connection(world, event->connection.open);
    else if (is_found_panicked(world, event))
        add_panic(world);
    else if (!is_of_traced(world, event->domain) || is_start(event))
        return;
    else if (event->type == VS_EVENT_LIFECYCLE || event->type == VS_EVENT_QMP ||
             event->type == VS_EVENT_REBOOT || event->type == VS_EVENT_AGENT ||
             event->type == VS_EVENT_WATCHDOG)
        add_event(world, event);
    else if (event->type == VS_EVENT_REPLY)
        add_reply(world, event);
    else if (event->type == VS_EVENT_CALL_HELD)
        hold_call(world, event->held.held);
    else if (event->type == VS_EVENT_LOG)
        add_log(world, event->log.lines);
}

void
trace_restart(World *world)
{
    if (world->trace)
        add_connection(world, false);
}

/* Until when the requests stand is known now. */
static void
add_until(World *world, const SimRun *run)
{
    for (size_t i = 0; i < json_object_array_length(world->trace); i++) {
        json_object *line = json_object_array_get_idx(world->trace, i);
        json_object *flags = vs_json_array(line, "flags");
        bool agent;

        if (!flags)
            continue;
        agent =
            g_str_equal(json_object_get_string(json_object_array_get_idx(flags, 0)), "guest-agent");
        json_object_object_add(
            line, "until",
            json_object_new_double((double)(agent ? run->agent_until : run->button_until) / 1e6));
    }
}

static json_object *
header_of(const World *world, const SimGuest *guest, const SimRun *run)
{
    json_object *header = json_object_new_object(), *state = json_object_new_array();
    g_autofree char *scenario = g_strdup_printf("random world %u", world->number);

    vs_json_set_string(header, "scenario", scenario);
    vs_json_set_string(header, "truth", vs_cause_name(run_really(run)));
    vs_json_set_string(header, "uri", "qemu:///system");
    json_object_array_add(state, json_object_new_int(VS_STATE_SHUTOFF));
    json_object_array_add(state, json_object_new_int(guest->reason));
    json_object_object_add(header, "final_state", guest->transient ? NULL : state);
    if (guest->transient)
        json_object_put(state);
    return header;
}

static void
add_record(World *world, const VsRecord *record)
{
    const SimGuest *guest = traced(world);
    const SimRun *run = guest->runs->pdata[world->traced_run - 1];
    json_object *whole = json_object_new_object(), *trace = json_object_new_array();
    json_object *records = json_object_new_array();

    add_until(world, run);
    json_object_array_add(trace, header_of(world, guest, run));
    for (size_t i = 0; i < json_object_array_length(world->trace); i++)
        json_object_array_add(trace, json_object_get(json_object_array_get_idx(world->trace, i)));
    json_object_array_add(records, vs_record_to_json(record, "boot"));
    json_object_object_add(whole, "trace", trace);
    json_object_object_add(whole, "records", records);
    g_free(world->history);
    world->history = g_strdup(vs_json_line(whole));
    json_object_put(whole);
    g_clear_pointer(&world->trace, json_object_put);
}

void
trace_action(World *world, const VsAction *action)
{
    if (!world->trace)
        return;
    if (action->type == VS_ACTION_RECORD && is_of_traced(world, &action->record->domain))
        add_record(world, action->record);
    else if (action->type == VS_ACTION_CALL && is_of_traced(world, &action->domain))
        add_call(world, action->method);
}

void
trace_want(World *world, int guest, int run)
{
    world->traced = guest - 1;
    world->traced_run = run;
}

void
trace_boot(World *world, const SimGuest *guest)
{
    if (world->traced_run == 0 || guest != traced(world) ||
        guest->runs->len != (unsigned)world->traced_run)
        return;
    world->trace = json_object_new_array();
    world->trace_method = -1;
}

void
trace_print(const World *world, FILE *file)
{
    g_autoptr(json_object) whole =
        world->history ? vs_json_parse_object(world->history, NULL) : NULL;
    json_object *trace = vs_json_array(whole, "trace");

    for (size_t i = 0; trace && i < json_object_array_length(trace); i++)
        fprintf(file, "%s\n", vs_json_line(json_object_array_get_idx(trace, i)));
}

void
trace_clear(World *world)
{
    g_clear_pointer(&world->trace, json_object_put);
    g_clear_pointer(&world->history, g_free);
}
