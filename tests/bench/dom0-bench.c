/* SPDX-License-Identifier: MIT */
/*
 * dom0-bench.c - what common operations cost in Dom0, in ticks of the time stamp counter.
 *
 * Under QEMU's -icount with shift=0 one tick is one executed instruction, so the figures repeat.
 * Runs on the same kernel without hypervisor too; the rows that need Xen's devices are then left
 * out. Output: "BENCH NAME TICKS" lines. "dom0-bench clock" prints only the counter, which QEMU
 * starts at power-on.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE_SIZE   4096UL
#define FAULT_PAGES 4096UL
#define ROUNDS      3

/* The kernel's privcmd and evtchn interfaces. */
struct privcmd_hypercall {
    uint64_t op;
    uint64_t arg[5];
};
struct evtchn_bind_unbound {
    uint32_t remote_domid;
};
struct evtchn_bind_interdomain {
    uint32_t remote_domid;
    uint32_t remote_port;
};
struct evtchn_notify {
    uint32_t port;
};
#define PRIVCMD_HYPERCALL       _IOC(_IOC_NONE, 'P', 0, sizeof(struct privcmd_hypercall))
#define EVTCHN_BIND_INTERDOMAIN _IOC(_IOC_NONE, 'E', 1, sizeof(struct evtchn_bind_interdomain))
#define EVTCHN_BIND_UNBOUND     _IOC(_IOC_NONE, 'E', 2, sizeof(struct evtchn_bind_unbound))
#define EVTCHN_NOTIFY           _IOC(_IOC_NONE, 'E', 4, sizeof(struct evtchn_notify))

#define HYPERCALL_XEN_VERSION 17
#define DOMID_OF_SELF         0

static uint64_t ticks(void)
{
    uint32_t low, high;

    __asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
    return (uint64_t)high << 32 | low;
}

static void require(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "dom0-bench: %s: %s\n", what, strerror(errno));
    exit(1);
}

static uint64_t bench_syscall(void)
{
    const unsigned int n = 20000;
    uint64_t start = ticks();

    for (unsigned int i = 0; i < n; i++)
        syscall(SYS_getppid);
    return (ticks() - start) / n;
}

/* Maps fresh memory in 4 KiB pages and gives the time to touch or to unmap it. */
static uint64_t touch_and_unmap(bool time_unmap)
{
    const size_t size = FAULT_PAGES * PAGE_SIZE;
    uint64_t start = 0, touched, done;
    char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    require(p != MAP_FAILED, "mmap");
    madvise(p, size, MADV_NOHUGEPAGE);
    start = ticks();
    for (size_t i = 0; i < size; i += PAGE_SIZE)
        ((volatile char *)p)[i] = 1;
    touched = ticks();
    require(munmap(p, size) == 0, "munmap");
    done = ticks();
    return (time_unmap ? done - touched : touched - start) / FAULT_PAGES;
}

static uint64_t bench_page_fault(void)
{
    return touch_and_unmap(false);
}

static uint64_t bench_unmap(void)
{
    return touch_and_unmap(true);
}

static uint64_t bench_fork(void)
{
    const unsigned int n = 60;
    uint64_t start = ticks();

    for (unsigned int i = 0; i < n; i++) {
        pid_t child = fork();

        require(child >= 0, "fork");
        if (!child)
            _exit(0);
        require(waitpid(child, NULL, 0) == child, "waitpid");
    }
    return (ticks() - start) / n;
}

/* The other end of the pipe benchmark: gives back each byte until there are no more. */
static void echo_bytes(int in, int out)
{
    char byte;

    while (read(in, &byte, 1) == 1)
        if (write(out, &byte, 1) != 1)
            break;
    _exit(0);
}

static uint64_t bench_pipe(void)
{
    const unsigned int n = 2000;
    int to[2], from[2];
    uint64_t total;
    pid_t child;
    char byte = 0;

    require(pipe(to) == 0 && pipe(from) == 0, "pipe");
    child = fork();
    require(child >= 0, "fork");
    if (!child) {
        close(to[1]);
        echo_bytes(to[0], from[1]);
    }
    close(to[0]);
    close(from[1]);
    total = ticks();
    for (unsigned int i = 0; i < n; i++)
        require(write(to[1], &byte, 1) == 1 && read(from[0], &byte, 1) == 1, "pipe");
    total = ticks() - total;
    close(to[1]);
    close(from[0]);
    waitpid(child, NULL, 0);
    return total / n;
}

