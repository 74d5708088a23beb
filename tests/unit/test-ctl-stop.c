/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "bus-client.h"
#include "ctl-fixture.h"
#include "vs-test.h"

/* virtstopctl stop, against the service over a real engine. */

static const VsGuest *
guest(const BusFixture *fixture, const char *uuid)
{
    return vs_engine_find(fixture->engine, TEST_URI, uuid);
}

static unsigned
count_lines(const char *text)
{
    unsigned n = 0;

    for (; (text = strchr(text, '\n')); text++)
        n++;
    return n;
}

/* Starts it, and serves until it has asked @n times. */
static void
start(BusFixture *fixture, CtlRun *run, unsigned n, const char *const *words)
{
    g_assert_true(ctl_start(run, words, -1));
    while (fixture->n_requests < n)
        bus_fixture_turn(fixture);
}

#define RECORD                                                                                     \
    "{\"schema\":1,\"domain\":{\"name\":\"web1\"},\"cause\":\"%s\",\"clean\":%s,\"confidence\":"   \
    "\"certain\",\"took_ms\":3200,\"request\":{\"stop\":\"%s\",\"outcome\":\"%s\"}}"

static char *
make_record(const char *cause, const char *clean, const char *stop, const char *outcome)
{
    return g_strdup_printf(RECORD, cause, clean, stop, outcome);
}

static VsDomainId
domain_id(const char *uuid, const char *name)
{
    VsDomainId domain = {.uri = (char *)TEST_URI, .name = (char *)name, .id = -1};

    g_strlcpy(domain.uuid.text, uuid, sizeof domain.uuid.text);
    return domain;
}

/* The step's call is answered well, where there is one. */
static void
answer(BusFixture *fixture, const char *uuid, const char *name)
{
    VsDomainId domain = domain_id(uuid, name);
    VsEvent event = {.type = VS_EVENT_REPLY, .domain = &domain};
    const VsStop *stop = guest(fixture, uuid)->stop;

    if (!stop)
        return;
    event.reply.call = stop->call.id;
    event.reply.ok = true;
    g_assert_true(bus_fixture_step(fixture, &event, NULL));
}

/* Lets the guest end as libvirt tells it, with a log in which nothing is found. */
static void
end_guest(BusFixture *fixture, const char *uuid, const char *name, int detail)
{
    VsDomainId domain = domain_id(uuid, name);
    VsEvent log = {.type = VS_EVENT_LOG, .domain = &domain};

    answer(fixture, uuid, name);
    bus_fixture_lifecycle(fixture, uuid, name, VS_LIFECYCLE_SHUTDOWN,
                          detail == VS_STOPPED_SHUTDOWN ? VS_SHUTDOWN_GUEST : VS_SHUTDOWN_HOST);
    bus_fixture_lifecycle(fixture, uuid, name, VS_LIFECYCLE_STOPPED, detail);
    g_assert_true(bus_fixture_step(fixture, &log, NULL));
}

/* The same, with its record told before or behind it. */
static void
end_web1(BusFixture *fixture, const char *cause, const char *clean, const char *outcome, int detail,
         bool record_first)
{
    const VsUuid stop = guest(fixture, WEB1_UUID)->stop->id;
    g_autofree char *line = make_record(cause, clean, stop.text, outcome);

    if (record_first)
        vs_bus_tell_record(fixture->bus, stop.text, line);
    end_guest(fixture, WEB1_UUID, "web1", detail);
    if (!record_first)
        vs_bus_tell_record(fixture->bus, stop.text, line);
}

static void
test_clean(void)
{
    static const char *const words[] = {"stop", "--reason=kernel update", "web1", NULL};
    BusFixture fixture;
    g_auto(CtlRun) run = {0};

    if (!ctl_fixture_set_up(&fixture))
        return;
    start(&fixture, &run, 1, words);
    g_assert_cmpstr(guest(&fixture, WEB1_UUID)->stop->reason, ==, "kernel update");
    end_web1(&fixture, "guest-agent", "true", "clean", VS_STOPPED_SHUTDOWN, true);
    ctl_await_end(&fixture, &run);
    assert_ctl(&run, 0, "web1: off after 3.2 s, clean (it obeyed the guest agent)\n");
    g_assert_cmpstr(run.err->str, ==, "");
    bus_fixture_tear_down(&fixture);
}

