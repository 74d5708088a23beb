/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "schedule/check.h"
#include "schedule/schedule.h"
#include "util/span.h"
#include "vs-test.h"

/* Each file of tests/schedule is a host that goes down on paper; README there tells how to read
 * one. What comes of it has to be what the file expects, to the line. */

typedef struct Guest {
    char *name;
    int64_t takes;      /* µs that it really takes; VS_USEC_INFINITY: stuck, all that it may */
    int64_t off_itself; /* when it is off by itself; VS_USEC_INFINITY: never */
    int64_t ends;       /* while it is asked */
    bool taken;
} Guest;

typedef struct Case {
    VsPolicy policy;
    GArray *guests; /* of VsScheduleGuest */
    GArray *truth;  /* of Guest, the same order */
    GPtrArray *expected, *probes;
    int64_t budget; /* -1: the longest */
    GString *told;
} Case;

static int64_t
parse_time(const char *text)
{
    char *end;
    double seconds;

    if (g_str_equal(text, "infinity"))
        return VS_USEC_INFINITY;
    seconds = g_ascii_strtod(text, &end);
    if (*end != '\0' || end == text)
        g_error("not a time: %s", text);
    return llround(seconds * 1e6);
}

static char *
format_time(int64_t time)
{
    return time == VS_USEC_INFINITY ? g_strdup("infinity") : g_strdup_printf("%.9g", time / 1e6);
}

static void
set_words(char ***words, const char *text)
{
    g_strfreev(*words);
    *words = g_strsplit(text, ",", -1);
}

/* [GLOB] key=value... */
static void
read_section(Case *self, char **words, unsigned line)
{
    g_autofree char *glob = g_strndup(words[0] + 1, strlen(words[0]) - 2);
    g_autofree char *where = g_strdup_printf("%u", line);
    VsSection *section = vs_section_new(glob, where);

    for (char **word = words + 1; *word; word++) {
        char *value = strchr(*word, '=') ? strchr(*word, '=') + 1 : *word;

        if (g_str_has_prefix(*word, "before="))
            set_words(&section->before, value);
        else if (g_str_has_prefix(*word, "after="))
            set_words(&section->after, value);
        else if (g_str_has_prefix(*word, "group="))
            set_words(&section->groups, value);
        else if (g_str_has_prefix(*word, "priority="))
            section->policy.priority = atoi(value), section->says |= VS_POLICY_PRIORITY;
        else
            g_error("line %u: what is %s?", line, *word);
    }
    g_ptr_array_add(self->policy.sections, section);
}

/* What its XML says: [title=TITLE] [tags=TAG,TAG] [says=KEY=VALUE], a _ for a space. */
static VsLabels *
read_labels(char **words)
{
    g_autofree char *title = g_strdup(""), *tags = g_strdup("");
    g_autoptr(GPtrArray) said = g_ptr_array_new();

    for (; *words; words++) {
        char *value = strchr(*words, '=') ? g_strdelimit(strchr(*words, '=') + 1, "_", ' ') : NULL;

        if (g_str_has_prefix(*words, "title="))
            g_free(title), title = g_strdup(value);
        else if (g_str_has_prefix(*words, "tags="))
            g_free(tags), tags = g_strdup(value);
        else if (g_str_has_prefix(*words, "says="))
            g_ptr_array_add(said, value);
    }
    g_ptr_array_add(said, NULL);
    return vs_labels_new(NULL, title, tags, (const char *const *)said->pdata);
}

/* guest NAME ASKING+RESERVE [TAKES|stuck] [taken] [off=TIME] [uri=URI] [uuid=UUID], and as above */
static void
read_guest(Case *self, char **words)
{
    g_auto(GStrv) times = g_strsplit(words[2], "+", 2);
    Guest guest = {g_strdup(words[1]), VS_USEC_INFINITY, VS_USEC_INFINITY, VS_USEC_INFINITY, false};
    VsScheduleGuest asked = {guest.name, parse_time(times[0]), times[1] ? parse_time(times[1]) : 0};

    asked.labels = read_labels(words + 3);
    for (char **word = words + 3; *word; word++) {
        if (g_str_equal(*word, "taken"))
            guest.taken = true;
        else if (g_str_has_prefix(*word, "off="))
            guest.off_itself = parse_time(*word + strlen("off="));
        else if (g_str_has_prefix(*word, "uri="))
            asked.uri = *word + strlen("uri=");
        else if (g_str_has_prefix(*word, "uuid="))
            asked.uuid = *word + strlen("uuid=");
        else if (!strchr(*word, '=') && !g_str_equal(*word, "stuck"))
            guest.takes = parse_time(*word);
    }
    asked.uri = asked.uri ? g_intern_string(asked.uri) : NULL;
    asked.uuid = asked.uuid ? g_intern_string(asked.uuid) : NULL;
    g_array_append_val(self->guests, asked);
    g_array_append_val(self->truth, guest);
}

