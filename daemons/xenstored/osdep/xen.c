/* SPDX-License-Identifier: MIT */
/*
 * xen.c - Linux on Xen: event channels through /dev/xen/evtchn, rings as grants through
 * /dev/xen/gntdev (or as foreign frames), states of domains by a hypercall through
 * /dev/xen/privcmd.
 */
#include "../osdep.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xen/include/public/domctl.h>
#include <xen/include/public/grant_table.h>
#include <xen/include/public/xen.h>
#include "../log.h"
#include "../state.h"

/* The devices' own numbers; they have no public header outside the kernel's. */
#define EVTCHN_BIND_VIRQ        0x00044500UL
#define EVTCHN_BIND_INTERDOMAIN 0x00084501UL
#define EVTCHN_UNBIND           0x00044503UL
#define EVTCHN_NOTIFY           0x00044504UL
#define EVTCHN_RESET            0x00004505UL
#define GNTDEV_MAP_GRANT_REF    0x00184700UL
#define GNTDEV_UNMAP_GRANT_REF  0x00104701UL
#define GNTDEV_GET_OFFSET       0x00184702UL
#define PRIVCMD_HYPERCALL       0x00305000UL
#define PRIVCMD_MMAPBATCH_V2    0x00205004UL
#define XENBUS_BACKEND_EVTCHN   0x00004200UL

#define PAGE 4096UL

struct gntdev_map {
    uint32_t count;
    uint32_t pad;
    uint64_t index;
    struct {
        uint32_t domid;
        uint32_t ref;
    } refs[1];
};

struct gntdev_unmap {
    uint64_t index;
    uint32_t count;
    uint32_t pad;
};

struct gntdev_offset {
    uint64_t vaddr;
    uint64_t offset;
    uint32_t count;
    uint32_t pad;
};

struct privcmd_call {
    uint64_t op;
    uint64_t arg[5];
};

struct privcmd_batch {
    uint32_t num;
    uint16_t domid;
    uint64_t addr;
    const uint64_t *frames;
    int *errors;
};

static int evtchn_fd = -1, gntdev_fd = -1, privcmd_fd = -1;
static uint32_t virq_port;

/* The hypervisor reads its argument at our address and takes no page fault: one page, locked. */
static struct xen_domctl *domctl;

static int open_device(const char *name, const char *old_name, int *ret_fd)
{
    int fd = open(name, O_RDWR | O_CLOEXEC);

    if (fd < 0 && old_name && (errno == ENOENT || errno == ENXIO || errno == ENODEV))
        fd = open(old_name, O_RDWR | O_CLOEXEC);
    if (fd < 0) {
        log_warn("%s: %s", name, strerror(errno));
        return -errno;
    }
    *ret_fd = fd;
    return 0;
}

static int make_hypercall_page(void)
{
    void *p = MAP_FAILED;
    int fd = open("/dev/xen/hypercall", O_RDWR | O_CLOEXEC);

    if (fd >= 0) {
        p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        close(fd);
    }
    if (p == MAP_FAILED)
        p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1,
                 0);
    if (p == MAP_FAILED)
        return -errno;
    madvise(p, PAGE, MADV_DONTFORK);
    domctl = p;
    memset(domctl, 0, sizeof(*domctl));
    return 0;
}

static int open_all_but_evtchn(void)
{
    int rc = open_device("/dev/xen/privcmd", "/proc/xen/privcmd", &privcmd_fd);

    if (rc)
        return rc;
    /* Without it rings are mapped as foreign frames. */
    gntdev_fd = open("/dev/xen/gntdev", O_RDWR | O_CLOEXEC);
    return make_hypercall_page();
}

static int xen_open(int *ret_fd)
{
    uint32_t virq = VIRQ_DOM_EXC;
    int port, rc = open_all_but_evtchn();

    if (!rc)
        rc = open_device("/dev/xen/evtchn", NULL, &evtchn_fd);
    if (rc)
        return rc;
    port = ioctl(evtchn_fd, EVTCHN_BIND_VIRQ, &virq);
    if (port < 0) {
        log_warn("the event for dying domains: %s", strerror(errno));
        return -errno;
    }
    fcntl(evtchn_fd, F_SETFL, O_NONBLOCK);
    virq_port = port;
    *ret_fd = evtchn_fd;
    return 0;
}

