/* SPDX-License-Identifier: MIT */
/*
 * heap.c - allocation of frames for the hypervisor: one buddy allocator with its own lock per node.
 *
 * Every free frame is marked PGC_NEEDS_SCRUB when it comes in, also at boot, and is cleared when it
 * is handed out. Clearing at allocation rather than at free costs one pass per use of a frame
 * (callers are promised zeroes anyway), keeps the destruction of large domains and the boot short,
 * and cannot be forgotten on a new way to free something. Until then nobody can map a free frame:
 * it has no owner.
 *
 * A frame that a guest could map comes back with PGC_STALE_TLB: before it is cleared and handed
 * out, all CPUs that have not flushed since its stamp do so. Late, because by then most have.
 * Waiting for other CPUs needs interrupts on; with interrupts off, an allocation that would have to
 * wait fails.
 *
 * Frames are marked outside the lock, by whoever owns the block at that time; under the lock only
 * the heads of blocks change. Locks: heap_node.lock (LOCK_RANK_HEAP, interrupts off).
 */
#include <xen/lib.h>
#include <xen/acpi.h>
#include <xen/percpu.h>
#include <xen/spinlock.h>
#include <asm/mm.h>
#include "buddy.h"

#define NO_NODE ACPI_MAX_NODES

static struct heap_node {
    spinlock_t lock;
    struct buddy buddy;
} heap_nodes[ACPI_MAX_NODES] = {
    [0 ... ACPI_MAX_NODES - 1] = {.lock = SPINLOCK_INIT(LOCK_RANK_HEAP)},
};

static unsigned int local_node(void)
{
    unsigned int node = 0;

    if (acpi.nr_nodes > 1)
        node = acpi_node_of_apicid(cpu_apicid[smp_processor_id()]);
    return node < ACPI_MAX_NODES ? node : 0;
}

/* NO_NODE also for a block that lies on several. */
static unsigned int node_of(const struct page_info *pg, unsigned int order)
{
    unsigned long mfn = mfn_x(page_to_mfn(pg));

    for (unsigned int n = 0; n < ACPI_MAX_NODES; n++)
        if (buddy_contains(&heap_nodes[n].buddy, mfn, 1UL << order))
            return n;
    return NO_NODE;
}

/* The node nearest to `from` among those not in the set `tried`; NO_NODE: none left. */
static unsigned int next_node(unsigned int from, u32 tried)
{
    unsigned int best = NO_NODE, best_distance = ~0U;

    for (unsigned int n = 0; n < ACPI_MAX_NODES; n++) {
        unsigned int distance = n == from ? 0 : acpi.distance[from][n];

        if (!(tried & (1U << n)) && distance < best_distance) {
            best = n;
            best_distance = distance;
        }
    }
    return best;
}

static struct page_info *alloc_on_node(unsigned int node, unsigned int order, unsigned int bits)
{
    struct heap_node *hn = &heap_nodes[node];
    struct page_info *pg;
    unsigned long flags;

    if (!READ_ONCE(hn->buddy.free_pages))
        return NULL;
    spin_lock_irqsave(&hn->lock, flags);
    pg = buddy_alloc(&hn->buddy, order, bits);
    spin_unlock_irqrestore(&hn->lock, flags);
    return pg;
}

/* From free frames to frames of the hypervisor. */
static void prepare_pages(struct page_info *pg, unsigned int order, bool scrub)
{
    for (unsigned long i = 0; i < 1UL << order; i++) {
        BUG_ON(!(pg[i].count_info & PGC_FREE) || pg[i].owner);
        if (unlikely(pg[i].count_info & PGC_INCOHERENT))
            drop_cache_lines(&pg[i]);
        if (scrub && (pg[i].count_info & PGC_NEEDS_SCRUB))
            memset(page_to_virt(&pg[i]), 0, PAGE_SIZE);
        pg[i].next = pg[i].prev = 0;
        pg[i].type_info = 0;
        pg[i].count_info = PGC_XEN_HEAP;
    }
}

/* Ends all translations by former owners of a block. False: would have to wait, but must not. */
static bool flush_stale(const struct page_info *pg, unsigned int order)
{
    const struct page_info *newest = NULL;
    cpumask_t mask;

    for (unsigned long i = 0; i < 1UL << order; i++)
        if ((pg[i].count_info & PGC_STALE_TLB) &&
            (!newest || (s32)(pg[i].stamp - newest->stamp) > 0))
            newest = &pg[i];
    if (!newest)
        return true;

    mask = cpu_online_map;
    tlb_filter(&mask, newest->stamp);
    if (cpumask_empty(&mask))
        return true;
    if (!local_irq_is_enabled())
        return false;
    flush_tlb_mask(&mask, 0, FLUSH_TLB);
    return true;
}

/* Hands a block of frames that are already marked free to its node. */
static void give_block(unsigned int node, struct page_info *pg, unsigned int order)
{
    struct heap_node *hn = &heap_nodes[node];
    unsigned long flags;

    spin_lock_irqsave(&hn->lock, flags);
    buddy_free(&hn->buddy, pg, order);
    spin_unlock_irqrestore(&hn->lock, flags);
}

