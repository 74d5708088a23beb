/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bus-client.h"
#include "ctl-fixture.h"
#include "fake-systemd.h"
#include "fake-virtstopd.h"
#include "hook-main.h"
#include "vs-test.h"

/* What virtstop-guests.service runs at its stop, against a systemd and a virtstopd that are played.
 * This program is all three: by the name that it is run by. */

typedef struct Fixture {
    BusFixture bus;
    FakeSystemd *systemd;
    const char *dir;
    GPid virtstopd; /* the service; 0: none */
    CtlRun run;
} Fixture;

static char *builddir;

static void
put(const Fixture *fixture, const char *name, const char *text)
{
    g_free(vs_test_write(fixture->dir, name, text));
}

static void
take_away(const Fixture *fixture, const char *name)
{
    g_autofree char *path = g_build_filename(fixture->dir, name, NULL);

    g_assert_cmpint(g_unlink(path), ==, 0);
}

/* The lines that the played virtstopd has written to @name. */
static char **
lines_of(const Fixture *fixture, const char *name)
{
    g_autofree char *path = g_build_filename(fixture->dir, name, NULL), *text = NULL;

    if (!g_file_get_contents(path, &text, NULL, NULL))
        return g_new0(char *, 1);
    return g_strsplit(g_strchomp(text), "\n", -1);
}

static unsigned
count(const Fixture *fixture, const char *name)
{
    g_auto(GStrv) lines = lines_of(fixture, name);

    return g_strv_length(lines);
}

/* Until there are @n of them: what the played virtstopd writes, nothing else tells. */
static void
await_lines(const Fixture *fixture, const char *name, unsigned n)
{
    for (unsigned i = 0; count(fixture, name) < n; i++) {
        g_assert_cmpuint(i, <, 3000);
        g_main_context_iteration(NULL, FALSE);
        g_usleep(10000);
    }
}

static void
link_to_us(const char *dir, const char *name)
{
    g_autofree char *own = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *path = g_build_filename(dir, name, NULL);

    g_assert_cmpint(symlink(own, path), ==, 0);
}

/* The real one, which looks beside itself for others. */
static void
copy_ctl(const char *dir)
{
    g_autofree char *real = g_build_filename(builddir, "virtstopctl", NULL);
    g_autofree char *path = g_build_filename(dir, "virtstopctl", NULL), *text = NULL;
    gsize size;

    g_assert_true(g_file_get_contents(real, &text, &size, NULL));
    g_assert_true(
        g_file_set_contents_full(path, text, (gssize)size, G_FILE_SET_CONTENTS_NONE, 0755, NULL));
}

/* The host goes down, one guest runs. */
static bool
set_up(Fixture *fixture)
{
    g_autofree char *stops = NULL, *path = NULL;

    memset(fixture, 0, sizeof *fixture);
    if (!bus_fixture_set_up_bus(&fixture->bus))
        return false;
    bus_fixture_connect_client(&fixture->bus);
    fixture->dir = vs_test_dir();
    stops = g_build_filename(fixture->dir, "stops", NULL);
    path = g_build_filename(fixture->dir, "systemd", NULL);
    g_assert_cmpint(g_mkdir(stops, 0755), ==, 0);
    put(fixture, "stops/web1", "11111111-2222-4333-8444-555555555501");
    link_to_us(fixture->dir, "virtstopd");
    link_to_us(fixture->dir, "virtstop-guests");
    copy_ctl(fixture->dir);
    g_setenv("FAKE_DIR", fixture->dir, TRUE);
    g_setenv("top_builddir", fixture->dir, TRUE); /* where the programs are looked for */
    fixture->systemd = fake_systemd_new(path);
    fake_systemd_set_state(fixture->systemd, "stopping");
    return true;
}

static void
tear_down(Fixture *fixture)
{
    ctl_clear(&fixture->run);
    if (fixture->virtstopd > 0) {
        kill(fixture->virtstopd, SIGKILL);
        waitpid(fixture->virtstopd, NULL, 0);
    }
    fake_systemd_free(fixture->systemd);
    bus_fixture_tear_down(&fixture->bus);
}

