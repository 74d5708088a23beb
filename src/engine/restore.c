/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/engine-private.h"

#include <syslog.h>

#include "engine/ran.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"

/* What ran before all guests were stopped is started again: one after the other, in the reverse
 * order of going down. */

/* Before a start that was lost with its connection is tried again. */
#define RETRY_PAUSE (1 * VS_USEC_PER_SEC)

/* A stop of all guests that was called off, and comes again this soon (the power came back, and
 * went), still knows what ran before the first. */
#define CALLED_OFF_SPAN (INT64_C(3600) * VS_USEC_PER_SEC)

struct VsRestore {
    GPtrArray *waiting; /* of VsDomainId, as in engine/ran.h */
    GPtrArray *failed;  /* the same */
    unsigned starting;  /* which of those that wait, while ... */
    uint64_t call;      /* its start is under way; 0: none is */
    int64_t next_at;    /* monotonic µs: not before */
    int64_t wake_at;    /* monotonic µs: then look again, if nothing happens before */
    unsigned n_started;
    bool said_waiting;
};

void
vs_restore_free(VsRestore *restore)
{
    g_ptr_array_unref(restore->waiting);
    g_ptr_array_unref(restore->failed);
    g_free(restore);
}

static void
keep(VsEngine *engine, const GPtrArray *ran, bool restoring)
{
    VsAction *action = vs_engine_do(engine, VS_ACTION_KEEP_RUNNING, NULL);

    if (ran->len > 0)
        action->text = vs_ran_format(ran, restoring);
}

/* The guests of the host stop in the reverse order of going down, if each went at once. */
static GPtrArray *
list_guests(const VsEngine *engine)
{
    const GPtrArray *guests = engine->host_stop->guests;
    g_autofree VsScheduleGuest *entries = g_new0(VsScheduleGuest, guests->len);
    g_autofree unsigned *order = g_new(unsigned, guests->len);
    g_autoptr(VsSchedule) schedule = NULL;
    GPtrArray *ran = vs_ran_new();
    unsigned n = 0;
    int next;

    for (unsigned i = 0; i < guests->len; i++)
        entries[i].name = ((const VsGuest *)guests->pdata[i])->domain.name;
    schedule = vs_schedule_new(&engine->policy, entries, guests->len);
    while ((next = vs_schedule_next(schedule)) >= 0) {
        order[n++] = (unsigned)next;
        vs_schedule_done(schedule, (unsigned)next);
    }
    while (n > 0) {
        const VsGuest *guest = guests->pdata[order[--n]];

        if (guest->persistent) /* a transient one is gone for good */
            vs_ran_add(ran, &guest->domain);
    }
    return ran;
}

void
vs_restore_keep(VsEngine *engine)
{
    g_autoptr(GPtrArray) ran = NULL;
    bool goes_on = engine->ran && engine->now.mono < engine->ran_until;

    if (engine->simulated || (engine->host_stop->guests->len == 0 && !engine->restore))
        return; /* what was kept before still is what ran */
    ran = list_guests(engine);
    if (engine->restore) {
        vs_ran_merge(ran, engine->restore->waiting);
        vs_ran_merge(ran, engine->restore->failed);
    }
    if (goes_on)
        vs_ran_merge(ran, engine->ran);
    g_clear_pointer(&engine->restore, vs_restore_free);
    keep(engine, ran, false);
    g_clear_pointer(&engine->ran, g_ptr_array_unref);
    engine->ran = g_steal_pointer(&ran);
    engine->ran_until = VS_USEC_INFINITY; /* those that join are added */
}

void
vs_restore_stop_is_over(VsEngine *engine, bool called_off)
{
    if (called_off)
        engine->ran_until = vs_later(engine->now.mono, CALLED_OFF_SPAN);
    else if (!engine->host_shutdown)
        engine->ran_until = 0; /* else who is started nevertheless is added */
}

static bool
can_begin(const VsEngine *engine, GError **error)
{
    if (engine->host_stop)
        g_set_error(
            error, VS_ERROR, VS_ERROR_FAILED,
            _("All guests are being stopped: call that off first (virtstopctl cancel --all)"));
    else if (engine->host_shutdown)
        g_set_error(error, VS_ERROR, VS_ERROR_FAILED,
                    _("The host goes down: guests are started again when it is up"));
    return !engine->host_stop && !engine->host_shutdown;
}

