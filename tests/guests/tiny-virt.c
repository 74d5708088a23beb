/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* aarch64's machine virt with a GICv2: an ELF file for a machine without firmware, where the button
 * is a key at the GPIO controller, and from the same an EFI program, for one with UEFI, where it is
 * an event of ACPI's. Interrupts stay masked; wfi wakes of them all the same. */

#include "tiny.h"

#define DISTRIBUTOR   0x08000000 /* of the interrupts */
#define SET_ENABLED   (DISTRIBUTOR + 0x100)
#define CLEAR_ENABLED (DISTRIBUTOR + 0x180)
#define TARGETS       (DISTRIBUTOR + 0x800)
#define TRIGGERS      (DISTRIBUTOR + 0xc00)
#define CPU_CONTROL   0x08010000
#define CPU_PRIORITY  (CPU_CONTROL + 0x4)
#define ACKNOWLEDGE   (CPU_CONTROL + 0xc)
#define END           (CPU_CONTROL + 0x10)
#define UART          0x09000000
#define GPIO          0x09030000
#define ACPI_EVENTS   0x09080000
#define DEVICE_TREE   0x40000000

#define GPIO_RISING (GPIO + 0x40c)
#define GPIO_ENABLE (GPIO + 0x410)
#define GPIO_CLEAR  (GPIO + 0x41c)
#define POWER_KEY   (1 << 3)
#define POWER_EVENT (1 << 1)

#define IRQ_TIMER 30
#define IRQ_GPIO  39
#define IRQ_ACPI  41

#define PSCI_OFF   0x84000008
#define PSCI_RESET 0x84000009

#define TREE_MAGIC      0xd00dfeed
#define TREE_BEGIN_NODE 1
#define TREE_PROPERTY   3
#define TREE_END        9

const Deed machine_deeds[] = {
    {"poweroff", PSCI_OFF},
    {"reboot", PSCI_RESET},
    {"halt", CODE_HALT},
    {"spin", CODE_SPIN},
    {"", 0},
};

volatile uint32_t *machine_mark = (uint32_t *)0x40800000;
uint32_t *const machine_fill_end = (uint32_t *)0x40f00000;

static bool has_uefi;

static inline volatile uint32_t *
device(uint64_t address)
{
    return (volatile uint32_t *)address;
}

void
machine_put(char letter)
{
    *device(UART) = (uint8_t)letter;
}

/* What waits at the CPU would wake it, again and again: so nothing may get there. */
static void
halt(void)
{
    *device(CPU_CONTROL) = 0;
    __asm__ volatile("1: wfi; b 1b");
}

void
machine_do(uint32_t code)
{
    register uint64_t function __asm__("x0") = code;

    if (code == CODE_HALT)
        halt();
    else if (code == CODE_SPIN)
        __asm__ volatile("1: b 1b");
    else
        __asm__ volatile("hvc #0" : "+r"(function) : : "x1", "x2", "x3", "memory");
}

/* The button, and time. */

static void
enable(unsigned irq)
{
    volatile uint8_t *targets = (volatile uint8_t *)(uintptr_t)TARGETS;

    targets[irq] = 1;
    device(SET_ENABLED)[irq / 32] = 1u << irq % 32;
}

static void
disable(unsigned irq)
{
    device(CLEAR_ENABLED)[irq / 32] = 1u << irq % 32;
}

static void
set_up_interrupts(void)
{
    __asm__ volatile("msr daifset, #0xf");
    for (unsigned i = 0; i < 3; i++)
        device(CLEAR_ENABLED)[i] = ~0u;
    *device(DISTRIBUTOR) = 1;
    *device(CPU_PRIORITY) = 0xff;
    *device(CPU_CONTROL) = 1;
}

void
machine_arm_button(bool arm)
{
    if (has_uefi && arm) {
        device(TRIGGERS)[IRQ_ACPI / 16] = 2u << IRQ_ACPI % 16 * 2; /* at its edge */
        enable(IRQ_ACPI);
    }
    if (has_uefi)
        return; /* there is no such key then */
    *device(GPIO_RISING) = POWER_KEY;
    *device(GPIO_ENABLE) = arm ? POWER_KEY : 0;
    enable(IRQ_GPIO);
}

