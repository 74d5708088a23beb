/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/candidates.h"
#include "engine-lab.h"
#include "util/json.h"
#include "util/wallclock.h"
#include "vs-test.h"

/* Who may have had libvirt end a guest, where we didn't: asked for as its process ends, and told in
 * the record. */

#define VIRSH     "[{\"pid\":4711,\"uid\":1000,\"user\":\"alice\",\"comm\":\"virsh\"}]"
#define GUEST_OFF "{\"guest\":true,\"reason\":\"guest-shutdown\"}"
#define SIGNALLED "{\"guest\":false,\"reason\":\"host-signal\"}"
#define BUTTON    "power-button:120s destroy"

static void
end_process(Lab *lab)
{
    VsEvent event = {.type = VS_EVENT_PROCESS, .domain = &lab->guest.domain};

    event.process.end.fate = VS_FATE_EXITED;
    lab_step(lab, &event, NULL);
}

static void
end(Lab *lab, int detail)
{
    lab->guest.state = VS_STATE_SHUTOFF;
    lab_lifecycle(lab, VS_LIFECYCLE_STOPPED, detail);
}

/* As libvirt does it: its own signal is told of when all is over. */
static void
be_ended(Lab *lab, int detail)
{
    end_process(lab);
    lab_pass(lab, SEC / 5);
    lab_qmp(lab, "SHUTDOWN", SIGNALLED);
    end(lab, detail);
}

static void
expect_candidates(Lab *lab, const char *text)
{
    json_object *told = lab_last_record(lab)->candidates;

    g_assert_cmpstr(told ? vs_json_line(told) : NULL, ==, text);
}

static void
test_destroyed(Lab *lab, const void *data)
{
    lab->candidates = VIRSH;
    lab_run_guest(lab);
    be_ended(lab, VS_STOPPED_DESTROYED);
    lab_expect_record(lab, VS_CAUSE_DESTROYED, VS_CONFIDENCE_CERTAIN);
    expect_candidates(lab, VIRSH);
    g_assert_cmpuint(lab->n_candidates, ==, 1);
}

/* Their callers wait, too. */
static void
test_saved(Lab *lab, const void *data)
{
    lab->candidates = VIRSH;
    lab_run_guest(lab);
    be_ended(lab, VS_STOPPED_SAVED);
    lab_expect_record(lab, VS_CAUSE_SAVED, VS_CONFIDENCE_CERTAIN);
    expect_candidates(lab, VIRSH);
}

/* While we ask the guest somebody else may have it ended. */
static void
test_in_a_stop(Lab *lab, const void *data)
{
    lab->candidates = VIRSH;
    lab_run_guest(lab);
    lab_stop(lab, BUTTON);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    be_ended(lab, VS_STOPPED_DESTROYED);
    lab_expect_record(lab, VS_CAUSE_DESTROYED, VS_CONFIDENCE_CERTAIN);
    expect_candidates(lab, VIRSH);
}

static void
test_ours(Lab *lab, const void *data)
{
    uint64_t call;

    lab->candidates = VIRSH;
    lab_run_guest(lab);
    lab_stop(lab, "destroy");
    call = lab_expect_call(lab, VS_METHOD_DESTROY);
    be_ended(lab, VS_STOPPED_DESTROYED);
    lab_reply_ok(lab, call);
    lab_expect_record(lab, VS_CAUSE_DESTROYED, VS_CONFIDENCE_CERTAIN);
    expect_candidates(lab, NULL);
    g_assert_cmpuint(lab->n_candidates, ==, 0);
}

static void
test_our_save(Lab *lab, const void *data)
{
    uint64_t call;

    lab->candidates = VIRSH;
    lab_run_guest(lab);
    lab_stop(lab, "save");
    call = lab_expect_call(lab, VS_METHOD_SAVE);
    be_ended(lab, VS_STOPPED_SAVED);
    lab_reply_ok(lab, call);
    lab_expect_record(lab, VS_CAUSE_SAVED, VS_CONFIDENCE_CERTAIN);
    expect_candidates(lab, NULL);
    g_assert_cmpuint(lab->n_candidates, ==, 0);
}

/* Nobody had libvirt do that. */
static void
test_powered_off(Lab *lab, const void *data)
{
    lab->candidates = VIRSH;
    lab_run_guest(lab);
    lab_qmp(lab, "SHUTDOWN", GUEST_OFF);
    end_process(lab);
    end(lab, VS_STOPPED_SHUTDOWN);
    g_assert_cmpuint(lab->n_candidates, ==, 0);
    expect_candidates(lab, NULL);
}

