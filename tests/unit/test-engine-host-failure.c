/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine-lab.h"

#include <string.h>

#include "engine/noted.h"
#include "util/json.h"
#include "util/wallclock.h"
#include "vs-test.h"

/* Which guests run is noted, and what becomes of that when the host is up again. */

#define BOOT "0b0074aa-0000-4000-8000-000000000001"
#define RUN                                                                                        \
    "\"id\":\"" BOOT "\",\"uri\":\"" LAB_URI "\",\"uuid\":\"" LAB_UUID                             \
    "\",\"name\":\"a\",\"domain_id\":1"

static bool
take_over(Lab *lab, const char *text, bool same_boot, GHashTable *unrecorded, GError **error)
{
    VsEvent event = {.type = VS_EVENT_TAKE_OVER_NOTED};
    g_autoptr(GHashTable) all = text && !unrecorded ? vs_noted_ids(text) : NULL;

    event.noted.text = text;
    event.noted.same_boot = same_boot;
    event.noted.unrecorded = unrecorded ? unrecorded : all;
    return lab_step(lab, &event, error);
}

/* A daemon that begins to note, on a host where nothing was. */
static void
begin(Lab *lab)
{
    VsConnection *connection;

    vs_engine_watch(lab->engine, LAB_URI, lab->now);
    g_assert_true(take_over(lab, NULL, false, NULL, NULL));
    connection = g_hash_table_lookup(lab->engine->connections, LAB_URI);
    g_assert_nonnull(connection);
    g_assert_cmpuint(lab->n_noted, ==, 0);
}

static json_object *
runs_of(const char *text)
{
    g_autoptr(json_object) object = text ? vs_json_parse_object(text, NULL) : NULL;

    return json_object_get(vs_json_array(object, "runs"));
}

static void
expect_noted(Lab *lab, unsigned n)
{
    g_autoptr(json_object) runs = runs_of(lab->noted);

    g_assert_cmpuint(runs ? json_object_array_length(runs) : 0, ==, n);
}

/* As it is found on disk: with its boot, as whoever writes it adds. */
static char *
on_disk(const Lab *lab)
{
    g_autoptr(json_object) object = vs_json_parse_object(lab->noted, NULL);

    vs_json_set_string(object, "boot_id", BOOT);
    return g_strdup(vs_json_line(object));
}

/* The host fails, and is up again after that much; nothing is left in memory, or in /run. */
static void
fail(Lab *lab, int64_t pause)
{
    vs_engine_free(lab->engine);
    lab->seed[0]++;
    lab->engine = vs_engine_new(lab->seed, &lab->policy);
    lab->connected = false;
    lab->guest.state = VS_STATE_SHUTOFF;
    lab->guest.domain.id = -1;
    g_clear_pointer(&lab->saved, g_free);
    lab->now = (VsTime){.mono = 20 * SEC, .real = lab->now.real + pause};
    vs_engine_watch(lab->engine, LAB_URI, lab->now);
}

static void
answer_boot(Lab *lab, VsHostEnd end)
{
    VsEvent event = {.type = VS_EVENT_BOOT_ENDED, .boot_ended.end = end};

    g_assert_cmpstr(lab->asked_boot, ==, BOOT);
    event.boot_ended.id = lab->asked_boot;
    lab_step(lab, &event, NULL);
}

/* Its journal breaks off @before the present, and the host is up since @back before that. */
static VsHostEnd
broken_off(const Lab *lab, int64_t before, int64_t back)
{
    return (VsHostEnd){
        .traced = true, .last = lab->now.real - before, .back = lab->now.real - back};
}

/* A guest runs, and is noted. */
static void
run(Lab *lab)
{
    begin(lab);
    lab_run_guest(lab);
    lab_pass(lab, 20 * SEC);
    expect_noted(lab, 1);
}