void
machine_start_timer(unsigned ms)
{
    uint64_t frequency;

    __asm__ volatile("mrs %0, cntfrq_el0" : "=r"(frequency));
    __asm__ volatile("msr cntp_tval_el0, %0; msr cntp_ctl_el0, %1; isb"
                     :
                     : "r"(frequency / 1000 * ms), "r"(1ul));
}

bool
machine_timer_is_over(void)
{
    uint64_t control;

    __asm__ volatile("isb; mrs %0, cntp_ctl_el0" : "=r"(control));
    return control & 4;
}

void
machine_sleep(bool timer)
{
    unsigned irq;

    if (timer)
        enable(IRQ_TIMER);
    __asm__ volatile("dsb sy; wfi");
    disable(IRQ_TIMER);
    irq = *device(ACKNOWLEDGE) & 0x3ff;
    if (irq == IRQ_GPIO) {
        *device(GPIO_CLEAR) = POWER_KEY;
        tiny_presses++;
    } else if (irq == IRQ_ACPI && *device(ACPI_EVENTS) & POWER_EVENT)
        tiny_presses++; /* to read it clears it */
    if (irq <= IRQ_ACPI)
        *device(END) = irq;
}

bool
machine_write(void)
{
    return false;
}

/* The command line stands in the device tree. */

static uint32_t
number_at(const char *at)
{
    return __builtin_bswap32(*(const uint32_t *)at);
}

static const char *
aligned(const char *at)
{
    return (const char *)(((uintptr_t)at + 3) & ~3ul);
}

static bool
is_cmdline(const char *name)
{
    return tiny_take(&name, "bootargs") && *name == '\0';
}

static const char *
find_cmdline(const char *tree)
{
    const char *at = tree + number_at(tree + 8), *names = tree + number_at(tree + 12);
    uint32_t token;

    if (number_at(tree) != TREE_MAGIC)
        return "no-device-tree";
    while ((token = number_at(at)) != TREE_END) {
        at += 4;
        if (token == TREE_BEGIN_NODE) {
            while (*at != '\0')
                at++;
            at = aligned(at + 1);
        } else if (token == TREE_PROPERTY) {
            if (is_cmdline(names + number_at(at + 4)))
                return at + 8;
            at = aligned(at + 8 + number_at(at));
        }
    }
    return "";
}

/* Entered from the assembly below. Of UEFI nothing is wanted but its ACPI: it sleeps from now on,
 * with its interrupts. */
__attribute__((used)) static void
virt_main(uint64_t uefi)
{
    static uint32_t forgotten;

    has_uefi = uefi != 0;
    if (has_uefi)
        machine_mark = &forgotten; /* RAM isn't ours */
    set_up_interrupts();
    if (has_uefi)
        tiny_say(""); /* UEFI ended none of its lines */
    tiny_main(find_cmdline((const char *)DEVICE_TREE));
}

/* Where QEMU enters the ELF file, and the headers that UEFI wants, at its beginning. */
__asm__(".pushsection .bss; .balign 16; .skip 4096; stack_top: .popsection\n"
        ".pushsection .head, \"ax\"\n"
        ".ascii \"MZ\"; .skip 58; .long 64\n"
        ".ascii \"PE\\0\\0\"; .short 0xaa64, 2; .long 0, 0, 0; .short sections - optional, 0x206\n"
        "optional: .short 0x20b, 0; .long read_size, write_size, 0, 4096, 4096\n"
        ".quad 0; .long 4096, 512; .short 0, 0, 0, 0, 0, 0; .long 0\n"
        ".long image_size, 4096, 0; .short 10, 0; .quad 0, 0, 0, 0; .long 0, 6\n"
        ".quad 0, 0, 0, 0, 0, 0\n"
        "sections: .ascii \".text\\0\\0\\0\"; .long read_size, 4096, read_size, 4096\n"
        ".long 0, 0, 0, 0x60000020\n"
        ".ascii \".data\\0\\0\\0\"; .long write_size, write_at, file_size, write_at\n"
        ".long 0, 0, 0, 0xc0000040; .popsection\n"
        ".pushsection .entry, \"ax\"; mov x0, #1; b virt_main\n"
        ".globl _start; _start: adrp x0, stack_top; add sp, x0, :lo12:stack_top\n"
        "mov x0, #0; b virt_main; .popsection\n");