/* As libvirt tells at once of a signal that isn't its own. */
static void
test_signal(Lab *lab, const void *data)
{
    lab->candidates = VIRSH;
    lab_run_guest(lab);
    lab_qmp(lab, "SHUTDOWN", SIGNALLED);
    end_process(lab);
    end(lab, VS_STOPPED_SHUTDOWN);
    lab_expect_record(lab, VS_CAUSE_HOST_SIGNAL, VS_CONFIDENCE_CERTAIN);
    g_assert_cmpuint(lab->n_candidates, ==, 1);
    expect_candidates(lab, NULL);
}

/* Many end guests then. */
static void
test_host_goes_down(Lab *lab, const void *data)
{
    VsEvent event = {.type = VS_EVENT_HOST_SHUTDOWN, .host_shutdown.active = true};

    lab->candidates = VIRSH;
    lab_run_guest(lab);
    lab_step(lab, &event, NULL);
    be_ended(lab, VS_STOPPED_DESTROYED);
    g_assert_cmpuint(lab->n_candidates, ==, 0);
}

/* The record waits for the answer, but not for long. */
static void
test_unanswered(Lab *lab, const void *data)
{
    lab->candidates_hang = true;
    lab_run_guest(lab);
    be_ended(lab, VS_STOPPED_DESTROYED);
    lab_expect_no_record(lab);
    lab_pass(lab, 2 * SEC);
    lab_expect_record(lab, VS_CAUSE_DESTROYED, VS_CONFIDENCE_CERTAIN);
    expect_candidates(lab, NULL);
}

static void
answer_as_of(Lab *lab, int64_t at)
{
    VsEvent event = {.type = VS_EVENT_CANDIDATES, .domain = &lab->guest.domain};
    g_autoptr(json_object) list = json_tokener_parse(VIRSH);

    event.candidates.list = list;
    event.candidates.at = at;
    lab_step(lab, &event, NULL);
}

static char *
log_line(const Lab *lab, const char *reason)
{
    g_autofree char *time = vs_wallclock_format(lab->now.real);

    return g_strdup_printf("%s: shutting down, reason=%s", time, reason);
}

/* An answer that comes late is as good as when it was found out; whoever is there when the guest is
 * off already has not waited for it. */
static void
answer_late(Lab *lab, bool before)
{
    int64_t began;

    lab->candidates_hang = true;
    lab_run_guest(lab);
    began = lab->now.mono;
    be_ended(lab, VS_STOPPED_DESTROYED);
    lab_pass(lab, SEC / 2);
    lab_expect_no_record(lab);
    answer_as_of(lab, before ? began + SEC / 10 : lab->now.mono);
    lab_expect_record(lab, VS_CAUSE_DESTROYED, VS_CONFIDENCE_CERTAIN);
    expect_candidates(lab, before ? VIRSH : NULL);
}

/* libvirt's log is as good as its clock, and isn't told late. */
static void
test_logged(Lab *lab, const void *data)
{
    char *log[2] = {NULL};

    lab->candidates_hang = true;
    lab_run_guest(lab);
    end_process(lab);
    lab_pass(lab, SEC / 5);
    log[0] = log_line(lab, "destroyed");
    lab->log = log;
    lab_pass(lab, SEC);
    answer_as_of(lab, lab->now.mono - SEC / 2);
    lab_pass(lab, SEC);
    end(lab, VS_STOPPED_DESTROYED);
    lab_expect_record(lab, VS_CAUSE_DESTROYED, VS_CONFIDENCE_CERTAIN);
    expect_candidates(lab, NULL);
    lab->log = NULL;
    g_free(log[0]);
}

/* Of a save it writes there first, and ends the process then. */
static void
test_logged_before(Lab *lab, const void *data)
{
    char *log[2] = {NULL};

    lab->candidates = VIRSH;
    lab_run_guest(lab);
    log[0] = log_line(lab, "saved");
    lab->log = log;
    lab_pass(lab, SEC / 5);
    be_ended(lab, VS_STOPPED_SAVED);
    lab_expect_record(lab, VS_CAUSE_SAVED, VS_CONFIDENCE_CERTAIN);
    expect_candidates(lab, VIRSH);
    lab->log = NULL;
    g_free(log[0]);
}

