/* SPDX-License-Identifier: MIT */
/*
 * test-xenconsoled.c - the console daemon, whole: our store daemon without Xen, a simulated host
 * that both the test and the daemon have open, and the test as guests and as the one at the
 * terminal.
 */
#include "test-main.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xenolith/ctrl.h>
#include <xenolith/ctrl-sim.h>
#include <xenolith/public/io/console.h>
#include <xenstore.h>

#define TRIES (500 * scale) /* of 20 ms */

static char dir[sizeof("/tmp/xenconsoled-XXXXXX")], where[64], name[32];
static pid_t store, daemon_pid;
static int scale = 1; /* of all limits of time: $TEST_SCALE */
static struct xs_handle *xs;
static xctl_handle *h;

struct guest {
    domid_t domid;
    xctl_handle *h;
    xctl_evtchn *e;
    uint32_t port;
    struct xencons_interface *ring;
    xen_pfn_t frame;
};

static void start_daemon(const char *overflow)
{
    char logs[64], pid[64], host[80];

    snprintf(logs, sizeof(logs), "--log-dir=%s", dir);
    snprintf(pid, sizeof(pid), "--pid-file=%s/pid", dir);
    snprintf(host, sizeof(host), "--host=%s", where);
    daemon_pid = fork();
    if (!daemon_pid) {
        /* Another command may be given: valgrind. */
        setenv("XENCONSOLED", BUILD_DIR "/daemons/xenconsoled/xenconsoled", 0);
        execl("/bin/sh", "sh", "-c", "exec $XENCONSOLED \"$@\"", "sh", "-i", "--log=all", logs, pid,
              host, "--timestamp=hv", overflow, (char *)NULL);
        _exit(127);
    }
}

static void end(pid_t pid, int sig)
{
    int status;

    kill(pid, sig);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    if (sig == SIGTERM)
        ck_assert_int_eq(status, 0);
}

static void start_all(void)
{
    const char *slow = getenv("TEST_SCALE");
    char sock[64];

    if (slow && atoi(slow) > 0)
        scale = atoi(slow);
    strcpy(dir, "/tmp/xenconsoled-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    setenv("XENSTORED_RUNDIR", dir, 1);
    snprintf(name, sizeof(name), "console-%d", (int)getpid());
    snprintf(where, sizeof(where), "sim:%s", name);
    ck_assert_int_eq(xctl_open(where, &h), 0);
    snprintf(sock, sizeof(sock), "%s/host", dir);
    store = fork();
    if (!store) {
        execl(BUILD_DIR "/daemons/xenstored/xenstored", "xenstored", "-N", "--host", sock,
              (char *)NULL);
        _exit(127);
    }
    for (int i = 0; !xs && i < TRIES; i++) {
        usleep(20000);
        xs = xs_open(0);
    }
    ck_assert_ptr_nonnull(xs);
}

static void put(struct guest *g, const char *node, const char *format, unsigned long value)
{
    char path[128], text[64];

    snprintf(path, sizeof(path), "/local/domain/%u/%s", g->domid, node);
    snprintf(text, sizeof(text), format, value);
    ck_assert(xs_write(xs, XBT_NULL, path, text, (unsigned int)strlen(text)));
}

/* The store daemon has a host of its own: the guest appears there as well, and in the store. */
static void introduce(struct guest *g)
{
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(3 * sizeof(int))];
    } control = {.header = {CMSG_LEN(3 * sizeof(int)), SOL_SOCKET, SCM_RIGHTS}};
    int fds[3] = {memfd_create("ring", 0), eventfd(0, 0), eventfd(0, 0)};
    int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0), rc = -1;
    uint32_t create[3] = {1, g->domid, 1};
    struct iovec iov = {create, sizeof(create)};
    struct msghdr m = {.msg_iov = &iov,
                       .msg_iovlen = 1,
                       .msg_control = &control,
                       .msg_controllen = sizeof(control)};
    struct sockaddr_un a = {.sun_family = AF_UNIX};

    snprintf(a.sun_path, sizeof(a.sun_path), "%s/host", dir);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
    ck_assert_int_eq(ftruncate(fds[0], 4096), 0);
    memcpy(CMSG_DATA(&control.header), fds, sizeof(fds));
    ck_assert_int_eq(sendmsg(fd, &m, 0), sizeof(create));
    ck_assert_int_eq(recv(fd, &rc, sizeof(rc), 0), sizeof(rc));
    ck_assert_int_eq(rc, 0);
    ck_assert(xs_introduce_domain(xs, g->domid, 1, 1));
    for (int i = 0; i < 3; i++)
        close(fds[i]);
    close(fd);
}

