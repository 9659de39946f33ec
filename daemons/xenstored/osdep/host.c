/* SPDX-License-Identifier: MIT */
/*
 * host.c - a host without Xen, for tests: --host SOCKET.
 *
 * Whoever connects to that socket (SOCK_SEQPACKET) plays the hypervisor. A domain is a memory file
 * for its ring and two event descriptors for its event channel. A message is three 32-bit numbers,
 * answered by one: 0 or an errno.
 *
 *     1 domid port    a domain appears; with the descriptors of ring, guest-to-us, us-to-guest
 *     2 domid 0       it shuts down
 *     3 domid 0       it is gone
 *     4 domid 0       it runs again
 *     5 domid port    another domain takes its number, with descriptors as for 1; nobody hears of
 * it 6 0 0           events are lost: those that wait, and who sent them
 */
#include "../osdep.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "../state.h"
#include "../wire.h"

enum { CREATE = 1, SHUTDOWN, DESTROY, RUN, REPLACE, LOSE };

struct sim {
    uint16_t domid;
    bool shutdown;
    uint32_t remote_port;
    uint32_t port; /* ours, bound to it; 0: none */
    int ring, in, out;
};

const char *osdep_host_socket;

static struct sim *sims[DOMID_FIRST_RESERVED];
static uint16_t domid_of_port[1 << 16];
static int poll_fd = -1, listen_fd = -1, client_fd = -1;
static bool changed, lost;
static uint32_t last_port;

/* What the epoll descriptor says about each source: a domid, or one of these. */
#define DATA_LISTEN 0x10000U
#define DATA_CLIENT 0x10001U

/* Xen cannot be asked anything either before it is open: who tries is found out here. */
static struct sim *find(uint16_t domid)
{
    assert(poll_fd >= 0);
    return domid < DOMID_FIRST_RESERVED ? sims[domid] : NULL;
}

static struct sim *find_port(uint32_t port)
{
    struct sim *s = port && port < 1 << 16 ? sims[domid_of_port[port]] : NULL;

    return s && s->port == port ? s : NULL;
}

static int watch_fd(int op, int fd, uint32_t data, uint32_t flags)
{
    struct epoll_event e = {.events = EPOLLIN | flags, .data.u32 = data};

    return epoll_ctl(poll_fd, op, fd, &e) ? -errno : 0;
}

static void free_sim(struct sim *s)
{
    /* The client holds it open, so closing alone would leave it in the set. */
    epoll_ctl(poll_fd, EPOLL_CTL_DEL, s->in, NULL);
    close(s->ring);
    close(s->in);
    close(s->out);
    free(s);
}

static int add_sim(uint16_t domid, uint32_t port, const int *fds)
{
    struct sim *s = calloc(1, sizeof(*s));

    if (!s)
        return -ENOMEM;
    *s = (struct sim){domid, false, port, 0, fds[0], fds[1], fds[2]};
    sims[domid] = s;
    return watch_fd(EPOLL_CTL_ADD, s->in, domid, EPOLLONESHOT);
}

static int host_open(int *ret_fd)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};

    if (strlen(osdep_host_socket) >= sizeof(a.sun_path))
        return -ENAMETOOLONG;
    strcpy(a.sun_path, osdep_host_socket);
    poll_fd = epoll_create1(EPOLL_CLOEXEC);
    listen_fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    unlink(osdep_host_socket);
    if (poll_fd < 0 || listen_fd < 0 || bind(listen_fd, (struct sockaddr *)&a, sizeof(a)) ||
        listen(listen_fd, 1))
        return -errno;
    *ret_fd = poll_fd;
    return watch_fd(EPOLL_CTL_ADD, listen_fd, DATA_LISTEN, 0);
}

static void host_close(void)
{
    for (unsigned int i = 0; i < DOMID_FIRST_RESERVED; i++)
        if (sims[i])
            free_sim(sims[i]);
    close(client_fd);
    close(listen_fd);
    close(poll_fd);
    client_fd = listen_fd = poll_fd = -1;
    if (osdep_host_socket)
        unlink(osdep_host_socket);
}

static int host_map_ring(uint16_t domid, uint64_t gfn, void **ret_page)
{
    struct sim *s = find(domid);
    void *p;

    (void)gfn;
    if (!s)
        return -ENOENT;
    p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, s->ring, 0);
    if (p == MAP_FAILED)
        return -errno;
    *ret_page = p;
    return 0;
}

static void host_unmap_ring(uint16_t domid, void *page)
{
    (void)domid;
    munmap(page, 4096);
}

static int host_own_ring(void **ret_page, uint32_t *ret_port)
{
    (void)ret_page, (void)ret_port;
    return -ENODEV;
}

