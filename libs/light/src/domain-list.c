/* SPDX-License-Identifier: MIT */
/* domain-list.c - domains: states from the hypervisor, names and types from the store. */
#include "private.h"
#include <xenolith/light-config.h>
#include <xenolith/light-domain.h>

/* A value of the store, or NULL when there is none or no store. */
static int read_store(xlight_handle *h, const char *path, uint32_t domid, char **ret_value)
{
    char *value = NULL;
    int rc = h->store ? xstore_read(h->store, XBT_NULL, path, &value, NULL) : -ENOENT;

    if (rc && rc != -ENOENT)
        return xlight__fail_store(h, rc, domid, "cannot see what domain %u is", domid);
    *ret_value = value;
    return 0;
}

/* Domain 0, which no toolstack made, is what it can be. */
static int read_type(xlight_handle *h, const struct xen_domctl_getdomaininfo *info, int *ret_type)
{
    bool hvm = info->flags & XEN_DOMINF_hvm_guest;
    char *type = NULL;
    int rc = read_store(h, XSTORE_PATH("/libxl/%u/type", info->domain), info->domain, &type);

    if (rc)
        return rc;
    if (!hvm)
        *ret_type = XLIGHT_PV;
    else if (type && !strcmp(type, "pvh"))
        *ret_type = XLIGHT_PVH;
    else if (type && !strcmp(type, "hvm"))
        *ret_type = XLIGHT_HVM;
    free(type);
    return 0;
}

/* *d is to be cleared on failure, too. */
static int fill(xlight_handle *h, const struct xen_domctl_getdomaininfo *info,
                struct xlight_domain *d)
{
    const uint64_t kb = XCTL_PAGE_SIZE / 1024;
    int rc;

    *d = (struct xlight_domain){
        .domid = info->domain,
        .running = info->flags & XEN_DOMINF_running,
        .blocked = info->flags & XEN_DOMINF_blocked,
        .paused = info->flags & XEN_DOMINF_paused,
        .shutdown = info->flags & XEN_DOMINF_shutdown,
        .dying = info->flags & XEN_DOMINF_dying,
        .shutdown_reason = xctl_domain_shutdown_reason(info),
        .memory_kb = info->tot_pages * kb,
        .max_memory_kb = info->max_pages * kb,
        .claimed_kb = info->outstanding_pages * kb,
        .shared_kb = info->shr_pages * kb,
        .cpu_time_ns = info->cpu_time,
        .vcpus_online = info->nr_online_vcpus,
        .vcpus = info->max_vcpu_id == XEN_INVALID_MAX_VCPU_ID ? 0 : info->max_vcpu_id + 1,
        .cpupool = info->cpupool,
    };
    memcpy(d->uuid, info->handle, sizeof(d->uuid));
    rc = read_type(h, info, &d->type);
    return rc ? rc
              : read_store(h, XSTORE_PATH("/local/domain/%u/name", d->domid), d->domid, &d->name);
}

void xlight_domain_list_free(struct xlight_domain *list, unsigned int nr)
{
    for (unsigned int i = 0; list && i < nr; i++)
        free(list[i].name);
    free(list);
}

static int append(xlight_handle *h, const struct xen_domctl_getdomaininfo *info,
                  struct xlight_domain **list, unsigned int *nr)
{
    struct xlight_domain *more = realloc(*list, (*nr + 1) * sizeof(*more));

    if (!more)
        return xlight__fail(h, -ENOMEM, XLIGHT_NO_DOMAIN, "no memory");
    *list = more;
    return fill(h, info, &more[(*nr)++]);
}

int xlight_domain_list(xlight_handle *h, struct xlight_domain **ret_list, unsigned int *ret_nr)
{
    struct xen_domctl_getdomaininfo info;
    struct xlight_domain *list = NULL;
    xctl_domain_iter *it;
    unsigned int nr = 0;
    int rc = xctl_domain_iter_new(h->ctrl, 0, &it), more = 0;

    if (rc)
        return xlight__fail_ctrl(h, rc, XLIGHT_NO_DOMAIN, "cannot list the domains");
    while (!rc && (more = xctl_domain_iter_next(it, &info)) > 0)
        rc = append(h, &info, &list, &nr);
    if (more < 0)
        rc = xlight__fail_ctrl(h, more, XLIGHT_NO_DOMAIN, "cannot list the domains");
    xctl_domain_iter_free(it);
    if (rc) {
        xlight_domain_list_free(list, nr);
        return rc;
    }
    *ret_list = list;
    *ret_nr = nr;
    return 0;
}

int xlight_domain_info(xlight_handle *h, uint32_t domid, struct xlight_domain **ret_domain)
{
    struct xen_domctl_getdomaininfo info;
    struct xlight_domain *d = NULL;
    unsigned int nr = 0;
    int rc = domid < DOMID_FIRST_RESERVED ? xctl_domain_info(h->ctrl, (domid_t)domid, &info) : 0;

    if (domid >= DOMID_FIRST_RESERVED)
        return xlight__fail(h, -ESRCH, XLIGHT_NO_DOMAIN, "there is no domain %u", domid);
    if (rc)
        return xlight__fail_ctrl(h, rc, domid, "cannot see domain %u", domid);
    rc = append(h, &info, &d, &nr);
    if (rc)
        xlight_domain_list_free(d, nr);
    else
        *ret_domain = d;
    return rc;
}

static int find_name(xlight_handle *h, const char *name, uint32_t *ret_domid)
{
    struct xlight_domain *list;
    unsigned int nr, found = 0;
    uint32_t domid = 0;
    int rc;

    if (!h->store)
        return xlight__fail(h, -ENOTCONN, XLIGHT_NO_DOMAIN,
                            "cannot look for domain \"%s\": this host has no store", name);
    rc = xlight_domain_list(h, &list, &nr);
    if (rc)
        return rc;
    for (unsigned int i = 0; i < nr; i++)
        if (list[i].name && !strcmp(list[i].name, name)) {
            domid = list[i].domid;
            found++;
        }
    xlight_domain_list_free(list, nr);
    if (!found)
        return xlight__fail(h, -ESRCH, XLIGHT_NO_DOMAIN, "there is no domain \"%s\"", name);
    if (found > 1)
        return xlight__fail(h, -ENOTUNIQ, XLIGHT_NO_DOMAIN, "%u domains are called \"%s\"", found,
                            name);
    *ret_domid = domid;
    return 0;
}

int xlight_domain_find(xlight_handle *h, const char *word, uint32_t *ret_domid)
{
    struct xen_domctl_getdomaininfo info;
    unsigned long domid;
    char *end;
    int rc;

    domid = strtoul(word, &end, 10);
    if (*word < '0' || *word > '9' || *end)
        return find_name(h, word, ret_domid);
    if (domid >= DOMID_FIRST_RESERVED)
        return xlight__fail(h, -ESRCH, XLIGHT_NO_DOMAIN, "there is no domain %s", word);
    rc = xctl_domain_info(h->ctrl, (domid_t)domid, &info);
    if (rc)
        return xlight__fail_ctrl(h, rc, (uint32_t)domid, "cannot see domain %s", word);
    *ret_domid = (uint32_t)domid;
    return 0;
}