/* As the toolstack does it: the store gets to know last. */
static void put_console(struct guest *g)
{
    put(g, "name", "g%lu", g->domid);
    put(g, "console/ring-ref", "%lu", g->frame);
    put(g, "console/port", "%lu", g->port);
}

static void announce(struct guest *g)
{
    put_console(g);
    introduce(g);
}

/* A PV guest with a console page. */
static void make_guest(struct guest *g)
{
    struct xen_domctl_createdomain c = {.max_vcpus = 1,
                                        .max_evtchn_port = 1023,
                                        .max_grant_frames = -1,
                                        .grant_opts = XEN_DOMCTL_GRANT_version(1)};

    memset(g, 0, sizeof(*g));
    ck_assert_int_eq(xctl_domain_create(h, 0, &c, &g->domid), 0);
    ck_assert_int_eq(xctl_domain_set_max_mem(h, g->domid, 1024), 0);
    ck_assert_int_eq(xctl_memory_populate_exact(h, g->domid, 0, 0, &g->frame, 1), 0);
    ck_assert_int_eq(xctl_foreign_map(h, g->domid, PROT_READ | PROT_WRITE, &g->frame, 1, NULL,
                                      (void **)&g->ring),
                     0);
    ck_assert_int_eq(xctl_sim_attach(h, g->domid, &g->h), 0);
    ck_assert_int_eq(xctl_evtchn_open(g->h, &g->e), 0);
    ck_assert_int_eq(xctl_evtchn_bind_unbound(g->e, 0, &g->port), 0);
}

static void say(struct guest *g, const char *text)
{
    struct xencons_interface *r = g->ring;

    for (; *text; text++) {
        for (int i = 0;
             r->out_prod - __atomic_load_n(&r->out_cons, __ATOMIC_ACQUIRE) == sizeof(r->out); i++) {
            ck_assert_int_lt(i, TRIES);
            ck_assert_int_eq(xctl_evtchn_notify(g->e, g->port), 0);
            usleep(20000);
        }
        r->out[r->out_prod % sizeof(r->out)] = *text;
        __atomic_store_n(&r->out_prod, r->out_prod + 1, __ATOMIC_RELEASE);
    }
    ck_assert_int_eq(xctl_evtchn_notify(g->e, g->port), 0);
}

static void wait_log(const char *file, const char *text)
{
    static char buf[1 << 16];
    char path[128];

    snprintf(path, sizeof(path), "%s/%s", dir, file);
    for (int i = 0; i < TRIES; i++) {
        int fd = open(path, O_RDONLY);
        ssize_t n = fd < 0 ? 0 : read(fd, buf, sizeof(buf) - 1);

        if (fd >= 0)
            close(fd);
        buf[n > 0 ? n : 0] = 0;
        if (strstr(buf, text))
            return;
        usleep(20000);
    }
    ck_abort_msg("no \"%s\" in %s", text, file);
}

static int open_tty(struct guest *g, const char *not_this)
{
    char path[64], *tty = NULL;
    int fd = -1;

    snprintf(path, sizeof(path), "/local/domain/%u/console/tty", g->domid);
    for (int i = 0; fd < 0 && i < TRIES; i++) {
        tty = xs_read(xs, XBT_NULL, path, NULL);
        if (tty && *tty && strcmp(tty, not_this))
            fd = open(tty, O_RDWR | O_NOCTTY);
        free(tty);
        usleep(20000);
    }
    ck_assert_int_ge(fd, 0);
    return fd;
}

static void expect(int fd, const char *text)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    size_t len = strlen(text), n = 0;
    char buf[256];

    while (n < len) {
        ssize_t got;

        ck_assert_int_eq(poll(&p, 1, 10000 * scale), 1);
        got = read(fd, buf + n, len - n);
        ck_assert_int_gt(got, 0);
        n += (size_t)got;
    }
    ck_assert_int_eq(memcmp(buf, text, len), 0);
}