static void
test_changes(Lab *lab, const void *data)
{
    unsigned n;

    run(lab);
    n = lab->n_noted;
    lab_pass(lab, 3600 * SEC);
    g_assert_cmpuint(lab->n_noted, ==, n); /* never for the time alone */
    lab_power_off(lab);
    g_assert_cmpuint(lab->records->len, ==, 1);
    g_assert_cmpuint(lab->n_noted, ==, n); /* its record tells that, too: it has time */
    lab_pass(lab, 2 * SEC);
    g_assert_null(lab->noted);
    lab_boot(lab);
    expect_noted(lab, 1);
}

/* A record that isn't on disk: without the note nothing would be left of that run. */
static void
test_record_fails(Lab *lab, const void *data)
{
    VsEvent recorded = {.type = VS_EVENT_RECORDED, .domain = &lab->guest.domain};

    run(lab);
    lab->disk_fails = "the disk is full";
    lab_power_off(lab);
    lab_pass(lab, 60 * SEC);
    expect_noted(lab, 1);
    lab->disk_fails = NULL;
    recorded.recorded.id = lab->recorded;
    lab_step(lab, &recorded, NULL);
    lab_pass(lab, 2 * SEC);
    g_assert_null(lab->noted);
}

/* However much happens while it is being written, it is written once more. */
static void
test_disk_hangs(Lab *lab, const void *data)
{
    begin(lab);
    lab->noted_hangs = true;
    for (int i = 0; i < 10; i++) {
        lab_boot(lab);
        lab_power_off(lab);
    }
    lab_boot(lab);
    g_assert_cmpuint(lab->n_noted, ==, 1);
    lab->noted_hangs = false;
    lab_step(lab, &(VsEvent){.type = VS_EVENT_NOTED, .noted_kept.why = "full"}, NULL);
    g_assert_cmpuint(lab->n_noted, ==, 1); /* the writer tries that again */
    lab_step(lab, &(VsEvent){.type = VS_EVENT_NOTED}, NULL);
    g_assert_cmpuint(lab->n_noted, ==, 2);
    expect_noted(lab, 1);
}

static void
test_elsewhere(Lab *lab, const void *data)
{
    begin(lab);
    g_free(lab->guest.domain.uri);
    lab->guest.domain.uri = g_strdup("qemu+ssh://other/system");
    lab_boot(lab);
    lab_pass(lab, 60 * SEC);
    g_assert_cmpuint(lab->n_noted, ==, 0);
}

static void
test_certain(Lab *lab, const void *data)
{
    g_autofree char *text = NULL;
    const VsRecord *record;
    int64_t failed;
    VsUuid run_id;

    run(lab);
    run_id = lab_guest(lab)->run->id;
    lab_pass(lab, 3600 * SEC);
    failed = lab->now.real;
    text = on_disk(lab);
    fail(lab, 240 * SEC);
    g_assert_true(take_over(lab, text, false, NULL, NULL));
    lab_expect_no_record(lab);
    answer_boot(lab, broken_off(lab, 241 * SEC, 20 * SEC));
    lab_expect_record(lab, VS_CAUSE_HOST_FAILURE, VS_CONFIDENCE_CERTAIN);
    record = lab_last_record(lab);
    g_assert_cmpstr(record->id.text, ==, run_id.text);
    g_assert_cmpstr(record->boot_id, ==, BOOT);
    g_assert_cmpint(record->verdict.clean, ==, VS_CLEAN_NO);
    g_assert_cmpint(record->time, ==, failed - SEC);
    g_assert_cmpint(record->window.from, ==, record->time);
    g_assert_cmpint(record->window.until, ==, failed + 220 * SEC);
    g_assert_false(record->host_shutdown);
    lab_pass(lab, 3600 * SEC);
    g_assert_null(lab->noted);
    g_assert_cmpuint(lab->records->len, ==, 1);
}

