/* SPDX-License-Identifier: MIT */
/*
 * private.h - inside of libs/ctrl.
 *
 * Layers, top to bottom: typed calls (one file per topic), call.c (fills buffers, makes the call,
 * explains failures), a back end: linux-*.c with the devices in /dev/xen, or sim/ with a host in
 * shared memory. The back end speaks in hypercalls, so that a typed call is the same code on both.
 */
#ifndef XENOLITH_CTRL_PRIVATE_H
#define XENOLITH_CTRL_PRIVATE_H

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <xenolith/ctrl.h>

#define ARRAY_SIZE(a)      (sizeof(a) / sizeof((a)[0]))
#define DIV_ROUND_UP(n, d) (((n) + (d)-1) / (d))
#define PAGES(bytes)       DIV_ROUND_UP((bytes), (size_t)XCTL_PAGE_SIZE)
#define MIN_OF(a, b)       ((a) < (b) ? (a) : (b))
#define MAX_OF(a, b)       ((a) > (b) ? (a) : (b))

#define XCTL__LINKS   4 /* of an error chain */
#define XCTL__TEXT    192
#define XCTL__CACHED  8  /* single-page buffers kept for the next call */
#define XCTL__DM_BUFS 16 /* of a device-model call */

struct xctl__error {
    int code;
    domid_t domid;
    char text[XCTL__TEXT];
};

/* What an event channel object is to the front end. */
struct xctl_evtchn {
    xctl_handle *h;
    struct xctl_evtchn *next; /* of the handle's */
    int fd;
    uint32_t listener; /* sim: its number, */
    int32_t pid;       /* and the process that it belongs to */
    bool restricted;
    domid_t restricted_to;
};

/*
 * A back end. Unless said otherwise functions return 0 or a negative errno, and set no error text
 * except through xctl__fail() when they know more than the number says.
 */
struct xctl__backend {
    void (*close)(xctl_handle *h);
    /* What the hypervisor returned, or why it could not be asked. */
    int64_t (*hypercall)(xctl_handle *h, unsigned int op, const uint64_t args[5]);
    void *(*buf_alloc)(xctl_handle *h, size_t pages); /* zeroed; NULL and errno on failure */
    void (*buf_free)(xctl_handle *h, void *buf, size_t pages);
    int (*dm_op)(xctl_handle *h, domid_t domid, const struct xctl_dm_buf *bufs, unsigned int nr);
    int (*restrict_to)(xctl_handle *h, domid_t domid);

    /* errs has an entry for each frame, always. */
    int (*map)(xctl_handle *h, domid_t domid, int prot, const xen_pfn_t *frames, unsigned int nr,
               int *errs, void **ret_addr);
    int (*unmap)(xctl_handle *h, void *addr, unsigned long nr);
    int (*resource_size)(xctl_handle *h, domid_t domid, unsigned int type, unsigned int id,
                         uint64_t *ret_nr);
    int (*resource_map)(xctl_handle *h, domid_t domid, unsigned int type, unsigned int id,
                        unsigned long frame, unsigned long nr, int prot, void **ret_addr);

    int (*gnt_map)(xctl_handle *h, const struct xctl_grant *grants, unsigned int nr, int prot,
                   const struct xctl_grant_notify *notify, void **ret_addr);
    int (*gnt_unmap)(xctl_handle *h, void *addr, unsigned int nr);
    int (*gnt_alloc)(xctl_handle *h, domid_t domid, unsigned int nr, int writable,
                     const struct xctl_grant_notify *notify, uint32_t *ret_refs, void **ret_addr);
    int (*gnt_free)(xctl_handle *h, void *addr, unsigned int nr);
    int (*gnt_copy)(xctl_handle *h, struct xctl_grant_copy *copies, unsigned int nr);

