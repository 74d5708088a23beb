/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A guest of 16 MiB that does nothing but what its command line says: a 32-bit multiboot kernel for
 * QEMU's machines pc and q35, started with <kernel> and <cmdline>. It sleeps (hlt) while it waits.
 *
 *   button=obey|ignore|slow:TIME|second|once:DEED|DEED
 *       what a press of the power button does: power off (the default), nothing (the event stays
 *       disabled), power off after TIME, power off at the second press, do DEED; with "once:" power
 *       off where a reset was the end of that
 *   writes
 *       from such a press on it writes to its first IDE disk, until the deed is done
 *   after=TIME:DEED
 *       what the guest does of itself, but not again where a reset was the end of it
 *   DEED: poweroff, reboot, panic, watchdog (arms an ib700 and lets it expire), suspend (S3),
 *       hibernate (S4), halt (for good, without powering off), spin (the same, with the CPU busy)
 *   fill
 *       its memory is full of numbers that can't be packed, so that a save of it takes some time
 *   TIME: seconds, or milliseconds with the suffix "ms"
 *
 * The first serial port tells what happens, a word a line: "ready", "button" for each press, a deed
 * before it is done, "woken" after a suspend, from where on it obeys the button. A word on the
 * command line that isn't known is told, and no "ready" follows.
 */

#include <stdbool.h>
#include <stdint.h>

#define COM1          0x3f8
#define PIC1          0x20
#define PIC2          0xa0
#define PIT           0x40
#define SMI_COMMAND   0xb2  /* where SeaBIOS takes "enable ACPI" */
#define IB700         0x443 /* takes 0 for 30 s up to 15 for none */
#define IDE           0x1f0
#define SECTORS       8
#define DISK_SECTORS  16384 /* of 8 MiB */
#define PVPANIC       0x505
#define PM1_STATUS    0x600 /* where SeaBIOS puts the block, on both machines */
#define PM1_ENABLE    0x602
#define PM1_CONTROL   0x604
#define RESET_CONTROL 0xcf9

#define PM1_POWER_BUTTON (1 << 8)
#define PM1_SLEEP(type)  ((type) << 10 | 1 << 13)

#define VECTOR       0x20 /* of IRQ 0 */
#define IRQ_PIT      0
#define IRQ_CASCADE  2
#define IRQ_SCI      9
#define TICK_MS      20
#define TICK_DIVISOR (1193182 * TICK_MS / 1000)

typedef struct __attribute__((packed)) TableRegister {
    uint16_t limit;
    uint32_t base;
} TableRegister;

typedef struct Deed {
    const char *name;
    uint16_t port, value; /* what does it; no port: the CPU itself */
} Deed;

static const Deed deeds[] = {
    {"poweroff", PM1_CONTROL, PM1_SLEEP(0)},
    {"suspend", PM1_CONTROL, PM1_SLEEP(1)},
    {"hibernate", PM1_CONTROL, PM1_SLEEP(2)},
    {"reboot", RESET_CONTROL, 6},
    {"panic", PVPANIC, 1},
    {"watchdog", IB700, 15},
    {"halt", 0, 0},
    {"spin", 0, 1},
    {0},
};

struct interrupt_frame;

/* RAM outlives a reset, and nothing else in the machine wants this corner of it. */
static volatile uint32_t *const mark = (uint32_t *)0x800000;
#define MARK_DONE 0x76737473u

static uint64_t interrupts[VECTOR + 16];
static volatile unsigned presses, ticks_left;
static const Deed *on_button, *on_time;
static unsigned presses_wanted, button_ms, time_ms;
static bool only_once;
static bool wants_fill;
static bool writes;

static inline void
out8(uint16_t port, unsigned value)
{
    __asm__ volatile("outb %0, %1" : : "a"((uint8_t)value), "Nd"(port));
}

static inline void
out16(uint16_t port, unsigned value)
{
    __asm__ volatile("outw %0, %1" : : "a"((uint16_t)value), "Nd"(port));
}

static inline uint8_t
in8(uint16_t port)
{
    uint8_t value;

    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static void
say(const char *word)
{
    for (; *word != '\0' && *word != ' '; word++)
        out8(COM1, (uint8_t)*word);
    out8(COM1, '\n');
}

static void
carry_out(const Deed *deed)
{
    say(deed->name);
    *mark = MARK_DONE;
    if (deed->port == PM1_CONTROL)
        out16(deed->port, deed->value);
    else if (deed->port != 0)
        out8(deed->port, deed->value);
    else if (deed->value == 0)
        __asm__ volatile("1: cli; hlt; jmp 1b");
    else
        __asm__ volatile("1: pause; jmp 1b");
}

/* The command line. */

static bool
at_end(const char *text)
{
    return *text == '\0' || *text == ' ';
}

/* Steps over @word at the start of *@text. */
static bool
take(const char **text, const char *word)
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
    *ms = take(text, "ms") ? number : number * 1000;
    return *text != start;
}