/* Runs a virtstopd as its service does. */
static void
run_service(Fixture *fixture)
{
    g_autofree char *program = g_build_filename(fixture->dir, "virtstopd", NULL);
    char *argv[] = {program, NULL};

    g_assert_true(g_spawn_async(NULL, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL,
                                &fixture->virtstopd, NULL));
    await_lines(fixture, "named", 1);
}

static void
start(Fixture *fixture)
{
    static const char *const words[] = {NULL};

    ctl_program = "virtstop-guests";
    g_assert_true(ctl_start(&fixture->run, words, -1));
    ctl_program = "virtstopctl";
}

static void
check(Fixture *fixture, int status, const char *said)
{
    ctl_await_end(&fixture->bus, &fixture->run);
    assert_ctl(&fixture->run, status, said);
}

#define OFF "web1: off after 10 ms, clean (it obeyed the guest agent)\n"

static void
test_host_stays(void)
{
    Fixture fixture;

    if (!set_up(&fixture))
        return;
    fake_systemd_set_state(fixture.systemd, "running");
    start(&fixture);
    check(&fixture, 0, "The host isn't going down: no guest is touched.");
    g_assert_cmpuint(count(&fixture, "runs"), ==, 0);
    tear_down(&fixture);
}

/* Nobody knows: then no guest may be touched, and nothing is claimed. */
static void
test_not_known(void)
{
    Fixture fixture;

    if (!set_up(&fixture))
        return;
    run_service(&fixture);
    fake_systemd_set_state(fixture.systemd, NULL);
    start(&fixture);
    check(&fixture, 1, "Whether the host goes down isn't known");
    g_assert_false(ctl_said(&fixture.run, "isn't going down"));
    g_assert_cmpuint(count(&fixture, "asked"), ==, 0);
    tear_down(&fixture);
}

static void
test_slow_systemd(void)
{
    Fixture fixture;

    if (!set_up(&fixture))
        return;
    fake_systemd_set_state(fixture.systemd, NULL);
    start(&fixture);
    while (!fake_systemd_was_asked(fixture.systemd))
        bus_fixture_turn(&fixture.bus);
    fake_systemd_set_state(fixture.systemd, "stopping");
    check(&fixture, 0, OFF);
    tear_down(&fixture);
}

static int
get_preparing(sd_bus *bus, const char *path, const char *interface, const char *property,
              sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    return sd_bus_message_append(reply, "b", 1);
}

static const sd_bus_vtable logind[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_PROPERTY("PreparingForShutdown", "b", get_preparing, 0, 0),
    SD_BUS_VTABLE_END,
};

static void
test_logind_knows(void)
{
    Fixture fixture;

    if (!set_up(&fixture))
        return;
    fake_systemd_set_state(fixture.systemd, NULL);
    sd_bus_add_object_vtable(fixture.bus.client, NULL, "/org/freedesktop/login1",
                             "org.freedesktop.login1.Manager", logind, NULL);
    g_assert_cmpint(sd_bus_request_name(fixture.bus.client, "org.freedesktop.login1", 0), >=, 0);
    start(&fixture);
    check(&fixture, 0, OFF);
    tear_down(&fixture);
}

static void
test_virtstopd_knows(void)
{
    Fixture fixture;

    if (!set_up(&fixture))
        return;
    run_service(&fixture);
    fake_systemd_set_state(fixture.systemd, NULL);
    put(&fixture, "host-shutdown", "");
    start(&fixture);
    check(&fixture, 0, OFF);
    tear_down(&fixture);
}

static void
test_not_there(void)
{
    Fixture fixture;

    if (!set_up(&fixture))
        return;
    start(&fixture);
    check(&fixture, 0, "virtstopd isn't there: one is started");
    assert_ctl(&fixture.run, 0, OFF);
    g_assert_cmpuint(count(&fixture, "runs"), ==, 1);
    tear_down(&fixture);
}

