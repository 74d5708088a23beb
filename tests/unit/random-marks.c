/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "engine/stop-text.h"
#include "random-world.h"

/* What happened sometimes, over all worlds: what never does is not tested. Each cause with each
 * confidence that it can have, each outcome, how stops stand, from which phase to which they go,
 * and what two things that meet can come to. */

static GHashTable *marks; /* of char * -> how often, as a pointer */

static void
count(char *name) /* takes it */
{
    if (!marks)
        marks = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_hash_table_replace(marks, name,
                         GSIZE_TO_POINTER(GPOINTER_TO_SIZE(g_hash_table_lookup(marks, name)) + 1));
}

void
mark(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    count(g_strdup_vprintf(format, arguments));
    va_end(arguments);
}

static const char *const calls[] = {
    [VS_CALL_NONE] = "",
    [VS_CALL_INTENT] = ", intent",
    [VS_CALL_HELD] = ", call held",
    [VS_CALL_MADE] = ", made",
    [VS_CALL_LOST] = ", lost",
    [VS_CALL_REFUSED] = ", refused",
    [VS_CALL_ANSWERED] = ", answered",
    [VS_CALL_STILL_THERE] = ", still there",
};

static void
note_stop(World *world, SimGuest *sim, const VsStop *stop)
{
    const char *complaint = vs_stop_complaint(stop);
    bool is_known = g_str_equal(sim->marked.text, stop->id.text);

    if (complaint)
        world_fail(world, "%s: the stop can't be so: %s", sim->domain.name, complaint);
    if (is_known && (int)stop->phase == sim->phase && (int)stop->call.state == sim->call)
        return;
    mark("stop: %s%s", vs_stop_phase_word(stop->phase), calls[stop->call.state]);
    if (is_known && (int)stop->phase != sim->phase)
        mark("phase: %s to %s", vs_stop_phase_word(sim->phase), vs_stop_phase_word(stop->phase));
    sim->marked = stop->id;
    sim->phase = stop->phase;
    sim->call = stop->call.state;
}

/* Over a restart what wasn't kept begins again. */
void
marks_forget_stops(World *world)
{
    for (int i = 0; i < N_GUESTS; i++)
        world->guests[i].marked.text[0] = '\0';
}

void
marks_note_stops(World *world)
{
    for (int i = 0; i < N_GUESTS; i++) {
        const VsDomainId *domain = &world->guests[i].domain;
        const VsGuest *guest = vs_engine_find(world->engine, domain->uri, domain->uuid.text);

        if (guest && guest->stop)
            note_stop(world, &world->guests[i], guest->stop);
    }
}

