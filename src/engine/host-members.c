/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/host-members.h"

#include <syslog.h>

#include "engine/host-turn.h"
#include "engine/picture.h"
#include "engine/requests.h"
#include "engine/undecided.h"
#include "util/i18n.h"
#include "util/text.h"

static bool
is_meant(const VsEngine *engine, const VsHostStop *host_stop, const VsGuest *guest)
{
    return vs_host_stop_means(host_stop, &engine->policy, &guest->domain, guest->labels);
}

/* Whether another host stop takes it: a part of all that are being stopped is theirs, and of two
 * parts the one that was asked for later takes whom both mean. */
static bool
is_anothers(const VsEngine *engine, const VsHostStop *host_stop, const VsGuest *guest)
{
    bool later = false;

    for (unsigned i = 0; host_stop->part && i < engine->host_stops->len; i++) {
        const VsHostStop *other = engine->host_stops->pdata[i];

        if (other != host_stop && other->phase < VS_HOST_STOP_GIVEN_UP && (later || !other->part) &&
            is_meant(engine, other, guest))
            return true;
        later |= other == host_stop;
    }
    return false;
}

/* Whether it may have a stop of this host stop, if that means it. */
static bool
has_no_stop(const VsEngine *engine, const VsHostStop *host_stop, const VsGuest *guest)
{
    if (host_stop->early && vs_engine_owner_of(engine, guest) != VS_OWNER_NONE)
        return false;
    return guest->run && guest->run->phase == VS_RUN_ALIVE && !guest->left && !guest->stop;
}

/* What it is has to be known. */
static bool
can_join(const VsEngine *engine, const VsHostStop *host_stop, const VsGuest *guest)
{
    return guest->defined && (guest->persistent || !engine->policy.persistent_only) &&
           is_meant(engine, host_stop, guest) && !is_anothers(engine, host_stop, guest);
}

/* @asked_now: a stop that somebody asked for by itself, or of a part, becomes part of this. */
static bool
takes_part(const VsEngine *engine, const VsHostStop *host_stop, const VsGuest *guest,
           bool asked_now)
{
    if (!guest->run || vs_run_is_over(guest->run) || guest->left || !guest->stop)
        return false;
    return asked_now ? is_meant(engine, host_stop, guest)
                     : g_str_equal(guest->stop->host_stop.text, host_stop->id.text);
}

static VsScheduleGuest
as_scheduled(const VsGuest *guest)
{
    return (VsScheduleGuest){
        .name = guest->domain.name,
        .asking = vs_ladder_asking(&guest->stop->ladder),
        .reserve = vs_ladder_forces(&guest->stop->ladder) ? VS_DESTROY_RESERVE : 0,
        .uuid = guest->domain.uuid.text,
        .uri = guest->domain.uri,
        .labels = guest->labels,
    };
}

static void
note_cycles(VsEngine *engine, const VsSchedule *schedule)
{
    const GPtrArray *cycles = vs_schedule_cycles(schedule);

    for (unsigned i = 0; i < cycles->len; i++) {
        g_autofree char *cycle = vs_text_printable(cycles->pdata[i]);

        vs_engine_note(
            engine, NULL, LOG_WARNING,
            _("The order of guests goes round in a circle, they go down side by side: %s"), cycle);
    }
}

/* From now on its stop is of this host stop. One that was under way goes on, and has its share. */
static void
take_in(VsEngine *engine, const VsHostStop *host_stop, VsGuest *guest)
{
    VsStop *stop = guest->stop;

    if (g_str_equal(stop->host_stop.text, host_stop->id.text))
        return;
    if (stop->phase != VS_PHASE_QUEUED)
        stop->until = MIN(host_stop->deadline, stop->no_later);
    stop->host_stop = host_stop->id;
    vs_engine_stop_changed(engine, guest);
}

/* It takes part in no two. */
static void
leave_other(VsEngine *engine, const VsHostStop *host_stop, VsGuest *guest)
{
    VsHostStop *other = vs_engine_host_stop_of(engine, guest->stop);

    if (!other || other == host_stop)
        return;
    vs_host_turn_keep_time(engine, other, guest);
    vs_host_turn_leave(other, guest);
}

void
vs_host_members_leave(VsHostStop *host_stop)
{
    for (unsigned i = 0; i < host_stop->guests->len; i++) {
        VsGuest *guest = host_stop->guests->pdata[i];

        if (guest)
            guest->turn = -1;
    }
    g_ptr_array_set_size(host_stop->guests, 0);
    g_clear_pointer(&host_stop->schedule, vs_schedule_free);
}

/* Who takes part now, and in which order: of those whose stop is under way, it only keeps count. */
void
vs_host_members_draw_up(VsEngine *engine, VsHostStop *host_stop, bool asked_now)
{
    g_autoptr(GPtrArray) guests = vs_engine_guests(engine);
    g_autoptr(GArray) scheduled = g_array_new(FALSE, FALSE, sizeof(VsScheduleGuest));

    vs_host_members_leave(host_stop);
    for (unsigned i = 0; i < guests->len; i++) {
        VsGuest *guest = guests->pdata[i];

        if (!takes_part(engine, host_stop, guest, asked_now))
            continue;
        leave_other(engine, host_stop, guest);
        VsScheduleGuest entry = as_scheduled(guest);
        guest->turn = (int)scheduled->len;
        g_array_append_val(scheduled, entry);
        g_ptr_array_add(host_stop->guests, guest);
    }
    host_stop->schedule =
        vs_schedule_new(&engine->policy, (VsScheduleGuest *)scheduled->data, scheduled->len);
    for (unsigned i = 0; i < host_stop->guests->len; i++) {
        take_in(engine, host_stop, host_stop->guests->pdata[i]);
        if (!vs_stop_is_queued(((VsGuest *)host_stop->guests->pdata[i])->stop))
            vs_schedule_take(host_stop->schedule, i);
    }
    vs_host_turn_note_first(host_stop);
    note_cycles(engine, host_stop->schedule);
}

/* Every guest that runs and has no stop yet gets one. Whether there was any. */
bool
vs_host_members_queue(VsEngine *engine, VsHostStop *host_stop)
{
    g_autoptr(GPtrArray) guests = vs_engine_guests(engine);
    bool any = false;

    host_stop->judged_by = 0;
    for (unsigned i = 0; i < guests->len; i++) {
        VsGuest *guest = guests->pdata[i];
        int64_t until;

        if (!has_no_stop(engine, host_stop, guest))
            continue;
        until = vs_undecided_until(engine, host_stop->part, guest);
        if (until > 0) {
            host_stop->judged_by =
                host_stop->judged_by > 0 ? MIN(host_stop->judged_by, until) : until;
        } else if (can_join(engine, host_stop, guest)) {
            vs_requests_queue(engine, guest, host_stop);
            any = true;
        }
    }
    return any;
}
