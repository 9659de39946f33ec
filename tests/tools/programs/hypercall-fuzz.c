/* SPDX-License-Identifier: MIT */
/*
 * hypercall-fuzz.c - wrong management calls from Dom0's user space: every domctl, sysctl and memory
 * operation with random and boundary arguments, aimed at domains that exist for nothing else.
 *
 *   hypercall-fuzz domctl|sysctl|memory SECONDS SEED VICTIM...
 *
 * VICTIM: ids of domains that may be ruined. Dom0 itself is a target only of operations that read,
 * or that the hypervisor must refuse on the caller. Prints how many calls ended with which error;
 * exit status 1: a call gave an error that the interface does not have.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <public/domctl.h>
#include <public/memory.h>
#include <public/sysctl.h>

struct privcmd_hypercall {
    uint64_t op;
    uint64_t arg[5];
};
#define IOCTL_PRIVCMD_HYPERCALL _IOC(_IOC_NONE, 'P', 0, sizeof(struct privcmd_hypercall))

#define MAX_ERRNO 134

static int privcmd;
static unsigned long counts[MAX_ERRNO];
static uint64_t state;
static const char *const *victims;
static int nr_victims;
static unsigned char *page; /* two pages, the second one cannot be accessed */

static uint64_t rnd(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

/* Numbers that hurt more often than others. */
static uint64_t nasty(void)
{
    static const uint64_t list[] = {
        0,
        1,
        2,
        7,
        8,
        63,
        64,
        255,
        4095,
        4096,
        0x7fff,
        0x7ff0,
        0x7ff1,
        0x7ff4,
        0xffff,
        0x10000,
        0x7fffffff,
        0x80000000,
        0xffffffff,
        0x100000000,
        0x7fffffffffffffff,
        0x8000000000000000,
        0xffff800000000000,
        0xffff82d080000000,
        0xffff87ffffffffff,
        0x0000800000000000,
        0xffffffffffffffff,
        0xfffffffffffff000,
        0x000fffffffffffff,
    };
    switch (rnd() % 4) {
    case 0:
        return rnd();
    case 1:
        return rnd() % 300;
    default:
        return list[rnd() % (sizeof(list) / sizeof(list[0]))];
    }
}

static uint64_t bad_pointer(void)
{
    switch (rnd() % 3) {
    case 0:
        return 0;
    case 1:
        return nasty();
    default:
        return (uint64_t)page + 4096 - rnd() % 8; /* runs into the hole */
    }
}

static uint64_t pointer(void)
{
    return rnd() % 2 ? bad_pointer() : (uint64_t)page + (rnd() % 64) * 8;
}

static domid_t victim(void)
{
    if (nr_victims == 0 || rnd() % 8 == 0)
        return (domid_t)(30000 + rnd() % 100); /* nobody */
    return (domid_t)atoi(victims[rnd() % (unsigned int)nr_victims]);
}

/* Words at random places of a structure: small numbers, nasty ones, pointers. */
static void scramble(void *to, size_t size)
{
    unsigned char *p = to;

    memset(p, 0, size);
    for (unsigned int n = (unsigned int)(rnd() % 12); n; n--) {
        uint64_t value = rnd() % 3 ? nasty() : pointer();
        size_t width = rnd() % 2 ? 8 : 4, at = (rnd() % (size / width)) * width;

        memcpy(p + at, &value, width);
    }
}

static int call(uint64_t op, uint64_t a, uint64_t b)
{
    struct privcmd_hypercall h = {.op = op, .arg = {a, b}};
    int rc = ioctl(privcmd, IOCTL_PRIVCMD_HYPERCALL, &h);
    int e = rc < 0 ? errno : 0;

    if (e >= MAX_ERRNO) {
        printf("FAILED: hypercall %lu gives error %d\n", (unsigned long)op, e);
        exit(1);
    }
    counts[e]++;
    return rc;
}

static void one_domctl(void)
{
    struct xen_domctl *op = (void *)page;

    scramble(op, sizeof(*op));
    op->cmd = rnd() % 16 ? (uint32_t)(rnd() % 90) : (uint32_t)nasty();
    op->interface_version = rnd() % 64 ? XEN_DOMCTL_INTERFACE_VERSION : (uint32_t)nasty();
    op->domain = victim();
    switch (op->cmd) {
    case XEN_DOMCTL_createdomain: /* what succeeds is to be cleaned up: never ask for a good one */
        op->u.createdomain.max_vcpus = 0;
        break;
    case XEN_DOMCTL_destroydomain: /* the victims are still needed */
        op->domain = 0;
        break;
    case XEN_DOMCTL_unpausedomain: /* they must not run */
    case XEN_DOMCTL_resumedomain:
        op->domain = (domid_t)(30000 + rnd() % 100);
        break;
    }
    call(__HYPERVISOR_domctl, rnd() % 16 ? (uint64_t)op : pointer(), 0);
}

static void one_sysctl(void)
{
    struct xen_sysctl *op = (void *)page;

    scramble(op, sizeof(*op));
    op->cmd = rnd() % 16 ? (uint32_t)(rnd() % 32) : (uint32_t)nasty();
    op->interface_version = rnd() % 64 ? XEN_SYSCTL_INTERFACE_VERSION : (uint32_t)nasty();
    switch (op->cmd) {
    case XEN_SYSCTL_debug_keys: /* any other key may be meant as it is */
        memset(page + 1024, 'h', 64);
        op->u.debug_keys.keys = rnd() % 2 ? (uint64_t)page + 1024 : 0xffff830000000000;
        op->u.debug_keys.nr_keys = (uint32_t)(rnd() % 3);
        break;
    case XEN_SYSCTL_cpu_hotplug: /* Dom0 wants to keep its CPUs */
    case XEN_SYSCTL_page_offline_op:
        op->interface_version = 0;
        break;
    case XEN_SYSCTL_cpupool_op:
        if (op->u.cpupool_op.op == XEN_SYSCTL_CPUPOOL_OP_RMCPU)
            op->u.cpupool_op.cpupool_id = 77;
        break;
    }
    call(__HYPERVISOR_sysctl, rnd() % 16 ? (uint64_t)op : pointer(), 0);
}

/* Some of the calls made a pool, as it is their right. */
static void destroy_pools(void)
{
    struct xen_sysctl *op = (void *)page;

    for (uint32_t id = 1;; id++) {
        memset(op, 0, sizeof(*op));
        op->cmd = XEN_SYSCTL_cpupool_op;
        op->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
        op->u.cpupool_op.op = XEN_SYSCTL_CPUPOOL_OP_INFO;
        op->u.cpupool_op.cpupool_id = id;
        if (call(__HYPERVISOR_sysctl, (uint64_t)op, 0))
            return; /* no pool with this number or a higher one */
        id = op->u.cpupool_op.cpupool_id;
        op->u.cpupool_op.op = XEN_SYSCTL_CPUPOOL_OP_DESTROY;
        call(__HYPERVISOR_sysctl, (uint64_t)op, 0);
    }
}

/* Frames of Dom0 must not go: calls on its own memory get pointers that cannot be read. */
static void one_memory_op(void)
{
    static const uint64_t own[] = {0x7ff0, 0};
    uint64_t cmd = rnd() % 8 ? rnd() % 32 : nasty();
    uint16_t dom = victim();

    scramble(page, 256);
    for (unsigned int i = 0; i < 16; i++)
        page[512 + i] = (unsigned char)rnd();
    if (rnd() % 8 == 0 && cmd % 64 != XENMEM_set_memory_map) /* which would stay */
        dom = (uint16_t)own[rnd() % 2];
    if (cmd % 64 <= XENMEM_populate_physmap || cmd % 64 == XENMEM_exchange) {
        struct xen_memory_reservation *r = (void *)page;

        r->domid = dom;
        if (dom == 0 || dom == 0x7ff0)
            r->extent_start = 0xffff830000000000;
        if (cmd % 64 == XENMEM_exchange)
            ((struct xen_memory_exchange *)r)->out.domid = dom;
    } else {
        memcpy(page, &dom, sizeof(dom));
    }
    /* Not into the middle of the page: a structure made of zeros is a valid call for Dom0. */
    call(__HYPERVISOR_memory_op, cmd, rnd() % 16 ? (uint64_t)page : bad_pointer());
}

int main(int argc, char **argv)
{
    void (*one)(void);
    time_t end;

    if (argc < 4)
        return 2;
    one = strcmp(argv[1], "domctl") == 0   ? one_domctl
          : strcmp(argv[1], "sysctl") == 0 ? one_sysctl
                                           : one_memory_op;
    end = time(NULL) + atoi(argv[2]);
    state = strtoull(argv[3], NULL, 0) * 0x9e3779b97f4a7c15ULL + 1;
    victims = (const char *const *)argv + 4;
    nr_victims = argc - 4;
    privcmd = open("/dev/xen/privcmd", O_RDWR);
    page =
        mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0);
    if (privcmd < 0 || page == MAP_FAILED || mprotect(page + 4096, 4096, PROT_NONE)) {
        perror("hypercall-fuzz");
        return 2;
    }
    while (time(NULL) < end)
        for (int i = 0; i < 500; i++)
            one();
    destroy_pools();
    printf("%s, seed %s:", argv[1], argv[3]);
    for (int e = 0; e < MAX_ERRNO; e++)
        if (counts[e])
            printf(" %s=%lu", e ? strerrorname_np(e) : "ok", counts[e]);
    printf("\n");
    return 0;
}
