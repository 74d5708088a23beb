/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/left.h"

#include <sys/stat.h>

#include "daemon/log.h"
#include "record/boot.h"
#include "record/history-query.h"
#include "record/host-stops.h"
#include "util/file.h"
#include "util/i18n.h"
#include "util/json.h"
#include "util/span.h"
#include "util/text.h"

static void
warn(const char *message, void *userdata)
{
    vs_log(LOG_WARNING, "%s", message);
}

/* Each file says itself of which boot it is; where an older version wrote it, the mark of the
 * directory does. */
static bool
drop_other_boot(const VsWritePlaces *places, bool marked, GError **error)
{
    g_autoptr(GPtrArray) entries = vs_run_files_load(places->run_files, warn, NULL, error);

    if (!entries)
        return false;
    for (unsigned i = 0; i < entries->len; i++) {
        const VsRunFile *entry = entries->pdata[i];
        g_autofree char *name = vs_text_quoted(entry->domain.name);

        if (entry->boot_id ? g_str_equal(entry->boot_id, places->boot_id) : marked)
            continue;
        vs_log(LOG_WARNING,
               _("What was kept of %s is from another boot of this host, and is dropped"), name);
        if (!vs_run_files_forget(places->run_files, &entry->domain, error))
            return false;
    }
    return true;
}

int64_t
vs_left_last_record(const char *state_directory)
{
    g_autofree char *path = g_build_filename(state_directory, "stops.jsonl", NULL);
    struct stat status;

    return stat(path, &status) < 0 ? 0 : status.st_mtim.tv_sec * VS_USEC_PER_SEC;
}

bool
vs_left_open(VsWritePlaces *places, const char *runtime, GError **error)
{
    g_autofree char *directory = g_build_filename(runtime, "guests", NULL);
    g_autoptr(GError) problem = NULL;
    bool marked;

    if (!vs_file_make_directory(runtime, 0755, error))
        return false;
    places->run_files = vs_run_files_open(directory, places->boot_id, error);
    if (!places->run_files)
        return false;
    places->seen_until = MAX(places->seen_until, vs_run_files_changed_at(places->run_files));
    marked = vs_boot_is_marked(runtime, places->boot_id, &problem);
    if (problem)
        vs_log(LOG_WARNING, _("%s, and is set aside"), problem->message);
    return drop_other_boot(places, marked, error) &&
           (marked || vs_boot_mark(runtime, places->boot_id, error));
}

/* The record's id is its run's, so a record that was written just before the daemon ended isn't
 * again. */
static char *
find_record(const VsWritePlaces *places, const char *text)
{
    g_autoptr(json_object) object = vs_json_parse_object(text, NULL);
    const char *id = vs_json_string(vs_json_object(object, "run"), "id", NULL);

    return id ? vs_history_find(places->history, id) : NULL;
}

static void
set_aside_host_stops(const VsWritePlaces *places, const char *why)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *aside = vs_host_stops_file_set_aside(places->state_directory, &error);

    vs_log_set_aside(why, aside, error);
}

static void
take_over_host_stops(const VsWritePlaces *places, VsLeftTakeOver take_over, void *userdata)
{
    VsEvent event = {.type = VS_EVENT_TAKE_OVER_HOST_STOPS};
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;

    if (!vs_host_stops_file_load(places->state_directory, places->boot_id, &text,
                                 &event.host_stops.same_boot, &error))
        set_aside_host_stops(places, error->message);
    g_clear_error(&error);
    event.host_stops.text = text;
    event.host_stops.seen_until = places->seen_until;
    if (!take_over(&event, &error, userdata))
        set_aside_host_stops(places, error->message);
}

static void
take_over_guest(const VsWritePlaces *places, const VsRunFile *entry, VsLeftTakeOver take_over,
                void *userdata)
{
    g_autofree char *record = find_record(places, entry->text);
    VsEvent event = {.type = VS_EVENT_TAKE_OVER, .domain = &entry->domain};
    g_autoptr(GError) error = NULL;

    event.take_over.state = entry->text;
    event.take_over.record = record;
    event.take_over.seen_until = places->seen_until;
    if (!take_over(&event, &error, userdata))
        vs_run_files_set_aside(places->run_files, &entry->domain, error->message, warn, NULL);
}

void
vs_left_take_over(const VsWritePlaces *places, VsLeftTakeOver take_over, void *userdata)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) entries = vs_run_files_load(places->run_files, warn, NULL, &error);

    if (!entries)
        vs_log(LOG_ERR, "%s", error->message);
    for (unsigned i = 0; entries && i < entries->len; i++)
        take_over_guest(places, entries->pdata[i], take_over, userdata);
    take_over_host_stops(places, take_over, userdata);
    vs_left_take_over_noted(places, take_over, userdata);
}
