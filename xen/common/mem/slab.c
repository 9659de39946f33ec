/* SPDX-License-Identifier: MIT */
/*
 * slab.c - small objects for the hypervisor, zeroed.
 *
 * Sizes up to 2048 come from slabs: single frames cut into objects of one power-of-two class, which
 * makes every object aligned to its class. Anything larger gets whole frames; what a power-of-two
 * block has too much goes back at once. All bookkeeping of a slab is in the struct page_info of its
 * frame (type_info holds struct slab_info), and a free object holds the number of the next one.
 *
 * A slab is on its class's list while it has a free object, and goes back to the heap with its last
 * object. Debug builds end each object with a trailer, fill the space after the requested size and
 * the freed objects with patterns, and check them: overruns, double frees, writes after a free.
 *
 * Locks: one per class (LOCK_RANK_SLAB, interrupts off); any context except NMI.
 */
#include <xen/lib.h>
#include <xen/bitops.h>
#include <xen/spinlock.h>
#include "buddy.h"

#define MIN_SHIFT  4
#define MAX_SHIFT  11
#define NR_CLASSES (MAX_SHIFT - MIN_SHIFT + 1)

enum slab_kind {
    SLAB_NONE,
    SLAB_SMALL = 0x51,
    SLAB_LARGE = 0x52,
};

union slab_info {
    unsigned long raw;
    struct {
        u8 kind, shift;
        u16 nr_used;
        u16 first_free; /* object number + 1; 0: none */
        u16 nr_touched; /* objects from this one on were never handed out */
    } small;
    struct {
        u8 kind;
        u32 nr_pages;
    } large;
};

struct slab_class {
    spinlock_t lock;
    u32 partial; /* MFN of the first slab with a free object, 0: none */
    u32 nr_used; /* objects */
};

static struct slab_class classes[NR_CLASSES] = {
    [0 ... NR_CLASSES - 1] = {.lock = SPINLOCK_INIT(LOCK_RANK_SLAB)},
};
static size_t large_pages; /* atomic: pages of objects that are larger */

static void __noreturn slab_broken(const char *what, const void *p)
{
    printk(XLOG_ERR "Object at %p: %s\n", p, what);
    BUG();
}

#ifdef XENOLITH_DEBUG

struct trailer {
    u32 size; /* requested */
    u32 state;
};
#define TRAILER_BYTES sizeof(struct trailer)
#define STATE_LIVE    0x11fe0b1eU
#define STATE_FREE    0xdead0b1eU
#define REDZONE       0xbb
#define POISON        0x5a

static struct trailer *trailer_of(u8 *obj, unsigned int shift)
{
    return (struct trailer *)(obj + (1UL << shift) - TRAILER_BYTES);
}

static bool filled_with(const u8 *from, const u8 *to, u8 pattern)
{
    for (; from < to; from++)
        if (*from != pattern)
            return false;
    return true;
}

static void debug_alloc(u8 *obj, unsigned int shift, size_t size, bool touched)
{
    struct trailer *t = trailer_of(obj, shift);

    if (touched && (t->state != STATE_FREE || !filled_with(obj + sizeof(u64), (u8 *)t, POISON)))
        slab_broken("written to after it was freed", obj);
    memset(obj + size, REDZONE, (size_t)((u8 *)t - obj) - size);
    *t = (struct trailer){.size = (u32)size, .state = STATE_LIVE};
}

static void debug_free(u8 *obj, unsigned int shift)
{
    struct trailer *t = trailer_of(obj, shift);

    if (t->state == STATE_FREE)
        slab_broken("freed twice", obj);
    if (t->state != STATE_LIVE || t->size > (size_t)((u8 *)t - obj) ||
        !filled_with(obj + t->size, (u8 *)t, REDZONE))
        slab_broken("written to beyond its end", obj);
    memset(obj, POISON, (size_t)((u8 *)t - obj));
    t->state = STATE_FREE;
}

#else

#define TRAILER_BYTES 0UL
static void debug_alloc(u8 *obj, unsigned int shift, size_t size, bool touched)
{
    (void)obj, (void)shift, (void)size, (void)touched;
}
static void debug_free(u8 *obj, unsigned int shift)
{
    (void)obj, (void)shift;
}

#endif

static union slab_info info_of(const struct page_info *pg)
{
    return (union slab_info){.raw = pg->type_info};
}

static void partial_link(struct slab_class *c, struct page_info *pg)
{
    u32 mfn = (u32)mfn_x(page_to_mfn(pg));

    pg->next = c->partial;
    pg->prev = 0;
    if (c->partial)
        mfn_to_page(_mfn(c->partial))->prev = mfn;
    c->partial = mfn;
}

static void partial_unlink(struct slab_class *c, struct page_info *pg)
{
    if (pg->prev)
        mfn_to_page(_mfn(pg->prev))->next = pg->next;
    else
        c->partial = pg->next;
    if (pg->next)
        mfn_to_page(_mfn(pg->next))->prev = pg->prev;
}

static bool slab_full(const union slab_info *si)
{
    return !si->small.first_free && si->small.nr_touched == PAGE_SIZE >> si->small.shift;
}

/* Takes an object off a slab that has one. The class's lock is held. */
static u8 *take_object_locked(struct slab_class *c, struct page_info *pg, size_t size)
{
    union slab_info si = info_of(pg);
    bool touched = si.small.first_free != 0;
    unsigned int nr = touched ? si.small.first_free - 1U : si.small.nr_touched;
    u8 *obj = (u8 *)page_to_virt(pg) + ((unsigned long)nr << si.small.shift);

    if (touched)
        si.small.first_free = *(u16 *)obj;
    else
        si.small.nr_touched++;
    si.small.nr_used++;
    c->nr_used++;
    if (slab_full(&si))
        partial_unlink(c, pg);
    pg->type_info = si.raw;
    debug_alloc(obj, si.small.shift, size, touched);
    return obj;
}