/* It never answers. Its name is free only when it is gone. */
static void
test_mute(void)
{
    Fixture fixture;

    if (!set_up(&fixture))
        return;
    put(&fixture, "plan", "mute serve");
    run_service(&fixture);
    start(&fixture);
    check(&fixture, 0, "doesn't answer: it is killed");
    assert_ctl(&fixture.run, 0, OFF);
    g_assert_cmpuint(count(&fixture, "runs"), ==, 2);
    tear_down(&fixture);
}

/* It answers, and hangs then; and the one that we run ourselves does, too. */
static void
test_freezes(void)
{
    Fixture fixture;

    if (!set_up(&fixture))
        return;
    put(&fixture, "plan", "freezes freezes serve");
    run_service(&fixture);
    start(&fixture);
    check(&fixture, 0, "doesn't answer: it is killed");
    assert_ctl(&fixture.run, 0, OFF);
    g_assert_cmpuint(count(&fixture, "runs"), ==, 3);
    tear_down(&fixture);
}

static void
test_dies(void)
{
    Fixture fixture;

    if (!set_up(&fixture))
        return;
    put(&fixture, "plan", "dies dies serve");
    run_service(&fixture);
    start(&fixture);
    check(&fixture, 0, OFF);
    g_assert_cmpuint(count(&fixture, "runs"), ==, 3);
    tear_down(&fixture);
}

/* What went off meanwhile is known afterwards. */
static void
test_bus_lost(void)
{
    Fixture fixture;

    if (!set_up(&fixture))
        return;
    put(&fixture, "hold", "");
    put(&fixture, "stops/db1", "11111111-2222-4333-8444-555555555502");
    run_service(&fixture);
    start(&fixture);
    ctl_await(&fixture.bus, &fixture.run, "web1: asked the guest agent\n");
    vs_private_bus_kill(fixture.bus.daemon);
    take_away(&fixture, "hold");
    await_lines(&fixture, "history", 2);
    vs_private_bus_start(fixture.bus.daemon);
    check(&fixture, 0, OFF);
    assert_ctl(&fixture.run, 0, "db1: off after");
    g_assert_cmpuint(count(&fixture, "runs"), ==, 1);
    tear_down(&fixture);
}

/* It is run again, and has no objects of what was finished before: its records tell. */
static void
test_over_meanwhile(void)
{
    Fixture fixture;

    if (!set_up(&fixture))
        return;
    put(&fixture, "hold", "");
    put(&fixture, "stops/db1", "11111111-2222-4333-8444-555555555502");
    run_service(&fixture);
    start(&fixture);
    ctl_await(&fixture.bus, &fixture.run, "web1: asked the guest agent\n");
    vs_private_bus_kill(fixture.bus.daemon);
    take_away(&fixture, "hold");
    await_lines(&fixture, "history", 2);
    kill(fixture.virtstopd, SIGKILL);
    waitpid(fixture.virtstopd, NULL, 0);
    fixture.virtstopd = 0; /* the hook's own comes now */
    vs_private_bus_start(fixture.bus.daemon);
    check(&fixture, 0, OFF);
    assert_ctl(&fixture.run, 0, "db1: off after");
    g_assert_cmpuint(count(&fixture, "looked-up"), >=, 2);
    tear_down(&fixture);
}

/* As one that was run again does it, where a guest is off before it has told the bus of its stop.
 */
static void
test_untold(void)
{
    Fixture fixture;

    if (!set_up(&fixture))
        return;
    put(&fixture, "untold", "");
    put(&fixture, "hold", "");
    run_service(&fixture);
    start(&fixture);
    ctl_await(&fixture.bus, &fixture.run, "web1: asked the guest agent\n");
    take_away(&fixture, "hold");
    check(&fixture, 0, OFF);
    tear_down(&fixture);
}

