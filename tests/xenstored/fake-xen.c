/* SPDX-License-Identifier: MIT */
/*
 * fake-xen.c - lets Debian's store daemons run on a host without Xen: preloaded, it takes the place
 * of the calls into libxenctrl, libxenevtchn and libxengnttab that they make.
 *
 *     FAKE_XEN_DIR=DIR LD_PRELOAD=fake-xen.so oxenstored --no-fork
 *
 * Whoever connects to DIR/host plays the hypervisor, as with our own daemon's --host; the messages
 * are those of daemons/xenstored/osdep/host.c. Files that the daemons keep in fixed places are
 * moved to DIR, which also holds what a Dom0 kernel offers: xsd_port and xsd_kva.
 *
 * A thread of its own talks to that client and collects events, because the daemons ask for a port
 * whenever the event descriptor is readable and end when there is none.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <xenctrl.h>
#include <xenevtchn.h>
#include <xengnttab.h>

#define NR_DOMAINS 0x7ff0
#define NR_PORTS   0x10000
#define VIRQ_PORT  1
#define PAGE       4096
#define EXPORT     __attribute__((visibility("default")))

enum { CREATE = 1, SHUTDOWN, DESTROY, RUN, REPLACE };

struct guest {
    bool exists, shutdown;
    uint32_t remote_port, port;
    int ring, in, out;
};

/* All below belong to the lock. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct guest guests[NR_DOMAINS];
static uint16_t domid_of_port[NR_PORTS];
static uint32_t last_port = VIRQ_PORT;
/* Ports that wait to be asked for; each at most once. */
static uint32_t queue[NR_PORTS];
static bool queued[NR_PORTS];
static unsigned int queue_first, queue_nr;

/* Readable once for each queued port. */
static int event_fd = -1;
static int poll_fd = -1, client_fd = -1, listen_fd = -1;

#define DATA_LISTEN 0x10000U
#define DATA_CLIENT 0x10001U

static const char *dir(void)
{
    const char *name = getenv("FAKE_XEN_DIR");

    return name ? name : "/nonexistent";
}

static void push(uint32_t port)
{
    if (queued[port])
        return;
    queued[port] = true;
    queue[(queue_first + queue_nr++) % NR_PORTS] = port;
    eventfd_write(event_fd, 1);
}

static int watch(int op, int fd, uint32_t data, uint32_t flags)
{
    struct epoll_event e = {.events = EPOLLIN | flags, .data.u32 = data};

    return epoll_ctl(poll_fd, op, fd, &e);
}

static struct guest *find(uint32_t domid)
{
    return domid < NR_DOMAINS && guests[domid].exists ? &guests[domid] : NULL;
}

static int create(uint32_t domid, uint32_t port, const int *fds, unsigned int nr)
{
    if (domid >= NR_DOMAINS || nr != 3)
        return EINVAL;
    if (find(domid))
        return EEXIST;
    guests[domid] = (struct guest){true, false, port, 0, fds[0], fds[1], fds[2]};
    return watch(EPOLL_CTL_ADD, fds[1], domid, EPOLLONESHOT) ? errno : 0;
}

static int command(const uint32_t *m, const int *fds, unsigned int nr)
{
    struct guest *g = find(m[1]);

    if (m[0] == CREATE)
        return create(m[1], m[2], fds, nr);
    if (!g)
        return ENOENT;
    if (m[0] == DESTROY || m[0] == REPLACE) {
        watch(EPOLL_CTL_DEL, g->in, 0, 0); /* the client holds it open */
        close(g->ring);
        close(g->in);
        close(g->out);
        *g = (struct guest){0};
        if (m[0] == REPLACE)
            return create(m[1], m[2], fds, nr);
    } else {
        g->shutdown = m[0] == SHUTDOWN;
    }
    push(VIRQ_PORT);
    return 0;
}