static void expect_input(struct guest *g, const char *text)
{
    size_t len = strlen(text);

    for (int i = 0; g->ring->in_prod - g->ring->in_cons < len; i++) {
        ck_assert_int_lt(i, TRIES);
        usleep(20000);
    }
    ck_assert_int_eq(memcmp(g->ring->in + g->ring->in_cons % sizeof(g->ring->in), text, len), 0);
    g->ring->in_cons += (XENCONS_RING_IDX)len;
}

static void drop_guest(struct guest *g)
{
    xctl_evtchn_close(g->e);
    xctl_close(g->h);
    ck_assert_int_eq(xctl_foreign_unmap(h, g->ring, 1), 0);
    ck_assert_int_eq(xctl_domain_destroy(h, g->domid), 0);
}

static void stop_store(void)
{
    xs_close(xs);
    xs = NULL;
    end(store, SIGKILL);
}

/* Last: the daemon removes a file when it ends. */
static void stop_all(void)
{
    char cmd[128];

    snprintf(cmd, sizeof(cmd), "rm -r %s", dir);
    ck_assert_int_eq(system(cmd), 0);
    ck_assert_int_eq(xctl_sim_audit(h), 0);
    ck_assert_int_eq(xctl_sim_remove(name), 0);
    xctl_close(h);
}

/* The client, with pipes in place of a terminal. */
static void use_client(struct guest *g)
{
    int in[2], out[2], status;
    char id[16];
    pid_t pid;

    snprintf(id, sizeof(id), "%u", g->domid);
    ck_assert_int_eq(pipe(in), 0);
    ck_assert_int_eq(pipe(out), 0);
    pid = fork();
    if (!pid) {
        dup2(in[0], 0);
        dup2(out[1], 1);
        execl(BUILD_DIR "/utils/xenconsole/xenconsole", "xenconsole", "--start-notify-fd", "1", id,
              (char *)NULL);
        _exit(127);
    }
    /* First the notification, then what the guest said before and says now. */
    ck_assert_int_eq(read(out[0], id, 1), 1);
    ck_assert_int_eq(id[0], 0);
    say(g, "to the client\n");
    expect(out[0], "b is here\nto the client\n");
    ck_assert_int_eq(write(in[1], "keys", 4), 4);
    expect_input(g, "keys");
    ck_assert_int_eq(write(in[1], "\x1d", 1), 1);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_int_eq(status, 0);
    close(in[0]);
    close(in[1]);
    close(out[0]);
    close(out[1]);
}

START_TEST(consoles)
{
    struct guest a, b;
    char old[80], log[80], cmd[128];
    int tty;

    start_all();
    make_guest(&a);
    make_guest(&b);
    announce(&a);
    start_daemon("--overflow-data=discard");
    /* From the guest to log and terminal, and from the terminal to the guest. */
    say(&a, "hello from a\n");
    snprintf(log, sizeof(log), "guest-g%u.log", a.domid);
    wait_log(log, "hello from a\n");
    tty = open_tty(&a, "");
    expect(tty, "hello from a\n");
    ck_assert_int_eq(write(tty, "typed", 5), 5);
    expect_input(&a, "typed");
    /* Nodes that come later; the other one's ring turns to nonsense, which must not matter. */
    announce(&b);
    a.ring->out_prod = a.ring->out_cons + 5000;
    ck_assert_int_eq(xctl_evtchn_notify(a.e, a.port), 0);
    say(&b, "b is here\n");
    snprintf(cmd, sizeof(cmd), "guest-g%u.log", b.domid);
    wait_log(cmd, "b is here\n");
    use_client(&b);
    a.ring->out_prod = a.ring->out_cons;
    /* More than events may come in one period: none is lost. */
    for (int i = 0; i < 100; i++)
        say(&a, ".");
    say(&a, "a lives\n");
    wait_log(log, "....a lives\n");
    /* Rotation. */
    snprintf(cmd, sizeof(cmd), "%s/%s", dir, log);
    snprintf(old, sizeof(old), "%s/rotated", dir);
    ck_assert_int_eq(rename(cmd, old), 0);
    ck_assert_int_eq(kill(daemon_pid, SIGHUP), 0);
    for (int i = 0; access(cmd, F_OK) && i < TRIES; i++)
        usleep(20000);
    say(&a, "after rotation\n");
    wait_log(log, "after rotation\n");
    /* The hypervisor's own, with the time. */
    ck_assert_int_eq(xctl_sim_print(h, "(XEN) from below\n"), 0);
    wait_log("hypervisor.log", "] (XEN) from below\n");
    /* Killed without warning; what a guest says meanwhile is there when the next one comes. */
    end(daemon_pid, SIGKILL);
    close(tty);
    say(&a, "while you were away\n");
    start_daemon("--overflow-data=keep");
    wait_log(log, "while you were away\n");
    say(&a, "and after\n");
    wait_log(log, "and after\n");
    say(&b, "b too\n");
    end(daemon_pid, SIGTERM);
    drop_guest(&a);
    drop_guest(&b);
    stop_store();
    stop_all();
}
END_TEST