static void
test_nobody_knows(void)
{
    Fixture fixture;

    if (!set_up(&fixture))
        return;
    put(&fixture, "nobody-knows", "");
    start(&fixture);
    check(&fixture, 1, "web1: it is off, and nobody knows how\n");
    tear_down(&fixture);
}

/* Which variables were set when it was run for the @i-th time. */
static void
assert_run(const Fixture *fixture, unsigned i, const char *conf, const char *state, const char *run)
{
    g_auto(GStrv) runs = lines_of(fixture, "runs");
    const char *const names[] = {conf, state, run};
    g_autofree char *line = NULL;
    char *paths[3];

    for (unsigned n = 0; n < 3; n++)
        paths[n] =
            names[n] ? g_build_filename(fixture->dir, "scratch", names[n], NULL) : g_strdup("");
    line = g_strdup_printf("conf=%s state=%s run=%s", paths[0], paths[1], paths[2]);
    g_assert_cmpuint(g_strv_length(runs), >, i);
    g_assert_cmpstr(runs[i], ==, line);
    for (unsigned n = 0; n < 3; n++)
        g_free(paths[n]);
}

static void
test_broken_conf(void)
{
    Fixture fixture;

    if (!set_up(&fixture))
        return;
    put(&fixture, "breaks", "CONFIGURATION_DIRECTORY");
    start(&fixture);
    check(&fixture, 0, "built-in defaults");
    assert_ctl(&fixture.run, 0, OFF);
    assert_run(&fixture, 0, NULL, NULL, NULL);
    assert_run(&fixture, 1, "empty", NULL, NULL);
    g_assert_cmpuint(count(&fixture, "runs"), ==, 2);
    tear_down(&fixture);
}

/* Whose the state directory is may not do here what it needs: what nobody else can, root can, and
 * nothing of what is kept is given up for it. */
static void
test_broken_user(void)
{
    Fixture fixture;
    g_autofree char *state = NULL;

    if (geteuid() != 0) {
        g_test_skip("needs root");
        return;
    }
    if (!set_up(&fixture))
        return;
    state = g_build_filename(fixture.dir, "own-state", NULL);
    g_assert_cmpint(g_mkdir(state, 0755), ==, 0);
    g_assert_cmpint(chown(state, 65534, 65534), ==, 0);
    start(&fixture);
    check(&fixture, 0, "it is run as root");
    assert_ctl(&fixture.run, 0, OFF);
    assert_run(&fixture, 0, NULL, NULL, NULL);
    g_assert_cmpuint(count(&fixture, "runs"), ==, 1);
    tear_down(&fixture);
}

/* The configuration is right: so it stays. */
static void
test_broken_state(void)
{
    Fixture fixture;

    if (!set_up(&fixture))
        return;
    put(&fixture, "breaks", "STATE_DIRECTORY");
    start(&fixture);
    check(&fixture, 0, "usual STATE_DIRECTORY");
    assert_ctl(&fixture.run, 0, OFF);
    assert_run(&fixture, 1, NULL, "state", NULL);
    g_assert_cmpuint(count(&fixture, "runs"), ==, 2);
    tear_down(&fixture);
}

/* Another one has the records, and comes back to the bus, or ends: it is waited for, and nothing is
 * done without what it has. */
static void
test_other_lives(void)
{
    Fixture fixture;

    if (!set_up(&fixture))
        return;
    put(&fixture, "plan", "locked locked serve");
    start(&fixture);
    check(&fixture, 0, OFF);
    assert_run(&fixture, 2, NULL, NULL, NULL);
    g_assert_cmpuint(count(&fixture, "runs"), ==, 3);
    tear_down(&fixture);
}

static void
test_all_broken(void)
{
    Fixture fixture;

    if (!set_up(&fixture))
        return;
    put(&fixture, "breaks", "CONFIGURATION_DIRECTORY STATE_DIRECTORY RUNTIME_DIRECTORY");
    start(&fixture);
    check(&fixture, 0, OFF);
    assert_run(&fixture, 1, "empty", NULL, NULL);
    assert_run(&fixture, 2, "empty", "state", NULL);
    assert_run(&fixture, 3, "empty", "state", "run");
    tear_down(&fixture);
}