static void xen_close(void)
{
    close(evtchn_fd);
    close(gntdev_fd);
    close(privcmd_fd);
    if (domctl)
        munmap(domctl, PAGE);
    domctl = NULL;
}

static int map_grant(uint16_t domid, void **ret_page)
{
    struct gntdev_map map = {.count = 1, .refs = {{domid, GNTTAB_RESERVED_XENSTORE}}};
    struct gntdev_unmap unmap = {.count = 1};
    void *p;
    int rc;

    if (ioctl(gntdev_fd, GNTDEV_MAP_GRANT_REF, &map))
        return -errno;
    p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, gntdev_fd, map.index);
    if (p != MAP_FAILED) {
        *ret_page = p;
        return 0;
    }
    rc = -errno;
    unmap.index = map.index;
    ioctl(gntdev_fd, GNTDEV_UNMAP_GRANT_REF, &unmap);
    return rc;
}

static int map_frame(uint16_t domid, uint64_t gfn, void **ret_page)
{
    void *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, privcmd_fd, 0);
    int error = 0;
    struct privcmd_batch batch = {1, domid, (uintptr_t)p, &gfn, &error};

    if (p == MAP_FAILED)
        return -errno;
    if (ioctl(privcmd_fd, PRIVCMD_MMAPBATCH_V2, &batch) || error) {
        int rc = error ? error : -errno;

        munmap(p, PAGE);
        return rc;
    }
    *ret_page = p;
    return 0;
}

/* The domain grants its ring to us; a toolstack that did not arrange that gave the frame. */
static int xen_map_ring(uint16_t domid, uint64_t gfn, void **ret_page)
{
    int rc = gntdev_fd >= 0 ? map_grant(domid, ret_page) : -ENODEV;

    return rc ? map_frame(domid, gfn, ret_page) : 0;
}

static void xen_unmap_ring(uint16_t domid, void *page)
{
    struct gntdev_offset where = {.vaddr = (uintptr_t)page};
    bool granted = gntdev_fd >= 0 && !ioctl(gntdev_fd, GNTDEV_GET_OFFSET, &where);
    struct gntdev_unmap unmap = {.index = where.offset, .count = 1};

    (void)domid;
    munmap(page, PAGE);
    if (granted)
        ioctl(gntdev_fd, GNTDEV_UNMAP_GRANT_REF, &unmap);
}

