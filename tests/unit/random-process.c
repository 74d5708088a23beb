/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "random-message.h"

/* How hypervisor processes end, as the kernel tells it: beside libvirt, and whether that is there
 * or not. */

void
sim_watch(World *world, const VsAction *action)
{
    SimGuest *guest = world_guest(world, &action->domain);
    SimRun *run = sim_run(guest);

    if (!(world->kinds & KIND_PROCESS) || !run || run->id != action->domain.id ||
        g_rand_int_range(world->beside, 0, 100) < 10)
        return;
    run->watched_in = world->epoch + 1;
    message_new(world, EVENT_WATCHED, guest->host, guest,
                g_rand_int_range(world->beside, 0, 20) * MSEC);
}

/* Of what ends in order, and of what died of itself. */
static VsProcessEnd
end_of(World *world, SimRun *run, Truth truth)
{
    static const VsProcessEnd deaths[] = {
        {VS_FATE_KILLED, VS_SIGKILL, VS_OOM_NO},    {VS_FATE_KILLED, VS_SIGKILL, VS_OOM_UNKNOWN},
        {VS_FATE_KILLED, VS_SIGKILL, VS_OOM_NAMED}, {VS_FATE_KILLED, VS_SIGKILL, VS_OOM_COUNTED},
        {VS_FATE_KILLED, 11, VS_OOM_UNKNOWN},       {VS_FATE_EXITED, 1, VS_OOM_UNKNOWN},
        {VS_FATE_UNKNOWN, 0, VS_OOM_NAMED},         {VS_FATE_UNKNOWN, 0, VS_OOM_UNKNOWN},
    };
    int pick = g_rand_int_range(world->beside, 0, G_N_ELEMENTS(deaths));

    if (truth == TRUTH_DESTROYED && pick == 0)
        return deaths[0]; /* it hung */
    if (truth != TRUTH_DIED || run->truth == TRUTH_QUIT)
        return (VsProcessEnd){.fate = VS_FATE_EXITED};
    run->death = deaths[pick].oom == VS_OOM_NAMED || deaths[pick].oom == VS_OOM_COUNTED ? TRUTH_OOM
                 : deaths[pick].number == VS_SIGKILL ? TRUTH_SIGNAL
                                                     : TRUTH_DIED;
    return deaths[pick];
}

void
sim_process_gone(World *world, SimGuest *guest, SimRun *run, Truth truth)
{
    VsProcessEnd end;
    Message *message;

    if (!(world->kinds & KIND_PROCESS))
        return;
    end = end_of(world, run, truth);
    if (run->watched_in != world->epoch + 1)
        return;
    message = message_new(world, EVENT_PROCESS, guest->host, guest,
                          g_rand_int_range(world->beside, 0, 1500) * MSEC);
    message->end = end;
    message->id = run->id;
}

void
sim_deliver_process(World *world, const Message *message)
{
    VsDomainId domain = message->guest->domain;
    VsEvent event = {.type = VS_EVENT_WATCHED, .domain = &domain};

    domain.id = message->id;
    if (message->type == EVENT_PROCESS) {
        event.type = VS_EVENT_PROCESS;
        event.process.end = message->end;
        world_tell(world, "the process of %s, id %d, is told to have ended: %d %d, oom %d",
                   domain.name, domain.id, message->end.fate, message->end.number,
                   message->end.oom);
        message->run->end = message->end;
        message->run->told_end_in = world->epoch + 1;
        mark("race: the kernel's word %s", message->run->n_records > 0  ? "behind the record"
                                           : message->run->told_off > 0 ? "behind STOPPED"
                                                                        : "before STOPPED");
    }
    world_step(world, &event);
}

/* What the kernel said is certain. */
static VsCause
certain_cause(const VsProcessEnd *end)
{
    if (end->oom == VS_OOM_NAMED)
        return VS_CAUSE_OUT_OF_MEMORY;
    if (end->fate == VS_FATE_KILLED && end->number == VS_SIGKILL)
        return end->oom == VS_OOM_NO ? VS_CAUSE_HOST_SIGNAL : VS_CAUSE_UNKNOWN;
    return end->fate == VS_FATE_UNKNOWN ? VS_CAUSE_UNKNOWN : VS_CAUSE_CRASHED;
}

/* Nothing else was done to it, nor did QEMU tell of an end, libvirt's word for its end was told
 * before its record, and the kernel's, too, to the same daemon: one that dies may have kept nothing
 * of it. */
static bool
is_plain(const World *world, const SimRun *run)
{
    return run->told_end_in == world->epoch + 1 && run->told_off > 0 && run->truth == TRUTH_DIED &&
           run->word == TRUTH_DIED && run->told_down == 0 && !run->signalled && !run->is_down &&
           !run->was_down;
}

void
check_process(World *world, const SimRun *run, const VsRecord *record)
{
    const VsVerdict *verdict = &record->verdict;
    bool sure = verdict->confidence == VS_CONFIDENCE_CERTAIN;
    VsCause cause;

    if (run->death != TRUTH_NONE && sure && run->word == TRUTH_DIED &&
        ((verdict->cause == VS_CAUSE_CRASHED && run->death != TRUTH_DIED) ||
         (verdict->cause == VS_CAUSE_OUT_OF_MEMORY && run->death != TRUTH_OOM) ||
         (verdict->signal == VS_SIGKILL && verdict->cause == VS_CAUSE_HOST_SIGNAL &&
          run->death != TRUTH_SIGNAL)))
        world_fail(world, "how run %d died is wrong: %d", run->id, run->death);
    if (!is_plain(world, run))
        return;
    cause = certain_cause(&run->end);
    if (cause != VS_CAUSE_UNKNOWN && (verdict->cause != cause || !sure))
        world_fail(world, "what the kernel told of run %d is not in its record", run->id);
}