static const char *const wanted[] = {
    "crashed, certain",
    "crashed, likely",
    "destroyed, certain",
    "destroyed, likely",
    "guest-agent, certain",
    "guest-agent, likely",
    "guest-initiated, certain",
    "guest-initiated, likely",
    "guest-panic, certain",
    "guest-panic, likely",
    "guest-reboot, certain",
    "host-signal, certain",
    "host-signal, likely",
    "migrated, certain",
    "monitor-quit, certain",
    "monitor-quit, likely",
    "out-of-memory, certain",
    "out-of-memory, likely",
    "power-button, certain",
    "power-button, likely",
    "saved, certain",
    "saved, likely",
    "snapshot-reverted, certain",
    "start-failed, certain",
    "unknown, unknown",
    "watchdog, certain",
    "outcome already-off",
    "outcome cancelled",
    "outcome clean",
    "outcome failed",
    "outcome forced",
    "outcome timed-out",
    "outcome unknown",
    "stop: asked, answered",
    "stop: asked, call held",
    "stop: asked, intent",
    "stop: asked, lost",
    "stop: asked, made",
    "stop: cleaning-up",
    "stop: destroying, answered",
    "stop: destroying, call held",
    "stop: destroying, intent",
    "stop: destroying, lost",
    "stop: destroying, made",
    "stop: destroying, still there",
    "stop: going-off",
    "stop: going-off, made",
    "stop: off",
    "stop: off, made",
    "stop: off, still there",
    "stop: preparing",
    "stop: resuming, answered",
    "stop: resuming, call held",
    "stop: resuming, intent",
    "stop: resuming, lost",
    "stop: resuming, made",
    "stop: settling, answered",
    "stop: waiting",
    "phase: asked to destroying",
    "phase: asked to going-off",
    "phase: asked to off",
    "phase: asked to resuming",
    "phase: asked to settling",
    "phase: asked to waiting",
    "phase: cleaning-up to destroying",
    "phase: destroying to off",
    "phase: going-off to asked",
    "phase: going-off to cleaning-up",
    "phase: going-off to off",
    "phase: preparing to asked",
    "phase: preparing to destroying",
    "phase: preparing to going-off",
    "phase: preparing to off",
    "phase: preparing to resuming",
    "phase: preparing to waiting",
    "phase: resuming to asked",
    "phase: resuming to destroying",
    "phase: resuming to off",
    "phase: settling to asked",
    "phase: settling to going-off",
    "phase: settling to off",
    "phase: waiting to asked",
    "phase: waiting to destroying",
    "phase: waiting to going-off",
    "phase: waiting to off",
    "phase: waiting to preparing",
    "phase: waiting to resuming",
    "race: STOPPED as it runs again",
    "race: STOPPED behind a list without it",
    "race: STOPPED behind the record",
    "race: a call is withdrawn that wasn't made",
    "race: a list that is older than STOPPED, or newer than its start",
    "race: a reboot in a stop",
    "race: an answer before the guest's end is told",
    "race: an answer behind its stop",
    "race: an answer behind the guest's end",
    "race: an answer is lost with its connection",
    "race: begun anew behind its SHUTDOWN",
    "race: down before the agent's answer",
    "race: down before the destroy reaches it",
    "race: down before the press is answered",
    "race: down for a stop while libvirt is away",
    "race: down, and ended before it is reaped",
    "race: ended twice",
    "race: paused in a stop",
    "race: pressed by two",
    "race: the daemon dies before a call is answered",
    "race: the daemon dies between a record and its forgetting",
    "race: the daemon dies between an end and its record",
    "race: the daemon dies between an intent and its call",
    "race: the disk says no to a host stop",
    "race: the disk says no to a record",
    "race: the disk says no to an intent or a fact",
    "race: the kernel's word before STOPPED",
    "race: the kernel's word behind STOPPED",
    "race: the kernel's word behind the record",
};

/* Of ten thousand worlds some have them: tests/bench/verdicts. */
static const char *const rare[] = {
    "migrated, likely",
    "snapshot-reverted, likely",
    "watchdog, likely",
    "stop: cleaning-up, made",
    "phase: going-off to destroying",
    "phase: going-off to preparing",
    "phase: going-off to resuming",
    "phase: going-off to waiting",
    "phase: resuming to going-off",
    "phase: resuming to waiting",
    "phase: settling to resuming",
    "phase: settling to waiting",
};

static void
add_missing(GString *text, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!marks || !g_hash_table_contains(marks, names[i]))
            g_string_append_printf(text, "%s%s", text->len > 0 ? "; " : "", names[i]);
}

char *
marks_missing(bool all)
{
    GString *text = g_string_new(NULL);

    add_missing(text, wanted, G_N_ELEMENTS(wanted));
    if (all)
        add_missing(text, rare, G_N_ELEMENTS(rare));
    return g_string_free(text, text->len == 0);
}

void
marks_print(FILE *file)
{
    g_autoptr(GList) names = marks ? g_hash_table_get_keys(marks) : NULL;

    names = g_list_sort(names, (GCompareFunc)strcmp);
    for (const GList *name = names; name; name = name->next)
        fprintf(file, "%10zu %s\n", GPOINTER_TO_SIZE(g_hash_table_lookup(marks, name->data)),
                (const char *)name->data);
}