static void
test_as_of_before(Lab *lab, const void *data)
{
    answer_late(lab, true);
}

static void
test_as_of_behind(Lab *lab, const void *data)
{
    answer_late(lab, false);
}

/* What is known is kept; what isn't is not asked for anew, for it would be too late. */
static void
restart(Lab *lab, bool known)
{
    lab->candidates = VIRSH;
    lab->candidates_hang = !known;
    lab_run_guest(lab);
    end_process(lab);
    lab_restart(lab, SEC);
    lab_be_gone(lab, VS_STATE_SHUTOFF, VS_SHUTOFF_DESTROYED);
    lab_connect(lab);
    lab_pass(lab, 90 * SEC);
    lab_expect_record(lab, VS_CAUSE_DESTROYED, VS_CONFIDENCE_LIKELY);
    expect_candidates(lab, known ? VIRSH : NULL);
    g_assert_cmpuint(lab->n_candidates, ==, 1);
}

static void
test_restart_known(Lab *lab, const void *data)
{
    restart(lab, true);
}

static void
test_restart_unknown(Lab *lab, const void *data)
{
    restart(lab, false);
}

/* What is answered only when its system has begun anew is of the time before. */
static void
test_reset(Lab *lab, const void *data)
{
    lab->candidates_hang = true;
    lab_run_guest(lab);
    lab_qmp(lab, "SHUTDOWN", SIGNALLED);
    lab_qmp(lab, "RESUME", NULL);
    g_assert_cmpuint(lab->n_candidates, ==, 1);
    answer_as_of(lab, lab->now.mono);
    lab->candidates_hang = false;
    lab_pass(lab, 60 * SEC);
    be_ended(lab, VS_STOPPED_DESTROYED);
    lab_expect_record(lab, VS_CAUSE_DESTROYED, VS_CONFIDENCE_CERTAIN);
    g_assert_cmpuint(lab->n_candidates, ==, 2);
    expect_candidates(lab, NULL);
}

/* Nobody who names himself is taken at his word for more than there is room for. */
static void
test_bounded(void)
{
    GString *text = g_string_new("[1,{\"pid\":0},{\"pid\":5,\"comm\":7,\"uid\":-1,\"more\":true}");
    g_autofree char *line = NULL;
    g_autofree char *longest = g_strnfill(10000, 'x');
    g_autoptr(json_object) list = NULL, read = NULL;

    for (int i = 0; i < 100; i++)
        g_string_append_printf(text, ",{\"pid\":7,\"comm\":\"%s\"}", longest);
    g_string_append_c(text, ']');
    line = g_string_free(text, FALSE);
    list = json_tokener_parse(line);
    read = vs_candidates_read(list);
    g_assert_cmpuint(json_object_array_length(read), ==, VS_MAX_CANDIDATES);
    g_assert_cmpstr(vs_json_line(json_object_array_get_idx(read, 0)), ==, "{\"pid\":5}");
    g_assert_cmpuint(strlen(vs_json_line(read)), <, VS_MAX_CANDIDATES * 300);
    g_assert_null(vs_candidates_read(NULL));
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    lab_add("/engine/candidates/destroyed", test_destroyed);
    lab_add("/engine/candidates/saved", test_saved);
    lab_add("/engine/candidates/in a stop of ours", test_in_a_stop);
    lab_add("/engine/candidates/our own destroy", test_ours);
    lab_add("/engine/candidates/our own save", test_our_save);
    lab_add("/engine/candidates/powered off", test_powered_off);
    lab_add("/engine/candidates/a signal", test_signal);
    lab_add("/engine/candidates/host goes down", test_host_goes_down);
    lab_add("/engine/candidates/unanswered", test_unanswered);
    lab_add("/engine/candidates/logged", test_logged);
    lab_add("/engine/candidates/logged before", test_logged_before);
    lab_add("/engine/candidates/as of before", test_as_of_before);
    lab_add("/engine/candidates/as of behind", test_as_of_behind);
    lab_add("/engine/candidates/restart, known", test_restart_known);
    lab_add("/engine/candidates/restart, unknown", test_restart_unknown);
    lab_add("/engine/candidates/reset", test_reset);
    g_test_add_func("/engine/candidates/bounded", test_bounded);
    return g_test_run();
}
