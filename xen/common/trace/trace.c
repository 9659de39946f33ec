/* SPDX-License-Identifier: MIT */
/*
 * trace.c - trace buffers: one ring for each CPU, in pages of DOMID_XEN that xentrace maps.
 *
 * The buffers are made once, by the first XEN_SYSCTL_TBUFOP_set_size, and stay: a reader may have
 * them mapped. A ring is written by its own CPU only, with interrupts off. Masks are read without a
 * lock; a change counts from some moment on.
 */
#include <xen/ctl-bitmap.h>
#include <xen/event.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/smp.h>
#include <xen/time.h>
#include <xen/trace.h>
#include <asm/mm.h>
#include <asm/system.h>
#include "ring.h"

#define INFO_ORDER 2 /* pages of t_info: offsets and frame numbers of all buffers */
#define MAX_PAGES  1024U

bool trace_on;
static struct t_info *info;
static struct trace_ring *rings; /* one for each CPU; NULL: not made yet */
static cpumask_t cpu_mask = {.bits = {[0 ... sizeof(cpumask_t) / sizeof(long) - 1] = ~0UL}};
static u32 event_mask = TRC_ALL;

static void tell_reader(void *unused)
{
    (void)unused;
    send_global_virq(VIRQ_TBUF);
}
static struct tasklet tell_tasklet = {.fn = tell_reader};

static bool wanted(u32 event)
{
    u32 mask = READ_ONCE(event_mask);
    u32 cls = mask & event & (0xfffU << TRC_CLS_SHIFT);
    u32 subcls = mask & event & (0xfU << TRC_SUBCLS_SHIFT);

    return cls && subcls && cpumask_test(smp_processor_id(), &cpu_mask);
}

void trace_record(u32 event, const u32 *words, unsigned int nr_words)
{
    unsigned long flags;
    bool half_full;

    ASSERT(nr_words <= TRACE_EXTRA_MAX);
    if (!wanted(event))
        return;
    flags = local_irq_save();
    half_full = trace_ring_put(&rings[smp_processor_id()], event, rdtsc(), trace_vcpu(current),
                               words, nr_words);
    local_irq_restore(flags);
    if (half_full)
        tasklet_schedule(&tell_tasklet);
}

/* --- making the buffers --- */

/* Contiguous pages that the control domain may map; NULL: no memory. */
static void *shared_pages(unsigned int order)
{
    u8 *p = alloc_xenheap_pages(order, 0);

    for (unsigned int i = 0; p && i < 1U << order; i++)
        if (!share_xen_page_with_guest(virt_to_page(p + i * PAGE_SIZE), dom_xen, true))
            BUG(); /* it never dies */
    return p;
}

static void unshare_pages(u8 *p, unsigned int order)
{
    for (unsigned int i = 0; i < 1U << order; i++)
        if (!unshare_xen_page(virt_to_page(p + i * PAGE_SIZE)))
            BUG(); /* nobody was told of them */
    free_xenheap_pages(p, order);
}

static unsigned int order_of(unsigned int pages)
{
    unsigned int order = 0;

    while (1U << order < pages)
        order++;
    return order;
}

/* Frame numbers of a buffer go behind those of the CPUs before it. */
static void describe(unsigned int cpu, const u8 *buffer, unsigned int pages)
{
    u32 first = (u32)DIV_ROUND_UP(sizeof(u16) * (1 + nr_cpus), sizeof(u32)) + cpu * pages;
    u32 *frames = (u32 *)(void *)info + first;

    info->mfn_offset[cpu] = (u16)first;
    for (unsigned int i = 0; i < pages; i++)
        frames[i] = (u32)mfn_x(virt_to_mfn(buffer + i * PAGE_SIZE));
}

static bool description_fits(unsigned int pages)
{
    return DIV_ROUND_UP(sizeof(u16) * (1 + nr_cpus), sizeof(u32)) + (u64)nr_cpus * pages <=
           (PAGE_SIZE << INFO_ORDER) / sizeof(u32);
}

static int make_rings(unsigned int pages)
{
    struct trace_ring *r = xzalloc_array(struct trace_ring, nr_cpus);
    unsigned int order = order_of(pages), cpu;

    info = shared_pages(INFO_ORDER);
    for (cpu = 0; r && info && cpu < nr_cpus; cpu++) {
        void *buffer = shared_pages(order);

        if (!buffer)
            break;
        trace_ring_init(&r[cpu], buffer, (u32)(pages * PAGE_SIZE));
        describe(cpu, buffer, pages);
    }
    if (r && info && cpu == nr_cpus) {
        info->tbuf_size = (u16)pages;
        rings = r;
        return 0;
    }
    while (r && cpu-- > 0)
        unshare_pages((u8 *)(void *)r[cpu].indices, order);
    if (info)
        unshare_pages((u8 *)(void *)info, INFO_ORDER);
    info = NULL;
    xfree(r);
    return -ENOMEM;
}

static long set_size(u32 pages)
{
    if (rings || !pages || pages > MAX_PAGES || !description_fits(pages))
        return -EINVAL;
    return make_rings(pages);
}

static long set_cpu_mask(const struct xenctl_bitmap *from)
{
    cpumask_t mask;
    int rc = ctl_cpumask_read(from, &mask);

    if (!rc)
        cpu_mask = mask;
    return rc;
}

long trace_control(struct xen_sysctl_tbuf_op *op)
{
    switch (op->cmd) {
    case XEN_SYSCTL_TBUFOP_get_info:
        op->evt_mask = event_mask;
        op->buffer_mfn = info ? mfn_x(virt_to_mfn(info)) : 0;
        op->size = info ? (u32)(PAGE_SIZE << INFO_ORDER) : 0;
        return 0;
    case XEN_SYSCTL_TBUFOP_set_cpu_mask:
        return set_cpu_mask(&op->cpu_mask);
    case XEN_SYSCTL_TBUFOP_set_evt_mask:
        WRITE_ONCE(event_mask, op->evt_mask);
        return 0;
    case XEN_SYSCTL_TBUFOP_set_size:
        return set_size(op->size);
    case XEN_SYSCTL_TBUFOP_enable:
        if (!rings)
            return -EINVAL;
        WRITE_ONCE(trace_on, true);
        return 0;
    case XEN_SYSCTL_TBUFOP_disable:
        WRITE_ONCE(trace_on, false);
        return 0;
    }
    return -EINVAL;
}