/* The newest, the oldest and the last domain die under the daemon, which serves the others on. */
START_TEST(domains_die)
{
    static const int order[] = {2, 0, 1};
    struct xen_domctl_getdomaininfo info;
    struct guest g[3];
    char log[32];

    start_all();
    for (int i = 0; i < 3; i++) {
        make_guest(&g[i]);
        announce(&g[i]);
    }
    start_daemon("--overflow-data=discard");
    for (int i = 0; i < 3; i++) {
        snprintf(log, sizeof(log), "guest-g%u.log", g[i].domid);
        say(&g[i], "alive\n");
        wait_log(log, "alive\n");
    }
    for (int i = 0; i < 3; i++) {
        struct guest *dies = &g[order[i]], *lives = &g[order[2]];

        drop_guest(dies);
        ck_assert(xs_release_domain(xs, dies->domid));
        /* Its console held the last page of it. */
        for (int t = 0; xctl_domain_info(h, dies->domid, &info) != -ESRCH; t++) {
            ck_assert_int_lt(t, TRIES);
            usleep(20000);
        }
        if (lives == dies)
            break;
        snprintf(log, sizeof(log), "guest-g%u.log", lives->domid);
        say(lives, i ? "and again\n" : "still here\n");
        wait_log(log, i ? "and again\n" : "still here\n");
    }
    end(daemon_pid, SIGTERM);
    stop_store();
    stop_all();
}
END_TEST

/* Its creation has failed before the store was told of it, so nobody will say that it has gone. */
START_TEST(never_introduced)
{
    struct xen_domctl_getdomaininfo info;
    struct guest g[2];
    char log[32];

    start_all();
    make_guest(&g[0]);
    put_console(&g[0]);
    start_daemon("--overflow-data=discard");
    make_guest(&g[1]);
    announce(&g[1]);
    snprintf(log, sizeof(log), "guest-g%u.log", g[1].domid);
    say(&g[1], "I am here\n");
    wait_log(log, "I am here\n");
    drop_guest(&g[0]);
    ck_assert_int_eq(xctl_domain_info(h, g[0].domid, &info), -ESRCH);
    end(daemon_pid, SIGTERM);
    drop_guest(&g[1]);
    stop_store();
    stop_all();
}
END_TEST

static void set(const char *dir_format, domid_t domid, const char *node, const char *value)
{
    char path[160];
    int n = snprintf(path, sizeof(path), dir_format, domid);

    snprintf(path + n, sizeof(path) - (size_t)n, "/%s", node);
    ck_assert(xs_write(xs, XBT_NULL, path, value, (unsigned int)strlen(value)));
}

#define BACK  "/local/domain/0/backend/console/%u/1"
#define FRONT "/local/domain/%u/device/console/1"

static void wait_state(domid_t domid, const char *state)
{
    char path[96], *now;
    bool same = false;

    snprintf(path, sizeof(path), BACK "/state", domid);
    for (int i = 0; !same; i++) {
        ck_assert_msg(i < TRIES, "the state does not become %s", state);
        now = xs_read(xs, XBT_NULL, path, NULL);
        same = now && !strcmp(now, state);
        free(now);
        usleep(same ? 0 : 20000);
    }
}

/* What the driver in the guest does: a page of its own, granted. */
static struct guest connect_second(struct guest *g, uint32_t *ret_ref)
{
    struct guest second = *g;
    char text[16];

    ck_assert_int_eq(xctl_grant_alloc(g->h, 0, 1, 1, NULL, ret_ref, (void **)&second.ring), 0);
    ck_assert_int_eq(xctl_evtchn_bind_unbound(g->e, 0, &second.port), 0);
    snprintf(text, sizeof(text), "%u", *ret_ref);
    set(FRONT, g->domid, "ring-ref", text);
    snprintf(text, sizeof(text), "%u", second.port);
    set(FRONT, g->domid, "port", text);
    set(FRONT, g->domid, "state", "3");
    return second;
}