static int host_bind(uint16_t domid, uint32_t remote_port, uint32_t *ret_port)
{
    struct sim *s = find(domid);

    if (!s || s->remote_port != remote_port || s->port)
        return -EINVAL;
    do
        last_port = (last_port + 1) & 0xffff;
    while (!last_port || find_port(last_port));
    domid_of_port[last_port] = domid;
    s->port = *ret_port = last_port;
    /* An event from before this was taken by nobody. */
    return watch_fd(EPOLL_CTL_MOD, s->in, domid, EPOLLONESHOT);
}

static void host_unbind(uint32_t port)
{
    struct sim *s = find_port(port);

    if (s)
        s->port = 0;
}

static void host_notify(uint32_t port)
{
    const uint64_t one = 1;
    struct sim *s = find_port(port);

    /* A full counter is an event that is pending anyway. */
    if (s && write(s->out, &one, sizeof(one)) < 0)
        return;
}

static void host_unmask(uint32_t port)
{
    struct sim *s = find_port(port);

    if (s)
        watch_fd(EPOLL_CTL_MOD, s->in, s->domid, EPOLLONESHOT);
}

static int destroy(uint16_t domid)
{
    struct sim *s = find(domid);

    if (!s)
        return -ENOENT;
    sims[domid] = NULL;
    epoll_ctl(poll_fd, EPOLL_CTL_DEL, s->in, NULL);
    free_sim(s);
    changed = true;
    return 0;
}

static int replace(uint16_t domid, uint32_t port, const int *fds, unsigned int nr_fds)
{
    struct sim *old = sims[domid];

    if (!old || nr_fds != 3)
        return -EINVAL;
    if (old->port)
        domid_of_port[old->port] = 0;
    free_sim(old);
    sims[domid] = NULL;
    return add_sim(domid, port, fds);
}

static int lose(void)
{
    uint64_t count;

    for (unsigned int i = 0; i < DOMID_FIRST_RESERVED; i++)
        if (sims[i] && read(sims[i]->in, &count, sizeof(count)) < 0 && errno != EAGAIN)
            return -errno;
    lost = true;
    return 0;
}

static int command(const uint32_t *m, const int *fds, unsigned int nr_fds)
{
    struct sim *s = find(m[1]);

    if (m[1] >= DOMID_FIRST_RESERVED)
        return -EINVAL;
    switch (m[0]) {
    case CREATE:
        return s ? -EEXIST : nr_fds != 3 ? -EINVAL : add_sim(m[1], m[2], fds);
    case DESTROY:
        return destroy(m[1]);
    case REPLACE:
        return replace(m[1], m[2], fds, nr_fds);
    case LOSE:
        return lose();
    case SHUTDOWN:
    case RUN:
        if (!s)
            return -ENOENT;
        s->shutdown = m[0] == SHUTDOWN;
        changed = true;
        return 0;
    default:
        return -ENOSYS;
    }
}

/* One message with its descriptors. */
static void serve_client(void)
{
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(3 * sizeof(int))];
    } control;
    uint32_t m[3];
    struct iovec iov = {m, sizeof(m)};
    struct msghdr h = {.msg_iov = &iov,
                       .msg_iovlen = 1,
                       .msg_control = &control,
                       .msg_controllen = sizeof(control)};
    ssize_t n = recvmsg(client_fd, &h, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&h) : NULL;
    int fds[3] = {-1, -1, -1}, rc;
    unsigned int nr = c ? (c->cmsg_len - CMSG_LEN(0)) / sizeof(int) : 0;

    if (n == 0) {
        close(client_fd);
        client_fd = -1;
        return;
    }
    if (n != sizeof(m))
        return;
    if (c)
        memcpy(fds, CMSG_DATA(c), nr * sizeof(int));
    rc = command(m, fds, nr);
    for (unsigned int i = 0; rc && i < nr; i++)
        close(fds[i]);
    rc = -rc;
    if (send(client_fd, &rc, sizeof(rc), MSG_NOSIGNAL) < 0)
        return;
}

static void accept_client(void)
{
    int fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);

    if (fd < 0)
        return;
    if (client_fd >= 0)
        close(client_fd);
    client_fd = fd;
    watch_fd(EPOLL_CTL_ADD, fd, DATA_CLIENT, 0);
}

/* The event of a domain: 0 and its port, or -EAGAIN when there is none for us. */
static int domain_event_of(uint16_t domid, uint32_t *ret_port)
{
    struct sim *s = find(domid);
    uint64_t count;

    if (!s || read(s->in, &count, sizeof(count)) < 0 || !s->port)
        return -EAGAIN;
    *ret_port = s->port;
    return 0;
}

