/* SPDX-License-Identifier: MIT */
/* sched.h - what the commands of the schedulers share. */
#ifndef UTILS_XL_SCHED_H
#define UTILS_XL_SCHED_H

#include <xenolith/light-domain.h>
#include <xenolith/light-host.h>
#include <xenolith/light-sched.h>
#include "xl.h"

/* How parameters are printed. p is NULL when the pool's scheduler has none. */
struct sched_table {
    void (*print_head)(void);
    void (*print)(const char *name, const struct xlight_sched *s);
    void (*print_pool)(const char *name, const struct xlight_sched_pool *p);
};

struct sched_list {
    struct xlight_sched *list;
    unsigned int nr;
};

/* Parameters of all domains in pools of this scheduler, or in one pool of it. Returns a status. */
int sched_print_all(xlight_handle *h, const struct sched_table *table, int scheduler,
                    const char *pool, bool json);

/* Parameters of a domain, which must be scheduled so. Returns a status. */
int sched_get(xlight_handle *h, uint32_t domid, int scheduler, struct xlight_sched *ret_s);

/* Prints them. Returns a status. */
int sched_print_one(xlight_handle *h, const struct sched_table *table, const struct xlight_sched *s,
                    bool json);

#endif /* UTILS_XL_SCHED_H */
