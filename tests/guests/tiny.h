/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Between what the guest does (tiny.c), which is the same on every machine, and the machine that it
 * does it on: tiny-pc.c (pc and q35) or tiny-virt.c (aarch64's virt). */

#pragma once

#include <stdbool.h>
#include <stdint.h>

/* No pointers in here: where the firmware puts us somewhere else nobody would mend them. */
typedef struct Deed {
    char name[12];
    uint32_t code; /* what the machine does it by; these two it does itself: */
} Deed;
#define CODE_HALT 0
#define CODE_SPIN 1

/* What the guest has for its machine. */

/* Where the machine, set up, is left to it. */
void tiny_main(const char *cmdline) __attribute__((noreturn));
/* The machine, set up anew, has been woken: it obeys the button from now on. */
void tiny_wake(void) __attribute__((noreturn));
/* A word, and a line's end. */
void tiny_say(const char *word);
/* Steps over @word at the start of *@text. */
bool tiny_take(const char **text, const char *word);

extern volatile unsigned tiny_presses;

/* What the machine has for the guest. Between the machine_sleep()s no interrupt is taken. */

extern const Deed machine_deeds[]; /* the first powers off, one without a name is behind the last */

/* RAM that outlives a reset and that nobody else wants; what may be filled goes on to the end. */
extern volatile uint32_t *machine_mark;
extern uint32_t *const machine_fill_end;

void machine_put(char letter);
void machine_arm_button(bool arm);
void machine_do(uint32_t code);
/* It interrupts only while somebody waits for it. */
void machine_start_timer(unsigned ms);
bool machine_timer_is_over(void);
/* Sleeps until something interrupts: the button, or where @timer says so the timer. */
void machine_sleep(bool timer);
/* Some sectors behind those before, to the first disk; then interrupts may come. False: it can't.
 */
bool machine_write(void);
