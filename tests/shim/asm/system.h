/* SPDX-License-Identifier: MIT */
/* system.h (host tests) - the interrupt flag is a variable; privileged instructions stay unused. */
#ifndef SHIM_SYSTEM_H
#define SHIM_SYSTEM_H

#define local_irq_disable    hw_local_irq_disable
#define local_irq_enable     hw_local_irq_enable
#define local_save_flags     hw_local_save_flags
#define local_irq_save       hw_local_irq_save
#define local_irq_restore    hw_local_irq_restore
#define local_irq_is_enabled hw_local_irq_is_enabled
#include_next <asm/system.h>
#undef local_irq_disable
#undef local_irq_enable
#undef local_save_flags
#undef local_irq_save
#undef local_irq_restore
#undef local_irq_is_enabled

extern bool shim_irqs_on;

static inline void local_irq_disable(void)
{
    shim_irqs_on = false;
}
static inline void local_irq_enable(void)
{
    shim_irqs_on = true;
}
static inline unsigned long local_save_flags(void)
{
    return shim_irqs_on ? X86_EFLAGS_IF : 0;
}
static inline unsigned long local_irq_save(void)
{
    unsigned long f = local_save_flags();

    shim_irqs_on = false;
    return f;
}
static inline void local_irq_restore(unsigned long f)
{
    shim_irqs_on = (f & X86_EFLAGS_IF) != 0;
}
static inline bool local_irq_is_enabled(void)
{
    return shim_irqs_on;
}

#endif /* SHIM_SYSTEM_H */
