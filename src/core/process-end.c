/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/process-end.h"

#include <glib.h>

static const char *const oom_names[VS_N_OOMS] = {
    [VS_OOM_UNKNOWN] = "unknown",
    [VS_OOM_NO] = "no",
    [VS_OOM_COUNTED] = "counted",
    [VS_OOM_NAMED] = "named",
};

/* Linux's first for everybody, for glibc keeps two. */
enum {
    SIGNAL_REALTIME_MIN = 34,
};

/* Those that end a process which doesn't handle them, by Linux's numbers. */
static const struct {
    int number;
    const char *name;
    bool crash;
} signals[] = {
    {1, "SIGHUP", false},  {2, "SIGINT", false},     {3, "SIGQUIT", false},  {4, "SIGILL", true},
    {5, "SIGTRAP", true},  {6, "SIGABRT", true},     {7, "SIGBUS", true},    {8, "SIGFPE", true},
    {9, "SIGKILL", false}, {10, "SIGUSR1", false},   {11, "SIGSEGV", true},  {12, "SIGUSR2", false},
    {13, "SIGPIPE", true}, {14, "SIGALRM", false},   {15, "SIGTERM", false}, {24, "SIGXCPU", true},
    {25, "SIGXFSZ", true}, {26, "SIGVTALRM", false}, {27, "SIGPROF", false}, {29, "SIGIO", false},
    {30, "SIGPWR", false}, {16, "SIGSTKFLT", false}, {31, "SIGSYS", true},
};

const char *
vs_oom_name(VsOom oom)
{
    return oom_names[oom];
}

bool
vs_oom_parse(const char *name, VsOom *ret)
{
    for (VsOom i = 0; i < VS_N_OOMS; i++) {
        if (g_str_equal(oom_names[i], name)) {
            *ret = i;
            return true;
        }
    }
    return false;
}

static const char *
realtime_name(int number)
{
    char name[sizeof "SIGRTMIN+30"];

    g_snprintf(name, sizeof name, "SIGRTMIN+%d", number - SIGNAL_REALTIME_MIN);
    return g_intern_string(name);
}

const char *
vs_signal_name(int number)
{
    for (size_t i = 0; i < G_N_ELEMENTS(signals); i++) {
        if (signals[i].number == number)
            return signals[i].name;
    }
    return number >= SIGNAL_REALTIME_MIN && number <= VS_MAX_SIGNAL ? realtime_name(number) : NULL;
}

int
vs_signal_number(const char *name)
{
    for (size_t i = 0; name && i < G_N_ELEMENTS(signals); i++) {
        if (g_str_equal(signals[i].name, name))
            return signals[i].number;
    }
    for (int number = SIGNAL_REALTIME_MIN; name && number <= VS_MAX_SIGNAL; number++) {
        if (g_str_equal(realtime_name(number), name))
            return number;
    }
    return 0;
}

bool
vs_signal_is_crash(int number)
{
    for (size_t i = 0; i < G_N_ELEMENTS(signals); i++) {
        if (signals[i].number == number)
            return signals[i].crash;
    }
    return false;
}

void
vs_process_end_to_json(const VsProcessEnd *end, json_object *object)
{
    const char *signal = vs_signal_name(end->number);

    if (end->fate == VS_FATE_EXITED)
        vs_json_set_int(object, "status", end->number);
    else if (end->fate == VS_FATE_KILLED && signal)
        vs_json_set_string(object, "signal", signal);
    else if (end->fate == VS_FATE_KILLED)
        vs_json_set_int(object, "signal", end->number);
    if (end->oom != VS_OOM_UNKNOWN)
        vs_json_set_string(object, "oom", vs_oom_name(end->oom));
}

VsProcessEnd
vs_process_end_from_json(json_object *object)
{
    VsProcessEnd end = {0};
    int64_t number = 0;
    int signal = vs_signal_number(vs_json_string(object, "signal", NULL));

    if (signal == 0 && vs_json_int(object, "signal", &number) && number > 0 &&
        number <= VS_MAX_SIGNAL)
        signal = (int)number;
    if (signal > 0) {
        end.fate = VS_FATE_KILLED;
        end.number = signal;
    } else if (vs_json_int(object, "status", &number) && number >= 0 && number <= 255) {
        end.fate = VS_FATE_EXITED;
        end.number = (int)number;
    }
    vs_oom_parse(vs_json_string(object, "oom", ""), &end.oom);
    return end;
}
