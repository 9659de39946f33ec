/* SPDX-License-Identifier: MIT */
/*
 * main.c - xenstored: start, event loop, end.
 *
 * One thread. The loop waits for sockets and for events of the host, serves whoever has something
 * in short turns (conn.c), and never waits for anybody else.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>
#include "conn-ring.h"
#include "conn-socket.h"
#include "domain.h"
#include "live-update.h"
#include "log.h"
#include "options.h"
#include "osdep.h"
#include "state-conn.h"
#include "store.h"
#include "watch.h"

#define DEFAULT_RUNDIR "/run/xenstored"
#define EVENTS_A_TURN  64

const struct osdep *os = &osdep_xen;

static volatile sig_atomic_t stop, reopen;
static struct options options;

static void on_signal(int sig)
{
    if (sig == SIGHUP)
        reopen = 1;
    else
        stop = 1;
}

/* Signals arrive only while the loop waits, so nothing else is ever interrupted. */
static int catch_signals(sigset_t *ret_while_waiting)
{
    struct sigaction act = {.sa_handler = on_signal};
    sigset_t set;

    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, ret_while_waiting);
    sigdelset(ret_while_waiting, SIGTERM);
    sigdelset(ret_while_waiting, SIGINT);
    sigdelset(ret_while_waiting, SIGHUP);
    return sigaction(SIGTERM, &act, NULL) || sigaction(SIGINT, &act, NULL) ||
                   sigaction(SIGHUP, &act, NULL)
               ? -errno
               : 0;
}

static void host_source(struct source *s, uint32_t events)
{
    uint32_t port;
    bool domains;

    (void)s, (void)events;
    /* Bounded: a port stays masked until it has been served. */
    for (unsigned int i = 0; i < EVENTS_A_TURN && !os->next_event(&port, &domains); i++) {
        if (domains) {
            domain_check_all();
        } else if (!port) {
            domain_check_all();
            domain_event_all();
        } else {
            domain_event(port);
            os->unmask(port);
        }
    }
}

int os_source_add(int fd)
{
    static struct source source = {host_source};
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = &source};

    return epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &e) ? -errno : 0;
}

static void loop(const sigset_t *while_waiting)
{
    struct epoll_event events[EVENTS_A_TURN];
    bool more = conn_run_ready();

    while (!stop) {
        int wait = conn_throttle_poll(), n;

        n = epoll_pwait(epoll_fd, events, EVENTS_A_TURN, more ? 0 : wait, while_waiting);
        for (int i = 0; i < n; i++) {
            struct source *s = events[i].data.ptr;

            s->fn(s, events[i].events);
        }
        more = conn_run_ready();
        conn_reap();
        if (reopen) {
            char name[256];

            reopen = 0;
            snprintf(name, sizeof(name), "%s", trace_file());
            if (*name)
                trace_open(name);
        }
    }
}

/* Tells the service manager, whoever waits on --event, and our parent. */
static void say_ready(int parent)
{
    const char *name = getenv("NOTIFY_SOCKET");
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    char text[64];
    int len = snprintf(text, sizeof(text), "READY=1\nMAINPID=%d\n", (int)getpid());

    if (name && *name && strlen(name) < sizeof(a.sun_path)) {
        int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

        memcpy(a.sun_path, name, strlen(name));
        if (*name == '@')
            a.sun_path[0] = '\0';
        if (fd < 0 || sendto(fd, text, len, MSG_NOSIGNAL, (struct sockaddr *)&a,
                             offsetof(struct sockaddr_un, sun_path) + strlen(name)) < 0)
            log_warn("%s: %s", name, strerror(errno));
        close(fd);
    }
    if (options.event_fd >= 0 && write(options.event_fd, "1", 1) == 1)
        close(options.event_fd);
    if (parent >= 0 && write(parent, "1", 1) == 1)
        close(parent);
}

/* Forks; the parent ends once the child is ready, with its verdict. The child gets the descriptor
 * to say so, or a negative errno. */
static int go_background(void)
{
    int ends[2];
    char byte;
    pid_t pid;

    if (pipe2(ends, O_CLOEXEC))
        return -errno;
    pid = fork();
    if (pid < 0)
        return -errno;
    if (pid > 0) {
        close(ends[1]);
        _exit(read(ends[0], &byte, 1) == 1 ? 0 : 1);
    }
    close(ends[0]);
    setsid();
    return ends[1];
}

/* Once all is said. Whoever reads what we print waits for the last descriptor to be closed. */
static void leave_terminal(void)
{
    int null = open("/dev/null", O_RDWR);

    for (int fd = 0; null >= 0 && fd <= 2; fd++)
        if (fd != null)
            dup2(null, fd);
    if (null > 2)
        close(null);
}

