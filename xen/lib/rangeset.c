/* SPDX-License-Identifier: MIT */
/*
 * rangeset.c - sets of numbers as sorted lists of inclusive ranges; see rangeset.h.
 *
 * Memory cannot be allocated under the lock (the lock ranks higher than the allocator's), and an
 * update needs at most one more range than there was, so each update brings a spare one along.
 * Lock: rangeset.lock, also held while rangeset_walk() calls back.
 */
#include <xen/lib.h>
#include <xen/list.h>
#include <xen/mm.h>
#include <xen/rangeset.h>
#include <xen/spinlock.h>

struct range {
    struct list_head link;
    unsigned long first, last;
};

struct rangeset {
    spinlock_t lock;
    struct list_head ranges; /* ascending, disjoint, not adjacent */
    unsigned int nr_ranges, max_ranges;
    char name[24];
};

struct rangeset *rangeset_new(const char *name, unsigned int max_ranges)
{
    struct rangeset *r = xzalloc(struct rangeset);

    if (!r)
        return NULL;
    spin_lock_init(&r->lock, LOCK_RANK_RANGESET);
    list_init(&r->ranges);
    r->max_ranges = max_ranges;
    strlcpy(r->name, name, sizeof(r->name));
    return r;
}

static void free_ranges(struct list_head *list)
{
    struct range *x, *tmp;

    list_for_each_entry_safe (x, tmp, list, link) {
        list_del(&x->link);
        xfree(x);
    }
}

void rangeset_free(struct rangeset *r)
{
    if (!r)
        return;
    free_ranges(&r->ranges);
    xfree(r);
}

/* The first range that ends at or after n, NULL: none. */
static struct range *find_from(const struct rangeset *r, unsigned long n)
{
    struct range *x;

    list_for_each_entry (x, &r->ranges, link)
        if (x->last >= n)
            return x;
    return NULL;
}

static struct range *next_range(const struct rangeset *r, const struct range *x)
{
    return x->link.next == &r->ranges ? NULL : list_entry(x->link.next, struct range, link);
}

static int may_grow(const struct rangeset *r, const struct range *spare)
{
    if (r->max_ranges && r->nr_ranges >= r->max_ranges)
        return -E2BIG;
    return spare ? 0 : -ENOMEM;
}

/* Puts *spare into the list in front of `before` (NULL: at the end). */
static void insert_spare(struct rangeset *r, struct range **spare, struct range *before,
                         unsigned long first, unsigned long last)
{
    (*spare)->first = first;
    (*spare)->last = last;
    list_add_tail(&(*spare)->link, before ? &before->link : &r->ranges);
    *spare = NULL;
    r->nr_ranges++;
}

static void unlink_range(struct rangeset *r, struct range *x, struct list_head *removed)
{
    list_del(&x->link);
    list_add_tail(&x->link, removed);
    r->nr_ranges--;
}

static int add_locked(struct rangeset *r, unsigned long first, unsigned long last,
                      struct range **spare, struct list_head *removed)
{
    /* Also meet the ranges that merely touch the new one; the ends must not wrap around. */
    struct range *x = find_from(r, first ? first - 1 : 0), *next;
    unsigned long touch = last == ~0UL ? last : last + 1;
    int rc;

    if (!x || x->first > touch) {
        rc = may_grow(r, *spare);
        if (!rc)
            insert_spare(r, spare, x, first, last);
        return rc;
    }

    x->first = MIN(x->first, first);
    x->last = MAX(x->last, last);
    while ((next = next_range(r, x)) && next->first <= touch) {
        x->last = MAX(x->last, next->last);
        unlink_range(r, next, removed);
    }
    return 0;
}

static int remove_locked(struct rangeset *r, unsigned long first, unsigned long last,
                         struct range **spare, struct list_head *removed)
{
    struct range *x = find_from(r, first), *next;
    int rc;

    /* A hole in the middle of one range leaves two. */
    if (x && x->first < first && x->last > last) {
        rc = may_grow(r, *spare);
        if (rc)
            return rc;
        insert_spare(r, spare, x, x->first, first - 1);
        x->first = last + 1;
        return 0;
    }

    for (; x && x->first <= last; x = next) {
        next = next_range(r, x);
        if (x->first < first)
            x->last = first - 1;
        else if (x->last > last)
            x->first = last + 1;
        else
            unlink_range(r, x, removed);
    }
    return 0;
}

static int update(struct rangeset *r, unsigned long first, unsigned long last,
                  int (*fn)(struct rangeset *r, unsigned long first, unsigned long last,
                            struct range **spare, struct list_head *removed))
{
    struct range *spare;
    LIST_HEAD(removed);
    int rc;

    if (first > last)
        return -EINVAL;
    spare = xzalloc(struct range); /* without one, updates that need none still work */
    spin_lock(&r->lock);
    rc = fn(r, first, last, &spare, &removed);
    spin_unlock(&r->lock);
    xfree(spare);
    free_ranges(&removed);
    return rc;
}

int rangeset_add(struct rangeset *r, unsigned long first, unsigned long last)
{
    return update(r, first, last, add_locked);
}

int rangeset_remove(struct rangeset *r, unsigned long first, unsigned long last)
{
    return update(r, first, last, remove_locked);
}

bool rangeset_contains(struct rangeset *r, unsigned long first, unsigned long last)
{
    struct range *x;
    bool found;

    spin_lock(&r->lock);
    x = find_from(r, first);
    found = first <= last && x && x->first <= first && x->last >= last;
    spin_unlock(&r->lock);
    return found;
}

bool rangeset_overlaps(struct rangeset *r, unsigned long first, unsigned long last)
{
    struct range *x;
    bool found;

    spin_lock(&r->lock);
    x = find_from(r, first);
    found = first <= last && x && x->first <= last;
    spin_unlock(&r->lock);
    return found;
}

bool rangeset_is_empty(struct rangeset *r)
{
    return READ_ONCE(r->nr_ranges) == 0;
}

int rangeset_walk(struct rangeset *r, int (*fn)(unsigned long first, unsigned long last, void *ctx),
                  void *ctx)
{
    struct range *x;
    int rc = 0;

    spin_lock(&r->lock);
    list_for_each_entry (x, &r->ranges, link) {
        rc = fn(x->first, x->last, ctx);
        if (rc)
            break;
    }
    spin_unlock(&r->lock);
    return rc;
}
