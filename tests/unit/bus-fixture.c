/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus-fixture.h"

#include <string.h>

#include "bus-client.h"
#include "core/origin.h"
#include "util/error.h"
#include "vs-test.h"

static VsDomainId
domain_id(const char *uri, const char *uuid, const char *name, int id)
{
    VsDomainId domain = {.uri = (char *)uri, .name = (char *)name, .id = id};

    g_strlcpy(domain.uuid.text, uuid, sizeof domain.uuid.text);
    return domain;
}

static void
note_request(BusFixture *fixture, const VsEvent *event)
{
    const VsRequester *by = NULL;

    fixture->last_type = event->type;
    fixture->n_requests++;
    if (event->type == VS_EVENT_STOP)
        by = event->stop.by;
    else if (event->type == VS_EVENT_EXTEND || event->type == VS_EVENT_EXTEND_ALL)
        by = event->extend.by;
    else if (event->type == VS_EVENT_STOP_ALL)
        by = event->stop_all.by;
    else if (event->type == VS_EVENT_HOST_SHUTDOWN)
        fixture->host_shutdown = event->host_shutdown.active;
    else
        by = event->by;
    if (by) {
        vs_requester_clear(&fixture->last_by);
        vs_requester_copy(&fixture->last_by, by);
    }
}

static bool take(BusFixture *fixture, const VsEvent *event, VsUuid *ret_stop, GError **error);

/* No libvirt has any domain but those that the engine was told of. */
static void
answer_find(BusFixture *fixture, const VsAction *action)
{
    VsEvent event = {.type = VS_EVENT_FOUND, .domain = &action->domain};

    event.found.serial = action->serial;
    take(fixture, &event, NULL, NULL);
}

/* Nobody is connected to libvirt. */
static void
answer_candidates(BusFixture *fixture, const VsAction *action)
{
    VsEvent event = {.type = VS_EVENT_CANDIDATES, .domain = &action->domain};

    take(fixture, &event, NULL, NULL);
}

static void
answer_action(BusFixture *fixture, const VsAction *action)
{
    if (action->type == VS_ACTION_FIND && !fixture->mute)
        answer_find(fixture, action);
    else if (action->type == VS_ACTION_ASK_CANDIDATES)
        answer_candidates(fixture, action);
}

/* All is on disk at once. */
static void
answer_written(BusFixture *fixture, const VsAction *action)
{
    VsEvent event = {.type = VS_EVENT_WRITTEN};

    if (action->type != VS_ACTION_KEEP_HOST_STOPS)
        event.domain = &action->domain;
    if (action->type == VS_ACTION_RECORD) {
        event.type = VS_EVENT_RECORDED;
        event.recorded.id = action->record->id;
    } else if (action->type == VS_ACTION_SAVE || action->type == VS_ACTION_KEEP_HOST_STOPS) {
        event.written.serial = action->serial;
    } else {
        return;
    }
    take(fixture, &event, NULL, NULL);
}

static bool
take(BusFixture *fixture, const VsEvent *event, VsUuid *ret_stop, GError **error)
{
    g_autoptr(GPtrArray) actions = vs_actions_new();
    VsUuid stop = {0};

    if (!vs_engine_step(fixture->engine, event, fixture->now, actions, error))
        return false;
    for (unsigned i = 0; i < actions->len; i++) {
        VsAction *action = actions->pdata[i];

        if (action->type == VS_ACTION_STOP_FINISHED)
            stop = action->stop;
        if (fixture->bus)
            vs_bus_tell(fixture->bus, action);
    }
    if (fixture->bus)
        vs_bus_tell_host_stops(fixture->bus);
    for (unsigned i = 0; i < actions->len; i++)
        answer_written(fixture, actions->pdata[i]);
    for (unsigned i = 0; i < actions->len; i++)
        answer_action(fixture, actions->pdata[i]);
    if (ret_stop && stop.text[0] == '\0')
        stop =
            vs_engine_find(fixture->engine, event->domain->uri, event->domain->uuid.text)->stop->id;
    if (ret_stop)
        *ret_stop = stop;
    return true;
}

static bool
op_request(const VsEvent *event, VsUuid *ret_stop, GError **error, void *userdata)
{
    BusFixture *fixture = userdata;

    if (event->type != VS_EVENT_INQUIRE)
        note_request(fixture, event);
    return take(fixture, event, event->type == VS_EVENT_STOP ? ret_stop : NULL, error);
}

