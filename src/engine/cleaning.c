/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/cleaning.h"

#include <syslog.h>

#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"

/* Between the system's end and the process's: libvirt kills at 10 s and gives up at 40 s. */
#define REAP_SPAN (45 * VS_USEC_PER_SEC)

/* ... at least, whatever the time: then it hangs. */
#define END_SPAN (10 * VS_USEC_PER_SEC)

/* It was our SIGTERM that it obeys: for that it has its step's time, no more and no less. */
static bool
is_terminated(const VsGuest *guest)
{
    const VsStep *step = vs_stop_step(guest->stop);

    return guest->run->terminated && guest->run->shutdown >= VS_SHUTDOWN_REASON_HOST_SIGNAL &&
           step && step->method == VS_METHOD_TERMINATE;
}

/* Monotonic µs: when only what a destroy takes is left of its time; VS_USEC_INFINITY: not yet, or
 * it has as long as it takes. */
static int64_t
last_call_of(const VsEngine *engine, const VsStop *stop)
{
    const VsHostStop *host_stop = vs_engine_host_stop_of(engine, stop);

    if (!vs_ladder_forces(&stop->ladder))
        return VS_USEC_INFINITY;
    if (host_stop)
        return host_stop->phase >= VS_HOST_STOP_LAST_CALL ? host_stop->last_call_at
                                                          : VS_USEC_INFINITY;
    return stop->until > 0 && !vs_stop_is_of_host_stop(stop) ? stop->until : VS_USEC_INFINITY;
}

int64_t
vs_cleaning_begins_at(const VsEngine *engine, const VsGuest *guest)
{
    const VsStop *stop = guest->stop;
    bool terminated = is_terminated(guest);
    int64_t at = terminated ? stop->deadline : vs_later(stop->since, REAP_SPAN);
    int64_t least = terminated ? stop->since : vs_later(stop->since, END_SPAN);

    return MIN(at, MAX(last_call_of(engine, stop), least));
}

static void
note(VsEngine *engine, VsGuest *guest)
{
    g_autofree char *name = vs_text_quoted(guest->domain.name);
    json_object *item = vs_evidence_new(engine->now.real, "state");

    vs_json_set_string(item, "event", "its system is down, and libvirt still cleans up");
    vs_run_witness(guest->run, item);
    vs_engine_note(engine, guest, LOG_NOTICE,
                   _("%s: its system is down, and libvirt still cleans up after it (a hook of "
                     "libvirt's may take long)"),
                   name);
}

void
vs_cleaning_begin(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;

    if (stop->phase != VS_PHASE_CLEANING_UP) {
        vs_stop_set_phase(stop, VS_PHASE_CLEANING_UP, engine->now);
        if (!is_terminated(guest)) /* else it is QEMU that takes long */
            note(engine, guest);
    }
    if (!guest->run->reaped) {
        stop->checked = engine->serial;
        vs_engine_look_up(engine, guest);
    }
    vs_engine_stop_changed(engine, guest);
}