static const Deed *
find_deed(const char *text)
{
    for (const Deed *deed = deeds; deed->name; deed++) {
        const char *rest = text;

        if (take(&rest, deed->name) && at_end(rest))
            return deed;
    }
    return 0;
}

static bool
parse_button(const char *text)
{
    presses_wanted = 1;
    on_button = &deeds[0];
    if (take(&text, "ignore"))
        on_button = 0;
    else if (take(&text, "second"))
        presses_wanted = 2;
    else if (take(&text, "slow:"))
        return take_time(&text, &button_ms) && at_end(text);
    else if (!take(&text, "obey")) {
        only_once = take(&text, "once:");
        return (on_button = find_deed(text));
    }
    return at_end(text);
}

static bool
parse_word(const char *text)
{
    if (take(&text, "button="))
        return parse_button(text);
    if (take(&text, "after="))
        return take_time(&text, &time_ms) && take(&text, ":") && (on_time = find_deed(text));
    if (take(&text, "fill"))
        return (wants_fill = at_end(text));
    if (take(&text, "writes"))
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

    for (volatile uint32_t *at = mark + 1024; at < (uint32_t *)0xf00000; at++) {
        number ^= number << 13;
        number ^= number >> 17;
        number ^= number << 5;
        *at = number;
    }
}

/* Interrupts and time. */

__attribute__((interrupt)) static void
on_tick(struct interrupt_frame *frame)
{
    if (ticks_left > 0)
        ticks_left--;
    out8(PIC1, 0x20);
}

/* Only the button is enabled. */
__attribute__((interrupt)) static void
on_sci(struct interrupt_frame *frame)
{
    out16(PM1_STATUS, PM1_POWER_BUTTON);
    presses++;
    out8(PIC2, 0x20);
    out8(PIC1, 0x20);
}

static void
set_gate(unsigned irq, void (*handler)(struct interrupt_frame *))
{
    uint64_t offset = (uint32_t)handler;

    interrupts[VECTOR + irq] = (offset >> 16) << 48 | 0x8e0000080000 | (offset & 0xffff);
}

/* The timer interrupts only while somebody waits for it. */
static void
unmask(bool timer)
{
    out8(PIC1 + 1, ~(1u << IRQ_CASCADE | (unsigned)timer << IRQ_PIT));
    out8(PIC2 + 1, ~(1u << (IRQ_SCI - 8)));
}

static const uint64_t segments[] = {0, 0x00cf9a000000ffff, 0x00cf92000000ffff};

static void
set_up_interrupts(void)
{
    static const uint8_t pic1[] = {VECTOR, 1 << IRQ_CASCADE, 1};
    static const uint8_t pic2[] = {VECTOR + 8, IRQ_CASCADE, 1};
    TableRegister gdt = {sizeof(segments) - 1, (uint32_t)segments};
    TableRegister idt = {sizeof(interrupts) - 1, (uint32_t)interrupts};

    set_gate(IRQ_PIT, on_tick);
    set_gate(IRQ_SCI, on_sci);
    __asm__ volatile("lgdt %0; lidt %1; ljmp $8, $1f; 1: mov %2, %%ds; mov %2, %%es; mov %2, %%ss"
                     :
                     : "m"(gdt), "m"(idt), "r"(16)
                     : "memory");
    out8(PIC1, 0x11);
    out8(PIC2, 0x11);
    for (unsigned i = 0; i < sizeof(pic1); i++) {
        out8(PIC1 + 1, pic1[i]);
        out8(PIC2 + 1, pic2[i]);
    }
    unmask(false);
}

static void
start_timer(unsigned ms)
{
    ticks_left = (ms + TICK_MS - 1) / TICK_MS;
    out8(PIT + 3, 0x34);
    out8(PIT, TICK_DIVISOR & 0xff);
    out8(PIT, TICK_DIVISOR >> 8);
    unmask(true);
}

/* Some sectors behind those before, in the way of the first IDE disks: each word by hand. */
static void
write_sectors(void)
{
    static uint32_t at;

    while (in8(IDE + 7) & 0x80) {
    }
    out8(IDE + 6, 0xe0 | (at >> 24 & 0xf));
    out8(IDE + 2, SECTORS);
    for (unsigned i = 0; i < 3; i++)
        out8(IDE + 3 + i, at >> 8 * i);
    out8(IDE + 7, 0x30);
    for (unsigned i = 0; i < SECTORS * 256; i++) {
        while ((in8(IDE + 7) & 0x88) != 0x08) {
        }
        out16(IDE, i);
    }
    at = (at + SECTORS) % DISK_SECTORS;
}