/* It runs again before the boot before is known: its new run has nothing to do with it. */
static void
test_runs_again(Lab *lab, const void *data)
{
    g_autofree char *text = NULL;

    run(lab);
    text = on_disk(lab);
    fail(lab, 240 * SEC);
    g_assert_true(take_over(lab, text, false, NULL, NULL));
    lab_run_guest(lab);
    expect_noted(lab, 1);
    answer_boot(lab, broken_off(lab, 300 * SEC, 20 * SEC));
    lab_expect_record(lab, VS_CAUSE_HOST_FAILURE, VS_CONFIDENCE_CERTAIN);
    expect_noted(lab, 1);
    lab_power_off(lab);
    g_assert_cmpuint(lab->records->len, ==, 2);
    lab_pass(lab, 2 * SEC);
    g_assert_null(lab->noted);
}

/* Killed between two records: the one that is there isn't made again. */
static void
test_recorded(Lab *lab, const void *data)
{
    g_autoptr(GHashTable) none = g_hash_table_new(g_str_hash, g_str_equal);
    g_autofree char *text = NULL;

    run(lab);
    text = on_disk(lab);
    fail(lab, 240 * SEC);
    g_assert_true(take_over(lab, text, false, none, NULL));
    g_assert_null(lab->asked_boot);
    lab_pass(lab, 3600 * SEC);
    g_assert_null(lab->noted);
    lab_expect_no_record(lab);
}

/* The disk takes no record: what was noted of the boot before stays, over the next one, too. */
static void
test_twice(Lab *lab, const void *data)
{
    g_autofree char *text = NULL, *again = NULL;

    run(lab);
    text = on_disk(lab);
    fail(lab, 240 * SEC);
    lab->disk_fails = "the disk is full";
    g_assert_true(take_over(lab, text, false, NULL, NULL));
    answer_boot(lab, broken_off(lab, 300 * SEC, 20 * SEC));
    g_assert_cmpuint(lab->records->len, ==, 1);
    g_assert_nonnull(strstr(lab->noted, BOOT));
    again = on_disk(lab);
    lab->disk_fails = NULL;
    fail(lab, 240 * SEC);
    g_assert_true(take_over(lab, again, false, NULL, NULL));
    answer_boot(lab, broken_off(lab, 540 * SEC, 260 * SEC));
    g_assert_cmpuint(lab->records->len, ==, 2);
    g_assert_cmpstr(((VsRecord *)lab->records->pdata[0])->id.text, ==,
                    lab_last_record(lab)->id.text);
    lab_pass(lab, 2 * SEC);
    g_assert_null(lab->noted);
}

/* The journal's disk hangs: it is done without. */
static void
test_no_answer(Lab *lab, const void *data)
{
    g_autofree char *text = NULL;

    run(lab);
    text = on_disk(lab);
    fail(lab, 240 * SEC);
    g_assert_true(take_over(lab, text, false, NULL, NULL));
    lab_pass(lab, 59 * SEC);
    lab_expect_no_record(lab);
    lab_pass(lab, 1 * SEC);
    lab_expect_record(lab, VS_CAUSE_HOST_FAILURE, VS_CONFIDENCE_LIKELY);
    answer_boot(lab, broken_off(lab, 300 * SEC, 20 * SEC));
    g_assert_cmpuint(lab->records->len, ==, 1);
    lab_pass(lab, 2 * SEC);
    g_assert_cmpint(vs_engine_next_timer(lab->engine), ==, INT64_MAX);
}

/* It ended just before the host did, and its record is in the journal alone: it is taken from
 * there.
 */
