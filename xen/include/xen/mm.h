/* SPDX-License-Identifier: MIT */
/*
 * mm.h - host memory: frames, their owners, references and types; the page allocator.
 *
 * Every frame of RAM has a struct page_info (32 bytes). A frame is free, or belongs to the
 * hypervisor (owner NULL), or belongs to a domain. A frame that a domain owns has
 *
 *   count_info  the number of references: one for being allocated, one for each mapping or use
 *   type_info   what the frame may be used as (PGT_*), how many uses of that type there are, and
 *               whether its contents were checked for that type
 *
 * Types exclude each other: a frame changes type only while its type count is zero. That is what
 * keeps a guest from writing to its own page tables behind our back.
 */
#ifndef XEN_MM_H
#define XEN_MM_H

#include <xen/types.h>
#include <xen/bitops.h>
#include <xen/list.h>
#include <asm/layout.h>

struct domain;
struct vcpu;

struct page_info {
    u32 next, prev;           /* MFN links: a domain's list or a free list; 0 ends */
    unsigned long count_info; /* PGC_* */
    unsigned long type_info;  /* PGT_*; free frames: order of the block */
    u32 owner;                /* MFN of the struct domain; 0: none */
    u32 stamp;                /* TLB clock at which the frame's last use ended */
};

/* count_info: flags at the top, reference count below. */
#define PGC_ALLOCATED   (1UL << 63) /* holds one reference while set */
#define PGC_XEN_HEAP    (1UL << 62) /* hypervisor memory, maybe shared with its owner */
#define PGC_FREE        (1UL << 61) /* on a free list */
#define PGC_NEEDS_SCRUB (1UL << 60)
#define PGC_RESERVED    (1UL << 59) /* not RAM that we manage */
#define PGC_EXTRA       (1UL << 58) /* MEMF_NO_REFCOUNT: owned, but not in tot_pages */
#define PGC_FREE_HEAD   (1UL << 57) /* first frame of a free block: private to the allocator */
#define PGC_STALE_TLB   (1UL << 56) /* free, but a CPU may still have a guest's translation of it */
#define PGC_INCOHERENT  (1UL << 55) /* was written past the caches: they may hold old contents */
#define PGC_UNFILLED    (1UL << 54) /* its content has yet to come: <xen/fill.h> */
#define PGC_COUNT_MASK  ((1UL << 54) - 1)

/* type_info: type, flags, position, count. */
#define PGT_NONE       (0UL << 60)
#define PGT_L1         (1UL << 60)
#define PGT_L2         (2UL << 60)
#define PGT_L3         (3UL << 60)
#define PGT_L4         (4UL << 60)
#define PGT_SEG_DESC   (5UL << 60)
#define PGT_WRITABLE   (6UL << 60)
#define PGT_TYPE_MASK  (7UL << 60)
#define PGT_PINNED     (1UL << 59) /* the guest holds one type reference explicitly */
#define PGT_VALIDATED  (1UL << 58) /* contents were checked for the type */
#define PGT_PARTIAL    (1UL << 57) /* L2 to L4: checked up to PGT_POS, and nobody works on it */
#define PGT_POS_SHIFT  47
#define PGT_POS_MASK   (0x3ffUL << PGT_POS_SHIFT)
#define PGT_COUNT_MASK ((1UL << PGT_POS_SHIFT) - 1)

extern unsigned long max_page;    /* highest MFN of RAM + 1 */
extern unsigned long m2p_entries; /* entries of the machine-to-phys table */
extern unsigned long total_pages; /* frames of RAM that we manage */

/* The frame table exists in pieces of FRAME_CHUNK frames, where there is RAM. */
#define FRAME_CHUNK (0x200000 / sizeof(struct page_info))
extern unsigned long frame_chunk_present[];

/* Whether the frame has a page_info. */
static inline bool mfn_valid(mfn_t mfn)
{
    return mfn.n < max_page && test_bit(mfn.n / FRAME_CHUNK, frame_chunk_present);
}