    int (*ev_open)(struct xctl_evtchn *e);  /* sets e->fd */
    int (*ev_adopt)(struct xctl_evtchn *e); /* e->fd is set; NULL: cannot be done */
    void (*ev_close)(struct xctl_evtchn *e);
    int (*ev_bind_virq)(struct xctl_evtchn *e, unsigned int virq); /* these three: the port */
    int (*ev_bind_interdomain)(struct xctl_evtchn *e, domid_t remote, uint32_t port);
    int (*ev_bind_unbound)(struct xctl_evtchn *e, domid_t remote);
    int (*ev_unbind)(struct xctl_evtchn *e, uint32_t port);
    int (*ev_notify)(struct xctl_evtchn *e, uint32_t port);
    int (*ev_pending)(struct xctl_evtchn *e, uint32_t *ret_port); /* -EAGAIN: none */
    int (*ev_unmask)(struct xctl_evtchn *e, uint32_t port);
    int (*ev_reset)(struct xctl_evtchn *e);
    int (*ev_restrict)(struct xctl_evtchn *e, domid_t domid);
};

struct xctl_handle {
    const struct xctl__backend *be;
    void *priv; /* the back end's */
    bool restricted;
    domid_t restricted_to;
    struct xctl_evtchn *evtchns; /* that are open */
    int efault_retries;          /* for buffers that the kernel may take away for a moment */
    unsigned int nr_cached;
    void *cached[XCTL__CACHED];
    unsigned int nr_errors;
    struct xctl__error errors[XCTL__LINKS]; /* deepest first */
};

/* Back ends: set h->be and h->priv. */
int xctl__linux_open(xctl_handle *h);
int xctl__sim_open(xctl_handle *h, const char *options);

