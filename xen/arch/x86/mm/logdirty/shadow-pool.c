/* SPDX-License-Identifier: MIT */
/* shadow-pool.c - a domain's shadow pages, by frame of the guest's table; see shadow-pool.h. */
#include <xen/errno.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include "shadow-pool.h"

#define PER_PAGE         (PAGE_SIZE / sizeof(struct shadow *))
#define MAX_BUCKET_ORDER 4U

int shadow_pool_init(struct shadow_pool *p, unsigned long max)
{
    unsigned int order = 0;

    /* About four shadows a bucket when full. */
    while (order < MAX_BUCKET_ORDER && (PER_PAGE << order) * 4 < max)
        order++;
    *p = (struct shadow_pool){.max = max, .bucket_order = order, .nr_buckets = PER_PAGE << order};
    list_init(&p->tables);
    list_init(&p->writable);
    list_init(&p->free);
    p->bucket = alloc_xenheap_pages(order, 0);
    return p->bucket ? 0 : -ENOMEM;
}

int shadow_pool_grow(struct shadow_pool *p)
{
    struct shadow *s;

    if (p->nr >= p->max)
        return -ENOMEM;
    s = xzalloc(struct shadow);
    if (!s)
        return -ENOMEM;
    s->table = alloc_xenheap_page();
    if (!s->table) {
        xfree(s);
        return -ENOMEM;
    }
    s->fresh = true;
    list_add(&s->list, &p->free); /* better than any that was used before */
    p->nr++;
    return 0;
}

/* Neighbouring frames are often used together: any spreading of them will do. */
static struct shadow **bucket_of(const struct shadow_pool *p, unsigned long mfn)
{
    return &p->bucket[(mfn * 0x9e3779b97f4a7c15UL >> 32) & (p->nr_buckets - 1)];
}

struct shadow *shadow_pool_find(const struct shadow_pool *p, unsigned long mfn)
{
    struct shadow *s = *bucket_of(p, mfn);

    while (s && s->mfn != mfn)
        s = s->chain;
    return s;
}

struct shadow *shadow_pool_take(struct shadow_pool *p, unsigned long mfn, unsigned int level)
{
    struct shadow **bucket = bucket_of(p, mfn);
    struct shadow *s;

    if (list_empty(&p->free))
        return NULL;
    s = list_first_entry(&p->free, struct shadow, list);
    list_del(&s->list);
    list_add_tail(&s->list, &p->tables);
    memset(s->table, 0, PAGE_SIZE);
    s->mfn = mfn;
    s->level = level;
    s->users = 0;
    s->chain = *bucket;
    *bucket = s;
    return s;
}

void shadow_pool_drop(struct shadow_pool *p, struct shadow *s, u32 stamp)
{
    struct shadow **at = bucket_of(p, s->mfn);

    while (*at != s)
        at = &(*at)->chain;
    *at = s->chain;
    s->stamp = stamp;
    s->fresh = false;
    list_del(&s->list);
    list_add_tail(&s->list, &p->free);
}

void shadow_pool_drop_all(struct shadow_pool *p, u32 stamp, void (*wipe)(struct shadow *s))
{
    struct shadow *s, *next;

    list_for_each_entry_safe (s, next, &p->writable, list)
        shadow_pool_drop(p, s, stamp);
    list_for_each_entry_safe (s, next, &p->tables, list) {
        if (s->users)
            wipe(s);
        else
            shadow_pool_drop(p, s, stamp);
    }
    p->generation++;
}

static struct shadow *any_shadow(struct shadow_pool *p)
{
    struct list_head *lists[] = {&p->free, &p->writable, &p->tables};

    for (unsigned int i = 0; i < ARRAY_SIZE(lists); i++)
        if (!list_empty(lists[i]))
            return list_first_entry(lists[i], struct shadow, list);
    return NULL;
}

bool shadow_pool_free(struct shadow_pool *p, unsigned int nr)
{
    struct shadow *s;

    if (!p->bucket)
        return true;
    while ((s = any_shadow(p)) != NULL) {
        if (!nr--)
            return false;
        list_del(&s->list);
        free_xenheap_page(s->table);
        xfree(s);
        p->nr--;
    }
    free_xenheap_pages(p->bucket, p->bucket_order);
    p->bucket = NULL;
    return true;
}
