/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>

#include "daemon/recorder.h"
#include "vs-test.h"

/* What a daemon leaves behind when it ends; and what waits for what. */

#define UUID   "11111111-2222-4333-8444-555555555501"
#define FIRST  "0a1b2c3d-0000-4000-8000-000000000001"
#define SECOND "0a1b2c3d-0000-4000-8000-000000000002"

static const VsDomainId domain = {
    .uri = (char *)"test:///default", .name = (char *)"web", .uuid = {UUID}, .id = 3};

static bool recorded;

static void
note_recorded(const VsEvent *event, void *userdata)
{
    recorded |= event->type == VS_EVENT_RECORDED;
}

/* The state that was kept; where its run has its record, nothing. */
static bool
note_state(const VsEvent *event, GError **error, void *userdata)
{
    char **ret = userdata;

    if (event->type == VS_EVENT_TAKE_OVER && !event->take_over.record)
        *ret = g_strdup(event->take_over.state);
    return true;
}

static VsRecorder *
begin(char **ret_state)
{
    g_autoptr(VsConf) conf = vs_conf_new();
    g_autoptr(GError) error = NULL;
    VsRecorder *recorder = vs_recorder_open(conf, note_recorded, NULL, &error);

    g_assert_no_error(error);
    *ret_state = NULL;
    vs_recorder_take_over(recorder, note_state, ret_state);
    return recorder;
}

static char *
state_of(const char *id)
{
    return g_strdup_printf("{\"schema\":2,\"run\":{\"id\":\"%s\"}}", id);
}

static void
save(VsRecorder *recorder, const char *id)
{
    VsAction action = {.type = VS_ACTION_SAVE, .domain = domain, .text = state_of(id)};

    vs_recorder_save(recorder, &action);
    g_free(action.text);
}

static void
record(VsRecorder *recorder, const char *id)
{
    VsRecord stop = {.domain = domain, .evidence = json_object_new_array()};
    VsAction action = {.type = VS_ACTION_RECORD, .domain = domain, .record = &stop};

    g_strlcpy(stop.id.text, id, sizeof(stop.id.text));
    g_free(vs_recorder_record(recorder, &action));
    json_object_put(stop.evidence);
}

/* What is kept of a guest's next run waits for the record of the one before, at the end, too. */
static void
test_next_run(void)
{
    g_autofree char *state = NULL, *expected = state_of(SECOND);
    VsRecorder *recorder;

    g_setenv("STATE_DIRECTORY", vs_test_dir(), true);
    g_setenv("RUNTIME_DIRECTORY", vs_test_dir(), true);
    recorder = begin(&state);
    save(recorder, FIRST);
    record(recorder, FIRST);
    save(recorder, SECOND);
    vs_recorder_free(recorder);
    recorder = begin(&state);
    vs_recorder_free(recorder);
    g_assert_cmpstr(state, ==, expected);
}

static void
log_request(VsRecorder *recorder)
{
    VsRequestRecord request = {.domain = domain, .word = VS_REQUEST_JOINED, .id = {SECOND}};
    VsAction action = {.type = VS_ACTION_LOG_REQUEST, .domain = domain, .request = &request};

    vs_recorder_log_request(recorder, &action);
}

/* What fails is tried again every 5 s, which ends a wait in vain. */
static void
await_recorded(void)
{
    int64_t end = g_get_monotonic_time() + 30 * G_USEC_PER_SEC;

    while (!recorded && g_get_monotonic_time() < end)
        g_main_context_iteration(NULL, TRUE);
    g_assert_true(recorded);
}

/* Takes the place of requests.jsonl from the start, or @later. */
static void
check_requests_broken(bool later)
{
    g_autofree char *state = NULL;
    const char *directory = vs_test_dir();
    g_autofree char *path = g_build_filename(directory, "requests.jsonl", NULL);
    VsRecorder *recorder;

    g_setenv("STATE_DIRECTORY", directory, true);
    g_setenv("RUNTIME_DIRECTORY", vs_test_dir(), true);
    if (!later)
        g_assert_cmpint(g_mkdir(path, 0755), ==, 0);
    recorder = begin(&state);
    if (later) {
        g_assert_cmpint(g_unlink(path), ==, 0);
        g_assert_cmpint(g_mkdir(path, 0755), ==, 0);
    }
    recorded = false;
    log_request(recorder);
    record(recorder, FIRST);
    await_recorded();
    vs_recorder_free(recorder);
}

/* Nobody waits for what became of a request, where that can't be written. */
static void
test_requests_broken(void)
{
    check_requests_broken(true);
}

/* They can't be opened: the stops' records are kept all the same. */
static void
test_requests_not_there(void)
{
    check_requests_broken(false);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/recorder/next-run", test_next_run);
    g_test_add_func("/recorder/requests-broken", test_requests_broken);
    g_test_add_func("/recorder/requests-not-there", test_requests_not_there);
    return g_test_run();
}