/* It ends all the same, and does not run it over and over meanwhile. */
static void
test_hopeless(void)
{
    Fixture fixture;

    if (!set_up(&fixture))
        return;
    put(&fixture, "breaks", "WHAT_NOBODY_SETS");
    g_setenv("FAKE_SILENCE", "4000", TRUE);
    start(&fixture);
    g_unsetenv("FAKE_SILENCE");
    check(&fixture, 1, "The guests can't be stopped");
    g_assert_cmpuint(count(&fixture, "runs"), >=, 4);
    g_assert_cmpuint(count(&fixture, "runs"), <, 10);
    tear_down(&fixture);
}

/* Who joins is waited for, and as long as somebody may join, that. */
static void
check_joining(Fixture *fixture)
{
    ctl_await(&fixture->bus, &fixture->run, "db1: off after");
    g_assert_false(ctl_has_ended(&fixture->run));
    take_away(fixture, "waits");
    check(fixture, 0, OFF);
}

static void
test_joining(void)
{
    Fixture fixture;

    if (!set_up(&fixture))
        return;
    put(&fixture, "joins", "db1");
    put(&fixture, "waits", "");
    start(&fixture);
    check_joining(&fixture);
    g_assert_cmpuint(count(&fixture, "asked"), ==, 2); /* once more at the end */
    tear_down(&fixture);
}

/* As a session ends it is asked once: what was left running then would be asked anew each time. */
static void
test_session_ends(void)
{
    Fixture fixture;

    if (!set_up(&fixture))
        return;
    g_setenv("DBUS_SESSION_BUS_ADDRESS", g_getenv("DBUS_SYSTEM_BUS_ADDRESS"), TRUE);
    g_setenv("FAKE_SESSION", "", TRUE);
    run_service(&fixture);
    start(&fixture);
    g_unsetenv("FAKE_SESSION");
    check(&fixture, 0, OFF);
    g_assert_cmpuint(count(&fixture, "asked"), ==, 1);
    tear_down(&fixture);
}

/* By hand it is the same, but asked once: meanwhile all may have been called off. */
static void
test_joining_by_hand(void)
{
    static const char *const words[] = {"stop-all", NULL};
    Fixture fixture;

    if (!set_up(&fixture))
        return;
    put(&fixture, "joins", "db1");
    put(&fixture, "waits", "");
    run_service(&fixture);
    g_assert_true(ctl_start(&fixture.run, words, -1));
    check_joining(&fixture);
    g_assert_cmpuint(count(&fixture, "asked"), ==, 1);
    tear_down(&fixture);
}

/* As a unit that was loaded before an upgrade calls it, and what somebody may have added there. */
static void
test_old_unit(void)
{
    static const char *const words[] = {
        "stop-all",          "--host-shutdown", "--no-pager",        "--json=short",
        "--ladder=agent:5s", "--budget=90s",    "--reason=ups died", NULL};
    g_auto(GStrv) requests = NULL;
    Fixture fixture;

    if (!set_up(&fixture))
        return;
    g_assert_true(ctl_start(&fixture.run, words, -1));
    check(&fixture, 0, OFF);
    requests = lines_of(&fixture, "requests");
    g_assert_cmpstr(requests[0], ==,
                    "ladder=agent:5s budget=90000000 reason=ups died shutdown=1 kind=reboot");
    tear_down(&fixture);
}

/* A virtstopd of before an update, which refuses what it doesn't know. */
static void
test_old_virtstopd(void)
{
    g_auto(GStrv) requests = NULL;
    Fixture fixture;

    if (!set_up(&fixture))
        return;
    put(&fixture, "knows-no-kind", "");
    run_service(&fixture);
    start(&fixture);
    check(&fixture, 0, OFF);
    requests = lines_of(&fixture, "requests");
    g_assert_cmpstr(requests[0], ==, "shutdown=1 kind=reboot");
    g_assert_cmpstr(requests[1], ==, "shutdown=1");
    tear_down(&fixture);
}