/* Answers are given on threads; the fixture waits for them meanwhile, and does nothing else. */
static void *
op_view(bool guests, void *userdata)
{
    BusFixture *fixture = userdata;

    g_usleep(fixture->view_span);
    return fixture;
}

static void
op_view_free(void *view)
{
}

static GPtrArray *
newest_that_fit(const GPtrArray *records, size_t max_size)
{
    GPtrArray *newest = g_ptr_array_new_with_free_func(g_free);

    for (unsigned i = records->len; i > 0; i--) {
        const char *record = records->pdata[i - 1];

        if (max_size < strlen(record) + 8)
            break;
        max_size -= strlen(record) + 8;
        g_ptr_array_insert(newest, 0, g_strdup(record));
    }
    return newest;
}

static bool
wait_while_held(BusFixture *fixture, const gint *dropped, GError **error)
{
    if (!g_atomic_int_get(&fixture->hold))
        return true;
    g_atomic_int_inc(&fixture->n_held);
    while (g_atomic_int_get(&fixture->hold) && !g_atomic_int_get(dropped))
        g_usleep(1000); /* as a disk that takes long */
    if (!g_atomic_int_get(dropped))
        return true;
    g_atomic_int_inc(&fixture->n_dropped);
    g_set_error(error, VS_ERROR, VS_ERROR_FAILED, "nobody waits");
    return false;
}

static GPtrArray *
op_history(void *view, const VsBusHistory *wanted, const gint *dropped, GError **error)
{
    BusFixture *fixture = view;

    if (!wait_while_held(fixture, dropped, error))
        return NULL;
    g_free(fixture->history_domain);
    fixture->history_domain = g_strdup(wanted->domain);
    fixture->history_limit = wanted->limit;
    if (!fixture->records)
        g_set_error(error, VS_ERROR, VS_ERROR_IO, "stops.jsonl can't be read");
    return fixture->records ? newest_that_fit(fixture->records, wanted->max_size) : NULL;
}

static void
note_option(GString *queries, const char *name, const char *value)
{
    if (value)
        g_string_append_printf(queries, "%s=%s ", name, value);
}

static void
note_number(GString *queries, const char *name, int64_t value)
{
    if (value != 0)
        g_string_append_printf(queries, "%s=%" G_GINT64_FORMAT " ", name, value);
}

static void
note_query(GString *queries, const VsRecordQuery *query)
{
    note_option(queries, "uri", query->uri);
    note_option(queries, "domain", query->domain);
    note_option(queries, "stop", query->stop);
    note_option(queries, "host_stop", query->host_stop);
    note_option(queries, "cause", query->cause);
    note_number(queries, "since", query->since);
    note_number(queries, "until", query->until);
    note_number(queries, "limit", query->limit);
    note_option(queries, "after", query->after);
    g_string_append_c(queries, '\n');
}

/* Pages of at most @page_size; a mark is how many of the oldest are left. */
static GPtrArray *
op_records(void *view, const VsRecordQuery *query, char **ret_mark, GError **error)
{
    BusFixture *fixture = view;
    unsigned limit = query->limit > 0 ? MIN(query->limit, fixture->page_size) : fixture->page_size;
    const GPtrArray *lines = query->requests ? fixture->requests : fixture->records;
    g_auto(VsRecordMatch) match = {0};
    GPtrArray *page;
    unsigned left;

    note_query(fixture->queries, query);
    if (!fixture->records || (fixture->gone && g_strcmp0(query->after, fixture->gone) == 0)) {
        g_set_error(error, VS_ERROR, fixture->records ? VS_ERROR_MARK_GONE : VS_ERROR_IO,
                    fixture->records ? "it was rotated away" : "stops.jsonl can't be read");
        return NULL;
    }
    page = g_ptr_array_new_with_free_func(g_free);
    vs_record_match_init(&match, query);
    left = query->after && *query->after ? (unsigned)atoi(query->after) : lines->len;
    for (; left > 0 && page->len < limit; left--) {
        const char *line = lines->pdata[left - 1];

        if (vs_record_match_line(&match, line, strlen(line)))
            g_ptr_array_insert(page, 0, g_strdup(line));
    }
    *ret_mark = left > 0 ? g_strdup_printf("%u", left) : g_strdup("");
    return page;
}

static bool
op_reload(GError **error, void *userdata)
{
    BusFixture *fixture = userdata;

    fixture->n_reloads++;
    if (fixture->fail_reload)
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID, "%s", fixture->fail_reload);
    return !fixture->fail_reload;
}