/* error.c. fail starts a new chain, wrap adds what was wanted; both return code. */
int xctl__fail(xctl_handle *h, int code, domid_t domid, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
int xctl__wrap(xctl_handle *h, int code, domid_t domid, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* One link below: "cannot VERB domain 5", "PART: ESRCH, No such process". Returns rc. */
int xctl__failed(xctl_handle *h, int rc, domid_t domid, const char *verb, const char *part);
/* Why a negative errno may have come from a hypervisor or kernel; "" if there is no better text. */
const char *xctl__hint(int code);

/* A piece of memory that a call points to. field is the 64-bit pointer inside the argument. */
struct xctl__bounce {
    uint64_t *field;
    void *data; /* NULL: leave the pointer 0 */
    size_t size;
    enum { XCTL__IN = 1, XCTL__OUT = 2, XCTL__BOTH = 3 } dir;
    void *copy;
};
#define BOUNCE(field, data, size, dir)                                  \
    {                                                                   \
        &(field), (void *)(uintptr_t)(data), (size), XCTL__##dir, NULL, \
    }

/*
 * call.c. Each makes a call about domid with nr bounced buffers and returns what it returned; on
 * failure the error chain is complete: verb is what was wanted, as in "cannot VERB". The argument
 * is copied back whatever happened, buffers only on success.
 */
int64_t xctl__hypervisor(xctl_handle *h, unsigned int op, const uint64_t args[5]); /* no chain */
int xctl__domctl(xctl_handle *h, struct xen_domctl *op, struct xctl__bounce *b, unsigned int nr,
                 const char *verb);
int xctl__sysctl(xctl_handle *h, struct xen_sysctl *op, struct xctl__bounce *b, unsigned int nr,
                 const char *verb);
int xctl__platform(xctl_handle *h, struct xen_platform_op *op, struct xctl__bounce *b,
                   unsigned int nr, const char *verb);
/* memory_op, inside a multicall: the only way to a result of 64 bits. arg may be NULL. */
int64_t xctl__memory(xctl_handle *h, unsigned int cmd, domid_t domid, void *arg, size_t size,
                     struct xctl__bounce *b, unsigned int nr, const char *verb);
/* op(cmd, arg) and, with args_first, op(arg, ...): the rest of the hypercalls. */
int64_t xctl__simple(xctl_handle *h, unsigned int op, unsigned int cmd, domid_t domid, void *arg,
                     size_t size, struct xctl__bounce *b, unsigned int nr, const char *verb);
/* op(list, count, &done, domid) */
int xctl__mmu_list(xctl_handle *h, unsigned int op, domid_t domid, const void *list,
                   size_t entry_size, unsigned int count, unsigned int *ret_done, const char *verb);

/* buffer.c */
void *xctl__buf_get(xctl_handle *h, size_t size); /* zeroed only when fresh; NULL: no memory */
void xctl__buf_put(xctl_handle *h, void *buf, size_t size);
int xctl__bounce_start(xctl_handle *h, struct xctl__bounce *b, unsigned int nr);
/* Copies out when ok, and frees. */
void xctl__bounce_end(xctl_handle *h, struct xctl__bounce *b, unsigned int nr, bool ok);
void xctl__buf_drain(xctl_handle *h);

/* evtchn-linux, grants and maps of the Linux back end, in their own files. */
struct xctl__linux {
    int privcmd, hypercall, gntdev, gntalloc; /* -1: not open */
    bool dm_op_ioctl;                         /* the kernel has IOCTL_PRIVCMD_DM_OP */
    bool batch_v2, resources;                 /* not found missing yet */
    struct xctl__linux_map *maps;             /* of grants: what unmapping needs to know */
};
struct xctl__linux *xctl__linux(xctl_handle *h);
int xctl__linux_device(xctl_handle *h, int *fd, const char *path);

extern const struct xctl__backend xctl__linux_backend;
int xctl__linux_map(xctl_handle *h, domid_t domid, int prot, const xen_pfn_t *frames,
                    unsigned int nr, int *errs, void **ret_addr);
int xctl__linux_unmap(xctl_handle *h, void *addr, unsigned long nr);
int xctl__linux_resource_size(xctl_handle *h, domid_t domid, unsigned int type, unsigned int id,
                              uint64_t *ret_nr);
int xctl__linux_resource_map(xctl_handle *h, domid_t domid, unsigned int type, unsigned int id,
                             unsigned long frame, unsigned long nr, int prot, void **ret_addr);
int xctl__linux_gnt_map(xctl_handle *h, const struct xctl_grant *grants, unsigned int nr, int prot,
                        const struct xctl_grant_notify *notify, void **ret_addr);
int xctl__linux_gnt_unmap(xctl_handle *h, void *addr, unsigned int nr);
int xctl__linux_gnt_alloc(xctl_handle *h, domid_t domid, unsigned int nr, int writable,
                          const struct xctl_grant_notify *notify, uint32_t *ret_refs,
                          void **ret_addr);
int xctl__linux_gnt_free(xctl_handle *h, void *addr, unsigned int nr);
int xctl__linux_gnt_copy(xctl_handle *h, struct xctl_grant_copy *copies, unsigned int nr);
void xctl__linux_gnt_forget(struct xctl__linux *l);
int xctl__linux_ev_open(struct xctl_evtchn *e);
int xctl__linux_ev_adopt(struct xctl_evtchn *e);
void xctl__linux_ev_close(struct xctl_evtchn *e);
int xctl__linux_ev_bind_virq(struct xctl_evtchn *e, unsigned int virq);
int xctl__linux_ev_bind_interdomain(struct xctl_evtchn *e, domid_t remote, uint32_t port);
int xctl__linux_ev_bind_unbound(struct xctl_evtchn *e, domid_t remote);
int xctl__linux_ev_unbind(struct xctl_evtchn *e, uint32_t port);
int xctl__linux_ev_notify(struct xctl_evtchn *e, uint32_t port);
int xctl__linux_ev_pending(struct xctl_evtchn *e, uint32_t *ret_port);
int xctl__linux_ev_unmask(struct xctl_evtchn *e, uint32_t port);
int xctl__linux_ev_reset(struct xctl_evtchn *e);
int xctl__linux_ev_restrict(struct xctl_evtchn *e, domid_t domid);

#endif /* XENOLITH_CTRL_PRIVATE_H */
