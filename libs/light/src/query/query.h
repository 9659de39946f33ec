/* SPDX-License-Identifier: MIT */
/* query.h - what questions about the host and changes to it have in common. */
#ifndef XENOLITH_LIGHT_QUERY_QUERY_H
#define XENOLITH_LIGHT_QUERY_QUERY_H

#include <xenolith/light-control.h>
#include <xenolith/light-domain.h>
#include <xenolith/light-host.h>
#include <xenolith/light-sched.h>
#include "../config/fields.h"
#include "../private.h"

/* Frees a list of structures that have a table. */
void xlight__list_free(const struct xlight_type *type, void *list, unsigned int nr);

/* A zeroed structure more at the end; NULL, with the error said, when there is no memory. */
void *xlight__list_append(xlight_handle *h, const struct xlight_type *type, void *list_ptr,
                          unsigned int *nr);

/* Says that there is no memory. */
int xlight__no_memory(xlight_handle *h, uint32_t domid);

/* -ENOTCONN when the host has no store; wish is as in "cannot WISH". */
int xlight__need_store(xlight_handle *h, uint32_t domid, const char *wish);

/* How many numbers CPUs can have: the highest of the host and 1. */
int xlight__count_cpus(xlight_handle *h, unsigned int *ret_nr);

/* A set of nr bits, none set. */
int xlight__bits_alloc(xlight_handle *h, unsigned int nr, struct xlight_bits *ret_bits);

/* What the hypervisor knows of a domain; ids that no domain can have are said to be none. */
int xlight__domctl_info(xlight_handle *h, uint32_t domid,
                        struct xen_domctl_getdomaininfo *ret_info);

#endif /* XENOLITH_LIGHT_QUERY_QUERY_H */
