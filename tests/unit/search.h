/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "random-world.h"

/* The random worlds' little world without chance: a guest or two, a libvirt, the daemon, and
 * everything that can happen to them in every order, to a depth. What a world leaves to chance is
 * tried each way, too. */

/* search-chance.c: stands in for chance where it is linked. */
#define MAX_PICKS 16

typedef struct Picks {
    uint8_t n;
    uint8_t at[MAX_PICKS];      /* which way each was decided, in their order, */
    uint8_t of[MAX_PICKS];      /* of so many, */
    uint8_t is_rare[MAX_PICKS]; /* the others of which are rare */
} Picks;

void chance_begin(World *world, const Picks *picks, unsigned rare); /* so many rare ways are left */
void chance_end(Picks *ret);   /* from here on what is likely happens */
bool picks_next(Picks *picks); /* the next way to decide them; false: those were all */
unsigned picks_rare(const Picks *picks);

/* search-letters.c: what can happen */
typedef struct Letter {
    const char *name;
    bool (*can)(const World *world, const SimGuest *guest);
    void (*happen)(World *world, SimGuest *guest);
    bool is_of_host; /* it is the same for any guest, */
    bool is_of_many; /* ... and worth trying only where there are some, or it is asked for */
} Letter;

extern const Letter letters[];
unsigned letters_count(void);

/* Guests of one libvirt. */
#define MAX_GUESTS 2
SimGuest *search_guest(World *world, unsigned i);

/* search-state.c: all that matters for what comes, without times, ids and evidence, and whichever
 * guest is which; the caller frees it */
char *state_text(World *world, unsigned n_guests);
