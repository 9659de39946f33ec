/* SPDX-License-Identifier: MIT */
/* xenconsole.c - this terminal becomes a guest's, until Ctrl-]. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <xenstore.h>

#define ESCAPE      0x1d /* Ctrl-] */
#define WAIT_TTY_MS 5000

static const char help[] =
    "usage: xenconsole [OPTIONS] DOMAIN-ID\n"
    "  -n, --num N                which console (0)\n"
    "      --type pv|serial       which kind (serial if there is one, for console 0)\n"
    "  -s, --start-notify-fd FD   write a byte there when connected\n"
    "  -i, --interactive          no terminal is no error, just end then\n"
    "  -e, --escape C             end with Ctrl-C instead of Ctrl-]\n"
    "  -h, --help                 print this\n";

static const struct option long_options[] = {
    {"num", required_argument, NULL, 'n'},
    {"type", required_argument, NULL, 't'},
    {"start-notify-fd", required_argument, NULL, 's'},
    {"interactive", no_argument, NULL, 'i'},
    {"escape", required_argument, NULL, 'e'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

struct request {
    unsigned int domid, num;
    const char *type; /* NULL: choose */
    int notify;       /* -1: nobody */
    bool interactive;
    char escape;
};

static int die(const char *what)
{
    fprintf(stderr, "xenconsole: %s\n", what);
    return 1;
}

static bool read_uint(const char *text, unsigned int *ret)
{
    char *end;
    unsigned long v;

    errno = 0;
    v = strtoul(text, &end, 10);
    if (errno || end == text || *end || *text == '-' || v > 0x7fffffff)
        return false;
    *ret = (unsigned int)v;
    return true;
}

/* -1: go on; else the exit status. */
static int read_options(int argc, char **argv, struct request *r)
{
    unsigned int v;
    int c;

    while ((c = getopt_long(argc, argv, "n:t:s:ie:h", long_options, NULL)) != -1) {
        bool ok = true;

        switch (c) {
        case 'n':
            ok = read_uint(optarg, &r->num);
            break;
        case 't':
            ok = !strcmp(optarg, "pv") || !strcmp(optarg, "serial");
            r->type = optarg;
            break;
        case 's':
            ok = read_uint(optarg, &v);
            r->notify = (int)v;
            break;
        case 'i':
            r->interactive = true;
            break;
        case 'e':
            r->escape = (char)(*optarg & 0x1f);
            break;
        case 'h':
            fputs(help, stdout);
            return 0;
        default:
            ok = false;
        }
        if (!ok)
            return die("wrong usage; see --help");
    }
    if (optind != argc - 1 || !read_uint(argv[optind], &r->domid))
        return die("a domain id is wanted; see --help");
    return -1;
}

/* Where the daemon, or the device model, has written the terminal's name. */
static void node_name(struct xs_handle *xs, const struct request *r, char *path, size_t size)
{
    const char *type = r->type;
    char *tty;

    snprintf(path, size, "/local/domain/%u/serial/0/tty", r->domid);
    if (!type && !r->num) {
        tty = xs_read(xs, XBT_NULL, path, NULL);
        type = tty && *tty ? "serial" : "pv";
        free(tty);
    }
    if (type && !strcmp(type, "serial"))
        snprintf(path, size, "/local/domain/%u/serial/%u/tty", r->domid, r->num);
    else if (r->num) {
        /* The guest can write its own nodes: ours go first, as far as the daemon serves it. */
        snprintf(path, size, "/local/domain/0/backend/console/%u/%u/tty", r->domid, r->num);
        tty = xs_read(xs, XBT_NULL, path, NULL);
        if (!tty || !*tty)
            snprintf(path, size, "/local/domain/%u/device/console/%u/tty", r->domid, r->num);
        free(tty);
    } else
        snprintf(path, size, "/local/domain/%u/console/tty", r->domid);
}

static long long now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* Waits until the node names a terminal; the caller frees the name. */
static char *wait_tty(struct xs_handle *xs, const char *path)
{
    struct pollfd p = {.fd = xs_fileno(xs), .events = POLLIN};
    long long end = now_ms() + WAIT_TTY_MS;

    if (!xs_watch(xs, path, ""))
        return NULL;
    for (;;) {
        char *tty = xs_read(xs, XBT_NULL, path, NULL), **event;
        long long left = end - now_ms();

        if (tty && *tty) {
            xs_unwatch(xs, path, "");
            return tty;
        }
        free(tty);
        if (left <= 0 || poll(&p, 1, (int)left) < 0)
            return NULL;
        while ((event = xs_check_watch(xs)))
            free(event);
    }
}

/* One at a time: two would steal each other's text. */
static int take_lock(unsigned int domid)
{
    char path[64];
    int fd;

    snprintf(path, sizeof(path), "/var/lock/xenconsole.%u", domid);
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0 && !flock(fd, LOCK_EX | LOCK_NB))
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

static bool copy(int from, int to, char escape, bool *ret_escaped)
{
    char buf[512];
    ssize_t n = read(from, buf, sizeof(buf)), done = 0;

    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return true;
    if (n <= 0)
        return false;
    if (ret_escaped && n == 1 && buf[0] == escape) {
        *ret_escaped = true;
        return false;
    }
    while (done < n) {
        ssize_t k = write(to, buf + done, (size_t)(n - done));

        if (k < 0 && errno != EINTR)
            return false;
        done += k > 0 ? k : 0;
    }
    return true;
}

static void talk(int tty, char escape)
{
    struct pollfd p[] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = tty, .events = POLLIN}};
    bool escaped = false;

    while (!escaped && poll(p, 2, -1) >= 0) {
        /* Input that has ended leaves the guest's output to be read. */
        if (p[0].revents && !copy(STDIN_FILENO, tty, escape, &escaped))
            p[0].fd = -1;
        if (p[1].revents && !copy(tty, STDOUT_FILENO, 0, NULL))
            return;
    }
}

static int connect_tty(const struct request *r, const char *name)
{
    struct termios old, raw;
    bool terminal = !tcgetattr(STDIN_FILENO, &old);
    int tty = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);

    if (tty < 0) {
        fprintf(stderr, "xenconsole: cannot open %s: %s\n", name, strerror(errno));
        return 1;
    }
    if (!tcgetattr(tty, &raw)) {
        cfmakeraw(&raw);
        tcsetattr(tty, TCSANOW, &raw);
    }
    if (terminal) {
        raw = old;
        cfmakeraw(&raw);
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw);
    }
    if (r->notify >= 0 && write(r->notify, "", 1) != 1)
        fprintf(stderr, "xenconsole: nobody listens at descriptor %d\n", r->notify);
    talk(tty, r->escape);
    if (terminal)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &old);
    close(tty);
    return 0;
}

int main(int argc, char **argv)
{
    struct request r = {.notify = -1, .escape = ESCAPE};
    int rc = read_options(argc, argv, &r), lock;
    struct xs_handle *xs;
    char path[96], *tty;

    if (rc >= 0)
        return rc;
    xs = xs_open(0);
    if (!xs)
        return die("cannot reach the store");
    lock = take_lock(r.domid);
    if (lock < 0) {
        xs_close(xs);
        return die("another xenconsole has this console");
    }
    node_name(xs, &r, path, sizeof(path));
    tty = wait_tty(xs, path);
    if (tty)
        rc = connect_tty(&r, tty);
    else
        rc = r.interactive ? 0 : die("the domain has no such console");
    free(tty);
    close(lock);
    xs_close(xs);
    return rc;
}