bool
vs_restore_begin(VsEngine *engine, const VsEvent *event, GError **error)
{
    bool restoring;
    GPtrArray *ran;

    if (event->restore.only_go_on && (engine->host_stop || engine->host_shutdown))
        return true; /* that goes on instead */
    if (!can_begin(engine, error))
        return false;
    if (engine->restore)
        return true; /* under way already */
    ran = vs_ran_parse(event->restore.text, &restoring, error);
    if (!ran)
        return false;
    if (event->restore.only_go_on && !restoring) {
        g_ptr_array_unref(ran);
        return true;
    }
    engine->restore = g_new0(VsRestore, 1);
    engine->restore->waiting = ran;
    engine->restore->failed = vs_ran_new();
    engine->ran_until = 0;
    keep(engine, ran, true);
    return true;
}

/* Once the agent is there, which is at once where the guest was saved with it. */
void
vs_restore_set_clock(VsEngine *engine, VsGuest *guest)
{
    g_autofree char *name = NULL;
    VsAction *action;

    if (!guest->set_clock || guest->agent != VS_AGENT_CONNECTED)
        return;
    guest->set_clock = false;
    name = vs_text_quoted(guest->domain.name);
    vs_engine_note(engine, guest, LOG_INFO, _("%s: its agent is asked to set the clock"), name);
    action = vs_engine_do(engine, VS_ACTION_CALL, guest);
    action->call = ++engine->n_calls; /* whatever the answer is: it is no more than an attempt */
    action->method = VS_METHOD_SET_CLOCK;
}

static void
want_clock(VsEngine *engine, const VsDomainId *domain)
{
    VsGuest *guest = vs_engine_get(engine, domain);

    if (!guest || !engine->policy.sync_time)
        return;
    guest->set_clock = true;
    vs_restore_set_clock(engine, guest);
}

static void
started(VsEngine *engine, VsRestore *restore, const VsDomainId *domain)
{
    g_autofree char *name = vs_text_quoted(domain->name);

    vs_engine_note(engine, NULL, LOG_INFO, _("%s: started again"), name);
    want_clock(engine, domain);
    restore->n_started++;
    restore->next_at = vs_later(engine->now.mono, engine->policy.start_delay);
}

static void
failed(VsEngine *engine, VsRestore *restore, const VsDomainId *domain, const char *why)
{
    g_autofree char *name = vs_text_quoted(domain->name);
    g_autofree char *message = vs_text_printable(why);

    vs_engine_note(engine, NULL, LOG_ERR, _("%s: can't be started again: %s"), name, message);
    vs_ran_add(restore->failed, domain);
}

static void
keep_rest(VsEngine *engine, const VsRestore *restore, bool restoring)
{
    g_autoptr(GPtrArray) rest = vs_ran_new();

    vs_ran_merge(rest, restore->waiting);
    vs_ran_merge(rest, restore->failed);
    keep(engine, rest, restoring);
}

bool
vs_restore_answer(VsEngine *engine, const VsEvent *event)
{
    VsRestore *restore = engine->restore;
    const VsDomainId *domain;

    if (!restore || restore->call == 0 || restore->call != event->reply.call)
        return false;
    restore->call = 0;
    if (event->reply.lost) {
        restore->next_at = vs_later(engine->now.mono, RETRY_PAUSE);
        return true;
    }
    domain = restore->waiting->pdata[restore->starting];
    if (event->reply.ok)
        started(engine, restore, domain);
    else
        failed(engine, restore, domain, event->reply.message);
    g_ptr_array_remove_index(restore->waiting, restore->starting);
    keep_rest(engine, restore, true);
    return true;
}

/* Monotonic µs: until when it may still go down for what it was asked, before it can be started;
 * 0: it runs on. */
static int64_t
may_go_down_until(const VsEngine *engine, const VsGuest *guest)
{
    const VsRun *run = guest->run;
    int64_t until = 0;

    if (run->ended || run->shutdown != VS_SHUTDOWN_REASON_NONE ||
        (guest->stop && guest->stop->host_deadline > 0))
        return VS_USEC_INFINITY; /* its record tells */
    if (run->agent.is && run->agent.own)
        until = run->agent.expires;
    if (run->button.is && run->button.own)
        until = MAX(until, run->button.expires);
    return until > engine->now.mono ? until : 0;
}

