/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fake-virtstopd.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>
#include <time.h>
#include <unistd.h>

#include "util/error.h"

#define NAME    "org.virtstop1"
#define ROOT    "/org/virtstop1"
#define MANAGER "org.virtstop1.Manager"
#define STOP    "org.virtstop1.Stop"
#define BEAT    50000 /* µs */

typedef struct Fake {
    sd_bus *bus;
    sd_event *event;
    const char *word;
    GHashTable *over; /* path: record, of stops that were finished since this one was run */
    bool answered, stopping_all;
} Fake;

static char *
path_of(const char *name)
{
    return g_build_filename(g_getenv("FAKE_DIR"), name, NULL);
}

static bool
exists(const char *name)
{
    g_autofree char *path = path_of(name);

    return g_file_test(path, G_FILE_TEST_EXISTS);
}

static void
removes(const char *name)
{
    g_autofree char *path = path_of(name);

    g_unlink(path);
}

/* "" where there is none. */
static char *
read_file(const char *name)
{
    g_autofree char *path = path_of(name);
    char *text = NULL;

    return g_file_get_contents(path, &text, NULL, NULL) ? g_strchomp(text) : g_strdup("");
}

static void
append(const char *name, const char *line)
{
    g_autofree char *path = path_of(name);
    FILE *file = fopen(path, "a");

    if (file) {
        fprintf(file, "%s\n", line);
        fclose(file);
    }
}

/* The names of the guests whose stops are in flight. */
static GPtrArray *
list_stops(void)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *path = path_of("stops");
    GDir *dir = g_dir_open(path, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir)))
        g_ptr_array_add(names, g_strdup(name));
    g_clear_pointer(&dir, g_dir_close);
    return names;
}

static char *
id_of(const char *name)
{
    g_autofree char *file = g_build_filename("stops", name, NULL);

    return read_file(file);
}

static char *
stop_path(const char *name)
{
    g_autofree char *id = id_of(name);

    return g_strconcat(ROOT "/stop/", g_strdelimit(id, "-", '_'), NULL);
}

static void
set_stopping_all(Fake *fake)
{
    g_autoptr(GPtrArray) names = list_stops();
    bool stopping_all = fake->answered && (names->len > 0 || exists("waits"));

    if (stopping_all == fake->stopping_all)
        return;
    fake->stopping_all = stopping_all;
    sd_bus_emit_properties_changed(fake->bus, ROOT, MANAGER, "StoppingAll", NULL);
}

/* "ladder=agent:5s shutdown=1"; false: it has an option that isn't known. */
static bool
note_request(sd_bus_message *call)
{
    bool known = true;
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *line = NULL;
    const char *name, *type, *text;
    uint64_t number;
    int yes;

    sd_bus_message_enter_container(call, 'a', "{sv}");
    while (sd_bus_message_enter_container(call, 'e', "sv") > 0) {
        sd_bus_message_read(call, "s", &name);
        sd_bus_message_peek_type(call, NULL, &type);
        known &= !g_str_equal(name, "kind") || !exists("knows-no-kind");
        if (g_str_equal(type, "s") && sd_bus_message_read(call, "v", "s", &text) >= 0)
            g_ptr_array_add(words, g_strdup_printf("%s=%s", name, text));
        else if (g_str_equal(type, "t") && sd_bus_message_read(call, "v", "t", &number) >= 0)
            g_ptr_array_add(words, g_strdup_printf("%s=%" G_GUINT64_FORMAT, name, number));
        else if (sd_bus_message_read(call, "v", "b", &yes) >= 0)
            g_ptr_array_add(words, g_strdup_printf("%s=%d", name, yes));
        sd_bus_message_exit_container(call);
    }
    g_ptr_array_add(words, NULL);
    line = g_strjoinv(" ", (char **)words->pdata);
    append("requests", line);
    return known;
}

static int
on_stop_all(sd_bus_message *call, void *userdata, sd_bus_error *ret_error)
{
    g_autoptr(GPtrArray) names = list_stops();
    sd_bus_message *reply = NULL;
    Fake *fake = userdata;

    append("asked", fake->word);
    if (!note_request(call))
        return sd_bus_reply_method_errorf(call, "org.freedesktop.DBus.Error.InvalidArgs",
                                          "There is no option “kind” here");
    if (g_str_equal(fake->word, "dies"))
        _exit(1);
    fake->answered = true;
    sd_bus_message_new_method_return(call, &reply);
    sd_bus_message_open_container(reply, 'a', "(so)");
    for (unsigned i = 0; i < names->len; i++) {
        g_autofree char *path = stop_path(names->pdata[i]);
        sd_bus_message_append(reply, "(so)", (const char *)names->pdata[i], path);
    }
    sd_bus_message_close_container(reply);
    sd_bus_send(fake->bus, reply, NULL);
    sd_bus_message_unref(reply);
    set_stopping_all(fake);
    return 1;
}