/* A console beyond the first is a device: it comes, works, is taken over, and goes by states. */
START_TEST(secondary)
{
    char log[48], first[32], path[96], *tty;
    struct guest g, second;
    uint32_t ref;
    int fd;

    start_all();
    make_guest(&g);
    announce(&g);
    set(FRONT, g.domid, "type", "xenconsoled");
    set(FRONT, g.domid, "state", "1");
    set(BACK, g.domid, "frontend-id", "1");
    set(BACK, g.domid, "state", "1");
    /* One that only the guest says there is, and one of the device model's. */
    set("/local/domain/%u/device/console/2", g.domid, "type", "xenconsoled");
    set("/local/domain/%u/device/console/3", g.domid, "type", "ioemu");
    set("/local/domain/0/backend/console/%u/3", g.domid, "state", "1");
    start_daemon("--overflow-data=discard");
    wait_state(g.domid, "2");
    second = connect_second(&g, &ref);
    wait_state(g.domid, "4");
    say(&second, "second\n");
    say(&g, "first\n");
    snprintf(log, sizeof(log), "guest-g%u-console1.log", g.domid);
    snprintf(first, sizeof(first), "guest-g%u.log", g.domid);
    wait_log(log, "second\n");
    wait_log(first, "first\n");
    snprintf(path, sizeof(path), BACK "/tty", g.domid);
    tty = xs_read(xs, XBT_NULL, path, NULL);
    ck_assert_ptr_nonnull(tty);
    fd = open(tty, O_RDWR | O_NOCTTY);
    free(tty);
    ck_assert_int_ge(fd, 0);
    expect(fd, "second\n");
    ck_assert_int_eq(write(fd, "typed", 5), 5);
    expect_input(&second, "typed");
    close(fd);
    for (int num = 2; num <= 3; num++) {
        snprintf(path, sizeof(path), "/local/domain/%u/device/console/%d/tty", g.domid, num);
        ck_assert_ptr_null(xs_read(xs, XBT_NULL, path, NULL));
    }
    /* A daemon that comes new finds it connected. */
    end(daemon_pid, SIGKILL);
    start_daemon("--overflow-data=discard");
    say(&second, "taken over\n");
    wait_log(log, "taken over\n");
    /* The driver ends it, then starts over; at last the toolstack takes it away. */
    set(FRONT, g.domid, "state", "6");
    wait_state(g.domid, "6");
    ck_assert_int_eq(xctl_grant_free(g.h, second.ring, 1), 0);
    set(FRONT, g.domid, "state", "1");
    wait_state(g.domid, "2");
    second = connect_second(&g, &ref);
    wait_state(g.domid, "4");
    say(&second, "started over\n");
    wait_log(log, "started over\n");
    set(BACK, g.domid, "state", "5");
    wait_state(g.domid, "6");
    ck_assert_int_eq(xctl_grant_free(g.h, second.ring, 1), 0);
    snprintf(path, sizeof(path), BACK, g.domid);
    ck_assert(xs_rm(xs, XBT_NULL, path));
    say(&g, "still first\n");
    wait_log(first, "still first\n");
    end(daemon_pid, SIGTERM);
    drop_guest(&g);
    stop_store();
    stop_all();
}
END_TEST

/* Nothing works without the store, and its descriptor is readable for ever: no reason to spin. */
START_TEST(store_dies)
{
    struct guest g;
    char log[32];
    int status = 0;
    pid_t ended = 0;

    start_all();
    make_guest(&g);
    announce(&g);
    start_daemon("--overflow-data=discard");
    say(&g, "alive\n");
    snprintf(log, sizeof(log), "guest-g%u.log", g.domid);
    wait_log(log, "alive\n");
    stop_store();
    for (int i = 0; !ended && i < TRIES; i++) {
        usleep(20000);
        ended = waitpid(daemon_pid, &status, WNOHANG);
    }
    if (!ended)
        end(daemon_pid, SIGKILL);
    ck_assert_int_eq(ended, daemon_pid);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 1);
    drop_guest(&g);
    stop_all();
}
END_TEST

TEST_MAIN("xenconsoled", consoles, domains_die, never_introduced, secondary, store_dies)
