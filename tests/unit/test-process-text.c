/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/process-end.h"

#include <glib.h>
#include <signal.h>

#include "vs-test.h"

/* How a process ended, in words: as records have them, and as a run is kept over a restart. */

static const struct {
    int number;
    const char *name;
    bool crash;
} signals[] = {
    {SIGHUP, "SIGHUP", false},   {SIGINT, "SIGINT", false},       {SIGQUIT, "SIGQUIT", false},
    {SIGILL, "SIGILL", true},    {SIGTRAP, "SIGTRAP", true},      {SIGABRT, "SIGABRT", true},
    {SIGBUS, "SIGBUS", true},    {SIGFPE, "SIGFPE", true},        {SIGKILL, "SIGKILL", false},
    {SIGUSR1, "SIGUSR1", false}, {SIGSEGV, "SIGSEGV", true},      {SIGUSR2, "SIGUSR2", false},
    {SIGPIPE, "SIGPIPE", true},  {SIGALRM, "SIGALRM", false},     {SIGTERM, "SIGTERM", false},
    {SIGXCPU, "SIGXCPU", true},  {SIGXFSZ, "SIGXFSZ", true},      {SIGVTALRM, "SIGVTALRM", false},
    {SIGPROF, "SIGPROF", false}, {SIGIO, "SIGIO", false},         {SIGPWR, "SIGPWR", false},
    {SIGSYS, "SIGSYS", true},    {SIGSTKFLT, "SIGSTKFLT", false}, {34, "SIGRTMIN+0", false},
    {64, "SIGRTMIN+30", false},
};

static void
test_signals(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(signals); i++) {
        g_assert_cmpstr(vs_signal_name(signals[i].number), ==, signals[i].name);
        g_assert_cmpint(vs_signal_number(signals[i].name), ==, signals[i].number);
        g_assert_cmpint(vs_signal_is_crash(signals[i].number), ==, signals[i].crash);
    }
}

/* Those that end no process, and what is none. */
static void
test_no_signals(void)
{
    static const int numbers[] = {-1, 0, SIGCHLD, SIGCONT, SIGSTOP, 32, 33, 65};

    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
        g_assert_null(vs_signal_name(numbers[i]));
        g_assert_false(vs_signal_is_crash(numbers[i]));
    }
    g_assert_cmpint(vs_signal_number(NULL), ==, 0);
    g_assert_cmpint(vs_signal_number("SIGNAL"), ==, 0);
    g_assert_cmpint(vs_signal_number("SIGRTMIN+31"), ==, 0);
}

static void
test_ooms(void)
{
    static const char *const names[VS_N_OOMS] = {"unknown", "no", "counted", "named"};
    VsOom oom;

    for (VsOom i = 0; i < VS_N_OOMS; i++) {
        g_assert_cmpstr(vs_oom_name(i), ==, names[i]);
        g_assert_true(vs_oom_parse(names[i], &oom));
        g_assert_cmpint(oom, ==, i);
    }
    g_assert_false(vs_oom_parse("perhaps", &oom));
}

static VsProcessEnd
from_text(const char *text)
{
    g_autoptr(json_object) object = vs_json_parse_object(text, NULL);

    g_assert_nonnull(object);
    return vs_process_end_from_json(object);
}

static void
test_kept(void)
{
    static const char *const texts[] = {
        "{}",
        "{\"status\":0}",
        "{\"status\":255,\"oom\":\"no\"}",
        "{\"signal\":\"SIGKILL\",\"oom\":\"counted\"}",
        "{\"signal\":\"SIGRTMIN+3\"}",
        "{\"signal\":33}",
        "{\"oom\":\"named\"}",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        VsProcessEnd end = from_text(texts[i]);
        g_autoptr(json_object) again = json_object_new_object();

        vs_process_end_to_json(&end, again);
        g_assert_cmpstr(vs_json_line(again), ==, texts[i]);
    }
    g_assert_cmpint(from_text("{\"signal\":1}").number, ==, SIGHUP);
    g_assert_cmpint(from_text("{\"signal\":64}").number, ==, 64);
}

/* From a file that somebody else wrote. */
static void
test_bad(void)
{
    static const char *const texts[] = {
        "{\"signal\":0}",  "{\"signal\":65}",  "{\"signal\":-1}",   "{\"signal\":\"SIGNAL\"}",
        "{\"status\":-1}", "{\"status\":256}", "{\"status\":\"\"}", "{\"oom\":\"perhaps\"}",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        VsProcessEnd end = from_text(texts[i]);

        g_assert_cmpint(end.fate, ==, VS_FATE_UNKNOWN);
        g_assert_cmpint(end.number, ==, 0);
        g_assert_cmpint(end.oom, ==, VS_OOM_UNKNOWN);
    }
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/process-text/signals", test_signals);
    g_test_add_func("/process-text/no-signals", test_no_signals);
    g_test_add_func("/process-text/ooms", test_ooms);
    g_test_add_func("/process-text/kept", test_kept);
    g_test_add_func("/process-text/bad", test_bad);
    return g_test_run();
}