/* All of the stop's that is asked for, in one page; no other option is heeded. */
static int
on_list_records(sd_bus_message *call, void *userdata, sd_bus_error *ret_error)
{
    g_autofree char *text = read_file("history");
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    sd_bus_message *reply = NULL;
    const char *option, *id = "";
    int r;

    sd_bus_message_enter_container(call, 'a', "{sv}");
    while (sd_bus_message_enter_container(call, 'e', "sv") > 0) {
        sd_bus_message_read(call, "s", &option);
        if (g_str_equal(option, "stop"))
            sd_bus_message_read(call, "v", "s", &id);
        else
            sd_bus_message_skip(call, "v");
        sd_bus_message_exit_container(call);
    }
    append("looked-up", id);
    sd_bus_message_new_method_return(call, &reply);
    sd_bus_message_open_container(reply, 'a', "s");
    for (char **line = lines; *line; line++)
        if (strstr(*line, id))
            sd_bus_message_append(reply, "s", *line);
    sd_bus_message_close_container(reply);
    sd_bus_message_append(reply, "s", "");
    r = sd_bus_send(NULL, reply, NULL);
    sd_bus_message_unref(reply);
    return r;
}

static int
get_connections(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    g_autofree char *away = read_file("away");

    return sd_bus_message_append(reply, "a(sb)", 2, "qemu:///one", 1, *away ? away : "qemu:///two",
                                 *away == '\0');
}

static int
get_stopping_all(sd_bus *bus, const char *path, const char *interface, const char *property,
                 sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    const Fake *fake = userdata;

    return sd_bus_message_append(reply, "b", fake->stopping_all);
}

static int
get_host_shutdown(sd_bus *bus, const char *path, const char *interface, const char *property,
                  sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    return sd_bus_message_append(reply, "b", exists("host-shutdown"));
}

/* What all of them come to. */
static const char *
outcome(void)
{
    return exists("nobody-knows") ? "unknown" : "clean";
}

