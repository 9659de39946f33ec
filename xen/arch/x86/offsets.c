/* SPDX-License-Identifier: MIT */
/*
 * offsets.c - structure offsets for assembler code. Compiled to assembler text only; the build
 * turns each "@define NAME value" into a line of <asm/offsets.h>.
 */
#include <xen/sched.h>
#include <asm/current.h>
#include <asm/traps.h>

#define DEFINE(name, value) __asm__ volatile("@define " #name " %0" ::"i"(value))
#define UREG(field)         DEFINE(UREGS_##field, offsetof(struct cpu_user_regs, field))

void asm_offsets(void);

void asm_offsets(void)
{
    UREG(rax);
    UREG(rcx);
    UREG(r11);
    UREG(error_code);
    UREG(entry_vector);
    UREG(rip);
    UREG(cs);
    UREG(rflags);
    UREG(rsp);
    UREG(ss);
    UREG(es);
    DEFINE(CPU_INFO_SIZE, sizeof(struct cpu_info));
    DEFINE(CPU_INFO_current, offsetof(struct cpu_info, current_vcpu));
    DEFINE(CPU_INFO_per_cpu_offset, offsetof(struct cpu_info, per_cpu_offset));
    DEFINE(VCPU_info, offsetof(struct vcpu, info));
    DEFINE(VCPU_hypercalls, offsetof(struct vcpu, arch.hypercalls));
    DEFINE(VCPU_nr_hypercalls, offsetof(struct vcpu, nr_hypercalls));
    DEFINE(VCPU_kernel_mode, offsetof(struct vcpu, arch.kernel_mode));
    DEFINE(VCPU_exit_flags, offsetof(struct vcpu, arch.pending_exception));
    BUILD_BUG_ON(offsetof(struct vcpu, arch.waits_fill) !=
                 offsetof(struct vcpu, arch.pending_exception) + 3);
    DEFINE(VCPU_fast_syscall_sp, offsetof(struct vcpu, arch.fast_syscall_sp));
    DEFINE(VCPU_fast_fault_sp, offsetof(struct vcpu, arch.fast_fault_sp));
    DEFINE(VCPU_fast_fault_rip, offsetof(struct vcpu, arch.fast_fault_rip));
    DEFINE(VCPU_INFO_cr2, offsetof(struct vcpu_info, arch.cr2));
    DEFINE(VCPU_syscall_rip, offsetof(struct vcpu, arch.syscall_cb.rip));
    DEFINE(VCPU_user_l4, offsetof(struct vcpu, arch.user_l4));
    DEFINE(VCPU_kernel_cr3, offsetof(struct vcpu, arch.kernel_cr3));
    DEFINE(VCPU_user_cr3, offsetof(struct vcpu, arch.user_cr3));
    DEFINE(VCPU_cr3, offsetof(struct vcpu, arch.cr3));
}