static void
test_usage(void)
{
    static const char *const bad[][2] = {
        {"--ladder=jump", "--ladder=: "},
        {"--budget=soon", "--budget=: "},
        {"--reason=", "--reason=: "},
        {"--force", "--force"},
        {"web1", "web1"},
    };
    Fixture fixture;

    if (!set_up(&fixture))
        return;
    run_service(&fixture);
    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        const char *const words[] = {bad[i][0], NULL};
        g_auto(CtlRun) run = {0};

        ctl_program = "virtstop-guests";
        ctl_run(&run, words);
        assert_ctl(&run, 2, bad[i][1]);
        ctl_program = "virtstopctl";
    }
    g_assert_cmpuint(count(&fixture, "asked"), ==, 0);
    tear_down(&fixture);
}

#define MAX_UNITS 4

static struct {
    const char *away;
    PlayedUnit units[MAX_UNITS];
    const char *started;
} libvirts[] = {
    {"qemu:///system",
     {{"virtqemud.service", "inactive"}, {"libvirtd.service", "inactive"}},
     "virtqemud"},
    {"qemu:///system",
     {{"virtqemud.service", "inactive"}, {"libvirtd.service", "inactive", .ended = 5}},
     "libvirtd"},
    {"qemu+unix:///system", {{"libvirtd.service", "failed", .ended = 5}}, "libvirtd"},
    {"lxc:///system",
     {{"virtqemud.service", "inactive", .ended = 6},
      {"virtlxcd.service", "inactive", .ended = 5},
      {"libvirtd.service", "inactive"}},
     "virtlxcd"},
    {"xen:///system", {{"virtxend.service", "inactive", .ended = 5}}, "virtxend"},
    {"qemu+unix:///system?socket=/run/libvirt/libvirt-sock",
     {{"virtqemud.service", "active"}, {"virtproxyd.service", "failed", .ended = 5}},
     "virtproxyd"},
    {"qemu:///system",
     {{"virtqemud.service", "inactive", .ended = 5}, {"virtproxyd.service", "inactive"}},
     "virtqemud"},
};

/* Programs in the place of libvirt's daemons, which tell that they were run. */
static void
make_libvirts(const Fixture *fixture)
{
    static const char *const names[] = {"virtqemud", "virtlxcd", "virtxend", "libvirtd",
                                        "virtproxyd"};
    g_autofree char *path = g_strconcat(fixture->dir, ":", g_getenv("PATH"), NULL);

    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *program =
            vs_test_write(fixture->dir, names[i],
                          "#!/bin/sh\nbasename \"$0\" >>\"$FAKE_DIR/started\"\nexec sleep 1000\n");
        g_assert_cmpint(g_chmod(program, 0755), ==, 0);
    }
    g_setenv("PATH", path, TRUE);
}

static void
check_libvirt(unsigned i)
{
    g_autofree char *path = g_strdup(g_getenv("PATH"));
    g_auto(GStrv) started = NULL;
    Fixture fixture;

    if (!set_up(&fixture))
        return;
    make_libvirts(&fixture);
    fake_systemd_set_units(fixture.systemd, libvirts[i].units);
    put(&fixture, "away", libvirts[i].away);
    put(&fixture, "hold", "");
    start(&fixture);
    ctl_await(&fixture.bus, &fixture.run, "libvirt isn't there: ");
    await_lines(&fixture, "started", 1);
    take_away(&fixture, "hold");
    check(&fixture, 0, OFF);
    started = lines_of(&fixture, "started");
    g_assert_cmpstr(started[0], ==, libvirts[i].started);
    g_assert_null(started[1]);
    g_setenv("PATH", path, TRUE);
    tear_down(&fixture);
}

