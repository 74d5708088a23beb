/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The machines pc and q35: a 32-bit multiboot kernel. */

#include "tiny.h"

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

/* What goes to which port. */
#define OUT(port, value) ((uint32_t)(port) << 16 | (value))

const Deed machine_deeds[] = {
    {"poweroff", OUT(PM1_CONTROL, PM1_SLEEP(0))},
    {"suspend", OUT(PM1_CONTROL, PM1_SLEEP(1))},
    {"hibernate", OUT(PM1_CONTROL, PM1_SLEEP(2))},
    {"reboot", OUT(RESET_CONTROL, 6)},
    {"panic", OUT(PVPANIC, 1)},
    {"watchdog", OUT(IB700, 15)},
    {"halt", CODE_HALT},
    {"spin", CODE_SPIN},
    {"", 0},
};

struct interrupt_frame;

volatile uint32_t *machine_mark = (uint32_t *)0x800000;
uint32_t *const machine_fill_end = (uint32_t *)0xf00000;

static uint64_t interrupts[VECTOR + 16];
static volatile unsigned ticks_left;

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

void
machine_put(char letter)
{
    out8(COM1, (uint8_t)letter);
}

void
machine_do(uint32_t code)
{
    uint16_t port = code >> 16;

    if (code == CODE_HALT)
        __asm__ volatile("1: cli; hlt; jmp 1b");
    else if (code == CODE_SPIN)
        __asm__ volatile("1: pause; jmp 1b");
    else if (port == PM1_CONTROL)
        out16(port, code & 0xffff);
    else
        out8(port, code & 0xff);
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
    tiny_presses++;
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

void
machine_start_timer(unsigned ms)
{
    ticks_left = (ms + TICK_MS - 1) / TICK_MS;
    out8(PIT + 3, 0x34);
    out8(PIT, TICK_DIVISOR & 0xff);
    out8(PIT, TICK_DIVISOR >> 8);
    unmask(true);
}

bool
machine_timer_is_over(void)
{
    return ticks_left == 0;
}

void
machine_sleep(bool timer)
{
    unmask(timer);
    __asm__ volatile("sti; hlt; cli"); /* an interrupt is not taken between the first two */
}

/* Some sectors behind those before, in the way of the first IDE disks: each word by hand. */
bool
machine_write(void)
{
    static uint32_t at;

    while (in8(IDE + 7) & 0x80) {
    }
    out8(IDE + 6, 0xe0 | (at >> 24 & 0xf));
    out8(IDE + 2, SECTORS);
    for (unsigned i = 0; i < 3; i++)
        out8(IDE + 3 + i, at >> 8 * i);
    out8(IDE + 7, 0x30);
    /* Asked for once a sector: beside a dozen others this guest has to be seen writing. */
    for (unsigned i = 0; i < SECTORS * 256; i++) {
        while (i % 256 == 0 && (in8(IDE + 7) & 0x88) != 0x08) {
        }
        out16(IDE, i);
    }
    at = (at + SECTORS) % DISK_SECTORS;
    __asm__ volatile("sti; nop; cli");
    return true;
}

void
machine_arm_button(bool arm)
{
    out8(SMI_COMMAND, 0xf1);
    out16(PM1_STATUS, PM1_POWER_BUTTON);
    out16(PM1_ENABLE, arm ? PM1_POWER_BUTTON : 0);
}

/* The firmware goes on here after a suspend, with the machine reset and its RAM as it was. */
__attribute__((used)) static void
pc_woken(void)
{
    set_up_interrupts();
    tiny_wake();
}

static bool
is_table(const char *table, const char *signature)
{
    return tiny_take(&table, signature);
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
    extern const char pc_wake[];
    const uint32_t *facp = find_table("FACP");
    volatile uint8_t *to = (uint8_t *)0x8000;
    volatile TableRegister *gdt = (TableRegister *)0x8100;

    for (unsigned i = 0; i < sizeof(code); i++)
        to[i] = code[i];
    *(volatile uint32_t *)(to + sizeof(code)) = (uint32_t)pc_wake;
    *(volatile uint16_t *)(to + sizeof(code) + 4) = 8;
    gdt->limit = sizeof(segments);
    gdt->base = (uint32_t)segments;
    if (facp)
        ((volatile uint32_t *)facp[9])[3] = 0x8000;
}

/* Entered from the assembly below. @info: the multiboot information, of which the first word says
 * what is in it, and the fifth is the command line. */
__attribute__((used)) static void
pc_main(const uint32_t *info)
{
    set_up_interrupts();
    set_waking_vector();
    tiny_main(info[0] & 4 ? (const char *)info[4] : "");
}

/* The multiboot header and the entry. The compiler's own section is the one it left. */
__asm__(".pushsection .multiboot, \"a\"; .balign 4; .long 0x1badb002, 0, -0x1badb002; .popsection\n"
        ".pushsection .bss; .balign 16; .skip 4096; stack_top: .popsection\n"
        ".pushsection .text; .globl _start; _start: mov $stack_top, %esp; push %ebx\n"
        "call pc_main\n"
        ".globl pc_wake; pc_wake: mov $16, %ax; mov %ax, %ds; mov %ax, %es; mov %ax, %ss\n"
        "mov $stack_top, %esp; call pc_woken; .popsection\n");
