/* SPDX-License-Identifier: MIT */
/*
 * build-guest.c - makes a guest with the domain builder alone: no store, no daemons, no devices.
 *
 *   build-guest [OPTIONS] KERNEL
 *     --host WHERE      as for xctl_open(): this machine, or "sim:"
 *     --type pv|pvh     (pv)
 *     --memory MIB      (256)         --vcpus N         (1)
 *     --ramdisk FILE    --cmdline TEXT ("console=hvc0 earlyprintk=xen")
 *     --cache DIR       of unpacked kernels
 *     --introduce       let the store daemon know the guest
 *     --run SECONDS     unpause it, and show its console until it shuts down
 *     --until TEXT      ... or until its console shows this
 *     --keep            leave it there, paused if it was not run
 *
 * Prints "built domid=N store=FRAME console=FRAME cached=0|1" and, in the end, "shutdown reason=N".
 * Exit status: 0 all well, 1 it could not be built, 2 bad use, 3 the time is over.
 */
#include "build.h"
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <xenolith/public/io/console.h>
#include <xenstore.h>

static struct {
    const char *host, *kernel, *ramdisk, *cmdline, *cache, *until;
    bool pvh, introduce, keep;
    unsigned int memory, vcpus, run;
} opt = {.cmdline = "console=hvc0 earlyprintk=xen", .memory = 256, .vcpus = 1};

static struct xlight__why why;

static int complain(const char *what)
{
    char text[1024];

    xlight__why_format(&why, text, sizeof(text));
    printf("%s: %s\n", what, text);
    return 1;
}

static int ctrl(xctl_handle *h, int rc, const char *what)
{
    if (rc) {
        xlight__why_ctrl(&why, h, rc);
        complain(what);
    }
    return rc;
}

static int parse(int argc, char **argv)
{
    static const struct option options[] = {
        {"host", 1, NULL, 'h'},  {"type", 1, NULL, 't'},      {"memory", 1, NULL, 'm'},
        {"vcpus", 1, NULL, 'v'}, {"ramdisk", 1, NULL, 'r'},   {"cmdline", 1, NULL, 'c'},
        {"cache", 1, NULL, 'C'}, {"introduce", 0, NULL, 'i'}, {"run", 1, NULL, 'R'},
        {"until", 1, NULL, 'u'}, {"keep", 0, NULL, 'k'},      {NULL, 0, NULL, 0},
    };

    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        switch (c) {
        case 'h':
            opt.host = optarg;
            break;
        case 't':
            opt.pvh = !strcmp(optarg, "pvh");
            break;
        case 'm':
            opt.memory = (unsigned int)strtoul(optarg, NULL, 10);
            break;
        case 'v':
            opt.vcpus = (unsigned int)strtoul(optarg, NULL, 10);
            break;
        case 'r':
            opt.ramdisk = optarg;
            break;
        case 'c':
            opt.cmdline = optarg;
            break;
        case 'C':
            opt.cache = optarg;
            break;
        case 'i':
            opt.introduce = true;
            break;
        case 'R':
            opt.run = (unsigned int)strtoul(optarg, NULL, 10);
            break;
        case 'u':
            opt.until = optarg;
            break;
        case 'k':
            opt.keep = true;
            break;
        default:
            return -EINVAL;
        }
    }
    if (optind + 1 != argc)
        return -EINVAL;
    opt.kernel = argv[optind];
    return 0;
}

static int open_blob(const char *path, struct xlight__blob *ret_b)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC), rc = fd < 0 ? -errno : 0;

    if (!rc)
        rc = xlight__blob_file(fd, ret_b, &why);
    if (rc) {
        xlight__why(&why, rc, "%s", strerrordesc_np(-rc));
        complain(path);
    }
    return rc;
}

static int make_domain(struct xlight__build *b)
{
    struct xen_domctl_createdomain c = {.flags =
                                            opt.pvh ? XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap : 0,
                                        .max_vcpus = opt.vcpus,
                                        .max_evtchn_port = 1023,
                                        .max_grant_frames = -1,
                                        .max_maptrack_frames = -1,
                                        .grant_opts = XEN_DOMCTL_GRANT_version(1),
                                        .arch.emulation_flags = opt.pvh ? XEN_X86_EMU_LAPIC : 0};
    const struct xctl_tsc_info tsc = {0};
    int rc = ctrl(b->h, xctl_domain_create(b->h, 0, &c, &b->domid), "create");

    if (rc)
        return rc;
    rc = ctrl(b->h, xctl_domain_set_max_vcpus(b->h, b->domid, opt.vcpus), "vcpus");
    if (!rc)
        rc = ctrl(b->h, xctl_domain_set_max_mem(b->h, b->domid, b->pages * 4 + 1024), "memory");
    if (!rc)
        rc = ctrl(b->h, xctl_domain_alloc_port(b->h, b->domid, 0, &b->store_port), "port");
    if (!rc)
        rc = ctrl(b->h, xctl_domain_alloc_port(b->h, b->domid, 0, &b->console_port), "port");
    if (!rc)
        rc = ctrl(b->h, xctl_domain_set_tsc(b->h, b->domid, &tsc), "time stamps");
    if (!rc && opt.pvh)
        rc = ctrl(b->h, xctl_paging_set_pool(b->h, b->domid, b->pages / 128 * 4096 + (1 << 20)),
                  "memory for page tables");
    if (rc && xctl_domain_destroy(b->h, b->domid))
        puts("cannot destroy the domain");
    return rc;
}