static void
live(void)
{
    const Deed *due = on_time;
    unsigned heard = presses = 0;

    for (;;) {
        __asm__ volatile("cli");
        if (heard < presses) {
            say("button");
            if (++heard == presses_wanted) {
                due = on_button;
                start_timer(button_ms);
            }
        } else if (due && ticks_left == 0) {
            carry_out(due);
            due = 0;
        } else if (due && writes && heard > 0) {
            write_sectors();
            __asm__ volatile("sti; nop; cli");
        } else {
            unmask(due != 0);
            __asm__ volatile("sti; hlt"); /* an interrupt is not taken between these two */
        }
    }
}

static void
arm_button(void)
{
    out8(SMI_COMMAND, 0xf1);
    out16(PM1_STATUS, PM1_POWER_BUTTON);
    out16(PM1_ENABLE, on_button ? PM1_POWER_BUTTON : 0);
}

/* The firmware goes on here after a suspend, with the machine reset and its RAM as it was. */
__attribute__((used)) static void
tiny_woken(void)
{
    set_up_interrupts();
    arm_button();
    on_time = 0;
    if (on_button && on_button->port == PM1_CONTROL)
        parse_button("obey");
    say("woken");
    live();
}

static bool
is_table(const char *table, const char *signature)
{
    return take(&table, signature);
}

/* The table of that name, by the firmware's list of them; NULL: there is none. */
static const uint32_t *
find_table(const char *signature)
{
    for (const char *at = (char *)0xe0000; at < (char *)0x100000; at += 16) {
        const uint32_t *list;

        if (!is_table(at, "RSD PTR "))
            continue;
        list = (const uint32_t *)((const uint32_t *)at)[4];
        for (unsigned i = 9; i < list[1] / 4; i++)
            if (is_table((const char *)list[i], signature))
                return (const uint32_t *)list[i];
    }
    return 0;
}

/* Code for real mode, to which a suspended machine wakes up, at 0x8000; it enters protected mode
 * and goes to the assembly below. */
static void
set_waking_vector(void)
{
    static const uint8_t code[] = {0xfa, 0x31, 0xc0, 0x8e, 0xd8,                   /* cli; ds = 0 */
                                   0x66, 0x0f, 0x01, 0x16, 0x00, 0x81,             /* lgdt 0x8100 */
                                   0x0f, 0x20, 0xc0, 0x0c, 0x01, 0x0f, 0x22, 0xc0, /* cr0 |= 1 */
                                   0x66, 0xea};                                    /* ljmp 8:... */
    extern const char tiny_wake[];
    const uint32_t *facp = find_table("FACP");
    volatile uint8_t *to = (uint8_t *)0x8000;
    volatile TableRegister *gdt = (TableRegister *)0x8100;

    for (unsigned i = 0; i < sizeof(code); i++)
        to[i] = code[i];
    *(volatile uint32_t *)(to + sizeof(code)) = (uint32_t)tiny_wake;
    *(volatile uint16_t *)(to + sizeof(code) + 4) = 8;
    gdt->limit = sizeof(segments);
    gdt->base = (uint32_t)segments;
    if (facp)
        ((volatile uint32_t *)facp[9])[3] = 0x8000;
}

/* Entered from the assembly below. @info: the multiboot information, of which the first word says
 * what is in it, and the fifth is the command line. */
__attribute__((used)) static void
tiny_main(const uint32_t *info)
{
    const char *rest = parse(info[0] & 4 ? (const char *)info[4] : "");

    set_up_interrupts();
    arm_button();
    set_waking_vector();
    if (*mark == MARK_DONE)
        on_time = 0;
    if (*mark == MARK_DONE && only_once)
        on_button = &deeds[0];
    if (on_time)
        start_timer(time_ms);
    if (wants_fill)
        fill();
    say(*rest == '\0' ? "ready" : rest);
    live();
}

/* The multiboot header and the entry. The compiler's own section is the one it left. */
__asm__(".pushsection .multiboot, \"a\"; .balign 4; .long 0x1badb002, 0, -0x1badb002; .popsection\n"
        ".pushsection .bss; .balign 16; .skip 4096; stack_top: .popsection\n"
        ".pushsection .text; .globl _start; _start: mov $stack_top, %esp; push %ebx\n"
        "call tiny_main\n"
        ".globl tiny_wake; tiny_wake: mov $16, %ax; mov %ax, %ds; mov %ax, %es; mov %ax, %ss\n"
        "mov $stack_top, %esp; call tiny_woken; .popsection\n");
