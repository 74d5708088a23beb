/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/qmp-events.h"

#include <string.h>

#include "engine/auto-shutdown.h"
#include "engine/event-guest.h"
#include "engine/run-candidates.h"
#include "util/span.h"
#include "util/text.h"

/* "guest" came with QEMU 2.10, "reason" with 4.0; what a newer QEMU may say is judged by "guest"
 * alone, and is not exact. */
static VsShutdownReason
shutdown_reason(json_object *data, bool *ret_exact)
{
    static const struct {
        const char *name;
        VsShutdownReason reason;
    } reasons[] = {
        {"guest-shutdown", VS_SHUTDOWN_REASON_GUEST},
        {"guest-reset", VS_SHUTDOWN_REASON_GUEST_RESET},
        {"host-qmp-system-reset", VS_SHUTDOWN_REASON_GUEST_RESET},
        {"subsystem-reset", VS_SHUTDOWN_REASON_GUEST_RESET},
        {"guest-panic", VS_SHUTDOWN_REASON_GUEST_PANIC},
        {"host-signal", VS_SHUTDOWN_REASON_HOST_SIGNAL},
        {"host-qmp-quit", VS_SHUTDOWN_REASON_HOST_QUIT},
        {"host-ui", VS_SHUTDOWN_REASON_HOST_QUIT},
        {"host-error", VS_SHUTDOWN_REASON_HOST_ERROR},
    };
    const char *name = vs_json_string(data, "reason", "");

    *ret_exact = true;
    for (size_t i = 0; i < G_N_ELEMENTS(reasons); i++) {
        if (g_str_equal(reasons[i].name, name))
            return reasons[i].reason;
    }
    *ret_exact = false;
    if (vs_json_bool(data, "guest", false))
        return VS_SHUTDOWN_REASON_GUEST;
    return vs_json_bool(data, "guest", true) ? VS_SHUTDOWN_REASON_NONE : VS_SHUTDOWN_REASON_HOST;
}

static void
on_shutdown(VsEngine *engine, VsGuest *guest, json_object *data, int64_t at)
{
    bool exact;
    VsShutdownReason reason = shutdown_reason(data, &exact);

    if (reason == VS_SHUTDOWN_REASON_GUEST)
        vs_run_was_down(guest->run, at, engine->now.mono);
    if (reason != VS_SHUTDOWN_REASON_NONE)
        vs_run_shutdown(guest->run, reason, exact, engine->now.mono);
    if (guest->run->shutdown == VS_SHUTDOWN_REASON_HOST_SIGNAL ||
        guest->run->shutdown == VS_SHUTDOWN_REASON_HOST)
        vs_run_candidates_ask(engine, guest);
}

/* Between our call of the power button and QEMU's word that it was pressed: the first that comes,
 * which may be late as any event, and what another of our presses may add to it. */
#define PRESS_ECHO      (10 * VS_USEC_PER_SEC)
#define PRESS_ECHO_MORE (2 * VS_USEC_PER_SEC)

/* QEMU's word has another clock. */
#define CLOCK_SLOP (100 * VS_USEC_PER_MSEC)

static bool
is_echo(const VsAsked *button, int64_t now)
{
    return button->by == VS_ASKED_BY_US &&
           now - button->at < (button->heard == VS_HEARD_YES ? PRESS_ECHO_MORE : PRESS_ECHO);
}

/* Somebody else pressed. */
static VsAsked
press_by_others(VsEngine *engine, VsGuest *guest, int64_t at)
{
    return (VsAsked){
        .by = vs_auto_shutdown_who(engine, guest),
        .heard = VS_HEARD_YES,
        .at = at,
        .expires = vs_later(engine->now.mono, VS_RUN_ASK_WINDOW),
    };
}

/* ... before we had begun to: else it may be the word of any of our presses. */
static bool
is_before_ours(const VsAsked *button, int64_t at)
{
    return button->by == VS_ASKED_BY_US && button->heard != VS_HEARD_YES &&
           at < button->first - CLOCK_SLOP;
}

static void
on_powerdown(VsEngine *engine, VsGuest *guest, json_object *data, int64_t at)
{
    VsAsked *button = &guest->run->button;
    VsAsked before = *button;

    vs_run_press_told(guest->run);
    if (is_before_ours(button, at)) {
        guest->run->others = press_by_others(engine, guest, at);
        return;
    }
    if (guest->stop)
        vs_stop_may_have_got_through_late(guest->stop, guest->run, engine->now);
    if (is_echo(button, engine->now.mono)) {
        button->heard = VS_HEARD_YES; /* whatever becomes of libvirt's answer */
        if (guest->stop)              /* else it was called off meanwhile */
            button->doubtful = false;
        return;
    }
    *button = press_by_others(engine, guest, at);
    if (before.by == VS_ASKED_BY_NOBODY)
        return;
    /* Where we had, too, ours goes on to count as long as it would have. */
    button->by = MAX(button->by, before.by);
    button->first = before.first;
    button->expires = MAX(button->expires, before.expires);
}

/* Told late: it is no answer to what was asked since, and nothing stood that we had asked before.
 */