static bool
op_revive(const char *host_stop, GError **error, void *userdata)
{
    BusFixture *fixture = userdata;

    fixture->n_revivals++;
    g_free(fixture->revived);
    fixture->revived = g_strdup(host_stop);
    return true;
}

/* As vs_plan_make() has it. */
static char *
op_plan(void *view, int64_t budget, const VsPart *part, const gint *dropped, GError **error)
{
    BusFixture *fixture = view;

    fixture->plan_budget = budget;
    g_free(fixture->plan_part);
    fixture->plan_part = vs_part_format(part);
    if (fixture->plan)
        return g_strdup(fixture->plan);
    return g_strdup(
        "{\"total_ms\":3000,\"worst_ms\":18000,\"budget_ms\":40000,\"guests\":[{\"name\":"
        "\"web1\",\"uri\":\"" TEST_URI "\",\"priority\":0,\"start_ms\":0,\"took_ms\":3000,"
        "\"worst_ms\":18000,\"forced\":false,\"outcome\":\"clean\",\"waits_for\":null,"
        "\"steps\":[{\"method\":\"power-button\",\"start_ms\":0,\"took_ms\":3000,"
        "\"result\":\"went down\"}]}]}");
}

static void
free_finding(gpointer data)
{
    vs_finding_free(data);
}

static GPtrArray *
op_check(void *view, const gint *dropped)
{
    BusFixture *fixture = view;
    GPtrArray *findings = g_ptr_array_new_with_free_func(free_finding);

    for (unsigned i = 0; i < fixture->n_findings; i++) {
        const VsFinding *found = &fixture->findings[i];
        VsFinding *finding = vs_finding_new(found->kind, &found->domain);

        finding->took = found->took;
        finding->given = found->given;
        finding->on_poweroff = found->on_poweroff;
        finding->message = g_strdup(found->message);
        g_ptr_array_add(findings, finding);
    }
    return findings;
}

static void
op_read_labels(const VsDomainId *domain, bool trusted, VsBusLabelled answer, void *to,
               void *userdata)
{
    BusFixture *fixture = userdata;

    fixture->answer = answer;
    fixture->answer_to = to;
    fixture->n_labellings++;
    if (fixture->answers_labels)
        answer(NULL, NULL, to);
}

static void
op_set_policy(const VsDomainId *domain, char *const *changes, bool replace, VsBusLabelled answer,
              void *to, void *userdata)
{
    BusFixture *fixture = userdata;
    g_autofree char *list = g_strjoinv("|", (char **)changes);

    g_free(fixture->changes);
    fixture->changes = g_strconcat(replace ? "only " : "", list, NULL);
    op_read_labels(domain, true, answer, to, userdata);
}

static GPtrArray *
op_explain(const VsDomainId *domain, const VsLabels *labels, void *userdata)
{
    VsPolicy policy;
    GPtrArray *lines;

    vs_policy_init(&policy);
    lines = vs_policy_explain(&policy, domain, labels);
    vs_policy_clear(&policy);
    return lines;
}

static const VsBusOps ops = {
    .read_labels = op_read_labels,
    .set_policy = op_set_policy,
    .explain = op_explain,
    .view = op_view,
    .view_free = op_view_free,
    .check = op_check,
    .request = op_request,
    .history = op_history,
    .records = op_records,
    .reload = op_reload,
    .restore = op_revive,
    .plan = op_plan,
};

bool
bus_fixture_step(BusFixture *fixture, const VsEvent *event, GError **error)
{
    fixture->now.mono += 1000;
    fixture->now.real += 1000;
    return take(fixture, event, NULL, error);
}

static void
step(BusFixture *fixture, const VsEvent *event)
{
    g_autoptr(GError) error = NULL;

    bus_fixture_step(fixture, event, &error);
    g_assert_no_error(error);
}

void
bus_fixture_lifecycle(BusFixture *fixture, const char *uuid, const char *name, int type, int detail)
{
    VsDomainId domain = domain_id(TEST_URI, uuid, name, type == VS_LIFECYCLE_STOPPED ? -1 : 1);
    VsEvent event = {.type = VS_EVENT_LIFECYCLE, .domain = &domain};

    event.lifecycle.type = type;
    event.lifecycle.detail = detail;
    step(fixture, &event);
}

void
bus_fixture_end_guest(BusFixture *fixture, const char *uuid, const char *name, int detail)
{
    VsDomainId domain = domain_id(TEST_URI, uuid, name, -1);
    VsEvent no_log = {.type = VS_EVENT_LOG, .domain = &domain};

    bus_fixture_lifecycle(fixture, uuid, name, VS_LIFECYCLE_STOPPED, detail);
    step(fixture, &no_log);
}

