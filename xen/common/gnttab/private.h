/* SPDX-License-Identifier: MIT */
/*
 * private.h - grant tables: the structures and the calls between the files of this folder.
 *
 * A domain's table has the entries that it shares with us (struct grant_entry_v1 or _v2, in pages
 * of ours that it maps), and for each entry one struct grant_active that says who uses it now. The
 * users' side is the maptrack: one entry per mapping a domain made of others' frames.
 *
 * Life of a use: acquire (checks the shared entry, marks it, takes references on the frame, counts
 * the use in grant_active.pin) - mapping or copy - release (the opposite). While an entry has uses,
 * its frame, user and version stay what they are, whatever the guest writes to the shared entry.
 *
 * Locks, outermost first (never two domains' at once):
 *   grant_table.lock    read: sizes, version; write: changing these
 *   grant_active.lock   the entry's uses
 *   grant_table.maptrack_lock
 */
#ifndef GNTTAB_PRIVATE_H
#define GNTTAB_PRIVATE_H

#include <xen/lib.h>
#include <xen/atomic.h>
#include <xen/grant-table.h>
#include <xen/mm.h>
#include <xen/sched.h>
#include <xen/spinlock.h>
#include <public/grant_table.h>
#include "math.h"

/* Entries handled between two looks at whether to continue later. */
#define GNTTAB_BATCH 32

struct grant_active {
    spinlock_t lock;
    u64 pin;   /* PIN_*: 0 means not in use, and nothing below counts */
    mfn_t mfn; /* the frame in use */
    domid_t user;
    u16 start;       /* bytes of the page that may be used */
    u16 length;      /* PAGE_SIZE for all */
    bool whole;      /* all of the page */
    bool transitive; /* passes on another domain's grant: the frame and its part are that one's */
    domid_t trans_domid;
    u32 trans_ref;
};
#define ACTIVE_PER_PAGE (PAGE_SIZE / sizeof(struct grant_active))

#define HANDLE_NONE ~0U

struct maptrack {
    struct domain *owner; /* granting domain, with a reference; NULL: free */
    u64 host_addr;        /* as given to map */
    mfn_t mfn;
    u32 ref;   /* free: next free handle */
    u32 flags; /* GNTMAP_*, host and device bits as long as unclaimed; MAPTRACK_CLAIM */
};
/* In bits that no GNTMAP_* uses: how many claims are not done yet, two at most. */
#define MAPTRACK_CLAIM      (1U << 8)
#define MAPTRACK_CLAIM_MASK (3U << 8)
#define MAP_HALVES          ((u32)(GNTMAP_host_map | GNTMAP_device_map))
#define MAPTRACK_PER_PAGE   (PAGE_SIZE / sizeof(struct maptrack))

/* Legend: I constant; T lock; M maptrack_lock. */
struct grant_table {
    rwlock_t lock;
    unsigned int version;         /* T 1 or 2 */
    unsigned int max_version;     /* I */
    unsigned int max_frames;      /* I */
    unsigned int nr_frames;       /* T */
    unsigned int nr_status;       /* T 0 until version 2 was chosen once */
    void **shared;                /* I array; T contents: pages of entries */
    grant_status_t **status;      /* I array; T contents: version 2 */
    struct grant_active **active; /* I array; T contents */
    unsigned int nr_active;       /* T pages in active */

    spinlock_t maptrack_lock;
    unsigned int max_maptrack;  /* I pages */
    unsigned int nr_maptrack;   /* M pages */
    u32 maptrack_free;          /* M first free handle or HANDLE_NONE */
    struct maptrack **maptrack; /* I array; M contents */
};