static void
test_in_journal(Lab *lab, const void *data)
{
    g_autoptr(GHashTable) records = g_hash_table_new(g_str_hash, g_str_equal);
    VsEvent event = {.type = VS_EVENT_BOOT_ENDED, .boot_ended.records = records};
    g_autofree char *text = NULL, *id = NULL;

    run(lab);
    id = g_strdup(lab_guest(lab)->run->id.text);
    g_hash_table_insert(records, id, (char *)"{\"id\":\"that\"}");
    text = on_disk(lab);
    fail(lab, 240 * SEC);
    g_assert_true(take_over(lab, text, false, NULL, NULL));
    event.boot_ended.id = lab->asked_boot;
    event.boot_ended.end = broken_off(lab, 300 * SEC, 20 * SEC);
    lab_step(lab, &event, NULL);
    lab_expect_no_record(lab);
    g_assert_cmpstr(lab->recovered, ==, "{\"id\":\"that\"}");
    lab_pass(lab, 3600 * SEC);
    g_assert_null(lab->noted);
}

/* A copy that was put back: since it was made the guest has run, and stopped, in a later boot. */
static void
test_outdated(Lab *lab, const void *data)
{
    g_autoptr(GHashTable) latest = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    VsEvent event = {.type = VS_EVENT_TAKE_OVER_NOTED, .noted.latest = latest};
    g_autofree char *text = NULL;
    int64_t stopped;

    run(lab);
    stopped = lab->now.real + 100 * SEC;
    text = on_disk(lab);
    fail(lab, 240 * SEC);
    g_hash_table_insert(latest, vs_domain_key(LAB_URI, LAB_UUID), &stopped);
    event.noted.text = text;
    g_assert_true(lab_step(lab, &event, NULL));
    g_assert_null(lab->asked_boot);
    lab_pass(lab, 3600 * SEC);
    lab_expect_no_record(lab);
    g_assert_null(lab->noted);
}

static void
test_copied(Lab *lab, const void *data)
{
    VsEvent event = {.type = VS_EVENT_TAKE_OVER_NOTED};
    g_autofree char *text = NULL;

    run(lab);
    text = on_disk(lab);
    fail(lab, 240 * SEC);
    event.noted.text = text;
    event.noted.changed_at = lab->now.real;
    g_assert_true(lab_step(lab, &event, NULL));
    answer_boot(lab, (VsHostEnd){.back = lab->now.real});
    lab_expect_record(lab, VS_CAUSE_UNKNOWN, VS_CONFIDENCE_UNKNOWN);
}

static void
test_farewell(Lab *lab, const void *data)
{
    g_autofree char *text = NULL;
    int64_t ended;

    run(lab);
    lab->noted_hangs = true;
    ended = lab->now.real;
    lab_step(lab, &(VsEvent){.type = VS_EVENT_FAREWELL}, NULL);
    text = on_disk(lab);
    lab->noted_hangs = false;
    fail(lab, 7200 * SEC);
    g_assert_true(take_over(lab, text, false, NULL, NULL));
    answer_boot(lab, broken_off(lab, 300 * SEC, 20 * SEC));
    lab_expect_record(lab, VS_CAUSE_HOST_FAILURE, VS_CONFIDENCE_LIKELY);
    g_assert_cmpint(lab_last_record(lab)->window.from, ==, ended);
}

static void
test_going_down(Lab *lab, const void *data)
{
    VsEvent event = {.type = VS_EVENT_HOST_SHUTDOWN, .host_shutdown.active = true};
    g_autofree char *text = NULL;

    run(lab);
    lab_step(lab, &event, NULL);
    lab_step(lab, &(VsEvent){.type = VS_EVENT_FAREWELL}, NULL);
    text = on_disk(lab);
    fail(lab, 240 * SEC);
    g_assert_true(take_over(lab, text, false, NULL, NULL));
    answer_boot(lab, (VsHostEnd){.back = lab->now.real});
    lab_expect_record(lab, VS_CAUSE_UNKNOWN, VS_CONFIDENCE_UNKNOWN);
    g_assert_true(lab_last_record(lab)->host_shutdown);
}