/* A port as the kernel prints it, or asks us to ask. */
static int own_port(uint32_t *ret_port)
{
    char text[32] = "";
    int fd = open("/proc/xen/xsd_port", O_RDONLY | O_CLOEXEC), port;

    if (fd >= 0) {
        ssize_t n = read(fd, text, sizeof(text) - 1);

        close(fd);
        if (n <= 0)
            return -EIO;
        *ret_port = strtoul(text, NULL, 10);
        return *ret_port ? 0 : -ENODEV;
    }
    fd = open("/dev/xen/xenbus_backend", O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return -ENODEV;
    port = ioctl(fd, XENBUS_BACKEND_EVTCHN, NULL);
    close(fd);
    if (port <= 0)
        return -ENODEV;
    *ret_port = port;
    return 0;
}

static int map_own(void **ret_page)
{
    static const char *const names[] = {"/proc/xen/xsd_kva", "/dev/xen/xenbus_backend"};

    for (unsigned int i = 0; i < 2; i++) {
        int fd = open(names[i], O_RDWR | O_CLOEXEC);
        void *p;

        if (fd < 0)
            continue;
        p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        close(fd);
        if (p == MAP_FAILED)
            continue;
        *ret_page = p;
        return 0;
    }
    return -ENODEV;
}

static int xen_bind(uint16_t domid, uint32_t remote_port, uint32_t *ret_port)
{
    uint32_t arg[2] = {domid, remote_port};
    int port = ioctl(evtchn_fd, EVTCHN_BIND_INTERDOMAIN, arg);

    if (port < 0)
        return -errno;
    *ret_port = port;
    return 0;
}

static int xen_own_ring(void **ret_page, uint32_t *ret_port)
{
    uint32_t port;
    int rc = own_port(&port);

    if (!rc)
        rc = map_own(ret_page);
    /* After a live update the old binding is still there. */
    if (!rc && !*ret_port)
        rc = xen_bind(0, port, ret_port);
    return rc;
}

static void xen_unbind(uint32_t port)
{
    ioctl(evtchn_fd, EVTCHN_UNBIND, &port);
}

static void xen_notify(uint32_t port)
{
    ioctl(evtchn_fd, EVTCHN_NOTIFY, &port);
}

static void xen_unmask(uint32_t port)
{
    if (write(evtchn_fd, &port, sizeof(port)) != sizeof(port))
        log_warn("event channel %u: %s", port, strerror(errno));
}

static int xen_next_event(uint32_t *ret_port, bool *ret_domains)
{
    uint32_t port;
    ssize_t n = read(evtchn_fd, &port, sizeof(port));

    /* The kernel's queue overflowed: which ports it has masked and not told us of is lost. */
    if (n < 0 && errno == EFBIG && !ioctl(evtchn_fd, EVTCHN_RESET)) {
        log_warn("events were lost");
        xen_unmask(virq_port);
        *ret_domains = false;
        *ret_port = 0;
        return 0;
    }
    if (n != sizeof(port))
        return -EAGAIN;
    *ret_domains = port == virq_port;
    *ret_port = port;
    if (*ret_domains)
        xen_unmask(port);
    return 0;
}

static int xen_domain_state(uint16_t domid, unsigned int *ret_state)
{
    struct privcmd_call call = {__HYPERVISOR_domctl, {(uintptr_t)domctl}};
    const struct xen_domctl_getdomaininfo *info;

    if (!domctl)
        return -EBADF;
    info = &domctl->u.getdomaininfo;
    domctl->cmd = XEN_DOMCTL_getdomaininfo;
    domctl->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    domctl->domain = domid;
    if (ioctl(privcmd_fd, PRIVCMD_HYPERCALL, &call) < 0)
        return errno == ESRCH ? -ENOENT : -errno;
    /* It answers for the next domain when this one does not exist. */
    if (info->domain != domid)
        return -ENOENT;
    *ret_state = (info->flags & XEN_DOMINF_dying ? OS_DOMAIN_DYING : 0) |
                 (info->flags & XEN_DOMINF_shutdown ? OS_DOMAIN_SHUTDOWN : 0);
    return 0;
}

static void xen_save(struct state_out *out)
{
    put_u32(out, evtchn_fd);
    put_u32(out, virq_port);
}

static void xen_keep_open(bool keep)
{
    fcntl(evtchn_fd, F_SETFD, keep ? 0 : FD_CLOEXEC);
}

static int xen_restore(struct state_in *in, int *ret_fd)
{
    uint32_t fd = get_u32(in), port = get_u32(in);

    if (in->failed)
        return -EINVAL;
    if (!ret_fd)
        return 0;
    *ret_fd = evtchn_fd = fd;
    virq_port = port;
    fcntl(evtchn_fd, F_SETFD, FD_CLOEXEC);
    return open_all_but_evtchn();
}

const struct osdep osdep_xen = {
    .name = "xen",
    .open = xen_open,
    .close = xen_close,
    .map_ring = xen_map_ring,
    .unmap_ring = xen_unmap_ring,
    .own_ring = xen_own_ring,
    .bind = xen_bind,
    .unbind = xen_unbind,
    .notify = xen_notify,
    .next_event = xen_next_event,
    .unmask = xen_unmask,
    .domain_state = xen_domain_state,
    .save = xen_save,
    .keep_open = xen_keep_open,
    .restore = xen_restore,
};