static void
test_missing_libvirt(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(libvirts); i++) {
        vs_test_note(libvirts[i].away);
        check_libvirt(i);
    }
}

static int
listen_for_signs(const Fixture *fixture)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int notify = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    g_snprintf(address.sun_path, sizeof address.sun_path, "%s/notify", fixture->dir);
    g_assert_cmpint(bind(notify, (struct sockaddr *)&address, sizeof address), ==, 0);
    g_setenv("NOTIFY_SOCKET", address.sun_path, TRUE);
    return notify;
}

/* Each question that isn't answered costs time, which is asked for before. */
static void
test_asks_for_time(void)
{
    unsigned signs = 0;
    char text[4096];
    Fixture fixture;
    int notify;
    ssize_t n;

    if (!set_up(&fixture))
        return;
    fake_systemd_set_state(fixture.systemd, NULL);
    notify = listen_for_signs(&fixture);
    start(&fixture);
    g_unsetenv("NOTIFY_SOCKET");
    while (!fake_systemd_was_asked(fixture.systemd))
        bus_fixture_turn(&fixture.bus);
    n = recv(notify, text, sizeof text - 1, 0);
    g_assert_cmpint(n, >, 0);
    do {
        text[n] = '\0';
        g_assert_nonnull(strstr(text, "EXTEND_TIMEOUT_USEC=120000000"));
        signs++;
        ctl_await_end(&fixture.bus, &fixture.run);
    } while ((n = recv(notify, text, sizeof text - 1, 0)) > 0);
    g_assert_cmpuint(signs, >=, 3);
    close(notify);
    tear_down(&fixture);
}

int
main(int argc, char **argv)
{
    g_autofree char *name = g_path_get_basename(argv[0]);

    if (g_str_equal(name, "virtstop-guests"))
        return hook_main(argc, argv);
    if (g_str_equal(name, "virtstopd"))
        return fake_virtstopd_main(argc, argv);
    builddir = g_strdup(g_getenv("top_builddir") ? g_getenv("top_builddir") : ".");
    vs_test_init(&argc, &argv);
    g_test_add_func("/hook/host-stays", test_host_stays);
    g_test_add_func("/hook/not-known", test_not_known);
    g_test_add_func("/hook/slow-systemd", test_slow_systemd);
    g_test_add_func("/hook/logind-knows", test_logind_knows);
    g_test_add_func("/hook/virtstopd-knows", test_virtstopd_knows);
    g_test_add_func("/hook/not-there", test_not_there);
    g_test_add_func("/hook/mute", test_mute);
    g_test_add_func("/hook/freezes", test_freezes);
    g_test_add_func("/hook/dies", test_dies);
    g_test_add_func("/hook/bus-lost", test_bus_lost);
    g_test_add_func("/hook/over-meanwhile", test_over_meanwhile);
    g_test_add_func("/hook/untold", test_untold);
    g_test_add_func("/hook/nobody-knows", test_nobody_knows);
    g_test_add_func("/hook/broken-conf", test_broken_conf);
    g_test_add_func("/hook/broken-user", test_broken_user);
    g_test_add_func("/hook/broken-state", test_broken_state);
    g_test_add_func("/hook/other-lives", test_other_lives);
    g_test_add_func("/hook/all-broken", test_all_broken);
    g_test_add_func("/hook/hopeless", test_hopeless);
    g_test_add_func("/hook/joining", test_joining);
    g_test_add_func("/hook/session-ends", test_session_ends);
    g_test_add_func("/hook/joining-by-hand", test_joining_by_hand);
    g_test_add_func("/hook/old-unit", test_old_unit);
    g_test_add_func("/hook/old-virtstopd", test_old_virtstopd);
    g_test_add_func("/hook/usage", test_usage);
    g_test_add_func("/hook/missing-libvirt", test_missing_libvirt);
    g_test_add_func("/hook/asks-for-time", test_asks_for_time);
    return g_test_run();
}