/* Whoever is on the bus is told straight that the stop came out well, and not by virtstopd. */
static void
forge_end(const BusFixture *fixture, const char *stop)
{
    g_autofree char *record = make_record("guest-agent", "true", stop, "clean");
    g_autofree char *path = g_strconcat("/org/virtstop1/stop/", stop, NULL);
    g_auto(GStrv) names = NULL;

    g_strdelimit(path, "-", '_');
    g_assert_cmpint(sd_bus_list_names(fixture->client, &names, NULL), >=, 0);
    for (char **name = names; *name; name++) {
        g_autoptr(sd_bus_message) changed = NULL;

        if (**name != ':')
            continue;
        g_assert_cmpint(sd_bus_message_new_signal(fixture->client, &changed, path,
                                                  "org.freedesktop.DBus.Properties",
                                                  "PropertiesChanged"),
                        >=, 0);
        g_assert_cmpint(sd_bus_message_append(changed, "sa{sv}as", "org.virtstop1.Stop", 2,
                                              "Outcome", "s", "clean", "Record", "s", record, 0),
                        >=, 0);
        g_assert_cmpint(sd_bus_send_to(fixture->client, changed, *name, NULL), >=, 0);
    }
}

/* Only virtstopd is believed, though anybody may send its signals. */
static void
test_forged(void)
{
    static const char *const words[] = {"stop", "web1", NULL};
    BusFixture fixture;
    g_auto(CtlRun) run = {0};

    if (!ctl_fixture_set_up(&fixture))
        return;
    start(&fixture, &run, 1, words);
    ctl_await(&fixture, &run, "web1: asked the guest agent\n");
    forge_end(&fixture, guest(&fixture, WEB1_UUID)->stop->id.text);
    end_web1(&fixture, "destroyed", "false", "forced", VS_STOPPED_DESTROYED, true);
    ctl_await_end(&fixture, &run);
    assert_ctl(&run, 3, "web1: off after 3.2 s, cut off (it was destroyed)\n");
    bus_fixture_tear_down(&fixture);
}

/* The steps are told as they come, and destroy is not what one had hoped for. */
static void
test_forced(void)
{
    static const char *const words[] = {"stop", "--ladder=destroy", "web1", NULL};
    BusFixture fixture;
    g_auto(CtlRun) run = {0};

    if (!ctl_fixture_set_up(&fixture))
        return;
    start(&fixture, &run, 1, words);
    ctl_await(&fixture, &run, "web1: being destroyed\n");
    end_web1(&fixture, "destroyed", "false", "forced", VS_STOPPED_DESTROYED, false);
    ctl_await_end(&fixture, &run);
    assert_ctl(&run, 3, "web1: off after 3.2 s, cut off (it was destroyed)\n");
    bus_fixture_tear_down(&fixture);
}

/* Who isn't there is said; the others are stopped all the same, and one that was named twice once.
 */
static void
test_no_such_domain(void)
{
    static const char *const words[] = {"stop", "web2", "web1", WEB1_UUID, "--json=short", NULL};
    BusFixture fixture;
    g_auto(CtlRun) run = {0};

    if (!ctl_fixture_set_up(&fixture))
        return;
    start(&fixture, &run, 2, words);
    end_web1(&fixture, "guest-agent", "true", "clean", VS_STOPPED_SHUTDOWN, true);
    ctl_await_end(&fixture, &run);
    assert_ctl(&run, 4, "web2: There is no domain");
    assert_ctl(&run, 4, "{\"domain\":\"web1\",\"stop\":\"");
    assert_ctl(&run, 4, "\"outcome\":\"clean\",\"record\":{\"schema\":1");
    g_assert_cmpint(count_lines(run.out->str), ==, 1);
    bus_fixture_tear_down(&fixture);
}

static void
test_already_off(void)
{
    static const char *const words[] = {"stop", "web1", NULL};
    BusFixture fixture;
    g_auto(CtlRun) run = {0};

    if (!ctl_fixture_set_up(&fixture))
        return;
    end_guest(&fixture, WEB1_UUID, "web1", VS_STOPPED_SHUTDOWN);
    start(&fixture, &run, 1, words);
    ctl_await_end(&fixture, &run);
    assert_ctl(&run, 0, "web1: it was off already\n");
    bus_fixture_tear_down(&fixture);
}