/* libvirt was away as the host failed. */
static void
test_unwatched(Lab *lab, const void *data)
{
    g_autofree char *text = NULL;
    int64_t closed;

    run(lab);
    lab_close(lab);
    closed = lab->now.real;
    lab_pass(lab, 600 * SEC);
    text = on_disk(lab);
    fail(lab, 240 * SEC);
    g_assert_true(take_over(lab, text, false, NULL, NULL));
    answer_boot(lab, broken_off(lab, 241 * SEC, 20 * SEC));
    lab_expect_record(lab, VS_CAUSE_HOST_FAILURE, VS_CONFIDENCE_LIKELY);
    g_assert_cmpint(lab_last_record(lab)->window.from, ==, closed);
}

/* The daemon alone ended, and what was kept in /run is lost: a run that libvirt doesn't have any
 * more is noted no longer, and the host did not fail. */
static void
test_same_boot(Lab *lab, const void *data)
{
    g_autofree char *text = NULL;

    run(lab);
    text = on_disk(lab);
    fail(lab, 5 * SEC);
    g_assert_true(take_over(lab, text, true, NULL, NULL));
    expect_noted(lab, 1);
    g_assert_null(lab->asked_boot);
    lab_connect(lab);
    lab_pass(lab, 20 * SEC);
    g_assert_null(lab->noted);
    lab_expect_no_record(lab);
}

static void
test_same_run(Lab *lab, const void *data)
{
    g_autofree char *text = NULL;

    run(lab);
    text = on_disk(lab);
    lab_restart(lab, SEC);
    vs_engine_watch(lab->engine, LAB_URI, lab->now);
    g_assert_true(take_over(lab, text, true, NULL, NULL));
    lab_connect(lab);
    lab_pass(lab, 20 * SEC);
    expect_noted(lab, 1);
    lab_be_destroyed(lab);
    lab_pass(lab, 2 * SEC);
    g_assert_null(lab->noted);
    g_assert_cmpuint(lab->records->len, ==, 1);
}

static void
ask_to_stop(Lab *lab, VsEventType type)
{
    VsRequester by = {.uid = 0, .user = (char *)"root", .unit = (char *)"ups.service"};
    VsEvent event = {.type = type, .domain = &lab->guest.domain};

    if (type == VS_EVENT_STOP) {
        event.stop.ladder = "power-button:20s destroy";
        event.stop.reason = "on battery";
        event.stop.by = &by;
    } else {
        event.domain = NULL;
        event.stop_all.by = &by;
        event.stop_all.reason = "on battery";
        event.stop_all.shutdown = true;
        event.stop_all.kind = VS_HOST_KIND_POWEROFF;
    }
    g_assert_true(lab_step(lab, &event, NULL));
}

/* Its record says who had asked for the stop that was in flight, and not how that came out. */
static void
expect_asked(Lab *lab, int64_t asked_at)
{
    json_object *request = lab_last_record(lab)->request, *item;
    g_autoptr(json_object) line = vs_record_to_json(lab_last_record(lab), BOOT);
    int64_t at;

    g_assert_nonnull(request);
    g_assert_true(vs_uuid_is_valid(vs_json_string(request, "stop", "")));
    g_assert_cmpstr(vs_json_string(vs_json_object(request, "by"), "unit", ""), ==, "ups.service");
    g_assert_cmpstr(vs_json_string(request, "reason", ""), ==, "on battery");
    g_assert_cmpstr(vs_json_string(request, "outcome", ""), ==, "unknown");
    g_assert_cmpuint(json_object_array_length(vs_json_array(request, "steps")), ==, 0);
    item = json_object_array_get_idx(vs_json_array(line, "evidence"), 0);
    g_assert_cmpstr(vs_json_string(item, "event", ""), ==, "a stop was asked for");
    g_assert_true(vs_wallclock_parse(vs_json_string(item, "time", ""), &at, NULL));
    g_assert_cmpint(at, ==, asked_at);
    g_assert_cmpint(lab_last_record(lab)->took, ==, lab_last_record(lab)->time - asked_at);
}

