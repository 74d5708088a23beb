/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bus-client.h"
#include "bus-other.h"
#include "ctl/agent.h"
#include "person-client.h"
#include "played-polkit.h"
#include "vs-test.h"

/* virtstopctl where a person may be asked for a password. */

/* An agent asks for one password at a time, and refuses whoever comes meanwhile. */
static void
test_one_by_one(void)
{
    static const char *const domains[] = {"domain=web1 ", "domain=db1 ", "domain=web1 "};
    PlayedPolkit polkit;
    BusFixture fixture;
    BusOther other;

    if (!bus_other_set_up(&fixture))
        return;
    played_polkit_start(&fixture, &polkit);
    bus_other_begin(&other, NOBODY, person_client_stop);
    for (unsigned i = 0; i < G_N_ELEMENTS(domains); i++) {
        g_autofree char *question = played_polkit_await(&fixture, &polkit, i + 1);

        g_assert_nonnull(strstr(question, domains[i]));
        bus_fixture_forget(&fixture); /* what else was asked has come then */
        g_assert_cmpuint(polkit.n_asked, ==, i + 1);
        played_polkit_answer(&polkit, PLAYED_NO);
    }
    bus_other_end(&fixture, &other);
    g_assert_cmpuint(fixture.n_requests, ==, 0);
    played_polkit_end(&polkit);
    bus_fixture_tear_down(&fixture);
}

/* It can be asked, and doesn't go. */
static const char deaf_agent[] = "#!/bin/sh\n"
                                 "trap '' TERM\n"
                                 "echo $$ > \"${0%/*}/pid\"\n"
                                 "eval \"exec $2>&-\"\n"
                                 "exec sleep 600\n";

/* In a process of its own, on a terminal: exits with 0 where the agent came and went. */
static void
have_agent(const char *path, int terminal)
{
    g_setenv("PATH", path, TRUE);
    if (dup2(terminal, STDIN_FILENO) < 0 || setuid(NOBODY) < 0 || !vs_agent_has_person())
        _exit(1);
    vs_agent_end();
    _exit(0);
}

static int
open_terminal(int *ret_other)
{
    int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(grantpt(fd), ==, 0);
    g_assert_cmpint(unlockpt(fd), ==, 0);
    *ret_other = open(ptsname(fd), O_RDWR | O_NOCTTY | O_CLOEXEC);
    g_assert_cmpint(*ret_other, >=, 0);
    return fd;
}

static void
test_deaf_agent(void)
{
    g_autofree char *directory = g_dir_make_tmp("virtstop-XXXXXX", NULL);
    g_autofree char *program = g_build_filename(directory, "pkttyagent", NULL);
    g_autofree char *pid_file = g_build_filename(directory, "pid", NULL);
    g_autofree char *path = g_strconcat(directory, ":/usr/bin:/bin", NULL);
    g_autofree char *text = NULL;
    int terminal, other, status;
    pid_t pid;

    if (getuid() != 0) {
        g_test_skip("only root can become somebody else");
        return;
    }
    g_assert_true(g_file_set_contents(program, deaf_agent, -1, NULL));
    g_assert_cmpint(chmod(directory, 0777), ==, 0);
    g_assert_cmpint(chmod(program, 0755), ==, 0);
    terminal = open_terminal(&other);
    pid = fork();
    if (pid == 0)
        have_agent(path, other);
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    g_assert_cmpint(status, ==, 0);
    text = vs_test_read(pid_file);
    g_assert_cmpint(kill((pid_t)atoi(text), 0), <, 0);
    close(terminal);
    close(other);
    unlink(pid_file);
    unlink(program);
    rmdir(directory);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/person/one-by-one", test_one_by_one);
    g_test_add_func("/person/deaf-agent", test_deaf_agent);
    return g_test_run();
}