static uint64_t bench_hypercall(void)
{
    const unsigned int n = 5000;
    struct privcmd_hypercall call = {.op = HYPERCALL_XEN_VERSION};
    int fd = open("/dev/xen/privcmd", O_RDWR | O_CLOEXEC);
    uint64_t start;

    require(fd >= 0, "/dev/xen/privcmd");
    start = ticks();
    for (unsigned int i = 0; i < n; i++)
        require(ioctl(fd, PRIVCMD_HYPERCALL, &call) > 0, "hypercall");
    start = ticks() - start;
    close(fd);
    return start / n;
}

/* One event: sent through one port, seen and unmasked on the other. */
static void pass_event(int from, uint32_t from_port, int to)
{
    struct evtchn_notify notify = {.port = from_port};
    uint32_t port;

    require(ioctl(from, EVTCHN_NOTIFY, &notify) == 0, "evtchn notify");
    require(read(to, &port, sizeof(port)) == sizeof(port), "evtchn read");
    require(write(to, &port, sizeof(port)) == sizeof(port), "evtchn unmask");
}

/* Events that a fresh binding may raise by itself. */
static void drain(int fd)
{
    uint32_t port;

    require(fcntl(fd, F_SETFL, O_NONBLOCK) == 0, "fcntl");
    while (read(fd, &port, sizeof(port)) == sizeof(port))
        require(write(fd, &port, sizeof(port)) == sizeof(port), "evtchn unmask");
    require(fcntl(fd, F_SETFL, 0) == 0, "fcntl");
}

static uint64_t bench_event(void)
{
    const unsigned int n = 2000;
    struct evtchn_bind_unbound unbound = {.remote_domid = DOMID_OF_SELF};
    struct evtchn_bind_interdomain peer = {.remote_domid = DOMID_OF_SELF};
    int a = open("/dev/xen/evtchn", O_RDWR | O_CLOEXEC);
    int b = open("/dev/xen/evtchn", O_RDWR | O_CLOEXEC);
    int port_a, port_b;
    uint64_t start;

    require(a >= 0 && b >= 0, "/dev/xen/evtchn");
    port_a = ioctl(a, EVTCHN_BIND_UNBOUND, &unbound);
    require(port_a > 0, "evtchn bind unbound port");
    peer.remote_port = (uint32_t)port_a;
    port_b = ioctl(b, EVTCHN_BIND_INTERDOMAIN, &peer);
    require(port_b > 0, "evtchn bind interdomain");
    drain(a);
    drain(b);
    start = ticks();
    for (unsigned int i = 0; i < n; i++) {
        pass_event(a, (uint32_t)port_a, b);
        pass_event(b, (uint32_t)port_b, a);
    }
    start = ticks() - start;
    close(a);
    close(b);
    return start / n;
}

struct row {
    const char *name;
    bool needs_xen;
    uint64_t (*run)(void);
};

static const struct row rows[] = {
    {"syscall", false, bench_syscall},    {"page-fault", false, bench_page_fault},
    {"unmap", false, bench_unmap},        {"fork-exit-wait", false, bench_fork},
    {"pipe", false, bench_pipe},          {"hypercall", true, bench_hypercall},
    {"event-channel", true, bench_event},
};

/* The best of some rounds: the others had a timer tick or a cold cache more in them. */
static void run_row(const struct row *r)
{
    uint64_t best = UINT64_MAX;

    for (unsigned int i = 0; i < ROUNDS; i++) {
        uint64_t t = r->run();

        best = t < best ? t : best;
    }
    printf("BENCH %s %llu\n", r->name, (unsigned long long)best);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    bool xen = access("/dev/xen/privcmd", R_OK | W_OK) == 0;

    if (argc == 2 && !strcmp(argv[1], "clock")) {
        printf("BENCH boot %llu\n", (unsigned long long)ticks());
        return 0;
    }
    if (argc != 2 || strcmp(argv[1], "all")) {
        fprintf(stderr, "usage: dom0-bench clock|all\n");
        return 2;
    }
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (xen || !rows[i].needs_xen)
            run_row(&rows[i]);
    return 0;
}