static void
read_line(Case *self, const char *text, unsigned line, bool *expect)
{
    g_auto(GStrv) words = g_strsplit_set(text, " ", -1);

    if (text[0] == '#' || text[0] == '\0')
        return;
    if (*expect && (g_str_has_prefix(text, "longest") || g_str_has_prefix(text, "priority") ||
                    g_str_has_prefix(text, "waits")))
        g_ptr_array_add(self->probes, g_strdup(text));
    else if (*expect)
        g_ptr_array_add(self->expected, g_strdup(text));
    else if (g_str_equal(text, "expect"))
        *expect = true;
    else if (text[0] == '[')
        read_section(self, words, line);
    else if (g_str_equal(words[0], "guest"))
        read_guest(self, words);
    else if (g_str_equal(words[0], "budget"))
        self->budget = parse_time(words[1]);
    else if (g_str_equal(words[0], "max-parallel"))
        self->policy.max_parallel = (unsigned)atoi(words[1]);
    else
        g_error("line %u: what is %s?", line, text);
}

static unsigned
find_guest(const Case *self, const char *name)
{
    for (unsigned i = 0; i < self->truth->len; i++)
        if (g_str_equal(g_array_index(self->truth, Guest, i).name, name))
            return i;
    g_error("no guest %s", name);
}

