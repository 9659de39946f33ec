/* SPDX-License-Identifier: MIT */
/* mm.h (x86) - page tables of PV guests: what other folders of arch/x86 call. See arch/x86/mm/. */
#ifndef ASM_MM_H
#define ASM_MM_H

#include <xen/types.h>
#include <xen/percpu.h>

struct domain;
struct vcpu;
struct page_info;

extern unsigned long hv_l4[512]; /* our own L4: the idle vCPUs run on it */
/* Maps nr frames there; 2 MiB entries where alignment allows. Nobody else uses these addresses. */
int map_pages(unsigned long va, maddr_t ma, unsigned long nr, unsigned long flags) __must_check;

/* Raw copies; bytes left after a fault. The caller has checked the address range. */
size_t guest_copy(void *dst, const void *src, size_t len);
size_t guest_clear(void *dst, size_t len);

/* --- page-type.c, page-ref.c: long work in slices --- */
/*
 * As get_page_and_type() and put_page_and_type(), for tables of level 2 and up: they stop when
 * other work waits (-ERESTART). Get: nothing was taken, make the same call again. Put: the use has
 * ended; the current vCPU has parked what is left to do and must pt_drain() before the guest runs
 * on. d owns pg, or get returns -EINVAL.
 */
int get_page_and_type_preempt(struct page_info *pg, const struct domain *d, unsigned long type,
                              bool preempt) __must_check;
int put_page_and_type_preempt(struct page_info *pg);
/* Does what v has parked; v is current or does not run. 0: nothing is left, -ERESTART: come again.
 */
int pt_drain_slow(struct vcpu *v) __must_check;
#define pt_drain(v) (likely(!(v)->arch.parked_levels) ? 0 : pt_drain_slow(v))
/* Gives up the type of a frame that was left half checked, if it is; as put_page_and_type_preempt.
 */
int pt_release_partial(struct page_info *pg);

/* --- pt-check.c: contents of descriptor tables --- */
/* Checks one descriptor of a guest's GDT or LDT and sets its DPL to 3: 0 or -EINVAL. */
int descriptor_check(u64 *desc) __must_check;

/* --- pt-update.c: single entries --- */
/* Entry at an 8-byte aligned address of a typed table: validated exchange. preserve_ad: A and D of
 * the old entry stay. pt_dom owns the table; pg_dom the frames that L1 entries may map. */
int pt_update_entry(struct page_info *table, unsigned int index, unsigned long val,
                    bool preserve_ad, struct domain *pt_dom, struct domain *pg_dom) __must_check;

/* The same for an L1 table of d and its own frames; *ret_old: what was there. */
int pt_swap_l1_entry(struct page_info *table, unsigned int index, unsigned long val,
                     struct domain *d, unsigned long *ret_old) __must_check;

/* A vCPU's reference on one of its L4s: 0, -EINVAL, -ERESTART; INVALID_MFN has none to drop.
 * *l4 becomes INVALID_MFN; put returns 0 or -ERESTART as put_page_and_type_preempt(). */
int pt_get_l4(struct domain *d, unsigned long mfn) __must_check;
int pt_put_l4(mfn_t *l4, bool preempt);

/* Frames at and beyond which no machine memory or device can be. */
unsigned long max_mfn(void);
/* Host map as the hardware domain sees it: RAM, plus what we keep marked as reserved. */
struct e820_map;
const struct e820_map *hardware_e820(void);
/* Domain that stands for device memory (DOMID_IO) and for our own frames (DOMID_XEN). */
extern struct domain *dom_io, *dom_xen;
/* Frames of device memory that nobody may map writable (the HPET). Made before Domain 0. */
extern struct rangeset *mmio_ro_ranges;
void special_domains_init(void);
/* Walks v's kernel or current address space: the leaf that maps va with the frame of its L1 table
 * and the index in it. -EFAULT: none. No references are taken: another vCPU may change the tables
 * meanwhile, so check owner and type of the result with get_page_and_type(). */
int pt_walk_l1(struct vcpu *v, unsigned long va, struct page_info **ret_table,
               unsigned int *ret_index) __must_check;
void tlb_init(void);
void frames_key_init(void);
/* TLB clock: stamp a frame when its last use ends; at reuse, flush who may still hold it. */
u32 tlb_clock(void);
void tlb_filter(cpumask_t *mask, u32 stamp);
/* Context switch: before v's page tables are loaded on this CPU; after those of next replaced those
 * of prev. They keep dirty_cpus and dirty_cpu right. */
void tlb_note_guest(struct vcpu *v);
void tlb_note_left(struct vcpu *prev, const struct vcpu *next);
/* Loads CR3 and notes that this CPU's TLB is clean now. */
void load_cr3(unsigned long cr3);

#endif /* ASM_MM_H */