static int host_next_event(uint32_t *ret_port, bool *ret_domains)
{
    struct epoll_event e;

    *ret_domains = changed;
    if (changed) {
        changed = false;
        return 0;
    }
    if (lost) {
        lost = false;
        *ret_port = 0;
        return 0;
    }
    while (epoll_wait(poll_fd, &e, 1, 0) == 1) {
        if (e.data.u32 == DATA_LISTEN)
            accept_client();
        else if (e.data.u32 == DATA_CLIENT)
            serve_client();
        else if (!domain_event_of(e.data.u32, ret_port))
            return 0;
        if (changed || lost)
            return host_next_event(ret_port, ret_domains);
    }
    return -EAGAIN;
}

static int host_domain_state(uint16_t domid, unsigned int *ret_state)
{
    struct sim *s = find(domid);

    if (!s && domid)
        return -ENOENT;
    *ret_state = s && s->shutdown ? OS_DOMAIN_SHUTDOWN : 0;
    return 0;
}

static void save_sim(struct state_out *out, const struct sim *s)
{
    put_u32(out, s->domid);
    put_u32(out, s->shutdown);
    put_u32(out, s->remote_port);
    put_u32(out, s->port);
    put_u32(out, s->ring);
    put_u32(out, s->in);
    put_u32(out, s->out);
}

static void host_save(struct state_out *out)
{
    uint32_t nr = 0;

    for (unsigned int i = 0; i < DOMID_FIRST_RESERVED; i++)
        nr += sims[i] != NULL;
    put_u32(out, listen_fd);
    put_u32(out, client_fd);
    put_u32(out, last_port);
    put_u32(out, nr);
    for (unsigned int i = 0; i < DOMID_FIRST_RESERVED; i++)
        if (sims[i])
            save_sim(out, sims[i]);
}

static void close_on_exec(int fd, bool on)
{
    if (fd >= 0)
        fcntl(fd, F_SETFD, on ? FD_CLOEXEC : 0);
}

static void host_keep_open(bool keep)
{
    close_on_exec(listen_fd, !keep);
    close_on_exec(client_fd, !keep);
    for (unsigned int i = 0; i < DOMID_FIRST_RESERVED; i++) {
        if (!sims[i])
            continue;
        close_on_exec(sims[i]->ring, !keep);
        close_on_exec(sims[i]->in, !keep);
        close_on_exec(sims[i]->out, !keep);
    }
}

static int restore_sim(struct state_in *in, bool check)
{
    uint32_t domid = get_u32(in), shutdown = get_u32(in), remote = get_u32(in), port = get_u32(in);
    int fds[3], rc;

    for (unsigned int i = 0; i < 3; i++)
        fds[i] = get_u32(in);
    if (in->failed || domid >= DOMID_FIRST_RESERVED || port >= 1 << 16)
        return -EINVAL;
    if (check)
        return 0;
    for (unsigned int i = 0; i < 3; i++)
        close_on_exec(fds[i], true);
    rc = add_sim(domid, remote, fds);
    if (!rc) {
        sims[domid]->shutdown = shutdown;
        sims[domid]->port = port;
        domid_of_port[port] = domid;
    }
    return rc;
}

static int host_restore(struct state_in *in, int *ret_fd)
{
    uint32_t nr;
    int rc = 0;

    listen_fd = get_u32(in);
    client_fd = get_u32(in);
    last_port = get_u32(in);
    nr = get_count(in, 28);
    if (ret_fd) {
        *ret_fd = poll_fd = epoll_create1(EPOLL_CLOEXEC);
        close_on_exec(listen_fd, true);
        rc = watch_fd(EPOLL_CTL_ADD, listen_fd, DATA_LISTEN, 0);
        if (client_fd >= 0) {
            close_on_exec(client_fd, true);
            watch_fd(EPOLL_CTL_ADD, client_fd, DATA_CLIENT, 0);
        }
    }
    for (uint32_t i = 0; !rc && i < nr; i++)
        rc = restore_sim(in, !ret_fd);
    return in->failed ? -EINVAL : rc;
}

const struct osdep osdep_host = {
    .name = "host",
    .open = host_open,
    .close = host_close,
    .map_ring = host_map_ring,
    .unmap_ring = host_unmap_ring,
    .own_ring = host_own_ring,
    .bind = host_bind,
    .unbind = host_unbind,
    .notify = host_notify,
    .next_event = host_next_event,
    .unmask = host_unmask,
    .domain_state = host_domain_state,
    .save = host_save,
    .keep_open = host_keep_open,
    .restore = host_restore,
};
