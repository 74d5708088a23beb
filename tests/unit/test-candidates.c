/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/candidates.h"
#include "util/json.h"
#include "vs-test.h"

/* Who is connected to libvirt is asked for by a program beside the daemon: seldom, however many
 * want to know, and whatever becomes of it. */

#define ONE   "{\"at\":5,\"candidates\":[{\"pid\":4711}]}"
#define MANY  1000
#define WAITS "read go <%s/go\n"

typedef struct Test {
    char *dir;
    VsCandidates *candidates;
    int go;           /* the program ends when a line is written there */
    unsigned n_told;  /* answers that name somebody, */
    unsigned n_empty; /* ... and that don't */
} Test;

static void
on_answer(const VsEvent *event, void *userdata)
{
    Test *test = userdata;

    g_assert_cmpint(event->type, ==, VS_EVENT_CANDIDATES);
    g_assert_cmpstr(event->domain->name, ==, "web");
    if (!event->candidates.list) {
        test->n_empty++;
        return;
    }
    test->n_told++;
    g_assert_cmpint(event->candidates.at, ==, 5);
    g_assert_cmpstr(vs_json_line(event->candidates.list), ==, "[{\"pid\":4711}]");
}

static char *
path_of(const Test *test, const char *name)
{
    return g_build_filename(test->dir, name, NULL);
}

/* @script: what it does behind saying that it was asked; a %s in it is the directory. */
static void
set_up(Test *test, const char *script)
{
    g_auto(GStrv) parts = g_strsplit(script, "%s", -1);
    g_autofree char *program = NULL, *go = NULL, *does = NULL, *text = NULL;

    test->dir = g_dir_make_tmp("vs-candidates-XXXXXX", NULL);
    program = path_of(test, "program");
    go = path_of(test, "go");
    does = g_strjoinv(test->dir, parts);
    text = g_strdup_printf("#!/bin/sh\necho \"$1\" >>%s/asked\n%s", test->dir, does);
    g_assert_true(g_file_set_contents(program, text, -1, NULL));
    g_assert_cmpint(g_chmod(program, 0755), ==, 0);
    g_assert_cmpint(mkfifo(go, 0600), ==, 0);
    test->go = open(go, O_RDWR | O_CLOEXEC);
    g_assert_cmpint(test->go, >=, 0);
    test->candidates = vs_candidates_new(program, on_answer, test);
}

static void
tear_down(Test *test)
{
    static const char *const names[] = {"program", "go", "asked"};

    vs_candidates_free(test->candidates);
    close(test->go);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = path_of(test, names[i]);

        g_unlink(path);
    }
    g_assert_cmpint(g_rmdir(test->dir), ==, 0);
    g_free(test->dir);
}

static void
ask(Test *test, const char *uri)
{
    VsAction action = {.type = VS_ACTION_ASK_CANDIDATES,
                       .domain = {.uri = (char *)uri, .name = (char *)"web", .id = 1}};

    vs_candidates_ask(test->candidates, &action);
}

static void
wait_for(const unsigned *n, unsigned wanted)
{
    while (*n < wanted)
        g_main_context_iteration(NULL, TRUE);
    g_assert_cmpuint(*n, ==, wanted);
}

static void
let_go(Test *test)
{
    g_assert_cmpint(write(test->go, "\n", 1), ==, 1);
}

/* The URIs, one a line. */
static char *
asked(const Test *test)
{
    g_autofree char *path = path_of(test, "asked");
    char *text = NULL;

    g_file_get_contents(path, &text, NULL, NULL);
    return text ? text : g_strdup("");
}

static void
wait_until_asked(Test *test, unsigned times)
{
    for (;;) {
        g_autofree char *text = asked(test);
        g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

        if (g_strv_length(lines) > times)
            return;
        g_main_context_iteration(NULL, FALSE);
    }
}

static void
expect_asked(const Test *test, const char *text)
{
    g_autofree char *so_far = asked(test);

    g_assert_cmpstr(so_far, ==, text);
}

/* One answer serves all that wait for it; who comes while the program runs may be about somebody
 * who connected since. */
static void
test_at_once(void)
{
    Test test = {0};

    set_up(&test, WAITS "echo '" ONE "'\n");
    for (int i = 0; i < MANY; i++)
        ask(&test, "qemu:///system");
    g_assert_cmpuint(test.n_told, ==, 0); /* never from within */
    wait_until_asked(&test, 1);
    for (int i = 0; i < MANY; i++)
        ask(&test, "qemu:///system");
    let_go(&test);
    wait_for(&test.n_told, MANY);
    let_go(&test);
    wait_for(&test.n_told, 2 * MANY);
    expect_asked(&test, "qemu:///system\nqemu:///system\n");
    tear_down(&test);
}

static void
test_other_libvirt(void)
{
    Test test = {0};

    set_up(&test, "echo '" ONE "'\n");
    ask(&test, "qemu:///system");
    ask(&test, "qemu:///session");
    ask(&test, "qemu:///system");
    wait_for(&test.n_told, 3);
    expect_asked(&test, "qemu:///system\nqemu:///session\n");
    tear_down(&test);
}

/* It is given up, all are answered, and for a while nobody runs it again. */
static void
check_failing(Test *test)
{
    ask(test, "qemu:///system");
    ask(test, "qemu:///system");
    wait_for(&test->n_empty, 2);
    for (int i = 0; i < MANY; i++)
        ask(test, "qemu:///system");
    wait_for(&test->n_empty, 2 + MANY);
    g_assert_cmpuint(test->n_told, ==, 0);
    expect_asked(test, "qemu:///system\n");
    tear_down(test);
}

static void
test_hangs(void)
{
    Test test = {0};

    set_up(&test, "exec sleep 1000\n");
    check_failing(&test);
}

static void
test_fails(void)
{
    Test test = {0};

    set_up(&test, "echo '" ONE "'\nexit 1\n");
    check_failing(&test);
}

static void
test_babbles(void)
{
    Test test = {0};

    set_up(&test, "echo 'no JSON'\n");
    check_failing(&test);
}

static void
test_missing(void)
{
    Test test = {0};
    g_autofree char *program = NULL;

    set_up(&test, "");
    program = path_of(&test, "program");
    g_assert_cmpint(g_unlink(program), ==, 0);
    ask(&test, "qemu:///system");
    wait_for(&test.n_empty, 1);
    expect_asked(&test, "");
    tear_down(&test);
}

/* The daemon ends meanwhile. */
static void
test_ends(void)
{
    Test test = {0};

    set_up(&test, "exec sleep 1000\n");
    ask(&test, "qemu:///system");
    wait_until_asked(&test, 1);
    ask(&test, "qemu:///system");
    tear_down(&test);
    g_assert_cmpuint(test.n_told + test.n_empty, ==, 0);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/candidates/at once", test_at_once);
    g_test_add_func("/candidates/other libvirt", test_other_libvirt);
    g_test_add_func("/candidates/hangs", test_hangs);
    g_test_add_func("/candidates/fails", test_fails);
    g_test_add_func("/candidates/babbles", test_babbles);
    g_test_add_func("/candidates/missing", test_missing);
    g_test_add_func("/candidates/ends", test_ends);
    return g_test_run();
}
