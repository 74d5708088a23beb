/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A guest of 16 MiB that does nothing but what its command line says, for QEMU's machines pc and
 * q35 (tiny-pc.c) and aarch64's virt (tiny-virt.c), started with <kernel> and <cmdline>. It sleeps
 * while it waits.
 *
 *   button=obey|ignore|slow:TIME|second|once:DEED|DEED
 *       what a press of the power button does: power off (the default), nothing (it isn't armed),
 *       power off after TIME, power off at the second press, do DEED; with "once:" power
 *       off where a reset was the end of that
 *   writes
 *       from such a press on it writes to its first IDE disk, until the deed is done (not on virt)
 *   after=TIME:DEED
 *       what the guest does of itself, but not again where a reset was the end of it
 *   DEED: poweroff, reboot, halt (for good, without powering off), spin (the same, with the CPU
 *       busy); on pc and q35 also panic, watchdog (arms an ib700 and lets it expire), suspend (S3),
 *       hibernate (S4)
 *   fill
 *       its memory is full of numbers that can't be packed, so that a save of it takes some time
 *   TIME: seconds, or milliseconds with the suffix "ms"
 *
 * The first serial port tells what happens, a word a line: "ready", "button" for each press, a deed
 * before it is done, "woken" after a suspend, from where on it obeys the button. A word on the
 * command line that isn't known is told, and no "ready" follows.
 */

#include "tiny.h"

#define MARK_DONE 0x76737473u

volatile unsigned tiny_presses;

static const Deed *on_button, *on_time;
static unsigned presses_wanted, button_ms, time_ms;
static bool only_once, wants_fill, writes;

static bool
at_end(const char *text)
{
    return *text == '\0' || *text == ' ';
}

void
tiny_say(const char *word)
{
    for (; !at_end(word); word++)
        machine_put(*word);
    machine_put('\n');
}

static void
carry_out(const Deed *deed)
{
    tiny_say(deed->name);
    *machine_mark = MARK_DONE;
    machine_do(deed->code);
}

/* The command line. */

bool
tiny_take(const char **text, const char *word)
{
    const char *at = *text;

    for (; *word != '\0'; at++, word++)
        if (*at != *word)
            return false;
    *text = at;
    return true;
}

static bool
take_time(const char **text, unsigned *ms)
{
    const char *start = *text;
    unsigned number = 0;

    for (; **text >= '0' && **text <= '9'; (*text)++)
        number = number * 10 + (unsigned)(**text - '0');
    *ms = tiny_take(text, "ms") ? number : number * 1000;
    return *text != start;
}

static const Deed *
find_deed(const char *text)
{
    for (const Deed *deed = machine_deeds; deed->name[0] != '\0'; deed++) {
        const char *rest = text;

        if (tiny_take(&rest, deed->name) && at_end(rest))
            return deed;
    }
    return 0;
}

static bool
parse_button(const char *text)
{
    presses_wanted = 1;
    on_button = &machine_deeds[0];
    if (tiny_take(&text, "ignore"))
        on_button = 0;
    else if (tiny_take(&text, "second"))
        presses_wanted = 2;
    else if (tiny_take(&text, "slow:"))
        return take_time(&text, &button_ms) && at_end(text);
    else if (!tiny_take(&text, "obey")) {
        only_once = tiny_take(&text, "once:");
        return (on_button = find_deed(text));
    }
    return at_end(text);
}

static bool
parse_word(const char *text)
{
    if (tiny_take(&text, "button="))
        return parse_button(text);
    if (tiny_take(&text, "after="))
        return take_time(&text, &time_ms) && tiny_take(&text, ":") && (on_time = find_deed(text));
    if (tiny_take(&text, "fill"))
        return (wants_fill = at_end(text));
    if (tiny_take(&text, "writes"))
        return (writes = at_end(text));
    return *text == '/'; /* QEMU puts the kernel's file name first */
}

/* Returns the first word that isn't known, or the end. */
static const char *
parse(const char *text)
{
    parse_button("obey");
    for (bool inside = false; *text != '\0'; text++) {
        if (!inside && *text != ' ' && !parse_word(text))
            break;
        inside = *text != ' ';
    }
    return text;
}

/* From behind the mark to the end of memory. */
static void
fill(void)
{
    uint32_t number = 1;

    for (volatile uint32_t *at = machine_mark + 1024; at < machine_fill_end; at++) {
        number ^= number << 13;
        number ^= number >> 17;
        number ^= number << 5;
        *at = number;
    }
}

__attribute__((noreturn)) static void
live(void)
{
    const Deed *due = on_time;
    unsigned heard = tiny_presses = 0;

    for (;;) {
        if (heard < tiny_presses) {
            tiny_say("button");
            if (++heard == presses_wanted) {
                due = on_button;
                machine_start_timer(button_ms);
            }
        } else if (due && machine_timer_is_over()) {
            carry_out(due);
            due = 0;
        } else if (!(due && writes && heard > 0 && machine_write()))
            machine_sleep(due);
    }
}

void
tiny_main(const char *cmdline)
{
    const char *rest = parse(cmdline);

    machine_arm_button(on_button);
    if (*machine_mark == MARK_DONE)
        on_time = 0;
    if (*machine_mark == MARK_DONE && only_once)
        on_button = &machine_deeds[0];
    if (on_time)
        machine_start_timer(time_ms);
    if (wants_fill)
        fill();
    tiny_say(*rest == '\0' ? "ready" : rest);
    live();
}

void
tiny_wake(void)
{
    /* What was parsed before is not to be relied on: it was seen to be gone. */
    parse_button("obey");
    on_time = 0;
    machine_arm_button(true);
    tiny_say("woken");
    live();
}