void
bus_fixture_add_guest(BusFixture *fixture, const char *uri, const char *uuid, const char *name,
                      int id)
{
    VsDomainId domain = domain_id(uri, uuid, name, id);
    VsEvent event = {.type = VS_EVENT_LIFECYCLE, .domain = &domain};

    event.lifecycle.type = VS_LIFECYCLE_STARTED;
    step(fixture, &event);
}

static void
connect_libvirt(BusFixture *fixture)
{
    VsDomainInfo domains[] = {
        {domain_id(TEST_URI, WEB1_UUID, "web1", 1),
         VS_STATE_RUNNING,
         0,
         true,
         true,
         {VS_AGENT_CONNECTED, false, VS_ON_POWEROFF_DESTROY}},
        {domain_id(TEST_URI, DB1_UUID, "db1", 2),
         VS_STATE_RUNNING,
         0,
         false,
         true,
         {VS_AGENT_NONE, true, VS_ON_POWEROFF_RESTART}},
    };
    VsEvent event = {.type = VS_EVENT_CONNECTION, .uri = TEST_URI, .connection.open = true};
    g_autoptr(GPtrArray) actions = vs_actions_new();
    uint64_t serial = 0;

    g_assert_true(vs_engine_step(fixture->engine, &event, fixture->now, actions, NULL));
    for (unsigned i = 0; i < actions->len; i++) {
        const VsAction *action = actions->pdata[i];
        if (action->type == VS_ACTION_LIST)
            serial = action->serial;
    }
    event = (VsEvent){.type = VS_EVENT_LISTED, .uri = TEST_URI};
    event.listed.domains = domains;
    event.listed.n_domains = G_N_ELEMENTS(domains);
    event.listed.serial = serial;
    step(fixture, &event);
}

static void
free_message(gpointer message)
{
    sd_bus_message_unref(message);
}

bool
bus_fixture_set_up_bus(BusFixture *fixture)
{
    static const uint8_t seed[16] = "bus-fixture-seed";
    VsPolicy policy;

    memset(fixture, 0, sizeof *fixture);
    fixture->daemon = vs_private_bus_new();
    if (!fixture->daemon) {
        g_test_skip("dbus-daemon isn't installed");
        return false;
    }
    vs_policy_init(&policy);
    fixture->engine = vs_engine_new(seed, &policy);
    vs_policy_clear(&policy);
    fixture->now = (VsTime){.mono = INT64_C(1000000000), .real = INT64_C(1800000000000000)};
    fixture->signals = g_ptr_array_new_with_free_func(free_message);
    fixture->records = g_ptr_array_new_with_free_func(g_free);
    fixture->requests = g_ptr_array_new_with_free_func(g_free);
    fixture->page_size = 1000;
    fixture->queries = g_string_new(NULL);
    connect_libvirt(fixture);
    return true;
}

void
bus_fixture_start(BusFixture *fixture)
{
    static const char *const uris[] = {TEST_URI, OTHER_URI, NULL};
    VsBusConfig config = {
        .uris = uris, .over_span = fixture->over_span, .polkit_span = fixture->polkit_span};
    g_autoptr(GError) error = NULL;

    fixture->bus = vs_bus_new(&config, fixture->engine, &ops, fixture);
    vs_bus_start(fixture->bus, &error);
    g_assert_no_error(error);
}

bool
bus_fixture_set_up(BusFixture *fixture)
{
    if (!bus_fixture_set_up_bus(fixture))
        return false;
    bus_fixture_start(fixture);
    bus_fixture_connect_client(fixture);
    return true;
}

void
bus_fixture_tear_down(BusFixture *fixture)
{
    if (!fixture->daemon)
        return;
    g_ptr_array_unref(fixture->signals);
    g_clear_pointer(&fixture->records, g_ptr_array_unref);
    g_clear_pointer(&fixture->requests, g_ptr_array_unref);
    bus_fixture_disconnect_client(fixture);
    g_clear_pointer(&fixture->bus, vs_bus_free);
    g_clear_pointer(&fixture->engine, vs_engine_free);
    vs_requester_clear(&fixture->last_by);
    g_free(fixture->plan_part);
    g_free(fixture->revived);
    g_free(fixture->changes);
    g_free(fixture->history_domain);
    g_string_free(fixture->queries, TRUE);
    vs_private_bus_free(fixture->daemon);
}
