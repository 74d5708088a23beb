/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/restore.h"

#include <syslog.h>

#include "engine/host-named.h"
#include "engine/host-ran.h"
#include "engine/picture.h"
#include "engine/ran.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"

/* What ran before all guests were stopped is started again: one after the other, in the reverse
 * order of going down. */

/* Before a start that was lost with its connection is tried again. */
#define RETRY_PAUSE (1 * VS_USEC_PER_SEC)

static bool
can_begin(const VsEngine *engine, GError **error)
{
    if (vs_engine_any_host_stop(engine))
        g_set_error(error, VS_ERROR, VS_ERROR_FAILED,
                    _("Guests are being stopped: call that off first (virtstopctl cancel --all)"));
    else if (engine->host_shutdown)
        g_set_error(error, VS_ERROR, VS_ERROR_FAILED,
                    _("The host goes down: guests are started again when it is up"));
    return !vs_engine_any_host_stop(engine) && !engine->host_shutdown;
}

/* What could not be started before is tried again, behind the others. */
static void
begin(VsEngine *engine, VsHostStop *host_stop)
{
    vs_ran_merge(host_stop->ran, host_stop->failed);
    g_ptr_array_set_size(host_stop->failed, 0);
    vs_host_stop_set_phase(host_stop, VS_HOST_STOP_RESTORING);
    engine->restore = (VsRestore){0};
    engine->host_stops_unsaved = true;
}

/* The one that was asked for last is the first: the whole goes back in its reverse order. Also one
 * of which only guests are left that could not be started before: once for each time that somebody
 * asks. */
static VsHostStop *
next_to_restore(const VsEngine *engine)
{
    for (unsigned i = engine->host_stops->len; i > 0; i--) {
        VsHostStop *host_stop = engine->host_stops->pdata[i - 1];

        if (host_stop->wanted_back && vs_host_stop_has_taken(host_stop))
            return host_stop;
    }
    return NULL;
}

/* What they took is wanted back: of the one that is named, or of all. */
static bool
want_back(VsEngine *engine, const char *named, GError **error)
{
    VsHostStop *one = named ? vs_host_named(engine, named, vs_host_stop_has_taken, error) : NULL;

    if (named && !one)
        return false;
    for (unsigned i = 0; i < engine->host_stops->len; i++) {
        VsHostStop *host_stop = engine->host_stops->pdata[i];

        host_stop->wanted_back |= !named || host_stop == one;
    }
    engine->host_stops_unsaved = true;
    return true;
}

bool
vs_restore_begin(VsEngine *engine, const char *named, GError **error)
{
    VsHostStop *host_stop;

    if (!can_begin(engine, error) || !want_back(engine, named, error))
        return false;
    host_stop = next_to_restore(engine);
    if (host_stop &&
        !vs_engine_host_stop_in(engine, VS_HOST_STOP_RESTORING)) /* else it is under way already */
        begin(engine, host_stop);
    return true;
}

/* Once the agent is there, which is at once where the guest was saved with it. */
static void
set_clock(VsEngine *engine, VsGuest *guest)
{
    g_autofree char *name = NULL;
    VsAction *action;

    if (!guest->set_clock || guest->description.agent != VS_AGENT_CONNECTED || !guest->run ||
        vs_run_is_over(guest->run))
        return;
    guest->set_clock = false;
    name = vs_text_quoted(guest->domain.name);
    vs_engine_note(engine, guest, LOG_INFO, _("%s: its agent is asked to set the clock"), name);
    action = vs_engine_do(engine, VS_ACTION_CALL, guest);
    action->call = ++engine->n_calls; /* whatever the answer is: it is no more than an attempt */
    action->method = VS_METHOD_SET_CLOCK;
}

static int64_t
delay_after(const VsEngine *engine, const VsRan *ran)
{
    VsGuestPolicy policy;

    vs_engine_policy_for_ran(engine, ran, &policy);
    return policy.start_delay;
}

static void
started(VsEngine *engine, const VsRan *ran)
{
    const VsDomainId *domain = &ran->domain;
    g_autofree char *name = vs_text_quoted(domain->name);

    vs_engine_note(engine, NULL, LOG_INFO, _("%s: started again"), name);
    engine->restore.n_started++;
    engine->restore.next_at = vs_later(engine->now.mono, delay_after(engine, ran));
}

static void
failed(VsEngine *engine, VsHostStop *host_stop, const VsRan *ran, const char *why)
{
    const VsDomainId *domain = &ran->domain;
    g_autofree char *name = vs_text_quoted(domain->name);
    g_autofree char *message = vs_text_printable(why);
    VsGuest *guest = vs_engine_get(engine, domain);

    vs_engine_note(engine, NULL, LOG_ERR, _("%s: can't be started again: %s"), name, message);
    if (guest)
        guest->set_clock = false;
    vs_ran_add(host_stop->failed, domain, ran->labels);
}

/* libvirt has answered to the start that is under way. */
static void
take_answer(VsEngine *engine, VsHostStop *host_stop)
{
    VsRestore *restore = &engine->restore;
    const VsRan *ran = host_stop->ran->pdata[restore->starting];

    restore->call = 0;
    restore->answered = false;
    if (restore->lost) {
        restore->next_at = vs_later(engine->now.mono, RETRY_PAUSE);
    } else {
        if (restore->ok)
            started(engine, ran);
        else
            failed(engine, host_stop, ran, restore->message);
        g_ptr_array_remove_index(host_stop->ran, restore->starting);
        engine->host_stops_unsaved = true;
    }
    g_clear_pointer(&restore->message, g_free);
    vs_host_ran_settle(engine);
}

