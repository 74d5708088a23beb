/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/revive.h"

#include <syslog.h>

#include "engine/picture.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"

/* Before a guest that ended is started, as RestartSec= of systemd has it. */
#define PAUSE (VS_USEC_PER_SEC / 10)

/* Before a start that failed, or was lost with its connection, is tried again. */
#define RETRY_PAUSE (1 * VS_USEC_PER_SEC)

static void
set_phase(VsEngine *engine, VsGuest *guest, VsRevivalPhase phase)
{
    VsRevival *revival = &guest->revival;

    if (revival->phase == VS_REVIVAL_STARTING) {
        revival->call = 0;
        revival->answered = false;
        g_clear_pointer(&revival->message, g_free);
    }
    revival->phase = phase;
    vs_engine_unsaved(engine, guest);
    vs_engine_changed(engine, guest);
}

static void G_GNUC_PRINTF(4, 5)
    note(VsEngine *engine, const VsGuest *guest, int level, const char *format, ...)
{
    g_autofree char *name = vs_text_quoted(guest->domain.name), *text = NULL;
    va_list arguments;

    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    vs_engine_note(engine, guest, level, "%s: %s", name, text);
}

/* All guests, or some and this one among them, are being stopped, or the host goes down. */
static bool
is_being_stopped(const VsEngine *engine, const VsGuest *guest)
{
    if (engine->host_shutdown)
        return true;
    for (unsigned i = 0; i < engine->host_stops->len; i++) {
        const VsHostStop *host_stop = engine->host_stops->pdata[i];

        if (vs_host_stop_is_in_flight(host_stop) &&
            vs_host_stop_means(host_stop, &engine->policy, &guest->domain, guest->labels))
            return true;
    }
    return false;
}

/* Why a guest that Restart= is about stays off; NULL: it doesn't. */
static const char *
why_not(const VsEngine *engine, const VsGuest *guest)
{
    if (vs_engine_owner_of(engine, guest) != VS_OWNER_NONE)
        return N_("somebody else manages it, who may start it elsewhere (Owner=)");
    if (is_being_stopped(engine, guest))
        return engine->host_shutdown ? N_("the host goes down")
                                     : N_("all guests are being stopped");
    if (guest->gone || !guest->persistent)
        return N_("libvirt doesn't have it any more, for it was transient");
    return NULL;
}

/* Whether one more is within the limit; else it stays off. */
static bool
count(VsEngine *engine, VsGuest *guest, const VsGuestPolicy *policy)
{
    g_autofree char *span = vs_span_say(policy->start_limit_interval);

    if (vs_revival_count(&guest->revival, policy, engine->now.mono))
        return true;
    note(engine, guest, LOG_ERR,
         ngettext("not started again: it was started %u time within %s, which is the limit "
                  "(StartLimitBurst=, StartLimitInterval=)",
                  "not started again: it was started %u times within %s, which is the limit "
                  "(StartLimitBurst=, StartLimitInterval=)",
                  guest->revival.n),
         guest->revival.n, span);
    set_phase(engine, guest, VS_REVIVAL_LIMIT);
    return false;
}

static void
make_due(VsEngine *engine, VsGuest *guest, int64_t pause)
{
    guest->revival.at = vs_later(engine->now.mono, pause);
    set_phase(engine, guest, VS_REVIVAL_DUE);
}

/* Its end was judged: is it to be started again? */
static void
decide(VsEngine *engine, VsGuest *guest)
{
    const char *cause = vs_cause_name(guest->revival.cause), *why;
    VsGuestPolicy policy;

    vs_engine_policy_for(engine, guest, &policy);
    guest->revival.phase = VS_REVIVAL_NONE;
    if (engine->simulated || !vs_revival_is_wanted(&guest->revival, policy.restart))
        return;
    why = why_not(engine, guest);
    if (why) {
        note(engine, guest, LOG_NOTICE, _("not started again: %s"), _(why));
    } else if (count(engine, guest, &policy)) {
        note(engine, guest, LOG_NOTICE, _("it ended (%s), and is to be started again: restart %u"),
             cause, guest->revival.n);
        make_due(engine, guest, PAUSE);
    }
}