/* Another boot, in which nothing is left but what is noted. */
static void
boot_again(Lab *lab)
{
    g_autofree char *text = on_disk(lab);

    fail(lab, 240 * SEC);
    g_assert_true(take_over(lab, text, false, NULL, NULL));
    answer_boot(lab, broken_off(lab, 241 * SEC, 20 * SEC));
}

/* A stop in flight costs one write, whatever becomes of its steps. */
static void
test_in_flight(Lab *lab, const void *data)
{
    int64_t asked_at;
    unsigned n;

    run(lab);
    n = lab->n_noted;
    asked_at = lab->now.real;
    ask_to_stop(lab, VS_EVENT_STOP);
    g_assert_cmpuint(lab->n_noted, ==, n + 1);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass(lab, 20 * SEC);
    lab_expect_call(lab, VS_METHOD_DESTROY);
    g_assert_cmpuint(lab->n_noted, ==, n + 1);
    boot_again(lab);
    lab_expect_record(lab, VS_CAUSE_HOST_FAILURE, VS_CONFIDENCE_CERTAIN);
    expect_asked(lab, asked_at);
    g_assert_cmpstr(lab_last_record(lab)->host_stop.text, ==, "");
}

/* Its turn in a stop of all comes later, and it begins only then: that is no reason to write. */
static void
test_turn_comes(Lab *lab, const void *data)
{
    int64_t asked_at;
    unsigned n;

    run(lab);
    ask_to_stop(lab, VS_EVENT_STOP);
    n = lab->n_noted;
    asked_at = lab->now.real + SEC;
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_guest(lab)->stop->asked_real = asked_at;
    lab_pause(lab, true);
    g_assert_cmpuint(lab->n_noted, ==, n);
    lab_pass(lab, 10 * SEC);
    g_assert_cmpuint(lab->n_noted, ==, n + 1);
    boot_again(lab);
    lab_expect_record(lab, VS_CAUSE_HOST_FAILURE, VS_CONFIDENCE_CERTAIN);
    expect_asked(lab, asked_at);
}

static void
test_in_host_stop(Lab *lab, const void *data)
{
    g_autoptr(json_object) line = NULL;
    VsUuid id;
    int64_t asked_at;
    unsigned n;

    run(lab);
    n = lab->n_noted;
    asked_at = lab->now.real;
    ask_to_stop(lab, VS_EVENT_STOP_ALL);
    g_assert_cmpuint(lab->n_noted, ==, n + 1);
    id = lab_guest(lab)->stop->host_stop;
    lab_pass(lab, 10 * SEC);
    boot_again(lab);
    lab_expect_record(lab, VS_CAUSE_HOST_FAILURE, VS_CONFIDENCE_CERTAIN);
    expect_asked(lab, asked_at);
    line = vs_record_to_json(lab_last_record(lab), BOOT);
    g_assert_cmpstr(vs_json_string(vs_json_object(line, "host_stop"), "id", ""), ==, id.text);
    g_assert_cmpstr(vs_json_string(vs_json_object(line, "host_stop"), "kind", ""), ==, "poweroff");
}

/* It goes on after a restart of virtstopd, and with the boot after a boot whose record the disk
 * didn't take. */
static void
test_in_flight_kept(Lab *lab, const void *data)
{
    g_autofree char *text = NULL;
    int64_t asked_at;

    run(lab);
    asked_at = lab->now.real;
    ask_to_stop(lab, VS_EVENT_STOP);
    text = on_disk(lab);
    lab_restart(lab, SEC);
    vs_engine_watch(lab->engine, LAB_URI, lab->now);
    g_assert_true(take_over(lab, text, true, NULL, NULL));
    lab_connect(lab);
    lab_pass(lab, 5 * SEC);
    lab->disk_fails = "the disk is full";
    boot_again(lab);
    expect_asked(lab, asked_at);
    lab->disk_fails = NULL;
    boot_again(lab);
    g_assert_cmpuint(lab->records->len, ==, 2);
    expect_asked(lab, asked_at);
}

