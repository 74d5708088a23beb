/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"

#include <string.h>

#include "engine/engine.h"
#include "util/json.h"
#include "util/span.h"

/* Any text as the run state that a daemon left behind: it is refused, or the stop in it goes on,
 * whatever it says, until the guest is off and its record is made. */

const char *const vs_fuzz_corpus[] = {"tests/fuzz/corpus/take-over", NULL};

#define MAX_TIMERS 200
#define SEC        VS_USEC_PER_SEC

typedef struct Daemon {
    VsEngine *engine;
    VsDomainId domain;
    VsDomainInfo info;
    VsTime now;
    uint64_t list, call;
    unsigned n_records;
} Daemon;

static void
note_record(Daemon *daemon, const VsRecord *record)
{
    g_autoptr(json_object) object = vs_record_to_json(record, "boot");
    g_autoptr(json_object) again = vs_json_parse_object(vs_json_line(object), NULL);

    g_assert_nonnull(again);
    g_assert_cmpuint(strlen(vs_json_line(record->evidence)), <=, VS_EVIDENCE_MAX_LIST + 2);
    g_assert_cmpint(record->took, >=, 0);
    daemon->n_records++;
}

static bool step(Daemon *daemon, const VsEvent *event);

static void
answer_written(Daemon *daemon, const VsAction *action)
{
    VsEvent written = {.type = VS_EVENT_WRITTEN, .written.serial = action->serial};

    written.domain = action->type == VS_ACTION_SAVE ? &action->domain : NULL;
    step(daemon, &written);
}

static bool
step(Daemon *daemon, const VsEvent *event)
{
    g_autoptr(GPtrArray) actions = vs_actions_new();
    bool ok = vs_engine_step(daemon->engine, event, daemon->now, actions, NULL);

    for (unsigned i = 0; i < actions->len; i++) {
        const VsAction *action = actions->pdata[i];

        if (action->type == VS_ACTION_LIST)
            daemon->list = action->serial;
        else if (action->type == VS_ACTION_CALL)
            daemon->call = action->call;
        else if (action->type == VS_ACTION_RECORD)
            note_record(daemon, action->record);
    }
    for (unsigned i = 0; i < actions->len; i++) {
        const VsAction *action = actions->pdata[i];

        if (action->type == VS_ACTION_SAVE || action->type == VS_ACTION_KEEP_HOST_STOPS)
            answer_written(daemon, action);
    }
    return ok;
}

static void
pass(Daemon *daemon, int64_t span)
{
    VsEvent timer = {.type = VS_EVENT_TIMER};
    int64_t until = daemon->now.mono + span, next;

    for (int i = 0; (next = vs_engine_next_timer(daemon->engine)) <= until; i++) {
        g_assert_cmpint(i, <, MAX_TIMERS);
        daemon->now.mono = MAX(next, daemon->now.mono);
        step(daemon, &timer);
    }
    daemon->now.real += span;
    daemon->now.mono = until;
}

static void
connect_and_list(Daemon *daemon)
{
    VsEvent open = {
        .type = VS_EVENT_CONNECTION, .uri = daemon->domain.uri, .connection.open = true};
    VsEvent listed = {.type = VS_EVENT_LISTED, .uri = daemon->domain.uri};

    step(daemon, &open);
    for (int i = 0; i < 5; i++) {
        listed.listed.domains = &daemon->info;
        listed.listed.n_domains = 1;
        listed.listed.serial = daemon->list;
        step(daemon, &listed);
        pass(daemon, 4 * SEC);
    }
}

static void
reply(Daemon *daemon, bool ok, int code)
{
    VsEvent event = {.type = VS_EVENT_REPLY, .domain = &daemon->domain};

    event.reply.call = daemon->call;
    event.reply.ok = ok;
    event.reply.code = code;
    step(daemon, &event);
}

static void
tell(Daemon *daemon, const char *qmp)
{
    VsEvent event = {.type = VS_EVENT_QMP, .domain = &daemon->domain, .qmp.event = qmp};

    event.qmp.details = "{\"guest\":true,\"reason\":\"guest-shutdown\"}";
    step(daemon, &event);
}

static void
end(Daemon *daemon)
{
    VsEvent stopped = {.type = VS_EVENT_LIFECYCLE, .domain = &daemon->domain};
    VsEvent log = {.type = VS_EVENT_LOG, .domain = &daemon->domain};

    stopped.lifecycle.type = VS_LIFECYCLE_STOPPED;
    step(daemon, &stopped);
    step(daemon, &log);
    pass(daemon, 20 * SEC);
}