static void serve_client(void)
{
    char room[CMSG_SPACE(3 * sizeof(int))] __attribute__((aligned(8)));
    uint32_t m[3], answer;
    struct iovec iov = {m, sizeof(m)};
    struct msghdr h = {
        .msg_iov = &iov, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof(room)};
    ssize_t n = recvmsg(client_fd, &h, MSG_CMSG_CLOEXEC);
    struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&h) : NULL;
    int fds[3] = {-1, -1, -1};
    unsigned int nr = c ? (c->cmsg_len - CMSG_LEN(0)) / sizeof(int) : 0;

    if (n <= 0) {
        close(client_fd);
        return;
    }
    if (c)
        memcpy(fds, CMSG_DATA(c), nr * sizeof(int));
    answer = n == sizeof(m) ? command(m, fds, nr) : EINVAL;
    if (send(client_fd, &answer, sizeof(answer), MSG_NOSIGNAL) < 0)
        perror("fake-xen: answer");
}

static void guest_event(uint32_t domid)
{
    struct guest *g = find(domid);
    eventfd_t count;

    if (!g || eventfd_read(g->in, &count) || !g->port)
        return;
    push(g->port);
}

static void *serve(void *arg)
{
    struct epoll_event e;

    (void)arg;
    for (;;) {
        if (epoll_wait(poll_fd, &e, 1, -1) != 1)
            continue;
        pthread_mutex_lock(&lock);
        if (e.data.u32 == DATA_LISTEN) {
            client_fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);
            watch(EPOLL_CTL_ADD, client_fd, DATA_CLIENT, 0);
        } else if (e.data.u32 == DATA_CLIENT) {
            serve_client();
        } else {
            guest_event(e.data.u32);
        }
        pthread_mutex_unlock(&lock);
    }
    return NULL;
}

/* The calls of libxenevtchn. A handle is never looked into. */

static int start(void)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    pthread_t thread;

    snprintf(a.sun_path, sizeof(a.sun_path), "%s/host", dir());
    event_fd = eventfd(0, EFD_SEMAPHORE);
    poll_fd = epoll_create1(EPOLL_CLOEXEC);
    listen_fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (bind(listen_fd, (struct sockaddr *)&a, sizeof(a)) || listen(listen_fd, 1) ||
        watch(EPOLL_CTL_ADD, listen_fd, DATA_LISTEN, 0))
        return -1;
    return pthread_create(&thread, NULL, serve, NULL);
}

EXPORT xenevtchn_handle *xenevtchn_open(xentoollog_logger *logger, unsigned int flags)
{
    (void)logger, (void)flags;
    return start() ? NULL : (xenevtchn_handle *)&lock;
}

EXPORT int xenevtchn_close(xenevtchn_handle *xce)
{
    (void)xce;
    return 0;
}

EXPORT int xenevtchn_fd(xenevtchn_handle *xce)
{
    (void)xce;
    return event_fd;
}

EXPORT xenevtchn_port_or_error_t xenevtchn_bind_virq(xenevtchn_handle *xce, unsigned int virq)
{
    (void)xce, (void)virq;
    return VIRQ_PORT;
}

EXPORT xenevtchn_port_or_error_t xenevtchn_bind_interdomain(xenevtchn_handle *xce, uint32_t domid,
                                                            evtchn_port_t remote_port)
{
    struct guest *g;
    int port = -1;

    (void)xce;
    pthread_mutex_lock(&lock);
    g = find(domid);
    if (domid == 0) {
        port = ++last_port;
    } else if (g && !g->port && g->remote_port == remote_port) {
        port = g->port = ++last_port;
        domid_of_port[port] = domid;
        push(port); /* as Xen does: the new port starts pending */
    }
    pthread_mutex_unlock(&lock);
    if (port < 0)
        errno = EINVAL;
    return port;
}