/* libvirt has answered to the start. */
static void
take_answer(VsEngine *engine, VsGuest *guest)
{
    VsRevival *revival = &guest->revival;
    g_autofree char *message = vs_text_printable(revival->message ? revival->message : "");
    VsGuestPolicy policy;

    if (revival->ok) {
        note(engine, guest, LOG_NOTICE, _("started again"));
        set_phase(engine, guest, VS_REVIVAL_NONE);
        return;
    }
    if (!revival->lost)
        note(engine, guest, LOG_ERR, _("can't be started again: %s"), message);
    vs_engine_look_up(engine, guest); /* it may be gone, or run */
    vs_engine_policy_for(engine, guest, &policy);
    if (revival->lost || count(engine, guest, &policy))
        make_due(engine, guest, RETRY_PAUSE);
}

static void
start(VsEngine *engine, VsGuest *guest)
{
    VsAction *action = vs_engine_do(engine, VS_ACTION_CALL, guest);

    set_phase(engine, guest, VS_REVIVAL_STARTING);
    guest->starting = guest->revival.call = action->call = ++engine->n_calls;
    action->method = VS_METHOD_START;
    action->bypass_cache = engine->policy.bypass_cache;
}

/* Whether the end is dealt with, and libvirt can be asked. */
static bool
can_start(const VsEngine *engine, const VsGuest *guest)
{
    return !guest->run && guest->defined && !guest->again && guest->starting == 0 &&
           vs_engine_is_listed(engine, guest->domain.uri);
}

/* What was decided may be another by now. Of a guest that was defined anew meanwhile nobody knows
 * what its XML says: that stands, then. */
static void
start_or_drop(VsEngine *engine, VsGuest *guest)
{
    const char *why = why_not(engine, guest);
    VsGuestPolicy policy;

    vs_engine_policy_for(engine, guest, &policy);
    if (!why && guest->labels && policy.restart == VS_RESTART_NO)
        why = N_("Restart=no");
    if (!why) {
        start(engine, guest);
        return;
    }
    note(engine, guest, LOG_NOTICE, _("not started again: %s"), _(why));
    set_phase(engine, guest, VS_REVIVAL_NONE);
}

static bool
runs(const VsGuest *guest)
{
    return guest->run && !vs_run_is_over(guest->run) && guest->run->phase == VS_RUN_ALIVE;
}

void
vs_revive_move(VsEngine *engine, VsGuest *guest)
{
    VsRevival *revival = &guest->revival;

    if (revival->phase == VS_REVIVAL_ENDED)
        decide(engine, guest);
    if (revival->phase == VS_REVIVAL_STARTING && revival->answered)
        take_answer(engine, guest);
    if ((revival->phase == VS_REVIVAL_DUE || revival->phase == VS_REVIVAL_LIMIT) && runs(guest))
        set_phase(engine, guest, VS_REVIVAL_NONE); /* somebody started it */
    if (revival->phase == VS_REVIVAL_DUE && engine->now.mono >= revival->at &&
        can_start(engine, guest))
        start_or_drop(engine, guest);
    if (revival->phase != VS_REVIVAL_NONE && guest->gone && !guest->run)
        set_phase(engine, guest, VS_REVIVAL_NONE);
}

/* One that could not be started at its time is so as soon as it can: a start of the restore's may
 * have failed, which moves behind this. */
int64_t
vs_revive_next_timer(const VsEngine *engine, const VsGuest *guest)
{
    const VsRevival *revival = &guest->revival;

    if (revival->phase != VS_REVIVAL_DUE || guest->run)
        return VS_USEC_INFINITY;
    return revival->at > engine->now.mono || can_start(engine, guest) ? revival->at
                                                                      : VS_USEC_INFINITY;
}

bool
vs_revive_is_kept(const VsEngine *engine, const VsGuest *guest)
{
    VsGuestPolicy policy;

    if (guest->gone || (guest->revival.phase == VS_REVIVAL_NONE && guest->revival.n == 0))
        return false;
    vs_engine_policy_for(engine, guest, &policy);
    return vs_revival_is_kept(&guest->revival, &policy, engine->now.mono);
}