/* Why it isn't started; NULL where it is to be, if not before @ret_until (0: at once). */
static const char *
why_not(const VsEngine *engine, const VsGuest *guest, int64_t *ret_until)
{
    VsGuestPolicy policy;

    *ret_until = 0;
    if (!guest || guest->gone)
        return N_("there is no such domain any more");
    if (guest->run)
        *ret_until = vs_host_ran_may_go_down_until(engine, guest);
    else if (guest->again || guest->starting > 0)
        *ret_until = VS_USEC_INFINITY; /* whether it runs is being asked, or Restart= starts it */
    if (guest->run && *ret_until == 0)
        return N_("it runs already");
    vs_guest_policy(guest, &engine->policy, &policy);
    return policy.on_boot == VS_ON_BOOT_IGNORE ? N_("OnBoot=ignore") : NULL;
}

static void
start(VsEngine *engine, VsGuest *guest)
{
    VsAction *action = vs_engine_do(engine, VS_ACTION_CALL, guest);

    guest->starting = engine->restore.call = action->call = ++engine->n_calls;
    guest->set_clock = engine->policy.sync_time; /* its end may be told before the answer is */
    action->method = VS_METHOD_START;
    action->bypass_cache = engine->policy.bypass_cache;
}

/* Starts that one, or drops it, or leaves it for later. False: it is not there any more. */
static bool
look_at(VsEngine *engine, VsHostStop *host_stop, unsigned i)
{
    VsRestore *restore = &engine->restore;
    const VsRan *ran = host_stop->ran->pdata[i];
    const VsDomainId *domain = &ran->domain;
    VsGuest *guest = vs_engine_get(engine, domain);
    g_autofree char *name = NULL;
    const char *why;
    int64_t until;

    if (guest && !guest->labels) /* nobody has read its XML since the host is up */
        guest->labels = vs_labels_ref(ran->labels);
    why = why_not(engine, guest, &until);

    if (!why && until == 0) {
        restore->starting = i;
        start(engine, guest);
    } else if (!why) {
        restore->wake_at = MIN(restore->wake_at, until);
    } else {
        name = vs_text_quoted(domain->name);
        vs_engine_note(engine, NULL, LOG_NOTICE, _("%s: not started again: %s"), name, _(why));
        g_ptr_array_remove_index(host_stop->ran, i);
        engine->host_stops_unsaved = true;
    }
    return why == NULL;
}

static void
say_waiting(VsEngine *engine, unsigned n)
{
    VsRestore *restore = &engine->restore;

    if (n > 0 && !restore->said_waiting)
        vs_engine_note(engine, NULL, LOG_NOTICE,
                       ngettext("%u guest is started again when its libvirt is there",
                                "%u guests are started again when their libvirt is there", n),
                       n);
    restore->said_waiting |= n > 0;
}

/* Starts the first that can be started. */
static void
start_next(VsEngine *engine, VsHostStop *host_stop)
{
    VsRestore *restore = &engine->restore;
    unsigned n_away = 0;

    restore->wake_at = VS_USEC_INFINITY;
    for (unsigned i = 0; i < host_stop->ran->len && restore->call == 0;) {
        const VsDomainId *domain = &((const VsRan *)host_stop->ran->pdata[i])->domain;

        if (!vs_engine_is_listed(engine, domain->uri)) {
            n_away++;
            i++;
        } else if (look_at(engine, host_stop, i)) {
            i++;
        }
    }
    if (restore->call == 0)
        say_waiting(engine, n_away);
}

static void
finish(VsEngine *engine, VsHostStop *host_stop)
{
    VsHostStop *next;

    vs_engine_note(engine, NULL, LOG_NOTICE,
                   ngettext("%u guest was started again", "%u guests were started again",
                            engine->restore.n_started),
                   engine->restore.n_started);
    if (host_stop->failed->len > 0)
        vs_engine_note(engine, NULL, LOG_WARNING,
                       ngettext("%u guest could not be started; “virtstopctl restore” tries again",
                                "%u guests could not be started; “virtstopctl restore” tries again",
                                host_stop->failed->len),
                       host_stop->failed->len);
    vs_host_stop_set_phase(host_stop, VS_HOST_STOP_OVER);
    host_stop->wanted_back = false;
    vs_engine_drop_restore(engine);
    next = next_to_restore(engine);
    if (next)
        begin(engine, next);
}

static void
restore(VsEngine *engine, VsHostStop *host_stop)
{
    VsRestore *restore = &engine->restore;

    if (restore->answered)
        take_answer(engine, host_stop);
    if (restore->call != 0 || engine->host_shutdown)
        return;
    restore->wake_at = restore->next_at;
    if (engine->now.mono >= restore->next_at)
        start_next(engine, host_stop);
    if (restore->call == 0 && host_stop->ran->len == 0)
        finish(engine, host_stop);
}

void
vs_restore_move(VsEngine *engine)
{
    VsHostStop *host_stop = vs_engine_host_stop_in(engine, VS_HOST_STOP_RESTORING);

    for (unsigned i = 0; i < engine->touched->len; i++)
        set_clock(engine, engine->touched->pdata[i]);
    if (host_stop)
        restore(engine, host_stop);
}

int64_t
vs_restore_next_timer(const VsEngine *engine)
{
    return vs_engine_host_stop_in(engine, VS_HOST_STOP_RESTORING) && engine->restore.call == 0 &&
                   !engine->host_shutdown
               ? engine->restore.wake_at
               : VS_USEC_INFINITY;
}
