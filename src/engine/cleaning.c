/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/cleaning.h"

#include <syslog.h>

#include "util/i18n.h"
#include "util/text.h"

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
        note(engine, guest);
    }
    if (!guest->run->reaped) {
        stop->checked = engine->serial;
        vs_engine_look_up(engine, guest);
    }
    vs_engine_stop_changed(engine, guest);
}