EXPORT int xenevtchn_unbind(xenevtchn_handle *xce, evtchn_port_t port)
{
    struct guest *g;

    (void)xce;
    pthread_mutex_lock(&lock);
    g = port < NR_PORTS ? find(domid_of_port[port]) : NULL;
    if (g && g->port == port)
        g->port = 0;
    pthread_mutex_unlock(&lock);
    return 0;
}

EXPORT int xenevtchn_notify(xenevtchn_handle *xce, evtchn_port_t port)
{
    struct guest *g;

    (void)xce;
    pthread_mutex_lock(&lock);
    g = port < NR_PORTS ? find(domid_of_port[port]) : NULL;
    if (g && g->port == port)
        eventfd_write(g->out, 1);
    pthread_mutex_unlock(&lock);
    return 0;
}

EXPORT xenevtchn_port_or_error_t xenevtchn_pending(xenevtchn_handle *xce)
{
    eventfd_t one;
    uint32_t port;

    (void)xce;
    if (eventfd_read(event_fd, &one))
        return -1;
    pthread_mutex_lock(&lock);
    port = queue[queue_first];
    queue_first = (queue_first + 1) % NR_PORTS;
    queue_nr--;
    queued[port] = false;
    pthread_mutex_unlock(&lock);
    return port;
}

EXPORT int xenevtchn_unmask(xenevtchn_handle *xce, evtchn_port_t port)
{
    struct guest *g;

    (void)xce;
    pthread_mutex_lock(&lock);
    g = port < NR_PORTS ? find(domid_of_port[port]) : NULL;
    if (g && g->port == port)
        watch(EPOLL_CTL_MOD, g->in, domid_of_port[port], EPOLLONESHOT);
    pthread_mutex_unlock(&lock);
    return 0;
}

/* The calls of libxengnttab and libxenctrl. */

static void *map_ring(uint32_t domid)
{
    struct guest *g;
    void *p = MAP_FAILED;

    pthread_mutex_lock(&lock);
    g = find(domid);
    if (g)
        p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, g->ring, 0);
    pthread_mutex_unlock(&lock);
    if (p != MAP_FAILED)
        return p;
    errno = ESRCH;
    return NULL;
}

EXPORT xengnttab_handle *xengnttab_open(xentoollog_logger *logger, unsigned int flags)
{
    (void)logger, (void)flags;
    return (xengnttab_handle *)&lock;
}

EXPORT int xengnttab_close(xengnttab_handle *xgt)
{
    (void)xgt;
    return 0;
}

EXPORT int xengnttab_set_max_grants(xengnttab_handle *xgt, uint32_t nr)
{
    (void)xgt, (void)nr;
    return 0;
}

EXPORT void *xengnttab_map_grant_ref(xengnttab_handle *xgt, uint32_t domid, uint32_t ref, int prot)
{
    (void)xgt, (void)ref, (void)prot;
    return map_ring(domid);
}

EXPORT int xengnttab_unmap(xengnttab_handle *xgt, void *start_address, uint32_t count)
{
    (void)xgt;
    return munmap(start_address, count * PAGE);
}

EXPORT xc_interface *xc_interface_open(xentoollog_logger *logger, xentoollog_logger *dombuild,
                                       unsigned int flags)
{
    (void)logger, (void)dombuild, (void)flags;
    return (xc_interface *)&lock;
}

EXPORT int xc_interface_close(xc_interface *xch)
{
    (void)xch;
    return 0;
}

EXPORT const xc_error *xc_get_last_error(xc_interface *xch)
{
    static const xc_error none;

    (void)xch;
    return &none;
}

EXPORT void *xc_map_foreign_range(xc_interface *xch, uint32_t domid, int size, int prot,
                                  unsigned long mfn)
{
    (void)xch, (void)size, (void)prot, (void)mfn;
    return map_ring(domid);
}

/* Xen answers for the next domain when there is none of that number. */
static uint32_t next_domain(uint32_t domid)
{
    while (domid && domid < NR_DOMAINS && !guests[domid].exists)
        domid++;
    return domid;
}