static bool
is_reset_before(const VsRun *run, int64_t at)
{
    const VsAsked *requests[] = {&run->agent, &run->button, &run->request};
    bool since = false;

    for (size_t i = 0; i < G_N_ELEMENTS(requests); i++) {
        if (at < requests[i]->first - CLOCK_SLOP)
            since = true;
        else if (vs_asked_by_us(requests[i], at))
            return false;
    }
    return since && run->shutdown == VS_SHUTDOWN_REASON_NONE;
}

static void
on_reset(VsEngine *engine, VsGuest *guest, json_object *data, int64_t at)
{
    if (is_reset_before(guest->run, at)) {
        vs_run_was_reset(guest->run, at);
        return;
    }
    /* Before QEMU 4.0 only "guest" was told. */
    vs_run_rebooted(guest->run, vs_json_bool(data, "guest", false), engine->now.mono);
}

static void
on_resume(VsEngine *engine, VsGuest *guest, json_object *data, int64_t at)
{
    vs_circumstances_resumed(&guest->run->circumstances, engine->now.mono);
    vs_run_resumed(guest->run, engine->now.mono);
}

static void
on_port(VsEngine *engine, VsGuest *guest, json_object *data, int64_t at)
{
    if (!vs_json_bool(data, "open", true))
        vs_run_port_closed(guest->run, engine->now.mono);
}

static void
on_panicked(VsEngine *engine, VsGuest *guest, json_object *data, int64_t at)
{
    const char *action = vs_json_string(data, "action", "");

    guest->run->lives_on = g_str_equal(action, "run");
    guest->run->held = g_str_equal(action, "pause") || g_str_equal(action, "poweroff");
    if (!guest->run->lives_on)
        vs_run_panicked(guest->run, engine->now.mono);
}

static void
on_watchdog(VsEngine *engine, VsGuest *guest, json_object *data, int64_t at)
{
    int action = VS_WATCHDOG_NONE;

    vs_watchdog_parse(vs_json_string(data, "action", ""), &action);
    vs_run_watchdog(guest->run, action, engine->now.mono);
}

static void
on_io_error(VsEngine *engine, VsGuest *guest, json_object *data, int64_t at)
{
    /* "report" and "ignore" don't pause it. */
    if (g_str_equal(vs_json_string(data, "action", ""), "stop"))
        vs_circumstances_io_error(&guest->run->circumstances, vs_json_string(data, "reason", NULL),
                                  engine->now.real, engine->now.mono);
}

static void
on_suspend_disk(VsEngine *engine, VsGuest *guest, json_object *data, int64_t at)
{
    vs_circumstances_hibernates(&guest->run->circumstances);
}

static const struct {
    const char *event;
    /* @at: monotonic µs, when QEMU told it. NULL: evidence only. */
    void (*handle)(VsEngine *engine, VsGuest *guest, json_object *data, int64_t at);
} qmp_events[] = {
    {"SHUTDOWN", on_shutdown},
    {"POWERDOWN", on_powerdown},
    {"RESET", on_reset},
    {"RESUME", on_resume},
    {"GUEST_PANICKED", on_panicked},
    {"WATCHDOG", on_watchdog},
    {"GUEST_CRASHLOADED", NULL},
    {"STOP", NULL},
    {"BLOCK_IO_ERROR", on_io_error},
    {"SUSPEND", NULL},
    {"SUSPEND_DISK", on_suspend_disk},
    {"WAKEUP", NULL},
    {"MIGRATION", NULL},
    {"VSERPORT_CHANGE", on_port},
    {"DUMP_COMPLETED", NULL},
};

/* So much later it comes at most: what is older, or isn't yet, is the clock's doing, and another
 * host has another. */
#define LATE_MAX (60 * VS_USEC_PER_SEC)

static int64_t
told_at(const VsEngine *engine, const VsEvent *event)
{
    int64_t late = engine->now.real - event->qmp.time;
    bool known = event->qmp.time > 0 && vs_domain_uri_is_local(event->domain->uri);

    return known && late > 0 && late < LATE_MAX ? engine->now.mono - late : engine->now.mono;
}

/* Nothing that is meant to be read is so long: it isn't, but its start is evidence. */
static json_object *
read_details(const char *details)
{
    g_autofree char *start = NULL;

    if (!details)
        return NULL;
    if (strnlen(details, VS_EVENT_MAX_TEXT + 1) <= VS_EVENT_MAX_TEXT)
        return vs_json_parse_object(details, NULL);
    start = vs_text_cut(details, VS_EVENT_MAX_TEXT);
    return json_object_new_string(start);
}

void
vs_qmp_events_take(VsEngine *engine, const VsEvent *event)
{
    for (size_t i = 0; i < G_N_ELEMENTS(qmp_events); i++) {
        g_autoptr(json_object) data = NULL; /* of its own: the item may be cut */
        json_object *item;
        VsGuest *guest;

        if (!g_str_equal(qmp_events[i].event, event->qmp.event))
            continue;
        guest = vs_event_guest(engine, event);
        if (!guest)
            return;
        data = read_details(event->qmp.details);
        item = vs_evidence_new(engine->now.real, "qmp");
        vs_json_set_string(item, "event", event->qmp.event);
        vs_json_set(item, "data", json_object_get(data));
        vs_run_witness(guest->run, item);
        guest->run->has_qmp = true;
        if (qmp_events[i].handle)
            qmp_events[i].handle(engine, guest, data, told_at(engine, event));
        return;
    }
}
