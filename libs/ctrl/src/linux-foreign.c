/* SPDX-License-Identifier: MIT */
/* linux-foreign.c - frames and resources of other domains through privcmd. */
#include "private.h"
#include "linux-abi.h"
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGED_WAIT_US 100
#define PAGED_TRIES   2000 /* of all pages of a call together */

/* One pass over [first, first + nr); errs as the kernel says. */
static int batch_v2(struct xctl__linux *l, domid_t domid, char *addr, const xen_pfn_t *frames,
                    unsigned int nr, int *errs)
{
    struct privcmd_mmapbatch_v2 b = {.num = nr,
                                     .dom = domid,
                                     .addr = (uintptr_t)addr,
                                     .arr = (uintptr_t)frames,
                                     .err = (uintptr_t)errs};

    /* -ENOENT only says that errs has one. */
    return ioctl(l->privcmd, PRIVCMD_MMAPBATCH_V2, &b) && errno != ENOENT ? -errno : 0;
}

static int batch_v1(struct xctl__linux *l, domid_t domid, char *addr, const xen_pfn_t *frames,
                    unsigned int nr, int *errs)
{
    struct privcmd_mmapbatch b = {.num = (int32_t)nr, .dom = domid, .addr = (uintptr_t)addr};
    xen_pfn_t *copy = malloc(nr * sizeof(*copy));
    int rc = 0;

    if (!copy)
        return -ENOMEM;
    memcpy(copy, frames, nr * sizeof(*copy));
    b.arr = (uintptr_t)copy;
    if (ioctl(l->privcmd, PRIVCMD_MMAPBATCH, &b) && errno != ENOENT)
        rc = -errno;
    for (unsigned int i = 0; !rc && i < nr; i++) {
        uint64_t bits = (copy[i] ^ frames[i]) & PRIVCMD_BATCH_ERROR;

        errs[i] = !bits ? 0 : bits == PRIVCMD_BATCH_PAGED ? -ENOENT : -EINVAL;
    }
    free(copy);
    return rc;
}

static int batch(struct xctl__linux *l, domid_t domid, char *addr, const xen_pfn_t *frames,
                 unsigned int nr, int *errs)
{
    int rc;

    if (l->batch_v2) {
        rc = batch_v2(l, domid, addr, frames, nr, errs);
        if (rc != -ENOTTY)
            return rc;
        l->batch_v2 = false;
    }
    return batch_v1(l, domid, addr, frames, nr, errs);
}

/*
 * Frames that are paged out, or not filled yet, come in a moment: ask again for each of them. But
 * not for ever: who brings them may be gone, or wait for us. Then they are -ENOENT.
 */
static int wait_paged(struct xctl__linux *l, domid_t domid, char *addr, const xen_pfn_t *frames,
                      unsigned int nr, int *errs)
{
    unsigned int tries = 0;

    for (unsigned int i = 0; i < nr; i++) {
        while (errs[i] == -ENOENT && tries++ < PAGED_TRIES) {
            int rc;

            usleep(PAGED_WAIT_US);
            rc = batch(l, domid, addr + (size_t)i * XCTL_PAGE_SIZE, &frames[i], 1, &errs[i]);
            if (rc)
                return rc;
        }
    }
    return 0;
}

int xctl__linux_map(xctl_handle *h, domid_t domid, int prot, const xen_pfn_t *frames,
                    unsigned int nr, int *errs, void **ret_addr)
{
    struct xctl__linux *l = xctl__linux(h);
    size_t size = (size_t)nr * XCTL_PAGE_SIZE;
    char *addr = mmap(NULL, size, prot, MAP_SHARED, l->privcmd, 0);
    int rc;

    if (addr == MAP_FAILED)
        return -errno;
    rc = batch(l, domid, addr, frames, nr, errs);
    if (!rc)
        rc = wait_paged(l, domid, addr, frames, nr, errs);
    if (rc) {
        munmap(addr, size);
        return rc;
    }
    *ret_addr = addr;
    return 0;
}

int xctl__linux_unmap(xctl_handle *h, void *addr, unsigned long nr)
{
    (void)h;
    return munmap(addr, nr * XCTL_PAGE_SIZE) ? -errno : 0;
}

/* Kernels without the ioctl say ENOTTY, very old ones EINVAL; then nobody needs to ask again. */
static int resource_ioctl(struct xctl__linux *l, struct privcmd_resource *r)
{
    if (!l->resources)
        return -EOPNOTSUPP;
    if (!ioctl(l->privcmd, PRIVCMD_MMAP_RESOURCE, r))
        return 0;
    if (errno != ENOTTY)
        return -errno;
    l->resources = false;
    return -EOPNOTSUPP;
}

int xctl__linux_resource_size(xctl_handle *h, domid_t domid, unsigned int type, unsigned int id,
                              uint64_t *ret_nr)
{
    struct privcmd_resource r = {.dom = domid, .type = type, .id = id};
    int rc = resource_ioctl(xctl__linux(h), &r);

    if (!rc)
        *ret_nr = r.num;
    return rc;
}

int xctl__linux_resource_map(xctl_handle *h, domid_t domid, unsigned int type, unsigned int id,
                             unsigned long frame, unsigned long nr, int prot, void **ret_addr)
{
    struct xctl__linux *l = xctl__linux(h);
    struct privcmd_resource r = {
        .dom = domid, .type = type, .id = id, .idx = (uint32_t)frame, .num = nr};
    void *addr;
    int rc;

    if (frame > UINT32_MAX)
        return -EINVAL;
    addr = mmap(NULL, nr * XCTL_PAGE_SIZE, prot, MAP_SHARED, l->privcmd, 0);
    if (addr == MAP_FAILED)
        return -errno;
    r.addr = (uintptr_t)addr;
    rc = resource_ioctl(l, &r);
    if (rc) {
        munmap(addr, nr * XCTL_PAGE_SIZE);
        return rc;
    }
    *ret_addr = addr;
    return 0;
}