EXPORT int xc_domain_getinfo(xc_interface *xch, uint32_t first, unsigned int max,
                             xc_dominfo_t *info)
{
    (void)xch, (void)max;
    pthread_mutex_lock(&lock);
    memset(info, 0, sizeof(*info));
    info->domid = next_domain(first);
    if (info->domid < NR_DOMAINS)
        info->shutdown = guests[info->domid].shutdown;
    pthread_mutex_unlock(&lock);
    if (info->domid < NR_DOMAINS)
        return 1;
    errno = ESRCH;
    return -1;
}

EXPORT int xc_domain_getinfolist(xc_interface *xch, uint32_t first, unsigned int max,
                                 xc_domaininfo_t *info)
{
    xc_dominfo_t one;

    if (xc_domain_getinfo(xch, first, max, &one) != 1)
        return 0;
    memset(info, 0, sizeof(*info));
    info->domain = one.domid;
    info->flags = one.shutdown ? XEN_DOMINF_shutdown : XEN_DOMINF_running;
    return 1;
}

/* Files in fixed places. */

static const char *moved(const char *path, char *buf, size_t size)
{
    static const char *const from[] = {"/run/xenstored", "/var/run/xenstored", "/var/lib/xenstored",
                                       "/var/log/xen", "/proc/xen"};

    for (unsigned int i = 0; i < sizeof(from) / sizeof(from[0]); i++) {
        size_t len = strlen(from[i]);

        if (!strncmp(path, from[i], len) && (!path[len] || path[len] == '/')) {
            snprintf(buf, size, "%s%s", dir(), path + len);
            return buf;
        }
    }
    return path;
}

static int moved_open(const char *name, const char *path, int flags, mode_t mode)
{
    int (*real)(const char *, int, ...) = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, name);
    char buf[PAGE];

    return real(moved(path, buf, sizeof(buf)), flags, mode);
}

EXPORT int open(const char *path, int flags, ...)
{
    va_list ap;
    mode_t mode = 0;

    va_start(ap, flags);
    if (flags & O_CREAT)
        mode = va_arg(ap, mode_t);
    va_end(ap);
    return moved_open("open", path, flags, mode);
}

EXPORT int open64(const char *path, int flags, ...)
{
    va_list ap;
    mode_t mode = 0;

    va_start(ap, flags);
    if (flags & O_CREAT)
        mode = va_arg(ap, mode_t);
    va_end(ap);
    return moved_open("open64", path, flags, mode);
}

EXPORT int unlink(const char *path)
{
    int (*real)(const char *) = (int (*)(const char *))dlsym(RTLD_NEXT, "unlink");
    char buf[PAGE];

    return real(moved(path, buf, sizeof(buf)));
}

EXPORT int mkdir(const char *path, mode_t mode)
{
    int (*real)(const char *, mode_t) = (int (*)(const char *, mode_t))dlsym(RTLD_NEXT, "mkdir");
    char buf[PAGE];

    return real(moved(path, buf, sizeof(buf)), mode);
}

EXPORT int bind(int fd, const struct sockaddr *addr, socklen_t len)
{
    int (*real)(int, const struct sockaddr *, socklen_t) =
        (int (*)(int, const struct sockaddr *, socklen_t))dlsym(RTLD_NEXT, "bind");
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    const char *path = ((const struct sockaddr_un *)addr)->sun_path;
    char buf[PAGE];

    if (addr->sa_family != AF_UNIX || moved(path, buf, sizeof(buf)) == path)
        return real(fd, addr, len);
    strncpy(a.sun_path, buf, sizeof(a.sun_path) - 1);
    return real(fd, (struct sockaddr *)&a, sizeof(a));
}

/* oxenstored asks for as many files as the kernel allows at all, and ends when it may not. */
EXPORT int setrlimit(__rlimit_resource_t resource, const struct rlimit *limits)
{
    (void)resource, (void)limits;
    return 0;
}