static void
test_cancelled(void)
{
    static const char *const words[] = {"stop", "web1", NULL};
    static const char *const cancel[] = {"cancel", "web1", NULL};
    BusFixture fixture;
    g_auto(CtlRun) run = {0}, other = {0}, again = {0};

    if (!ctl_fixture_set_up(&fixture))
        return;
    start(&fixture, &run, 1, words);
    start(&fixture, &other, 2, cancel);
    ctl_await_end(&fixture, &other);
    assert_ctl(&other, 0, "");
    g_assert_cmpstr(other.out->str, ==, "");
    ctl_await_end(&fixture, &run);
    assert_ctl(&run, 1, "web1: the stop was called off");
    start(&fixture, &again, 3, cancel);
    ctl_await_end(&fixture, &again);
    assert_ctl(&again, 1, "web1: ");
    bus_fixture_tear_down(&fixture);
}

static void
test_steer(void)
{
    static const char *const words[] = {"stop", "--no-wait", "web1", NULL};
    static const char *const extend[] = {"extend", "web1", "2min", NULL};
    static const char *const escalate[] = {"escalate", "web1", NULL};
    BusFixture fixture;
    g_auto(CtlRun) run = {0}, extension = {0}, escalation = {0};
    int64_t deadline;

    if (!ctl_fixture_set_up(&fixture))
        return;
    start(&fixture, &run, 1, words);
    ctl_await_end(&fixture, &run);
    assert_ctl(&run, 0, "");
    deadline = guest(&fixture, WEB1_UUID)->stop->deadline;

    start(&fixture, &extension, 2, extend);
    ctl_await_end(&fixture, &extension);
    assert_ctl(&extension, 0, "");
    g_assert_cmpint(guest(&fixture, WEB1_UUID)->stop->deadline - deadline, ==,
                    120 * G_USEC_PER_SEC);

    start(&fixture, &escalation, 3, escalate);
    ctl_await_end(&fixture, &escalation);
    assert_ctl(&escalation, 0, "");
    g_assert_cmpint(guest(&fixture, WEB1_UUID)->stop->step, ==, 1);
    bus_fixture_tear_down(&fixture);
}

/* The bus loses us while the stop goes on. */
static void
restart_service(BusFixture *fixture, const CtlRun *run)
{
    g_clear_pointer(&fixture->bus, vs_bus_free);
    ctl_await(fixture, run, "virtstopd went away");
}

static void
test_daemon_returns(void)
{
    static const char *const words[] = {"stop", "web1", NULL};
    BusFixture fixture;
    g_auto(CtlRun) run = {0};

    if (!ctl_fixture_set_up(&fixture))
        return;
    start(&fixture, &run, 1, words);
    ctl_await(&fixture, &run, "web1: asked the guest agent\n");
    restart_service(&fixture, &run);
    bus_fixture_start(&fixture);
    ctl_await(&fixture, &run, "virtstopd is back");
    end_web1(&fixture, "guest-agent", "true", "clean", VS_STOPPED_SHUTDOWN, false);
    ctl_await_end(&fixture, &run);
    assert_ctl(&run, 0, "web1: off after 3.2 s, clean (it obeyed the guest agent)\n");
    g_assert_cmpint(fixture.n_requests, ==, 1);
    bus_fixture_tear_down(&fixture);
}

/* Its end was missed: the records know. */
static void
test_over_on_return(void)
{
    static const char *const words[] = {"stop", "web1", NULL};
    BusFixture fixture;
    g_auto(CtlRun) run = {0};
    const char *stop;

    if (!ctl_fixture_set_up(&fixture))
        return;
    start(&fixture, &run, 1, words);
    ctl_await(&fixture, &run, "web1: asked the guest agent\n");
    stop = guest(&fixture, WEB1_UUID)->stop->id.text;
    g_ptr_array_add(fixture.records, make_record("destroyed", "false", "other", "clean"));
    g_ptr_array_add(fixture.records, make_record("destroyed", "false", stop, "forced"));
    g_ptr_array_add(fixture.records, make_record("saved", "true", "another", "clean"));
    restart_service(&fixture, &run);
    end_guest(&fixture, WEB1_UUID, "web1", VS_STOPPED_DESTROYED);
    bus_fixture_start(&fixture);
    ctl_await_end(&fixture, &run);
    assert_ctl(&run, 3, "web1: off after 3.2 s, cut off (it was destroyed)\n");
    bus_fixture_tear_down(&fixture);
}

