/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/save.h"

#include <syslog.h>

#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"

/* An abort takes milliseconds, but where the disk hangs that is written to. */
#define CUT_SPAN (10 * VS_USEC_PER_SEC)

static bool
is_saving(const VsStop *stop)
{
    return stop->phase == VS_PHASE_ASKED && stop->call.method == VS_METHOD_SAVE &&
           (stop->call.state == VS_CALL_MADE || stop->call.state == VS_CALL_ANSWERED);
}

/* Its step is over, then, and yet the stop still stands at it. */
bool
vs_save_is_cut(const VsStop *stop)
{
    const VsStepTaken *last = vs_stop_last_taken(stop);

    return stop->phase == VS_PHASE_ASKED && stop->call.method == VS_METHOD_SAVE && last &&
           last->method == VS_METHOD_SAVE && last->result;
}

bool
vs_save_goes_on(const VsStop *stop)
{
    return is_saving(stop) && !vs_save_is_cut(stop);
}

void
vs_save_cut(VsEngine *engine, VsGuest *guest, const char *result)
{
    g_autofree char *name = vs_text_quoted(guest->domain.name);
    VsStop *stop = guest->stop;

    vs_engine_note(engine, guest, LOG_NOTICE, _("%s: its save is cut off"), name);
    vs_engine_call_aside(engine, guest, VS_METHOD_ABORT_SAVE);
    vs_stop_end_step(stop, result, engine->now);
    stop->deadline = vs_later(engine->now.mono, CUT_SPAN);
    vs_engine_stop_changed(engine, guest);
}

void
vs_save_abandon(VsEngine *engine, VsGuest *guest)
{
    const VsConnection *connection = vs_engine_connection_of(engine, guest);

    if (guest->run && !vs_run_is_over(guest->run) && guest->stop->call.state == VS_CALL_MADE &&
        vs_save_goes_on(guest->stop) && connection && connection->phase >= VS_CONNECTION_OPEN)
        vs_engine_call_aside(engine, guest, VS_METHOD_ABORT_SAVE);
}