/* The lock goes with us through live updates, because it belongs to the process. */
static int write_pid_file(void)
{
    char text[16];
    int fd, len = snprintf(text, sizeof(text), "%d\n", (int)getpid());

    if (!options.pid_file)
        return 0;
    fd = open(options.pid_file, O_RDWR | O_CREAT, 0600);
    if (fd < 0)
        return -errno;
    if (lockf(fd, F_TLOCK, 0))
        return -EBUSY;
    if (read(fd, (char[1]){0}, 1) == 1)
        log_warn("an earlier xenstored did not end well: what it held is lost, guests have to be "
                 "introduced again");
    if (ftruncate(fd, 0) || pwrite(fd, text, len, 0) != len)
        return -errno;
    return 0;
}

static int make_sockets(void)
{
    const char *rundir = getenv("XENSTORED_RUNDIR"), *path = getenv("XENSTORED_PATH");
    char rw[256], ro[256];

    if (!rundir)
        rundir = DEFAULT_RUNDIR;
    if (mkdir(rundir, 0755) && errno != EEXIST)
        return -errno;
    snprintf(rw, sizeof(rw), "%s/socket", rundir);
    snprintf(ro, sizeof(ro), "%s/socket_ro", rundir);
    return socket_listen(path ? path : rw, ro);
}

static int start_empty(void)
{
    /* First the host: each domain that a node names is looked up there. */
    int fd, rc = os->open(&fd);

    if (!rc)
        rc = os_source_add(fd);
    if (!rc)
        rc = store_init();
    if (!rc)
        rc = make_sockets();
    if (!rc && !options.no_domain_init) {
        rc = domain_attach_own();
        if (rc == -ENODEV)
            rc = 0; /* a host without Xen, or a domain without a store ring */
    }
    return rc;
}

static int start(void)
{
    int rc = watch_init();

    domain_init();
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (!rc && epoll_fd < 0)
        rc = -errno;
    if (!rc && options.trace_file && options.live_update < 0)
        rc = trace_open(options.trace_file);
    if (!rc)
        rc = options.live_update >= 0 ? live_update_restore(options.live_update, false)
                                      : start_empty();
    /* Who died while the programs changed? */
    if (!rc && options.live_update >= 0)
        domain_check_all();
    return rc;
}

static void release(struct domain *d, void *arg)
{
    (void)arg;
    domain_release(d->domid);
}

static void end(void)
{
    struct conn *c;

    domain_each(release, NULL);
    while ((c = TAILQ_FIRST(&conns)))
        conn_kill(c);
    conn_reap();
    domain_fini();
    live_update_abort();
    store_fini();
    watch_fini();
    socket_close();
    os->close();
    close(epoll_fd);
    if (options.pid_file)
        unlink(options.pid_file);
}

/* One connection a client, and one or two descriptors a guest on a host without Xen. */
static void raise_limits(void)
{
    struct rlimit r;

    if (getrlimit(RLIMIT_NOFILE, &r))
        return;
    r.rlim_cur = r.rlim_max < 65536 ? r.rlim_max : 65536;
    setrlimit(RLIMIT_NOFILE, &r);
}

int main(int argc, char **argv)
{
    sigset_t while_waiting;
    bool updated;
    int parent = -1, rc;

    live_update_init(argv);
    rc = options_parse(argc, argv, &options);
    if (rc)
        return rc > 0 ? 0 : 2;
    if (options.host) {
        os = &osdep_host;
        osdep_host_socket = options.host;
    }
    /* Only the verdict counts: nothing is given back. */
    if (options.check_state >= 0)
        _exit(watch_init() || live_update_restore(options.check_state, true) ? 1 : 0);
    updated = options.live_update >= 0;
    raise_limits();
    if (!options.no_fork && !updated)
        parent = go_background();
    rc = parent < -1 ? parent : catch_signals(&while_waiting);
    if (!rc && !updated)
        rc = write_pid_file();
    if (!rc)
        rc = start();
    if (rc) {
        log_warn("cannot start: %s", strerror(-rc));
        return 1;
    }
    if (options.output_pid && !updated)
        printf("%d\n", (int)getpid());
    fflush(stdout);
    if (!options.no_fork) {
        log_to_stderr(false);
        leave_terminal();
    }
    openlog("xenstored", LOG_PID, LOG_DAEMON);
    if (!updated)
        say_ready(parent);
    loop(&while_waiting);
    end();
    return 0;
}
