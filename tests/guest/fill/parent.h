/* SPDX-License-Identifier: MIT */
/* The side that fills (serve.c), and the groups of tests. */
#ifndef PARENT_H
#define PARENT_H

#include <public/xenolith.h>
#include "worker.h"

#define EXTRA 400
#define MS    1000000UL

extern struct child child;
/* The argument of the last fill_op(). */
extern struct xen_domctl_fill_op *const fo;
long fill_op(uint32_t op, const uint64_t *frames, const void *pages, uint64_t nr);

/* A child whose pages, all that are not needed to tell us about it, have no content yet; it may
 * run.  Its frames are marked by begin(). */
void make_child(unsigned int vcpus);
void end_child(void);
extern void (*when_made)(void); /* before START */
uint64_t unfilled(void);        /* as the domain's information says */

/* --- what its pages will hold --- */

/* The next n pages of those that nothing has used: they are not filled. */
uint64_t take(uint64_t n);
/* Will be in page pfn from an offset on, maybe into the next page; its address in the child. */
uint64_t place(uint64_t pfn, uint64_t offset, const void *data, size_t size);
/* In two pages, half and half; the first is filled. */
uint64_t place_across(uint64_t *ret_second, const void *data, size_t size);
/* In a page that is filled, wherever there is room. */
uint64_t give(const void *data, size_t size);
/* Reads what is there. */
void look(uint64_t va, void *data, size_t size);
void fill_page(uint64_t pfn); /* without being asked */
void fill_all(void);
/* The page is as it was filled but for [from, to). */
#define CHECK_CHANGED(pfn, from, to) check_changed(__LINE__, pfn, from, to)
void check_changed(int line, uint64_t pfn, uint64_t from, uint64_t to);
/* The content of a filled page, in our window. */
void *map_page(uint64_t pfn, bool writable);
void unmap_page(void);

static inline uint64_t va(uint64_t pfn)
{
    return (uint64_t)pfn_va(pfn);
}

/* --- requests --- */

void ask(unsigned int vcpu, uint32_t what, const uint64_t arg[6]);
bool answered(unsigned int vcpu);
int64_t answer(unsigned int vcpu); /* filling what is wanted */
int64_t answer_unserved(unsigned int vcpu);
int64_t request(uint32_t what, uint64_t a, uint64_t b, uint64_t c);
int64_t child_hypercall(uint32_t nr, const uint64_t arg[6]);
#define child_call(name, ...) child_call_pad(__HYPERVISOR_##name, __VA_ARGS__, 0, 0, 0, 0, 0, 0)
#define child_call_pad(nr, a, b, c, d, e, f, ...)                                        \
    child_hypercall(nr, (const uint64_t[6]){(uint64_t)(a), (uint64_t)(b), (uint64_t)(c), \
                                            (uint64_t)(d), (uint64_t)(e), (uint64_t)(f)})
/* REQ_IRET to a frame at this address came to iret_landing. */
bool iret_lands(uint64_t frame);
/* Until the child waits for n pages, which go to list[]. */
void wait_wanted(uint64_t *list, uint64_t n);
/* Since the last time, exactly pages [pfn, pfn + n) of the extra ones were wanted. */
#define CHECK_WANTED(pfn, n) check_wanted(__LINE__, pfn, n)
void check_wanted(int line, uint64_t pfn, uint64_t n);
#define CHECK_WANTED_NONE() CHECK_WANTED(0, 0)
/* These were, and others, which are looked at next. */
#define CHECK_WANTED_AMONG(pfn, n) check_wanted_among(__LINE__, pfn, n)
void check_wanted_among(int line, uint64_t pfn, uint64_t n);
/* These two, and no others. */
#define CHECK_WANTED_BOTH(a, b)   \
    do {                          \
        CHECK_WANTED_AMONG(a, 1); \
        CHECK_WANTED(b, 1);       \
    } while (0)

/* The child's entry of a page := its frame and these flags, 0: none. */
void set_entry(uint64_t pfn, uint64_t flags);
/* A page of zeros, which it has read-only: it may become a table. */
uint64_t zero_page(bool fill);
/* One operation on its page, or from page source, which is used by MMUEXT_COPY_PAGE alone. */
int64_t child_mmuext(uint32_t cmd, uint64_t pfn, uint64_t source);
int64_t child_mmu_update(uint64_t ptr, uint64_t val);

/* --- groups --- */

void check_hypercalls(void);
void check_multicalls(void);
void check_by_frame(void);
void check_foreign(void);
void check_reservations(void);
void check_tables(void);
void check_descriptors(void);
void check_fifo(void);
void check_grants(void);
void check_grants_v2(void);
void check_grants_late(void);
void check_not_started(void); /* of domains without vCPUs, or none */
void check_before(void);      /* START */
void check_marks(void);       /* after it */
void check_misuse(void);      /* when it runs */
void check_ended(void);

#endif /* PARENT_H */
