/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/agenda.h"

/* A guest's @slot is its place in the array plus one; 0: it isn't there. */

void
vs_agenda_init(VsAgenda *agenda)
{
    agenda->guests = g_ptr_array_new();
}

void
vs_agenda_clear(VsAgenda *agenda)
{
    g_clear_pointer(&agenda->guests, g_ptr_array_unref);
}

static VsGuest *
at(const VsAgenda *agenda, unsigned slot)
{
    return agenda->guests->pdata[slot - 1];
}

static void
put(VsAgenda *agenda, unsigned slot, VsGuest *guest)
{
    agenda->guests->pdata[slot - 1] = guest;
    guest->slot = slot;
}

static void
move_up(VsAgenda *agenda, VsGuest *guest)
{
    unsigned slot = guest->slot;

    for (; slot > 1 && guest->due < at(agenda, slot / 2)->due; slot /= 2)
        put(agenda, slot, at(agenda, slot / 2));
    put(agenda, slot, guest);
}

static void
move_down(VsAgenda *agenda, VsGuest *guest)
{
    unsigned slot = guest->slot, n = agenda->guests->len;

    for (;;) {
        unsigned child = 2 * slot;

        if (child + 1 <= n && at(agenda, child + 1)->due < at(agenda, child)->due)
            child++;
        if (child > n || at(agenda, child)->due >= guest->due)
            break;
        put(agenda, slot, at(agenda, child));
        slot = child;
    }
    put(agenda, slot, guest);
}

void
vs_agenda_set(VsAgenda *agenda, VsGuest *guest, int64_t due)
{
    if (guest->slot == 0) {
        g_ptr_array_add(agenda->guests, guest);
        guest->slot = agenda->guests->len;
    }
    guest->due = due;
    move_up(agenda, guest);
    move_down(agenda, guest);
}

void
vs_agenda_remove(VsAgenda *agenda, VsGuest *guest)
{
    unsigned slot = guest->slot;
    VsGuest *last;

    if (slot == 0)
        return;
    guest->slot = 0;
    last = g_ptr_array_steal_index_fast(agenda->guests, agenda->guests->len - 1);
    if (last == guest)
        return;
    put(agenda, slot, last);
    move_up(agenda, last);
    move_down(agenda, last);
}

VsGuest *
vs_agenda_first(const VsAgenda *agenda)
{
    return agenda->guests->len > 0 ? at(agenda, 1) : NULL;
}