static void
test_over_and_not_recorded(void)
{
    static const char *const words[] = {"stop", "web1", NULL};
    BusFixture fixture;
    g_auto(CtlRun) run = {0};

    if (!ctl_fixture_set_up(&fixture))
        return;
    start(&fixture, &run, 1, words);
    ctl_await(&fixture, &run, "web1: asked the guest agent\n");
    restart_service(&fixture, &run);
    end_guest(&fixture, WEB1_UUID, "web1", VS_STOPPED_SHUTDOWN);
    bus_fixture_start(&fixture);
    ctl_await_end(&fixture, &run);
    assert_ctl(&run, 1, "web1: The stop is over, and how it came out isn't recorded");
    bus_fixture_tear_down(&fixture);
}

static void
test_bus_lost(void)
{
    static const char *const words[] = {"stop", "web1", NULL};
    BusFixture fixture;
    g_auto(CtlRun) run = {0};

    if (!ctl_fixture_set_up(&fixture))
        return;
    start(&fixture, &run, 1, words);
    ctl_await(&fixture, &run, "web1: asked the guest agent\n");
    vs_private_bus_kill(fixture.daemon);
    ctl_await_end(&fixture, &run);
    assert_ctl(&run, 1, "web1: The connection to the bus broke");
    bus_fixture_tear_down(&fixture);
}

/* Ctrl-C ends the waiting, not the stop. */
static void
test_detach(void)
{
    static const char *const words[] = {"stop", "web1", NULL};
    BusFixture fixture;
    g_auto(CtlRun) run = {0};

    if (!ctl_fixture_set_up(&fixture))
        return;
    start(&fixture, &run, 1, words);
    ctl_await(&fixture, &run, "web1: asked the guest agent\n");
    kill(run.pid, SIGINT);
    ctl_await_end(&fixture, &run);
    assert_ctl(&run, 130, "the stops go on");
    g_assert_nonnull(guest(&fixture, WEB1_UUID)->stop);
    bus_fixture_tear_down(&fixture);
}

/* On a terminal there is a line that is drawn again, and the end stays. */
static void
test_on_terminal(void)
{
    static const char *const words[] = {"stop", "web1", "web2", NULL};
    BusFixture fixture;
    g_auto(CtlRun) run = {0};

    if (!ctl_fixture_set_up(&fixture))
        return;
    ctl_start_on_terminal(&run, words, 80);
    ctl_await(&fixture, &run, "\033[1mweb1\033[0m  asked the guest agent, ");
    ctl_await(&fixture, &run, " left\r\n\033[1A\033[J"); /* a second later */
    end_web1(&fixture, "guest-agent", "true", "clean", VS_STOPPED_SHUTDOWN, true);
    ctl_await_end(&fixture, &run);
    assert_ctl(
        &run, 4,
        "\033[1A\033[Jweb1: \033[32moff after 3.2 s, clean (it obeyed the guest agent)\033[0m\r\n");
    bus_fixture_tear_down(&fixture);
}

#define NOBODY 65534

static void
test_not_authorised(void)
{
    static const char *const words[] = {"stop", "web1", "db1", NULL};
    BusFixture fixture;
    g_auto(CtlRun) run = {0};

    if (getuid() != 0) {
        g_test_skip("needs root, to be somebody else");
        return;
    }
    if (!ctl_fixture_set_up(&fixture))
        return;
    if (ctl_start(&run, words, NOBODY)) {
        ctl_await_end(&fixture, &run);
        assert_ctl(&run, 5, "web1: ");
        assert_ctl(&run, 5, "db1: ");
        g_assert_cmpint(fixture.n_requests, ==, 0);
    } else {
        g_test_skip("the build directory isn't open to others");
    }
    bus_fixture_tear_down(&fixture);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/ctl/stop/clean", test_clean);
    g_test_add_func("/ctl/stop/forged", test_forged);
    g_test_add_func("/ctl/stop/forced", test_forced);
    g_test_add_func("/ctl/stop/no-such-domain", test_no_such_domain);
    g_test_add_func("/ctl/stop/already-off", test_already_off);
    g_test_add_func("/ctl/stop/cancelled", test_cancelled);
    g_test_add_func("/ctl/stop/steer", test_steer);
    g_test_add_func("/ctl/stop/daemon-returns", test_daemon_returns);
    g_test_add_func("/ctl/stop/over-on-return", test_over_on_return);
    g_test_add_func("/ctl/stop/over-and-not-recorded", test_over_and_not_recorded);
    g_test_add_func("/ctl/stop/bus-lost", test_bus_lost);
    g_test_add_func("/ctl/stop/detach", test_detach);
    g_test_add_func("/ctl/stop/on-terminal", test_on_terminal);
    g_test_add_func("/ctl/stop/not-authorised", test_not_authorised);
    return g_test_run();
}