/* Why it isn't started; NULL where it is to be, if not before @ret_until (0: at once). */
static const char *
why_not(const VsEngine *engine, const VsGuest *guest, int64_t *ret_until)
{
    VsGuestPolicy policy;

    *ret_until = 0;
    if (!guest || guest->gone)
        return N_("there is no such domain any more");
    vs_policy_resolve(&engine->policy, guest->domain.name, &policy);
    if (policy.on_boot == VS_ON_BOOT_IGNORE)
        return N_("OnBoot=ignore");
    if (!guest->run)
        return NULL;
    *ret_until = may_go_down_until(engine, guest);
    return *ret_until > 0 ? NULL : N_("it runs already");
}

static void
start(VsEngine *engine, VsGuest *guest)
{
    VsAction *action = vs_engine_do(engine, VS_ACTION_CALL, guest);

    guest->starting = true;
    engine->restore->call = ++engine->n_calls;
    action->call = engine->restore->call;
    action->method = VS_METHOD_START;
    action->bypass_cache = engine->policy.bypass_cache;
}

/* Starts that one, or drops it, or leaves it for later. False: it is not there any more. */
static bool
look_at(VsEngine *engine, VsRestore *restore, unsigned i)
{
    const VsDomainId *domain = restore->waiting->pdata[i];
    VsGuest *guest = vs_engine_get(engine, domain);
    int64_t until;
    const char *why = why_not(engine, guest, &until);
    g_autofree char *name = NULL;

    if (!why && until == 0) {
        restore->starting = i;
        start(engine, guest);
    } else if (!why) {
        restore->wake_at = MIN(restore->wake_at, until);
    } else {
        name = vs_text_quoted(domain->name);
        vs_engine_note(engine, NULL, LOG_NOTICE, _("%s: not started again: %s"), name, _(why));
        g_ptr_array_remove_index(restore->waiting, i);
    }
    return why == NULL;
}

static void
say_waiting(VsEngine *engine, VsRestore *restore, unsigned n)
{
    if (n > 0 && !restore->said_waiting)
        vs_engine_note(engine, NULL, LOG_NOTICE,
                       _("Guests that are started again when their libvirt is there: %u"), n);
    restore->said_waiting |= n > 0;
}

/* Starts the first that can be started. */
static void
start_next(VsEngine *engine, VsRestore *restore)
{
    unsigned n_away = 0;

    restore->wake_at = VS_USEC_INFINITY;
    for (unsigned i = 0; i < restore->waiting->len && restore->call == 0;) {
        const VsDomainId *domain = restore->waiting->pdata[i];

        if (!vs_engine_is_listed(engine, domain->uri)) {
            n_away++;
            i++;
        } else if (look_at(engine, restore, i)) {
            i++;
        }
    }
    if (restore->call == 0)
        say_waiting(engine, restore, n_away);
}

static void
finish(VsEngine *engine)
{
    VsRestore *restore = engine->restore;

    vs_engine_note(engine, NULL, LOG_NOTICE, _("Guests started again: %u"), restore->n_started);
    if (restore->failed->len > 0)
        vs_engine_note(engine, NULL, LOG_WARNING,
                       _("Guests that could not be started: %u; “virtstopctl restore” tries again"),
                       restore->failed->len);
    keep_rest(engine, restore, false);
    g_clear_pointer(&engine->restore, vs_restore_free);
}

void
vs_restore_advance(VsEngine *engine)
{
    VsRestore *restore = engine->restore;

    if (!restore || restore->call != 0 || engine->host_shutdown)
        return;
    restore->wake_at = restore->next_at;
    if (engine->now.mono >= restore->next_at)
        start_next(engine, restore);
    if (restore->call == 0 && restore->waiting->len == 0)
        finish(engine);
}

int64_t
vs_restore_next_timer(const VsEngine *engine)
{
    const VsRestore *restore = engine->restore;

    return restore && restore->call == 0 && !engine->host_shutdown ? restore->wake_at
                                                                   : VS_USEC_INFINITY;
}
