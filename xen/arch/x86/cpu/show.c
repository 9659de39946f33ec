/* SPDX-License-Identifier: MIT */
/* show.c - registers, code bytes and stack of an interrupted context, for people. */
#include <xen/lib.h>
#include <xen/sched.h>
#include <xen/guest-access.h>
#include <asm/current.h>
#include <asm/system.h>
#include <asm/traps.h>
#include "private.h"

extern char __text_start[], __text_end[], __init_start[], __init_text_end[];

static bool is_hv_text(unsigned long a)
{
    return (a >= (unsigned long)__text_start && a < (unsigned long)__text_end) ||
           (a >= (unsigned long)__init_start && a < (unsigned long)__init_text_end);
}

static void show_guest_words(unsigned long rsp)
{
    u64 w[4];

    printk("Guest stack from rsp=%016lx:\n", rsp);
    for (unsigned int i = 0; i < 8; i++) {
        if (copy_from_guest(w, rsp + i * sizeof(w), sizeof(w))) {
            printk("   (not readable)\n");
            return;
        }
        printk("   %016lx %016lx %016lx %016lx\n", (unsigned long)w[0], (unsigned long)w[1],
               (unsigned long)w[2], (unsigned long)w[3]);
    }
}

/* Whether two words at va lie in one of the calling CPU's stacks. */
static bool on_own_stack(unsigned long va)
{
    unsigned long top = (unsigned long)get_cpu_info(), bottom = top & ~(STACK_SIZE - 1);

    return va % 8 == 0 && va >= bottom && va + 16 <= top && !in_stack_guard(va) &&
           !in_stack_guard(va + 8);
}

/* The words above rsp, in which an expert finds arguments and lost frames. */
static void show_own_words(unsigned long rsp)
{
    printk("Stack from rsp=%016lx:\n", rsp);
    for (unsigned int i = 0; i < 8 && on_own_stack(rsp); i++, rsp += 16) {
        const unsigned long *w = (const unsigned long *)rsp;

        printk("   %016lx %016lx\n", w[0], w[1]);
    }
}

/* Follows frame pointers while they stay inside the CPU's stacks. */
static void show_call_trace(const struct cpu_user_regs *regs)
{
    unsigned long bp = regs->rbp;

    printk("Call trace:\n   [%016lx]\n", (unsigned long)regs->rip);
    for (unsigned int depth = 0; depth < 24; depth++) {
        const unsigned long *f = (const unsigned long *)bp;

        if (!on_own_stack(bp) || !is_hv_text(f[1]))
            return;
        printk("   [%016lx]\n", f[1]);
        if (f[0] <= bp)
            return;
        bp = f[0];
    }
}

static void show_code(const struct cpu_user_regs *regs)
{
    u8 b[16];
    char line[3 * sizeof(b) + 1];
    int n = 0;

    if (guest_mode(regs)) {
        if (copy_from_guest(b, regs->rip, sizeof(b)))
            return;
    } else if (is_hv_text(regs->rip) && is_hv_text(regs->rip + sizeof(b))) {
        memcpy(b, (const void *)regs->rip, sizeof(b));
    } else {
        return;
    }
    for (unsigned int i = 0; i < sizeof(b); i++)
        n += scnprintf(line + n, sizeof(line) - (size_t)n, "%02x ", b[i]);
    printk("code at rip: %s\n", line);
}

void show_regs(const struct cpu_user_regs *regs)
{
    const struct vcpu *v = current;

    printk("----[ CPU %u, %s", smp_processor_id(), guest_mode(regs) ? "guest" : "hypervisor");
    if (v && v->domain)
        printk(", d%uv%u%s", v->domain->domain_id, v->vcpu_id,
               !is_idle_vcpu(v) && v->arch.kernel_mode ? " kernel" : "");
    printk(" ]----\n");
    printk("rip: %04x:[<%016lx>] rflags: %016lx\n", regs->cs, (unsigned long)regs->rip,
           (unsigned long)regs->rflags);
    printk("rax: %016lx rbx: %016lx rcx: %016lx\n", (unsigned long)regs->rax,
           (unsigned long)regs->rbx, (unsigned long)regs->rcx);
    printk("rdx: %016lx rsi: %016lx rdi: %016lx\n", (unsigned long)regs->rdx,
           (unsigned long)regs->rsi, (unsigned long)regs->rdi);
    printk("rbp: %016lx rsp: %016lx r8:  %016lx\n", (unsigned long)regs->rbp,
           (unsigned long)regs->rsp, (unsigned long)regs->r8);
    printk("r9:  %016lx r10: %016lx r11: %016lx\n", (unsigned long)regs->r9,
           (unsigned long)regs->r10, (unsigned long)regs->r11);
    printk("r12: %016lx r13: %016lx r14: %016lx\n", (unsigned long)regs->r12,
           (unsigned long)regs->r13, (unsigned long)regs->r14);
    printk("r15: %016lx cr0: %016lx cr4: %016lx\n", (unsigned long)regs->r15, read_cr0(),
           read_cr4());
    printk("cr2: %016lx cr3: %016lx ss: %04x vector: %02x error: %04x\n", read_cr2(), read_cr3(),
           regs->ss, regs->entry_vector, regs->error_code);
    printk("fs: %016lx gs: %016lx kernel gs: %016lx\n", (unsigned long)rdmsr(MSR_FS_BASE),
           (unsigned long)rdmsr(MSR_GS_BASE), (unsigned long)rdmsr(MSR_SHADOW_GS_BASE));
    show_code(regs);
    if (guest_mode(regs))
        show_guest_words(regs->rsp);
    else
        show_own_words(regs->rsp);
    show_stack(regs);
}

void show_stack(const struct cpu_user_regs *regs)
{
    if (!guest_mode(regs))
        show_call_trace(regs);
}
