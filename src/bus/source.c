/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/source.h"

typedef struct VsEventSource {
    GSource source;
    GPollFD poll;
    sd_event *event;
} VsEventSource;

static gboolean
prepare(GSource *source, int *timeout)
{
    sd_event *event = ((VsEventSource *)source)->event;

    /* GLib leaves out the check where a source of a higher priority was ready. What was prepared
     * then is settled first: sd-event arms its timers in prepare only, and refuses it in this
     * state. */
    if (sd_event_get_state(event) == SD_EVENT_ARMED && sd_event_wait(event, 0) > 0)
        return TRUE;

    return sd_event_prepare(event) > 0;
}

static gboolean
check(GSource *source)
{
    return sd_event_wait(((VsEventSource *)source)->event, 0) > 0;
}

static gboolean
dispatch(GSource *source, GSourceFunc callback, gpointer userdata)
{
    gboolean goes_on = sd_event_dispatch(((VsEventSource *)source)->event) > 0;

    return (!callback || callback(userdata)) && goes_on;
}

static void
finalize(GSource *source)
{
    sd_event_unref(((VsEventSource *)source)->event);
}

static GSourceFuncs functions = {
    .prepare = prepare,
    .check = check,
    .dispatch = dispatch,
    .finalize = finalize,
};

GSource *
vs_bus_source_new(sd_event *event)
{
    GSource *source = g_source_new(&functions, sizeof(VsEventSource));
    VsEventSource *self = (VsEventSource *)source;

    self->event = sd_event_ref(event);
    self->poll.fd = sd_event_get_fd(event);
    self->poll.events = G_IO_IN | G_IO_HUP;
    g_source_add_poll(source, &self->poll);
    g_source_set_name(source, "sd-event");
    return source;
}