static void
go_on(Daemon *daemon)
{
    connect_and_list(daemon);
    reply(daemon, false, VS_LIBVIRT_OPERATION_TIMEOUT);
    pass(daemon, 30 * SEC);
    tell(daemon, "RESET");
    pass(daemon, 300 * SEC);
    reply(daemon, true, 0);
    pass(daemon, 300 * SEC);
    tell(daemon, "SHUTDOWN");
    end(daemon);
}

/* The same text as what is kept of host stops: they end, whatever it says. */
static void
take_over_host_stops(const uint8_t seed[16], const VsPolicy *policy, const char *text)
{
    Daemon daemon = {.now = {.mono = 5000 * SEC, .real = INT64_C(1795000000) * SEC}};
    VsEvent event = {.type = VS_EVENT_TAKE_OVER_HOST_STOPS, .host_stops.text = text};
    VsEvent cancel = {.type = VS_EVENT_CANCEL_ALL};

    daemon.engine = vs_engine_new(seed, policy);
    daemon.domain = (VsDomainId){.uri = (char *)"test:///", .name = (char *)"web1", .id = 1};
    daemon.domain.uuid = vs_uuid_derive(seed, 1);
    daemon.info = (VsDomainInfo){.domain = daemon.domain, .state = VS_STATE_RUNNING};
    event.host_stops.same_boot = true;
    if (step(&daemon, &event)) {
        connect_and_list(&daemon);
        pass(&daemon, 300 * SEC);
        step(&daemon, &cancel);
        g_assert_false(vs_engine_is_stopping_all(daemon.engine));
    }
    vs_engine_free(daemon.engine);
}

/* ... and as what is noted of the guests that run: of this boot, and of one that is over. Nobody
 * answers how that ended. */
static void
take_over_noted(const uint8_t seed[16], const VsPolicy *policy, const char *text, bool same_boot)
{
    Daemon daemon = {.now = {.mono = 5000 * SEC, .real = INT64_C(1795000000) * SEC}};
    VsEvent event = {.type = VS_EVENT_TAKE_OVER_NOTED, .noted.text = text};

    daemon.engine = vs_engine_new(seed, policy);
    daemon.domain = (VsDomainId){.uri = (char *)"test:///", .name = (char *)"web1", .id = 1};
    daemon.domain.uuid = vs_uuid_derive(seed, 1);
    daemon.info = (VsDomainInfo){.domain = daemon.domain, .state = VS_STATE_RUNNING};
    event.noted.same_boot = same_boot;
    event.noted.changed_at = daemon.now.real;
    vs_engine_watch(daemon.engine, daemon.domain.uri, daemon.now);
    if (step(&daemon, &event)) {
        connect_and_list(&daemon);
        pass(&daemon, 300 * SEC);
    }
    vs_engine_free(daemon.engine);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t seed[16] = "fuzz";
    g_autofree char *text = g_strndup((const char *)data, MIN(size, VS_FUZZ_MAX_SIZE));
    VsEvent event = {.type = VS_EVENT_TAKE_OVER, .take_over.state = text};
    Daemon daemon = {.now = {.mono = 5000 * SEC, .real = INT64_C(1795000000) * SEC}};
    VsPolicy policy;

    vs_policy_init(&policy);
    take_over_host_stops(seed, &policy, text);
    take_over_noted(seed, &policy, text, true);
    take_over_noted(seed, &policy, text, false);
    daemon.engine = vs_engine_new(seed, &policy);
    vs_policy_clear(&policy);
    daemon.domain = (VsDomainId){.uri = (char *)"test:///", .name = (char *)"web1", .id = 1};
    daemon.domain.uuid = vs_uuid_derive(seed, 1);
    daemon.info = (VsDomainInfo){.domain = daemon.domain, .state = VS_STATE_RUNNING};
    event.domain = &daemon.domain;
    if (step(&daemon, &event)) {
        const VsGuest *guest =
            vs_engine_find(daemon.engine, daemon.domain.uri, daemon.domain.uuid.text);
        unsigned n_runs = guest && vs_run_is_over(guest->run) ? 2 : 1; /* that one, and one anew */

        go_on(&daemon);
        g_assert_cmpuint(daemon.n_records, ==, n_runs);
    }
    vs_engine_free(daemon.engine);
    return 0;
}