static inline struct page_info *mfn_to_page(mfn_t mfn)
{
    return (struct page_info *)FRAMETABLE_START + mfn_x(mfn);
}
static inline mfn_t page_to_mfn(const struct page_info *pg)
{
    return _mfn((unsigned long)(pg - (struct page_info *)FRAMETABLE_START));
}
static inline void *maddr_to_virt(maddr_t ma)
{
    return (void *)(DIRECTMAP_START + ma);
}
static inline void *mfn_to_virt(mfn_t mfn)
{
    return maddr_to_virt(mfn_x(mfn) << PAGE_SHIFT);
}
static inline void *page_to_virt(const struct page_info *pg)
{
    return mfn_to_virt(page_to_mfn(pg));
}
static inline maddr_t mfn_to_maddr(mfn_t mfn)
{
    return mfn_x(mfn) << PAGE_SHIFT;
}
static inline maddr_t page_to_maddr(const struct page_info *pg)
{
    return mfn_to_maddr(page_to_mfn(pg));
}
/* Addresses in the image or in the direct map. */
maddr_t virt_to_maddr(const void *va);
static inline mfn_t virt_to_mfn(const void *va)
{
    return _mfn(virt_to_maddr(va) >> PAGE_SHIFT);
}
static inline struct page_info *virt_to_page(const void *va)
{
    return mfn_to_page(virt_to_mfn(va));
}

/* --- machine-to-phys table, 8 bytes a frame, readable by PV guests --- */
#define INVALID_M2P ~0UL
static inline void m2p_set(mfn_t mfn, unsigned long pfn)
{
    ((unsigned long *)RW_M2P_START)[mfn_x(mfn)] = pfn;
}
static inline unsigned long m2p_get(mfn_t mfn)
{
    return ((unsigned long *)RW_M2P_START)[mfn_x(mfn)];
}

mfn_t m2p_frame(unsigned long index); /* of the table itself: the 2 MiB that hold entry index */
void m2p_share(struct domain *d);     /* boot: d owns these frames from now on */

/* --- allocation of frames: see common/mem/ --- */
#define MEMF_NODE(n)     ((unsigned int)((n) + 1) << 8) /* prefer node n */
#define MEMF_EXACT_NODE  (1U << 16)
#define MEMF_BITS(b)     ((unsigned int)(b)) /* below 2^b bytes; 0: anywhere */
#define MEMF_NO_SCRUB    (1U << 17)          /* caller overwrites it all */
#define MEMF_NO_REFCOUNT (1U << 18)          /* alloc_domheap_pages: not counted in tot_pages */
#define MEMF_OVER_LIMIT  (1U << 19) /* alloc_domheap_pages: may pass max_pages (exchange) */
#define MAX_ORDER        18         /* 1 GiB */

/* 2^order contiguous, naturally aligned frames for the hypervisor itself; NULL: no memory. Zeroed
 * unless MEMF_NO_SCRUB. alloc_xenheap_pages returns the direct-map address. */
struct page_info *alloc_heap_pages(unsigned int order, unsigned int memflags) __must_check;
void free_heap_pages(struct page_info *pg, unsigned int order);
/* Any nr frames in a row that could be freed one by one. */
void free_heap_run(struct page_info *pg, unsigned long nr);
void *alloc_xenheap_pages(unsigned int order, unsigned int memflags) __must_check;
void free_xenheap_pages(void *va, unsigned int order);
static inline void *alloc_xenheap_page(void)
{
    return alloc_xenheap_pages(0, 0);
}
static inline void free_xenheap_page(void *va)
{
    free_xenheap_pages(va, 0);
}
/* Frames for a domain: owner set, one reference (PGC_ALLOCATED), on d's page list, counted in
 * d->tot_pages; fails beyond d->max_pages. Contents scrubbed. */
struct page_info *alloc_domheap_pages(struct domain *d, unsigned int order,
                                      unsigned int memflags) __must_check;
/* XENMEM_claim_pages: keeps memory free until d has `pages` frames; 0 gives the claim back.
 * -EINVAL: it has a claim, has that much, or may not; -ENOMEM. */
int domain_claim_pages(struct domain *d, unsigned long pages) __must_check;
unsigned long claims_outstanding(void); /* of all domains */
/* The caches let go of a frame that was written past them. */
void drop_cache_lines(struct page_info *pg);
/* Called by put_page when the last reference of a domain's frame goes. */
void free_domheap_page(struct page_info *pg);
/* Like put_page, if the domain's own reference is the only one; false: somebody else has one. After
 * that nobody can take one, and the caller frees the frame. */
bool put_only_ref(struct page_info *pg) __must_check;

/*
 * For domain_kill, at most so many frames at a time; each takes d->page_lock.
 * domain_set_aside: from page_list to dying_list, up to the first frame for which stop() is true:
 * returned with a reference. NULL: so many, or page_list is empty.
 * domain_free_unused: frees neighbours at the front of dying_list of which only d holds a
 * reference; how many.
 * domain_take_back: the first of dying_list goes back to page_list; NULL: it is empty.
 */
