/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/circumstances.h"

#include <glib.h>

#include "util/span.h"
#include "util/text.h"
#include "util/wallclock.h"

/* So long a guest that was let run may take to find its disk no better. */
#define IO_AGAIN (60 * VS_USEC_PER_SEC)

void
vs_circumstances_clear(VsCircumstances *circumstances)
{
    g_free(circumstances->io_reason);
    *circumstances = (VsCircumstances){0};
}

static bool
has_io_pause(const VsCircumstances *circumstances)
{
    return circumstances->io_since_mono > 0 && circumstances->io_over == 0;
}

static void
io_paused(VsCircumstances *circumstances, int64_t real, int64_t mono)
{
    bool again = circumstances->io_over > 0 && mono - circumstances->io_over < IO_AGAIN;

    if (!has_io_pause(circumstances) && !again) {
        g_clear_pointer(&circumstances->io_reason, g_free);
        circumstances->io_since = real;
        circumstances->io_since_mono = MAX(mono, 1);
    }
    circumstances->io_over = 0;
}

static void
suspended(VsCircumstances *circumstances, int detail, int64_t real, int64_t mono)
{
    if (detail == VS_SUSPENDED_IOERROR)
        io_paused(circumstances, real, mono);
    else if (detail == VS_SUSPENDED_POSTCOPY || detail == VS_SUSPENDED_POSTCOPY_FAILED)
        circumstances->postcopy_failed = detail == VS_SUSPENDED_POSTCOPY_FAILED;
}

static void
resumed(VsCircumstances *circumstances, int detail, int64_t mono)
{
    vs_circumstances_resumed(circumstances, mono);
    if (detail == VS_RESUMED_POSTCOPY || detail == VS_RESUMED_POSTCOPY_FAILED)
        circumstances->postcopy_failed = detail == VS_RESUMED_POSTCOPY_FAILED;
}

void
vs_circumstances_lifecycle(VsCircumstances *circumstances, int type, int detail, int64_t real,
                           int64_t mono)
{
    if (type == VS_LIFECYCLE_SUSPENDED)
        suspended(circumstances, detail, real, mono);
    else if (type == VS_LIFECYCLE_RESUMED)
        resumed(circumstances, detail, mono);
    else if (type == VS_LIFECYCLE_PMSUSPENDED)
        circumstances->hibernated = detail == VS_PMSUSPENDED_DISK;
    else if (type == VS_LIFECYCLE_STARTED && detail == VS_STARTED_WAKEUP)
        circumstances->hibernated = false;
}

void
vs_circumstances_hibernates(VsCircumstances *circumstances)
{
    circumstances->hibernated = true;
}

void
vs_circumstances_io_error(VsCircumstances *circumstances, const char *reason, int64_t real,
                          int64_t mono)
{
    io_paused(circumstances, real, mono);
    if (!circumstances->io_reason && reason)
        circumstances->io_reason = vs_text_cut(reason, VS_EVENT_MAX_COMM);
}

void
vs_circumstances_resumed(VsCircumstances *circumstances, int64_t mono)
{
    if (has_io_pause(circumstances))
        circumstances->io_over = MAX(mono, 1);
}

void
vs_circumstances_found(VsCircumstances *circumstances, VsDomainState state, int reason,
                       int64_t real, int64_t mono)
{
    if (state == VS_STATE_RUNNING)
        vs_circumstances_resumed(circumstances, mono);
    else if (state == VS_STATE_PAUSED && reason == VS_PAUSED_IOERROR)
        io_paused(circumstances, real, mono);
    else if (state == VS_STATE_PAUSED && reason == VS_PAUSED_POSTCOPY_FAILED)
        circumstances->postcopy_failed = true;
}

static json_object *
tell_io_pause(const VsCircumstances *circumstances, int64_t ended_mono)
{
    json_object *object = json_object_new_object();
    g_autofree char *since = vs_wallclock_format(circumstances->io_since);
    int64_t span = MAX(ended_mono - circumstances->io_since_mono, 0);

    vs_json_set_string(object, "since", since);
    vs_json_set_int(object, "paused_ms", span / VS_USEC_PER_MSEC);
    if (circumstances->io_reason)
        vs_json_set_string(object, "reason", circumstances->io_reason);
    return object;
}

json_object *
vs_circumstances_tell(const VsCircumstances *circumstances, int64_t ended_mono)
{
    json_object *object = json_object_new_object();

    if (circumstances->hibernated)
        vs_json_set_bool(object, "hibernated", true);
    if (has_io_pause(circumstances))
        vs_json_set(object, "io_error", tell_io_pause(circumstances, ended_mono));
    if (circumstances->postcopy_failed)
        vs_json_set_string(object, "migration", "postcopy-failed");
    if (json_object_object_length(object) == 0)
        g_clear_pointer(&object, json_object_put);
    return object;
}

json_object *
vs_circumstances_to_json(const VsCircumstances *circumstances)
{
    json_object *object;

    if (!circumstances->hibernated && !circumstances->postcopy_failed &&
        circumstances->io_since_mono == 0)
        return NULL;
    object = json_object_new_object();
    vs_json_set_bool(object, "hibernated", circumstances->hibernated);
    vs_json_set_bool(object, "postcopy_failed", circumstances->postcopy_failed);
    vs_json_set_int(object, "io_since", circumstances->io_since);
    vs_json_set_int(object, "io_since_mono", circumstances->io_since_mono);
    vs_json_set_int(object, "io_over", circumstances->io_over);
    vs_json_set_string(object, "io_reason", circumstances->io_reason);
    return object;
}

/* From a clock, which never was below 0. */
static int64_t
time_from_json(json_object *object, const char *key)
{
    int64_t time = 0;

    vs_json_int(object, key, &time);
    return MAX(time, 0);
}

void
vs_circumstances_from_json(VsCircumstances *circumstances, json_object *object)
{
    const char *reason = vs_json_string(object, "io_reason", NULL);

    vs_circumstances_clear(circumstances);
    circumstances->hibernated = vs_json_bool(object, "hibernated", false);
    circumstances->postcopy_failed = vs_json_bool(object, "postcopy_failed", false);
    circumstances->io_since = time_from_json(object, "io_since");
    circumstances->io_since_mono = time_from_json(object, "io_since_mono");
    circumstances->io_over = time_from_json(object, "io_over");
    if (reason)
        circumstances->io_reason = vs_text_cut(reason, VS_EVENT_MAX_COMM);
}