struct page_info *alloc_heap_pages(unsigned int order, unsigned int memflags)
{
    unsigned int bits = memflags & 0xff, wanted = (memflags >> 8) & 0xff;
    unsigned int first = wanted ? wanted - 1 : local_node();
    unsigned int node = first;
    struct page_info *pg = NULL;
    u32 tried = 0;

    if (order > MAX_ORDER || first >= ACPI_MAX_NODES)
        return NULL;

    while (node != NO_NODE) {
        pg = alloc_on_node(node, order, bits);
        if (pg || (memflags & MEMF_EXACT_NODE))
            break;
        tried |= 1U << node;
        node = next_node(first, tried);
    }
    if (!pg)
        return NULL;
    if (!flush_stale(pg, order)) {
        give_block(node, pg, order);
        return NULL;
    }
    prepare_pages(pg, order, !(memflags & MEMF_NO_SCRUB));
    return pg;
}

void free_heap_pages(struct page_info *pg, unsigned int order)
{
    unsigned int node = node_of(pg, 0);

    BUG_ON(node == NO_NODE || order > MAX_ORDER);
    BUG_ON(mfn_x(page_to_mfn(pg)) & ((1UL << order) - 1));
    for (unsigned long i = 0; i < 1UL << order; i++) {
        unsigned long stale = (pg[i].owner ? PGC_STALE_TLB : 0) |
                              (pg[i].count_info & (PGC_STALE_TLB | PGC_INCOHERENT));

        BUG_ON(pg[i].count_info & (PGC_FREE | PGC_COUNT_MASK));
        pg[i].owner = 0;
        pg[i].type_info = 0;
        pg[i].count_info = PGC_FREE | PGC_NEEDS_SCRUB | stale;
    }
    give_block(node, pg, order);
}

void free_heap_run(struct page_info *pg, unsigned long nr)
{
    while (nr) {
        unsigned int order = buddy_run_order(mfn_x(page_to_mfn(pg)), nr);

        /* Neighbours in the run may have come from different nodes. */
        while (order && node_of(pg, order) == NO_NODE)
            order--;
        free_heap_pages(pg, order);
        pg += 1UL << order;
        nr -= 1UL << order;
    }
}

void heap_add_range(mfn_t start, mfn_t end, unsigned int node)
{
    unsigned long mfn = MAX(mfn_x(start), 1UL), last = mfn_x(end), flags;
    int rc = -EINVAL;

    if (mfn >= last)
        return;
    if (node < ACPI_MAX_NODES) {
        spin_lock_irqsave(&heap_nodes[node].lock, flags);
        rc = buddy_add_range(&heap_nodes[node].buddy, mfn, last);
        spin_unlock_irqrestore(&heap_nodes[node].lock, flags);
    }
    if (rc) {
        printk(XLOG_WARN "Memory frames %lx-%lx of node %u stay unused (error %d)\n", mfn, last - 1,
               node, rc);
        return;
    }

    while (mfn < last) {
        struct page_info *pg = mfn_to_page(_mfn(mfn));
        unsigned int order = buddy_run_order(mfn, last - mfn);

        for (unsigned long i = 0; i < 1UL << order; i++)
            pg[i] = (struct page_info){.count_info = PGC_FREE | PGC_NEEDS_SCRUB};
        give_block(node, pg, order);
        mfn += 1UL << order;
    }
}

void *alloc_xenheap_pages(unsigned int order, unsigned int memflags)
{
    struct page_info *pg = alloc_heap_pages(order, memflags);

    return pg ? page_to_virt(pg) : NULL;
}

void free_xenheap_pages(void *va, unsigned int order)
{
    if (va)
        free_heap_pages(virt_to_page(va), order);
}

unsigned long heap_node_mask(void)
{
    unsigned long nodes = 0;

    for (unsigned int n = 0; n < ACPI_MAX_NODES; n++)
        if (heap_nodes[n].buddy.nr_ranges)
            nodes |= BIT(n);
    return nodes;
}

unsigned long heap_node_free_pages(unsigned int node)
{
    return node < ACPI_MAX_NODES ? READ_ONCE(heap_nodes[node].buddy.free_pages) : 0;
}

unsigned long heap_node_pages(unsigned int node)
{
    const struct buddy *b = &heap_nodes[node].buddy;
    unsigned long sum = 0;

    for (unsigned int i = 0; i < b->nr_ranges; i++)
        sum += b->range[i].end - b->range[i].start;
    return sum;
}

unsigned long heap_free_below(unsigned int node, unsigned int min_bits, unsigned int max_bits)
{
    return buddy_free_between(&heap_nodes[node].buddy, min_bits, max_bits);
}

unsigned long heap_free_pages(void)
{
    unsigned long sum = 0;

    for (unsigned int n = 0; n < ACPI_MAX_NODES; n++)
        sum += heap_node_free_pages(n);
    return sum;
}