static void tell(Case *self, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void
tell(Case *self, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    g_string_append_vprintf(self->told, format, arguments);
    va_end(arguments);
    g_string_append_c(self->told, '\n');
}

static void
check_probe(const Case *self, const VsSchedule *schedule, const char *probe)
{
    g_auto(GStrv) words = g_strsplit(probe, " ", -1);
    g_autofree char *longest = format_time(vs_schedule_longest(schedule));
    g_autofree char *told = NULL;

    if (g_str_equal(words[0], "longest")) {
        told = g_strdup_printf("longest %s", longest);
    } else if (g_str_equal(words[0], "priority")) {
        told = g_strdup_printf("priority %s %d", words[1],
                               vs_schedule_priority(schedule, find_guest(self, words[1])));
    } else {
        int other = vs_schedule_waits_for(schedule, find_guest(self, words[1]));

        told = g_strdup_printf("waits %s %s", words[1],
                               other < 0 ? "-" : g_array_index(self->truth, Guest, other).name);
    }
    g_assert_cmpstr(told, ==, probe);
}

static void
start(Case *self, const VsSchedule *schedule, unsigned i, int64_t now)
{
    Guest *guest = &g_array_index(self->truth, Guest, i);
    int64_t left = self->budget == VS_USEC_INFINITY ? self->budget : self->budget - now;
    int64_t allowed = vs_schedule_allow(schedule, i, left);
    g_autofree char *when = format_time(now), *may = format_time(allowed);
    int64_t takes = MIN(allowed, guest->takes);

    guest->ends = takes == VS_USEC_INFINITY ? takes : now + takes;
    tell(self, "%s %s %s", when, guest->name, may);
}

/* The next time that something happens; VS_USEC_INFINITY: never. */
static int64_t
find_next(const Case *self, const VsSchedule *schedule)
{
    int64_t next = VS_USEC_INFINITY;

    for (unsigned i = 0; i < self->truth->len; i++) {
        const Guest *guest = &g_array_index(self->truth, Guest, i);

        if (!vs_schedule_is_done(schedule, i))
            next = MIN(next, MIN(guest->ends, guest->off_itself));
    }
    return next;
}

static int64_t
go_down(Case *self, VsSchedule *schedule)
{
    int64_t now = 0;

    for (unsigned i = 0; i < self->truth->len; i++)
        if (g_array_index(self->truth, Guest, i).taken) {
            vs_schedule_take(schedule, i);
            start(self, schedule, i, now);
        }
    while (vs_schedule_n_left(schedule) > 0) {
        for (int i = vs_schedule_next(schedule); i >= 0; i = vs_schedule_next(schedule))
            start(self, schedule, (unsigned)i, now);
        now = find_next(self, schedule);
        g_assert_cmpint(now, <, VS_USEC_INFINITY);
        for (unsigned i = 0; i < self->truth->len; i++) {
            const Guest *guest = &g_array_index(self->truth, Guest, i);

            if (guest->ends <= now || guest->off_itself <= now)
                vs_schedule_done(schedule, i);
        }
    }
    return now;
}

static void
play(Case *self)
{
    const VsScheduleGuest *guests = (const VsScheduleGuest *)(const void *)self->guests->data;
    g_autoptr(VsSchedule) schedule = vs_schedule_new(&self->policy, guests, self->guests->len);
    const GPtrArray *cycles = vs_schedule_cycles(schedule);
    g_autoptr(GError) error = NULL;
    g_autofree char *end = NULL;

    for (unsigned i = 0; i < self->probes->len; i++)
        check_probe(self, schedule, self->probes->pdata[i]);
    if (self->budget < 0)
        self->budget = vs_schedule_longest(schedule);
    end = format_time(go_down(self, schedule));
    tell(self, "end %s", end);
    for (unsigned i = 0; i < cycles->len; i++)
        tell(self, "cycle %s", (const char *)cycles->pdata[i]);
    if (!vs_schedule_check(&self->policy, &error)) {
        g_autofree char *line = g_strndup(error->message, strcspn(error->message, ":"));
        const char *open = strstr(error->message, "“") + strlen("“");
        g_autofree char *circle = g_strndup(open, strstr(open, "”") - open);

        tell(self, "error %s: %s", line, circle);
    }
}

static void
test_case(const void *path)
{
    g_autofree char *text = vs_test_read(path), *expected = NULL, *told = NULL;
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    Case self = {.budget = -1};
    bool expect = false;

    vs_policy_init(&self.policy);
    self.guests = g_array_new(FALSE, FALSE, sizeof(VsScheduleGuest));
    self.truth = g_array_new(FALSE, FALSE, sizeof(Guest));
    self.expected = g_ptr_array_new_with_free_func(g_free);
    self.probes = g_ptr_array_new_with_free_func(g_free);
    self.told = g_string_new(NULL);
    for (unsigned i = 0; lines[i]; i++)
        read_line(&self, lines[i], i + 1, &expect);
    g_assert_true(expect);

    play(&self);
    g_ptr_array_add(self.expected, g_strdup(""));
    g_ptr_array_add(self.expected, NULL);
    expected = g_strjoinv("\n", (char **)self.expected->pdata);
    told = g_string_free(self.told, FALSE);
    g_assert_cmpstr(told, ==, expected);

    for (unsigned i = 0; i < self.truth->len; i++) {
        g_free(g_array_index(self.truth, Guest, i).name);
        vs_labels_unref((VsLabels *)g_array_index(self.guests, VsScheduleGuest, i).labels);
    }
    g_array_unref(self.guests);
    g_array_unref(self.truth);
    g_ptr_array_unref(self.expected);
    g_ptr_array_unref(self.probes);
    vs_policy_clear(&self.policy);
}

int
main(int argc, char **argv)
{
    const char *top = g_getenv("top_srcdir");
    g_autofree char *path = g_build_filename(top ? top : ".", "tests", "schedule", NULL);
    g_autoptr(GDir) dir = NULL;
    const char *name;
    unsigned n = 0;

    vs_test_init(&argc, &argv);
    dir = g_dir_open(path, 0, NULL);
    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *test = g_strdup_printf("/schedule/%s", name);

        if (!g_str_has_suffix(name, ".case"))
            continue;
        g_test_add_data_func_full(test, g_build_filename(path, name, NULL), test_case, g_free);
        n++;
    }
    if (n < 45)
        g_error("%s: only %u cases", path, n);
    return g_test_run();
}