static const sd_bus_vtable manager[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("StopAll", "a{sv}", "a(so)", on_stop_all, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("ListRecords", "a{sv}", "ass", on_list_records, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_SIGNAL("StopAdded", "soos", 0),
    SD_BUS_SIGNAL("StopFinished", "sooss", 0),
    SD_BUS_SIGNAL("StopRecorded", "s", 0),
    SD_BUS_PROPERTY("Connections", "a(sb)", get_connections, 0,
                    SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("StoppingAll", "b", get_stopping_all, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("HostShutdown", "b", get_host_shutdown, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_VTABLE_END,
};

static int
find_stop(sd_bus *bus, const char *path, const char *interface, void *userdata, void **ret_found,
          sd_bus_error *ret_error)
{
    g_autoptr(GPtrArray) names = list_stops();
    Fake *fake = userdata;

    *ret_found = userdata;
    if (g_hash_table_contains(fake->over, path))
        return 1;
    for (unsigned i = 0; i < names->len; i++) {
        g_autofree char *its = stop_path(names->pdata[i]);
        if (g_str_equal(its, path))
            return 1;
    }
    return 0;
}

static int
get_stop_text(sd_bus *bus, const char *path, const char *interface, const char *property,
              sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    const char *text = g_str_equal(property, "Phase")  ? "asked"
                       : g_str_equal(property, "Step") ? "agent"
                                                       : "agent:60s destroy";

    return sd_bus_message_append(reply, "s", text);
}

static int
get_end(sd_bus *bus, const char *path, const char *interface, const char *property,
        sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    const Fake *fake = userdata;
    const char *record = g_hash_table_lookup(fake->over, path);

    if (g_str_equal(property, "Outcome"))
        return sd_bus_message_append(reply, "s", record ? outcome() : "");
    return sd_bus_message_append(reply, "s", record ? record : "");
}

static const sd_bus_vtable stop[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_PROPERTY("Outcome", "s", get_end, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Record", "s", get_end, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Phase", "s", get_stop_text, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Step", "s", get_stop_text, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Ladder", "s", get_stop_text, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_VTABLE_END,
};

static void
finish(Fake *fake, const char *name)
{
    g_autofree char *id = id_of(name), *path = stop_path(name);
    g_autofree char *file = g_build_filename("stops", name, NULL);
    char *record = g_strdup_printf(
        "{\"schema\":1,\"domain\":{\"name\":\"%s\"},\"cause\":\"guest-agent\",\"clean\":true,"
        "\"confidence\":\"certain\",\"took_ms\":10,\"request\":{\"stop\":\"%s\",\"outcome\":"
        "\"%s\"}}",
        name, id, outcome());

    removes(file);
    append("history", record);
    g_hash_table_insert(fake->over, g_strdup(path), record);
    sd_bus_emit_signal(fake->bus, ROOT, MANAGER, "StopRecorded", "s", record);
    if (exists("untold"))
        sd_bus_emit_object_added(fake->bus, path);
    else
        sd_bus_emit_properties_changed(fake->bus, path, STOP, "Outcome", "Record", NULL);
    sd_bus_emit_signal(fake->bus, ROOT, MANAGER, "StopFinished", "sooss", id, path,
                       ROOT "/domain/1", name, outcome());
}

static void
join(Fake *fake)
{
    g_autofree char *name = read_file("joins"), *path = NULL, *file = NULL;
    static const char id[] = "11111111-2222-4333-8444-555555555599";

    removes("joins");
    file = g_build_filename("stops", name, NULL);
    append(file, id);
    path = stop_path(name);
    sd_bus_emit_signal(fake->bus, ROOT, MANAGER, "StopAdded", "soos", id, path, ROOT "/domain/2",
                       name);
}

/* Goes on without a bus, too. */
static void
beat(Fake *fake)
{
    g_autoptr(GPtrArray) names = list_stops();

    if (fake->answered && g_str_equal(fake->word, "freezes"))
        raise(SIGSTOP);
    if (fake->answered && names->len > 0 && !exists("hold")) {
        finish(fake, names->pdata[0]);
        if (exists("joins"))
            join(fake);
    }
    set_stopping_all(fake);
}

static int
on_beat(sd_event_source *source, uint64_t usec, void *userdata)
{
    sd_event_source_set_time(source, usec + BEAT);
    sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
    beat(userdata);
    return 0;
}

static int
on_disconnected(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    Fake *fake = userdata;

    return sd_event_exit(fake->event, 0);
}

static bool
connect_to_bus(Fake *fake)
{
    if (sd_bus_open_system(&fake->bus) < 0)
        return false;
    return sd_bus_add_object_manager(fake->bus, NULL, ROOT) >= 0 &&
           sd_bus_add_object_vtable(fake->bus, NULL, ROOT, MANAGER, manager, fake) >= 0 &&
           sd_bus_add_fallback_vtable(fake->bus, NULL, ROOT "/stop", STOP, stop, find_stop, fake) >=
               0 &&
           sd_bus_match_signal(fake->bus, NULL, NULL, "/org/freedesktop/DBus/Local",
                               "org.freedesktop.DBus.Local", "Disconnected", on_disconnected,
                               fake) >= 0 &&
           sd_bus_request_name(fake->bus, NAME, 0) >= 0;
}

/* Until the bus goes; then it looks for it again, as virtstopd does. */
static void
serve(Fake *fake)
{
    while (!connect_to_bus(fake)) {
        fake->bus = sd_bus_close_unref(fake->bus);
        beat(fake);
        g_usleep(BEAT);
    }
    append("named", fake->word);
    while (g_str_equal(fake->word, "mute"))
        pause();
    sd_event_new(&fake->event);
    sd_bus_attach_event(fake->bus, fake->event, SD_EVENT_PRIORITY_NORMAL);
    sd_event_add_time(fake->event, NULL, CLOCK_MONOTONIC, (uint64_t)g_get_monotonic_time() + BEAT,
                      0, on_beat, fake);
    sd_event_loop(fake->event);
    sd_bus_detach_event(fake->bus);
    fake->bus = sd_bus_close_unref(fake->bus);
    fake->event = sd_event_unref(fake->event);
}

/* Whether all that it can't start without is set. */
static bool
can_start(void)
{
    g_autofree char *text = read_file("breaks");
    g_auto(GStrv) variables = g_strsplit(text, " ", -1);

    for (char **variable = variables; *variable; variable++)
        if (**variable && !g_getenv(*variable))
            return false;
    return true;
}

static const char *
get_word(void)
{
    g_autofree char *plan = read_file("plan"), *runs = read_file("runs");
    g_auto(GStrv) words = g_strsplit(plan, " ", -1), lines = g_strsplit(runs, "\n", -1);
    unsigned n = g_strv_length(lines);

    return g_intern_string(n < g_strv_length(words) && *words[n] ? words[n] : "serve");
}

int
fake_virtstopd_main(int argc, char **argv)
{
    const char *conf = g_getenv("CONFIGURATION_DIRECTORY"), *state = g_getenv("STATE_DIRECTORY");
    const char *run = g_getenv("RUNTIME_DIRECTORY");
    g_autofree char *line = g_strdup_printf("conf=%s state=%s run=%s", conf ? conf : "",
                                            state ? state : "", run ? run : "");
    g_autofree char *breaks = read_file("breaks");
    Fake fake = {0};

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (argc > 1) /* --check-config */
        return strstr(breaks, "CONFIGURATION_DIRECTORY") ? 1 : 0;
    fake.word = get_word();
    append("runs", line);
    if (g_str_equal(fake.word, "locked"))
        return VS_EXIT_LOCKED;
    if (!can_start())
        return 1;
    fake.over = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    for (;;)
        serve(&fake);
}