#define DYING_BATCH 512
struct page_info *domain_set_aside(struct domain *d, bool (*stop)(const struct page_info *pg));
unsigned long domain_free_unused(struct domain *d);
struct page_info *domain_take_back(struct domain *d, bool *ret_has_ref);
/*
 * Turns hypervisor pages into pages that d may map (shared info, grant frames): owner d, one
 * reference held by the hypervisor. writable: as a PGT_WRITABLE page, else read-only. While d owns
 * such pages it is not freed. False: d is dying, and the page as it was.
 */
bool share_xen_page_with_guest(struct page_info *pg, struct domain *d, bool writable) __must_check;
/* End of d, of which the caller has a reference: drops ours on all of them. A page is d's no more
 * when nobody maps it; its memory is the hypervisor's as before, to be freed after d has gone. */
void unshare_xen_pages(struct domain *d);
/* Undoes it for one page; the frame may be freed afterwards. False while the guest still maps it.
 */
bool unshare_xen_page(struct page_info *pg);

unsigned long heap_free_pages(void); /* all nodes */
unsigned long heap_node_mask(void);  /* bit for each node with memory */
unsigned long heap_node_free_pages(unsigned int node);
unsigned long heap_node_pages(unsigned int node); /* free or not; node below ACPI_MAX_NODES */
/* Free frames of a node with addresses of more than min_bits and up to max_bits (0: any) bits. */
unsigned long heap_free_below(unsigned int node, unsigned int min_bits, unsigned int max_bits);
/* Boot: hands [start, end) to the allocator of a node. */
void heap_add_range(mfn_t start, mfn_t end, unsigned int node);

/* --- small objects: see common/mem/slab.c; zeroed memory, 16-byte aligned or more --- */
void *xzalloc_bytes(size_t size, size_t align) __must_check;
void xfree(void *p); /* NULL is fine */
size_t slab_bytes_in_use(void);
/* For a debug key: how many objects of each size there are. */
void slab_show(void);
#define xzalloc(type)          ((type *)xzalloc_bytes(sizeof(type), __alignof__(type)))
#define xzalloc_array(type, n) ((type *)xzalloc_bytes_n(sizeof(type), n, __alignof__(type)))
static inline void *xzalloc_bytes_n(size_t size, size_t n, size_t align)
{
    size_t bytes;

    return __builtin_mul_overflow(size, n, &bytes) ? NULL : xzalloc_bytes(bytes, align);
}

/* --- references and types: arch/x86/mm/page-ref.c --- */
/* Takes a reference if pg belongs to d and is not being freed. */
bool get_page(struct page_info *pg, const struct domain *d) __must_check;
void put_page(struct page_info *pg);
/* Takes one use of a type, checking the contents when it is the first: 0, -EINVAL, -EBUSY... These
 * two do not stop before they are done; for tables of level 2 and up see <asm/mm.h>. */
int get_page_type(struct page_info *pg, unsigned long type) __must_check;
void put_page_type(struct page_info *pg);
int get_page_and_type(struct page_info *pg, struct domain *d, unsigned long type) __must_check;
void put_page_and_type(struct page_info *pg);
struct domain *page_owner(const struct page_info *pg);
/* gfn -> frame with a reference, for hypercalls; for PV the gfn is an MFN. NULL: not d's. */
struct page_info *get_page_from_gfn(struct domain *d, unsigned long gfn) __must_check;

/* --- mappings of our own --- */
/* Maps device memory uncached; bytes need not be aligned. NULL: no space or no memory. */
void *ioremap(maddr_t ma, size_t bytes);
/* Maps memory below 4 GiB of any kind cached (ACPI tables, firmware). */
void *ioremap_wb(maddr_t ma, size_t bytes);
void iounmap(void *va, size_t bytes);

/* --- TLB --- */
#define FLUSH_TLB        1U /* everything but global entries */
#define FLUSH_TLB_GLOBAL 2U
#define FLUSH_TLB_ONE    4U /* only the page of va */
#define FLUSH_CACHE      8U
struct cpumask;
void flush_tlb_mask(const struct cpumask *mask, unsigned long va, unsigned int flags);
void flush_tlb_local(unsigned long va, unsigned int flags);

#endif /* XEN_MM_H */