/* What was called off has been told of, and the guest was not on its way down any more. */
static void
test_called_off(Lab *lab, const void *data)
{
    run(lab);
    ask_to_stop(lab, VS_EVENT_STOP);
    g_assert_true(lab_request(lab, VS_EVENT_CANCEL, NULL));
    lab_pass(lab, 2 * SEC);
    boot_again(lab);
    lab_expect_record(lab, VS_CAUSE_HOST_FAILURE, VS_CONFIDENCE_CERTAIN);
    g_assert_null(lab_last_record(lab)->request);
}

#define ASKED_AT ",\"stop\":{\"request\":{\"stop\":\"" BOOT "\"},\"asked_at\":"

static void
test_damaged(Lab *lab, const void *data)
{
    static const char *const bad[] = {
        "",
        "[]",
        "{}",
        "{\"schema\":2,\"runs\":[]}",
        "{\"schema\":1,\"runs\":{}}",
        "{\"schema\":1,\"runs\":[3]}",
        "{\"schema\":1,\"runs\":[{\"id\":\"x\"}]}",
        "{\"schema\":1,\"runs\":[],\"past\":[{\"runs\":[{}]}]}",
        "{\"schema\":1,\"runs\":[],\"past\":7}",
        "{\"schema\":1,\"runs\":[{" RUN ",\"stop\":{}}]}",
        "{\"schema\":1,\"runs\":[{" RUN
        ",\"stop\":{\"request\":{\"stop\":\"x\"},\"asked_at\":1}}]}",
        "{\"schema\":1,\"runs\":[{" RUN ",\"stop\":{\"request\":{\"stop\":\"" BOOT "\"}}}]}",
        "{\"schema\":1,\"runs\":[{" RUN ASKED_AT "0}}]}",
        "{\"schema\":1,\"runs\":[{" RUN ASKED_AT "-9223372036854775808}}]}",
        "{\"schema\":1,\"runs\":[{" RUN ASKED_AT "253402300800000000}}]}",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;

        g_test_message("%s", bad[i]);
        g_assert_false(take_over(lab, bad[i], false, NULL, &error));
        g_assert_nonnull(error);
    }
    lab_expect_no_record(lab);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    lab_add("/host-failure/changes", test_changes);
    lab_add("/host-failure/record-fails", test_record_fails);
    lab_add("/host-failure/disk-hangs", test_disk_hangs);
    lab_add("/host-failure/elsewhere", test_elsewhere);
    lab_add("/host-failure/certain", test_certain);
    lab_add("/host-failure/runs-again", test_runs_again);
    lab_add("/host-failure/recorded", test_recorded);
    lab_add("/host-failure/twice", test_twice);
    lab_add("/host-failure/no-answer", test_no_answer);
    lab_add("/host-failure/in-journal", test_in_journal);
    lab_add("/host-failure/outdated", test_outdated);
    lab_add("/host-failure/copied", test_copied);
    lab_add("/host-failure/farewell", test_farewell);
    lab_add("/host-failure/going-down", test_going_down);
    lab_add("/host-failure/unwatched", test_unwatched);
    lab_add("/host-failure/same-boot", test_same_boot);
    lab_add("/host-failure/same-run", test_same_run);
    lab_add("/host-failure/in-flight", test_in_flight);
    lab_add("/host-failure/in-flight/turn-comes", test_turn_comes);
    lab_add("/host-failure/in-flight/host-stop", test_in_host_stop);
    lab_add("/host-failure/in-flight/kept", test_in_flight_kept);
    lab_add("/host-failure/in-flight/called-off", test_called_off);
    lab_add("/host-failure/damaged", test_damaged);
    return g_test_run();
}