/* --- table.c --- */
/* Entries of the table in its present version. The lock is held, as for all the next ones. */
unsigned int gnttab_nr_entries(const struct grant_table *gt);
struct grant_active *gnttab_active(const struct grant_table *gt, u32 ref);
/* Flags and domid of an entry, for atomic access; same place in both versions. */
u32 *gnttab_entry_head(const struct grant_table *gt, u32 ref);
static inline union grant_entry_v2 *gnttab_v2(const struct grant_table *gt, u32 ref)
{
    return (union grant_entry_v2 *)gt->shared[ref / V2_PER_FRAME] + ref % V2_PER_FRAME;
}
static inline struct grant_entry_v1 *gnttab_v1(const struct grant_table *gt, u32 ref)
{
    return (struct grant_entry_v1 *)gt->shared[ref / V1_PER_FRAME] + ref % V1_PER_FRAME;
}
static inline grant_status_t *gnttab_status(const struct grant_table *gt, u32 ref)
{
    return gt->status[ref / STATUS_PER_FRAME] + ref % STATUS_PER_FRAME;
}
/* Makes the table nr frames long; write lock. */
int gnttab_grow_locked(struct domain *d, unsigned int nr) __must_check;

/* --- use.c --- */
struct grant_use {
    mfn_t mfn;
    unsigned int start, length;
    bool whole;
    bool transitive; /* only the next two count */
    domid_t trans_domid;
    u32 trans_ref;
};
/* Takes one use (pin is one of PIN_*) of rd's entry for user, with its references on the frame:
 * 0 or GNTST_*. */
int gnttab_acquire(struct domain *rd, u32 ref, domid_t user, u64 pin, struct grant_use *ret_use);
/*
 * The same for an entry that may be transitive. Such a use has no frame: the caller takes another,
 * of the grant that this one passes on, in the name of rd.
 */
int gnttab_acquire_transitive(struct domain *rd, u32 ref, domid_t user, u64 pin,
                              struct grant_use *ret_use);
void gnttab_release(struct domain *rd, u32 ref, u64 pin);
/*
 * References on a frame of rd, for writing with the type that keeps it from other roles: 0 or
 * GNTST_*. Each use has one; the page table entry of a mapping has another of its own, for the
 * guest may overwrite the entry, or its page table may go, without telling us here.
 */
int gnttab_take_page(struct domain *rd, mfn_t mfn, bool write);
void gnttab_drop_page(mfn_t mfn, bool write);

/* --- maptrack.c --- */
int gnttab_maptrack_init(struct grant_table *gt, unsigned int max_frames) __must_check;
void gnttab_maptrack_free(struct grant_table *gt);
u32 gnttab_handle_get(struct grant_table *gt); /* HANDLE_NONE: none left */
void gnttab_handle_put(struct grant_table *gt, u32 handle);
/* Fills a handle just got: it is valid from now on. The reference on owner passes to it. */
void gnttab_handle_set(struct grant_table *gt, u32 handle, const struct maptrack *m);
/*
 * Takes the halves of a mapping (host, device) whose addresses are not 0 away, so that nobody else
 * undoes them, and tells what they were: of the two bits, ret_m->flags has those taken, maybe none.
 * 0 or GNTST_*. Every claim that took a bit is followed by unclaim or done.
 */
int gnttab_handle_claim(struct grant_table *gt, u32 handle, u64 host_addr, u64 dev_addr,
                        struct maptrack *ret_m);
/* Whether some mapping of gt's domain is of this frame. */
bool gnttab_maps_frame(struct grant_table *gt, mfn_t mfn);
/* For the end of the domain: whatever is left of the mapping. False: nothing. */
bool gnttab_handle_claim_all(struct grant_table *gt, u32 handle, struct maptrack *ret_m);
/* Gives the halves back after a failure. */
void gnttab_handle_unclaim(struct grant_table *gt, u32 handle, u32 halves);
/* The uses are released; the handle is free once no half is left. */
void gnttab_handle_done(struct grant_table *gt, u32 handle);

/* --- sub-operations: handle at most count elements, return how many were or negative errno --- */
long gnttab_op_map(unsigned long uop, unsigned int count);
long gnttab_op_unmap(unsigned long uop, unsigned int count);
long gnttab_op_unmap_replace(unsigned long uop, unsigned int count);
long gnttab_op_copy(unsigned long uop, unsigned int count);
long gnttab_op_cache_flush(unsigned long uop, unsigned int count);
/* Version: of the caller's table. */
long gnttab_op_set_version(unsigned long uop);

#endif /* GNTTAB_PRIVATE_H */