static int introduce(const struct xlight__build *b, const struct xlight__built *built)
{
    struct xs_handle *xs = xs_open(0);
    bool ok = xs && xs_introduce_domain(xs, b->domid, built->store_frame, b->store_port);

    if (!ok)
        printf("the store daemon does not take the guest: %s\n", strerrordesc_np(errno));
    if (xs)
        xs_close(xs);
    return ok ? 0 : -EIO;
}

static void release(const struct xlight__build *b)
{
    struct xs_handle *xs = xs_open(0);

    if (xs && !xs_release_domain(xs, b->domid))
        puts("the store daemon does not let go of the guest");
    if (xs)
        xs_close(xs);
}

static char tail[8192];

static void show(struct xencons_interface *ring)
{
    uint32_t cons = ring->out_cons, prod = __atomic_load_n(&ring->out_prod, __ATOMIC_ACQUIRE);

    while (cons != prod && prod - cons <= sizeof(ring->out)) {
        char c = (char)ring->out[cons++ & (sizeof(ring->out) - 1)];
        size_t len = strlen(tail);

        putchar(c);
        if (len == sizeof(tail) - 1)
            memmove(tail, tail + 4096, len - 4096 + 1), len -= 4096;
        tail[len] = c ? c : ' ';
        tail[len + 1] = 0;
    }
    __atomic_store_n(&ring->out_cons, cons, __ATOMIC_RELEASE);
    fflush(stdout);
}

/* Until it shuts down, has said what was waited for, or the time is over. */
static int watch(const struct xlight__build *b, struct xencons_interface *ring, xctl_evtchn *e,
                 uint32_t port)
{
    time_t end = time(NULL) + (time_t)opt.run;

    while (time(NULL) < end) {
        struct pollfd p = {.fd = xctl_evtchn_fd(e), .events = POLLIN};
        struct xen_domctl_getdomaininfo info;
        uint32_t pending;

        poll(&p, 1, 200);
        if (!xctl_evtchn_pending(e, &pending) && xctl_evtchn_unmask(e, pending))
            puts("cannot unmask a port");
        show(ring);
        if (xctl_evtchn_notify(e, port))
            puts("cannot notify the guest");
        if (xctl_domain_info(b->h, b->domid, &info))
            return 1;
        if (xctl_domain_shutdown_reason(&info) >= 0) {
            printf("\nshutdown reason=%d\n", xctl_domain_shutdown_reason(&info));
            return 0;
        }
        if (opt.until && strstr(tail, opt.until)) {
            puts("\nit said what was waited for");
            return 0;
        }
    }
    puts("\nthe time is over");
    return 3;
}

static int run(const struct xlight__build *b, const struct xlight__built *built)
{
    const xen_pfn_t frame = built->console_frame;
    xctl_evtchn *e = NULL;
    void *ring = NULL;
    uint32_t port;
    int rc = ctrl(b->h, xctl_evtchn_open(b->h, &e), "event channels");

    if (rc)
        return 1;
    rc = ctrl(b->h, xctl_evtchn_bind_interdomain(e, b->domid, b->console_port, &port), "console");
    if (!rc)
        rc = ctrl(b->h,
                  xctl_foreign_map(b->h, b->domid, PROT_READ | PROT_WRITE, &frame, 1, NULL, &ring),
                  "console");
    if (!rc)
        rc = ctrl(b->h, xctl_domain_unpause(b->h, b->domid), "unpause");
    rc = rc ? 1 : watch(b, ring, e, port);
    if (ring && xctl_foreign_unmap(b->h, ring, 1))
        puts("cannot unmap the console");
    xctl_evtchn_close(e);
    return rc;
}

static int build_one(struct xlight__build *b, const struct xlight__kernel *k)
{
    struct xlight__built built;
    int rc;

    b->kernel = k;
    b->cmdline = opt.cmdline;
    b->max_vcpus = opt.vcpus;
    b->claim = true;
    if (make_domain(b))
        return 1;
    rc = opt.pvh ? xlight__build_pvh(b, &built, &why) : xlight__build_pv(b, &built, &why);
    if (rc) {
        rc = complain("build");
    } else {
        printf("built domid=%u store=0x%lx console=0x%lx cached=%d\n", b->domid, built.store_frame,
               built.console_frame, k->cached);
        fflush(stdout);
        rc = opt.introduce && introduce(b, &built) ? 1 : 0;
        if (!rc && opt.run)
            rc = run(b, &built);
    }
    if (opt.keep && !rc)
        return rc;
    if (opt.introduce)
        release(b);
    if (ctrl(b->h, xctl_domain_destroy(b->h, b->domid), "destroy"))
        rc = 1;
    return rc;
}

int main(int argc, char **argv)
{
    struct xlight__kernel_options ko = {0};
    struct xlight__build b = {0};
    struct xlight__blob kernel, ramdisk;
    struct xlight__kernel *k = NULL;
    char text[256];
    int rc;

    if (parse(argc, argv)) {
        fprintf(stderr, "usage: build-guest [OPTIONS] KERNEL\n");
        return 2;
    }
    ko.cache_dir = opt.cache;
    if (open_blob(opt.kernel, &kernel) || (opt.ramdisk && open_blob(opt.ramdisk, &ramdisk)))
        return 1;
    b.ramdisk = opt.ramdisk ? &ramdisk : NULL;
    b.pages = (uint64_t)opt.memory << 8;
    if (xctl_open_why(opt.host, &b.h, text, sizeof(text))) {
        printf("no host: %s\n", text);
        return 1;
    }
    rc = xlight__kernel_load(&kernel, &ko, &k, &why) ? complain(opt.kernel) : build_one(&b, k);
    xlight__kernel_free(k);
    xctl_close(b.h);
    return rc;
}
