/* SPDX-License-Identifier: MIT */
/* query.c - what the files of this folder share; see query.h. */
#include "query.h"

int xlight__no_memory(xlight_handle *h, uint32_t domid)
{
    return xlight__fail(h, -ENOMEM, domid, "no memory");
}

int xlight__need_store(xlight_handle *h, uint32_t domid, const char *wish)
{
    return h->store ? 0
                    : xlight__fail(h, -ENOTCONN, domid, "cannot %s: this host has no store", wish);
}

void xlight__list_free(const struct xlight_type *type, void *list, unsigned int nr)
{
    for (unsigned int i = 0; list && i < nr; i++)
        xlight_type_clear(type, (char *)list + i * type->size);
    free(list);
}

void *xlight__list_append(xlight_handle *h, const struct xlight_type *type, void *list_ptr,
                          unsigned int *nr)
{
    char *list, *more;

    memcpy(&list, list_ptr, sizeof(list));
    more = realloc(list, (*nr + 1) * type->size);
    if (!more) {
        xlight__no_memory(h, XLIGHT_NO_DOMAIN);
        return NULL;
    }
    memcpy(list_ptr, &more, sizeof(more));
    more += *nr * type->size;
    memset(more, 0, type->size);
    (*nr)++;
    return more;
}

int xlight__count_cpus(xlight_handle *h, unsigned int *ret_nr)
{
    struct xen_sysctl_physinfo info;
    int rc = xctl_host_info(h->ctrl, &info);

    if (rc)
        return xlight__fail_ctrl(h, rc, XLIGHT_NO_DOMAIN, "cannot count the host's CPUs");
    *ret_nr = info.max_cpu_id + 1;
    return 0;
}

int xlight__bits_alloc(xlight_handle *h, unsigned int nr, struct xlight_bits *ret_bits)
{
    uint8_t *bytes = calloc(1, (nr + 7) / 8);

    if (!bytes)
        return xlight__no_memory(h, XLIGHT_NO_DOMAIN);
    *ret_bits = (struct xlight_bits){.bytes = bytes, .nr = nr};
    return 0;
}

void xlight_bits_clear(struct xlight_bits *bits)
{
    free(bits->bytes);
    free(bits->text);
    *bits = (struct xlight_bits){NULL, 0, NULL};
}

int xlight__domctl_info(xlight_handle *h, uint32_t domid, struct xen_domctl_getdomaininfo *ret_info)
{
    int rc;

    if (domid >= DOMID_FIRST_RESERVED)
        return xlight__fail(h, -ESRCH, XLIGHT_NO_DOMAIN, "there is no domain %u", domid);
    rc = xctl_domain_info(h->ctrl, (domid_t)domid, ret_info);
    return rc ? xlight__fail_ctrl(h, rc, domid, "cannot see domain %u", domid) : 0;
}