static void *alloc_small(unsigned int shift, size_t size)
{
    struct slab_class *c = &classes[shift - MIN_SHIFT];
    struct page_info *pg;
    unsigned long flags;
    u8 *obj = NULL;

    spin_lock_irqsave(&c->lock, flags);
    if (c->partial)
        obj = take_object_locked(c, mfn_to_page(_mfn(c->partial)), size);
    spin_unlock_irqrestore(&c->lock, flags);

    if (!obj) {
        pg = alloc_heap_pages(0, MEMF_NO_SCRUB);
        if (!pg)
            return NULL;
        spin_lock_irqsave(&c->lock, flags);
        pg->type_info = (union slab_info){.small = {.kind = SLAB_SMALL, .shift = (u8)shift}}.raw;
        partial_link(c, pg);
        obj = take_object_locked(c, pg, size);
        spin_unlock_irqrestore(&c->lock, flags);
    }
    /* Without a trailer nothing of an earlier owner may show even behind the requested size. */
    return memset(obj, 0, TRAILER_BYTES ? size : 1UL << shift);
}

static void free_run(struct page_info *pg, unsigned long nr)
{
    while (nr) {
        unsigned int order = buddy_run_order(mfn_x(page_to_mfn(pg)), nr);

        free_heap_pages(pg, order);
        pg += 1UL << order;
        nr -= 1UL << order;
    }
}

static void *alloc_large(size_t size)
{
    unsigned long nr;
    unsigned int order;
    struct page_info *pg;

    if (size > PAGE_SIZE << MAX_ORDER)
        return NULL;
    nr = size ? DIV_ROUND_UP(size, PAGE_SIZE) : 1; /* nothing, but on a page boundary */
    order = nr > 1 ? highest_bit(nr - 1) + 1 : 0;
    pg = alloc_heap_pages(order, MEMF_NO_SCRUB);
    if (!pg)
        return NULL;
    free_run(pg + nr, (1UL << order) - nr);
    pg->type_info = (union slab_info){.large = {.kind = SLAB_LARGE, .nr_pages = (u32)nr}}.raw;
    __atomic_fetch_add(&large_pages, nr, __ATOMIC_RELAXED);
    return memset(page_to_virt(pg), 0, nr << PAGE_SHIFT);
}

void *xzalloc_bytes(size_t size, size_t align)
{
    size_t need;
    unsigned int shift;

    if (align > PAGE_SIZE || (align & (align - 1)) ||
        __builtin_add_overflow(size, TRAILER_BYTES, &need))
        return NULL;
    need = MAX(need, align);
    shift = need > 1UL << MIN_SHIFT ? highest_bit(need - 1) + 1 : MIN_SHIFT;
    return shift <= MAX_SHIFT ? alloc_small(shift, size) : alloc_large(size);
}

static void free_small(struct page_info *pg, u8 *obj)
{
    unsigned int shift = info_of(pg).small.shift;
    struct slab_class *c = &classes[shift - MIN_SHIFT];
    unsigned long flags, offset = (unsigned long)obj & (PAGE_SIZE - 1);
    union slab_info si;
    bool empty;

    if (offset & ((1UL << shift) - 1))
        slab_broken("freed by a pointer into its middle", obj);

    spin_lock_irqsave(&c->lock, flags);
    si = info_of(pg);
    if (!si.small.nr_used || offset >> shift >= si.small.nr_touched)
        slab_broken("freed, but never allocated", obj);
    debug_free(obj, shift);
    c->nr_used--;
    if (slab_full(&si))
        partial_link(c, pg);
    *(u16 *)obj = si.small.first_free;
    si.small.first_free = (u16)((offset >> shift) + 1);
    empty = --si.small.nr_used == 0;
    pg->type_info = si.raw;
    if (empty)
        partial_unlink(c, pg);
    spin_unlock_irqrestore(&c->lock, flags);
    if (empty)
        free_heap_pages(pg, 0);
}

void xfree(void *p)
{
    struct page_info *pg;
    union slab_info si;

    if (!p)
        return;
    pg = virt_to_page(p);
    si = info_of(pg);
    if (!(pg->count_info & PGC_XEN_HEAP))
        slab_broken("freed, but not allocated here", p);
    if (si.small.kind == SLAB_SMALL) {
        free_small(pg, p);
    } else if (si.large.kind == SLAB_LARGE && !((unsigned long)p & (PAGE_SIZE - 1))) {
        __atomic_fetch_sub(&large_pages, (size_t)si.large.nr_pages, __ATOMIC_RELAXED);
        free_run(pg, si.large.nr_pages);
    } else {
        slab_broken("freed, but not allocated here", p);
    }
}

size_t slab_bytes_in_use(void)
{
    size_t bytes = READ_ONCE(large_pages) << PAGE_SHIFT;

    for (unsigned int i = 0; i < NR_CLASSES; i++)
        bytes += (size_t)READ_ONCE(classes[i].nr_used) << (MIN_SHIFT + i);
    return bytes;
}

void slab_show(void)
{
    printk("  small objects by size:");
    for (unsigned int i = 0; i < NR_CLASSES; i++)
        printk(" %u: %u", 1U << (MIN_SHIFT + i), READ_ONCE(classes[i].nr_used));
    printk(", whole pages: %zu\n", READ_ONCE(large_pages));
}
